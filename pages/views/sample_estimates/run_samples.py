"""Three runs to try the report with, logged by our own training on the small world of answers.

The logs are kept in `runs/`, since a training takes half a minute; `python -m pages.views.sample_estimates.run_samples` makes them again.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from kl_core.rlhf.training import END, Training
from kl_core.rlhf.world import build_world

RUNS: dict[str, dict[str, Any]] = {
    "A calm run": dict(method="grpo", penalty="k3_loss", beta=0.7, group=32, steps=40, seed=1),
    "A run that left its reference": dict(method="reinforce", penalty="k1_in_reward", beta=0.02, group=32, steps=80, seed=2),
    "A sampler that rounds": dict(method="ppo", penalty="k1_in_reward", beta=0.3, group=32, steps=40, seed=3),
}
"""Settings of `kl_core.rlhf.training.Settings`; a group of answers is logged at every tenth step."""
FIRST_RUN = "A run that left its reference"
"""What the view opens with: the report shows most where something went wrong."""
LOGGED = 10
DIGITS = 6
FOLDER = Path(__file__).parent / "runs"
BETAS: dict[str, float] = {name: settings["beta"] for name, settings in RUNS.items()}


def sample_run(name: str) -> str:
    """JSON lines, an answer each: tokens, log_probs, ref_log_probs, reward, step; with rollout_log_probs where the sampler rounds."""
    return _file(name).read_text(encoding="utf-8")


def _file(name: str) -> Path:
    return FOLDER / f"{name.lower().replace(' ', '_')}.jsonl"


def logged(name: str) -> Iterator[list[str]]:
    """The lines of each logged step, by training again."""
    training = Training(build_world(), **RUNS[name])
    for report in training:
        if report.step % LOGGED == 0:
            yield _answers(training, report.step, rounds="rounds" in name)


def _answers(training: Training, step: int, rounds: bool) -> list[str]:
    """The group's answers with their log-probabilities, up to the end token."""
    group, chain = training.group, training.world.chain
    assert group is not None  # after the first step
    reference = chain.log_probs[group.states, group.slots]
    policy = reference + group.old
    lines = []
    for i, tokens in enumerate(group.sentences.tokens[0].tolist()):
        count = int(group.mask[i].sum())
        ended = tokens[:count].index(END) + 1 if END in tokens[:count] else count
        row = {"step": step, "tokens": [chain.words[token] for token in tokens[:ended]]}
        row["log_probs"], row["ref_log_probs"] = _rounded(policy[i, :ended]), _rounded(reference[i, :ended])
        if rounds:
            row["rollout_log_probs"] = _rounded(policy[i, :ended].to(torch.bfloat16).double())
        lines.append(json.dumps(row | {"reward": round(float(group.reward[i]), DIGITS)}))
    return lines


def _rounded(values: torch.Tensor) -> list[float]:
    return [round(min(value, 0.0), DIGITS) for value in values.tolist()]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for run in RUNS:
        _file(run).write_text("\n".join(line for lines in logged(run) for line in lines) + "\n", encoding="utf-8")
