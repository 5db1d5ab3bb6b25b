"""Questions on the two directions of a fit, and on what F.kl_div computes."""

from functools import lru_cache

import torch
import torch.nn.functional as F

from kl_core import kl
from kl_core.fits.plane import fit_plane_reverse, plane_kl
from kl_core.fits.plane_targets import MURPHY_DRAWN, murphy
from kl_core.fits.thresholds import fold_separation

from ...shared.values import ChosenDistribution, Values
from ..checked.error import Outcome
from ..checked.errors_list import ERRORS
from .distributions import evenly, normal, two_hills
from .fits import fits_of
from .pictures import Code, fit
from .prediction import Choice, Drag, Option
from .question import Question

SUBJECT = "Two directions"
APART_BY = 2.0
APART, TEXTBOOK = two_hills(3.0), two_hills(APART_BY)
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


@lru_cache(maxsize=1)
def _murphy() -> dict[str, float]:
    """KL(Q‖P) in nats of what Murphy's (2022) figure 6.3 draws on either hill, and of the best Q."""
    loc, covariance = (torch.tensor(column, dtype=torch.float64) for column in zip(*MURPHY_DRAWN, strict=True))
    left, right = plane_kl(murphy(), "reverse", loc, covariance)[0].tolist()
    return {"murphy_left": left, "murphy_right": right, "murphy_best": fit_plane_reverse(murphy())[0].kl}


def _textbook() -> dict[str, float | str]:
    minima = fits_of(TEXTBOOK)["reverse"]
    side = normal(2.0, 1.0)
    return {
        "loc": abs(round(float(minima[0].loc), 9)),
        "scale": float(minima[0].scale),
        "best": float(minima[0].kl),
        "minima": str(len(minima)),
        "at_mode": float(kl(side.distribution, TEXTBOOK.distribution)),
        "fold": fold_separation(),
        **_murphy(),
    }


def _best_q() -> ChosenDistribution:
    best = fits_of(TEXTBOOK)["reverse"][0]
    return normal(float(best.loc), float(best.scale))


def excess(said: Values) -> float:
    """By how many nats a guessed Q costs more than the best Q."""
    guess = normal(float(said["loc"]), float(said["scale"]))
    return float(kl(guess.distribution, TEXTBOOK.distribution)) - float(fits_of(TEXTBOOK)["reverse"][0].kl)


def _outcome(name: str) -> Outcome:
    error = ERRORS[name]
    return error.run(error.starts)


def _calls() -> dict[str, float]:
    outcome = _outcome("argument_order")
    p, q = ERRORS["argument_order"].starts.values()
    return {"swapped": outcome.wrong, "right": outcome.right, "plain": float(F.kl_div(p, q, reduction="sum"))}


def _mean() -> dict[str, float | str]:
    outcome, values = _outcome("mean_reduction"), ERRORS["mean_reduction"].starts
    classes = torch.numel(values["p"])
    return {
        "mean": outcome.wrong,
        "right": outcome.right,
        "rows": str(int(values["rows"])),
        "classes": str(classes),
        "factor": f"{outcome.right / outcome.wrong:.3g}",
        "entries": str(int(values["rows"]) * classes),
    }


QUESTIONS = (
    Question(
        "which_seeks",
        SUBJECT,
        "Which direction seeks a mode, which covers?",
        "One Gaussian Q is fitted to a target P with two hills at ±3. Forward KL is KL(P‖Q), averaged over the target; reverse KL is "
        "KL(Q‖P), averaged over the model. Which is which?",
        Choice(
            (
                Option(
                    "Forward covers both hills (mass-covering), reverse takes one (mode-seeking)",
                    "the forward fit stands over both hills, σ = {forward_scale}. The best reverse fit sits on one, μ = ±{reverse_loc}.",
                ),
                Option(
                    "Forward takes one hill (mode-seeking), reverse covers both (mass-covering)",
                    "it is the other way round. Forward, on the left, covers both: σ = {forward_scale}. Reverse takes one hill: μ = "
                    "±{reverse_loc}.",
                ),
                Option(
                    "Both end in the same place: the best fit is the best fit",
                    "the dotted curves differ: σ = {forward_scale} on the left (forward), {reverse_scale} on the right (reverse).",
                ),
            ),
            0,
        ),
        _fits,
        fit(APART, ON_A_HILL),
        "Forward KL averages over P, so Q must not be near 0 where P has mass (zero-avoiding, also called inclusive). Reverse KL "
        "averages over Q, so Q must not have mass where P is near 0 (zero-forcing, exclusive), and it may ignore a whole hill. The best "
        "values are {forward} nats forward and {reverse} nats reverse. RLHF’s penalty KL(π‖π_ref) and a VAE’s ELBO put the learned "
        "distribution first: they are reverse KL.",
    ),
    Question(
        "reverse_picks_a_mode",
        SUBJECT,
        "Reverse KL always picks a mode",
        "P = ½N(−2, 1) + ½N(2, 1). **Drag Q to the best reverse fit**, where KL(Q‖P) is smallest.",
        Drag(
            "The target P, and Q to drag",
            START,
            {"loc": LOCS, "scale": SCALES},
            TEXTBOOK,
            excess,
            0.03,
            "the best Q is in the middle: μ = {loc}, σ = {scale}, {best} nats.",
            "the best Q is in the middle: μ = {loc}, σ = {scale}, {best} nats. On a hill, N(2, 1), it would be {at_mode}."
            " The faint curve on the right is your guess.",
            lambda said: f"μ = {said['loc']:g}, σ = {said['scale']:g}".replace("-", "−"),
            truth=_best_q,
            camps=(("put Q on a hill", lambda said: abs(abs(said["loc"]) - APART_BY) < APART_BY / 2),),
        ),
        _textbook,
        fit(TEXTBOOK, START, "reverse"),
        "Reverse KL has {minima} minimum here, in the middle, with {best} nats. Q on a hill costs {at_mode} nats and slides off. Minima "
        "on the hills exist only when the hills are farther apart than ±{fold}. The same happens in two dimensions: Murphy’s (2022) "
        "figure 6.3 draws Q on one hill, with {murphy_left} and {murphy_right} nats, but the only minimum lies between them, with "
        "{murphy_best}.",
    ),
    Question(
        "kl_div_order",
        SUBJECT,
        "F.kl_div(p, q) is KL(P‖Q)",
        'p and q hold probabilities, and you want **KL(P‖Q)**. Which call gives it (each with `reduction="sum"`)?',
        Choice(
            (
                Option(
                    "`F.kl_div(p, q)`",
                    "it gives {plain}, which is no divergence: the first argument must be log-probabilities, and nothing checks it.",
                ),
                Option("`F.kl_div(p.log(), q)`", "it gives {swapped} nats, which is KL(Q‖P). KL(P‖Q) is {right}."),
                Option("`F.kl_div(q.log(), p)`", "it gives {right} nats. In the formula’s order it would be {swapped}, which is KL(Q‖P)."),
            ),
            2,
        ),
        _calls,
        Code("argument_order"),
        "F.kl_div(input, target) computes KL(target‖input). It averages over its second argument and expects the first one in logs. On "
        "these numbers the three calls give {plain}, {swapped} and {right}, and none of them warns.",
    ),
    Question(
        "mean_reduction",
        SUBJECT,
        'reduction="mean" is KL',
        'A batch has {rows} rows over {classes} classes. How does `F.kl_div(log_q, p, reduction="mean")` compare with the mean KL(P‖Q) of '
        "the rows?",
        Choice(
            (
                Option(
                    "Equal: “mean” is the mean over the batch",
                    "it gives {mean} nats, and the mean KL is {right}: {factor} times too small.",
                ),
                Option(
                    "Smaller by the number of rows, {rows}",
                    "it gives {mean} nats instead of {right}: too small by {factor}, which is the number of classes.",
                ),
                Option("Smaller by the number of classes, {classes}", "it gives {mean} nats instead of {right}: {factor} times too small."),
            ),
            2,
        ),
        _mean,
        Code("mean_reduction"),
        "“mean” divides by all entries, rows × classes = {entries}. A KL is a sum over classes and a mean only over rows. With a "
        "vocabulary of 100,000 the loss all but vanishes; “batchmean” gives the KL.",
    ),
)
