"""Densities to look at, against brute force and known distributions."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths.densities import (
    GRID_SIZE,
    averaged_shifted_histogram,
    frequencies,
)


def test_frequencies_are_shares() -> None:
    codes = np.array([0, 2, 2, 3])
    assert frequencies(codes, 5).tolist() == [0.25, 0.0, 0.5, 0.25, 0.0]


@pytest.mark.parametrize("n", [5, 50, 500])
def test_a_density_integrates_to_one_and_is_not_negative(n: int) -> None:
    density = averaged_shifted_histogram(np.random.default_rng(n).beta(2, 5, n))
    assert density.shape == (GRID_SIZE,)
    assert (density >= 0.0).all()
    assert density.mean() == pytest.approx(1.0, abs=0.02)


def test_many_draws_give_their_density() -> None:
    """Of Beta(2, 2), 6 u (1 - u): within a tenth of its height everywhere."""
    u = np.random.default_rng(0).beta(2, 2, 20_000)
    middles = (np.arange(GRID_SIZE) + 0.5) / GRID_SIZE
    error = averaged_shifted_histogram(u) - 6.0 * middles * (1.0 - middles)
    assert np.abs(error).max() < 0.15


def test_mirrored_draws_have_the_mirrored_density() -> None:
    u = np.random.default_rng(1).beta(1, 3, 200)
    density = averaged_shifted_histogram(u)
    assert averaged_shifted_histogram(1.0 - u) == pytest.approx(density[::-1], abs=1e-9)
