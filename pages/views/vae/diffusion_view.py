"""The view "Diffusion": data that turns into noise, the KL of every step as a bar, and a schedule to drag."""

import streamlit as st
import torch
from torch import Tensor

from kl_core.vaes.diffusion import DiffusionElbo, denoised, diffusion_elbo
from kl_core.vaes.diffusion_paths import PathSteps, forward_path, generated, steps_along, true_step_density

from ...shared.downloads import downloads
from ...shared.hands import answered, take_message
from ...shared.live.tables import packed
from ...shared.scripts import Script
from ...shared.style import Unit
from .diffusion_export import diffusion_code, diffusion_csv
from .diffusion_state import DATA, FEWEST, MOST, SHAPES, VARIANCES, DiffusionState, diffusion_state, leave_diffusion, moved
from .diffusion_words import where_spent

_KEY = "diffusion"
SPAN = 3.0
"""x is shown from −SPAN to SPAN."""
PLACES = torch.linspace(-SPAN, SPAN, 121, dtype=torch.float64)
BELL = torch.linspace(-4, 4, 65, dtype=torch.float64)
SAMPLES = 240
FINE = 8
"""Columns of the picture for each step."""
_FORMULA = (
    r"$-\mathrm{ELBO}=\mathrm{KL}(q(x_T|x_0)\,\|\,p(x_T))+\sum_{t=2}^{T}\mathrm{KL}(q(x_{t-1}|x_t,x_0)\,\|\,p(x_{t-1}|x_t))"
    r"-\log p(x_0|x_1)$, averaged over $q$"
)
_MORE = r"""
**Forward.** $q(x_t|x_0)=\mathcal N(\sqrt{\bar\alpha_t}\,x_0,\,1-\bar\alpha_t)$ shrinks the data and adds noise. $\bar\alpha_t$
is the signal’s share of the variance: the curve that you drag.

**Back.** The model knows $x_t$ only. Its step $p(x_{t-1}|x_t)$ is one Gaussian about the best guess $\mathrm E[x_0|x_t]$, here exact: no
network is trained. The true step $q(x_{t-1}|x_t)$ may have two hills. What the Gaussian misses is hatched.

**The sum.** The solid parts add up to the entropy of the data, whatever the schedule. The hatched parts add up to
$-\mathrm{ELBO}-h(x_0)=\mathrm{KL}(q(x_0,\dots,x_T)\,\|\,p(x_0,\dots,x_T))$. With more steps it tends to 0. The first bar is
$-\log$ of a density, so it may be negative.

**Variance of a step.** Ho et al. take $\beta_t$ or $\tilde\beta_t$; “best” is the constant of least KL for each step (Bao et al. 2022).

All numbers are integrals over one dimension, by the trapezoid rule; halving its nodes changes them by less than 1e-12 nats.

Sources: Sohl-Dickstein et al. 2015, [arXiv 1503.03585](https://arxiv.org/abs/1503.03585); Ho et al. 2020,
[2006.11239](https://arxiv.org/abs/2006.11239); Kingma et al. 2021, [2107.00630](https://arxiv.org/abs/2107.00630); Bao et al. 2022,
[2201.06503](https://arxiv.org/abs/2201.06503).
"""
_component = st.components.v2.component("kl_diffusion", js=Script("views/vae/diffusion/main.js").loader)


def diffusion_scene(shown: DiffusionState, unit: Unit, answers: int = 0) -> dict:
    """What the component is told. All numbers are exact but the walk and the generated points, which are samples."""
    alpha_bar = shown.alpha_bar()
    elbo = diffusion_elbo(shown.mixture, alpha_bar, shown.step_variance)
    signal = torch.cat([alpha_bar.new_ones(1), alpha_bar])
    return {
        "count": answers,
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "chosen": {name: getattr(shown, name) for name in ("data", "schedule", "variance", "steps", "seed", "at")},
        "choices": {"data": list(DATA), "schedule": list(SHAPES), "variance": list(VARIANCES), "steps": [FEWEST, MOST]},
        "signal": signal.tolist(),
        "levels": list(shown.shown_levels()),
        "terms": elbo.terms.tolist(),
        "information": elbo.information.tolist(),
        "left_out": elbo.left_out.tolist(),
        "total": elbo.total,
        "entropy": elbo.entropy,
        "gap": elbo.gap,
        "said": where_spent(shown, elbo, alpha_bar, unit),
        "span": SPAN,
        **_densities(shown, signal),
        "samples": packed((1000 * generated(shown.mixture, alpha_bar, shown.step_variance, SAMPLES, shown.seed)).round(), torch.int16),
        "bell": packed(torch.stack([BELL, (-0.5 * BELL**2).exp() / (2 * torch.pi) ** 0.5]), torch.float32),
        **_walk(shown, alpha_bar, elbo),
    }


def _densities(shown: DiffusionState, signal: Tensor) -> dict[str, str]:
    """q(x_t) over PLACES, FINE columns a step, and the prior N(0, 1); in 255ths of the greatest."""
    last = len(signal) - 1
    at = torch.arange(FINE * last + 1, dtype=torch.float64) / FINE
    low = at.long().clamp_max(last - 1)
    between = signal[low] + (at - low) * (signal[low + 1] - signal[low])
    table = denoised(shown.mixture, between.unsqueeze(-1), PLACES).log_density.exp()
    prior = (-0.5 * PLACES.square()).exp() / (2 * torch.pi) ** 0.5
    greatest = torch.maximum(table.max(), prior.max())
    return {name: packed((255 * rows / greatest).round(), torch.uint8) for name, rows in (("density", table), ("prior", prior))}


def _walk(shown: DiffusionState, alpha_bar: Tensor, elbo: DiffusionElbo) -> dict:
    """One walk of q, and for each term the two distributions that are compared on it, as [mean, sd]; sd 0: a point."""
    path = forward_path(shown.mixture, alpha_bar, shown.seed)
    steps = steps_along(shown.mixture, alpha_bar, path, shown.step_variance)
    first = denoised(shown.mixture, alpha_bar[0], path[1])
    told = [_point(path[0], first.mean, _spread_of_first(elbo)), *_pairs(steps), _prior(path[0], alpha_bar[-1])]
    true = true_step_density(shown.mixture, alpha_bar[:-1, None], alpha_bar[1:, None], path[2:, None], PLACES)
    return {"path": path.tolist(), "pairs": told, "true": packed(true, torch.float32)}


def _spread_of_first(elbo: DiffusionElbo) -> Tensor:
    """The standard deviation of p(x_0|x_1), whose term is ½ log(2πe·variance)."""
    return (elbo.terms[0] - 0.5).exp() / (2 * torch.pi) ** 0.5


def _point(x_0: Tensor, mean: Tensor, sd: Tensor) -> dict:
    surprise = 0.5 * ((x_0 - mean) / sd) ** 2 + sd.log() + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    return {"q": [float(x_0), 0.0], "p": [float(mean), float(sd)], "kl": float(surprise)}


def _pairs(steps: PathSteps) -> list[dict]:
    columns = (steps.mean_q, steps.sd_q, steps.mean_p, steps.sd_p, steps.kl)
    return [{"q": [a, b], "p": [c, d], "kl": kl} for a, b, c, d, kl in zip(*(column.tolist() for column in columns), strict=True)]


def _prior(x_0: Tensor, signal: Tensor) -> dict:
    mean, variance = signal.sqrt() * x_0, 1 - signal
    return {"q": [float(mean), float(variance.sqrt())], "p": [0.0, 1.0], "kl": float(0.5 * (variance + mean**2 - 1 - variance.log()))}


def _hand(trigger: str) -> None:
    if (message := take_message(_KEY, trigger)) is not None:
        leave_diffusion(moved(diffusion_state(), message), in_link=trigger == "settle")


@st.fragment  # a dragged handle reruns this alone
def diffusion_view(unit: Unit) -> None:
    """The picture with its bars, then what the sum is made of."""
    shown = diffusion_state()
    scene = diffusion_scene(shown, unit, answered(_KEY))
    _component(key=_KEY, data=scene, on_move_change=lambda: _hand("move"), on_settle_change=lambda: _hand("settle"))
    st.markdown(_FORMULA)
    with st.expander("More: what the bars are made of"):
        st.markdown(_MORE)
    downloads(lambda: diffusion_code(shown), lambda: diffusion_csv(shown), "Every term", "diffusion.csv")
