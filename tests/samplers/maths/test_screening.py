"""Screening: what matters stands out, drift does not, and nothing is found in nothing."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from optuna_hpx.importance.maths.kernels import kernel_of
from optuna_hpx.samplers.maths.screening import _blocks, _null_mean, activities


def test_what_matters_stands_out() -> None:
    x = np.random.default_rng(0).random((200, 6))
    keys = (x[:, 0] - 0.3) ** 2 + 0.5 * x[:, 1]
    found = activities([kernel_of(each, "sobolev") for each in x.T], keys)
    assert found.max() == 1.0
    assert min(found[:2]) > 2.0 * max(found[2:])
    assert (found >= 0.05).all()


def test_parameters_that_drift_with_the_values_are_not_taken_for_their_cause() -> None:
    """All parameters move along with time, as does the loss; within a block only one matters."""
    found = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        time = np.arange(200) / 200.0
        x = np.clip(0.6 * time[:, None] + 0.3 * rng.random((200, 4)), 0.0, 1.0)
        keys = -3.0 * time - x[:, 0]
        found.append(activities([kernel_of(each, "sobolev") for each in x.T], keys))
    mean = np.mean(found, axis=0)
    assert mean[0] > 0.95
    assert mean[1:].max() < 0.45


def test_choices_and_numbers_are_on_one_scale() -> None:
    rng = np.random.default_rng(1)
    ratios = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        u = rng.random(100)
        codes = (rng.random(100) < 0.5).astype(float)
        keys = codes + (u < 0.5) + 0.3 * rng.random(100)
        one, other = activities([kernel_of(codes, "kronecker"), kernel_of(u, "sobolev")], keys)
        ratios.append(one / other)
    assert 0.5 < np.median(ratios) < 2.0


@pytest.mark.parametrize("n", [1, 2, 9])
def test_ties_and_few_trials(n: int) -> None:
    kernels = [kernel_of(np.linspace(0.0, 1.0, n), "sobolev")] * 2
    assert activities(kernels, np.zeros(n)).tolist() == [1.0, 1.0]


def test_mean_over_permutations_within_blocks_is_exact() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 3, 7)  # of which the features are exact
    s, blocks = rng.random(7), np.array([0, 0, 0, 0, 1, 1, 1])
    for block in (0, 1):
        s[blocks == block] -= s[blocks == block].mean()
    kernel = kernel_of(codes, "kronecker")
    drawn = [
        float(kernel.quadratic(np.array([*a, *b]))) / 49
        for a, b in product(permutations(s[:4]), permutations(s[4:]))
    ]
    assert _null_mean(kernel, s, blocks) == pytest.approx(np.mean(drawn), abs=1e-14)


def test_blocks() -> None:
    assert np.bincount(_blocks(34)).tolist() == [10, 10, 14]
    assert np.bincount(_blocks(7)).tolist() == [7]
