"""Densities to look at: how often a value occurs among some trials, and among the good of them.

For the eye only; importances do not rest on these (they do on
:mod:`optuna_hpx.importance.maths.ped_anova`).

Averaged shifted histograms after Scott, Ann. Statist. 13 (1985), equation 1.5: a histogram of a
fine grid, smoothed by a triangle, whose half width is the bin of a coarser histogram.
"""

from __future__ import annotations

import numpy as np

__all__ = ["GRID_SIZE", "averaged_shifted_histogram", "frequencies"]

GRID_SIZE = 64
_MIN_HALF_WIDTH = 2
_MAX_HALF_WIDTH = GRID_SIZE // 4


def averaged_shifted_histogram(u: np.ndarray) -> np.ndarray:
    """Estimate the density of ``u`` (n,) in [0, 1] at the middles of GRID_SIZE equal cells.

    Mass that would be smoothed over an end is reflected, so the mean over the cells is 1.

    Returns:
        (GRID_SIZE,), in units of the uniform density.
    """
    counts = np.bincount(
        np.minimum((u * GRID_SIZE).astype(int), GRID_SIZE - 1), minlength=GRID_SIZE
    )
    # n^(1/3) bins, the rate for a histogram, over the range that holds the middle half twice
    spread = 2.0 * float(np.subtract(*np.quantile(u, [0.75, 0.25])))
    width = round(GRID_SIZE * spread / (2.0 * len(u) ** (1.0 / 3.0)))
    half_width = min(max(width, _MIN_HALF_WIDTH), _MAX_HALF_WIDTH)
    triangle = half_width - np.abs(np.arange(1 - half_width, half_width))
    reflected = np.pad(counts, half_width - 1, mode="symmetric")
    smooth = np.convolve(reflected, triangle / triangle.sum(), mode="valid")
    return np.asarray(smooth * GRID_SIZE / len(u))


def frequencies(codes: np.ndarray, n_values: int) -> np.ndarray:
    """Return the share (n_values,) of each code 0 .. n_values - 1 among ``codes`` (n,)."""
    return np.asarray(np.bincount(codes, minlength=n_values) / len(codes))
