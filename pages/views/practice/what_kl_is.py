"""Questions on what KL is: its two directions, why it is no distance, that it may be infinite, and its unit."""

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
        "symmetric",
        SUBJECT,
        "KL is symmetric",
        "Outcomes A, B and C: P = (0.1, 0.8, 0.1), Q = (0.3, 0.4, 0.3). KL(P‖Q) = {kl_pq} nats. What is **KL(Q‖P)**?",
        Slide(
            "KL(Q‖P) in nats",
            evenly(0.0, 0.6, 61),
            "nats",
            "kl_qp",
            2,
            "it is {kl_qp} nats, not the {kl_pq} nats of KL(P‖Q).",
            "KL(Q‖P) is {kl_qp} nats, and KL(P‖Q) is {kl_pq}: the same log-ratios, averaged over different distributions.",
        ),
        both(*MIRRORS),
        pair(*MIRRORS, names=("A", "B", "C")),
        "Both directions average log(p/q), up to its sign. KL(P‖Q) weights outcome B with 0.8, KL(Q‖P) only with 0.4. A and C count "
        "0.1 each in the first and 0.3 each in the second.",
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
                    "both numbers are exact: {kl_pq} nats averaged over P, {kl_qp} nats averaged over Q.",
                ),
                Option(
                    "Each averages over its first distribution, so each punishes different mistakes",
                    "the lower pictures show it: on the left P’s frequent outcomes count most, on the right Q’s.",
                ),
                Option(
                    "Q is the better of the two distributions",
                    "exchange P and Q and the two numbers change places. KL does not say which one is better.",
                ),
            ),
            1,
        ),
        both(*COINS),
        pair(*COINS, names=("tails", "heads")),
        "KL(P‖Q) = {kl_pq} nats is what a code made for Q costs extra when the data come from P, beyond the best code for P. (The whole "
        "cost is the cross-entropy.) KL(Q‖P) = {kl_qp} nats is the extra cost with the roles exchanged. RLHF’s penalty KL(π‖π_ref) "
        "averages over the policy π: it charges the policy for saying what the reference would not say.",
    ),
    Question(
        "distance",
        SUBJECT,
        "KL is a distance",
        "KL(N(0, 1)‖N(1, 1)) = {first} nats and KL(N(1, 1)‖N(2, 1)) = {second} nats. For a distance, **KL(N(0, 1)‖N(2, 1))** would be at "
        "most {sum}. What is it?",
        Slide(
            "KL(N(0, 1)‖N(2, 1)) in nats",
            evenly(0.0, 3.0, 61),
            "nats",
            "direct",
            2,
            "it is {direct} nats, twice the sum of the two steps, {sum}.",
            "it is {direct} nats, and the two steps add up to only {sum}. Drag Q back to 1 to see the first step.",
        ),
        _triangle,
        pair(NEAR, FAR),
        "Between normals of equal width KL is half the squared distance of their means. Twice as far costs four times as much: {direct} "
        "nats, against {first} + {second}. KL breaks the triangle inequality and symmetry, so it is a divergence and not a distance.",
    ),
    Question(
        "always_finite",
        SUBJECT,
        "KL is always finite",
        "P is a Cauchy distribution, Q a normal one. Both densities are above zero everywhere and look alike. What is **KL(P‖Q)**?",
        Choice(
            (
                Option(
                    "Less than 1 nat: they look alike",
                    "in the picture they do. Far outside it P’s tail meets almost nothing of Q, so KL(P‖Q) = {kl_pq}.",
                ),
                Option(
                    "Large but finite, because Q is never 0",
                    "Q is never 0, and still KL(P‖Q) = {kl_pq}: Q falls so fast that the integral diverges.",
                ),
                Option("∞", "KL(P‖Q) = {kl_pq}, although KL(Q‖P) is only {kl_qp} nats."),
            ),
            2,
        ),
        _tails,
        pair(*TAILS),
        "log(p/q) grows like x²/2, while p falls only like 1/x². Their product does not fall at all, so the integral is {kl_pq}. KL(Q‖P) "
        "averages over the normal Q, which hardly ever visits the tails: {kl_qp} nats.",
    ),
    Question(
        "nats_are_bits",
        SUBJECT,
        "Nats are bits",
        "Two normals of width 1 have means one standard deviation apart: KL(P‖Q) = {nats} nats. How many **bits** is that?",
        Slide(
            "KL(P‖Q) in bits",
            evenly(0.0, 1.2, 61),
            "bits",
            "bits",
            2,
            "{nats} nats are {bits} bits.",
            "{nats} nats are {bits} bits: the same two distributions in a smaller unit.",
        ),
        _units,
        pair(*UNIT, unit=UNITS["bits"]),
        "A bit is smaller than a nat: 1 nat = 1/ln 2 = {per_nat} bits. So the same KL takes more bits than nats. A threshold, a β or a "
        "published number read in the wrong unit is wrong by this factor.",
    ),
)
