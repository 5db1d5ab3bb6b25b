"""Streamlit still does what the app's patch prevents, and the patch still prevents it."""

import pytest
from streamlit import net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

from pages.frame.streamlit_patches import ask_no_other_host

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
    assert asked, "Streamlit no longer asks: pages/frame/streamlit_patches.py can go"


def test_the_patch_keeps_streamlit_from_asking_and_the_other_site_out(asked):
    ask_no_other_host()
    assert not is_url_from_allowed_origins(ELSEWHERE)
    assert is_url_from_allowed_origins("http://localhost:8501")
    assert not asked
