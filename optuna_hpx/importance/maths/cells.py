"""Cells: one parameter cut into a few sets of trials, and tables of two of them.

An ordered parameter has 32 cells of equal counts, which can be joined two by two; each choice of a
categorical one is a cell, but for the rare ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["MIN_CELL", "N_LEVELS", "Cells", "choice_cells", "coarsen", "fill", "ordered_cells"]

MIN_CELL = 3.0
"""Trials in a joint cell on average, except at the coarsest resolution."""
_FINEST = 32  # cells of an ordered parameter; a power of two
N_LEVELS = _FINEST.bit_length() - 1
"""Resolutions of an ordered parameter, from 2 to 32 cells."""
_RARE = 5  # choices of fewer trials share a cell, and
_MAX_CHOICES = 32  # so do the rarest of more choices than these


@dataclass(frozen=True)
class Cells:
    """One parameter: the cell of each trial.

    Attributes:
        codes: (n,) integers in [0, size).
        size: Number of cells.
        ordered: Whether neighbouring cells may be merged, two by two; then size is 32.
    """

    codes: np.ndarray
    size: int
    ordered: bool


def ordered_cells(order: np.ndarray, values: np.ndarray, strata: np.ndarray | None) -> Cells:
    """Cut an ordered parameter into cells of equal counts within each stratum.

    Equal values are never parted.

    Args:
        order: (n,) the trials, sorted by value.
        values: (n,) values of the trials.
        strata: (n,) the stratum of each trial, or None.

    Returns:
        The cells. O(n log n) with strata, else O(n).
    """
    n = len(order)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    of_stratum = np.zeros(n, dtype=int) if strata is None else strata[order]
    x = values[order]
    is_new_stratum = np.diff(of_stratum, prepend=-1) != 0
    is_new_value = is_new_stratum | (np.diff(x, prepend=np.nan) != 0.0)
    start, end = _runs(is_new_stratum)
    first, last = _runs(is_new_value)
    middle = 0.5 * (first + last) - start
    codes = np.empty(n, dtype=int)
    codes[order] = (middle * _FINEST / (end - start)).astype(int)
    return Cells(codes, _FINEST, ordered=True)


def _runs(is_start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find start and end of the run that each position is in; (n,) each."""
    edges = np.append(np.flatnonzero(is_start), len(is_start))
    sizes = np.diff(edges)
    return np.repeat(edges[:-1], sizes), np.repeat(edges[1:], sizes)


def choice_cells(choices: np.ndarray) -> Cells:
    """Make a cell of each choice, but for the rare ones, which share the last.

    Args:
        choices: (n,) the choice of each trial.

    Returns:
        The cells. O(n log n).
    """
    choices, codes, counts = np.unique(choices, return_inverse=True, return_counts=True)
    by_frequency = np.argsort(-counts, kind="stable")
    kept = by_frequency[: _MAX_CHOICES - 1 if len(choices) > _MAX_CHOICES else None]
    kept = kept[counts[kept] >= _RARE]
    cell_of = np.full(len(choices), len(kept))
    cell_of[kept] = np.arange(len(kept))
    return Cells(cell_of[codes], len(kept) + int(len(kept) < len(choices)), ordered=False)


def fill(
    n_c: np.ndarray, m_c: np.ndarray, ordered: tuple[bool, bool]
) -> tuple[np.ndarray, np.ndarray]:
    """Put the rarest choices of tables together, until their cells are filled enough.

    Args:
        n_c: (..., K, L) trials in each cell.
        m_c: (..., K, L) of these in the target set.
        ordered: Whether the rows, and the columns, are cells of an ordered parameter.

    Returns:
        n_c and m_c of the new tables, of the same shapes.
    """
    limit = np.maximum(n_c.sum(axis=(-2, -1)) / MIN_CELL, 4.0)
    rows, columns = n_c.sum(axis=-1), n_c.sum(axis=-2)
    sizes = [
        np.full(limit.shape, 2.0) if is_ordered else np.maximum((side > 0.0).sum(axis=-1), 2.0)
        for side, is_ordered in zip((rows, columns), ordered, strict=True)
    ]
    most = np.floor(np.maximum(np.sqrt(limit), limit / np.minimum(*sizes))).astype(int)
    if not ordered[0] and (sizes[0] > most).any():
        first = np.swapaxes(_put_together(rows, most), -2, -1)
        n_c, m_c = first @ n_c, first @ m_c
    if not ordered[1] and (sizes[1] > most).any():
        second = _put_together(columns, most)
        n_c, m_c = n_c @ second, m_c @ second
    return n_c, m_c


def _put_together(counts: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return (..., K, K) indicators of the new place of K choices, of which ``most`` are left."""
    rank = np.argsort(np.argsort(-counts, axis=-1, kind="stable"), axis=-1)
    place = np.minimum(rank, most[..., None] - 1)
    return np.asarray(place[..., None] == np.arange(counts.shape[-1]), dtype=float)


def coarsen(counts: np.ndarray, ordered: tuple[bool, bool], level: int) -> np.ndarray:
    """Join the cells of tables along the ordered axes.

    Args:
        counts: (T, K, L) tables.
        ordered: Whether the rows, and the columns, are cells of an ordered parameter.
        level: The resolution: 2^(level + 1) cells are left.
    """
    size = 2 ** (level + 1)
    t, n_rows, n_columns = counts.shape
    if ordered[0]:
        counts = counts.reshape(t, size, n_rows // size, n_columns).sum(axis=2)
    if ordered[1]:
        counts = counts.reshape(t, -1, size, n_columns // size).sum(axis=3)
    return counts
