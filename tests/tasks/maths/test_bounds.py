"""Bounds other than betting: expectations by brute force, coverage by simulation."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.tasks.maths import bounds
from optuna_hpx.tasks.maths.bounds import (
    bootstrap,
    empirical_rademacher,
    hoeffding,
    massart,
    naive,
    rademacher,
    tasks_needed,
)


def test_naive_is_students() -> None:
    x = np.random.default_rng(0).random(12)
    expected = stats.ttest_1samp(x, 0, alternative="greater").confidence_interval(0.9).low
    assert naive(x, 0.1) == pytest.approx(expected)
    assert naive(np.full(5, 0.5), 0.1) == 0.5
    assert naive(np.array([0.5]), 0.1) == -np.inf


def test_bootstrap_of_independent_columns() -> None:
    """The largest of 3 centred normals with the columns' standard deviations, by its CDF."""
    rng = np.random.default_rng(0)
    n = 400
    U = rng.standard_normal((n, 3)) * [0.1, 0.2, 0.3] + 0.5
    U -= U.mean(axis=0) - 0.5
    U = np.linalg.qr(U - 0.5)[0] * [0.1, 0.2, 0.3] * math.sqrt(n - 1) + 0.5  # uncorrelated
    width = 0.5 - bootstrap(U, 0, 0.1, 20000, rng)
    p = math.prod(stats.norm.cdf(width * math.sqrt(n) / s) for s in (0.1, 0.2, 0.3))
    assert p == pytest.approx(0.9, abs=4 * math.sqrt(0.1 * 0.9 / 20000))


def test_bootstrap_with_constant_columns() -> None:
    rng = np.random.default_rng(0)
    U = np.column_stack([rng.random(30), np.full(30, 0.2), rng.random(30)])
    found = bootstrap(U, 1, 0.05, 2000, np.random.default_rng(1))
    assert found == pytest.approx(
        0.2 - (U[:, 0].mean() - bootstrap(U, 0, 0.05, 2000, np.random.default_rng(1)))
    )
    assert found < 0.2
    assert bootstrap(np.full((9, 2), 0.2), 0, 0.05, 100, rng) == pytest.approx(0.2)
    assert bootstrap(U[:1], 0, 0.05, 100, rng) == -np.inf


def test_bootstrap_coverage() -> None:
    """Of the best of 20 correlated configurations at T = 30, nominally 0.9: at least that, less
    3 standard errors, where Student's bound is far below."""
    rng = np.random.default_rng(0)
    n_repeats, held, held_naive = 400, 0, 0
    for _ in range(n_repeats):
        U = rng.beta(8, 2, (30, 1)) / 2 + rng.beta(8, 2, (30, 20)) / 2
        winner = int(U.mean(axis=0).argmax())
        held += bootstrap(U, winner, 0.1, 300, rng) <= 0.8
        held_naive += naive(U[:, winner], 0.1) <= 0.8
    error = math.sqrt(0.9 * 0.1 / n_repeats)
    assert held / n_repeats >= 0.9 - 3 * error
    assert held_naive / n_repeats < 0.9 - 6 * error


def test_bootstrap_draws_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    U = np.random.default_rng(0).random((10, 4))
    found = bootstrap(U, 2, 0.05, 701, np.random.default_rng(1))
    monkeypatch.setattr(bounds, "_DRAWS_AT_ONCE", 64)
    assert bootstrap(U, 2, 0.05, 701, np.random.default_rng(1)) == pytest.approx(found)


def test_rademacher_complexity_over_all_signs() -> None:
    """2^10 signs; 4 standard errors."""
    rng = np.random.default_rng(0)
    U = rng.integers(21, size=(10, 30)) / 20
    suprema = (np.array(list(product([-1, 1], repeat=10))) @ U).max(axis=1) / 10
    error = suprema.std() / math.sqrt(20000)
    exact = suprema.mean()
    assert empirical_rademacher(U, 20000, rng) == pytest.approx(exact, abs=4 * error)
    # Massart's lemma, of the utilities about 1/2.
    assert 2 * exact <= massart(10, math.log(30), 1.0)


def test_rademacher_of_one_configuration() -> None:
    """Its complexity is 0, and what is left are the terms of the confidence."""
    rng = np.random.default_rng(0)
    found = rademacher(rng.random((50, 1)), 0.05, 100000, rng)
    assert found == pytest.approx(3 * math.sqrt(math.log(60) / 100), abs=0.006)
    assert massart(50, 0.0, 0.05) == pytest.approx(math.sqrt(math.log(20) / 100))


def test_rademacher_is_wider_than_hoeffding_for_few_configurations() -> None:
    rng = np.random.default_rng(0)
    U = rng.beta(8, 2, (50, 33))
    width = rademacher(U, 0.05, 200, rng)
    assert width > 0.5  # the term of the confidence alone, at T = 50
    assert massart(50, math.log(33), 0.05) > U[:, 0].mean() - hoeffding(
        U[:, 0], math.log(33), 0.05
    )


@pytest.mark.parametrize(
    ("n_configs", "expected"),
    [(1, 150), (100, 381), (1001, 496), (1e6, 841), (2**32, 1259), (2**64, 2368)],
)
def test_tasks_needed(n_configs: float, expected: int) -> None:
    log_m = math.log(n_configs)
    assert tasks_needed(0.1, 0.05, log_m) == expected
    widths = [-hoeffding(np.zeros(n), log_m, 0.05) for n in (expected - 1, expected)]
    assert widths[1] <= 0.1 < widths[0]
