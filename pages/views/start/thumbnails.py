"""A small picture of each page for the map, computed as the page's own: paths with their classes, and a few words."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from kl_core import kl_from_probs
from kl_core.data.digits import load_digits
from kl_core.fits.fitting import fit_forward, fit_reverse
from kl_core.fits.thresholds import two_bells
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.vae_latent import encode

from ...shared.cache import shared_cache
from .hills import SEPARATION
from .uses import uses_data
from .weather import P, Q

SIZE = WIDTH, HEIGHT = 192.0, 80.0
FOOT = 76.0
_PLACES = 81

Mark = dict[str, str | float]
"""A path {"style", "d"}, or words {"style", "text", "x", "y"}."""


def _path(style: str, d: str) -> Mark:
    return {"style": style, "d": d}


def _words(style: str, text: str, x: float, y: float) -> Mark:
    return {"style": style, "text": text, "x": x, "y": y}


def _line(xs: Tensor, ys: Tensor, x_range: Sequence[float], y_range: Sequence[float], box: Sequence[float] = (0, 4, WIDTH, FOOT)) -> str:
    """A path through the points, the ranges filling the box (left, top, right, foot)."""
    left, top, right, foot = box
    across = left + (xs - x_range[0]) / (x_range[1] - x_range[0]) * (right - left)
    up = foot - (ys - y_range[0]) / (y_range[1] - y_range[0]) * (foot - top)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across.tolist(), up.tolist(), strict=True))


def _curve(density: Distribution, top: float, reach: float = 8.0, box: Sequence[float] = (0, 4, WIDTH, FOOT)) -> str:
    xs = torch.linspace(-reach, reach, _PLACES, dtype=torch.float64)
    return _line(xs, density.log_prob(xs).exp(), (-reach, reach), (0, top), box)


def _area(style: str, curve: str, box: Sequence[float] = (0, 4, WIDTH, FOOT)) -> list[Mark]:
    """A curve and the area below it."""
    return [_path(f"{style} fill", f"{curve}L{box[2]} {box[3]}L{box[0]} {box[3]}Z"), _path(style, curve)]


def _bars(heights: Tensor, left: float, right: float, wide: float = 0.7) -> str:
    """A bar for each height up to 1 between left and right."""
    slot = (right - left) / len(heights)
    starts = [left + slot * (i + (1 - wide) / 2) for i in range(len(heights))]
    tops = [FOOT - (FOOT - 6) * height for height in heights.tolist()]
    return "".join(f"M{x:.1f} {FOOT}V{top:.1f}H{x + slot * wide:.1f}V{FOOT}Z" for x, top in zip(starts, tops, strict=True))


_AXIS = _path("axis", f"M0 {FOOT}H{WIDTH}")


def _start() -> list[Mark]:
    return [_path("p outline", _bars(P / 0.62, 6, 186, 0.66)), _path("q", _bars(Q / 0.62, 6, 186, 0.82)), _AXIS]


def _two_distributions() -> list[Mark]:
    p, q = _curve(Normal(-1.5, 1.0), 0.42, 6.0), _curve(Normal(1.5, 1.6), 0.42, 6.0)
    return [*_area("p", p), *_area("q", q), _AXIS]


def _forward_reverse() -> list[Mark]:
    target = two_bells(SEPARATION)
    forward, reverse = fit_forward(target), fit_reverse(target)[0]
    fits = [Normal(forward.loc, forward.scale), Normal(reverse.loc.abs(), reverse.scale)]
    return [*_area("p", _curve(target, 0.4)), *(mark for fit in fits for mark in _area("q", _curve(fit, 0.4))), _AXIS]


def _beta() -> list[Mark]:
    """The reward model's and the true reward gained, against √KL."""
    policy = uses_data()["policy"]
    root = torch.tensor(policy["kl"], dtype=torch.float64).sqrt()
    lines = [_line(root, torch.tensor(policy[name], dtype=torch.float64), (0, 3.7), (-6.5, 5.2)) for name in ("proxy", "gold")]
    zero = FOOT - 6.5 / 11.7 * (FOOT - 4)
    return [_path("axis", f"M0 {zero:.1f}H{WIDTH}"), _path("fit dashed", lines[0]), _path("good", lines[1])]


def _distillation() -> list[Mark]:
    """A teacher's six most probable classes at T = 1 and T = 4."""
    teacher = torch.tensor(uses_data()["student"]["teacher"], dtype=torch.float64)
    order = teacher[0].argsort(descending=True)[:6]
    cold, hot = (teacher[i][order] for i in (0, 15))
    halves = [_path("p solid", _bars(cold * 0.86, 6, 88)), _path("p solid", _bars(hot * 0.86, 104, 186))]
    return [*halves, _AXIS, _words("label", "T = 1", 60, 16), _words("label", "T = 4", 150, 16)]


def _vae() -> list[Mark]:
    """Where images of four digits lie in latent space at β = 1."""
    test = load_digits()[1]
    encoded = encode(load_vaes()[1.0], test).mu
    marks = [_path("axis dotted", "M0 40H192M96 2V78")]
    for digit, style in ((0, "p"), (1, "q"), (4, "good"), (6, "fit")):
        places = encoded[test.labels == digit][:18].double() / 3.2
        xs, ys = ((places[:, 0] + 1) * WIDTH / 2).tolist(), ((1 - places[:, 1]) * HEIGHT / 2).tolist()
        dots = "".join(f"M{x - 2.2:.1f} {y:.1f}a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0 -4.4 0" for x, y in zip(xs, ys, strict=True))
        marks.append(_path(f"{style} solid", dots))
    return marks


def _lessons() -> list[Mark]:
    """Three screens, one after the other."""
    marks = []
    for i, density in enumerate((Normal(0.0, 1.6), two_bells(SEPARATION), Normal(2.0, 1.0))):
        left = 8 + 62.0 * i
        marks += [
            _path("frame", f"M{left} 18h52v44h-52Z"),
            *_area("p", _curve(density, 0.42, 8.0, (left + 4, 26, left + 48, 56)), (left + 4, 26, left + 48, 56)),
        ]
    return marks


def _practice() -> list[Mark]:
    return [*_area("p", _curve(two_bells(SEPARATION), 0.34)), _AXIS, _words("question", "?", 96, 46)]


def _sample_estimates() -> list[Mark]:
    """k1, k2 and k3 against the log-ratio."""
    ratio = torch.linspace(-2, 2, _PLACES, dtype=torch.float64)
    curves = (-ratio, ratio**2 / 2, torch.expm1(ratio) - ratio)
    zero = FOOT - 2.2 / 6.7 * (FOOT - 4)
    drawn = [
        _path(style, _line(ratio, one, (-2, 2), (-2.2, 4.5)))
        for style, one in zip(("fit", "fit dotted", "fit dashed"), curves, strict=True)
    ]
    return [_path("axis", f"M0 {zero:.1f}H{WIDTH}"), *drawn]


def _your_numbers() -> list[Mark]:
    marks = []
    for row, (style, numbers) in enumerate((("p", (0.2, 0.3, 0.5)), ("q", (0.4, 0.4, 0.2)))):
        for i, number in enumerate(numbers):
            x, y = 24 + 50 * i, 12 + 32 * row
            marks += [_path(style, f"M{x} {y}h42v25h-42Z"), _words(style, f"{number:g}", x + 21, y + 17)]
    return marks


def _checked() -> list[Mark]:
    """What PyTorch's kl_div says by default of the story's weather, beside its KL."""
    right = float(kl_from_probs(P, Q))
    default = float((P * (P / Q).log()).mean())  # reduction="mean" divides by the number of outcomes
    return [
        _path("fit", "M34 22l10 10m0 -10l-10 10"),
        _words("label start", f"{default:.3f} by “mean”", 56, 32),
        _path("good", "M33 56l5 5l8 -10"),
        _words("strong start", f"{right:.3f} computed", 56, 61),
    ]


_DRAWN: dict[str, Callable[[], list[Mark]]] = {
    one.__name__[1:]: one
    for one in (
        _start,
        _two_distributions,
        _forward_reverse,
        _beta,
        _distillation,
        _vae,
        _lessons,
        _practice,
        _sample_estimates,
        _your_numbers,
        _checked,
    )
}


@shared_cache(32)
@torch.inference_mode()
def thumbnail(page: str) -> list[Mark]:
    """The page's picture; empty for a page that has none."""
    return _DRAWN[page]() if page in _DRAWN else []
