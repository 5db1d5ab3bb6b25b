"""The queue of long work."""

import threading

import pytest

from pages.shared.jobs import Queue
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


@pytest.mark.parametrize("problem", [FloatingPointError("the loss is nan"), ValueError("beta is -1")])
def test_a_job_that_fails_says_why(problem):
    def work():
        yield 1
        raise problem

    job = Queue().ask("a", work, 2)
    until(lambda: job.state == "failed")
    assert job.problem == str(problem)
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
