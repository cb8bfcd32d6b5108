"""The maximum-spacing fit against another optimiser, and what it must not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from optuna_hpx.law.maths.buckets import make_buckets, spread_ties
from optuna_hpx.law.maths.fit import fit
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.law.maths.spacings import evaluate

GAMMAS = np.arange(1.0, 11.0)


def draws(n: int, gamma: float, sigma: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n)


@pytest.mark.parametrize(
    ("gamma", "sigma", "share"), [(1, 0.02, 0.5), (2, 0.05, 1.0), (4, 0.1, 0.7)]
)
def test_no_other_optimiser_finds_more(gamma: int, sigma: float, share: float) -> None:
    """Nelder and Mead from many starts, with the objective written down once more."""
    y = draws(120, gamma, sigma, 3)
    threshold = float(np.quantile(y, share)) if share < 1.0 else np.inf
    buckets = make_buckets(y, threshold)
    found = fit(buckets, GAMMAS)

    def loss(theta: np.ndarray, of: float) -> float:
        law = NoisyQuadratic(
            theta[0], theta[0] + np.exp(theta[1]), of, np.exp(np.clip(theta[1] + theta[2], -20, 5))
        )
        p = np.diff(law.cdf(buckets.edges), prepend=0.0, append=1.0)
        return float(-(buckets.counts * np.log(np.maximum(p, 1e-300))).sum())

    for at in (found.best, int(gamma) - 1):
        for start in ((-0.1, 0.0, -3.0), (0.05, 0.3, -1.5), tuple(found.theta[at])):
            other = optimize.minimize(
                loss, start, args=(GAMMAS[at],), method="Nelder-Mead", options={"maxiter": 400}
            )
            assert -other.fun <= found.objective.max() + 0.01


def test_the_same_law_as_opda() -> None:
    """Fits of opda 0.8.0 (differential evolution, seed 0) to these draws."""
    for (n, gamma, sigma, share), (a, b, c, o) in OPDA.items():
        y = draws(n, gamma, sigma, 11)
        threshold = float(np.quantile(y, share))
        buckets = make_buckets(y, threshold)
        found = fit(buckets, GAMMAS)
        theta = np.array([[a, np.log(b - a), np.log(max(o / (b - a), 1e-6))]])
        theirs = evaluate(buckets, np.array([float(c)]), theta, 48)[0][0]
        best = slice(found.best, found.best + 1)
        ours = evaluate(buckets, found.gamma[best], found.theta[best], 48)[0][0]
        assert ours >= theirs - 0.01
        law = found.law(found.best)
        assert law.gamma == c
        assert law.alpha == pytest.approx(a, abs=0.003)


OPDA = {
    (100, 1, 0.02, 0.5): (0.00180854, 1.05526887, 1, 0.02421099),
    (200, 2, 0.05, 0.5): (-0.00090144, 1.08610748, 2, 0.01534228),
    (150, 1, 0.05, 0.6): (-0.01220567, 1.02546571, 1, 0.04237903),
}


def test_a_warm_start_finds_as_much_as_a_cold_one() -> None:
    for gamma, sigma in ((1, 0.01), (2, 0.05), (3, 0.0), (5, 0.2)):
        y = draws(200, gamma, sigma, 5)
        before = fit(make_buckets(y[:180], np.inf), GAMMAS)
        buckets = make_buckets(y, np.inf)
        cold, warm = fit(buckets, GAMMAS), fit(buckets, GAMMAS, start=before)
        assert warm.objective.max() > cold.objective.max() - 0.05


def test_units_do_not_matter() -> None:
    y = draws(100, 2, 0.05, 1)
    a = fit(make_buckets(y, np.inf), GAMMAS)
    b = fit(make_buckets(1e4 * y - 7e4, np.inf), GAMMAS)
    one, other = a.law(a.best), b.law(b.best)
    assert one.gamma == other.gamma
    assert other.alpha == pytest.approx(1e4 * one.alpha - 7e4, abs=20)
    assert other.sigma == pytest.approx(1e4 * one.sigma, rel=0.05)


def test_rounding_moves_the_fit_little() -> None:
    y = draws(400, 2, 0.05, 2)
    fine = fit(make_buckets(np.sort(y), np.inf), GAMMAS)
    coarse = fit(make_buckets(spread_ties(np.round(y, 2)), np.inf), GAMMAS)
    assert coarse.law(coarse.best).gamma == fine.law(fine.best).gamma
    assert coarse.law(coarse.best).alpha == pytest.approx(fine.law(fine.best).alpha, abs=0.01)
