"""What is worked out once, or only where it is asked for, is what Streamlit works out by itself."""

import asyncio
import threading
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit import config
from streamlit.components.v2.bidi_component import serialization
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.NewSession_pb2 import Config, CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from pages.frame.inside_streamlit import savings

SECTIONS = ["theme", *(f"theme.{category.value}" for category in config.CustomThemeCategories)]


@pytest.mark.parametrize("section", SECTIONS)
def test_the_theme_from_memory_is_the_one_of_the_settings(monkeypatch, section):
    own = getattr(app_session._populate_theme_msg, "streamlits", app_session._populate_theme_msg)
    monkeypatch.setattr(app_session, "_populate_theme_msg", own)
    savings.say_settings_as_before()
    wanted, first, again = CustomThemeConfig(), CustomThemeConfig(), CustomThemeConfig()
    own(wanted, section)
    app_session._populate_theme_msg(first, section)
    app_session._populate_theme_msg(again, section)
    assert first == wanted and again == wanted


def test_other_settings_from_memory_are_those_that_streamlit_reads(monkeypatch):
    own = getattr(app_session._populate_config_msg, "streamlits", app_session._populate_config_msg)
    monkeypatch.setattr(app_session, "_populate_config_msg", own)
    savings.say_settings_as_before()
    wanted, first, again = Config(), Config(), Config()
    own(wanted)
    app_session._populate_config_msg(first)
    app_session._populate_config_msg(again)
    assert wanted.ByteSize() and first == wanted and again == wanted


def test_a_setting_that_changes_is_said(monkeypatch):
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    savings.say_settings_as_before()
    app_session._populate_theme_msg(CustomThemeConfig())
    monkeypatch.setattr(config, "get_options_for_section", lambda section: {"primaryColor": "#123456"})
    config._on_config_parsed.send()
    message = CustomThemeConfig()
    app_session._populate_theme_msg(message)
    assert message.primary_color == "#123456"


@pytest.mark.parametrize("data", [{"a": [1, 2], "b": {"c": None}, "d": "x", "e": 1.5, "f": True}, {"table": np.eye(2), "a": [0.5]}, {}])
def test_components_are_told_the_same(monkeypatch, data):
    own = getattr(serialization.is_dataframe_like, "streamlits", serialization.is_dataframe_like)
    monkeypatch.setattr(serialization, "is_dataframe_like", own)
    wanted, told = BidiComponent(), BidiComponent()
    serialization.serialize_mixed_data(data, wanted)
    savings.take_plain_data_for_no_table()
    serialization.serialize_mixed_data(data, told)
    assert told == wanted


@pytest.mark.parametrize("key", ["here", "absent", "$$ID-1-None", "$$STREAMLIT_INTERNAL_KEY_x", "empty"])
def test_a_single_key_is_found_as_in_the_copy_of_all(key):
    state = SessionState()
    state._new_session_state |= {"here": 1, "empty": None, "$$STREAMLIT_INTERNAL_KEY_x": 2}
    whole = SafeSessionState(state, lambda: None)
    shown = savings._Shown(whole).filtered_state
    copied = whole.filtered_state
    assert (key in shown) == (key in copied)
    assert shown.get(key, "nothing") == copied.get(key, "nothing")
    assert dict(shown) == copied


class Session:
    """A session that remembers what it was told."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._event_loop, self.heard, self.calls = loop, [], 0

    def _call_soon_on_event_loop(self, callback) -> None:
        self.calls += 1
        self._event_loop.call_soon_threadsafe(callback)

    def _handle_scriptrunner_event_on_event_loop(self, sender, event, forward_msg=None) -> None:
        self.heard.append((sender, event))
        if forward_msg == "fails":
            raise ValueError


async def heard_of(count: int, tellers: int, fails: bool = False) -> Session:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    session = Session(loop)

    def tell(name: int) -> None:
        for n in range(count):
            savings._on_event(session, name, event=n, forward_msg="fails" if fails and n == 0 else None)

    threads = [threading.Thread(target=tell, args=(name,)) for name in range(tellers)]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
    for _ in range(3 + 2 * tellers):  # what was called before stands before
        await asyncio.sleep(0)
    return session


@pytest.mark.parametrize("fails", [False, True])
def test_all_that_runs_tell_is_heard_once_and_in_order(fails):
    session = asyncio.run(heard_of(2000, 4, fails))
    for name in range(4):
        assert [event for sender, event in session.heard if sender == name] == list(range(2000))


@pytest.mark.parametrize("ends, heard_at_once", [(True, 22), (False, 0)])
def test_what_a_run_says_is_heard_in_order_when_it_ends_and_else_a_moment_later(ends, heard_at_once):
    async def told() -> int:
        session = Session(asyncio.get_running_loop())
        run = [ScriptRunnerEvent.SCRIPT_STARTED, *[ScriptRunnerEvent.ENQUEUE_FORWARD_MSG] * 20]
        run += [ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS] * ends
        for event in run:
            savings._on_event(session, 0, event=event)
        await asyncio.sleep(0)
        at_once = len(session.heard)
        while len(session.heard) < len(run):
            await asyncio.sleep(0.001)
        assert [event for _, event in session.heard] == run and session.calls == 1 + ends
        return at_once

    assert asyncio.run(told()) == heard_at_once


def test_the_loop_is_not_called_for_each_message():
    async def told_at_once() -> Session:
        session = Session(asyncio.get_running_loop())
        for n in range(20):
            savings._on_event(session, 0, event=n)
        await asyncio.sleep(0)
        return session

    session = asyncio.run(told_at_once())
    assert session.calls == 1 and len(session.heard) == 20


def test_a_message_wakes_the_sender_from_any_thread():
    async def woken(tell) -> bool:
        objects = SimpleNamespace(eventloop=asyncio.get_running_loop(), need_send_data=asyncio.Event())
        await tell(partial(savings._enqueued, SimpleNamespace(_get_async_objs=lambda: objects)))
        await asyncio.wait_for(objects.need_send_data.wait(), 30)
        return True

    async def here(tell) -> None:
        tell()

    assert asyncio.run(woken(here)) and asyncio.run(woken(asyncio.to_thread))


def test_streamlit_still_has_what_is_replaced():
    assert callable(Runtime._enqueued_some_message) and callable(app_session.AppSession._on_scriptrunner_event)
    for module in (savings.number_input, savings.selectbox, savings.text_widgets):
        assert callable(module.get_session_state)
