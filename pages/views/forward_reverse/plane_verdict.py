"""The sentence in two dimensions: what to do, and then what both directions did."""

import torch
from torch.distributions import MultivariateNormal

from kl_core.fits.plane import PlaneFit

from .plane_fits import Track
from .plane_state import STEPS, PlaneState, target_of
from .verdict import count_in_words


def before(state: PlaneState) -> str:
    """What to do, before anything has run."""
    if state.preset == "bishop-factorised":
        return "P is slanted, and Q may not slant. Press Run: how wide will Q be?"
    if state.preset == "murphy":
        return "Murphy’s figure 6.3 draws the best Q for reverse KL on one hill (dotted). Press Run: does Q go there?"
    return "Drag Q to where you think it lands, then press Run."


def after(state: PlaneState, forward: Track, reverse: Track, minima: tuple[PlaneFit, ...]) -> str:
    """What happened. minima: of reverse KL, the lowest first; none while a hand still moves P."""
    if forward.stopped_at is not None or reverse.stopped_at is not None:
        return _diverged(forward, reverse)
    if not (forward.rests and reverse.rests):
        return f"{_not_yet(forward, reverse)} not come to rest after {STEPS} steps. Try another learning rate."
    if len(state.hills) == 1:
        return _one_hill(state, forward, reverse)
    if all(len(_covered(state, track)) == len(state.hills) for track in (forward, reverse)):
        hills = "both hills" if len(state.hills) == 2 else f"all {count_in_words(len(state.hills))} hills"
        only = " Reverse KL has no other minimum, so no Q rests on one hill." if len(minima) == 1 else ""
        return f"Both directions cover {hills}.{only}"
    return f"Forward KL {_reaches(state, forward)}. Reverse KL {_covers(state, reverse)}.{_of_minima(reverse, minima)}"


def _diverged(forward: Track, reverse: Track) -> str:
    steps = {"forward KL": forward.stopped_at, "reverse KL": reverse.stopped_at}
    when = " and ".join(f"{name} at step {step}" for name, step in steps.items() if step is not None)
    return f"The run diverged: {when}. The steps were too large: try a smaller learning rate."


def _not_yet(forward: Track, reverse: Track) -> str:
    if not forward.rests and not reverse.rests:
        return "Both runs have"
    return "Reverse KL has" if forward.rests else "Forward KL has"


def _one_hill(state: PlaneState, forward: Track, reverse: Track) -> str:
    if max(float(forward.kl[-1]), float(reverse.kl[-1])) < 1e-3:
        return "Both directions found P itself. Where Q can match P, the direction of KL does not matter."
    if state.covariance == "spherical":
        return "Q must be a circle: forward KL makes it wide, reverse KL keeps it inside P."
    wide, narrow = forward.covariance[-1, 0, 0].item(), reverse.covariance[-1, 0, 0].item()
    return f"Forward KL keeps P's variance Σ₁₁ = {wide:.3g}. Reverse KL takes 1/Λ₁₁ = {narrow:.2g}: too narrow, as it ignores how P slants."


def _distances(state: PlaneState, track: Track) -> list[float]:
    """Each hill's Mahalanobis distance: how many of Q's standard deviations its mean lies from Q's."""
    bells = target_of(state.hills).component_distribution
    assert isinstance(bells, MultivariateNormal)
    gap = bells.loc - track.loc[-1]
    return (gap * torch.linalg.solve(track.covariance[-1], gap.unsqueeze(-1)).squeeze(-1)).sum(-1).sqrt().tolist()


def _covered(state: PlaneState, track: Track) -> list[int]:
    """The hills whose mean lies within two of Q's standard deviations."""
    return [hill for hill, distance in enumerate(_distances(state, track)) if distance <= 2]


def _reaches(state: PlaneState, track: Track) -> str:
    """What forward KL did. It ignores no part of P: a hill out of Q's middle is in the tail that was widened towards it."""
    covered, distances = _covered(state, track), _distances(state, track)
    missed = [hill for hill in range(len(distances)) if hill not in covered]
    if not missed or not covered:
        return _covers(state, track)
    share = f"{100 * sum(state.hills[hill][0] for hill in missed):.0f} % of P"
    hills = f"the hill with {share}" if len(missed) == 1 else f"{count_in_words(len(missed))} hills, together {share}"
    away = f"{max(distances[hill] for hill in missed):.1f} standard deviations from its mean"
    return f"ignores no hill: it widened Q until its tail reached {hills}, {'' if len(missed) == 1 else 'up to '}{away}"


def _covers(state: PlaneState, track: Track) -> str:
    covered, all_hills = _covered(state, track), len(state.hills)
    if len(covered) == all_hills:
        return "covers both hills" if all_hills == 2 else f"covers all {count_in_words(all_hills)} hills"
    if not covered:
        return "puts Q between the hills"
    missed = 1 - sum(state.hills[hill][0] for hill in covered)
    ignores = "half" if abs(missed - 0.5) < 0.005 else f"{100 * missed:.0f} %"
    hills = "one hill" if len(covered) == 1 else f"{count_in_words(len(covered))} hills"
    return f"takes {hills} and ignores {ignores} of P"


def _of_minima(reverse: Track, minima: tuple[PlaneFit, ...]) -> str:
    if not minima:
        return ""
    if len(minima) == 1:
        return " It has no other minimum."
    lowest = float(reverse.kl[-1]) < minima[0].kl + 1e-3
    number = count_in_words(len(minima))
    return f" That is {'the lowest' if lowest else 'not the lowest'} of its {number} minima."
