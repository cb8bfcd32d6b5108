"""The additive fit of a two-way table and what it leaves, by brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from optuna_hpx.importance.maths.two_way import cumulants


def labels_of(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.random(p.shape) < p


def brute_force(labels: np.ndarray, k: np.ndarray, l: np.ndarray) -> list[float]:  # noqa: E741
    """U, kappa2 and kappa3 of one table, by trials and a pseudo-inverse."""
    n = len(labels)
    design = np.hstack([np.eye(k.max() + 1)[k], np.eye(l.max() + 1)[l]])
    hat = design @ np.linalg.pinv(design)
    same = (k[:, None] == k) & (l[:, None] == l)
    n_c = same.sum(axis=1)
    assert n_c.min() > 1
    freedom = 1.0 - n_c * np.diag(hat)
    w = same / n_c - hat + same * (freedom / n_c / (n_c - 1))[:, None]
    np.fill_diagonal(w, 0.0)
    p = np.clip(hat @ labels, 0.0, 1.0)
    v = p * (1.0 - p)
    kappa2 = 2.0 * v @ w**2 @ v
    skew = v * (1.0 - 2.0 * p)
    kappa3 = 2.0 * kappa2**2 / (v * freedom / n_c).sum()
    kappa3 += 4.0 * skew @ (w**3 * same) @ skew
    assert n == same.shape[0]
    return [labels @ w @ labels, kappa2, kappa3]


@pytest.mark.parametrize(("k", "l"), [(2, 2), (4, 4), (3, 5)])
def test_one_resolution_by_brute_force(k: int, l: int) -> None:  # noqa: E741
    rng = np.random.default_rng(5)
    codes = rng.integers(0, k, 200), np.minimum(rng.integers(0, l, 200), rng.integers(0, l, 200))
    for at in product(range(k), range(l)):  # no cell of a single trial
        codes[0][[10 * sum(at), 10 * sum(at) + 1]] = at[0]
        codes[1][[10 * sum(at), 10 * sum(at) + 1]] = at[1]
    labels = labels_of(0.1 + 0.3 * codes[0] / k + 0.3 * codes[1] / l, rng)
    joint = codes[0] * l + codes[1]
    n_c = np.bincount(joint, minlength=k * l).astype(float)
    labels, codes = (
        labels[n_c[joint] > 1].astype(float),
        (codes[0][n_c[joint] > 1], codes[1][n_c[joint] > 1]),
    )
    joint = codes[0] * l + codes[1]
    n_c = np.bincount(joint, minlength=k * l).astype(float).reshape(1, k, l)
    m_c = np.bincount(joint, labels, minlength=k * l).reshape(1, k, l)
    found = cumulants(n_c, m_c)[:, 0]
    np.testing.assert_allclose(found, brute_force(labels, *codes), rtol=1e-6)


def test_additive_counts_leave_no_interaction_but_chance() -> None:
    """Equal cells with exactly additive shares: U is minus the variance that chance adds."""
    n_c = np.full((1, 2, 2), 10.0)
    m_c = np.array([[[1.0, 3.0], [4.0, 6.0]]])
    within = (m_c * (10 - m_c) / 90).sum() / 4  # freedom 1 / 4 a cell
    assert cumulants(n_c, m_c)[0, 0] == pytest.approx(-within)


def test_a_table_of_one_row_leaves_no_freedom() -> None:
    n_c = np.array([[[5.0, 7.0, 9.0], [0.0, 0.0, 0.0]]])
    m_c = np.array([[[1.0, 3.0, 2.0], [0.0, 0.0, 0.0]]])
    np.testing.assert_array_equal(cumulants(n_c, m_c), 0.0)
