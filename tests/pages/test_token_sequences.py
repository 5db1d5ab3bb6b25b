"""Which tokens of a log are one answer: ids that begin again at each step, lines that are answers, steps inside one list."""

import json

import pytest
import torch

from pages.shared.style import UNITS
from pages.views.sample_estimates.run_decision import decision
from pages.views.sample_estimates.run_page import estimates_rows
from pages.views.sample_estimates.run_report import counted, report_of
from pages.views.sample_estimates.token_file import read_tokens

HEAD = "step,sample_id,token,old_log_probs,ref_log_prob,reward\n"
RESTARTING = HEAD + "".join(
    f"{step},{answer},t{i},{-1 - i / 10},{-1 - i / 10 - gap},{answer % 2}\n"
    for step, gap in ((1, 0.3), (2, 0.4), (3, 0.5))
    for answer in range(4)
    for i in range(3)
)


def test_ids_that_begin_again_at_each_step_are_other_sequences():
    tokens = read_tokens(RESTARTING)
    report = report_of(tokens)
    assert report.by.sequences == 12 and "12 sequences over 3 steps" in counted(report)
    assert tokens.step.tolist() == [1] * 4 + [2] * 4 + [3] * 4
    per_answer = torch.zeros(12, dtype=torch.float64).index_add(0, tokens.sequence, tokens.log_p - tokens.log_q)
    assert per_answer.view(3, 4).mean(-1).tolist() == pytest.approx([0.9, 1.2, 1.5])
    assert float(report.steps.kl[-1]) == pytest.approx(report.now.mean)
    assert [report.by.per_sequence["k1"].mean, report.last.per_sequence["k1"].mean] == pytest.approx([1.2, 1.5])
    assert any("a step and a name together" in note for note in tokens.notes)


def test_the_table_and_the_decision_speak_of_the_same_step():
    report = report_of(read_tokens(RESTARTING))
    rows = {row[0]: row[1:] for row in estimates_rows(report, UNITS["nats"])}
    assert list(rows) == [f"KL per {what}, {when}" for when in ("last step (3)", "all steps") for what in ("token", "answer")]
    assert rows["KL per answer, last step (3)"][0].startswith("1.5 ")
    held = rows["KL per answer, last step (3)"][int(report.best[1]) - 1].split(" ±")[0]
    assert report.best == "k1" and f"β = 0.1 holds {held}" in decision(report, 0.1, UNITS["nats"])


def test_a_line_with_a_reward_and_one_log_probability_is_an_answer():
    answers = [{"policy": -12.5, "reference": -13.0 - i, "reward": i, "step": i // 2} for i in range(4)]
    columns = "policy,reference,reward,step\n" + "".join(f"-12.5,{-13 - i},{i},{i // 2}\n" for i in range(4))
    for text in ("\n".join(map(json.dumps, answers)), columns):
        tokens = read_tokens(text)
        assert tokens.sequence.tolist() == [0, 1, 2, 3] and tokens.reward.tolist() == [0, 1, 2, 3]
        assert tokens.step.tolist() == [0, 0, 1, 1] and "one answer" in " ".join(tokens.notes)


def test_steps_that_differ_inside_one_list_part_it_and_lacking_ones_are_said():
    tokens = read_tokens('{"policy": [-1, -2, -3], "reference": [-1, -2, -3], "step": [4, 4, 5]}')
    assert tokens.sequence.tolist() == [0, 0, 1] and tokens.step.tolist() == [4, 5]
    tokens = read_tokens("sequence,policy,reference,step\na,-1,-2,1\na,-1,-2,\n")
    assert tokens.step is None and "have no step" in " ".join(tokens.notes)


def test_an_answer_without_a_reward_is_no_answer_with_reward_0():
    logs = '{"policy": [-1, -2], "reference": [-1, -2], "reward": 2}\n'
    tokens = read_tokens(logs + '{"policy": [-1, -2], "reference": [-1, -2], "reward": null}')
    assert tokens.reward is None and "1 of 2 sequences have no reward" in " ".join(tokens.notes)
    assert read_tokens(logs + logs).reward.tolist() == [2, 2]


def test_a_reward_on_the_last_token_alone_is_that_of_the_sequence_and_rewards_per_token_are_added():
    last = read_tokens("sequence,policy,reference,reward\na,-1,-2,\na,-1,-2,3\nb,-1,-2,1\nb,-1,-2,4\n")
    assert last.reward.tolist() == [3, 5]
