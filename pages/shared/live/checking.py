"""Whether a scene keeps to the contract (`schema`): every key known, every value of its type, nothing that a panel needs missing."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from .schema import Scene
from .schema.panels import Panel

_PANELS = {get_args(get_type_hints(kind)["kind"])[0]: kind for kind in get_args(Panel)}
_NEEDS = {
    "chart": lambda panel, scene: panel["name"] in scene.get("charts", ()),
    "images": lambda panel, scene: panel["name"] in scene.get("images", ()) and (not panel.get("probe") or "latent" in scene),
    "latent": lambda panel, scene: panel["name"] in scene.get("clouds", ()),
    "sentences": lambda panel, scene: "sentences" in scene,
    "levels": lambda panel, scene: "levels" in scene,
    "terms": lambda panel, scene: "terms" in scene,
    "dials": lambda panel, scene: "dials" in scene,
    "stretched": lambda panel, scene: "dials" in scene and panel["quantity"] in scene.get("stretched", ()),
}
"""What a panel draws from, where that is neither a curve nor a number."""


def check(scene: Mapping[str, Any]) -> None:
    """Raises a ValueError if a panel lacks what it needs: what would leave a hole in the picture, told in a sentence.

    Of types only those of the panels are looked at: this runs before every answer, in a tenth of a millisecond or so.
    """
    problem = next(chain(_mismatches(scene.get("panels"), list[Panel], "Panel"), _unfit(scene)), None)
    if problem:
        raise ValueError(problem)


def problems(scene: Mapping[str, Any]) -> list[str]:
    """All by which a scene breaks the contract, each in a sentence."""
    return list(_mismatches(scene, Scene, "The scene")) or list(_missing(scene))


def _unfit(scene: Mapping[str, Any]) -> Iterator[str]:
    if "numbers" not in scene:
        yield "The scene has no 'numbers'."
    else:
        yield from _missing(scene)


def _mismatches(value: Any, wanted: Any, where: str) -> Iterator[str]:
    """Where a value is not of the type wanted."""
    if wanted == Panel:
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if kind in _PANELS:
            yield from _mismatches(value, _PANELS[kind], f"{where} of kind {kind}")
        else:
            yield f"{where} has the kind {kind!r}, which no panel has."
    elif is_typeddict(wanted):
        yield from _mismatches_of_keys(value, wanted, where)
    elif get_origin(wanted) in (Union, UnionType):
        tried = [list(_mismatches(value, option, where)) for option in get_args(wanted)]
        if all(tried):
            yield min(tried, key=len)[0]
    elif get_origin(wanted) is dict:
        if not isinstance(value, Mapping):
            yield f"{where} is {value!r:.40}, not a table of names."
        else:
            for name, entry in value.items():
                yield from _mismatches(entry, get_args(wanted)[1], f"{where}.{name}")
    elif get_origin(wanted) in (list, tuple):
        yield from _mismatches_of_entries(value, wanted, where)
    elif not _is_plain(value, wanted):
        yield f"{where} is {value!r:.40}, which it cannot be."


def _mismatches_of_keys(value: Any, wanted: Any, where: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{where} is {value!r:.40}, not a {wanted.__name__}."
        return
    for name in sorted(wanted.__required_keys__ - value.keys()):
        yield f"{where} has no {name!r}."
    hints = _hints(wanted)
    for name, entry in value.items():
        if name not in hints:
            yield f"{where} has {name!r}, which a {wanted.__name__} does not have."
        else:
            yield from _mismatches(entry, hints[name], f"{where}.{name}")


def _mismatches_of_entries(value: Any, wanted: Any, where: str) -> Iterator[str]:
    kinds = get_args(wanted)
    fixed = get_origin(wanted) is tuple and Ellipsis not in kinds
    if not isinstance(value, list | tuple) or (fixed and len(value) != len(kinds)):
        yield f"{where} is {value!r:.40}, which is not a list as it should be."
        return
    for i, entry in enumerate(value):
        yield from _mismatches(entry, kinds[i] if fixed else kinds[0], f"{where}[{i}]")


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    return get_type_hints(wanted)


def _is_plain(value: Any, wanted: Any) -> bool:
    if wanted is Any:
        return True
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, NoneType if wanted is None else wanted)


def _missing(scene: Mapping[str, Any]) -> Iterator[str]:
    """What is named, but not there."""
    curves, numbers = scene.get("curves", {}), scene["numbers"]
    if curves and not {"kind", "view"} <= scene.keys():
        yield "A scene with curves needs a kind and a view."
    for panel in scene["panels"]:
        named = f"The {panel['kind']} panel “{panel.get('title') or panel.get('label')}”"
        for name in [*panel.get("curves", ()), *(panel[key] for key in ("p", "q", "curve") if key in panel)]:
            if name not in curves:
                yield f"{named} needs the curve {name!r}, which the scene does not have."
        if panel["kind"] in ("integrand", "stretched") and panel["quantity"] not in numbers:
            yield f"{named} needs the number {panel['quantity']!r}, which the scene does not have."
        if not _NEEDS.get(panel["kind"], lambda *_: True)(panel, scene):
            yield f"{named} has nothing to draw: the scene lacks what it shows."
    for name in _numbers_named(scene):
        if name not in numbers:
            yield f"The number {name!r} is to be shown, but the scene does not have it."
    for name in _curves_named(scene):
        if name not in curves:
            yield f"The curve {name!r} is named, but the scene does not have it."


def _numbers_named(scene: Mapping[str, Any]) -> Iterator[str]:
    yield from (readout["quantity"] for readout in scene.get("readouts", ()))
    for stack in scene.get("stacks", ()):
        yield from (*stack["parts"], stack["total"])


def _curves_named(scene: Mapping[str, Any]) -> Iterator[str]:
    for number in scene["numbers"].values():
        yield from number["of"]
    yield from (scene.get("scrub") or {}).get("curves", ())
    yield from scene.get("live", ())
    yield from scene.get("partial") or ()
    yield from (name for names in scene.get("linked", ()) for name in names)
    yield from [scene["softens"]["of"], *scene["softens"]["at"]] if "softens" in scene else ()
    yield from [scene["top_of"]] if "top_of" in scene else ()
    yield from [scene["terms"]["curve"]] if "terms" in scene else ()
