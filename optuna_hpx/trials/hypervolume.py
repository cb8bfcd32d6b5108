"""Hypervolumes as Optuna computes them: the one place that knows its private name for that.

Optuna shows them by ``plot_hypervolume_history`` only. Its code is well kept, exact for any number
of objectives, and what its plot shows must be what is said here.
"""

from __future__ import annotations

import numpy as np
from optuna._hypervolume import compute_hypervolume

__all__ = ["hypervolume", "hypervolume_history"]


def hypervolume(losses: np.ndarray, reference_point: np.ndarray) -> float:
    """Compute the volume that losses dominate, up to the reference point.

    Args:
        losses: (n, m), lower is better; those not better than the reference point in all
            objectives, infinite ones among them, add nothing.
        reference_point: (m,) finite.
    """
    inside = losses[(losses < reference_point).all(axis=1)]
    return float(compute_hypervolume(inside, reference_point)) if len(inside) else 0.0


def hypervolume_history(
    losses: np.ndarray, reference_point: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Follow the hypervolume from trial to trial.

    Args:
        losses: (n, m) in the order of the trials, infinite where a trial brought nothing.
        reference_point: (m,) finite.

    Returns:
        The rows (k,) at which it grew, ascending, and its values (k,) from each of them on.
    """
    front = np.zeros((0, losses.shape[1]))
    rows, values, volume = [], [], 0.0
    for row in np.flatnonzero((losses < reference_point).all(axis=1)).tolist():
        loss = losses[row]
        if (front <= loss).all(axis=1).any():
            continue
        # What is new is what the trial dominates alone: cheaper than the whole front anew.
        alone = float(np.prod(reference_point - loss))
        volume += alone - hypervolume(np.maximum(front, loss), reference_point)
        front = np.vstack([front[(front < loss).any(axis=1)], loss])
        rows.append(row)
        values.append(volume)
    return np.array(rows, dtype=int), np.array(values)
