"""Parzen estimators over ranked segments, against scipy and sums by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.population.maths import ranked_parzen
from optuna_hpx.population.maths.ranked_parzen import (
    History,
    _ParzenMixture,
    propose,
    scores,
    vary,
    weights,
)


def test_scores_are_normal_scores_of_ranks_in_each_generation() -> None:
    rng = np.random.default_rng(0)
    losses, generation = rng.integers(4, size=40).astype(float), rng.integers(3, size=40)
    losses[3] = np.inf
    y = scores(losses, generation)
    for g in range(3):
        rows = generation == g
        ranks = stats.rankdata(losses[rows])
        assert y[rows] == pytest.approx(stats.norm.ppf((ranks - 0.5) / rows.sum()))


def test_scores_do_not_know_how_far_apart_generations_are() -> None:
    losses = np.array([1.0, 2.0, 3.0, 100.0, 300.0, 200.0])
    generation = np.repeat([0, 1], 3)
    y = scores(losses, generation)
    assert y[:3] == pytest.approx(y[[3, 5, 4]])


def test_weights_fall_with_age() -> None:
    w = weights(np.array([3, 2, 0]), 4)
    assert w == pytest.approx(np.exp([-0.5, -1.0, -2.0]))


N_CHOICES = np.array([0, 3, 0])


def mixture(k: int, seed: int = 0) -> tuple[_ParzenMixture, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.random(k), rng.integers(3, size=k), 0.9 + 0.1 * rng.random(k)])
    w = rng.random(k) + 0.1
    return _ParzenMixture.fit(x, N_CHOICES, w), x, w


def test_density_by_hand() -> None:
    found, x, w = mixture(5)
    at = np.array([[0.2, 1.0, 0.95], [0.99, 2.0, 0.1]])
    share = w / w.sum()
    n_eff = 1.0 / (share**2).sum()
    by_hand = np.zeros(2)
    for i in range(5):
        product = np.ones(2)
        for j in (0, 2):
            h, mu = found.h[j], x[i, j]
            kernel = stats.truncnorm((0.0 - mu) / h, (1.0 - mu) / h, mu, h)
            product *= kernel.pdf(at[:, j])
        product *= np.where(at[:, 1] == x[i, 1], 1.0 - found.h[1], 0.0) + found.h[1] / 3
        by_hand += share[i] * n_eff / (n_eff + 1.0) * product
    by_hand += 1.0 / (n_eff + 1.0) / 3
    assert np.exp(found.log_density(at)) == pytest.approx(by_hand)


def test_bandwidths_by_hand() -> None:
    found, x, w = mixture(7)
    n_eff = w.sum() ** 2 / (w**2).sum()
    for j in (0, 2):
        sd = np.sqrt(np.cov(x[:, j], aweights=w, bias=True))
        by_hand = np.clip(max(sd, 0.1) * (n_eff + 1) ** (-1 / 7), 0.06, 0.5)
        assert found.h[j] == pytest.approx(by_hand)


def test_samples_have_the_density() -> None:
    found, _, _ = mixture(4, seed=3)
    sample = found.sample(40000, np.random.default_rng(1))
    assert ((sample[:, [0, 2]] >= 0) & (sample[:, [0, 2]] <= 1)).all()
    grid = (np.arange(60) + 0.5) / 60
    first, last = np.meshgrid(grid, grid, indexing="ij")
    density = np.array(
        [
            np.exp(
                found.log_density(np.column_stack([first.ravel(), np.full(3600, c), last.ravel()]))
            )
            for c in range(3)
        ]
    ).reshape(3, 60, 60)
    assert density.mean((1, 2)).sum() == pytest.approx(1.0, abs=2e-3)
    observed = np.array([np.mean(sample[:, 1] == c) for c in range(3)])
    assert observed == pytest.approx(density.mean((1, 2)), abs=4 * 0.5 / 200)
    cdf = np.cumsum(density.sum(0).mean(1)) / density.sum(0).mean(1).sum()
    assert np.mean(sample[:, 0] <= 0.5) == pytest.approx(cdf[29], abs=0.012)


def test_the_best_candidate_is_likelier_among_the_good() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((60, 2))
    y = np.abs(x[:, 0] - 0.3)  # the second says nothing
    found = np.array(
        [
            propose(History(x, np.zeros(2, dtype=int), y, np.ones(60)), np.random.default_rng(s))
            for s in range(200)
        ]
    )
    assert np.mean(np.abs(found[:, 0] - 0.3) < 0.15) > 0.85
    shuffled = rng.permutation(y)
    random = np.array(
        [
            propose(
                History(x, np.zeros(2, dtype=int), shuffled, np.ones(60)), np.random.default_rng(s)
            )
            for s in range(200)
        ]
    )
    assert np.mean(np.abs(random[:, 0] - 0.3) < 0.15) < 0.6


def test_old_segments_count_less() -> None:
    """Of two generations that contradict each other, the younger one is followed."""
    rng = np.random.default_rng(2)
    x = rng.random((80, 1))
    generation = np.repeat([0, 6], 40)
    y = np.where(generation == 0, np.abs(x[:, 0] - 0.1), np.abs(x[:, 0] - 0.9))
    w = weights(generation, 7)
    found = np.array(
        [
            propose(History(x, np.zeros(1, dtype=int), y, w), np.random.default_rng(s))[0]
            for s in range(100)
        ]
    )
    assert np.mean(found > 0.7) > 0.85


def test_from_one_segment() -> None:
    history = History(np.array([[0.5]]), np.zeros(1, dtype=int), np.zeros(1), np.ones(1))
    found = propose(history, np.random.default_rng(0))
    assert found.shape == (1,)
    assert 0.0 <= found[0] <= 1.0


def test_varied_values() -> None:
    rng = np.random.default_rng(0)
    found = np.array([vary(0.5, 0, rng) for _ in range(4000)])
    assert found.std() == pytest.approx(ranked_parzen._SIGMA, rel=0.06)
    assert {vary(0.0, 0, rng) for _ in range(50)} >= {0.0}  # cut at the bound
    categories = np.array([vary(1.0, 4, rng) for _ in range(4000)])
    assert np.mean(categories != 1.0) == pytest.approx(0.25, abs=0.03)
    assert set(categories) == {0.0, 1.0, 2.0, 3.0}
    assert vary(0.0, 1, rng) == 0.0
