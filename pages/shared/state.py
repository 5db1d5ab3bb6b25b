"""What a page remembers: its widgets and scrubbers, in the session and in the link."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import isnan
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kl_core.families import FAMILIES
from kl_core.families.family import Family, Parameter

from .values import ChosenDistribution, Value, checked, families_of, text

FRAME = "frame_"
"""What belongs to the frame and not to the page on screen begins so in the session; `frame/visits.py` leaves it alone."""
LINK_IS_READ = f"{FRAME}link_is_read"
WRITTEN = "written_into_link"
"""In the session: what the page itself has written into its link, beside what Streamlit writes for bound widgets."""


def put(role: str, family: Family, values: Mapping[str, Value]) -> None:
    """Sets a distribution's widgets, before they are drawn: from a callback."""
    put_value(role, family.name, family.label)
    put_values(role, family, values)


def put_values(role: str, family: Family, values: Mapping[str, Value]) -> None:
    """The same where the page has one family only."""
    for parameter in family.parameters:
        value = as_widget_takes(parameter, values.get(parameter.name, parameter.default))
        put_value(f"{role}_{parameter.name}", value, value)


def distribution_in_link(role: str, family: Family, values: Mapping[str, Value]) -> dict[str, str]:
    """A distribution's widgets as the link has them."""
    parameters = {one.name: as_widget_takes(one, values.get(one.name, one.default)) for one in family.parameters}
    return {role: family.label} | {f"{role}_{name}": str(value) for name, value in parameters.items()}


def put_value(key: str, value: object, in_link: object) -> None:
    """Sets one widget, and the link where Streamlit would not: for a widget that was not there in the last run."""
    st.session_state[key] = value
    with suppress(StreamlitAPIException):  # the widget is there, and Streamlit minds its place in the link
        st.query_params[key] = str(in_link)


def put_from_picture(message: Mapping, family_of: Callable[[str], Family]) -> None:
    """What a hand did on the live picture, checked like any other input; nonsense changes nothing."""
    try:
        role, family = str(message["curve"]), family_of(str(message["curve"]))
        values = dict(message["values"])
        parameters = {one.name: one for one in family.parameters}
        found = [(parameters[name], checked(family, parameters[name], raw)) for name, raw in values.items()]
    except (KeyError, TypeError, ValueError):
        return
    for parameter, value in found:
        st.session_state[f"{role}_{parameter.name}"] = as_widget_takes(parameter, value)


def as_widget_takes(parameter: Parameter, value: Any) -> str | int | float:
    """A checked value as its number box or its text box holds it."""
    if parameter.length is not None:
        return text(value)
    return int(value) if parameter.integer else float(value)


def moved_distribution(role: str, family: Family, start: Mapping[str, float]) -> ChosenDistribution:
    """A distribution that only the picture moves: as it was last moved, or as the link says, or as it starts. Scalars only."""
    values = {}
    for parameter in family.parameters:
        try:
            values[parameter.name] = checked(family, parameter, session_or_link(f"{role}_{parameter.name}"))
        except ValueError:
            values[parameter.name] = start[parameter.name]
    return ChosenDistribution(family, values)


def link_moved(roles: Iterable[str], family: Family) -> None:
    """Writes what the picture has moved into the link, as a widget's binding would."""
    keys = [f"{role}_{parameter.name}" for role in roles for parameter in family.parameters]
    write_link({key: f"{st.session_state[key]:.10g}" for key in keys if key in st.session_state})


def left_at(key: str, default: float) -> float:
    """Where a scrubber was left: its own number, β or m or a step, from the session or the link. May be infinite."""
    return _number(session_or_link(key), default)


def _number(raw: object | None, default: float) -> float:
    try:
        value = default if raw is None else float(str(raw))
    except ValueError:
        return default
    return default if isnan(value) else value


def leave_at(key: str, message: Mapping) -> bool:
    """Remembers where the live picture says that its scrubber was left; False if the message is about something else."""
    if "scrub" not in message:
        return False
    with suppress(TypeError, ValueError):
        st.session_state[key] = float(message["scrub"])
        write_link({key: f"{st.session_state[key]:.6g}"})
    return True


def write_link(texts: Mapping[str, str]) -> None:
    """Writes what no widget is bound to into the link, in one go, and remembers it for whoever returns to the page."""
    st.session_state[WRITTEN] = st.session_state.get(WRITTEN, {}) | dict(texts)
    query = st.query_params.to_dict()  # at once: Streamlit takes its time for each key
    if any(query.get(key) != text for key, text in texts.items()):
        st.query_params.update(texts)


def drop_from_link(keys: Iterable[str]) -> None:
    """Takes what `write_link` wrote out of the link and out of the session."""
    for key in keys:
        st.session_state.get(WRITTEN, {}).pop(key, None)
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def written_into_link() -> dict[str, str]:
    """What `write_link` has written on this page."""
    return dict(st.session_state.get(WRITTEN, {}))


def forget_written() -> None:
    """Back and Forward ask for what the link says: what the page has written since gives way."""
    for key in st.session_state.pop(WRITTEN, {}):
        st.session_state.pop(key, None)


def drop_former_view(*names: str) -> None:
    """Before a page's head: links of earlier versions that ask for a view by a name it no longer has get the first view."""
    if st.query_params.get("view") in names:
        del st.query_params["view"]


def session_or_link(key: str) -> object | None:
    """What `write_link` has written, or what stands in the link. The session comes first: a link that is on its way to the
    browser is not yet in the browser's next question."""
    if key in st.session_state:
        return st.session_state[key]
    if key in st.query_params:
        st.session_state[WRITTEN] = st.session_state.get(WRITTEN, {}) | {key: st.query_params[key]}
    return st.query_params.get(key)


def begin_with_link(key: str, default: str) -> None:
    """Before a widget that is too long to be bound: it begins with what the link says, and Back and Forward begin anew."""
    if key not in st.session_state or by_history():
        st.session_state[key] = st.query_params.get(key, default)


def by_history() -> bool:
    """Whether this run was asked for by Back or Forward, or by a lesson's step, which is a link opened in the same way."""
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def link_is_new() -> bool:
    """Whether what the address says has yet to be shown: when one has come to a page, and after Back, Forward or a step."""
    return LINK_IS_READ not in st.session_state or by_history()


def link_was_read() -> None:
    """From the next run on, the link is the page's own."""
    st.session_state[LINK_IS_READ] = True


def link_problem(
    choices: Mapping[str, Any] = {},
    *,
    roles: tuple[str, ...] = (),
    first: Mapping[str, str] = {"continuous": "normal"},
    distributions: Mapping[str, Family] = {},
    places: Mapping[str, tuple[float, float]] = {},
) -> str | None:
    """One quiet sentence when a link asks for what cannot be, read before the widgets drop it.

    choices: what the link's keys may be. roles: distributions whose family one chooses; first: for each kind, in order, the family
    that is shown when the link names none. distributions: roles whose family the page does not let one choose. places: scrubbers
    and the ends of their range.
    """
    query = st.query_params
    kinds = {"kind": first} if len(first) > 1 else {}
    problems = [f"{key} = {query[key][:20]}" for key, allowed in {**kinds, **choices}.items() if key in query and query[key] not in allowed]
    kind = query.get("kind", next(iter(first)))
    kind = kind if kind in first else next(iter(first))
    labels = {FAMILIES[name].label: FAMILIES[name] for name in families_of(kind)}
    for role in roles:
        label = query.get(role, FAMILIES[first[kind]].label)
        if label not in labels:
            problems.append(f"{role} = {label[:20]}")
        else:
            problems += _parameter_problems(role, labels[label])
    for role, family in distributions.items():
        problems += _parameter_problems(role, family)
    problems += [
        f"{key} = {query[key][:20]}"
        for key, (low, high) in places.items()
        if key in query and not low <= _number(query[key], low - 1) <= high
    ]
    repeated = [key for key in query if len(query.get_all(key)) > 1]
    problems += [f"{key} stands there {len(query.get_all(key))} times" for key in repeated]
    if not problems:
        return None
    return f"Part of this link cannot be shown, so defaults stand in for it: {'; '.join(problems[:3])}."


def _parameter_problems(role: str, family: Family) -> list[str]:
    """Which parameters of the link its family cannot take; unknown names are left alone."""
    problems = []
    by_name = {one.name: one for one in family.parameters}
    for key, raw in st.query_params.items():
        parameter = by_name.get(key.removeprefix(f"{role}_")) if key.startswith(f"{role}_") else None
        if parameter is None or parameter.length is not None:
            continue
        try:
            checked(family, parameter, raw)
        except ValueError as problem:
            problems.append(f"{role.upper()}: {problem}".rstrip("."))
    return problems
