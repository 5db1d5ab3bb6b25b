"""Controls made from a family's own data, and the one place where values from outside are checked.

Every value from a link, a text box or the live picture passes through `checked`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from math import isfinite, isnan

import streamlit as st
import torch
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from torch.distributions import constraints

from kl_core.families import FAMILIES
from kl_core.families.family import Family, Parameter

Value = float | tuple[float, ...]
Values = dict[str, Value]

LARGEST = 1e6
"""Beyond this a picture shows nothing; kl_core itself takes any finite value."""

SMALLEST = 1e-6
FAR = 1e3
MOST_TRIALS = 1000
LONGEST_TEXT = 400


@dataclass(frozen=True)
class Law:
    """One distribution as chosen on a page: its family and its parameters, all valid."""

    family: Family
    values: Values

    def __hash__(self) -> int:
        return hash((self.family.name, tuple(self.values.items())))

    @cached_property
    def distribution(self) -> torch.distributions.Distribution:
        return self.family.distribution(**self.values)


def checked(family: Family, parameter: Parameter, raw: object) -> Value:
    """A parameter's value from text, a number or a list. ValueError with one plain sentence when it is none."""
    if parameter.length is None:
        return _checked_number(family, parameter, raw)
    entries = raw.replace(";", ",").split(",") if isinstance(raw, str) else raw
    if not isinstance(entries, list | tuple) or not all(isinstance(one, str | int | float) for one in entries):
        raise ValueError(f"{parameter.meaning} needs numbers separated by commas.")
    least, most = parameter.length
    if not least <= len(entries) <= most:
        raise ValueError(f"{parameter.meaning} needs {least} to {most} numbers; there are {len(entries)}.")
    value = tuple(_number(one, f"entry {i} of {parameter.meaning}") for i, one in enumerate(entries, 1))
    if not bool(parameter.constraint.check(torch.tensor(value, dtype=torch.float64)).all()):
        raise ValueError(f"{parameter.meaning} must be {parameter.domain}.")
    low, high = bounds(family, parameter)
    if not all(low <= one <= high for one in value):
        raise ValueError(f"{parameter.meaning} must lie between {low:g} and {high:g}.")
    return value


def _checked_number(family: Family, parameter: Parameter, raw: object) -> float:
    value = _number(raw, parameter.meaning)
    if parameter.integer and value != int(value):
        raise ValueError(f"{parameter.meaning} must be a whole number, not {value:g}.")
    if not bool(parameter.constraint.check(torch.tensor(value, dtype=torch.float64))):
        raise ValueError(f"{parameter.meaning} must be {parameter.domain}, not {value:g}.")
    low, high = bounds(family, parameter)
    if not low <= value <= high:
        raise ValueError(f"{parameter.meaning} must lie between {low:g} and {high:g}, not {value:g}.")
    return value


def _number(raw: object, what: str) -> float:
    try:
        value = float(str(raw).strip().replace("−", "-"))
    except ValueError:
        raise ValueError(f"{what} is not a number: “{str(raw)[:20]}”.") from None
    if not isfinite(value):
        raise ValueError(f"{what} must be finite.")
    return value


def numbers(raw: str, what: str, least: int, most: int, largest: float) -> tuple[float, ...]:
    """`least` to `most` finite numbers, at most `largest` in size, from a text; ValueError with one plain sentence."""
    entries = raw.replace(";", ",").split(",")
    if not least <= len(entries) <= most:
        raise ValueError(f"There are {len(entries)} {what}s; from {least} to {most} can be shown.")
    found = tuple(_number(entry, f"{what} {i}") for i, entry in enumerate(entries, 1))
    if max(map(abs, found)) > largest:
        raise ValueError(f"A {what} may be at most {largest:g} in size.")
    return found


@cache
def bounds(family: Family, parameter: Parameter) -> tuple[float, float]:
    """The least and the greatest value that a control takes: the domain, cut to what a picture can show.

    Shifting and stretching may go far, because the picture follows; a shape only some way beyond its own range.
    """
    if parameter.integer:
        return 0 if _allows(parameter, 0) else 1, MOST_TRIALS
    moves = any(link and parameter.name in link[1:] and link[0] != "exp" for link in (family.affine.shift, family.affine.stretch))
    if parameter.length is not None:  # modes share one picture
        return -FAR if _allows(parameter, -1) else 0.0 if _allows(parameter, 0) else 1 / FAR, FAR
    if _allows(parameter, -1):
        span = parameter.high - parameter.low
        return (-LARGEST, LARGEST) if moves else (parameter.low - 2 * span, parameter.high + 2 * span)
    low = 0.0 if _allows(parameter, 0) else SMALLEST if moves else parameter.low / 5
    high = 1.0 if not _allows(parameter, 2) else LARGEST if moves else 10 * parameter.high
    return low, high


def _allows(parameter: Parameter, value: float) -> bool:
    return bool(parameter.constraint.check(torch.tensor(float(value), dtype=torch.float64)))


def text(value: Value) -> str:
    """A vector as its text box holds it."""
    return ", ".join(f"{one:.6g}" for one in value)


# ---- widgets --------------------------------------------------------------------------------------------------------


def law_controls(role: str, kind: str, defaults: Mapping[str, Mapping[str, Value]], first: str) -> Law:
    """The family and the parameters of P or Q as widgets, bound to the link as ?p=Normal&p_loc=1.

    role: "p" or "q". first: the family shown at first. defaults: by family name, where they differ from its own.
    """
    names = families_of(kind)
    label = f"{role.upper()} — {'solid' if role == 'p' else 'dashed'} line"
    chosen = st.selectbox(
        label, names, index=names.index(first), key=role, bind="query-params", format_func=lambda name: FAMILIES[name].label
    )
    family = FAMILIES[chosen or first]
    return parameter_controls(role, family, defaults.get(family.name, {}))


def parameter_controls(role: str, family: Family, own: Mapping[str, Value]) -> Law:
    """A family's parameters as widgets: numbers in one row, vectors as text."""
    values: Values = {}
    default = lambda parameter: own.get(parameter.name, parameter.default)  # noqa: E731
    scalars = [one for one in family.parameters if one.length is None]
    if scalars:
        with st.container(horizontal=True):
            values = {one.name: _number_input(role, family, one, default(one)) for one in scalars}
    vectors = [one for one in family.parameters if one.length is not None]
    return _jointly_valid(family, values | {one.name: _vector_input(role, family, one, default(one)) for one in vectors}, own)


def mode_buttons(role: str, family: Family) -> None:
    """A mixture's two buttons: one mode more, to the right of the others, and the last one less."""
    least, most = family.parameters[0].length
    count = len(_entries(role, family.parameters[0]))
    with st.container(horizontal=True):
        for text, by, possible in (("Add a mode", 1, count < most), ("Remove one", -1, count > least)):
            # A key that does not begin like a parameter's: what a button holds cannot be put back by `restore`.
            st.button(text, key=f"modes_{role}_{by}", on_click=_change_modes, args=(role, family, by), disabled=not possible,
                      width="stretch")


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
        return _number(entry, "")
    except ValueError:
        return 0.0


def families_of(kind: str) -> list[str]:
    return [name for name, family in FAMILIES.items() if family.kind == kind]


def _number_input(role: str, family: Family, parameter: Parameter, default: float) -> float:
    low, high = bounds(family, parameter)
    number = int if parameter.integer else float
    value = st.number_input(
        f"{role.upper()} {parameter.label} {parameter.meaning}",
        min_value=number(low), max_value=number(high), value=number(default), step=number(parameter.step),
        format="%d" if parameter.integer else "%.6g", key=f"{role}_{parameter.name}", bind="query-params",
    )
    return float(default if value is None else value)


def _vector_input(role: str, family: Family, parameter: Parameter, default: tuple[float, ...]) -> tuple[float, ...]:
    """A comma-separated text box; text that is not valid stays in the box, with a sentence, and the default shows."""
    raw = st.text_input(
        f"{role.upper()} {parameter.label} {parameter.meaning}", value=text(default), key=f"{role}_{parameter.name}",
        max_chars=LONGEST_TEXT, bind="query-params",
    )
    last_good = f"{role}_{parameter.name}_last"
    try:
        value = checked(family, parameter, raw)
    except ValueError as problem:
        st.caption(f":red[{_sentence(problem)}]")
        return st.session_state.get(last_good, default)
    st.session_state[last_good] = value
    if parameter.constraint is constraints.nonnegative and sum(value) > 0 and abs(sum(value) - 1) > 1e-4:
        st.caption(f"These sum to {sum(value):g}; each is divided by that.")
    return value


def _jointly_valid(family: Family, values: Values, own: Mapping[str, Value]) -> Law:
    """The law, or the family's starting one with a sentence when its parameters do not fit each other."""
    law = Law(family, values)
    try:
        law.distribution  # noqa: B018 - made here, to be used by all
    except ValueError as problem:
        st.caption(f":red[{_in_words(family, problem)} The picture shows {family.label}'s starting values.]")
        return Law(family, {one.name: own.get(one.name, one.default) for one in family.parameters})
    return law


def _in_words(family: Family, problem: ValueError) -> str:
    """kl_core names the parameter as torch does; on screen it has the name that stands on its box."""
    words = str(problem)
    found = re.fullmatch(r"(\w+) = (.*) is outside [^:]*: (.*)", words)
    if found:
        words = "{} = {} does not fit: {}".format(*found.groups())
    for parameter in family.parameters:
        words = re.sub(rf"\b{parameter.name}\b", parameter.meaning, words)
    return _sentence(words)


def _sentence(words: object) -> str:
    return f"{str(words)[:1].upper()}{str(words)[1:]}".rstrip(".") + "."


def put(role: str, family: Family, values: Mapping[str, Value]) -> None:
    """Sets a law's widgets, before they are drawn: from a callback."""
    put_value(role, family.name, family.label)
    put_values(role, family, values)


def put_values(role: str, family: Family, values: Mapping[str, Value]) -> None:
    """The same where the page has one family only."""
    for parameter in family.parameters:
        value = _as_widget_takes(parameter, values.get(parameter.name, parameter.default))
        put_value(f"{role}_{parameter.name}", value, value)


def law_in_link(role: str, family: Family, values: Mapping[str, Value]) -> dict[str, str]:
    """A law's widgets as the link has them."""
    parameters = {one.name: _as_widget_takes(one, values.get(one.name, one.default)) for one in family.parameters}
    return {role: family.label} | {f"{role}_{name}": str(value) for name, value in parameters.items()}


def put_value(key: str, value: object, in_link: object) -> None:
    """Sets one widget, and the link where Streamlit would not: for a widget that was not there in the last run."""
    st.session_state[key] = value
    with suppress(StreamlitAPIException):  # the widget is there, and Streamlit minds its place in the link
        st.query_params[key] = str(in_link)


def put_from_picture(message: Mapping, family_of: Callable[[str], Family]) -> None:
    """What a hand did on the live picture, checked like any other input; nonsense changes nothing."""
    try:
        role, family = str(message["law"]), family_of(str(message["law"]))
        values = dict(message["values"])
        parameters = {one.name: one for one in family.parameters}
        found = [(parameters[name], checked(family, parameters[name], raw)) for name, raw in values.items()]
    except (KeyError, TypeError, ValueError):
        return
    for parameter, value in found:
        st.session_state[f"{role}_{parameter.name}"] = _as_widget_takes(parameter, value)


def _as_widget_takes(parameter: Parameter, value: Value) -> str | int | float:
    if parameter.length is not None:
        return text(value)
    return int(value) if parameter.integer else float(value)


# ---- laws without widgets --------------------------------------------------------------------------------------------


def moved_law(role: str, family: Family, start: Mapping[str, float]) -> Law:
    """A law that only the picture moves: as it was last moved, or as the link says, or as it starts. Scalars only."""
    values = {}
    for parameter in family.parameters:
        key = f"{role}_{parameter.name}"
        try:
            values[parameter.name] = checked(family, parameter, st.session_state.get(key, st.query_params.get(key)))
        except ValueError:
            values[parameter.name] = start[parameter.name]
    return Law(family, values)


def link_moved(roles: Iterable[str], family: Family) -> None:
    """Writes what the picture has moved into the link, as a widget's binding would."""
    keys = [f"{role}_{parameter.name}" for role in roles for parameter in family.parameters]
    st.query_params.update({key: f"{st.session_state[key]:.10g}" for key in keys if key in st.session_state})


def left_at(key: str, default: float) -> float:
    """Where a scrubber was left: its own number, β or m or a step, from the session or the link. May be infinite."""
    try:
        value = float(st.session_state.get(key, st.query_params.get(key, default)))
    except ValueError:
        return default
    return default if isnan(value) else value


def left_within(key: str, low: float, high: float, default: float) -> float:
    """The same, of what has its range; the default where it lies beyond."""
    value = left_at(key, default)
    return value if low <= value <= high else default


def leave_at(key: str, message: Mapping) -> bool:
    """Keeps where the live picture says that its scrubber was left; False if the message is about something else."""
    if "scrub" not in message:
        return False
    with suppress(TypeError, ValueError):
        st.session_state[key] = float(message["scrub"])
        link_left([key])
    return True


def link_left(keys: Iterable[str]) -> None:
    """Writes where scrubbers were left into the link: after `restore`, which puts back the session's side only."""
    for key in keys:
        place = f"{st.session_state[key]:.6g}" if key in st.session_state else None
        if place is not None and st.query_params.get(key) != place:
            st.query_params[key] = place


# ---- between pages --------------------------------------------------------------------------------------------------


def restore(page: str) -> None:
    """Before a page's widgets: puts back what was set there, when one returns to it by the navigation.

    Streamlit forgets the widgets of a page that is left. A link with parameters of its own says what to show, and so do
    Back, Forward and the steps of a lesson: then what only the session remembers, such as a scrubber's place, gives way.
    """
    returning = st.session_state.get("page_shown") != page
    st.session_state["page_shown"] = page
    kept = st.session_state.get(f"kept_{page}", {})
    if _by_history() or (returning and st.query_params):
        for key in kept:
            st.session_state.pop(key, None)
    elif returning:
        st.session_state.update(kept)


def link_is_new(page: str) -> bool:
    """Whether what the address says has yet to be shown: at a page's first run, and after Back, Forward or a lesson's step."""
    return f"kept_{page}" not in st.session_state or _by_history()


def _by_history() -> bool:
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def keep(page: str, names: tuple[str, ...]) -> None:
    """After a page's widgets: remembers the named ones and every parameter of P and Q."""
    st.session_state[f"kept_{page}"] = {
        key: value for key, value in st.session_state.items()
        if key in names or (str(key).startswith(("p_", "q_")) and not str(key).endswith("_last"))
    }


# ---- links ----------------------------------------------------------------------------------------------------------


def link_problem(choices: Mapping[str, Iterable[str]] = {}, *, roles: tuple[str, ...] = (), first: Mapping[str, str] = {"continuous": "normal"},
                 laws: Mapping[str, Family] = {}, places: Mapping[str, tuple[float, float]] = {}) -> str | None:
    """One quiet sentence when a link asks for what cannot be, read before the widgets drop it.

    choices: what the link's keys may be. roles: laws whose family one chooses; first: for each kind, in order, the family
    that is shown when the link names none. laws: roles whose family the page does not let one choose. places: scrubbers
    and the ends of their range.
    """
    query = st.query_params
    kinds = {"kind": first} if len(first) > 1 else {}
    problems = [f"{key} = {query[key][:20]}" for key, allowed in {**kinds, **choices}.items()
                if key in query and query[key] not in allowed]
    kind = query.get("kind", next(iter(first)))
    kind = kind if kind in first else next(iter(first))
    labels = {FAMILIES[name].label: FAMILIES[name] for name in families_of(kind)}
    for role in roles:
        label = query.get(role, FAMILIES[first[kind]].label)
        if label not in labels:
            problems.append(f"{role} = {label[:20]}")
        else:
            problems += _parameter_problems(role, labels[label])
    for role, family in laws.items():
        problems += _parameter_problems(role, family)
    problems += [f"{key} = {query[key][:20]}" for key, (low, high) in places.items()
                 if key in query and not low <= left_at(key, low - 1) <= high]
    repeated = [key for key in query if len(query.get_all(key)) > 1]
    problems += [f"{key} stands there {len(query.get_all(key))} times" for key in repeated]
    if not problems:
        return None
    return f"Part of this link cannot be shown, so defaults stand in for it: {'; '.join(problems[:3])}."


def _parameter_problems(role: str, family: Family) -> list[str]:
    """Which parameters of the link its family cannot take; unknown names are left alone."""
    found = []
    by_name = {one.name: one for one in family.parameters}
    for key, raw in st.query_params.items():
        parameter = by_name.get(key.removeprefix(f"{role}_")) if key.startswith(f"{role}_") else None
        if parameter is None or parameter.length is not None:
            continue
        try:
            checked(family, parameter, raw)
        except ValueError as problem:
            found.append(f"{role.upper()}: {problem}".rstrip("."))
    return found
