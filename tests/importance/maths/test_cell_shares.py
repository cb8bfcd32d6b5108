from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths.cell_shares import CellCounts, ParameterCells


def _counts(codes: np.ndarray, regime: np.ndarray, b: np.ndarray) -> CellCounts:
    cells = ParameterCells(codes, regime)
    n_k = cells.count(np.ones((1, len(b))))
    return CellCounts(regime, len(b), int(b.sum()), n_k, cells.count(b[None].astype(float)))


def test_counts_in_cells() -> None:
    cells = ParameterCells(np.array([0, 2, 2, 3]), np.array([0, 0, 0, 1]))
    members = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    np.testing.assert_array_equal(cells.count(members), [[1, 0, 2, 1], [0, 0, 1, 1]])


def test_the_share_is_that_of_variances_by_their_definition() -> None:
    """Regime by regime with NumPy's variances; a regime of one cell adds nothing."""
    rng = np.random.default_rng(0)
    codes, regime = rng.integers(0, 8, 300), np.array([0, 0, 0, 1, 1, 1, 1, 2])
    b = rng.random(300) < 0.1 + 0.08 * codes
    expected = 0.0
    for r in (0, 1):
        own = np.isin(codes, np.flatnonzero(regime == r))
        within = sum(
            (codes == k).mean() * b[codes == k].var(ddof=1) for k in np.flatnonzero(regime == r)
        )
        expected += own.mean() * b[own].var(ddof=1) - within
    share = _counts(codes, regime, b).share()[0]
    assert share == pytest.approx(expected / b.var(ddof=1))


def test_a_share_is_right_on_average() -> None:
    """P(b) is .02 or .38 in two halves: S = .18^2 / (.2 * .8), and 0 of an idle parameter."""
    rng = np.random.default_rng(1)
    shares, idle = [], []
    for _ in range(400):
        codes = rng.integers(0, 6, 200)
        b = rng.random(200) < np.where(codes < 3, 0.02, 0.38)
        shares.append(_counts(codes, np.zeros(6, dtype=int), b).share()[0])
        idle.append(_counts(rng.permutation(codes), np.zeros(6, dtype=int), b).share()[0])
    exact = 0.18**2 / 0.16
    for values, expected in ((shares, exact), (idle, 0.0)):
        assert abs(np.mean(values) - expected) < 4.0 * np.std(values) / 20.0


@pytest.mark.parametrize("effect", [0.0, 0.5, 2.0, 20.0])
def test_the_error_is_the_spread_over_samples(effect: float) -> None:
    """Of 300 trials with 60 in the target set; of 1000 samples a spread is within a few percent.

    With the cut, which moves from sample to sample. Where nothing matters the error errs upwards,
    since never less than R is left.
    """
    rng = np.random.default_rng(2)
    shares, squared = [], []
    while len(shares) < 1000:
        codes = rng.integers(0, 6, 300)
        order = np.argsort(effect * (codes >= 2) + rng.random(300), kind="stable")
        b, near = np.zeros((2, 300), dtype=bool)
        b[order[:60]] = near[order[45:75]] = True
        cells = ParameterCells(codes, np.zeros(6, dtype=int))
        counts = _counts(codes, cells.regime, b)
        shares.append(counts.share()[0])
        slope = counts.cut_slope(cells.count(near.astype(float)))[0]
        squared.append(counts.squared_error()[0] + slope**2 * counts.variance / 300)
    ratio = np.sqrt(np.mean(squared)) / np.std(shares)
    assert 0.85 < ratio < (1.35 if effect == 0.0 else 1.2)


def test_the_error_of_a_fixed_cut() -> None:
    """Then the number of target trials varies, and with it V."""
    rng = np.random.default_rng(3)
    shares, squared = [], []
    while len(shares) < 1000:
        codes = rng.integers(0, 6, 300)
        b = (codes >= 2) + rng.random(300) < 0.6
        counts = _counts(codes, np.zeros(6, dtype=int), b)
        shares.append(counts.share()[0])
        slope = counts.cut_slope(np.zeros(6))[0]
        squared.append(counts.squared_error()[0] + slope**2 * counts.variance / 300)
    assert 0.9 < np.sqrt(np.mean(squared)) / np.std(shares) < 1.15


def test_the_influence_is_the_derivative_of_the_share() -> None:
    """By finite differences: a trial of each label moves to another cell."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 4, 4000)
    b = rng.random(4000) < 0.1 + 0.1 * codes
    n_k = np.bincount(codes, minlength=4).astype(float)
    m_k = np.bincount(codes, b, minlength=4)
    counts = CellCounts(np.zeros(4, dtype=int), 4000, int(b.sum()), n_k[None], m_k[None])
    variance = b.mean() * (1.0 - b.mean())

    def between(n: np.ndarray, m: np.ndarray) -> float:
        return float((n * (m / n - m.sum() / n.sum()) ** 2).sum() / n.sum()) / variance

    for label in (0, 1):
        psi = counts.influence(label)[0]
        for k in range(1, 4):
            step = 1e-3 * (np.eye(4)[k] - np.eye(4)[0])
            slope = (between(n_k + step, m_k + label * step) - between(n_k, m_k)) / (1e-3 / 4000)
            assert psi[k] - psi[0] == pytest.approx(slope, abs=1e-4)


def test_the_influence_has_no_slope_by_the_label() -> None:
    rng = np.random.default_rng(4)
    codes, regime = rng.integers(0, 7, 500), np.array([0, 0, 0, 1, 1, 1, 2])
    b = rng.random(500) < 0.1 + 0.08 * codes
    counts = _counts(codes, regime, b)
    psi = np.stack([counts.influence(0)[0], counts.influence(1)[0]])[b.astype(int), codes]
    assert np.cov(psi, b)[0, 1] == pytest.approx(0.0, abs=1e-12)
