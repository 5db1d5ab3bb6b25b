"""The view "Your run": the three sample runs, the report and its page, against pandas and against the trainer's own numbers."""

import base64
import html
import io
import json
import math
import re

import numpy as np
import pandas
import pytest
import torch
from streamlit.delta_generator import DeltaGenerator

from kl_core.estimates.estimators import ESTIMATORS
from pages.shared.style import UNITS
from pages.shared.typeset import typeset
from pages.views.sample_estimates import run_reading
from pages.views.sample_estimates.export import tokens_csv
from pages.views.sample_estimates.run_code import report_code
from pages.views.sample_estimates.run_decision import assumption, decision
from pages.views.sample_estimates.run_page import estimates_rows, report_html, shaded
from pages.views.sample_estimates.run_report import cautions, frontier_words, report_of, why_believe
from pages.views.sample_estimates.run_samples import BETAS, FIRST_RUN, RUNS, logged, sample_run
from pages.views.sample_estimates.run_scene import run_scene
from pages.views.sample_estimates.token_file import Tokens, read_tokens
from tests.pages.conftest import scene, words

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


def decided(at) -> str:
    """The decision on screen, "" where there is none."""
    return next((one.value for one in at.markdown if one.value.startswith(("**β = ", "**The policy "))), "")


def test_every_sample_run_is_shown_with_its_decision(run, visit):
    name, tokens = run
    at = visit(PAGE, view="Your run")
    at.pills(key="sample_run").set_value(name).run()
    assert not at.exception and not at.error
    assert f"{len(tokens.log_p):,} tokens" in words(at) and "Believe" in words(at)
    assert f"β = {BETAS[name]:g} holds" in decided(at) and "Extrapolated" in decided(at)
    assert at.number_input(key="run_beta").value == BETAS[name]
    assert at.title[0].value == "How far has your run moved from its reference?"
    assert at.markdown[0].value.endswith("**Open your log, or look at one of ours.**")
    assert ("Sampler against trainer" in words(at)) == ("rounds" in name)


def test_the_page_to_take_along_needs_nothing_else(run):
    name, tokens = run
    report = report_of(tokens)
    page = report_html(tokens, report, BETAS[name], UNITS["bits"], report_code())
    assert not re.search(r"<script|src=|href=(?!.data:text/csv)", page) and "in bits" in page
    assert decision(report, BETAS[name], UNITS["bits"]).split("**")[1] in page.split("<table")[0], "the decision comes before its proof"
    table = base64.b64decode(re.search(r'href="data:text/csv;base64,([^"]+)"', page)[1]).decode()
    assert table == tokens_csv(tokens)
    assert page.count("<mark") >= 6
    assert "white-space:pre;overflow-x:auto" in page


def test_the_page_to_take_along_has_all_that_the_screen_shows(run, visit):
    name, tokens = run
    at = visit(PAGE, view="Your run")
    at.pills(key="sample_run").set_value(None).run()
    before = words(at)
    at.pills(key="sample_run").set_value(name).run()
    page = report_html(tokens, report_of(tokens), BETAS[name], UNITS["nats"], report_code(), f"{name}, ours")
    text = html.unescape(re.sub("<[^>]*>", "", page.replace("<sub>", "_")))
    told = scene(at)
    assert {"steps", "frontier"} < set(told["charts"]) and page.count("<svg") == len(told["panels"])
    for panel in told["panels"]:
        assert panel["title"] in text and panel["note"] in text
    shown = [*at.caption, *at.markdown]
    sentences = [one.value for one in shown if one.value not in before and not re.search(r"\|---|\*\*Which field", one.value)]
    assert len(sentences) > 4
    bare = lambda words: re.sub(r"[$*\\{}\s]|mathrm|text|:material/[a-z]+:|,Vert,", "", words)
    for sentence in sentences:
        assert bare(typeset(sentence)) in bare(typeset(text)), sentence


def test_the_line_beside_reward_is_the_small_kl_rule_and_ends_where_it_no_longer_holds(run):
    steps = report_of(run[1]).steps
    told = run_scene(report_of(run[1]), UNITS["nats"])["charts"]["frontier"]
    first = pandas.DataFrame([json.loads(line) for line in sample_run(run[0]).splitlines()]).query("step == 0")["reward"]
    x, y = (np.frombuffer(base64.b64decode(told["series"][3][axis])) for axis in "xy")
    assert x.max() <= 1.0
    assert y[-1] - first.mean() == pytest.approx(first.std() * 2**0.5 * x[-1], rel=1e-9)
    assert "no ceiling" in frontier_words(steps) and f"{len(first)} rewards" in frontier_words(steps)


def test_the_program_prints_what_the_report_says(run, printed, tmp_path, monkeypatch):
    _, tokens = run
    (tmp_path / "run.csv").write_text(tokens_csv(tokens), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    report = report_of(tokens)
    said = printed(report_code(0.5))
    low, high = (report.now.mean + way * 1.96 * report.now.error for way in (-1, 1))
    assert f"at beta 0.25 holds at least {low:.6g} nats" in said and f"at beta 1 holds at most {high:.6g} nats" in said
    assert ("approximation at beta 1:" in said) == (report.now.mean < 1)
    assert f"{report.by.per_token['k3'].mean:.6g}" in said and f"believe {report.best}" in said
    assert f"decision: KL per answer: {report.now.mean:.6g} ±" in said
    for step, kl, reward in zip(report.steps.step.tolist(), report.steps.kl.tolist(), report.steps.reward.tolist(), strict=True):
        assert f"step {step:g}, {report.best} per answer: {kl:.6g} " in said and f"step {step:g}, mean reward: {reward:.6g}" in said
    assert f"k2 per token, last step: {report.last.per_token['k2'].mean:.6g} " in said
    for title, (names, by) in (("position", report.positions), ("length", report.lengths)):
        for name, mean in zip(names, by.mean.tolist(), strict=True):
            assert f"{report.best} per token, {title} {name}: {mean:.6g} ±" in said
    assert ("sampler against trainer" in said) == (report.mismatch is not None)
    if report.mismatch is not None:
        assert f"k3 per token: {report.mismatch.kl['k3'].mean:.6g} " in said


def test_half_of_beta_holds_at_least_as_much_and_no_limit_is_told_that_is_none(run):
    name, tokens = run
    report = report_of(tokens)
    said = decision(report, BETAS[name], UNITS["nats"])
    kl = report.now.mean
    low, high = kl - 1.96 * report.now.error, kl + 1.96 * report.now.error
    assert f"at least {low:.3g} nats" in said and (f"at most {high:.3g} nats" in said) != report.moving
    assert ("no limit yet" in said) == report.moving and "Extrapolated" in said and len(said) < 300
    why = assumption(report, BETAS[name], UNITS["nats"])
    assert ("about" in why) == (kl < 1) and ("no upper limit" in why) == (4 * kl >= 1)
    assert "never falls as β falls" in why and f"no KL above {float(report.steps.kl.max()):.3g} nats" in why
    assert "β" in decision(report, None, UNITS["nats"]) and assumption(report, None, UNITS["nats"]) == ""


def test_a_rare_answer_of_high_reward_is_why_there_is_no_upper_limit():
    reference = torch.tensor([0.001, 0.999], dtype=torch.float64)
    reward = torch.tensor([1.0, 0.0], dtype=torch.float64)
    best = lambda beta: (reference.log() + reward / beta).log_softmax(-1)
    kl = lambda beta: float((best(beta).exp() * (best(beta) - reference.log())).sum())
    assert kl(0.2) == pytest.approx(0.509, abs=1e-3) and kl(0.1) == pytest.approx(6.43, abs=1e-2) and kl(0.1) > 4 * kl(0.2)
    p, often = best(0.2), round(1000 * float(best(0.2)[0].exp()))
    lines = [f"{i},{p[int(i >= often)]},{reference[int(i >= often)].log()}" for i in range(1000)]
    report = report_of(read_tokens("sequence,policy,reference\n" + "\n".join(lines)))
    assert "β = 0.1 would hold at least 0.4" in decision(report, 0.2, UNITS["nats"])
    assert "no upper limit for β = 0.1" in assumption(report, 0.2, UNITS["nats"])


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
    assert not at.exception and not at.error and decided(at)
    assert isinstance(report_of(read_tokens(text)).value, torch.Tensor)


def test_a_long_log_can_be_cancelled_and_read_after_all(visit, monkeypatch):
    monkeypatch.setattr(run_reading, "LONG", 10)
    told = []
    progress = DeltaGenerator.progress
    monkeypatch.setattr(DeltaGenerator, "progress", lambda self, share, text: told.append(text) or progress(self, share, text))
    at = visit(PAGE, view="Your run")
    told.clear()
    at.text_area(key="tokens_text").set_value("policy,reference\n-0.5,-0.3\n-1.2,-0.5").run()
    assert told[0] == "Reading 36 characters …" and told[-1] == "Estimating from 2 tokens …" and decided(at)
    assert not any((button.key or "").startswith("cancel_run") for button in at.button)
    at.session_state["run_cancelled"] = at.session_state["run_read"][0]
    del at.session_state["run_read"]
    at.run()
    assert not at.exception and "Cancelled." in words(at) and not decided(at)
    at.button(key="read_again").click().run()
    assert decided(at)


def test_what_was_chosen_last_is_reported_on_with_its_own_beta_and_nothing_else_looks_chosen(visit):
    at = visit(PAGE, view="Your run")
    assert f"β = {BETAS[FIRST_RUN]:g} holds" in decided(at) and f"{FIRST_RUN}, ours: **" in words(at)
    at.text_area(key="tokens_text").set_value("-1,-1\n-1,-2").run()
    assert "holds" not in decided(at) and "The pasted log: **2 tokens" in words(at)
    assert at.pills(key="sample_run").value is None and at.number_input(key="run_beta").value is None
    other = next(name for name in RUNS if name != FIRST_RUN)
    at.pills(key="sample_run").set_value(other).run()
    assert f"β = {BETAS[other]:g} holds" in decided(at) and at.text_area(key="tokens_text").value == "-1,-1\n-1,-2"
    at.button(key="report_on_text").click().run()
    assert "The pasted log" in words(at) and at.pills(key="sample_run").value is None
    first = at.get("file_uploader")[0].id
    at.get("file_uploader")[0].set_value(("log.csv", b"policy,reference\n-1,-2\n-1,-1.5\n-1,-1.2", "text/csv")).run()
    assert "log.csv: **3 tokens" in words(at) and at.get("file_uploader")[0].id == first
    at.pills(key="sample_run").set_value(other).run()
    assert f"{other}, ours" in words(at) and at.get("file_uploader")[0].id != first, "a file that is no longer shown is not there"


def test_a_field_chosen_for_one_log_is_not_chosen_for_the_next(visit):
    at = visit(PAGE, view="Your run")
    at.text_area(key="tokens_text").set_value("policy,reference,mask\n-1,-2,1\n-1,-9,0\n-1,-2,1").run()
    at.selectbox(key="field_mask").set_value("none").run()
    assert "3 tokens" in words(at)
    at.pills(key="sample_run").set_value(FIRST_RUN).run()
    at.button(key="report_on_text").click().run()
    assert "2 tokens" in words(at) and at.selectbox(key="field_mask").value == "mask"


@pytest.mark.parametrize("drawn_from, said", [("policy", False), ("uniform", True)])
def test_tokens_that_the_policy_did_not_draw_are_said(drawn_from, said):
    policy, reference = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64), torch.tensor([0.3, 0.3, 0.4], dtype=torch.float64)
    drawer = policy if drawn_from == "policy" else torch.ones(3, dtype=torch.float64)
    token = drawer.multinomial(4000, replacement=True, generator=torch.Generator().manual_seed(1))
    lines = [f"{i // 20},{float(policy[x].log())},{float(reference[x].log())}" for i, x in enumerate(token)]
    tokens = read_tokens("sequence,policy,reference\n" + "\n".join(lines))
    assert any("differ by more than chance" in one for one in cautions(report_of(tokens), tokens, UNITS["nats"])) == said


def test_an_interval_is_told_in_the_unit_of_its_mean(run):
    _, tokens = run
    report = report_of(tokens)
    nats, bits = (estimates_rows(report, UNITS[unit]) for unit in ("nats", "bits"))
    numbers = lambda cell: [float(part.replace("−", "-")) for part in cell.split(" ± ")]
    for row_in_nats, row_in_bits in zip(nats, bits, strict=True):
        for cell_in_nats, cell_in_bits in zip(row_in_nats[1:], row_in_bits[1:], strict=True):
            assert numbers(cell_in_bits) == pytest.approx([value / math.log(2) for value in numbers(cell_in_nats)], rel=0.02, abs=1e-4)
