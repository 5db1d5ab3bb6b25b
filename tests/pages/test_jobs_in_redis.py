"""Jobs that several processes share through a really running Redis, with RQ's workers."""

import os
import signal
import subprocess
import sys
from functools import partial

import pytest
from redis import Redis

from pages.shared.jobs import in_redis
from pages.shared.jobs import job as job_module
from pages.shared.jobs.in_redis import RedisQueue, name_of, place
from tests.pages.conftest import until
from tests.server import ROOT


def counted(most: int, slow: bool = False):
    """Work of a module, which a worker can import: the numbers below `most`."""
    import time

    for number in range(most):
        if slow:
            time.sleep(0.02)
        yield number


def failing():
    yield 1
    raise OSError("the disk is full")


@pytest.fixture
def queues(redis_url):
    """Two processes' view of one Redis, emptied first."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    return RedisQueue(redis_url), RedisQueue(redis_url)


@pytest.fixture
def asking(monkeypatch):
    """asking("ada"): from now on it is Ada's session that asks."""
    who = {"session": None}
    for module in (job_module, in_redis):
        monkeypatch.setattr(module, "asker", lambda: who["session"])
    return lambda session: who.update(session=session)


@pytest.fixture
def worker(redis_url):
    process = start_worker(redis_url)
    yield process
    process.kill()
    process.wait(20)


def start_worker(url: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "pages.shared.jobs.worker"],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_job_is_run_by_a_worker_shared_by_processes_and_survives_neither_death_nor_failure_silently(queues, worker, redis_url):
    here, there = queues
    job = here.ask(("count", 5), partial(counted, 5), 5)
    same = there.find(("count", 5))
    assert same is not None and there.ask(("count", 5), partial(counted, 5), 5) is same
    until(lambda: job.state == "done" and same.state == "done")
    assert job.results == same.results == [0, 1, 2, 3, 4]
    assert there.find(("count", 6)) is None

    bad = here.ask("bad", failing, 2)
    until(lambda: bad.state == "failed")
    assert bad.problem == "the disk is full" and bad.results == [1]

    long = here.ask("long", partial(counted, 10**6, slow=True), 10**6)
    until(lambda: len(there.find("long").results) > 2 if there.find("long").live else False)
    long.stop()
    until(lambda: there.find("long").state == "stopped")

    killed = here.ask("killed", partial(counted, 10**6, slow=True), 10**6)
    until(lambda: killed.live and len(killed.results) > 2)
    os.kill(worker.pid, signal.SIGKILL)
    here.redis.delete(place(name_of("killed"), "alive"))  # which would go by itself in ten seconds
    until(lambda: killed.state == "failed")
    assert "has ended" in killed.problem

    again = start_worker(redis_url)
    try:
        job = here.ask("killed", partial(counted, 3), 3)
        until(lambda: job.state == "done")
        assert job.results == [0, 1, 2]
    finally:
        again.kill()
        again.wait(20)


def test_the_next_job_is_fairly_chosen_and_one_of_a_visitors_runs_at_a_time(queues, asking):
    from pages.shared.jobs import worker

    here, _ = queues
    for session, key in (("ada", "ada 1"), ("ada", "ada 2"), ("bob", "bob 1")):
        asking(session)
        here.ask(key, partial(counted, 1), 1)
    assert worker.next_job(here.redis) == name_of("ada 1")
    assert worker.next_job(here.redis) == name_of("bob 1")
    assert worker.next_job(here.redis) is None, "Ada's other job waits until her first has ended"
    worker.run(here.redis, name_of("ada 1"))
    assert worker.next_job(here.redis) == name_of("ada 2")


def test_a_job_that_nobody_watches_is_not_begun(queues):
    from pages.shared.jobs import worker

    here, there = queues
    here.ask("left", partial(counted, 1), 1)
    here.redis.delete(place(name_of("left"), "watchers"))  # as after a minute
    assert worker.next_job(here.redis) is None
    job = there.find("left")
    assert job.state == "stopped" and "nobody watched" in job.because


def test_who_presses_stop_leaves_the_job_to_those_who_watch_it_in_another_process(queues, asking):
    here, there = queues
    asking("ada")
    job = here.ask("shared", partial(counted, 3), 3)
    asking("bob")
    same = there.find("shared")
    assert same.live, "Bob has only opened its link"
    asking("ada")
    job.leave()
    assert job.state == "stopped" and "others watch it" in job.because
    asking("bob")
    assert same.live
    asking("ada")
    assert here.ask("shared", partial(counted, 3), 3) is job and job.live
    job.leave()
    asking("bob")
    same.leave()
    assert here.redis.hget(place(name_of("shared")), "state") == b"stopped"
    assert same.state == "stopped" and not same.because


def test_without_redis_a_job_fails_and_says_why():
    queue = RedisQueue("redis://127.0.0.1:1/0")
    job = queue.ask("a", partial(counted, 1), 1)
    assert job.state == "failed" and "cannot be reached" in job.problem and queue.find("a") is job
    assert queue.ahead_of(job) == 0
