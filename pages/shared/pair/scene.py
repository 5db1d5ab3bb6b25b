"""The picture of a pair: P and Q, and both directions beside each other."""

from functools import lru_cache

from ..live import scene
from ..live.schema import Number
from ..style import Unit, amount
from ..values import ChosenDistribution
from .measures import pair_numbers

DIRECTIONS = (
    {"kind": "integrand", "p": "p", "q": "q", "quantity": "kl_pq", "title": "KL(P‖Q)", "note": "averaged over P"},
    {"kind": "integrand", "p": "q", "q": "p", "quantity": "kl_qp", "title": "KL(Q‖P)", "note": "averaged over Q"},
)
FORMULAS = {"kl_pq": "p(x) · log(p(x)/q(x))", "kl_qp": "q(x) · log(q(x)/p(x))"}

RELATIVES = (
    {"quantity": "jensen_shannon", "title": "Jensen–Shannon"},
    {"quantity": "total_variation", "title": "Total variation", "plain": True},
    {"quantity": "hellinger", "title": "Hellinger distance", "plain": True},
)

STACKS = (
    {
        "style": "p",
        "parts": ["entropy_p", "kl_pq"],
        "total": "cross_entropy_pq",
        "names": ["entropy H(P)", "KL(P‖Q)", "Cross-entropy H(P, Q)"],
    },
    {
        "style": "q",
        "parts": ["entropy_q", "kl_qp"],
        "total": "cross_entropy_qp",
        "names": ["entropy H(Q)", "KL(Q‖P)", "Cross-entropy H(Q, P)"],
    },
)


def _directions(kind: str, small: bool) -> list[dict]:
    """Both directions; below each, unless small, a chart on the same axis as the curves, with its title."""
    if small:
        return list(DIRECTIONS)
    each, parts = ("x", "Area") if kind == "continuous" else ("outcome x", "Bars")
    return [
        direction
        | {
            "chart": f"What each {each} adds to {direction['title']}",
            "chart_note": f"{FORMULAS[direction['quantity']]}. {parts} above minus below: {direction['title']}.",
        }
        for direction in DIRECTIONS
    ]


@lru_cache(maxsize=256)  # a class that opens one link, or presses one preset, asks for one pair
def _numbers(p: ChosenDistribution, q: ChosenDistribution, unit: Unit, names: tuple[str, ...] | None) -> dict[str, Number]:
    return pair_numbers(p.distribution, q.distribution, unit, list(names) if names else None)


def settled_numbers(p: ChosenDistribution, q: ChosenDistribution, unit: Unit, names: list[str] | None = None) -> dict[str, Number]:
    """Every number of a pair, kept for whoever asks next."""
    return {name: number.copy() for name, number in _numbers(p, q, unit, tuple(names) if names else None).items()}


@lru_cache(maxsize=256)
def _continuous_view(p: ChosenDistribution, q: ChosenDistribution) -> list[float]:
    return scene.continuous_view([p.distribution, q.distribution])


def pair_view(p: ChosenDistribution, q: ChosenDistribution) -> list[float]:
    """The x-range that shows both."""
    if p.family.kind == "continuous":
        return list(_continuous_view(p, q))
    sizes = [len(chosen.values["probs"]) for chosen in (p, q) if chosen.family.name == "categorical"]
    return scene.discrete_view([p.distribution, q.distribution], max(sizes) if len(sizes) == 2 else None)


def pair_scene(
    p: ChosenDistribution,
    q: ChosenDistribution,
    unit: Unit,
    *,
    names: list[str] | None = None,
    payer: int | None = None,
    small: bool = False,
    export: str | None = None,
    look: str | None = None,
    early: str | None = None,
) -> dict:
    """The scene of a pair. small: without the related measures, the stacked bars and the charts' titles. early: as in `Scene`.

    look: what to look at, in a sentence; {kl_pq} and its like in it become the number on screen.
    """
    numbers = settled_numbers(p, q, unit, names)
    said = look and look.format(**{name: amount(float(one["value"]), unit) for name, one in numbers.items()})
    return {
        "kind": p.family.kind,
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": pair_view(p, q),
        "names": names,
        "payer": payer,
        "curves": {
            role: scene.curve(role.upper(), role, chosen.family, chosen.values, names=names) for role, chosen in (("p", p), ("q", q))
        },
        "panels": [{"kind": "curves", "curves": ["p", "q"], "label": "P and Q with their handles"}, *_directions(p.family.kind, small)],
        "numbers": numbers,
        "readouts": [] if small else RELATIVES,
        "stacks": [] if small else STACKS,
        "size": "small" if small else "aligned",
        "export": export,
        "early": early,
        "hint": said
        or (
            "Drag a handle: a hollow one moves its curve, a filled one stretches it."
            if p.family.kind == "continuous"
            else "Drag a handle: the top of a bar up or down, any other along the axis."
        ),
    }
