"""The view "Sampler ≠ trainer": what a KL estimate is worth when the tokens come from a sampler that is not quite the policy."""

from dataclasses import dataclass
from itertools import takewhile

import streamlit as st
import torch

from kl_core.estimates.estimators import ESTIMATORS, EstimateError
from kl_core.estimates.mismatch import MismatchErrors, mismatch_curve, mismatch_errors, rounded_sampler

from ...shared.cache import shared_cache
from ...shared.downloads import downloads
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from .noise_export import mismatch_code, mismatch_csv
from .three_words import three_word_policies, without_zeros

SIZES = tuple(round(0.05 * i, 2) for i in range(25))
LENGTHS = (1, 2, 4, 6, 8)
CAPS = (1.2, 1.5, 2.0, 3.0, 5.0)
WEIGHTS = {
    "none": "no weights",
    "token": "π/μ per token",
    "sequence": "π/μ of the sequence",
    "truncated": "the same, cut off",
}
COLOURS = {"none": 2, "token": 3, "sequence": 1, "truncated": 4}
QUANTITIES = {"bias": "Bias ÷ true KL", "sd": "Standard deviation ÷ true KL"}
FARTHEST = 5.0
"""The picture shows errors up to so many times the true KL."""


@dataclass(frozen=True)
class Mismatch:
    """log π, log π_ref of a word; words in a sequence; the cap of a weight; the seed of the sampler's errors."""

    policy: tuple[float, ...]
    reference: tuple[float, ...]
    length: int
    cap: float
    seed: int


@shared_cache(32)
def errors_of(chosen: Mismatch) -> list[MismatchErrors]:
    """At each of SIZES, exact."""
    policy, reference = (torch.tensor(row, dtype=torch.float64) for row in (chosen.policy, chosen.reference))
    return mismatch_curve(policy, reference, SIZES, length=chosen.length, cap=chosen.cap, seed=chosen.seed)


@shared_cache(32)
def rounded(chosen: Mismatch) -> MismatchErrors:
    """The same for a sampler whose logits are rounded to bfloat16 and nothing else."""
    policy, reference = (torch.tensor(row, dtype=torch.float64) for row in (chosen.policy, chosen.reference))
    return mismatch_errors(policy, reference, rounded_sampler(policy), length=chosen.length, cap=chosen.cap)


def mismatch_view(unit: Unit) -> None:
    """The finding, bias and spread against the mismatch, and all estimators at the chosen one."""
    head = st.container(key="mismatch_finding")
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        chosen = _chosen()
    with picture:
        with st.container(horizontal=True, gap="large"):
            estimator = st.segmented_control(
                "Estimator", list(ESTIMATORS), default="k1", required=True, key="mismatch_estimator", bind="query-params"
            )
            size = st.select_slider(
                "Error of the sampler’s logits",
                SIZES,
                0.4,
                key="mismatch_size",
                bind="query-params",
                format_func=lambda value: f"{value:g}",
            )
        curve = errors_of(chosen)
        for column, quantity in zip(st.columns(2, gap="medium"), QUANTITIES, strict=True):
            with column:
                plane(f"mismatch_{quantity}", mismatch_plane(curve, estimator or "k1", quantity, float(size)))
        st.markdown(_key(chosen.cap))
    here = curve[SIZES.index(size)]
    with head:
        said, weighted = finding(here, estimator or "k1", float(size))
        st.subheader(said, anchor=False)
        if weighted:
            st.markdown(weighted)
    st.markdown(_table(here, unit))
    _about(here, rounded(chosen), unit)
    logs = (chosen.policy, chosen.reference)
    downloads(
        lambda: mismatch_code(*logs, float(size), chosen.length, chosen.cap, chosen.seed),
        lambda: mismatch_csv(SIZES, curve),
        "Bias and sd at every error",
        "mismatch.csv",
    )


def _chosen() -> Mismatch:
    length = st.select_slider("Tokens in a sequence", LENGTHS, 4, key="mismatch_length", bind="query-params")
    cap = st.select_slider("Weights cut at", CAPS, 2.0, key="mismatch_cap", bind="query-params", format_func=lambda value: f"{value:g}")
    seed = st.number_input("Seed of the sampler’s errors", 0, 9999, 0, key="mismatch_seed", bind="query-params")
    policy, reference = without_zeros(three_word_policies())
    return Mismatch(tuple(policy.tolist()), tuple(reference.tolist()), int(length), float(cap), int(seed))


def _relative(errors: MismatchErrors, weighting: str, estimator: str, quantity: str) -> float:
    """Bias or standard deviation over the true KL; NaN where π is π_ref."""
    value = float(getattr(errors.errors[weighting][estimator], quantity))
    return value / errors.kl if errors.kl > 1e-12 else float("nan")


def mismatch_plane(curve: list[MismatchErrors], estimator: str, quantity: str, size: float) -> Plane:
    """One estimator under every weighting, against the size of the error of the sampler's logits."""
    lines = []
    for weighting, name in WEIGHTS.items():
        ys = [_relative(errors, weighting, estimator, quantity) for errors in curve]
        shown = list(takewhile(lambda y: abs(y) <= FARTHEST, ys))  # beyond, or NaN: off the picture
        lines.append(Line(name, SIZES[: len(shown)], shown, "bound" if weighting == "truncated" else "exact", COLOURS[weighting]))
    heights = [y for line in lines for y in line.ys] or [0.0, 1.0]
    low, high = min(0.0, *heights), max(0.0, *heights)
    margin = 0.08 * ((high - low) or 1.0)
    return Plane(
        f"{QUANTITIES[quantity]}: {estimator}",
        ("error of the sampler’s logits", 0.0, SIZES[-1]),
        (QUANTITIES[quantity], low - (margin if low < 0 else 0.0), high + margin),
        lines,
        rule=(size, f"{size:g}"),
        percent=True,
        small=True,
    )


def _key(cap: float) -> str:
    colours = {"none": "orange", "token": "green", "sequence": "blue", "truncated": "violet"}
    names = WEIGHTS | {"truncated": f"π/μ of the sequence, cut at {cap:g} (dashed)"}
    return " · ".join(f":{colours[weighting]}[**{name}**]" for weighting, name in names.items())


def finding(here: MismatchErrors, estimator: str, size: float) -> tuple[str, str]:
    """What the mismatch does to the estimator without weights; and what weights make of it, if there is anything to say."""
    if here.kl <= 1e-12:
        return "π equals the reference: there is no KL to estimate.", ""
    bias = lambda weighting: signed_percent(_relative(here, weighting, estimator, "bias"))
    if size == 0:
        return f"Sampler and trainer agree: the bias of {estimator} is {bias('none')}.", ""
    own = _relative(here, "none", estimator, "sd")
    growth = _relative(here, "sequence", estimator, "sd") / own if own > 0 else 1.0
    return (
        f"With logits off by {size:g}, the bias of {estimator} is {bias('none')} of the KL.",
        f"Weights π/μ change the bias to {bias('sequence')} and multiply the standard deviation by {growth:.2g}. "
        f"Weights that are cut off leave a bias of {bias('truncated')}.",
    )


def signed_percent(share: float) -> str:
    """Two significant digits: "+81 %", "−0.45 %"; "0" for what is 0 up to rounding."""
    return "0" if abs(share) < 1e-9 else f"{100 * share:+.2g} %".replace("-", "−")


def _table(here: MismatchErrors, unit: Unit) -> str:
    """Bias ± standard deviation of every estimator under every weighting."""
    rows = [f"| {unit.name} per sequence: bias ± sd | {' | '.join(ESTIMATORS)} |", "|---|---|---|---|"]
    for weighting, name in WEIGHTS.items():
        rows.append(f"| {name} | {' | '.join(_cell(here.errors[weighting][estimator], unit) for estimator in ESTIMATORS)} |")
    return "\n".join(rows)


def _cell(error: EstimateError, unit: Unit) -> str:
    bias, sd = (float(value) * unit.per_nat for value in (error.bias, error.sd))
    return f"{'0' if abs(bias) < 1e-9 else f'{bias:+.3f}'} ± {sd:.3f}".replace("-", "−")


def _about(here: MismatchErrors, bf16: MismatchErrors, unit: Unit) -> None:
    true = (here.kl if here.kl > 1e-12 else 0.0) * unit.per_nat  # less is rounding
    st.markdown(
        rf"True $\mathrm{{KL}}(\pi\|\pi_\text{{ref}})$: **{true:.3g} {unit.name}** per sequence. The sampler’s own "
        rf"distance, $\mathrm{{KL}}(\mu\|\pi)$: {here.mismatch * unit.per_nat:.3g} {unit.name}."
    )
    st.caption(
        r"The sampler μ draws the tokens; the trainer computes $\log\pi$ and $\log\pi_\text{ref}$ at them. Each logit of the sampler has a "
        "normal error of the chosen standard deviation. With the weights w only a share E[w]²/E[w²] of the samples counts: "
        f"{here.effective['sequence']:.0%}, with w cut off {here.effective['truncated']:.0%}. Rounding these logits to bfloat16 alone "
        f"gives k1 a bias of {signed_percent(_relative(bf16, 'none', 'k1', 'bias'))}. "
        + "[Checked: weighted estimates](./checked?find=mismatch_weighted)"
    )
