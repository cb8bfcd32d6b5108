"""Empty cells: a parameter that a trial did not have, or the choice None."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["is_condition", "is_missing", "is_none"]

_MIN_ROWS = 20
_MIN_EMPTY = 5
_MAX_LEAVES = 6
_MIN_LEAF = 3


def is_none(cells: Sequence[object]) -> np.ndarray:
    """Return (n,) whether a cell holds None itself."""
    return np.array([cell is None for cell in cells], dtype=bool)


def is_missing(cells: Sequence[object]) -> np.ndarray:
    """Return (n,) whether a cell holds nothing, as NaN."""
    return np.array([cell is not None and bool(cell != cell) for cell in map(_plain, cells)], bool)


def _plain(cell: object) -> object:
    return float("nan") if type(cell).__name__ in ("NAType", "NaTType") else cell


def is_condition(is_empty: np.ndarray, others: np.ndarray) -> bool:
    """Tell whether other columns decide where the empty cells are.

    A parameter that is suggested on a condition is missing wherever the condition fails; a choice
    None is drawn regardless of the other parameters. With few rows or few empty cells all may be.

    Args:
        is_empty: (n,) where the cells are empty.
        others: (n, k) other parameters and the state, as numbers.

    Returns:
        Whether a small tree tells all empty cells, or there is too little to see that.
    """
    from sklearn.tree import DecisionTreeClassifier

    n_rarer = min(np.count_nonzero(is_empty), np.count_nonzero(~is_empty))
    if len(is_empty) < _MIN_ROWS or n_rarer < _MIN_EMPTY or not others.shape[1]:
        return True
    tree = DecisionTreeClassifier(
        max_leaf_nodes=_MAX_LEAVES, min_samples_leaf=_MIN_LEAF, random_state=0
    )
    return bool(tree.fit(others, is_empty).score(others, is_empty) == 1.0)
