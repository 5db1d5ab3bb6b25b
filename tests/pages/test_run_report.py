"""The view "Your run": the three sample runs, the report and its page, against pandas and against the trainer's own numbers."""

import io
import re

import numpy as np
import pandas
import pytest
import torch

from kl_core.estimates.estimators import ESTIMATORS
from pages.shared.style import UNITS
from pages.views.sample_estimates.export import tokens_csv
from pages.views.sample_estimates.run_page import report_code, report_html, shaded
from pages.views.sample_estimates.run_report import decision, report_of, why_believe
from pages.views.sample_estimates.run_samples import BETAS, RUNS, logged, sample_run
from pages.views.sample_estimates.run_scene import run_scene
from pages.views.sample_estimates.token_file import Tokens, read_tokens
from tests.pages.conftest import words

PAGE = "sample_estimates"


@pytest.fixture(scope="module", params=RUNS)
def run(request) -> tuple[str, Tokens]:
    return request.param, read_tokens(sample_run(request.param))


def test_the_first_group_of_a_run_is_what_training_logs_now():
    name = next(iter(RUNS))
    assert sample_run(name).splitlines()[: RUNS[name]["group"]] == next(logged(name))


def test_a_report_agrees_with_pandas(run):
    _, tokens = run
    report = report_of(tokens)
    table = pandas.read_csv(io.StringIO(tokens_csv(tokens)), keep_default_na=False)
    for name in ESTIMATORS:
        assert report.by.per_token[name].mean == pytest.approx(table[name].mean(), rel=1e-9)
        assert report.by.per_sequence[name].mean == pytest.approx(table.groupby("sequence")[name].sum().mean(), rel=1e-9)
    by_position = table.groupby(table.groupby("sequence").cumcount())[report.best].mean()
    assert report.positions[0][0] == "1" and float(report.positions[1].mean[0]) == pytest.approx(by_position[0], rel=1e-9)
    assert int(report.positions[1].tokens.sum()) == int(report.lengths[1].tokens.sum()) == len(table)
    last = table[table["sequence"].isin((tokens.step == tokens.step.max()).nonzero().flatten().numpy())]
    assert report.now.mean == pytest.approx(last.groupby("sequence")[report.best].sum().mean(), rel=1e-9)


def test_every_sample_run_is_shown_with_its_decision(run, visit):
    name, tokens = run
    at = visit(PAGE, view="Your run")
    at.pills(key="sample_run").set_value(name).run()
    assert not at.exception and not at.error
    assert f"{len(tokens.log_p):,} tokens" in words(at) and "Believe" in words(at)
    assert f"β = {BETAS[name]:g} holds" in at.success[0].value and "extrapolated" in at.success[0].value
    assert ("Sampler against trainer" in words(at)) == ("rounds" in name)


def test_the_page_to_take_along_needs_nothing_else(run):
    name, tokens = run
    report = report_of(tokens)
    page = report_html(tokens, report, BETAS[name], UNITS["bits"], report_code())
    assert not re.search(r"<script|src=|href=", page) and "in bits" in page
    assert decision(report, BETAS[name], UNITS["bits"]).split(" (")[0] in page.replace("&#x27;", "'")
    assert page.count("<mark") >= 6


def test_the_program_prints_what_the_report_says(run, printed, tmp_path, monkeypatch):
    _, tokens = run
    (tmp_path / "run.csv").write_text(tokens_csv(tokens), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    report = report_of(tokens)
    said = printed(report_code())
    assert f"{report.by.per_token['k3'].mean:.6g}" in said and f"believe {report.best}" in said


def test_a_heavy_tail_is_said_and_its_token_is_shaded_darkest():
    rng = np.random.default_rng(0)
    lines = [f"{i // 8},w{i},{p:.4f},{p + rng.normal(0, 0.1):.4f}" for i, p in enumerate(-1 - rng.random(160))]
    lines[13] = "1,<b>odd,-14,-0.1"
    tokens = read_tokens("sequence,token,policy,reference\n" + "\n".join(lines))
    report = report_of(tokens)
    assert report.best == "k1" and "heavy tail" in why_believe(report)
    worst = shaded(tokens, report, 1)[0]
    assert "0.85)" in worst and "&lt;b&gt;odd" in worst and "<b>odd" not in worst


def test_charts_hold_only_numbers_that_can_be_drawn(run):
    told = run_scene(report_of(run[1]), UNITS["nats"])
    assert {panel["name"] for panel in told["panels"]} == {"positions", "lengths", "steps", "frontier"} == set(told["charts"])
    for chart in told["charts"].values():
        assert np.isfinite([*chart["x_range"], *chart["y_range"]]).all() and chart["y_range"][0] < chart["y_range"][1]


@pytest.mark.parametrize("text", ["-1,-1", "-1,-2\n-3,-4", "policy,reference,step\n-1,-1,0\n-1,-1,1"])
def test_the_smallest_logs_have_a_report(text, visit):
    at = visit(PAGE, view="Your run")
    at.text_area(key="tokens_text").set_value(text).run()
    assert not at.exception and not at.error and len(at.success) == 1
    assert isinstance(report_of(read_tokens(text)).value, torch.Tensor)
