"""KL from counts and from samples: against simulations of known distributions, and by another library's neighbours."""

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from kl_core import kl, kl_from_probs
from kl_core.estimates.empirical import kl_from_counts, kl_from_histograms, kl_from_samples, same_data, shared_points

P, Q = torch.tensor([0.3, 0.5, 0.2], dtype=torch.float64), torch.tensor([0.35, 0.4, 0.25], dtype=torch.float64)
COUNTS = st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)), min_size=2, max_size=30)


@given(COUNTS)
def test_the_plug_in_is_the_kl_of_the_relative_frequencies(pairs):
    p, q = (torch.tensor(one, dtype=torch.float64) for one in zip(*pairs, strict=True))
    expected = scipy.stats.entropy(p.numpy(), q.numpy())
    assert kl_from_counts(p, q).value == pytest.approx(expected, rel=1e-9, abs=1e-13)


def test_the_stated_error_and_bias_are_those_of_many_repetitions():
    rng = np.random.default_rng(0)
    n, m, times = 500, 800, 4000
    found = [
        kl_from_counts(torch.from_numpy(a), torch.from_numpy(b))
        for a, b in zip(rng.multinomial(n, P, times), rng.multinomial(m, Q, times), strict=True)
    ]
    values = np.array([one.value for one in found])
    assert np.mean([one.error for one in found]) == pytest.approx(values.std(), rel=0.1)
    assert np.mean([one.bias for one in found]) == pytest.approx(
        values.mean() - float(kl_from_probs(P, Q)), abs=4 * values.std() / times**0.5
    )


def test_an_outcome_seen_in_p_alone_makes_it_infinite_and_one_seen_in_q_alone_does_not():
    some, fewer = torch.tensor([3.0, 2.0, 1.0]), torch.tensor([4.0, 2.0, 0.0])
    assert kl_from_counts(some, fewer).value == float("inf")
    assert kl_from_counts(fewer, some).value < 1


@pytest.mark.parametrize("bad", [[1.5, 2.0], [-1.0, 2.0], [0.0, 0.0], [float("nan"), 1.0]])
def test_what_are_no_counts_is_refused(bad):
    with pytest.raises(ValueError, match="whole numbers"):
        kl_from_counts(torch.tensor(bad), torch.tensor([1.0, 1.0]))


@settings(max_examples=20)
@given(st.integers(1, 3), st.integers(1, 6), st.integers(0, 1000))
def test_the_neighbours_are_those_that_scipy_finds(dimensions, k, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(60, dimensions)), rng.normal(0.5, 1.5, size=(80, dimensions))
    own, other = cKDTree(x).query(x, k + 1)[0][:, -1], cKDTree(y).query(x, [k])[0][:, -1]
    expected = dimensions * np.mean(np.log(other / own)) + np.log(len(y) / (len(x) - 1))
    assert kl_from_samples(torch.from_numpy(x), torch.from_numpy(y), k).value == pytest.approx(expected, rel=1e-9)


def test_neighbours_find_the_kl_of_two_normals_within_their_error():
    rng = np.random.default_rng(1)
    found = [kl_from_samples(torch.from_numpy(rng.normal(0, 1, (500, 1))), torch.from_numpy(rng.normal(1, 1, (500, 1)))) for _ in range(8)]
    mean, error = np.mean([one.value for one in found]), np.mean([one.error for one in found]) / 8**0.5
    assert abs(mean - 0.5) < 3 * error + 0.05  # the bias of 500 points


def test_a_histogram_finds_the_kl_of_two_normals_less_what_its_bins_hide():
    rng = np.random.default_rng(2)
    x, y = (torch.from_numpy(rng.normal(loc, 1, 20_000)) for loc in (0, 1))
    estimate, edges, p, q = kl_from_histograms(x, y, 20)
    binned = [np.diff(scipy.stats.norm.cdf(np.concatenate([[-np.inf], edges[1:-1].numpy(), [np.inf]]), loc)) for loc in (0, 1)]
    assert estimate.value == pytest.approx(scipy.stats.entropy(*binned), abs=4 * estimate.error)
    assert int(p.sum()) == int(q.sum()) == 20_000


def test_equal_points_and_too_few_are_refused_in_words():
    same = torch.ones(40, 1)
    with pytest.raises(ValueError, match="equal"):
        kl_from_samples(same, torch.ones(50, 1))
    with pytest.raises(ValueError, match="at least"):
        kl_from_samples(torch.arange(5.0).unsqueeze(1), torch.arange(5.0).unsqueeze(1))
    with pytest.raises(ValueError, match="equal"):
        kl_from_histograms(same.flatten(), torch.ones(50), 5)


def test_one_sample_twice_or_a_part_of_it_is_no_pair_of_samples():
    x = torch.randn(60, 2, dtype=torch.float64)
    for other in (x, x.flip(0), x[:40]):
        with pytest.raises(ValueError, match="same data"):
            kl_from_samples(other, x)
        with pytest.raises(ValueError, match="same data"):
            kl_from_histograms(x[:, 0], other[:, 0], 5)
    ratings = torch.tensor([1.0, 2, 3, 4, 5] * 30)
    assert not same_data(ratings[:40], ratings) and not same_data(x, torch.randn(60, 2, dtype=torch.float64))
    assert kl_from_histograms(torch.cat([ratings, torch.ones(9)]), ratings, 4)[0].value > 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_point_that_is_no_number_is_named(bad):
    x, y = torch.randn(50, dtype=torch.float64), torch.randn(50, dtype=torch.float64)
    x[3] = bad
    with pytest.raises(ValueError, match=f"x is {bad:g} at point 3"):
        kl_from_histograms(x, y, 5)
    with pytest.raises(ValueError, match=f"y is {bad:g} at point 3"):
        kl_from_samples(y.unsqueeze(1), x.unsqueeze(1))


def test_points_in_both_samples_are_counted_and_a_sample_against_itself_is_refused():
    x, y = torch.randn(60, 2, dtype=torch.float64), torch.randn(60, 2, dtype=torch.float64)
    y[:7] = x[20:27]
    assert shared_points(x, y) == 7 and shared_points(x, y[7:]) == 0
    with pytest.raises(ValueError, match="itself"):
        kl_from_samples(x, x.flip(0))


def test_points_in_both_samples_are_warned_of():
    torch.manual_seed(0)
    x = torch.randn(200, 1, dtype=torch.float64)
    y = torch.cat([x[:150], torch.randn(50, 1, dtype=torch.float64)])
    with pytest.warns(UserWarning, match="150 of x’s 200 points stand in y too"):
        kl_from_samples(x, y)
    kl_from_samples(x, torch.randn(200, 1, dtype=torch.float64))


def test_mixtures_in_several_dimensions_are_sent_to_sampling():
    made = lambda: MixtureSameFamily(Categorical(torch.ones(2)), MultivariateNormal(torch.randn(2, 2), torch.eye(2)))
    with pytest.raises(NotImplementedError, match="kl_by_sampling"):
        kl(made(), made())
