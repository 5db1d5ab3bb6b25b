"""Streamlit still does what the app's patches prevent, and the patches still prevent it."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit import net_util
from streamlit.elements.widgets.number_input import NumberInputSerde
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.query_params import QueryParams
from streamlit.web.server.server_util import is_url_from_allowed_origins

from pages.frame.inside_streamlit.patches import ask_no_other_host, clear_own_session_only, take_no_infinite_number, unbind_widgets

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The addresses that Streamlit asks; none is asked really."""
    addresses: list[str] = []
    monkeypatch.setattr(net_util, "_external_ip", None)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, timeout: addresses.append(url))
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # put back after the test
    return addresses


def test_streamlit_by_itself_asks_a_host_elsewhere_for_each_connection_from_another_site(asked):
    assert not is_url_from_allowed_origins(ELSEWHERE)
    assert asked, "Streamlit no longer asks: pages/frame/inside_streamlit/patches.py can go"


def test_the_patch_keeps_streamlit_from_asking_and_the_other_site_out(asked):
    ask_no_other_host()
    assert not is_url_from_allowed_origins(ELSEWHERE)
    assert is_url_from_allowed_origins("http://localhost:8501")
    assert not asked


@pytest.fixture
def made(monkeypatch) -> list[int]:
    """Everything that a cache of all visitors has been asked to make."""
    calls: list[int] = []
    st.cache_data.clear()
    monkeypatch.setattr(AppSession, "_handle_clear_cache_request", AppSession._handle_clear_cache_request)  # put back after the test
    return calls


def cached_after_a_visitor_clears(calls: list[int]) -> SimpleNamespace:
    """That visitor's session; a result for all was made before, and is asked for again afterwards."""
    keep = st.cache_data(show_spinner=False)(lambda: calls.append(1))
    session = SimpleNamespace(_session_state={"own": 1})
    keep()
    AppSession._handle_clear_cache_request(session)
    keep()
    return session


def test_streamlit_by_itself_lets_a_visitor_clear_what_all_visitors_share(made):
    cached_after_a_visitor_clears(made)
    assert len(made) == 2, "Streamlit clears nothing of others any more: pages/frame/inside_streamlit/patches.py can lose this patch"


def test_with_the_patch_a_visitor_clears_only_the_own_session(made):
    clear_own_session_only()
    session = cached_after_a_visitor_clears(made)
    assert len(made) == 1 and not session._session_state


WHOLE = NumberInputSerde(value=3, data_type=NumberInput.INT, min_value=0, max_value=9)


def test_streamlit_by_itself_fails_on_an_infinite_whole_number():
    own = getattr(NumberInputSerde.deserialize, "streamlits", NumberInputSerde.deserialize)
    with pytest.raises(OverflowError):
        own(WHOLE, float("inf"))


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), None])
def test_with_the_patch_a_number_input_takes_its_default_instead(monkeypatch, value):
    monkeypatch.setattr(NumberInputSerde, "deserialize", NumberInputSerde.deserialize)  # put back after the test
    take_no_infinite_number()
    assert WHOLE.deserialize(value) == 3 and WHOLE.deserialize(7.0) == 7


def test_after_a_page_is_left_no_parameter_is_tied_to_its_widgets():
    link = QueryParams()
    for name in ("view", "beta"):
        link.bind_widget(name, f"widget of {name}", "string_value", script_hash="page")
    assert link.is_bound("view") and link.is_bound("beta")
    unbind_widgets(link)
    assert not link.is_bound("view") and not link.is_bound("beta")
