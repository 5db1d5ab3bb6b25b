"""Gradients with their noise, and the sampler that is not the trainer: the views by AppTest, their scenes against samples."""

import base64
import csv
import io
import json
from math import log

import numpy as np
import pytest
import torch

from pages.shared.style import UNITS
from pages.views.sample_estimates.mismatch_view import SIZES, Mismatch, errors_of, finding, mismatch_plane, signed_percent
from pages.views.sample_estimates.noise_export import mismatch_code, mismatch_csv, noise_code, noise_csv
from pages.views.sample_estimates.noise_frames import OUTLINE, SEQUENCE_LOSSES, SHARES, WORD_LOSSES, Samples, noise_scene
from tests.pages.conftest import elements, words

PAGE, NOISE, MISMATCH = "sample_estimates", "Gradient noise", "Sampler ≠ trainer"
NATS = UNITS["nats"]
POLICY, REFERENCE = (tuple(log(p) for p in probs) for probs in ((0.6, 0.3, 0.1), (0.3, 0.3, 0.4)))
THREE = Samples(POLICY, REFERENCE)
FOUR = Samples((-0.8, 1.4), (0.0, 0.0), 4)
APART = Mismatch(POLICY, REFERENCE, 3, 2.0, 0)


def column(text: str, dtype: str = "<f8") -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def told(at) -> list[dict]:
    return [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]


@pytest.mark.parametrize("samples, weighted", [(THREE, "weighted_k3"), (FOUR, "sequence_weighted_k3")], ids=["single words", "sequences"])
def test_weighted_k3_is_right_for_every_sampler_and_k3_for_none_but_the_policy(samples, weighted):
    plain = weighted.replace("weighted_", "")
    scene = noise_scene(samples, [weighted, plain], 64, NATS, 0.0)
    right, wrong = scene["losses"]
    assert column(right["error"]) == pytest.approx(0, abs=1e-12)
    assert column(wrong["back_error"])[0] == pytest.approx(0, abs=1e-12)
    assert (column(wrong["error"]) > 0.05).all() and (column(wrong["back_error"])[1:] > 1e-3).all()


def test_the_ellipse_holds_the_spread_of_sampled_means():
    """Means of 64 drawn gradients of k3, drawn from a μ half way: their covariance, and the share of them inside the ellipse."""
    share, draws, loss = SHARES[20], 64, "k3"
    scene = noise_scene(THREE, [loss], draws, NATS, 0.0)["losses"][0]
    policy, reference = (torch.tensor(row, dtype=torch.float64) for row in (POLICY, REFERENCE))
    sampler = ((1 - share) * policy + share * reference).softmax(-1)
    ratio = (reference - policy).exp()
    basis = torch.tensor([[1, -1, 0], [1, 1, -2]], dtype=torch.float64)
    basis = basis / basis.norm(dim=-1, keepdim=True)
    each = ((1 - ratio).unsqueeze(-1) * (torch.eye(3, dtype=torch.float64) - policy.exp())) @ basis.T
    drawn = torch.multinomial(sampler, 4000 * draws, replacement=True, generator=torch.Generator().manual_seed(3)).reshape(4000, draws)
    means = each[drawn].mean(1).numpy()
    outline = column(scene["outline"], "<f4").reshape(len(SHARES), OUTLINE, 2)[20]
    centre = column(scene["mean"]).reshape(-1, 2)[20]
    assert means.mean(0) == pytest.approx(centre, abs=5e-3)
    axes = outline - centre
    covariance = axes[:-1].T @ axes[:-1] * 2 / (OUTLINE - 1)  # of points even on an ellipse, half the squares of its half-axes
    assert np.cov(means.T) == pytest.approx(covariance, rel=0.1, abs=2e-4)


@pytest.mark.parametrize(
    "query", [{}, {"mu": "0.5", "noise_draws": "4"}, {"noise_of": "Sequences", "mu": "1", "noise_length": "8"}], ids=str
)
def test_the_view_opens_where_its_link_says(visit, query):
    at = visit(PAGE, view=NOISE, **query)
    assert not at.exception
    scene = next(scene for scene in told(at) if "losses" in scene)
    assert scene["start"] == float(query.get("mu", 0)) and len(scene["losses"]) == 3


@pytest.mark.parametrize(
    "query",
    [{"mu": "nan"}, {"mu": "7"}, {"p_probs": "1, 0, 0"}, {"p_probs": "0.5, 0.5"}, {"noise_pi_0": "2"}, {"noise_losses": "x"}],
    ids=str,
)
@pytest.mark.parametrize("view", [NOISE, MISMATCH])
def test_nonsense_in_the_link_is_no_error(visit, view, query):
    at = visit(PAGE, view=view, **query)
    assert not at.exception
    if query.get("p_probs") == "1, 0, 0":
        assert "With a probability of 0 a log-ratio is infinite" in words(at)


def test_without_weights_the_mismatch_biases_k1_and_with_whole_weights_it_does_not():
    own, _, whole, cut = mismatch_plane(errors_of(APART), "k1", "bias", 0.4).lines
    assert whole.ys == pytest.approx([0] * len(whole.ys), abs=1e-10)
    assert abs(own.ys[8]) > 0.3 and 0 < abs(cut.ys[8]) < abs(own.ys[8])
    assert own.ys[0] == pytest.approx(0, abs=1e-12) and cut.ys[0] == pytest.approx(0, abs=1e-12)


def test_the_sentence_says_the_bias_and_what_weights_cost():
    here = errors_of(APART)[SIZES.index(0.4)]
    said, weighted = finding(here, "k1", 0.4)
    assert signed_percent(float(here.errors["none"]["k1"].bias) / here.kl) in said and "change the bias to 0 and" in weighted
    assert "unbiased" not in finding(errors_of(APART)[0], "k2", 0.0)[0]


def test_policies_that_agree_leave_nothing_to_estimate(visit):
    at = visit(PAGE, view=MISMATCH, p_probs="0.3, 0.3, 0.4", q_probs="0.3, 0.3, 0.4")
    assert not at.exception and "there is no KL to estimate" in at.subheader[0].value


@pytest.mark.parametrize("samples", [THREE, FOUR], ids=["single words", "sequences"])
def test_the_code_shown_prints_the_numbers_on_screen(printed, samples):
    out = printed(noise_code(samples, 0.5, 64))
    names = SEQUENCE_LOSSES if samples.sequences else WORD_LOSSES
    assert all(f"\n{name} " in out for name in names)
    rows = list(csv.DictReader(io.StringIO(noise_csv(samples, 64))))
    assert len(rows) == len(SHARES) * len(names)


def test_the_code_of_the_mismatch_prints_the_numbers_on_screen(printed):
    here = errors_of(APART)[SIZES.index(0.4)]
    out = printed(mismatch_code(POLICY, REFERENCE, 0.4, 3, 2.0, 0))
    assert f"none k1: bias {float(here.errors['none']['k1'].bias):.6g}" in out
    assert len(mismatch_csv(SIZES, errors_of(APART)).splitlines()) == 1 + len(SIZES) * 12
