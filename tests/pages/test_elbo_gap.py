"""The view "What the ELBO leaves out" by AppTest: what the picture is told, what a hand may do to it, bad links, the program."""

import base64
import csv
import io
import json
import math
import re

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from kl_core.data.digits import load_digits
from kl_core.vaes.elbo_gap import DiagonalGaussian
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.vae_latent import encode
from pages.shared.style import UNITS
from pages.views.vae.elbo_export import elbo_code, elbo_csv
from pages.views.vae.elbo_scene import answered, elbo_scene
from pages.views.vae.elbo_state import BETAS, FIRST, IMAGES, LINEAR, ElboState, moved
from tests.pages.conftest import elements, words

PAGE, VIEW = "vae", "What the ELBO leaves out"
NATS = UNITS["nats"]
WIDE = DiagonalGaussian((0.3, -0.2), (0.6, 0.5))


def told(at: AppTest) -> dict:
    scenes = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return next(scene for scene in scenes if "evidence" in scene)


def test_the_untouched_view_shows_an_image_with_both_gaps(visit):
    scene = told(visit(PAGE, view=VIEW))
    assert scene["q"]["encoder"] and scene["q"]["elbo"] == scene["encoder"]["elbo"]
    assert scene["best"] - scene["q"]["elbo"] > 1 and scene["evidence"] - scene["best"] > 0.3
    assert len(scene["modes"]) > 1 and scene["error"] <= 1e-6
    encoded = encode(load_vaes()[1.0], load_digits()[1])
    assert scene["q"]["at"] == pytest.approx([*encoded.mu[120].tolist(), *encoded.sd[120].tolist()], rel=1e-5)


@pytest.mark.parametrize("image", IMAGES)
def test_log_p_is_above_the_best_gaussian_and_that_above_the_encoders_q(image):
    scene = elbo_scene(ElboState(image, "1"), NATS)
    assert scene["evidence"] >= scene["best"] - 1e-6 >= scene["encoder"]["elbo"] - 2e-6
    assert scene["error"] <= 1e-6
    assert scene["best"] == pytest.approx(max(optimum["elbo"] for optimum in scene["optima"]), abs=1e-6)
    assert len(json.dumps(scene, allow_nan=False)) < 100_000


@pytest.mark.parametrize("beta", BETAS)
def test_every_beta_has_its_bounds_to_the_stated_error(beta):
    scene = elbo_scene(ElboState(FIRST.image, beta), NATS)
    assert scene["evidence"] >= scene["best"] - 1e-6 and scene["error"] <= 1e-6


def test_where_the_vae_has_collapsed_nothing_is_left_out():
    scene = elbo_scene(ElboState(FIRST.image, "4"), NATS)
    assert scene["evidence"] - scene["q"]["elbo"] < 0.01


def test_the_linear_vae_is_exact_and_its_best_gaussian_is_the_posterior():
    for beta in BETAS:
        scene = elbo_scene(ElboState(LINEAR, beta), NATS)
        assert scene["exact"] and scene["error"] == 0 and scene["evidence"] - scene["best"] < 1e-8
        assert (scene["best"] - scene["encoder"]["elbo"] < 1e-8) == (beta == "1")


def test_the_table_for_the_hand_holds_log_p_of_x_given_z_and_its_nodes_are_a_normal_distributions():
    scene = elbo_scene(FIRST, NATS)
    table = scene["table"]
    columns, rows = table["size"]
    values = np.frombuffer(base64.b64decode(table["values"]), np.float32).reshape(columns, rows)
    z = torch.tensor([table["low"], table["high"]], dtype=torch.float64)
    exact = answered(FIRST.image, FIRST.beta).observation.log_likelihood(z)
    assert [values[0, 0], values[-1, -1]] == pytest.approx(exact.tolist(), rel=1e-6)
    u, weight = (np.frombuffer(base64.b64decode(scene["nodes"][name])) for name in ("u", "weight"))
    assert [weight.sum(), (weight * u**2).sum(), (weight * u**4).sum()] == pytest.approx([1, 1, 3], abs=1e-5)


def test_the_contours_hold_the_shares_of_the_posterior_that_the_key_says():
    known = answered(FIRST.image, FIRST.beta)
    levels = elbo_scene(FIRST, NATS)["levels"]
    mass = known.posterior.log_density.flatten().softmax(0)
    held = [float(mass[known.posterior.log_joint.flatten() >= level].sum()) for level in levels]
    assert held == pytest.approx([0.99, 0.95, 0.8, 0.5], abs=0.01)


def test_the_bound_of_one_sample_is_the_elbo_and_more_samples_miss_less():
    scene = elbo_scene(ElboState(q=WIDE), NATS)
    bounds = scene["iwae"]
    assert bounds["mean"][0] == scene["q"]["elbo"] and bounds["error"][0] == 0
    assert bounds["mean"] == sorted(bounds["mean"]) and bounds["mean"][-1] < scene["evidence"] + 4 * bounds["error"][-1]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"image": "9999"},
        {"beta": 3},
        {"q": [1, 2, 3]},
        {"q": [0, 0, math.nan, 1]},
        {"q": "0011"},
        {"q": [True, 0, 1, 1]},
        {"image": [], "q": None},
    ],
    ids=str,
)
def test_nonsense_from_the_browser_changes_nothing(message):
    before = ElboState(q=WIDE)
    assert moved(before, message) == before


def test_q_is_cut_to_its_ranges_and_another_image_begins_with_its_encoders_q():
    far = moved(FIRST, {"q": [99, -99, 0, 50]})
    assert far.q == DiagonalGaussian((6.0, -6.0), (0.02, 1.6))
    assert math.isfinite(elbo_scene(far, NATS)["q"]["elbo"])
    assert moved(far, {"image": "35"}) == ElboState("35") and moved(far, {"q": None}) == FIRST
    assert moved(far, {"image": "35", "beta": "2", "q": [0, 0, 1, 1]}) == ElboState("35", "2", DiagonalGaussian((0, 0), (1, 1)))


def test_a_link_opens_its_image_and_its_q(visit):
    scene = told(visit(PAGE, view=VIEW, elbo_image="35", elbo_beta="2", elbo_m1="-1", elbo_m2="-1.2", elbo_s1="0.3", elbo_s2="0.4"))
    assert (scene["image"], scene["beta"], scene["q"]["at"], scene["q"]["encoder"]) == ("35", "2", [-1.0, -1.2, 0.3, 0.4], False)


@pytest.mark.parametrize(
    "query",
    [{"elbo_image": "3"}, {"elbo_beta": "1.0"}, {"elbo_m1": "nan"}, {"elbo_s1": "-1"}, {"elbo_s2": "1e9"}, {"elbo_m2": "x"}],
    ids=str,
)
def test_a_bad_link_shows_the_encoders_q_and_says_so(visit, query):
    at = visit(PAGE, view=VIEW, **query)
    scene = told(at)
    assert (scene["image"], scene["beta"], scene["q"]["encoder"]) == (FIRST.image, FIRST.beta, True)
    assert words(at).count("Part of this link cannot be shown") == 1


def test_the_programs_print_the_numbers_on_screen(printed):
    for shown in (ElboState(q=WIDE), ElboState(LINEAR, "2")):
        scene = elbo_scene(shown, NATS)
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", printed(elbo_code(shown)).splitlines()[0])]
        assert numbers == pytest.approx([scene["evidence"], scene["q"]["elbo"], scene["evidence"] - scene["q"]["elbo"]], abs=2e-6)


def test_the_table_has_log_p_every_optimum_and_every_count():
    rows = {row["what"]: row for row in csv.DictReader(io.StringIO(elbo_csv(FIRST)))}
    assert float(rows["log p(x)"]["bound"]) == elbo_scene(FIRST, NATS)["evidence"]
    assert float(rows["optimum 1"]["bound"]) > float(rows["encoder"]["bound"]) == float(rows["q"]["bound"])
    assert float(rows["q"]["bound"]) == pytest.approx(-float(rows["q"]["distortion"]) - float(rows["q"]["rate"]))
    assert "IWAE k = 64" in rows
