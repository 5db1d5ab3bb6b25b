"""One server for all processes that run the tests: to start it and to make what all visitors share takes half a minute of a processor."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.server import free_port, serving, streamlit_run

WAITS = 3600
"""Seconds for which the process that has started the server waits for the others at its end."""


@contextmanager
def one_server(folder: Path) -> Iterator[str]:
    """Its address. folder: one that the processes share. Who needs it first starts it, and ends it once nobody uses it any more."""
    users, address = folder / "users", folder / "address"
    users.mkdir(parents=True, exist_ok=True)
    me = users / str(os.getpid())
    with ExitStack() as at_the_end:
        with _alone(folder):
            if not address.exists():
                port = free_port()
                at_the_end.enter_context(serving(streamlit_run(port), port))
                at_the_end.callback(_retire, folder)
                address.write_text(f"http://localhost:{port}", encoding="utf-8")
            me.touch()
            at_the_end.callback(me.unlink)
        yield address.read_text(encoding="utf-8")


def _retire(folder: Path) -> None:
    """Waits until nobody uses the server and takes its address away: who comes later starts another."""
    end = time.monotonic() + WAITS
    while True:
        with _alone(folder):
            if time.monotonic() > end or not any(_lives(int(user.name)) for user in (folder / "users").iterdir()):
                (folder / "address").unlink()
                return
        time.sleep(0.2)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time is in here."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
