"""The page "VAE" by AppTest: every view, the probe and β in the link, the laws on screen."""

import base64
from math import isnan, log

import numpy as np
import pytest

from pages.shared.posterior_scene import BETAS, linear_scene
from pages.shared.style import UNITS
from pages.shared.vae_scene import column, kl_by_dimension, vae_scene

from .conftest import numbers, scene, words

PAGE = "vae"
VIEWS = ("Latent space", "KL of one posterior", "Linear VAE")
NATS = UNITS["nats"]


def unpacked(text: str, kind=np.float64) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", UNITS)
def test_every_view_opens(visit, view, unit):
    at = visit(PAGE, view=view, unit=unit)
    assert "cannot be shown" not in words(at)
    assert not any(map(isnan, numbers(at).values()))


def test_the_rate_falls_as_beta_rises_and_the_distortion_pays_for_it():
    rate, distortion = column("rate"), column("distortion")
    assert bool((rate.diff() <= 1e-3).all()) and bool((distortion[1:].diff() > -0.3).all())
    assert float(rate[-1]) < 0.01 < 1 < float(rate[4])


def test_beyond_the_threshold_both_dimensions_have_collapsed():
    assert bool((kl_by_dimension()[-3:] < 0.01).all()) and bool((kl_by_dimension()[4] > 1).all())


def test_every_beta_has_its_pictures():
    told = vae_scene(NATS, 1.0, (0.0, 0.0))
    betas = len(unpacked(told["scrub"]["values"]))
    assert len(unpacked(told["images"]["grid"]["pixels"], np.uint8)) == betas * 15 * 15 * 64
    assert len(unpacked(told["images"]["samples"]["pixels"], np.uint8)) == betas * 24 * 64
    assert len(unpacked(told["latent"]["places"], np.float32)) == betas * 500 * 2


@pytest.mark.parametrize(("query", "z"), [({"z1": "1.5", "z2": "-2"}, [1.5, -2.0]), ({"z1": "99"}, [3.0, 0.5]), ({"z1": "x", "z2": "nan"}, [0.5, 0.5])], ids=str)
def test_the_probe_is_in_the_link(visit, query, z):
    assert scene(visit(PAGE, **query))["latent"]["z"] == z


def test_the_posterior_of_a_link_has_the_kl_of_the_closed_form(visit):
    at = visit(PAGE, view="KL of one posterior", q_loc="1", q_scale="0.5")
    assert numbers(at)["kl"] == pytest.approx(0.5 * (1 + 0.25 - 1) - log(0.5), rel=1e-12)
    terms = unpacked(scene(at)["charts"]["terms"]["series"][0]["y"])
    assert terms.sum() == pytest.approx(numbers(at)["kl"], rel=1e-12)


def test_the_linear_vae_has_its_golden_numbers():
    # λ = 4, σ² = 1: β = 1 gives KL 0.69315, β = 4.1 gives 0
    told, _ = linear_scene(4.0, 1.0, NATS)
    rate = unpacked(told["scrub"]["numbers"]["rate"])
    assert rate[int((BETAS - 1).abs().argmin())] == pytest.approx(0.69315, abs=5e-6)
    assert rate[int((BETAS - 4.1).abs().argmin())] == 0
    trained = unpacked(told["charts"]["rate"]["series"][1]["y"])
    assert trained[2] == pytest.approx(0.69315, abs=0.05) and abs(trained[-1]) < 0.02
