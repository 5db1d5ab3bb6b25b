"""The code and the table that Two distributions gives away: they say the numbers on screen."""

import csv
import io

import pytest

from kl_core.families import FAMILIES
from pages.frame.presets.states import PAIRS as PRESETS
from pages.shared.pair.scene import pair_scene, pair_view
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution
from pages.views.two_distributions.export import pair_code, pair_csv
from tests.pages.pairs import PAIRS, defaults, numbers_of, pair_of


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: unit.name)
@pytest.mark.parametrize("name", PRESETS)
def test_the_code_shown_prints_the_number_on_screen(name, unit, printed):
    preset = PRESETS[name]
    output = printed(pair_code(*pair_of(preset), unit))
    for direction, key in (("KL(P‖Q)", "kl_pq"), ("KL(Q‖P)", "kl_qp")):
        line = next(one for one in output.splitlines() if one.startswith(direction))
        value, said = line.split("=")[1].split()[:2]
        assert float(value) == pytest.approx(numbers_of(preset)[key] * unit.per_nat, rel=1e-5)
        assert said == unit.name


@pytest.mark.parametrize(("p", "q"), PAIRS, ids=lambda family: family.name)
def test_the_code_shown_runs_for_every_pair_of_families(p, q, printed):
    pair = ChosenDistribution(p, defaults(p)), ChosenDistribution(q, defaults(q))
    told = pair_scene(*pair, UNITS["nats"])["numbers"]
    found = printed(pair_code(*pair, UNITS["nats"]))
    values = [float(line.split("=")[1].split()[0]) for line in found.splitlines()]
    assert values == pytest.approx([float(told[key]["value"]) for key in ("kl_pq", "kl_qp")], rel=1e-5, abs=1e-12)


def test_the_code_is_plain_torch_where_torch_is_right_and_says_why_where_it_is_not():
    normal, cauchy = FAMILIES["normal"], FAMILIES["cauchy"]
    near = ChosenDistribution(normal, {"loc": 0.0, "scale": 1.0}), ChosenDistribution(normal, {"loc": 1e-8, "scale": 1.0})
    assert "kl_core" not in pair_code(
        ChosenDistribution(normal, {"loc": 0.0, "scale": 1.0}), ChosenDistribution(normal, {"loc": 1.0, "scale": 2.0}), UNITS["nats"]
    )
    assert "torch's own kl_divergence gives 0 nats" in pair_code(*near, UNITS["nats"])
    assert "torch has no KL for this pair" in pair_code(ChosenDistribution(cauchy, defaults(cauchy)), near[0], UNITS["nats"])


@pytest.mark.parametrize("name", ["Worked example", "Narrow in wide"])
def test_the_contributions_in_the_csv_sum_to_the_divergence(name):
    preset = PRESETS[name]
    p, q = pair_of(preset)
    rows = list(csv.DictReader(io.StringIO(pair_csv(p.distribution, q.distribution, pair_view(p, q), preset.kind))))
    step = float(rows[1]["x"]) - float(rows[0]["x"])
    for key in ("kl_pq", "kl_qp"):
        total = sum(float(row[f"contribution_to_{key}"]) for row in rows) * step
        # A continuous table ends with the view, where a little is left in the tails.
        assert total == pytest.approx(numbers_of(preset)[key], rel=0.03 if preset.kind == "continuous" else 1e-9)
