"""Posterior collapse in four trainings of one network: what they share, what the default shows, the table and the program."""

import csv
import io
import re
from dataclasses import replace

import pytest
import torch

from kl_core.vaes.vae_training import VaeSettings, VaeTraining
from pages.shared.style import UNITS
from pages.views.vae.four_runs import CODE, FOUR_RUNS, NAMES, four_csv, four_scene
from pages.views.vae.runs import train
from tests.pages.conftest import numbers, scene, until, words

NATS = UNITS["nats"]
DEFAULT = VaeSettings(latent=8, beta=3.0, warm_up=20, cycles=4, free_bits=0.25, epochs=40, seed=1)
SHORT = replace(DEFAULT, latent=3, epochs=2, warm_up=1, cycles=1)


@pytest.fixture(scope="module")
def jobs():
    """The four runs that the view offers first, really trained."""
    jobs = [train(settings) for settings in FOUR_RUNS.runs(DEFAULT)]
    until(lambda: not any(job.live for job in jobs))
    return jobs


def test_the_view_offers_these_settings_and_trains_nothing_unasked(visit):
    at = visit("vae", view="Train your own", runs="Compare four")
    keys = ("latent_four", "beta_four", "warm_up_four", "cycles_four", "free_bits_four", "epochs_four", "seed_four")
    assert [at.number_input(key=key).value for key in keys] == [8, 3.0, 20, 4, 0.25, 40, 1]
    assert at.button(key="train_four").label == "Compare four"
    assert all(value != value for value in numbers(at).values()) or "last epoch" in words(at)


def test_at_first_only_the_run_without_any_help_collapses(jobs):
    told = four_scene(DEFAULT, jobs, NATS)
    active = {name: float(number["value"]) for name, number in told["numbers"].items()}
    assert active["none"] == 0 < min(active["warm_up"], active["cycles"], active["free_bits"])
    assert "Posterior collapse: β at once." in told["hints"][-1] and "does not ask for it" in told["hints"][-1]


def test_the_four_begin_from_the_same_network_and_see_the_same_images():
    firsts, seconds = zip(
        *(list(zip(range(2), VaeTraining(replace(run, beta=0.0, free_bits=0.0)), strict=False)) for run in FOUR_RUNS.runs(SHORT)),
        strict=True,
    )
    for epochs in (firsts, seconds):
        reports = [report for _, report in epochs]
        assert all(torch.equal(report.mu, reports[0].mu) for report in reports)
    assert len({VaeTraining(run).settings for run in FOUR_RUNS.runs(SHORT)}) == len(NAMES)


def test_the_table_holds_every_epoch_of_each_and_what_the_runs_report(jobs):
    rows = list(csv.DictReader(io.StringIO(four_csv([list(job.results) for job in jobs]))))
    assert len(rows) == 4 * 41 and [row["run"] for row in rows[::41]] == list(NAMES.values())
    cyclical = [float(row["beta"]) for row in rows if row["run"] == "cyclical"]
    assert cyclical[10] == cyclical[20] == 0 and cyclical[5] == cyclical[40] == 3


def test_the_program_shown_prints_the_last_epochs(printed):
    lines = printed(CODE.format(SHORT)).splitlines()
    for line, run in zip(lines, FOUR_RUNS.runs(SHORT), strict=True):
        *_, last = VaeTraining(run)
        assert [float(number) for number in re.findall(r"\d+\.\d+", line)] == pytest.approx([last.rate, -last.elbo], abs=5e-4)


def test_pressing_the_button_trains_the_four(visit):
    at = visit("vae", view="Train your own", runs="Compare four", latent_four="3", epochs_four="2", seed_four="4321")
    assert "Press Compare four" in scene(at)["hints"][0]
    at.button(key="train_four").click().run()
    settings = replace(DEFAULT, latent=3, epochs=2, seed=4321)
    jobs = [train(run) for run in FOUR_RUNS.runs(settings)]
    until(lambda: not any(job.live for job in jobs))
    at.run()
    assert "last epoch" in words(at) and all(value == value for value in numbers(at).values())


@pytest.mark.parametrize("query", [{"runs": "five"}, {"cycles_four": "0"}, {"beta_four": "nan"}], ids=str)
def test_a_link_that_asks_for_what_cannot_be_gets_one_sentence(visit, query):
    assert words(visit("vae", view="Train your own", **query)).count("Part of this link cannot be shown") == 1
