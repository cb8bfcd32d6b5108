r"""Losses as the share of the space that is better, and models of that share.

Notation
    N, n        trials; points drawn evenly from the space; both have f features
    w           (N,) share of the space that each trial stands for, sum 1
    y           (N,) share of the space that is better than a trial
    p           (N, 2) what two models predict for y, each trial by models that have not seen it
    a           (2,) weights of the models, >= 0, sum 1

Each trial stands for the share of the space that is nearest to it, so that the many trials in a
sampler's favourite neighbourhood count little, and the sum of w over the trials of smaller loss
estimates y. No monotone rescaling of the losses changes it, and a divergent one is merely the
worst. A model of y is judged by its skill on trials that it has not seen,

    R^2 = 1 - sum w (p a - y)^2 / sum w (y - sum w y)^2.                                     (1)
"""

from __future__ import annotations

import numpy as np

__all__ = ["losses_at", "nearest", "skill", "stack"]

_MAX_COMPARED = 20_000  # trials, for which is nearest
_DISTANCES_PER_CHUNK = 4_000_000
_EVEN_SHARE = 0.2  # of the weight of the trials, that is spread evenly over them


def nearest(encoded: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Compute w: the share of the points that is nearest to each trial, a part spread evenly.

    Of very many trials one of several stands for them.

    Args:
        encoded: (N, f) the trials.
        points: (n, f) the points.

    Returns:
        w, (N,). O(n N f), by products of matrices: a tree of the trials would look at all of
        them, too, where many features are categorical.
    """
    stride = -(-len(encoded) // _MAX_COMPARED)
    thinned = encoded[::stride]
    half_norm = 0.5 * np.square(thinned).sum(axis=1)
    chunks = np.array_split(points, max(len(points) * len(thinned) // _DISTANCES_PER_CHUNK, 1))
    closest = np.concatenate([(half_norm - chunk @ thinned.T).argmin(axis=1) for chunk in chunks])
    share = np.bincount(closest * stride, minlength=len(encoded)) / len(points)
    return np.asarray((1.0 - _EVEN_SHARE) * share + _EVEN_SHARE / len(encoded))


def stack(unseen: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Find the weights of two models that together predict best.

    Args:
        unseen: p, (N, 2).
        share: y, (N,).

    Returns:
        a, (2,), which makes the sum of (p a - y)^2 least.

    References:
        Breiman, Stacked regressions, Machine Learning 24, 1996.
    """
    apart = unseen[:, 0] - unseen[:, 1]
    first = float((share - unseen[:, 1]) @ apart / (apart @ apart or 1.0))
    return np.array([np.clip(first, 0.0, 1.0), 1.0 - np.clip(first, 0.0, 1.0)])


def skill(unseen: np.ndarray, share: np.ndarray, weights: np.ndarray) -> float:
    """Compute R^2 of equation 1, and 0 where it is negative.

    Args:
        unseen: (N,) what is predicted for trials that were not seen.
        share: y, (N,), not all equal.
        weights: w, (N,).
    """
    error = weights @ (unseen - share) ** 2
    spread = weights @ (share - weights @ share) ** 2
    return max(0.0, float(1.0 - error / spread))


def losses_at(predicted: np.ndarray, share: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Interpolate the losses at predicted shares; increasing, beyond those of the trials too.

    Where k trials share a loss, what is predicted nearer to their share than to the next one has
    that loss, too, but for one k-th of the way: a plateau stays one, and of two classes the line
    between is half-way.

    Args:
        predicted: n shares, an array of any shape.
        share: y, (N,), not all equal.
        losses: (N,) the losses of the trials, increasing in y.

    Returns:
        Finite losses, of the shape of ``predicted``. O((N + n) log N).
    """
    centres, first, count = np.unique(share, return_index=True, return_counts=True)
    flat = 0.5 * (1.0 - 1.0 / count)
    between = np.concatenate([[2.0], np.diff(centres), [2.0]])  # at the ends: further than shares
    knots = np.column_stack([centres - flat * between[:-1], centres + flat * between[1:]]).ravel()
    half = losses[first] / 2.0  # differences of whole ones may overflow
    slope = (half[-1] - half[0]) / (centres[-1] - centres[0])
    beyond = predicted - np.clip(predicted, knots[0], knots[-1])
    limit = np.finfo(float).max / 2.0
    at_knots = np.interp(predicted, knots, np.repeat(half, 2))
    return 2.0 * np.clip(at_knots + slope * beyond, -limit, limit)
