r"""Intervals from plausible surfaces, widened until they hold in trials that were not seen.

Notation
    D           (B, q) draws of q quantities: one row, one plausible surface
    alpha       1 - confidence
    m           (q,) medians of the draws
    l, u        (q,) their quantiles alpha / 2 and 1 - alpha / 2
    c           factor, at least 1

A surrogate thinks too well of itself. How much so is seen in pairs of trials that it was not
taught: it draws their difference, and the true one is known. With

    r = (y - m) / (u - m) above the median, (m - y) / (m - l) below it,                       (1)

an interval from m - c (m - l) to m + c (u - m) holds y where r <= c. So c is a quantile of r over
many pairs (Romano, Patterson, Candes: Conformalized quantile regression, NeurIPS 2019, of which
this is the scaled kind), and at least 1. Which quantile: at 1 - alpha, intervals held as often as
they should for pairs of trials, but a little less on paths between two, which are not drawn; at
1 - 0.4 alpha they held there, too. Noise of the trials is in y, but
not in what is then asked of the surface: where there is much of it, intervals are wider than they
need to be.
"""

from __future__ import annotations

import numpy as np

__all__ = ["difference_pairs", "intervals", "misses", "widening"]

_CAUTION = 0.4
"""Of alpha: chosen on the design functions of benchmarks/importance/cases.py, where 0.6 left
single samplers and sizes at 94 %."""

_TINY = 1e-6  # of the range of the losses, so that no draws agree without any doubt


def intervals(draws: np.ndarray, confidence: float, factor: float) -> np.ndarray:
    """Return (2, q) ends of an interval for each quantity.

    Args:
        draws: D, (B, q).
        confidence: 1 - alpha.
        factor: c.
    """
    low, middle, high = _quantiles(draws, confidence)
    return np.stack([middle - factor * (middle - low), middle + factor * (high - middle)])


def difference_pairs(n: int, n_pairs: int, rng: np.random.Generator) -> np.ndarray:
    """Draw pairs (2, k) of n things, each pair once; all of them if they are at most n_pairs."""
    pairs = np.stack(np.triu_indices(n, 1))
    if pairs.shape[1] <= n_pairs:
        return pairs
    return pairs[:, rng.choice(pairs.shape[1], n_pairs, replace=False)]


def misses(
    draws: np.ndarray, losses: np.ndarray, pairs: np.ndarray, confidence: float
) -> np.ndarray:
    """Compute r, (k,), of differences of trials that the surrogate has not seen, equation 1.

    Args:
        draws: D, (B, n), of the losses of these trials.
        losses: (n,) their losses.
        pairs: (2, k) which differences.
        confidence: 1 - alpha.
    """
    first, second = pairs
    low, middle, high = _quantiles(draws[:, first] - draws[:, second], confidence)
    beyond = losses[first] - losses[second] - middle
    tiny = _TINY * float(np.ptp(losses)) or 1.0
    return np.maximum(beyond / (high - middle + tiny), -beyond / (middle - low + tiny))


def widening(missed: np.ndarray, confidence: float) -> float:
    """Return c: the quantile of r (k,), at least 1; 1 where there is no pair."""
    if not len(missed):
        return 1.0
    level = 1.0 - _CAUTION * (1.0 - confidence)
    return max(1.0, float(np.quantile(missed, level, method="higher")))


def _quantiles(draws: np.ndarray, confidence: float) -> np.ndarray:
    alpha = 1.0 - confidence
    return np.quantile(draws, [alpha / 2.0, 0.5, 1.0 - alpha / 2.0], axis=0)
