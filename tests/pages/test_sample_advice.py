"""Advice on samples that a method refuses: followed from every case, it never leads in a circle and ends where an estimate is."""

from itertools import product

import pytest
import torch

from pages.shared.reading.columns import Block
from pages.views.your_numbers.kinds import KINDS
from pages.views.your_numbers.sample_advice import COUNTS, HISTOGRAM, NEIGHBOURS, RefusedSamplesError

SIZES = ((1, 30), (2, 30), (10, 10), (23, 40), (40, 350))
DRAWS = {
    "continuous": lambda z: z,
    "rounded a little": lambda z: z.round(decimals=1),
    "ratings": lambda z: (2 * z).round(),
    "a pair of equal points": lambda z: torch.cat([z[:1], z[:-1]]),
    "one value": lambda z: torch.ones_like(z),
}


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    """The limit for neighbours, low enough for a quick test."""
    monkeypatch.setattr("pages.views.your_numbers.others.MOST_NEIGHBOURS", 300)


def block(points: torch.Tensor) -> Block:
    return Block(points, [], lambda row, column: f"line {row + 1}, column {column + 1}")


def counted(x: torch.Tensor, y: torch.Tensor) -> tuple[Block, Block]:
    """How often each distinct point occurs, as the advice asks."""
    rows = torch.cat([x, y]).unique(dim=0, return_inverse=True)[1]
    sides = (part.bincount(minlength=int(rows.max()) + 1).double().unsqueeze(-1) for part in (rows[: len(x)], rows[len(x) :]))
    first, second = map(block, sides)
    return first, second


def end_of_the_advice(x: torch.Tensor, y: torch.Tensor, kind: str) -> str:
    """Follows the advice; the sentence that asks for other data, or "" where an estimate came out."""
    option, visited = 5 if kind == NEIGHBOURS else 12, []
    while (kind, option) not in visited:
        visited.append((kind, option))
        try:
            p, q = counted(x, y) if kind == COUNTS else (block(x), block(y))
            result = KINDS[kind].compare(p, q, [] if kind == COUNTS else option)
        except RefusedSamplesError as refused:
            if refused.advice.kind is None:
                return refused.advice.sentence
            kind, option = refused.advice.kind, refused.advice.option or 12
            continue
        assert result.kl.pq == result.kl.pq and f"{result.kl.pq}" != "-inf"
        return ""
    pytest.fail(f"the advice leads in a circle: {visited}")


@pytest.mark.parametrize(("draw", "dimension"), list(product(DRAWS, (1, 2, 5))))
def test_advice_ends_at_an_estimate_or_says_what_is_needed(draw, dimension):
    generator = torch.Generator().manual_seed(0)
    for (n, m), kind in product(SIZES[dimension > 1 :], (NEIGHBOURS, HISTOGRAM)):
        x = DRAWS[draw](torch.randn(n, dimension, dtype=torch.float64, generator=generator))
        y = DRAWS[draw](torch.randn(m, dimension, dtype=torch.float64, generator=generator) * 1.5 + 0.3)
        end = end_of_the_advice(x, y, kind)
        if draw == "one value":
            assert "All points are equal" in end or "drawn apart" in end
        elif n >= 23 or n > 1 and dimension == 1:
            assert end == ""
        elif end:
            assert "points in each sample are needed" in end


@pytest.mark.parametrize("kind", [NEIGHBOURS, HISTOGRAM])
@pytest.mark.parametrize("dimension", [1, 2])
def test_a_sample_against_itself_is_asked_for_another(kind, dimension):
    x = torch.randn(60, dimension, dtype=torch.float64)
    assert "drawn apart" in end_of_the_advice(x, x.flip(0), kind)


def test_many_points_in_two_dimensions_are_compared_by_some_of_them_and_that_is_said(printed, tmp_path, monkeypatch):
    x, y = torch.randn(320, 2, dtype=torch.float64), torch.randn(310, 2, dtype=torch.float64) + 1
    result = KINDS[NEIGHBOURS].compare(block(x), block(y), 3)
    assert "300 points of P’s 320" in result.warnings[0] and "Q’s 310" in result.warnings[1]
    monkeypatch.chdir(tmp_path)
    for name, points in (("p", x), ("q", y)):
        (tmp_path / f"{name}.txt").write_text("\n".join(",".join(map(repr, row)) for row in points.tolist()))
    assert f"{result.kl.pq:.4g}" in printed(result.code)


def test_the_page_offers_the_method_that_takes_the_samples(visit):
    at = visit("your_numbers", given=NEIGHBOURS, p_numbers="1, 1, 2, 2, 3", q_numbers="2, 3, 3, 4, 4")
    assert f"“{HISTOGRAM}” takes them" in at.error[0].value
    at.button(key="use_advice").click().run()
    assert not at.error and at.selectbox(key="given").value == HISTOGRAM
