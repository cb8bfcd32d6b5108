"""Which columns came out of a trial, by how they go along with others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import kstest, rankdata

from optuna_hpx.trials.frames.guess import is_number

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "codes_of",
    "correlation_with",
    "is_uneven",
    "rank_correlation",
    "results_among",
    "share_explained",
]

_MONOTONE = 0.95
_EXPLAINED = 0.4
"""Parameters that TPE or NSGA-II chose reach 0.34: benchmarks/page/explained.py."""

_MIN_ROWS = 10
MIN_ROWS_OF_SPREAD = 30
_P_EVEN = 1e-3
_MAX_ROWS = 500
_MIN_ROWS_OF_TREES = 40


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's correlation over the rows that have both; 0 for fewer than 10 of them.

    Args:
        x: (n,) numbers, NaN where there are none.
        y: (n,) likewise.

    Example:
        >>> x = np.arange(20.0)
        >>> round(rank_correlation(x, np.exp(-x)), 3)
        -1.0
    """
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < _MIN_ROWS or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return 0.0
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])


def share_explained(x: np.ndarray, causes: np.ndarray) -> float:
    """Return how much of the ranks of x follows from other columns, out of sample: R^2.

    Parameters that a search drew do not follow from each other; what follows from them is a
    result. Trees see both effects that add up and interactions.

    Args:
        x: (n,) numbers.
        causes: (n, k) the other columns, NaN as -1.

    Returns:
        R^2 of trees on the rows that they were not grown on; 0 for fewer than 40 rows.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    if not causes.shape[1]:
        return 0.0
    # A configuration that was run again would be foretold by its first run.
    x, causes = _split(np.unique(np.column_stack([x, causes])[np.isfinite(x)], axis=0))
    rows = np.random.default_rng(0).permutation(len(x))[:_MAX_ROWS]
    if len(rows) < _MIN_ROWS_OF_TREES or np.ptp(x[rows]) == 0.0:
        return 0.0
    trees = ExtraTreesRegressor(
        100, bootstrap=True, oob_score=True, min_samples_leaf=2, random_state=0
    )
    return float(trees.fit(causes[rows], rankdata(x[rows])).oob_score_)


def _split(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows[:, 0], rows[:, 1:]


def is_uneven(x: np.ndarray) -> bool:
    """Tell whether numbers crowd as even draws, on a plain or on a log scale, do not.

    Args:
        x: (n,) finite numbers.

    Example:
        >>> x = np.random.default_rng(0).normal(size=100)
        >>> is_uneven(x), is_uneven(np.linspace(0, 1, 100)), is_uneven(np.geomspace(1, 1e4, 100))
        (True, False, False)
    """
    x = np.sort(x)
    if len(x) < MIN_ROWS_OF_SPREAD or x[0] == x[-1]:
        return False
    half = 0.5 if (x == np.round(x)).all() else 0.0  # a whole number stands for its surroundings
    scales = [x] if x[0] <= 0.0 else [x, np.log(x)]
    return all(
        kstest((y[1:-1] - y[0] + half) / (y[-1] - y[0] + 2 * half), "uniform").pvalue < _P_EVEN
        for y, half in zip(scales, (half, 0.0), strict=False)
    )


def correlation_with(column: pd.Series[Any], losses: np.ndarray) -> float:
    """Return the rank correlation of a column of numbers with the objective it follows most."""
    x = column.to_numpy(dtype=float, na_value=np.nan)
    return max((rank_correlation(x, loss) for loss in losses.T), key=abs, default=0.0)


def codes_of(column: pd.Series[Any]) -> np.ndarray:
    """Return (n,) a column as numbers, far below all others for nothing."""
    if is_number(column):
        return np.nan_to_num(column.to_numpy(dtype=float, na_value=np.nan), nan=-1e30)
    return np.unique([str(cell) for cell in column.tolist()], return_inverse=True)[1].astype(float)


def results_among(
    df: pd.DataFrame, candidates: Sequence[str], parameters: Sequence[str], losses: np.ndarray
) -> dict[str, str]:
    """Find which columns are results: those that an objective, or the parameters, go along with.

    Args:
        df: The table.
        candidates: Columns of numbers, of which nothing is known.
        parameters: Columns that surely are parameters.
        losses: (n, m) the objectives.

    Returns:
        Why, for each result.
    """
    reasons = {}
    for name in candidates:
        rho = correlation_with(df[name], losses)
        if abs(rho) >= _MONOTONE:
            reasons[name] = (
                f"likely a result: the objective follows its order (rank correlation {rho:.2f})"
            )
    if not parameters:
        return reasons
    causes = np.column_stack([codes_of(df[name]) for name in parameters])
    for name in candidates:
        if name not in reasons:
            x = df[name].to_numpy(dtype=float, na_value=np.nan)
            if (share := share_explained(x, causes)) >= _EXPLAINED:
                reasons[name] = f"likely a result: parameters explain {share:.0%} of its order"
    return reasons
