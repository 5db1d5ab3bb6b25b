"""Controls made from a family's own data."""

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st
from torch.distributions import constraints

from kl_core.families import FAMILIES
from kl_core.families.family import Family, Parameter

from .plain import plain
from .state import left_at
from .values import LONGEST_TEXT, ChosenDistribution, Value, Values, bounds, checked, families_of, sentence, text, to_number


def distribution_controls(role: str, kind: str, defaults: Mapping[str, Mapping[str, Value]], first: str) -> ChosenDistribution:
    """The family and the parameters of P or Q as widgets, bound to the link as ?p=Normal&p_loc=1.

    role: "p" or "q". first: the family shown at first. defaults: by family name, where they differ from its own.
    """
    names = families_of(kind)
    label = f"{role.upper()}, the {'solid' if role == 'p' else 'dashed'} line"
    chosen = st.selectbox(
        label, names, index=names.index(first), key=role, bind="query-params", format_func=lambda name: FAMILIES[name].label
    )
    family = FAMILIES[chosen or first]
    return parameter_controls(role, family, defaults.get(family.name, {}))


def parameter_controls(role: str, family: Family, own: Mapping[str, Value], called: str = "") -> ChosenDistribution:
    """A family's parameters as widgets: numbers in one row, vectors as text. called: the distribution's name on screen, if not P or Q."""
    called = called or role.upper()
    values: Values = {}
    default = lambda parameter: own.get(parameter.name, parameter.default)
    scalars = [one for one in family.parameters if one.length is None]
    if scalars:
        with st.container(horizontal=True):
            values = {one.name: _number_input(role, called, family, one, default(one)) for one in scalars}
    vectors = [one for one in family.parameters if one.length is not None]
    return _jointly_valid(family, values | {one.name: _vector_input(role, called, family, one, default(one)) for one in vectors}, own)


def mode_buttons(role: str, family: Family) -> None:
    """A mixture's two buttons: one mode more, to the right of the others, and the last one less."""
    least, most = family.parameters[0].length or (1, 1)
    count = len(_entries(role, family.parameters[0]))
    with st.container(horizontal=True):
        for label, by, possible in (("Add a mode", 1, count < most), ("Remove a mode", -1, count > least)):
            # A key that does not begin like a parameter's: what a button holds cannot be put back by `restore`.
            st.button(
                label, key=f"modes_{role}_{by}", on_click=_change_modes, args=(role, family, by), disabled=not possible, width="stretch"
            )


def _entries(role: str, parameter: Parameter) -> list[str]:
    return [one.strip() for one in st.session_state[f"{role}_{parameter.name}"].replace(";", ",").split(",")]


def _change_modes(role: str, family: Family, by: int) -> None:
    for parameter in family.parameters:
        entries = _entries(role, parameter)
        new = f"{max(map(_finite_or_zero, entries)) + 3:g}" if parameter.name == "locs" else entries[-1]
        st.session_state[f"{role}_{parameter.name}"] = ", ".join([*entries, new] if by > 0 else entries[:-1])


def _finite_or_zero(entry: str) -> float:
    """What stands in a text box may be anything; a new mode needs some place all the same."""
    try:
        return to_number(entry, "")
    except ValueError:
        return 0.0


def _number_input(role: str, called: str, family: Family, parameter: Parameter, default: float) -> float:
    low, high = bounds(family, parameter)
    number = int if parameter.integer else float
    value = st.number_input(
        f"{called} {parameter.meaning}" if parameter.label == parameter.meaning else f"{called} {parameter.label} {parameter.meaning}",
        min_value=number(low),
        max_value=number(high),
        value=number(default),
        step=number(parameter.step),
        format="%d" if parameter.integer else "%.6g",
        key=f"{role}_{parameter.name}",
        bind="query-params",
    )
    return float(default if value is None else value)


def _vector_input(role: str, called: str, family: Family, parameter: Parameter, default: tuple[float, ...]) -> tuple[float, ...]:
    """A comma-separated text box; text that is not valid stays in the box, with a sentence, and the default shows."""
    raw = st.text_input(
        f"{called} {parameter.meaning}",
        value=text(default),
        key=f"{role}_{parameter.name}",
        max_chars=LONGEST_TEXT,
        bind="query-params",
    )
    last_good = f"{role}_{parameter.name}_last"
    try:
        value: Any = checked(family, parameter, raw)
    except ValueError as problem:
        st.caption(f":red[{plain(sentence(problem))}]")
        return st.session_state.get(last_good, default)
    st.session_state[last_good] = value
    if parameter.constraint is constraints.nonnegative and sum(value) > 0 and abs(sum(value) - 1) > 1e-4:
        st.caption(f"These sum to {sum(value):g}; each is divided by that.")
    return value


def _jointly_valid(family: Family, values: Values, own: Mapping[str, Value]) -> ChosenDistribution:
    """The distribution, or the family's starting one with a sentence when its parameters do not fit each other."""
    chosen = ChosenDistribution(family, values)
    try:
        chosen.distribution  # noqa: B018 - made here, to be used by all
    except ValueError as problem:
        st.caption(f":red[{plain(_in_words(family, problem))} The picture shows {family.label}'s starting values.]")
        return ChosenDistribution(family, {one.name: own.get(one.name, one.default) for one in family.parameters})
    return chosen


def _in_words(family: Family, problem: ValueError) -> str:
    """kl_core names the parameter as torch does; on screen it has the name that stands on its box."""
    words = str(problem)
    match = re.fullmatch(r"(\w+) = (.*) is outside [^:]*: (.*)", words)
    if match:
        words = "{} = {} does not fit: {}".format(*match.groups())
    for parameter in family.parameters:
        words = re.sub(rf"\b{parameter.name}\b", parameter.meaning, words)
    return sentence(words)


def left_within(key: str, low: float, high: float, default: float) -> float:
    """The same, of what has its range; the default where it lies beyond."""
    value = left_at(key, default)
    return value if low <= value <= high else default
