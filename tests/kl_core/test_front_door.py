"""`import kl_core` is cheap, and everything that it names can be imported from it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kl_core

FRONT = Path(kl_core.__file__)
ASKED = """
import sys, kl_core
assert set(kl_core.__all__) <= set(dir(kl_core))
print(*sorted({".".join(name.split(".")[:2]) for name in sys.modules if name.startswith("kl_core")}))
import kl_core.estimates.token_kl, kl_core.fits.landscape
from kl_core import *
print(*[name for name in kl_core.__all__ if name not in globals()])
print(*[name for name in dir(kl_core) if name in kl_core.__all__ and not callable(globals()[name])])
"""
ROOMS_OF_USES = {"data", "distilling", "estimates", "fits", "published", "rlhf", "vaes"}
IMPORTED_WHEN_ASKED_FOR = {
    "distillation_loss",
    "fit_forward",
    "fit_reverse",
    "k1",
    "k2",
    "k3",
    "landscape",
    "rlhf_loss",
    "soften",
    "token_kl",
    "vae_kl_loss",
}


@pytest.fixture(scope="module")
def answers() -> list[list[str]]:
    """What a fresh process says, by line: the modules that are there at first, the names it could not import, and those of no function."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", ASKED], cwd=FRONT.parents[1], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_importing_kl_core_and_looking_at_it_loads_no_network_no_corpus_and_no_fits(answers):
    rooms = {name.partition(".")[2] for name in answers[0]} - {""}
    every_room = {path.stem for path in FRONT.parent.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()} - {"__init__"}
    assert rooms == every_room - ROOMS_OF_USES


def test_every_name_can_be_imported_also_after_a_module_of_that_name(answers):
    assert answers[1:] == [[], ["FAMILIES"]]
    assert set(kl_core.__all__) >= IMPORTED_WHEN_ASKED_FOR


def test_a_name_that_kl_core_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'no_such_function'"):
        kl_core.no_such_function  # noqa: B018 - asking is the point


def test_type_checkers_see_every_name_that_is_imported_late():
    guards = [node for node in ast.parse(FRONT.read_text(encoding="utf-8")).body if isinstance(node, ast.If)]
    seen = {alias.name: node.module for guard in guards for node in guard.body for alias in node.names}
    assert seen == {name: module.lstrip(".") for name, module in kl_core._LAZY.items()}
