"""A small picture of each page, computed as the page's own: paths in two states, as they are and as they become when pointed at."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from kl_core import kl_from_probs
from kl_core.data.digits import load_digits
from kl_core.distilling.distillation import soften
from kl_core.distilling.teacher import load_teacher, teacher_logits
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.fitting import fit_forward, fit_reverse
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.vae_latent import encode

from ...frame.lessons import ready
from ...shared.cache import kept
from ..beta.scene import WorldSettings, frames_of
from ..distillation.questions import offered

SIZE = WIDTH, HEIGHT = 160.0, 72.0
FOOT = 68.0
_PLACES = 81


def _line(xs: Tensor, ys: Tensor, x_range: Sequence[float], y_range: Sequence[float]) -> str:
    """A path through the points, the ranges filling the picture."""
    across = (xs - x_range[0]) / (x_range[1] - x_range[0]) * WIDTH
    up = FOOT - (ys - y_range[0]) / (y_range[1] - y_range[0]) * (FOOT - 4)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across.tolist(), up.tolist(), strict=True))


def _curve(law: Distribution, top: float, reach: float = 6.0) -> str:
    xs = torch.linspace(-reach, reach, _PLACES, dtype=torch.float64)
    return _line(xs, law.log_prob(xs).exp(), (-reach, reach), (0, top))


def _filled(path: str) -> str:
    return f"{path}L{WIDTH} {FOOT}L0 {FOOT}Z"


def _bars(heights: Tensor, among: int = 1, which: int = 0) -> str:
    """A bar for each height up to 1; of `among` beside each other this is the `which`-th."""
    wide = WIDTH / len(heights) * 0.8 / among
    left = [(i + 0.1) * WIDTH / len(heights) + which * wide for i in range(len(heights))]
    tops = [FOOT - (FOOT - 4) * height for height in heights.tolist()]
    return "".join(f"M{x:.1f} {FOOT}V{top:.1f}H{x + wide:.1f}V{FOOT}Z" for x, top in zip(left, tops, strict=True))


def _dots(places: Tensor, span: float) -> str:
    """A small square at each (x, y)."""
    xs, ys = ((places[:, 0] / span + 1) * WIDTH / 2).tolist(), ((1 - places[:, 1] / span) * HEIGHT / 2).tolist()
    return "".join(f"M{x:.1f} {y:.1f}h2v2h-2Z" for x, y in zip(xs, ys, strict=True))


Path = tuple[str, str, str]
"""Its classes, its path, and what becomes of it."""


def _two_distributions() -> list[Path]:
    p, q, moved = Normal(-1.5, 1.0), Normal(1.5, 1.6), Normal(1.0, 1.6)
    states = [(_curve(p, 0.42), _curve(Normal(0.5, 1.0), 0.42)), (_curve(q, 0.42), _curve(moved, 0.42))]
    return [("p fill", *map(_filled, states[0])), ("p", *states[0]), ("q", *states[1])]


def _forward_reverse() -> list[Path]:
    paths = []
    for apart in (3.0, 1.8):
        target = gaussian_mixture(*(torch.tensor(one, dtype=torch.float64) for one in ([0.6, 0.4], [-apart, apart], [1.0, 1.0])))
        forward, reverse = fit_forward(target), fit_reverse(target)
        best = Normal(reverse[0].loc, reverse[0].scale)
        paths.append([_filled(_curve(target, 0.4)), _curve(Normal(forward.loc, forward.scale), 0.4), _curve(best, 0.4)])
    return [(style, *states) for style, states in zip(("p fill", "q", "q dotted"), zip(*paths, strict=True), strict=True)]


def _sample_estimates() -> list[Path]:
    """k1, k2 and k3 against the log-ratio, and how far a wider Q takes them."""
    ratio = torch.linspace(-2, 2, _PLACES, dtype=torch.float64)
    paths = [
        [_line(ratio, one, (-2, 2), (-2.2, 4.5)) for one in (-s * ratio, (s * ratio) ** 2 / 2, torch.expm1(s * ratio) - s * ratio)]
        for s in (1.0, 0.6)
    ]
    return [(style, *states) for style, states in zip(("p", "q", "fit"), zip(*paths, strict=True), strict=True)]


def _beta() -> list[Path]:
    """Gold and proxy reward against √KL, for two reward models."""
    paths = []
    for settings in (WorldSettings(), WorldSettings(pairs=100)):
        found = frames_of(settings).measures
        order = found.kl.argsort()
        paths.append([_line(found.kl[order].sqrt(), one[order], (0, 3.6), (-5.5, 5.5)) for one in (found.gold, found.proxy)])
    return [(style, *states) for style, states in zip(("p", "q"), zip(*paths, strict=True), strict=True)]


def _distillation() -> list[Path]:
    logits = teacher_logits(load_teacher(), load_digits()[1])[next(iter(offered().values()))]
    return [("p fill solid", *(_bars(soften(logits, T)) for T in (1.0, 5.0)))]


def _vae() -> list[Path]:
    """Where digits lie at β = 1 and at β = 4, in two of the kinds."""
    models, test = load_vaes(), load_digits()[1]
    paths = []
    for digit, style in ((0, "p fill solid"), (1, "q fill solid"), (4, "fit fill solid")):
        some = test.labels == digit
        paths.append((style, *(_dots(encode(models[beta], test).mu[some][:24], 3.0) for beta in (1.0, 4.0))))
    return paths


def _practice() -> list[Path]:
    """A guess in dashes, and then what is so."""
    guess, truth = _curve(Normal(2.0, 0.9), 0.45), _curve(Normal(-0.8, 1.4), 0.45)
    return [("p fill", _filled(truth), _filled(truth)), ("q", guess, truth)]


def _your_numbers() -> list[Path]:
    p, q = torch.tensor([0.3, 0.5, 0.2, 0.1]), torch.tensor([0.35, 0.4, 0.25, 0.3])
    return [
        ("p fill solid", _bars(p / 0.55, 2), _bars(p.flip(0) / 0.55, 2)),
        ("q fill solid", _bars(q / 0.55, 2, 1), _bars(q.flip(0) / 0.55, 2, 1)),
    ]


def _checked() -> list[Path]:
    """A KL of 5·10⁻¹⁷ and up in float32 and float64 by the sum as books print it, beside the exact: relative errors in digits."""
    shifts = torch.logspace(-7, -1, 9, dtype=torch.float64)
    q = torch.tensor([0.5, 0.5], dtype=torch.float64)
    p = torch.stack([q + torch.stack([shift, -shift]) for shift in shifts])
    exact = kl_from_probs(p, q.expand_as(p))
    digits = lambda value: (-((value - exact).abs() / exact).clamp(1e-16, 1).log10() / 16).double()
    printed = [(p.to(kind) * (p.to(kind).log() - q.to(kind).log())).sum(-1).double() for kind in (torch.float32, torch.float64)]
    return [("q fill solid", _bars(digits(printed[0])), _bars(digits(printed[1]))), ("p", f"M0 4H{WIDTH}", f"M0 4H{WIDTH}")]


def _lessons() -> list[Path]:
    """The steps of the first lesson, one after the other."""
    count = len(next(iter(ready().values())).steps)
    steps = [torch.arange(1, count + 1, dtype=torch.float64) / count, torch.ones(count, dtype=torch.float64)]
    return [("p fill solid", *map(_bars, steps))]


_DRAWN: dict[str, Callable[[], list[Path]]] = {
    one.__name__[1:]: one
    for one in (
        _two_distributions,
        _forward_reverse,
        _sample_estimates,
        _beta,
        _distillation,
        _vae,
        _practice,
        _your_numbers,
        _checked,
        _lessons,
    )
}


@kept(32)
@torch.inference_mode()
def thumbnail(page: str) -> list[Path]:
    """The page's picture; empty for a page that has none."""
    return _DRAWN[page]() if page in _DRAWN else []
