"""Script runs take turns, and a slow one holds nobody up for long."""

import threading

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from pages.frame.inside_streamlit.patches import take_turns
from pages.shared import cache
from pages.shared.gate import Gate
from tests.pages.conftest import until

FOR_EVER = 1e6


class Runner(threading.Thread):
    """A run that ends when it is told to. began: it has its turn."""

    def __init__(self, gate: Gate, log: list[str], name: str, within=lambda: None, answers: bool = True) -> None:
        super().__init__(daemon=True)
        self.gate, self.log, self.named, self.within, self.answers = gate, log, name, within, answers
        self.began, self.may_end = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.gate.turn(self.answers):
            self.log.append(self.named)
            self.began.set()
            self.within()
            self.may_end.wait(60)

    def end(self) -> None:
        self.may_end.set()
        self.join(60)


def waiting(gate: Gate) -> int:
    return len(gate._answers) + len(gate._others)


def in_line(gate: Gate, log: list[str], names: str) -> list[Runner]:
    """Runs that have come one after the other, the first of them running."""
    runs = []
    for n, name in enumerate(names):
        runs.append(Runner(gate, log, name))
        until(lambda: len(log) == 1 and waiting(gate) == n)
    return runs


def test_one_goes_at_a_time_first_come_first_served():
    gate, log = Gate(1, patience=FOR_EVER), []
    runs = in_line(gate, log, "abcd")
    for n, run in enumerate(runs):
        assert run.began.wait(60) and log == list("abcd"[: n + 1])
        run.end()


def test_who_moves_a_handle_waits_for_one_opened_page_and_not_for_all():
    gate, log = Gate(1, patience=FOR_EVER), []
    runs = [Runner(gate, log, "first")]
    until(lambda: log == ["first"])
    for n, (name, answers) in enumerate((("open 1", False), ("open 2", False), ("open 3", False), ("move 1", True), ("move 2", True)), 1):
        runs.append(Runner(gate, log, name, answers=answers))
        until(lambda: waiting(gate) == n)
    for run in runs:
        run.may_end.set()
    until(lambda: len(log) == 6)
    assert log == ["first", "open 1", "move 1", "open 2", "move 2", "open 3"]


def test_two_may_go_at_a_time_where_asked():
    gate, log = Gate(2, patience=FOR_EVER), []
    runs = [Runner(gate, log, name) for name in "abc"]
    until(lambda: len(log) == 2 and waiting(gate) == 1)
    for run in runs:
        run.may_end.set()
    until(lambda: sorted(log) == list("abc"))


def test_nobody_waits_long_for_a_slow_run():
    gate, log = Gate(1, patience=0.01), []
    slow, quick = Runner(gate, log, "slow"), Runner(gate, log, "quick")
    assert quick.began.wait(60) and slow.is_alive()
    quick.end()
    slow.end()


def test_no_more_slow_runs_than_agreed_go_beside_each_other():
    gate, log = Gate(1, patience=0.001, most_aside=2), []
    runs = [Runner(gate, log, name) for name in "abcde"]
    until(lambda: len(log) == 3 and waiting(gate) == 2)
    threading.Event().wait(0.05)
    assert len(log) == 3, "two aside, and the third has its turn"
    for run in runs:
        run.may_end.set()
    until(lambda: len(log) == 5 and waiting(gate) == 0 and not gate._running and not gate._aside)


def test_who_steps_aside_lets_the_next_one_in_at_once():
    gate, log = Gate(1, patience=FOR_EVER), []
    slow = Runner(gate, log, "slow", within=gate.step_aside)
    quick = Runner(gate, log, "quick")
    assert quick.began.wait(60)
    quick.end()
    slow.end()
    gate.step_aside()  # outside of a run it does nothing
    assert not gate._running and not gate._aside


def test_a_run_that_fails_gives_its_turn_back():
    gate = Gate(1, patience=FOR_EVER)
    with pytest.raises(ZeroDivisionError), gate.turn():
        raise ZeroDivisionError
    with gate.turn():
        pass


def test_who_waits_for_what_another_makes_holds_nobody_up(monkeypatch):
    gate, log, making, made = Gate(1, patience=FOR_EVER), [], threading.Event(), threading.Event()
    monkeypatch.setattr(cache, "GATE", gate)

    @cache.shared_cache(1)
    def answer() -> int:
        making.set()
        made.wait(60)
        return 42

    maker = threading.Thread(target=answer, daemon=True)
    maker.start()
    assert making.wait(60)
    waits = Runner(gate, log, "waits", within=answer)
    quick = Runner(gate, log, "quick")
    assert quick.began.wait(60), "it need not wait for the answer that it does not ask for"
    quick.end()
    made.set()
    waits.end()


def shows_who_is_at_work() -> None:
    import streamlit as st

    from tests.pages.test_gate import at_work

    def pressed() -> None:
        st.session_state["in_callback"] = at_work()

    st.button("Press", on_click=pressed)
    st.text(f"{st.session_state.get('in_callback')}, {at_work()}")


GATES: list[Gate] = []


def at_work() -> int:
    """How many runs have their turn."""
    return sum(len(gate._running) for gate in GATES)


@pytest.fixture
def gate(monkeypatch) -> Gate:
    monkeypatch.setattr(ScriptRunner, "_run_script", ScriptRunner._run_script)  # put back after the test
    GATES[:] = [Gate(1, patience=FOR_EVER)]
    return GATES[0]


def test_streamlit_by_itself_asks_for_no_turn(gate):
    at = AppTest.from_function(shows_who_is_at_work, default_timeout=60).run()
    assert at.text[0].value == "None, 0"


def test_with_the_patch_a_run_of_streamlit_and_its_callbacks_have_a_turn(gate):
    take_turns(gate)
    take_turns(gate)  # twice is once
    at = AppTest.from_function(shows_who_is_at_work, default_timeout=60).run()
    at.button[0].click().run()
    assert at.text[0].value == "1, 1" and at_work() == 0


def test_with_the_patch_a_run_of_streamlit_waits_for_its_turn(gate):
    take_turns(gate)
    log: list[str] = []
    other = Runner(gate, log, "other")
    assert other.began.wait(60)
    run = threading.Thread(target=AppTest.from_function(shows_who_is_at_work, default_timeout=60).run, daemon=True)
    run.start()
    until(lambda: waiting(gate) == 1)
    other.end()
    run.join(60)
    assert not run.is_alive() and at_work() == 0
