"""In which columns some rows differ from the others, by permutations within blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

__all__ = ["Contrast", "contrast"]


@dataclass(frozen=True, eq=False)
class Contrast:
    """How marked rows differ from the others, column by column.

    Attributes:
        p_values: (d,) family-wise p-value of each column: the chance that marks which have
            nothing to do with any column differ as much in at least one of them.
        place: (d,) code of the category that tells most, or 0.
        sign: (d,) 1 where marked rows have larger numbers, or that category more often; -1 where
            smaller or less often; 0 where the column does not vary.
    """

    p_values: np.ndarray
    place: np.ndarray
    sign: np.ndarray


def contrast(
    columns: Sequence[np.ndarray],
    is_category: Sequence[bool],
    is_marked: np.ndarray,
    *,
    block_size: int = 10,
    n_permutations: int = 1999,
    seed: int = 0,
) -> Contrast:
    """Compare marked rows with the others, in the order in which they came.

    Marks are permuted within blocks of consecutive rows only. Values that drift from row to row,
    as those of a sampler that learns, and marks that come in bursts are then not taken for one
    another, as long as both change little within a block.

    Args:
        columns: Of each column (n,) numbers, or codes of categories from 0 on; NaN where missing.
        is_category: Of each column whether it holds codes.
        is_marked: (n,) booleans.
        block_size: Rows in a block.
        n_permutations: How many; p-values are no smaller than 1 / (n_permutations + 1).
        seed: Of the permutations.

    Returns:
        The contrast. Cost: O(n_permutations x n x scores), where a column has one score, and one
        for each category.

    References:
        Westfall, Young (1993), Resampling-Based Multiple Testing: the largest statistic of each
        permutation gives family-wise p-values.
    """
    if not columns:
        return Contrast(np.zeros(0), np.zeros(0, dtype=int), np.zeros(0, dtype=int))
    scores, owner, codes = _scores(columns, is_category)
    rng = np.random.default_rng(seed)
    marks = _permuted(np.asarray(is_marked, dtype=float), block_size, n_permutations, rng)
    sums = marks @ scores  # the first row is what was observed
    spread = sums.std(axis=0)
    z = np.divide(sums - sums.mean(axis=0), spread, out=np.zeros_like(sums), where=spread > 1e-9)
    size = np.abs(z)
    d = len(columns)
    largest = size.max(axis=1, initial=0.0)
    p_values, place, sign = np.ones(d), np.zeros(d, dtype=int), np.zeros(d, dtype=int)
    for k in range(d):
        own = np.flatnonzero(owner == k)
        best = own[np.argmax(size[0, own])]
        p_values[k] = (largest >= size[0, best] - 1e-9).mean()
        place[k], sign[k] = codes[best], int(np.sign(z[0, best]))
    return Contrast(p_values, place, sign)


def _scores(
    columns: Sequence[np.ndarray], is_category: Sequence[bool]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score rows: a number by its rank, a category by whether it is there; a missing one as 0.

    Returns:
        (n, c) scores with mean 0; (c,) the column of each; (c,) its code, 0 of numbers.
    """
    scores, owner, codes = [], [], []
    for k, (values, by_code) in enumerate(zip(columns, is_category, strict=True)):
        is_there = ~np.isnan(values)
        own = np.unique(values[is_there]).astype(int) if by_code else np.zeros(1, dtype=int)
        for code in own if len(own) else np.zeros(1, dtype=int):
            score = np.zeros(len(values))
            kept = values[is_there]
            raw = (kept == code).astype(float) if by_code else rankdata(kept)
            score[is_there] = raw - raw.mean() if len(raw) else raw
            scores.append(score)
            owner.append(k)
            codes.append(code)
    return np.array(scores).T, np.array(owner), np.array(codes)


def _permuted(
    marks: np.ndarray, block_size: int, n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """Return (1 + n_permutations, n) marks, the first as they are, the others permuted."""
    rows = np.tile(marks, (1 + n_permutations, 1))
    for start in range(0, len(marks), block_size):
        block = rows[1:, start : start + block_size]
        rows[1:, start : start + block_size] = rng.permuted(block, axis=1)
    return rows
