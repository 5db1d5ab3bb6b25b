"""A run's report: every number from kl_core, and the sentences that say what to make of it."""

from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor

from kl_core.estimates.estimators import ESTIMATORS
from kl_core.estimates.run_report import (
    FEW_TOKENS,
    LEAST_EFFECTIVE,
    GroupedKL,
    RatioDiagnostics,
    SamplerMismatch,
    even_groups,
    kl_by_group,
    preferred_estimator,
    ratio_diagnostics,
    sampler_mismatch,
)
from kl_core.estimates.token_kl import MeanEstimate, TokenKL, token_kl

from ...shared.style import Unit
from .run_words import brief
from .token_extremes import beyond_floats
from .token_file import Tokens

SURELY = 5.0
"""Standard errors that chance does not make."""


@dataclass(frozen=True)
class Report:
    """by: each estimator. best: the one to believe. value: its values, (tokens,). positions, lengths: KL per token by group, with the first
    and last of each group. steps: KL per answer by step of the training, its error and mean reward, or None."""

    by: TokenKL
    ratios: RatioDiagnostics
    best: str
    value: Tensor
    positions: tuple[list[str], GroupedKL]
    lengths: tuple[list[str], GroupedKL]
    steps: "Steps | None"
    mismatch: SamplerMismatch | None
    last: TokenKL | None = None
    """Of the last step alone, where steps are logged."""

    @property
    def now(self) -> MeanEstimate:
        """KL per answer at the last step, or of the whole log where no steps are logged."""
        return (self.last or self.by).per_sequence[self.best]

    @property
    def moving(self) -> bool:
        """Whether the last step's KL is above the one's before by more than two standard errors of the two together."""
        if self.steps is None:
            return False
        rise = float(self.steps.kl[-1] - self.steps.kl[-2])
        return rise > 2 * float((self.steps.error[-2:] ** 2).sum().sqrt())


@dataclass(frozen=True)
class Steps:
    """Each (steps,): the step, KL per answer in nats and its standard error, mean reward and its standard error (or None).

    spread: standard deviation of the reward over the first step's answers, of which there are first_answers.
    """

    step: Tensor
    kl: Tensor
    error: Tensor
    reward: Tensor | None
    reward_error: Tensor | None
    spread: float
    first_answers: int


def report_of(tokens: Tokens) -> Report:
    """All of it from one log; ValueError as `token_kl`."""
    by = token_kl(tokens.log_p, tokens.log_q, tokens.sequence)
    ratios = ratio_diagnostics(tokens.log_p, tokens.log_q)
    best = preferred_estimator(by, ratios)
    value = ESTIMATORS[best](tokens.log_p, tokens.log_q)
    length = torch.bincount(tokens.sequence)
    positions = _grouped(value, tokens.position + 1, tokens.sequence)
    lengths = _grouped(value, length[tokens.sequence], tokens.sequence)
    mismatch = None if tokens.sampler is None else sampler_mismatch(tokens.sampler, tokens.log_p, tokens.sequence)
    steps = _steps(tokens, value)
    return Report(by, ratios, best, value, positions, lengths, steps, mismatch, _of_last_step(tokens) if steps else None)


def _of_last_step(tokens: Tokens) -> TokenKL:
    assert tokens.step is not None  # the report has steps
    here = (tokens.step == tokens.step.max())[tokens.sequence]
    return token_kl(tokens.log_p[here], tokens.log_q[here], tokens.sequence[here])


def _grouped(value: Tensor, number: Tensor, sequence: Tensor) -> tuple[list[str], GroupedKL]:
    group, names = even_groups(number)
    return names, kl_by_group(value, group, sequence)


def _steps(tokens: Tokens, value: Tensor) -> Steps | None:
    if tokens.step is None:
        return None
    step, at = tokens.step.unique(return_inverse=True)
    if len(step) < 2:
        return None
    sums = torch.zeros(len(tokens.step), dtype=torch.float64).index_add(0, tokens.sequence, value)
    kl, error = _means([sums[at == i] for i in range(len(step))])
    if tokens.reward is None:
        return Steps(step, kl, error, None, None, 0.0, int((at == 0).sum()))
    rewards = [tokens.reward[at == i].double() for i in range(len(step))]
    spread = float(rewards[0].std()) if len(rewards[0]) > 1 else 0.0
    return Steps(step, kl, error, *_means(rewards), spread, len(rewards[0]))


def _means(rows: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean of each row, and its standard error, NaN for a row of one."""
    error = [float(row.std()) / len(row) ** 0.5 if len(row) > 1 else float("nan") for row in rows]
    return torch.stack([row.mean() for row in rows]), torch.tensor(error, dtype=torch.float64)


def counted(report: Report) -> str:
    """How much the log holds, and what its intervals are."""
    count = lambda number, what: f"{number:,} {what}{'s' if number != 1 else ''}"
    amount = f"**{count(report.by.tokens, 'token')} in {count(report.by.sequences, 'sequence')}"
    amount += f" over {len(report.steps.step)} steps**" if report.steps is not None else "**"
    return f"{amount}; ± is a 95 % interval, with whole sequences as the samples."


def why_believe(report: Report) -> str:
    """Which estimator and why, in two or three sentences."""
    ratios = report.ratios
    if report.by.tokens < FEW_TOKENS:
        return f"**Too few tokens to prefer one.** {report.by.tokens} cannot show a heavy tail. {report.best} is used below."
    effective = f"the ratios π_ref/π leave {ratios.effective:.0%} of the tokens to count (effective sample size)"
    if report.best == "k3":
        return f"**Believe k3 here.** It has the smaller error and does not rest on a few tokens: {effective}."
    if ratios.top_share > 0.5 or ratios.effective < 0.1:
        return (
            f"**Believe k1 here.** k3 has a heavy tail: the largest hundredth of the tokens makes {ratios.top_share:.0%} of its sum, and "
            f"{effective}. Its error bar is then too small as well. k1 is unbiased and has no such tail."
        )
    return f"**Believe k1 here.** It is unbiased and has the smaller error; {effective}."


def cautions(report: Report, tokens: Tokens, unit: Unit) -> list[str]:
    """What to know before the table of estimates is believed."""
    sentences = [too_large] if (too_large := beyond_floats(tokens, unit)) else []
    if report.by.sequences == 1:
        sentences.append("One sequence alone: the error per token takes its tokens as independent, and per answer there is none.")
    if report.by.per_token["k1"].mean < 0:
        sentences.append("The mean of k1 is negative: a sample of this size can do that, a KL cannot.")
    return sentences + _drawn_elsewhere(report, tokens)


def _drawn_elsewhere(report: Report, tokens: Tokens) -> list[str]:
    """k3 − k1 = r − 1, r = π_ref/π, and r averages 1 over tokens drawn from π. A mean below 1 may also be a rare r that is missing."""
    excess = kl_by_group((tokens.log_q - tokens.log_p).double().expm1(), torch.zeros_like(tokens.sequence), tokens.sequence)
    off, error = float(excess.mean[0]), float(excess.error[0])
    missing = off < 0 and report.ratios.effective < LEAST_EFFECTIVE
    if missing or not (isfinite(off) and abs(off) > SURELY * error):
        return []
    return [
        f"k1 and k3 differ by more than chance: π_ref/π averages {brief(1 + off)} here, and 1 over tokens drawn from π. Was another policy "
        "sampled, or π at another temperature or with top-p? Then neither k1 nor k3 estimates KL(π‖π_ref)."
    ]


def frontier_words(steps: Steps) -> str:
    """What the dashed line beside reward against √KL is, and is not; "" without rewards."""
    if steps.reward is None:
        return ""
    n = steps.first_answers
    sure = f" (± {0.5**0.5 / (n - 1) ** 0.5:.0%})" if n > 1 else ""
    return (
        f"The dashed line is no ceiling: it is how the best policies rise while KL is small, with the spread of the first step’s {n:,} "
        f"rewards{sure} taken for the reference’s. It ends at 1 nat. A long right tail of the reward, or chance, puts a run above it."
    )


def mismatch_words(mismatch: SamplerMismatch, unit: Unit) -> str:
    """Whether what sampled is what trains."""
    kl = mismatch.kl["k3"]
    verdict = "small enough to ignore" if mismatch.effective > 0.9 else "large enough to bias every estimate above"
    return (
        f"**Sampler against trainer.** KL(μ‖π) is {brief(kl.mean * unit.per_nat)} {unit.name} per token; weights π/μ leave "
        f"{mismatch.effective:.0%} of the answers to count, and the largest gap of a token is {brief(mismatch.largest)} nats: {verdict}."
    )
