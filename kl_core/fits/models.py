"""What Q may be: families with coordinates on the whole line, and the slopes of log q in them.

A step is measured in Q's own units: a location moves by Q's scale, the logarithm of a scale by 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, Laplace, Normal, StudentT

from ..families.gaussian_mixture import gaussian_mixture

__all__ = [
    "MODELS",
    "LocationScale",
    "Model",
    "TwoGaussians",
    "fixed_centre",
    "fixed_width",
    "gaussian",
    "laplace",
    "student_t",
    "two_gaussians",
]

_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


class Model:
    """A family for Q; coords are (Gaussians, k) throughout, one row a member.

    name: for links. label: for people. coordinates: their names. free: which of them a fit may move. reach: how many scales
    from its centre Q has mass that counts. kinked: whether log q has a corner at its centre.
    """

    name: str
    label: str
    coordinates: tuple[str, ...]
    free: tuple[int, ...]
    reach: float

    @property
    def kinked(self) -> bool:
        return False

    def distribution(self, coords: Tensor) -> Distribution:
        """The torch distribution, batched over all but the last axis of coords."""
        raise NotImplementedError

    def log_density(self, coords: Tensor, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """log q at x, (rows, nodes), and what `gradient` and `hessian` want of it; x: (nodes,) or (rows, nodes)."""
        raise NotImplementedError

    def gradient(self, parts: tuple[Tensor, ...], first: Tensor) -> Tensor:
        """Σ first·∂log q over nodes, in own units, (rows, k); first: weights times φ₁, (rows, nodes)."""
        raise NotImplementedError

    def hessian(self, coords: Tensor, parts: tuple[Tensor, ...], first: Tensor, second: Tensor, at_centre: Tensor | None) -> Tensor:
        """Σ second·∂log q·∂log qᵀ + first·∂²log q, in own units, (rows, k, k). at_centre: φ₁ at the centre, if it is kinked."""
        raise NotImplementedError

    def fisher(self, coords: Tensor) -> Tensor | None:
        """Fisher's metric in own units, (k, k), where it is the same for all members; None if it must be integrated."""
        return None

    def units(self, coords: Tensor) -> Tensor:
        """How much each coordinate changes in a step of 1 in Q's own units, (rows, k)."""
        raise NotImplementedError

    def moved(self, coords: Tensor, step: Tensor) -> Tensor:
        """The members a step away, step in own units."""
        return coords + step * self.units(coords)

    def centre_and_scale(self, coords: Tensor) -> tuple[Tensor, Tensor]:
        """Of each bell, (rows, bells) each: what nodes must resolve."""
        raise NotImplementedError


@dataclass(frozen=True)
class LocationScale(Model):
    """q(x) = f(z)/scale, z = (x − loc)/scale, in the coordinates loc and log scale. df: of a Student-t."""

    name: str
    label: str
    base: str  # normal, laplace or student
    reach: float
    free: tuple[int, ...] = (0, 1)
    df: float = 3.0
    coordinates: tuple[str, ...] = ("loc", "log_scale")

    @property
    def kinked(self) -> bool:
        return self.base == "laplace"

    def distribution(self, coords: Tensor) -> Distribution:
        loc, scale = coords[..., 0], coords[..., 1].exp()
        if self.base == "student":
            return StudentT(torch.full_like(loc, self.df), loc, scale, validate_args=False)
        return (Normal if self.base == "normal" else Laplace)(loc, scale, validate_args=False)

    def log_density(self, coords: Tensor, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        loc, log_scale = coords[:, 0, None], coords[:, 1, None]
        z = (x - loc) * (-log_scale).exp()
        if self.base == "normal":
            return -0.5 * z * z - log_scale - _LOG_SQRT_2PI, (z,)
        if self.base == "laplace":
            return -z.abs() - log_scale - math.log(2), (z,)
        df = self.df
        constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(math.pi * df)
        return -(df + 1) / 2 * torch.log1p(z * z / df) - log_scale + constant, (z,)

    def _slopes(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The first two derivatives of log f, less the corner of a Laplace."""
        if self.base == "normal":
            return -z, torch.full_like(z, -1.0)
        if self.base == "laplace":
            return -z.sign(), torch.zeros_like(z)
        bottom = self.df + z * z
        return -(self.df + 1) * z / bottom, -(self.df + 1) * (self.df - z * z) / bottom.square()

    def gradient(self, parts: tuple[Tensor, ...], first: Tensor) -> Tensor:
        (z,) = parts
        if self.base == "normal":
            moved = first * z
            return torch.stack([moved.sum(-1), (moved * z).sum(-1) - first.sum(-1)], -1)
        slope = self._slopes(z)[0]
        tilted = first * slope
        return torch.stack([-tilted.sum(-1), -(tilted * z).sum(-1) - first.sum(-1)], -1)

    def hessian(self, coords: Tensor, parts: tuple[Tensor, ...], first: Tensor, second: Tensor, at_centre: Tensor | None) -> Tensor:
        (z,) = parts
        slope, bend = self._slopes(z)
        along_loc, along_scale = -slope, -1 - z * slope
        a = (second * along_loc * along_loc + first * bend).sum(-1)
        b = (second * along_loc * along_scale + first * (slope + z * bend)).sum(-1)
        d = (second * along_scale * along_scale + first * z * (slope + z * bend)).sum(-1)
        if at_centre is not None:
            a = a - 2 * coords[:, 1].exp() * at_centre  # the corner: (log f)″ = −2δ
        return torch.stack([a, b, b, d], -1).unflatten(-1, (2, 2))

    def fisher(self, coords: Tensor) -> Tensor:
        along = {"normal": (1.0, 2.0), "laplace": (1.0, 1.0), "student": ((self.df + 1) / (self.df + 3), 2 * self.df / (self.df + 3))}
        return torch.diag(coords.new_tensor(along[self.base]))

    def units(self, coords: Tensor) -> Tensor:
        return torch.stack([coords[:, 1].exp(), torch.ones_like(coords[:, 1])], -1)

    def centre_and_scale(self, coords: Tensor) -> tuple[Tensor, Tensor]:
        return coords[:, :1], coords[:, 1:2].exp()


@dataclass(frozen=True)
class TwoGaussians(Model):
    """w·N(loc1, scale1²) + (1 − w)·N(loc2, scale2²), in log w/(1 − w), loc1, log scale1, loc2 and log scale2."""

    name: str = "two-gaussians"
    label: str = "two Gaussians"
    reach: float = 9.0
    free: tuple[int, ...] = (0, 1, 2, 3, 4)
    coordinates: tuple[str, ...] = ("log_odds", "loc1", "log_scale1", "loc2", "log_scale2")

    def distribution(self, coords: Tensor) -> Distribution:
        weights = torch.stack([torch.sigmoid(coords[..., 0]), torch.sigmoid(-coords[..., 0])], -1)
        return gaussian_mixture(weights, coords[..., 1::2], coords[..., 2::2].exp())

    def log_density(self, coords: Tensor, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        odds, loc1, size1, loc2, size2 = (column.unsqueeze(-1) for column in coords.unbind(-1))
        z1, z2 = (x - loc1) * (-size1).exp(), (x - loc2) * (-size2).exp()
        log_sigmoid = torch.nn.functional.logsigmoid
        log1 = -0.5 * z1 * z1 - size1 - _LOG_SQRT_2PI + log_sigmoid(odds)
        log2 = -0.5 * z2 * z2 - size2 - _LOG_SQRT_2PI + log_sigmoid(-odds)
        log_q = torch.logaddexp(log1, log2)
        return log_q, (z1, z2, (log1 - log_q).exp(), (log2 - log_q).exp(), torch.sigmoid(odds))

    def gradient(self, parts: tuple[Tensor, ...], first: Tensor) -> Tensor:
        z1, z2, share1, share2, weight = parts
        one, two = first * share1, first * share2
        columns = [one - weight * first, one * z1, one * (z1 * z1 - 1), two * z2, two * (z2 * z2 - 1)]
        return torch.stack([column.sum(-1) for column in columns], -1)

    def hessian(self, coords: Tensor, parts: tuple[Tensor, ...], first: Tensor, second: Tensor, at_centre: Tensor | None) -> Tensor:
        """∂²log q = Σ share·∂²log(wN) + share1·share2·ddᵀ over both components, d the difference of their ∂log(wN)."""
        z1, z2, share1, share2, weight = parts
        zero, odds1, odds2 = torch.zeros_like(z1), (1 - weight).expand_as(z1), (-weight).expand_as(z1)
        scores1 = torch.stack([odds1, z1, z1 * z1 - 1, zero, zero], -1)
        scores2 = torch.stack([odds2, zero, zero, z2, z2 * z2 - 1], -1)
        scores = share1.unsqueeze(-1) * scores1 + share2.unsqueeze(-1) * scores2
        outer = lambda by, vectors: (by.unsqueeze(-1) * vectors).transpose(-1, -2) @ vectors
        result = outer(second, scores) + outer(first * share1 * share2, scores1 - scores2)
        result[:, 0, 0] -= (weight * (1 - weight)).squeeze(-1) * first.sum(-1)
        for k, (z, share) in enumerate(((z1, share1), (z2, share2))):
            i, mass = 1 + 2 * k, first * share
            cross = (mass * -2 * z).sum(-1)
            result[:, i, i] -= mass.sum(-1)
            result[:, i, i + 1] += cross
            result[:, i + 1, i] += cross
            result[:, i + 1, i + 1] += (mass * -2 * z * z).sum(-1)
        return result

    def units(self, coords: Tensor) -> Tensor:
        one = torch.ones_like(coords[:, 0])
        return torch.stack([one, coords[:, 2].exp(), one, coords[:, 4].exp(), one], -1)

    def centre_and_scale(self, coords: Tensor) -> tuple[Tensor, Tensor]:
        return coords[:, 1::2], coords[:, 2::2].exp()


def gaussian() -> LocationScale:
    """N(loc, scale²), both free."""
    return LocationScale("gaussian", "Gaussian", "normal", 9.0)


def fixed_width() -> LocationScale:
    """N(loc, scale²) whose scale stays where it starts."""
    return LocationScale("fixed-width", "Gaussian of fixed width", "normal", 9.0, (0,))


def fixed_centre() -> LocationScale:
    """N(loc, scale²) whose loc stays where it starts."""
    return LocationScale("fixed-centre", "Gaussian with a fixed centre", "normal", 9.0, (1,))


def laplace() -> LocationScale:
    """Laplace(loc, scale)."""
    return LocationScale("laplace", "Laplace", "laplace", 45.0)


def student_t(df: float = 3.0) -> LocationScale:
    """StudentT(df, loc, scale) with df fixed; ValueError unless 1 ≤ df ≤ 200."""
    if not 1 <= df <= 200:
        raise ValueError(f"df = {df:g} is outside its domain: a number from 1 to 200")
    return LocationScale("student-t", "Student-t", "student", 1e12, df=float(df))


def two_gaussians() -> TwoGaussians:
    """A mixture of two Gaussians."""
    return TwoGaussians()


MODELS = {model.name: model for model in (gaussian(), fixed_width(), fixed_centre(), laplace(), student_t(), two_gaussians())}
