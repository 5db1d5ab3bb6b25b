"""What pages build a scene from: curves as tables and handles, views that show them, and the numbers that torch settled."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isinf
from typing import Any

import torch
from torch.distributions import Distribution

from kl_core.families.family import Family, Parameter
from kl_core.numerics.quadrature import interval, support_edges

from .schema import Number
from .tables import base_distribution, base_table, frames

Values = Mapping[str, Any]
"""A number, or the entries of a vector, as the family's parameter of that name is."""

_STRETCH_KINDS = {"value": "stretch", "reciprocal": "rate", "exp": "log"}


def curve(
    label: str,
    style: str,
    family: Family,
    values: Values,
    *,
    names: Sequence[str] | None = None,
    movable: bool = True,
    filled: bool = True,
    hidden: bool = False,
) -> dict:
    """One curve: its tables, its parameters and, where it may be moved, its handles.

    style: the role that decides colour and line: "p", "q", "fit" or "faint". hidden: it has a place in the scene, but nothing is drawn.
    names: of the outcomes of a probability vector.
    """
    shape = tuple((one.name, float(values[one.name])) for one in family.shape_parameters if one.length is None)
    parameters = [spec for one in family.parameters for spec in _parameter_specs(family, one, values)]
    if family.name == "categorical":
        parameters = [_named_after_outcome(spec, label, i, names) for i, spec in enumerate(parameters)]
    return {
        "label": label,
        "family": family.label,
        "style": style,
        "filled": filled,
        "hidden": hidden,
        "values": {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
        "parameters": parameters,
        "handles": [_handle(label, family, spec) for spec in parameters] if movable else [],
        **_tables(family, values, shape, movable),
    }


def _tables(family: Family, values: Values, shape: tuple, movable: bool) -> dict:
    if family.kind == "discrete" and _is_vector(family):
        # A probability vector is its own table.
        empty = {"u": "", "log_density": ""}
        return {"direct": "probs", "simplex": "probs", "base": empty, "components": [], "support": [None, None]}
    if _is_vector(family):
        return _mixture_tables(len(values["weights"]))
    return {
        "base": base_table(family.name, shape),
        "frames": {name: frames(family.name, shape, name) for name, _ in shape} if movable else {},
        "components": [{"weight": None, "shift": family.affine.shift, "stretch": family.affine.stretch}],
        "support": _base_support(family, shape),
    }


def _mixture_tables(components: int) -> dict:
    return {
        "simplex": "weights",
        "base": base_table("normal", ()),
        "components": [
            {"weight": f"weights.{i}", "shift": ("value", f"locs.{i}"), "stretch": ("value", f"scales.{i}")} for i in range(components)
        ],
        "support": [None, None],
    }


@lru_cache(maxsize=512)
def _base_support(family: Family, shape: tuple) -> list[float | None]:
    return [None if isinf(edge) else edge for edge in map(float, support_edges(base_distribution(family, dict(shape))))]


def _is_vector(family: Family) -> bool:
    return any(one.length for one in family.parameters)


def _parameter_specs(family: Family, parameter: Parameter, values: Values) -> list[dict]:
    """A scalar parameter, or each entry of a vector."""
    common = {
        "name": parameter.name,
        "low": parameter.low,
        "high": parameter.high,
        "step": parameter.step,
        "log": parameter.log,
        "integer": parameter.integer,
    }
    if parameter.length is None:
        return [common | {"key": parameter.name, "label": parameter.label, "meaning": parameter.meaning} | _order(family, parameter)]
    return [
        common
        | {
            "key": f"{parameter.name}.{i}",
            "label": f"{parameter.label}{subscript(i + 1)}",
            "meaning": f"{parameter.meaning} {i + 1}",
        }
        for i in range(len(values[parameter.name]))
    ]


def _named_after_outcome(spec: dict, label: str, i: int, names: Sequence[str] | None) -> dict:
    """A probability is called after its outcome: P(B), or P(2) where outcomes have no names."""
    outcome = names[i] if names and i < len(names) else None
    return spec | {"label": f"{label}({outcome or i + 1})", "meaning": f"probability of {outcome or f'outcome {i + 1}'}"}


def _order(family: Family, parameter: Parameter) -> dict:
    """The two edges of an interval keep their order."""
    match family.affine.stretch:
        case ("difference", high, low) if parameter.name == high:
            return {"above": low}
        case ("difference", high, low) if parameter.name == low:
            return {"below": high}
    return {}


def subscript(number: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))


def _handle(label: str, family: Family, spec: dict) -> dict:
    symbol = "" if family.name == "categorical" or spec["label"] == spec["meaning"] else spec["label"]
    name = f"{label} {spec['meaning']} {symbol}".strip()
    handle = {"key": spec["key"], "kind": _handle_kind(family, spec["name"]), "name": name}
    if handle["kind"] == "bar":
        handle["outcome"] = int(spec["key"].split(".")[1]) if "." in spec["key"] else 1
    return handle


def _handle_kind(family: Family, name: str) -> str:
    if family.kind == "discrete":
        return "bar" if family.name in ("categorical", "bernoulli") else "frames"
    if _is_vector(family):
        return {"weights": "weight", "locs": "shift", "scales": "stretch"}[name]
    shift, stretch = family.affine.shift, family.affine.stretch
    if stretch and stretch[0] == "difference":
        return "high" if stretch[1] == name else "low"
    if stretch and stretch[1] == name:
        return _STRETCH_KINDS[stretch[0]]
    return "shift" if shift and shift[1] == name else "frames"


def continuous_view(distributions: list[Distribution]) -> list[float]:
    """An x-range that shows every distribution: all but a thousandth of each, and not more than four times its middle."""
    ends = []
    for distribution in distributions:
        (low, high), (left, right) = interval(distribution, 1e-3), interval(distribution, 0.16)
        reach = 4 * (right - left) / 2
        middle = (left + right) / 2
        ends.append((max(low, middle - reach), min(high, middle + reach)))
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    margin = 0.06 * (high - low)
    return _rounded_out(low - margin, high + margin)


def _rounded_out(low: float, high: float) -> list[float]:
    """To a coarse step, so that a small move leaves the axis as it is."""
    step = 10.0 ** torch.tensor((high - low) / 4).log10().floor().item() / 2
    return [step * (low // step), step * -(-high // step)]


def discrete_view(distributions: list[Distribution], outcomes: int | None) -> list[float]:
    """Outcomes 0 … last, with half a slot at each side."""
    last = outcomes - 1 if outcomes else max(interval(distribution, 1e-3)[1] for distribution in distributions)
    return [-0.5, max(last, 1) + 0.5]


def nearest(values: torch.Tensor, wanted: float) -> int:
    """The place of the value nearest to the wanted one, which may lie beyond either end or be infinite; values ascending."""
    if wanted >= float(values[-1]):
        return len(values) - 1
    return int((values.nan_to_num(posinf=1e300) - max(wanted, float(values[0]))).abs().argmin())


def number(
    measure: str, of: tuple[str, ...], value: float, *, status: str = "", reason: str | None = None, infinite_by: str | None = None
) -> Number:
    """A settled number in nats (JSON has no infinity, so it travels as text) and how to preview it."""
    return {
        "measure": measure,
        "of": of,
        "value": str(value).replace("inf", "Infinity"),
        "status": status,
        "reason": reason,
        "infinite_by": infinite_by,
    }
