"""The law of random search that fits the best trials: where the climbs begin, and which one wins.

The product of spacings (spacings.py) can have two maxima, one without noise and one with. Climbs
therefore begin from little noise and from much, first on few edges (coarse), and the best laws
climb once more on all of them (fine).

Notation
    B               laws that are fitted side by side, one for each gamma
    theta (B, 3)    (alpha, log D, log s), see spacings.py
    m               edges of the buckets
"""

from __future__ import annotations

import numpy as np

from optuna_hpx.law.maths.buckets import Buckets
from optuna_hpx.law.maths.spacings import Climb, Fits, best_of, climb, profile

__all__ = ["fit"]

_N_COARSE_EDGES, _N_FINE_EDGES = 64, 1024  # at most: cost grows with them, precision hardly
_NOISES = np.array([3e-3, 0.02, 0.1, 0.4])  # s of the profile from which cold climbs begin
_N_QUIET = 2  # of _NOISES count as little; the best of these and of the others each begin a climb
_GAP = 0.2  # noise of a fine start in units of the gap that is expected below the lowest loss
_NOISE_STEP = 1.2  # in log s, on both sides of a maximum, to look for a higher one
_CONTENDING = 10.0  # nats below the best law within which one goes on competing at a warm start
_FINE = Climb(n_steps=24, n_nodes=24, tolerance=1e-4)


def fit(buckets: Buckets, gammas: np.ndarray, *, start: Fits | None = None) -> Fits:
    """Fit the law of each gamma by the maximum product of spacings.

    Args:
        buckets: At least two edges.
        gammas: (B,) effective numbers of hyperparameters.
        start: Fits of the same gammas to somewhat fewer trials, from which to go on.

    Returns:
        The fits. Only the best ones are fine; the objectives of the others are moved along, so
        that they stay comparable.

    Cost: some 60 evaluations of B laws at 64 edges, a third of it with ``start``; then some of
    the best ones at all edges, or at 1024 of them.
    """
    gammas = np.asarray(gammas, dtype=float)
    coarse = buckets.grouped(_N_COARSE_EDGES)
    if start is None:
        fits = best_of([climb(coarse, gammas, theta) for theta in _cold_starts(coarse, gammas)])
        return _polish(buckets, fits, n_polished=2)
    return _polish(buckets, _go_on(coarse, gammas, start), n_polished=1)


def _cold_starts(buckets: Buckets, gammas: np.ndarray) -> list[np.ndarray]:
    """Begin from little noise and from much: without noise there may be a second maximum."""
    fits = profile(buckets, gammas, _NOISES)
    return [best_of(fits[:_N_QUIET]).theta, best_of(fits[_N_QUIET:]).theta]


def _go_on(buckets: Buckets, gammas: np.ndarray, start: Fits) -> Fits:
    """Maximise with the laws of ``start`` that compete, and move the others' objectives along."""
    rows = np.flatnonzero(start.objective > start.objective.max() - _CONTENDING)
    starts = _warm_starts(start.theta[rows])
    better = best_of([climb(buckets, gammas[rows], theta) for theta in starts])
    theta, objective, information = (
        array.copy() for array in (start.theta, start.objective, start.information)
    )
    objective += better.objective.max() - start.objective.max()
    theta[rows], objective[rows] = better.theta, better.objective
    information[rows] = better.information
    return Fits(gammas, theta, objective, information)


def _warm_starts(theta: np.ndarray) -> list[np.ndarray]:
    """Begin as it was, and with noise where there was none: nothing leads away from zero."""
    noisy = theta.copy()
    noisy[:, 2] = np.maximum(theta[:, 2], np.log(_NOISES[1]))
    return [theta] if np.array_equal(noisy, theta) else [theta, noisy]


def _polish(buckets: Buckets, fits: Fits, n_polished: int) -> Fits:
    """Refit the best ``n_polished`` rows at all edges; the objectives stay comparable."""
    rows = np.argsort(-fits.objective)[:n_polished]
    fine = buckets.grouped(_N_FINE_EDGES)
    theta, gamma = fits.theta[rows], fits.gamma[rows]
    starts = [theta, _with_gap_noise(theta, gamma, len(fine.edges))]
    if n_polished > 1:
        shift = np.array([0.0, 0.0, _NOISE_STEP])
        starts += [theta - shift, theta + shift]
    best = best_of([climb(fine, gamma, start, _FINE) for start in starts])
    objective = fits.objective + (best.objective[0] - fits.objective[rows[0]])
    theta = fits.theta.copy()
    theta[rows], objective[rows] = best.theta, best.objective
    return Fits(fits.gamma, theta, objective, fits.information)


def _with_gap_noise(theta: np.ndarray, gammas: np.ndarray, m: int) -> np.ndarray:
    """Set the noise to about the gap between alpha and the lowest loss, D m^(-2/gamma).

    Where a law without noise is a maximum, there may be a higher one there.
    """
    return np.column_stack([theta[:, :2], np.log(_GAP) - 2.0 / gammas * np.log(m)])
