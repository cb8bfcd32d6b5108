r"""Bins of several resolutions, and how much noise a share between them carries.

Notation
    n, m        trials of a regime; of these in the target set; q = m / n
    K           bins of one resolution; n_k trials in bin k
    S_K         share of the variance of the labels between the K bins (ped_anova.py, equation 3)

Bins hold equal counts, so that only the order of the values matters. They are averaged over
shifted grids (Scott, Ann. Statist. 13, 1985), which lowers the variance of S_K by almost a third.
Without influence S_K is a quadratic form in the labels, in which two trials of one bin of n_k
weigh 1 / (n_k - 1). Its standard deviation is

    sigma_K = sqrt(2 (Q - 1)) / n,                                                           (1)

where Q is the sum of the squared weights, and 1 is the share of the mean, which is known. With
one grid of K equal bins Q = K. Where each of a few values is a bin, only those of two trials and
more are counted, n_c trials in all; that these are a sample of all trials adds the variance of
the mean of (b - q)^2 over them:

    sigma^2 = 2 (sum_k n_k / (n_k - 1) - 1) / n_c^2
              + (1 - 2 q)^2 / (q (1 - q)) (1 / n_c - 1 / n).                                 (2)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optuna_hpx.importance.maths.marginal import MIN_BIN, Marginal

__all__ = ["Bins", "bins_of", "cells_of", "plain_groups"]

# One setting for all cases, chosen by simulation on functions other than those that the
# benchmark reports: benchmarks/importance/ped_anova_settings.py.
_BIN_RATIO = 1.5  # from one K to the next
_BINS_PER_ROOT = 8.0  # times sqrt(m) bins (m or n - m, the smaller) on the finest grid, and
_MAX_BINS = 512  # bins in any case
_N_SHIFTS = 4
_MAX_CELLS = 64  # of plain cells; each coarser resolution joins pairs of them


@dataclass(frozen=True)
class Bins:
    """Bins of several resolutions, the coarsest first; each resolution tiles the trials.

    Attributes:
        left, right: Edges of the bins, as indices into the sorted trials.
        offsets: (resolutions,) where the bins of each start.
        noise: (resolutions,) standard deviation of S_K under no influence, equation 1 or 2.
        ends_exact: Whether in the last resolution every value is a bin of its own.
    """

    left: np.ndarray
    right: np.ndarray
    offsets: np.ndarray
    noise: np.ndarray
    ends_exact: bool = False

    def edges(self, resolution: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the left and right edges of the bins of one resolution, all shifts in turn."""
        start, end = [*self.offsets.tolist(), len(self.left)][resolution:][:2]
        return self.left[start:end], self.right[start:end]

    def means(self, cumulative: np.ndarray, resolution: int) -> np.ndarray:
        """Return (n,) the mean label of the bins around each trial, averaged over the shifts.

        Args:
            cumulative: (n + 1,) cumulative sums of the labels, from 0.
            resolution: The index of the resolution.
        """
        left, right = self.edges(resolution)
        sizes = right - left
        means = (cumulative[right] - cumulative[left]) / np.maximum(sizes, 1)
        tiled: np.ndarray = np.repeat(means, sizes).reshape(-1, len(cumulative) - 1)
        return np.asarray(tiled.mean(axis=0))


def bins_of(marginal: Marginal, m: int) -> Bins:
    """Cut one regime into bins: equal counts if its values have an order, else its values.

    Args:
        marginal: The regime.
        m: How many of its trials are in the target set; not 0, and not all.

    Returns:
        The bins. If the values are fewer than the bins of the finest grid, they are the last
        resolution.
    """
    n = len(marginal.rows)
    if not marginal.is_ordered:
        return _values_as_bins(marginal.boundaries(), m / n)
    max_bins = min(_BINS_PER_ROOT * np.sqrt(min(m, n - m)), n // MIN_BIN, _MAX_BINS)
    grid = _grid(n).up_to(max_bins)
    starts = marginal.starts
    if starts is None:
        return Bins(grid.left, grid.right, grid.offsets, grid.noise)
    bins = Bins(_snap(grid.left, starts), _snap(grid.right, starts), grid.offsets, grid.noise)
    return bins if marginal.n_values > max_bins else _join(bins, _values_as_bins(starts, m / n))


def _join(coarser: Bins, finest: Bins) -> Bins:
    return Bins(
        np.concatenate([coarser.left, finest.left]),
        np.concatenate([coarser.right, finest.right]),
        np.append(coarser.offsets, len(coarser.left)),
        np.append(coarser.noise, finest.noise),
        ends_exact=True,
    )


def _values_as_bins(starts: np.ndarray, q: float) -> Bins:
    noise = np.array([_noise_of_groups(np.diff(starts), q)])
    return Bins(starts[:-1], starts[1:], np.array([0]), noise, ends_exact=True)


def plain_groups(marginal: Marginal) -> np.ndarray:
    """Return (K + 1,) boundaries of two halves, or of the values if these have no order."""
    n, starts = len(marginal.rows), marginal.starts
    if starts is not None and not marginal.ordered:
        return starts
    halves = np.array([0, (n + 1) // 2, n])
    return halves if starts is None else np.unique(_snap(halves, starts))


def cells_of(marginal: Marginal) -> tuple[np.ndarray, int]:
    """Cut one regime into plain cells, of which neighbours can be joined again and again.

    Returns:
        (n,) the cell of each trial, in the order of the values, and how often neighbours can be
        joined; not at all if the values have no order.
    """
    starts, n = marginal.boundaries(), len(marginal.rows)
    if not marginal.is_ordered:
        return np.repeat(np.arange(len(starts) - 1), np.diff(starts)), 0
    n_joins = int(np.log2(max(min(_MAX_CELLS, n // MIN_BIN), 2))) - 1
    return np.repeat(starts[:-1] * 2 ** (n_joins + 1) // n, np.diff(starts)), n_joins


def _snap(edges: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Move each edge to the nearest boundary between equal values, so that none is cut."""
    after = np.searchsorted(starts, edges).clip(1, len(starts) - 1)
    before = after - 1
    nearer_before = edges - starts[before] < starts[after] - edges
    return np.where(nearer_before, starts[before], starts[after])


@dataclass(frozen=True)
class _Grid:
    """Bins of equal counts of several resolutions, the coarsest first, each with all its shifts.

    Attributes:
        left, right: Edges of the bins, as indices into the sorted trials.
        bins: (resolutions,) K of each.
        offsets: (resolutions,) where the bins of each start.
        noise: (resolutions,) standard deviation of S_K under no influence.
    """

    left: np.ndarray
    right: np.ndarray
    bins: np.ndarray
    offsets: np.ndarray
    noise: np.ndarray

    def up_to(self, max_bins: float) -> _Grid:
        """Leave out the resolutions of more than ``max_bins``, but for the coarsest."""
        count = max(int(np.searchsorted(self.bins, max_bins, side="right")), 1)
        end = self.offsets[count] if count < len(self.bins) else len(self.left)
        return _Grid(
            self.left[:end],
            self.right[:end],
            self.bins[:count],
            self.offsets[:count],
            self.noise[:count],
        )


# The grid depends on n alone, and the parameters of a study mostly have the same n.
@lru_cache(maxsize=256)
def _grid(n: int) -> _Grid:
    bins = [2]
    while (k := round(2.0 * _BIN_RATIO ** len(bins))) <= min(n // MIN_BIN, _MAX_BINS):
        bins.append(k)
    edges = [[_edges(n, k, shift / _N_SHIFTS) for shift in range(_N_SHIFTS)] for k in bins]
    sizes = [sum(len(shifted) - 1 for shifted in of_k) for of_k in edges]
    return _Grid(
        left=np.concatenate([shifted[:-1] for of_k in edges for shifted in of_k]),
        right=np.concatenate([shifted[1:] for of_k in edges for shifted in of_k]),
        bins=np.array(bins),
        offsets=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        noise=np.array([_noise(_rounded_up(n), k) for k in bins]) * _rounded_up(n) / n,
    )


def _edges(n: int, k: int, shift: float) -> np.ndarray:
    """Place the edges of k bins of n / k trials, moved by ``shift`` of a bin.

    No bin at an end has fewer than two trials.
    """
    inner = np.round((np.arange(k + 1) + shift) * n / k).astype(int)
    inner = inner[(inner >= 2) & (inner <= n - 2)]
    return np.concatenate([[0], inner, [n]])


def _rounded_up(n: int) -> int:
    """Round n up to two digits: n times the noise hardly depends on n, and is costly to get."""
    unit = 10 ** max(len(str(n)) - 2, 0)
    return -(-n // unit) * unit


@lru_cache(maxsize=4096)
def _noise(n: int, k: int) -> float:
    """Compute sigma_K of equation 1, for S_K averaged over the shifted grids."""
    grids = [_edges(n, k, shift / _N_SHIFTS) for shift in range(_N_SHIFTS)]
    q = 0.0
    for first in grids:
        for second in grids:
            common = np.union1d(first, second)
            n_common, start = np.diff(common), common[:-1]
            n_k = np.diff(first)[np.searchsorted(first, start, side="right") - 1]
            n_l = np.diff(second)[np.searchsorted(second, start, side="right") - 1]
            q += float((n_common * (n_common - 1) / ((n_k - 1) * (n_l - 1))).sum())
    return float(np.sqrt(2.0 * (q / len(grids) ** 2 - 1.0)) / n)


def _noise_of_groups(n_k: np.ndarray, q: float) -> float:
    """Compute sigma of equation 2, for groups of the sizes n_k (K,)."""
    n, n_k = n_k.sum(), n_k[n_k > 1]
    counted = n_k.sum()
    if counted == 0:
        return 0.0
    within = 2.0 * max((n_k / (n_k - 1.0)).sum() - 1.0, 0.0) / counted**2
    sampled = (1.0 - 2.0 * q) ** 2 / (q * (1.0 - q)) * (1.0 / counted - 1.0 / n)
    return float(np.sqrt(within + sampled))
