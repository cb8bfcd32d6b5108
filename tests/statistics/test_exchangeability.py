"""Independent draws keep the size of both tests, whatever they are drawn from; learners do not."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.statistics.exchangeability import order_test, pairing_test


def _space(kind: str, n: int, rng: np.random.Generator) -> tuple[np.ndarray, list[bool]]:
    """Draw n rows of three parameters, independently of each other."""
    x = rng.random((n, 3))
    if kind == "skewed":
        return x**4, [False] * 3
    if kind == "choices":
        return np.floor(x * [2, 3, 4]), [True] * 3
    if kind == "branches":  # the third is active in one branch only
        x[:, 0] = np.floor(2 * x[:, 0])
        x[x[:, 0] == 0.0, 2] = np.nan
        return x, [True, False, False]
    return x, [False] * 3


@pytest.mark.parametrize("kind", ["even", "skewed", "choices", "branches"])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_size(kind: str, noise: float) -> None:
    """At the levels that are used, over 60 studies of each kind: 3 standard errors of leeway."""
    rng = np.random.default_rng(3)
    n_studies, order, near, far = 60, 0, 0, 0
    for _ in range(n_studies):
        X, is_choice = _space(kind, 50, rng)
        losses = np.nansum((X - 0.3) ** 2, axis=1) + noise * rng.standard_normal(50)
        order += order_test(X, is_choice, losses, rng, n_permutations=99) <= 0.05
        p_near, p_far = pairing_test(X, is_choice, rng)
        near, far = near + (p_near <= 0.01), far + (p_far <= 0.01)
    assert order <= 60 * 0.05 + 3 * np.sqrt(60 * 0.05 * 0.95)
    assert max(near, far) <= 60 * 0.01 + 3 * np.sqrt(60 * 0.01 * 0.99)


def _hill_climb(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    X, losses = np.empty((n, 2)), np.empty(n)
    for t in range(n):
        X[t] = rng.random(2) if t < 5 else X[losses[:t].argmin()] + 0.1 * rng.standard_normal(2)
        losses[t] = ((X[t] - [0.2, 0.9]) ** 2).sum()
    return X, losses


def test_what_learns_is_seen_in_its_order() -> None:
    rng = np.random.default_rng(0)
    p_values = [order_test(*_with_choices(_hill_climb(60, rng)), rng) for _ in range(10)]
    assert np.median(p_values) <= 0.01


def _with_choices(
    rows: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, list[bool], np.ndarray]:
    X, losses = rows
    return X, [False] * X.shape[1], losses


def test_a_drift_of_the_losses_alone_counts_unless_it_may_have_another_reason() -> None:
    rng = np.random.default_rng(0)
    X = rng.random((80, 2))
    losses = np.where(np.arange(80) < 40, 5.0, 0.0) + rng.random(80)
    assert order_test(X, [False, False], losses, rng) <= 0.01
    worse = order_test(X, [False, False], -losses, np.random.default_rng(1))
    assert worse > 0.01, "a sampler that learns does not make losses worse"


def test_combinations_that_recur_are_near_and_those_of_a_grid_far_apart() -> None:
    rng = np.random.default_rng(0)
    parents = rng.random((8, 3))
    bred = parents[rng.integers(8, size=100)] + 0.02 * rng.standard_normal((100, 3))
    assert pairing_test(bred, [False] * 3, rng)[0] < 1e-6
    i, j = np.divmod(rng.permutation(100), 10)
    assert pairing_test(np.column_stack([i, j]) / 10.0, [False] * 2, rng)[1] < 1e-4


def test_too_little_says_nothing() -> None:
    rng = np.random.default_rng(0)
    X, losses = rng.random((15, 2)), np.arange(15.0)
    assert order_test(X, [False, False], losses, rng) == 1.0
    assert pairing_test(X, [False, False], rng) == (1.0, 1.0)
    assert pairing_test(rng.random((50, 1)), [False], rng) == (1.0, 1.0)
    constant = np.zeros((50, 2))
    assert order_test(constant, [False, False], np.zeros(50), rng) == 1.0
    assert pairing_test(constant, [False, False], rng) == (1.0, 1.0)
