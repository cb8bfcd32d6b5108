"""The influence of a trial against what happens when it is weighed more."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.importance.maths.estimates import Cut, estimate
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import fits


def plain_s(codes: np.ndarray, b: np.ndarray, weights: np.ndarray) -> float:
    """S of a categorical parameter, without any correction, for weighted trials."""
    w = weights / weights.sum()
    q = w @ b
    groups = [codes == code for code in np.unique(codes)]
    v = sum(w[g].sum() * ((w[g] @ b[g]) / w[g].sum() - q) ** 2 for g in groups)
    return float(v / (q * (1 - q)))


def test_influence_is_the_derivative_by_the_weight_of_a_trial() -> None:
    """With a fixed threshold: psi_k = n dS / dw_k, by finite differences."""
    rng = np.random.default_rng(0)
    n = 400
    codes = rng.integers(0, 3, n)
    top = rng.random(n) < np.array([0.05, 0.2, 0.6])[codes]
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    cut = Cut(np.ones(n, dtype=bool), top, None, np.arange(0), n)
    found = estimate(fits(top, n, [Marginal(order, starts, ordered=False)]), 0.0, cut)
    b, ones, step = top.astype(float), np.ones(n), 1e-5
    assert found.size == pytest.approx(plain_s(codes, b, ones))
    for k in (0, 1, 2, int(np.argmax(top))):
        heavier, lighter = ones.copy(), ones.copy()
        heavier[k] += step
        lighter[k] -= step
        slope = (plain_s(codes, b, heavier) - plain_s(codes, b, lighter)) / (2 * step)
        assert found.linear[k] - found.square[k] == pytest.approx(n * slope, abs=1e-6)


def test_regimes_add_up() -> None:
    """Two halves of a study that are alike: S is that of each, and the noise less."""
    rng = np.random.default_rng(1)
    x, n = rng.random(200), 400
    top = np.tile(x < 0.1, 2)
    cut = Cut(np.ones(n, dtype=bool), top, None, np.arange(0), n)
    order = np.argsort(x)
    half = fits(top[:200], 200, [Marginal(order, None, ordered=True)])
    both = [Marginal(order + start, None, ordered=True) for start in (0, 200)]
    one_cut = Cut(np.ones(200, dtype=bool), top[:200], None, np.arange(0), 200)
    one, two = estimate(half, 0.0, one_cut), estimate(fits(top, n, both), 0.0, cut)
    assert two.shrunk == pytest.approx(one.shrunk)
    assert two.s == pytest.approx(one.s)
    assert two.noise == pytest.approx(one.noise / np.sqrt(2))


def test_nothing_to_compare() -> None:
    cut = Cut(np.ones(4, dtype=bool), np.arange(4) < 1, None, np.arange(0), 4)
    constant = Marginal(np.arange(4), np.array([0, 4]), ordered=True)
    nothing = estimate(fits(cut.top, 4, [constant]), 0.0, cut)
    assert nothing.is_empty
    assert nothing.cannot_vary
    assert not estimate([], 0.2, cut).cannot_vary
