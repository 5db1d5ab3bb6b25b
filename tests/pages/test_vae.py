"""The page "VAE" by AppTest: every view, the probe and β in the link, the distributions on screen."""

import base64
import csv
import io
import re
import threading
from dataclasses import replace
from math import isnan, log

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from kl_core.data.digits import load_digits
from kl_core.families import FAMILIES
from kl_core.vaes.shipped import VAE_BETAS, load_vaes
from kl_core.vaes.vae_latent import encode
from kl_core.vaes.vae_training import VaeSettings, VaeTraining
from pages.shared.jobs import QUEUE
from pages.shared.state import LINK_IS_READ
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution
from pages.views.vae.linear import linear_csv, linear_scene, trained_on
from pages.views.vae.posterior import _view
from pages.views.vae.runs import Frame, cloud_of, collapse_in_words, csv_of, job_of, name_of, thinned, train
from pages.views.vae.scene import column, kl_by_dimension, vae_scene
from pages.views.vae.training import _by_dimension, training_scene
from tests.pages.conftest import numbers, scene, until, words

PAGE = "vae"
VIEWS = ("Latent space", "KL of one posterior", "Linear VAE", "Sum or mean", "Train your own")
NATS = UNITS["nats"]


def unpacked(text: str, kind=np.float64) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", UNITS)
def test_every_view_opens(visit, view, unit):
    at = visit(PAGE, view=view, unit=unit)
    assert "cannot be shown" not in words(at)
    if view not in ("Sum or mean", "Train your own"):  # there are none until the first epoch
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
    for name, image in told["images"].items():
        assert len(unpacked(image["pixels"], np.uint8)) == betas * image["count"] * 64, name
    places, spreads = (unpacked(told["clouds"]["latent"][name], np.int16).reshape(betas, 500, 2) for name in ("places", "spreads"))
    encoded = encode(load_vaes()[1.0], load_digits()[1])
    at = VAE_BETAS.index(1.0)
    assert np.abs(places[at] / 1000 - encoded.mu.numpy()).max() < 6e-4 and np.abs(spreads[at] / 1000 - encoded.sd.numpy()).max() < 6e-4


def test_the_digit_shown_where_the_probe_was_left_is_the_one_decoded_there():
    told = vae_scene(NATS, 1.0, (1.37, -0.4))
    found = unpacked(told["latent"]["decoded"], np.uint8).reshape(len(VAE_BETAS), 64)[VAE_BETAS.index(1.0)]
    assert np.abs(found / 255 - load_vaes()[1.0].decode(torch.tensor([1.37, -0.4])).numpy()).max() < 0.5 / 255 + 1e-6


@pytest.mark.parametrize(
    ("beta", "word"), [(0.0, "Holes"), (1.0, "information about the image"), (3.0, "z₂ has collapsed"), (4.0, "Posterior collapse")]
)
def test_what_a_beta_does_is_named_where_it_happens(beta, word):
    assert word in vae_scene(NATS, beta, (0.0, 0.0))["hints"][VAE_BETAS.index(beta)]


@pytest.mark.parametrize(
    ("query", "z"), [({"z1": "1.5", "z2": "-2"}, [1.5, -2.0]), ({"z1": "99"}, [0.5, 0.5]), ({"z1": "x", "z2": "nan"}, [0.5, 0.5])], ids=str
)
def test_the_probe_is_in_the_link(visit, query, z):
    assert scene(visit(PAGE, **query))["latent"]["z"] == z


def test_the_posterior_of_a_link_has_the_kl_of_the_closed_form(visit):
    at = visit(PAGE, view="KL of one posterior", q_loc="1", q_scale="0.5")
    assert numbers(at)["kl"] == pytest.approx(0.5 * (1 + 0.25 - 1) - log(0.5), rel=1e-12)
    terms = [one["value"] for one in scene(at)["terms"]["parts"]]
    assert terms == pytest.approx([0.5, 0.125, log(2), -0.5], rel=1e-12)


def test_the_forces_on_a_posterior_are_minus_the_gradient_of_its_kl(visit):
    forces = {one["key"]: one for one in scene(visit(PAGE, view="KL of one posterior", q_loc="1", q_scale="0.5"))["terms"]["forces"]}
    loc, logvar = torch.tensor(1.0, requires_grad=True), torch.tensor(2 * log(0.5), requires_grad=True)
    kl_divergence(Normal(loc, (0.5 * logvar).exp()), Normal(0.0, 1.0)).backward()
    assert [forces["loc"]["value"], forces["scale"]["value"]] == pytest.approx([-float(loc.grad), -float(logvar.grad)])
    # Their tables, for a hand that moves: at the places next to where it is they are next to what is settled.
    for force, now in ((forces["loc"], 1.0), (forces["scale"], 0.5)):
        at, table = unpacked(force["at"]), unpacked(force["table"])
        assert np.interp(now, at, table) == pytest.approx(force["value"], abs=1e-3)


@pytest.mark.parametrize("query", [{"q_loc": "1e99"}, {"q_scale": "-1"}, {"q_loc": "nan"}, {"q_loc": "1e6", "q_scale": "1e-6"}], ids=str)
def test_a_posterior_of_a_link_that_cannot_be_or_lies_far_off_is_answered(visit, query):
    kl = numbers(visit(PAGE, view="KL of one posterior", **query))["kl"]
    assert 0 <= kl < float("inf")


@pytest.mark.parametrize(
    ("lam", "beta", "rate", "weight"), [(4.0, 1.0, 0.6931471805599453, 3.0), (4.0, 4.1, 0.0, 0.0), (8.0, 2.0, 0.6931471805599453, 6.0)]
)
def test_the_linear_vae_has_its_golden_numbers_and_its_table_comes_to_them(lam, beta, rate, weight):
    told = linear_scene(lam, beta, NATS)
    assert [float(told["numbers"][name]["value"]) for name in ("rate", "weight")] == pytest.approx([rate, weight], abs=1e-12)
    # What the browser stretches while a hand moves: f(β/λ), and λ·g(β/λ).
    ratios, rates, weights = (unpacked(told["stretched"][name]) for name in ("ratio", "rate", "weight"))
    assert np.interp(beta / lam, ratios, rates) == pytest.approx(rate, abs=1e-3)
    assert lam * np.interp(beta / lam, ratios, weights) == pytest.approx(weight, abs=1e-2)


def test_linear_vaes_that_were_trained_lie_on_the_formula():
    job = trained_on(4.0)
    until(lambda: not job.live)
    told = linear_scene(4.0, 1.0, NATS, job.results)["stretched"]["trained"]
    at, rate, weight = (unpacked(told[name]) for name in ("at", "rate", "weight"))
    assert rate == pytest.approx(np.maximum(0.5 * np.log(4 / at), 0), abs=0.03)
    assert weight == pytest.approx(np.maximum(4 - at, 0), abs=0.1)
    assert sum(line.endswith("trained") for line in linear_csv(4.0, job.results).splitlines()) == len(at)


@pytest.mark.parametrize(
    ("query", "dials"),
    [
        ({"lam": "2.5", "beta_linear": "0"}, (2.5, 0.0)),
        ({"lam": "-3", "beta_linear": "1e99"}, (4.0, 1.0)),
        ({"lam": "nan", "beta_linear": "foo"}, (4.0, 1.0)),
    ],
    ids=str,
)
def test_the_sliders_of_the_linear_vae_are_in_the_link(visit, query, dials):
    told = scene(visit(PAGE, view="Linear VAE", **query))["dials"]
    assert (told["lam"]["value"], told["beta"]["value"]) == dials


SMALL = VaeSettings(latent=3, epochs=3, seed=7)


@pytest.fixture(scope="module")
def run():
    job = train(SMALL)
    until(lambda: not job.live)
    assert job.state == "done" and len(job.results) == SMALL.epochs + 1
    return job


def test_a_run_shows_every_epoch_and_keeps_what_the_training_reports(run):
    told = training_scene(SMALL, [run], NATS)
    assert unpacked(told["scrub"]["values"]).tolist() == [0, 1, 2, 3]
    *_, last = VaeTraining(SMALL)
    assert unpacked(told["scrub"]["numbers"]["rate"])[-1] == pytest.approx(last.rate, rel=1e-6)
    assert unpacked(told["scrub"]["numbers"]["cost"])[-1] == pytest.approx(-last.elbo, rel=1e-6)
    bars = unpacked(told["charts"]["by_dimension"]["series"][0]["y"], np.float32).reshape(4, 3)
    assert bars[-1] == pytest.approx(last.kl.numpy(), rel=1e-6)


def test_of_many_dimensions_the_two_with_the_most_kl_are_shown_and_named(run):
    *_, last = VaeTraining(SMALL)
    least = int(last.kl.argmin())
    shown = [i for i in range(3) if i != least]
    told = training_scene(SMALL, [run], NATS)
    places = unpacked(told["clouds"]["latent"]["places"], np.int16).reshape(4, 250, 2)
    assert np.abs(places[-1] / 1000 - last.mu[::2][:, shown].numpy()).max() < 3e-3  # halves of a run's numbers are kept
    assert told["hints"][-1].startswith(f"{name_of(shown[0])} →, {name_of(shown[1])} ↑: the two with the most KL, of 3")


def test_one_latent_dimension_is_a_row_for_each_digit():
    frame = Frame(0, 1.0, 0.0, 0.0, torch.zeros(1), torch.zeros(250, 1), torch.ones(250, 1), torch.zeros(20, 64), 1)
    heights = unpacked(cloud_of([frame])["places"], np.int16).reshape(250, 2)[:, 1]
    assert len(set(heights)) == 10


def test_the_link_of_a_run_begins_it_once_for_all_and_a_link_that_cannot_be_is_answered(visit):
    query = {"view": "Train your own", "latent": "3", "epochs": "3", "vae_seed": "7"}
    at, again = visit(PAGE, **query), visit(PAGE, **query)
    assert job_of(SMALL) is not None and scene(at)["panels"] == scene(again)["panels"]


@pytest.mark.parametrize(
    "query",
    [
        {"beta_vae": "nan"},
        {"z1": "1e99"},
        {"view": "foo"},
        {"lam": "-3"},
        {"latent": "0"},
        {"epochs": "x"},
        {"batch": "127"},
        {"reduction": "max"},
        {"q_scale": "-1"},
        {"unit": "bytes"},
    ],
    ids=str,
)
def test_a_link_that_asks_for_what_cannot_be_gets_one_sentence(visit, query):
    assert words(visit(PAGE, **query)).count("Part of this link cannot be shown") == 1


def test_another_setting_leaves_the_run_on_screen_until_train_is_pressed(visit):
    at = visit(PAGE, view="Train your own", latent="3", epochs="3", vae_seed="7")
    assert "Press Train" in scene(at)["hints"][0] or job_of(VaeSettings(latent=3, epochs=3, seed=7))  # nothing is trained unasked
    at.button(key="train_vae").click().run()
    at.number_input(key="vae_seed").set_value(4712).run()
    assert "The picture shows the previous run" in words(at) and job_of(VaeSettings(latent=3, epochs=3, seed=4712)) is None
    at.button(key="train_vae").click().run()
    assert "The picture shows" not in words(at) and job_of(VaeSettings(latent=3, epochs=3, seed=4712)) is not None


def test_who_comes_back_to_the_view_sees_what_its_controls_ask_for(visit):
    at = visit(PAGE, view="Train your own", latent="3", epochs="3", vae_seed="7")
    at.button(key="train_vae").click().run()
    at.number_input(key="vae_seed").set_value(4713).run()
    assert job_of(VaeSettings(latent=3, epochs=3, seed=4713)) is None
    del at.session_state[LINK_IS_READ]  # as on arrival
    at.run()
    assert "The picture shows" not in words(at) and "Press Train" in scene(at)["hints"][0]
    assert job_of(VaeSettings(latent=3, epochs=3, seed=4713)) is None


def test_a_run_that_waits_says_how_many_are_ahead_of_it(visit):
    gate = threading.Event()

    def held():
        gate.wait(20)
        yield 0

    try:
        for name in ("held", "held too"):
            QUEUE.ask(name, held, 1)
        at = visit(PAGE, view="Train your own", epochs="2", vae_seed="4711")
        at.button(key="train_vae").click().run()
        (bar,) = at.get("progress")
        assert re.fullmatch(r"waiting, [2-9] ahead", bar.proto.text)
        at.button(key="stop_vae").click().run()
        assert job_of(VaeSettings(epochs=2, seed=4711)).state == "stopped"
    finally:
        gate.set()


def test_the_table_of_two_losses_holds_every_epoch_of_both(run):
    rows = list(csv.DictReader(io.StringIO(csv_of({"mean": run.results, "sum": run.results}))))
    assert [(row["reduction"], int(row["epoch"])) for row in rows] == [(name, epoch) for name in ("mean", "sum") for epoch in range(4)]
    assert float(rows[-1]["elbo"]) == pytest.approx(-float(rows[-1]["rate"]) - float(rows[-1]["distortion"]))
    assert sum(float(rows[-1][f"kl_{i}"]) for i in (1, 2, 3)) == pytest.approx(float(rows[-1]["rate"]), rel=1e-5)


def test_long_runs_are_thinned_but_keep_their_ends():
    frames = list(range(121))
    assert len(thinned(frames)) <= 62 and thinned(frames)[0] == 0 and thinned(frames)[-1] == 120 and thinned([1, 2]) == [1, 2]


def test_collapse_is_said_of_the_dimensions_that_have(run):
    kl = torch.tensor([0.5, 0.001, 2.0])
    assert collapse_in_words(replace(run.results[-1], kl=kl)) == "Collapsed (KL below 0.01 nats): z₂."
    assert "no dimension" in collapse_in_words(replace(run.results[-1], kl=torch.zeros(3)))


def test_the_second_loss_shows_the_beta_it_really_has(visit):
    at = visit(PAGE, view="Sum or mean", batch="256")
    assert [one.value for one in at.subheader] == ["β = 1 acts as β = 256"]
    assert "**256**" in words(at) and "16384" in words(at)
    at.button(key="cure").click().run()
    assert [one.value for one in at.subheader] == ["β = 0.00390625 acts as β = 1"]


@pytest.mark.parametrize("view", VIEWS)
def test_the_program_and_the_table_of_every_view_are_what_is_on_screen(visit, printed, view):
    at = visit(PAGE, view=view, epochs="2", latent="1")
    at.session_state["code_shown"] = True
    at.run()
    assert not at.exception
    if view != "Sum or mean":  # 120 epochs
        assert printed(at.code[0].value)


@pytest.mark.parametrize("unit", UNITS)
def test_the_stacked_parts_of_the_rate_are_as_high_as_the_rate_and_that_of_beta_0_is_cut_off(unit):
    told = vae_scene(UNITS[unit], 1.0, (0.0, 0.0))
    chart = told["charts"]["rate_parts"]
    assert chart["stacked"] and unpacked(chart["series"][0]["x"]).tolist() == list(range(len(VAE_BETAS)))
    heights = sum(unpacked(series["y"]) for series in chart["series"])
    rates = column("rate").numpy() * UNITS[unit].per_nat
    assert heights[1:] == pytest.approx(rates[1:], rel=1e-4, abs=1e-6)
    assert heights[0] == pytest.approx(chart["y_range"][1]) and f"reaches {rates[0]:.1f}" in told["panels"][3]["note"]
    assert len(told["panels"][3]["series"]) == len(chart["series"])


def test_every_latent_has_a_bar_of_its_own_before_a_run_has_begun():
    settings = VaeSettings(latent=3)
    (series,) = _by_dimension([], settings, UNITS["nats"])["series"]
    assert unpacked(series["x"]).tolist() == [1, 2, 3] and len(base64.b64decode(series["y"])) == 3 * 4


@pytest.mark.parametrize(("loc", "scale"), [(0.0, 1.0), (9.0, 1.0), (-9.0, 2.0), (0.0, 8.0)])
def test_the_view_holds_two_and_a_half_standard_deviations_of_the_posterior(loc, scale):
    low, high = _view(ChosenDistribution(FAMILIES["normal"], {"loc": loc, "scale": scale}))
    assert low <= loc - 2.5 * scale and loc + 2.5 * scale <= high
