"""Pages run by AppTest inside the frame, without a browser."""

import contextlib
import functools
import io
import json
import re
import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from pages.shared import live
from pages.shared.jobs import QUEUE
from pages.shared.live.checking import problems
from pages.shared.live.held import NAME
from tests.pages.redis_server import redis_url  # noqa: F401 - a fixture

PAGES = Path(__file__).parents[2] / "pages"

# Each AppTest looks through all installed packages for components, which is most of its time; none is installed during the tests.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


def elements(block) -> list:
    """Every element below a block, in order."""
    children = []
    for child in getattr(block, "children", {}).values():
        children += [child, *elements(child)]
    return children


def _text(entry: dict) -> object:
    """A long text that comes with its name is that text."""
    return entry["text"] if set(entry) == {NAME, "text"} else entry


def scene(at: AppTest) -> dict:
    """What the live picture on the page was told."""
    told = [json.loads(one.proto.json, object_hook=_text) for one in elements(at.main) if one.type == "bidi_component"]
    return next(one for one in told if "panels" in one)


def numbers(at: AppTest) -> dict[str, float]:
    """The settled numbers of the live picture, in nats."""
    return {name: float(one["value"]) for name, one in scene(at)["numbers"].items()}


def words(at: AppTest) -> str:
    """All captions and markdown of the page."""
    return " ".join(one.value for one in [*at.caption, *at.markdown])


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    """Waits for something that happens in the background."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


@pytest.fixture
def printed(tmp_path) -> Iterator[Callable[[str], str]]:
    """printed(code): what a program shown on a page prints when it is run. It needs nothing of the pages: nobody who pastes it has them."""

    def run(code: str) -> str:
        assert not re.search(r"^\s*(from|import) (pages|tests|streamlit)\b", code, re.MULTILINE)
        program = tmp_path / "shown.py"
        program.write_text(code, encoding="utf-8")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            runpy.run_path(str(program))
        return out.getvalue()

    dtype = torch.get_default_dtype()
    yield run
    torch.set_default_dtype(dtype)


@pytest.fixture(scope="module", autouse=True)
def no_training_goes_on_after_its_tests() -> Iterator[None]:
    yield
    for job in list(QUEUE._jobs.values()):
        job.stop()


@pytest.fixture(autouse=True)
def every_scene_keeps_to_the_contract(monkeypatch) -> None:
    """Whatever a page shows in a test is looked at whole, not only for what would leave a hole."""

    def check(scene: dict) -> None:
        assert not problems(scene), problems(scene)

    monkeypatch.setattr(live, "check", check)


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """visit("two_distributions", p_loc="2"): the page as a link opens it; it may not raise."""

    def opened(name: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=180)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return opened
