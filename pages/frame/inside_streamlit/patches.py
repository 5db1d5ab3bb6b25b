"""What the app changes in Streamlit itself, each change with the reason why no setting does it."""

from math import isfinite

from streamlit import net_util
from streamlit.elements.widgets.number_input import NumberInputSerde
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state.query_params import QueryParams

from ...shared.gate import GATE, Gate


def ask_no_other_host() -> None:
    """Streamlit no longer asks a host elsewhere for this machine's address.

    It does so for each connection from another site (`server_util.is_url_from_allowed_origins`), to compare the address with that
    site's; meanwhile everyone waits, up to 2 seconds. `server.corsAllowedOrigins` only adds sites to the comparison, and
    `server.enableCORS = false` would let every site in. Whoever serves at such an address names it in `browser.serverAddress`.
    """
    net_util.get_external_ip = _no_address


def clear_own_session_only() -> None:
    """A visitor's message to clear the cache clears what this visitor's session holds; Streamlit clears everybody's cache."""
    AppSession._handle_clear_cache_request = lambda session: session._session_state.clear()  # type: ignore[method-assign,assignment]


def take_no_infinite_number() -> None:
    """A number input takes its default where a link or a message has an infinite number; Streamlit fails to make it whole."""
    take = NumberInputSerde.deserialize
    if take.__name__ != "take_finite":

        def take_finite(serde: NumberInputSerde, value: float | None) -> float | None:
            return take(serde, value if value is None or isfinite(value) else None)

        take_finite.streamlits = take  # type: ignore[attr-defined]
        NumberInputSerde.deserialize = take_finite  # type: ignore[method-assign,assignment]


def take_turns(gate: Gate = GATE) -> None:
    """Script runs pass a gate; Streamlit lets all of them run at once, each in a thread of its own.

    No setting and no hook stands around a run with its callbacks. What arrives while a run waits is taken up as while it runs:
    at its first output it begins anew with what was asked last.
    """
    run = ScriptRunner._run_script
    run = getattr(run, "streamlits", run)

    def run_in_turn(runner: ScriptRunner, rerun_data: RerunData) -> None:
        with gate.turn(answers=bool(rerun_data.widget_states and rerun_data.widget_states.widgets) and not rerun_data.is_auto_rerun):
            run(runner, rerun_data)

    run_in_turn.streamlits = run  # type: ignore[attr-defined]
    ScriptRunner._run_script = run_in_turn  # type: ignore[method-assign,assignment]


def unbind_widgets(link: QueryParams) -> None:
    """Ends the ties between the link and the widgets of the page that was left.

    Streamlit ends only some of them by now, and refuses to have a parameter written by a page without that widget as long as its
    tie is there. It ends a tie whose widget one can name, and has no public list of these.
    """
    for widget in list(link._bindings_by_widget):
        link.unbind_widget(widget)


def _no_address() -> None:
    """This machine's address outside its network: not known."""
