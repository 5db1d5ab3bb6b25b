"""Questions on what KL is: its unit, its two directions, why it is no distance, and that it may be infinite."""

from collections.abc import Callable

from kl_core import kl
from kl_core.families import FAMILIES

from ...shared.style import UNITS
from ...shared.values import ChosenDistribution
from .distributions import bars, coin, evenly, normal
from .pictures import pair
from .prediction import Choice, Option, Slide
from .question import Question

SUBJECT = "What KL is"
UNIT = (normal(0.0, 1.0), normal(1.0, 1.0))
COINS = (coin(0.0429749188), coin(0.590587371))  # for which KL is 0.7 one way and 1.2 the other
MIRRORS = (bars(0.1, 0.8, 0.1), bars(0.3, 0.4, 0.3))
NEAR, MIDDLE, FAR = normal(0.0, 1.0), normal(1.0, 1.0), normal(2.0, 1.0)
TAILS = (ChosenDistribution(FAMILIES["cauchy"], {"loc": 0.0, "scale": 1.0}), normal(0.0, 1.0))


def _of(p: ChosenDistribution, q: ChosenDistribution) -> float:
    return float(kl(p.distribution, q.distribution))


def both(p: ChosenDistribution, q: ChosenDistribution) -> Callable[[], dict[str, float | str]]:
    return lambda: {"kl_pq": _of(p, q), "kl_qp": _of(q, p)}


def _units() -> dict[str, float]:
    nats, per_nat = _of(*UNIT), UNITS["bits"].per_nat
    return {"nats": nats, "bits": nats * per_nat, "per_nat": per_nat}


def _triangle() -> dict[str, float]:
    return {"first": _of(NEAR, MIDDLE), "second": _of(MIDDLE, FAR), "sum": _of(NEAR, MIDDLE) + _of(MIDDLE, FAR), "direct": _of(NEAR, FAR)}


def _tails() -> dict[str, float]:
    forth, back = (_of(*pair_) for pair_ in (TAILS, TAILS[::-1]))
    return {"kl_pq": forth, "kl_qp": back}


QUESTIONS = (
    Question(
        "nats_are_bits",
        SUBJECT,
        "Nats are bits",
        "Two normal curves of width 1 stand one standard deviation apart: KL(P‖Q) = {nats} nats. How many **bits** is that?",
        Slide(
            "KL(P‖Q) in bits",
            evenly(0.0, 1.2, 61),
            "bits",
            "bits",
            2,
            "{nats} nats are {bits} bits: the picture shows the same two curves, read in bits.",
            "the same two curves, the same KL, and read in bits it is {bits}.",
        ),
        _units,
        pair(*UNIT, unit=UNITS["bits"]),
        "A nat is 1/ln 2 = {per_nat} bits, so a number of nats grows by that factor; nothing about P or Q has changed. A threshold, a β or "
        "a "
        "published figure taken in the wrong unit is off by as much.",
    ),
    Question(
        "asymmetry",
        SUBJECT,
        "What the asymmetry means",
        "KL(P‖Q) = {kl_pq} nats and KL(Q‖P) = {kl_qp} nats. What does this asymmetry mean?",
        Choice(
            (
                Option(
                    "One of the two was computed wrongly",
                    "both bars are exact: {kl_pq} nats averaged under P, {kl_qp} nats averaged under Q.",
                ),
                Option(
                    "Each averages under its own first law, so each pays for other mistakes",
                    "the lower pictures show it: under P it is what P often does that counts, under Q what Q often does.",
                ),
                Option(
                    "Q is the better of the two laws",
                    "exchange them and the numbers change places: neither is better, the question is who is believed and who is true.",
                ),
            ),
            1,
        ),
        both(*COINS),
        pair(*COINS),
        "KL(P‖Q) = {kl_pq} nats is what an outcome of P costs on average in a code made for Q; KL(Q‖P) = {kl_qp} nats is what an outcome "
        "of Q costs in "
        "a code made for P. RLHF’s penalty KL(π‖π_ref) is averaged under the policy, so it charges for what the policy says and the "
        "reference would not.",
    ),
    Question(
        "symmetric",
        SUBJECT,
        "KL is symmetric",
        "P = (0.1, 0.8, 0.1) and Q = (0.3, 0.4, 0.3): each is its own mirror image, and KL(P‖Q) = {kl_pq} nats. What is **KL(Q‖P)**?",
        Slide(
            "KL(Q‖P) in nats",
            evenly(0.0, 0.6, 61),
            "nats",
            "kl_qp",
            2,
            "it is {kl_qp} nats, and not the {kl_pq} nats of the other direction.",
            "KL(Q‖P) is {kl_qp} nats, beside {kl_pq} the other way: two averages of the same log-ratio, under different laws.",
        ),
        both(*MIRRORS),
        pair(*MIRRORS),
        "P visits the middle outcome eight times in ten and Q only four, so the log-ratio of the middle counts double in KL(P‖Q), and that "
        "of the sides "
        "three times as much in KL(Q‖P). That gives {kl_pq} and {kl_qp} nats: symmetry of each picture does not make KL symmetric.",
    ),
    Question(
        "distance",
        SUBJECT,
        "KL is a distance",
        "N(0, 1) to N(1, 1) is {first} nats, and N(1, 1) to N(2, 1) is {second} nats. A distance would make the whole way, **N(0, 1) to "
        "N(2, 1)**, "
        "at most {sum}. What is it?",
        Slide(
            "KL(N(0, 1)‖N(2, 1)) in nats",
            evenly(0.0, 3.0, 61),
            "nats",
            "direct",
            2,
            "it is {direct} nats, twice the {sum} nats of going by way of the middle.",
            "the whole way is {direct} nats, and by way of the middle only {sum}. Drag Q back to 1 to see half of it.",
        ),
        _triangle,
        pair(NEAR, FAR),
        "Between normals of one width KL is half the squared distance of the means, so twice as far costs four times as much: {direct} "
        "nats against "
        "{first} + {second}. KL breaks the triangle inequality as well as symmetry, so it is a divergence and no distance.",
    ),
    Question(
        "always_finite",
        SUBJECT,
        "KL is always finite",
        "P is a Cauchy curve, Q a normal one. Both are above zero everywhere and look alike. What is **KL(P‖Q)**?",
        Choice(
            (
                Option(
                    "Less than 1 nat: they look alike",
                    "where you see the curves they do, but far out, beyond the picture, P’s tail meets "
                    "almost nothing of Q: KL(P‖Q) = {kl_pq}.",
                ),
                Option(
                    "A large number, but a number: Q is nowhere 0", "no number is large enough: Q is nowhere 0 and still KL(P‖Q) = {kl_pq}."
                ),
                Option("∞", "KL(P‖Q) = {kl_pq}, though the other direction is only {kl_qp} nats."),
            ),
            2,
        ),
        _tails,
        pair(*TAILS),
        "log(p/q) grows like x²/2 while p falls only like 1/x², so their product does not fall at all and the integral is {kl_pq}. "
        "The other way the average is under the normal, which hardly visits the tails: KL(Q‖P) = {kl_qp} nats.",
    ),
)
