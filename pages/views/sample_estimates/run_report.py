"""A run's report: every number from kl_core, and the sentences that say what to make of it."""

from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor

from kl_core.estimates.estimators import ESTIMATORS
from kl_core.estimates.run_report import (
    GroupedKL,
    RatioDiagnostics,
    SamplerMismatch,
    kl_by_group,
    preferred_estimator,
    ratio_diagnostics,
    sampler_mismatch,
)
from kl_core.estimates.token_kl import MeanEstimate, TokenKL, token_kl

from ...shared.style import Unit
from .run_words import brief
from .token_file import Tokens

BINS = 12
"""At most so many groups of positions or lengths."""


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

    @property
    def now(self) -> MeanEstimate:
        """KL per answer at the last step, or of the whole log where no steps are logged."""
        if self.steps is None:
            return self.by.per_sequence[self.best]
        return MeanEstimate(float(self.steps.kl[-1]), float(self.steps.error[-1]))

    @property
    def moving(self) -> bool:
        """Whether the last step's KL is above the one's before by more than two standard errors of the two together."""
        if self.steps is None:
            return False
        rise = float(self.steps.kl[-1] - self.steps.kl[-2])
        return rise > 2 * float((self.steps.error[-2:] ** 2).sum().sqrt())


@dataclass(frozen=True)
class Steps:
    """Each (steps,): the step, KL per answer in nats, its standard error, mean reward (or None), and the reward's spread at the first."""

    step: Tensor
    kl: Tensor
    error: Tensor
    reward: Tensor | None
    spread: float


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
    return Report(by, ratios, best, value, positions, lengths, _steps(tokens, value), mismatch)


def _grouped(value: Tensor, number_of: Tensor, sequence: Tensor) -> tuple[list[str], GroupedKL]:
    """By groups of about as many tokens, each a range of whole numbers."""
    distinct, count = number_of.unique(return_counts=True)
    share = (count.cumsum(0) - 1) * min(BINS, len(distinct)) // int(count.sum())
    group_of_number = share.unique(return_inverse=True)[1]
    group = group_of_number[torch.searchsorted(distinct, number_of)]
    names = []
    for i in range(int(group_of_number.max()) + 1):
        low, high = int(distinct[group_of_number == i].min()), int(distinct[group_of_number == i].max())
        names.append(str(low) if low == high else f"{low}–{high}")
    return names, kl_by_group(value, group, sequence)


def _steps(tokens: Tokens, value: Tensor) -> Steps | None:
    if tokens.step is None:
        return None
    step, at = tokens.step.unique(return_inverse=True)
    if len(step) < 2:
        return None
    sums = torch.zeros(len(tokens.step), dtype=torch.float64).index_add(0, tokens.sequence, value)
    rows = [sums[at == i] for i in range(len(step))]
    error = torch.tensor([float(row.std() / len(row) ** 0.5) if len(row) > 1 else float("nan") for row in rows])
    reward = None if tokens.reward is None else torch.stack([tokens.reward[at == i].mean() for i in range(len(step))])
    first = tokens.reward[at == 0] if tokens.reward is not None else torch.zeros(1)
    return Steps(step, torch.stack([row.mean() for row in rows]), error.double(), reward, float(first.std(correction=0)))


def why_believe(report: Report) -> str:
    """Which estimator and why, in two or three sentences."""
    ratios = report.ratios
    effective = f"the ratios π_ref/π leave {ratios.effective:.0%} of the tokens to count (effective sample size)"
    if report.best == "k3":
        return f"**Believe k3 here.** It has the smaller error, and no few tokens make it: {effective}."
    if ratios.top_share > 0.5 or ratios.effective < 0.1:
        return (
            f"**Believe k1 here.** k3 has a heavy tail: the largest hundredth of the tokens makes {ratios.top_share:.0%} of its sum, and "
            f"{effective}. Its error bar is then too small as well. k1 is unbiased and has no such tail."
        )
    return f"**Believe k1 here.** It is unbiased and has the smaller error; {effective}."


def decision(report: Report, beta: float | None, unit: Unit) -> str:
    """The one sentence that the report ends with."""
    kl = report.now
    when = "at its last step " if report.steps is not None else ""
    amount = lambda nats: f"{brief(nats * unit.per_nat)} {unit.name}"
    sure = f" ± {brief(1.96 * kl.error * unit.per_nat)}" if isfinite(kl.error) else ""
    held = f"{brief(kl.mean * unit.per_nat)}{sure} {unit.name} per answer ({when}measured by {report.best}{', 95 %' if sure else ''})"
    if not beta:
        return f"The policy is {held} away from its reference. Enter the β of the run to see what half and twice would hold."
    if kl.mean <= 0:
        return f"β = {beta:g} holds a KL that this log cannot tell from 0: {held}. More answers are needed before β is changed."
    return (
        f"β = {beta:g} holds {held}. β = {beta / 2:g} would hold about {amount(4 * kl.mean)}, and β = {2 * beta:g} about "
        f"{amount(kl.mean / 4)} (extrapolated, not measured: for a converged run with a small KL, KL ≈ Var(reward)/2β²)."
        + (" This run was still moving away at its last step." if report.moving else "")
    )


def mismatch_words(mismatch: SamplerMismatch, unit: Unit) -> str:
    """Whether what sampled is what trains."""
    kl = mismatch.kl["k3"]
    verdict = "small enough to ignore" if mismatch.effective > 0.9 else "large enough to bias every estimate above"
    return (
        f"**Sampler against trainer.** KL(μ‖π) is {brief(kl.mean * unit.per_nat)} {unit.name} per token; weights π/μ leave "
        f"{mismatch.effective:.0%} of the answers to count, and the largest gap of a token is {brief(mismatch.largest)} nats: {verdict}."
    )
