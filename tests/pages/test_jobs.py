"""The queue of long work."""

import threading
import time
from collections.abc import Callable

import pytest

from pages.shared.jobs import GRACE, LONGEST, Job, Queue, in_process
from pages.shared.jobs import job as job_module
from tests.clock import Clock
from tests.pages.conftest import until


def gated(gate: threading.Event, steps: int = 3):
    def work():
        for step in range(steps):
            gate.wait(60)
            yield step

    return work


def test_whoever_asks_for_the_same_gets_the_same_job():
    queue = Queue()
    first = queue.ask("a", lambda: iter(range(3)), 3)
    until(lambda: first.state == "done")
    assert queue.ask("a", lambda: iter(()), 3) is first
    assert first.results == [0, 1, 2]


def test_two_run_and_the_third_waits_until_one_is_done():
    queue, gate = Queue(2), threading.Event()
    jobs = [queue.ask(name, gated(gate), 3) for name in "abc"]
    until(lambda: [job.state for job in jobs] == ["running", "running", "waiting"])
    assert queue.ahead_of(jobs[2]) == 2
    gate.set()
    until(lambda: all(job.state == "done" for job in jobs))


def test_a_stopped_job_keeps_what_it_found_and_starts_anew_when_asked_again():
    queue = Queue()

    def forever():
        while True:
            yield 1

    job = queue.ask("a", forever, 10)
    until(lambda: len(job.results) > 3)
    job.stop()
    assert job.state == "stopped" and job.results
    assert queue.ask("a", lambda: iter([7]), 1) is not job


@pytest.mark.parametrize(
    "problem, said",
    [
        (FloatingPointError("the loss is nan"), "the loss is nan"),
        (ValueError("beta is -1"), "beta is -1"),
        (RuntimeError("out of memory"), "out of memory"),
        (KeyError(), "KeyError"),
        (AssertionError(), "AssertionError"),
        (MemoryError("too large"), "too large"),
    ],
)
def test_whatever_a_job_raises_it_has_failed_and_says_why(problem, said):
    def work():
        yield 1
        raise problem

    job = Queue().ask("a", work, 2)
    until(lambda: job.state == "failed")
    assert job.problem == said
    assert job.results == [1]


def finished(queue: Queue, key: str):
    job = queue.ask(key, lambda: iter([key]), 1)
    until(lambda: job.state == "done")
    return job


def test_finished_jobs_are_remembered_the_last_48_of_them():
    queue = Queue()
    jobs = {f"{i}": finished(queue, f"{i}") for i in range(48)}
    assert all(queue.ask(key, lambda: iter(()), 1) is job for key, job in jobs.items() for _ in range(2))
    finished(queue, "one more")
    queue.ask("and another", lambda: iter(()), 1)
    assert queue.find("0") is None and queue.find("47") is jobs["47"]


@pytest.fixture
def asking(monkeypatch) -> Callable[[str], None]:
    """asking("ada"): from now on it is Ada's session that asks."""
    who = {"session": None}
    for module in (job_module, in_process):
        monkeypatch.setattr(module, "asker", lambda: who["session"])
    return lambda session: who.update(session=session)


def order_of(queue: Queue, asking, asked: list[tuple[str, str]], log: list[str]) -> None:
    """Everybody asks while one job of somebody else holds the only place; then all run."""
    gate = threading.Event()
    asking("holder")
    queue.ask("held", gated(gate, 1), 1)
    until(lambda: queue.find("held").state == "running")
    for session, name in asked:
        asking(session)
        queue.ask(name, lambda name=name: iter([log.append(name)]), 1)
    gate.set()
    until(lambda: len(log) == len(asked))


def test_whose_turn_was_longest_ago_goes_first(asking):
    log: list[str] = []
    asked = [("ada", "ada 1"), ("ada", "ada 2"), ("ada", "ada 3"), ("bob", "bob 1"), ("bob", "bob 2"), ("eve", "eve 1")]
    order_of(Queue(1), asking, asked, log)
    assert log == ["ada 1", "bob 1", "eve 1", "ada 2", "bob 2", "ada 3"]


def test_of_one_visitors_jobs_one_runs_at_a_time(asking):
    queue, gate = Queue(2), threading.Event()
    asking("ada")
    first, second = (queue.ask(name, gated(gate), 3) for name in ("ada 1", "ada 2"))
    asking("bob")
    others = queue.ask("bob 1", gated(gate), 3)
    until(lambda: first.state == others.state == "running")
    assert second.state == "waiting"
    gate.set()
    until(lambda: second.state == "done")


def test_a_job_that_nobody_looks_at_for_a_minute_ends_and_says_so():
    now, steps = Clock(), iter(range(1000))

    def work():
        for step in steps:
            now.now += 1
            yield step

    job = Job(work, 1000, now)
    job.run()
    assert job.state == "stopped" and len(job.results) == GRACE + 1 and "nobody watched" in job.because


def test_a_job_that_is_watched_ends_after_ten_minutes_and_says_so():
    now, seen = Clock(), []

    def work():
        while True:
            now.now += 1
            seen.append(job.state)
            yield 1

    job = Job(work, 10_000, now)
    job.run()
    assert job.state == "stopped" and len(job.results) == LONGEST + 1 and "ten minutes" in job.because


def test_what_the_server_makes_for_all_needs_nobody_who_looks():
    now = Clock()

    def work():
        for _ in range(200):
            now.now += 1
            yield 1

    job = Job(work, 200, now)
    job.whole_server = True
    job.run()
    assert job.state == "done"


def test_a_job_that_waits_unwatched_never_begins(asking, monkeypatch):
    queue, gate, begun = Queue(1), threading.Event(), []
    held = queue.ask("held", gated(gate, 1), 1)
    until(lambda: held.state == "running")
    asking("ada")
    job = queue.ask("left", lambda: iter([begun.append(1)]), 1)
    begun_at = time.monotonic()
    job.clock = lambda: begun_at + (GRACE + 1 if not gate.is_set() or job.waits else 0)
    gate.set()
    until(lambda: job.ended)
    assert not begun and "nobody watched" in job.because


def test_who_presses_stop_leaves_the_job_to_those_who_watch_it_and_may_come_back(asking):
    queue, gate = Queue(1), threading.Event()
    asking("ada")
    job = queue.ask("shared", gated(gate), 3)
    asking("bob")
    assert queue.find("shared").live, "Bob has only opened its link"
    asking("ada")
    job.leave()
    assert (job.state, job.live) == ("stopped", False) and "others watch it" in job.because
    asking("bob")
    assert job.live and not job.because
    asking("ada")
    assert queue.ask("shared", gated(gate), 3) is job and job.live
    gate.set()
    until(lambda: job.state == "done")


def test_a_job_ends_when_the_last_who_watches_it_presses_stop(asking):
    queue, gate = Queue(1), threading.Event()
    asking("ada")
    job = queue.ask("shared", gated(gate), 3)
    asking("bob")
    queue.ask("shared", gated(gate), 3)
    job.leave()
    asking("ada")
    job.leave()
    assert job.ended and job.state == "stopped" and not job.because
    asking("bob")
    assert job.state == "stopped" and not job.because
    gate.set()


def test_nobody_stops_what_the_server_makes_for_all(asking):
    queue, gate = Queue(1), threading.Event()
    asking(None)
    job = queue.ask("first", gated(gate), 3)
    asking("ada")
    job.leave()
    assert job.state == "stopped" and not job.ended
    gate.set()
    until(lambda: job.ended)
    assert job.state == "done"
