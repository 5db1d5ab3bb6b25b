"""A really started server, for tests, the bench and screenshots."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 300  # seconds; a fresh or busy machine compiles torch's Python files first


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(
    command: list[str], port: int, cwd: Path = ROOT, health: str = "/_stcore/health", **environment: str
) -> Iterator[subprocess.Popen]:
    """Runs a server until the block ends; the block begins once the server says that it is healthy."""
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment
    )
    try:
        _wait_until_healthy(process, f"http://127.0.0.1:{port}{health}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _wait_until_healthy(process: subprocess.Popen, url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended at once:\n{process.stdout.read().decode()}")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"No server at {url} after {STARTS_WITHIN} s.")


def streamlit_run(port: int, script: Path = ROOT / "app.py") -> list[str]:
    """The usual way to start the app."""
    return [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
