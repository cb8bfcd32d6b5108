"""Bins against what they promise, and the noise of a share against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths import bins
from optuna_hpx.importance.maths.bins import bins_of, plain_groups
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import Fit


def test_tied_values_are_never_cut_apart() -> None:
    starts = np.array([0, 7, 20, 50])
    snapped = [0] * 4 + [7] * 10 + [20] * 21 + [50] * 16  # half-way: to the later one
    assert bins._snap(np.arange(51), starts).tolist() == snapped


@pytest.mark.parametrize("n", [10, 37, 100, 1000])
def test_each_resolution_tiles_the_trials_once_for_each_shift(n: int) -> None:
    cut = bins_of(Marginal(np.arange(n), None, ordered=True), n // 5)
    for resolution in range(len(cut.offsets)):
        left, right = cut.edges(resolution)
        counts = np.zeros(n, dtype=int)
        for start, end in zip(left, right, strict=True):
            counts[start:end] += 1
        assert (counts == 4).all()
        assert (right - left >= 2).all()


def test_means_are_those_of_the_bins_around_a_trial() -> None:
    n = 60
    labels = np.random.default_rng(0).random(n) < 0.3
    cumulative = np.concatenate([[0], np.cumsum(labels)])
    cut = bins_of(Marginal(np.arange(n), None, ordered=True), int(labels.sum()))
    for resolution in range(len(cut.offsets)):
        edges = list(zip(*cut.edges(resolution), strict=True))
        around = [[labels[a:b].mean() for a, b in edges if a <= k < b] for k in range(n)]
        expected = [np.mean(means) for means in around]
        np.testing.assert_allclose(cut.means(cumulative, resolution), expected)


@pytest.mark.parametrize("groups", [30, 7])
def test_the_noise_of_groups_is_the_deviation_without_influence(groups: int) -> None:
    """Of 4000 permutations the standard deviation has an error of about 1.5 % itself."""
    n, m = 120, 30
    starts = np.linspace(0, n, groups + 1).astype(int)
    marginal = Marginal(np.arange(n), starts, ordered=False)
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(4000):
        fit = Fit(marginal, rng.permutation(n) < m, 1.0, is_corrected=True)
        shares.append(fit.share)
    assert np.mean(shares) == pytest.approx(0.0, abs=4 * np.std(shares) / np.sqrt(4000))
    assert np.std(shares) == pytest.approx(fit.noise, rel=0.1)


def test_fewer_values_than_bins_are_the_last_resolution() -> None:
    starts = np.arange(0, 1001, 40)  # 25 values
    cut = bins_of(Marginal(np.arange(1000), starts, ordered=True), 300)
    assert cut.ends_exact
    left, right = cut.edges(len(cut.offsets) - 1)
    assert [*left, right[-1]] == starts.tolist()


def test_plain_groups_are_halves_or_the_values() -> None:
    assert plain_groups(Marginal(np.arange(7), None, ordered=True)).tolist() == [0, 4, 7]
    choices = np.array([0, 1, 5, 7])
    assert plain_groups(Marginal(np.arange(7), choices, ordered=False)).tolist() == [0, 1, 5, 7]
    assert plain_groups(Marginal(np.arange(7), choices, ordered=True)).tolist() == [0, 5, 7]
