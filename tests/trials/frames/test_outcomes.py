"""Results are seen by how they go along with others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from optuna_hpx.trials.frames.outcomes import (
    codes_of,
    correlation_with,
    is_uneven,
    rank_correlation,
    results_among,
    share_explained,
)

rng = np.random.default_rng(0)
A, B = rng.random(120), rng.random(120)


def test_rank_correlation_is_that_of_scipy() -> None:
    x, y = np.round(A, 1), A + B
    x[3], y[5] = np.nan, np.inf
    both = np.isfinite(x) & np.isfinite(y)
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x[both], y[both])[0])
    assert rank_correlation(A[:9], A[:9]) == 0.0
    assert rank_correlation(np.ones(20), A[:20]) == 0.0


def test_what_follows_from_parameters_and_what_does_not() -> None:
    assert share_explained(np.exp(A * B), np.column_stack([A, B])) > 0.6
    assert share_explained(rng.random(120), np.column_stack([A, B])) < 0.2
    again = np.tile(np.column_stack([A, B])[:50], (3, 1))
    assert share_explained(again[:, 0], again[:, 1:]) < 0.2, "runs of one configuration"
    assert share_explained(A[:39], A[:39, None]) == 0.0
    assert share_explained(A, np.empty((120, 0))) == 0.0


def test_codes() -> None:
    assert codes_of(pd.Series([0.5, None])).tolist() == [0.5, -1e30]
    assert codes_of(pd.Series(["b", "a", "b"])).tolist() == [1.0, 0.0, 1.0]


def test_the_objective_that_is_followed_most() -> None:
    losses = np.column_stack([B, -A])
    assert correlation_with(pd.Series(A), losses) == pytest.approx(-1.0)
    assert correlation_with(pd.Series(A), np.empty((120, 0))) == 0.0


def test_results_among_columns() -> None:
    loss = (A - 0.5) ** 2 + 0.1 * B
    frame = pd.DataFrame(
        {
            "lr": A,
            "wd": B,
            "z": 3 - loss,
            "length": np.exp(A + 0.1 * rng.random(120)),
            "free": rng.random(120),
        }
    )
    found = results_among(frame, ["z", "length", "free"], ["lr", "wd"], loss[:, None])
    assert list(found) == ["z", "length"]
    assert "rank correlation -1.00" in found["z"]
    assert "parameters explain" in found["length"]
    assert list(results_among(frame, ["z", "length"], [], loss[:, None])) == ["z"]


def test_draws_are_even_and_results_are_not() -> None:
    draws = np.random.default_rng(0)
    n = 2000
    even = [draws.random(100), 10 ** draws.uniform(-4, 0, 100), draws.integers(0, 12, 100)]
    assert not any(is_uneven(np.asarray(x, dtype=float)) for x in even)
    assert is_uneven(draws.gamma(2.0, 30.0, 300))
    assert is_uneven(-draws.gamma(2.0, 30.0, 300))
    assert not is_uneven(draws.gamma(2.0, 30.0, 29)), "too few to tell"
    assert not is_uneven(np.full(100, 3.0))
    assert sum(is_uneven(draws.random(60)) for _ in range(n)) <= 0.005 * n
