"""Questions on the two directions of a fit, and on what F.kl_div computes."""

import torch
import torch.nn.functional as F

from kl_core import kl
from kl_core.fits.thresholds import fold_separation

from ...shared.style import number
from ...shared.values import ChosenDistribution, Values
from ..checked.error import Outcome
from ..checked.errors_list import ERRORS
from ..forward_reverse.fits import fits_of
from .distributions import evenly, normal, two_hills
from .pictures import Code, fit
from .prediction import Choice, Drag, Option
from .question import Question

SUBJECT = "Two directions"
APART, TEXTBOOK = two_hills(3.0), two_hills(2.0)
START = normal(1.0, 1.4)
ON_A_HILL = normal(2.5, 1.0)
LOCS, SCALES = evenly(-6.0, 6.0, 61), evenly(0.2, 6.2, 61)


def _fits() -> dict[str, float]:
    forward, reverse = (fits_of(APART)[side] for side in ("forward", "reverse"))
    return {
        "forward_loc": abs(round(float(forward[0].loc), 9)),
        "forward_scale": float(forward[0].scale),
        "forward": float(forward[0].kl),
        "reverse_loc": abs(float(reverse[0].loc)),
        "reverse_scale": float(reverse[0].scale),
        "reverse": float(reverse[0].kl),
    }


def _textbook() -> dict[str, float | str]:
    found = fits_of(TEXTBOOK)["reverse"]
    side = normal(2.0, 1.0)
    return {
        "loc": abs(round(float(found[0].loc), 9)),
        "scale": float(found[0].scale),
        "best": float(found[0].kl),
        "minima": str(len(found)),
        "at_mode": float(kl(side.distribution, TEXTBOOK.distribution)),
        "fold": fold_separation(),
    }


def _best_q() -> ChosenDistribution:
    best = fits_of(TEXTBOOK)["reverse"][0]
    return normal(float(best.loc), float(best.scale))


def excess(said: Values) -> float:
    """By how many nats a guessed Q costs more than the best one."""
    guess = normal(float(said["loc"]), float(said["scale"]))
    return float(kl(guess.distribution, TEXTBOOK.distribution)) - float(fits_of(TEXTBOOK)["reverse"][0].kl)


def _outcome(name: str) -> Outcome:
    error = ERRORS[name]
    return error.run(error.starts)


def _calls() -> dict[str, float]:
    found = _outcome("argument_order")
    p, q = ERRORS["argument_order"].starts.values()
    return {"swapped": found.wrong, "right": found.right, "plain": float(F.kl_div(p, q, reduction="sum"))}


def _mean() -> dict[str, float | str]:
    found, values = _outcome("mean_reduction"), ERRORS["mean_reduction"].starts
    classes = torch.numel(values["p"])
    return {
        "mean": found.wrong,
        "right": found.right,
        "rows": str(int(values["rows"])),
        "classes": str(classes),
        "factor": number(found.right / found.wrong),
        "entries": str(int(values["rows"]) * classes),
    }


QUESTIONS = (
    Question(
        "which_seeks",
        SUBJECT,
        "Which direction seeks a mode, which covers?",
        "One Gaussian Q is fitted to a target P with two hills at ±3. Forward is KL(target‖model), averaged under P; reverse is "
        "KL(model‖target), "
        "averaged under Q. Which is which?",
        Choice(
            (
                Option(
                    "Forward covers all of P, reverse settles on one hill",
                    "forward stands over both hills with σ = {forward_scale}; the best reverse fit sits on one, μ = ±{reverse_loc}.",
                ),
                Option(
                    "Forward settles on one hill, reverse covers all of P",
                    "it is the other way round: forward, at the left, has σ = {forward_scale} and covers; reverse sits on one hill, μ = "
                    "±{reverse_loc}.",
                ),
                Option(
                    "Both end in the same place: the best fit is the best fit",
                    "the dotted curves differ: σ = {forward_scale} at the left, averaged under P, and {reverse_scale} at the right, "
                    "averaged under Q.",
                ),
            ),
            0,
        ),
        _fits,
        fit(APART, ON_A_HILL),
        "Forward is averaged under P, so Q must not be near 0 where P is: it covers, with {forward} nats at best; reverse is averaged "
        "under Q, so Q "
        "must not be where P is near 0, and it may drop a whole hill, with {reverse} nats at best. RLHF’s penalty KL(π‖π_ref) and the ELBO "
        "have the "
        "learned law first: for it they are the reverse direction.",
    ),
    Question(
        "reverse_picks_a_mode",
        SUBJECT,
        "Reverse KL always picks a mode",
        "The textbook case: P = ½N(−2, 1) + ½N(2, 1). **Drag Q to where the best reverse fit is**, the least KL(Q‖P), averaged under Q.",
        Drag(
            "Target P, and Q to be dragged",
            START,
            {"loc": LOCS, "scale": SCALES},
            TEXTBOOK,
            excess,
            0.03,
            "the best Q is at μ = {loc}, σ = {scale}, in the middle, with {best} nats.",
            "the best Q is in the middle, μ = {loc}, σ = {scale}: {best} nats. On a hill, N(2, 1), it would be {at_mode}."
            " Your guess is the faint curve at the right.",
            lambda said: f"μ = {said['loc']:g}, σ = {said['scale']:g}".replace("-", "−"),
            truth=_best_q,
        ),
        _textbook,
        fit(TEXTBOOK, START, "reverse"),
        "Reverse KL has {minima} minimum here, in the middle, at {best} nats; Q on a hill costs {at_mode} nats and slides off it. Minima "
        "on the hills "
        "exist only once they stand further apart than ±{fold}: many printed pictures were drawn, not fitted.",
    ),
    Question(
        "kl_div_order",
        SUBJECT,
        "F.kl_div(p, q) is KL(P‖Q)",
        'p and q hold probabilities, and you want **KL(P‖Q)**, averaged under P. Which call gives it (each with `reduction="sum"`)?',
        Choice(
            (
                Option(
                    "`F.kl_div(p, q)`",
                    "that is {plain}, which is no divergence at all: the first argument has to be in logs, and nothing checks it.",
                ),
                Option("`F.kl_div(p.log(), q)`", "that is {swapped} nats, the other direction, KL(Q‖P); KL(P‖Q) is {right}."),
                Option("`F.kl_div(q.log(), p)`", "that is {right} nats; in the order of the formula it would be {swapped}, KL(Q‖P)."),
            ),
            2,
        ),
        _calls,
        Code("argument_order"),
        "F.kl_div(input, target) is KL(target‖input): the law under the average comes second, and the first is wanted in logs. On these "
        "numbers "
        "the three calls give {plain}, {swapped} and {right}, and none of them warns.",
    ),
    Question(
        "mean_reduction",
        SUBJECT,
        'reduction="mean" is KL',
        'A batch of {rows} rows over {classes} classes. What is `F.kl_div(log_q, p, reduction="mean")`, beside the mean KL(P‖Q) of the '
        "rows?",
        Choice(
            (
                Option(
                    "The same: “mean” is the mean over the batch",
                    "it is {mean} nats where the mean KL is {right}: {factor} times too small.",
                ),
                Option(
                    "Smaller by the number of rows, {rows}",
                    "the rows are averaged as they should be; it is {mean} nats for {right}, too small by {factor}.",
                ),
                Option("Smaller by the number of classes, {classes}", "{mean} nats for {right}: too small by {factor}."),
            ),
            2,
        ),
        _mean,
        Code("mean_reduction"),
        "“mean” divides by every entry, rows × classes = {entries}, where a KL is a sum over classes: {mean} nats for {right}. With a "
        "vocabulary of "
        "100,000 the loss all but vanishes; “batchmean” is what is meant.",
    ),
)
