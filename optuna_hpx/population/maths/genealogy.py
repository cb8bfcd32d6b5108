"""Who descends from whom in a population of models, and how each compares with its generation.

Notation
    m           segments
    losses (m,) of the segments; infinite: diverged or pruned, NaN: not finished
    rank        of a segment in its generation, 0 the best
    line (k,)   the ancestors of a model, from the root to its parent

Segments are rows in the order of their generations, so that a child comes after its parent.
"""

from __future__ import annotations

import numpy as np

__all__ = ["living", "ranking", "relative_ranks", "relatives"]


def ranking(losses: np.ndarray) -> np.ndarray:
    """Return the rows of one generation that may be parents, the best first; ties as they come.

    Those with an infinite loss may not.

    Args:
        losses: (m,) of one generation.
    """
    order = np.argsort(losses, kind="stable")
    return order[np.isfinite(losses[order])]


def relative_ranks(losses: np.ndarray, generations: np.ndarray) -> np.ndarray:
    """Return the rank of each segment in its generation, from 0 for the best to 1 for the last.

    Args:
        losses: (m,) NaN or infinite for those without a rank.
        generations: (m,).

    Returns:
        (m,) NaN for those without a finite loss.
    """
    ranks = np.full(len(losses), np.nan)
    for generation in np.unique(generations):
        rows = np.flatnonzero(generations == generation)
        rows = rows[ranking(losses[rows])]
        ranks[rows] = np.linspace(0.0, 1.0, len(rows))
    return ranks


def living(parents: np.ndarray, is_last: np.ndarray) -> np.ndarray:
    """Return which segments are among the last, or have a descendant that is.

    Args:
        parents: (m,) row of the parent of each; -1 for those of generation 0.
        is_last: (m,) whether a segment belongs to the last generation.

    Returns:
        (m,) of booleans. Cost: O(m).
    """
    lives = is_last.copy()
    for row in range(len(parents) - 1, -1, -1):  # children come after their parents
        if parents[row] >= 0 and lives[row]:
            lives[parents[row]] = True
    return lives


def relatives(parents: np.ndarray, line: np.ndarray, history: str) -> np.ndarray:
    """Return which segments a child learns from.

    Args:
        parents: (m,) number of each segment's parent; -1 for those of generation 0.
        line: (k,) numbers of the child's ancestors, its parent last; empty for a new model.
        history: "siblings": the other children of its parent. "lineage": these, its ancestors,
            and the siblings of each of them. "shared": all.

    Returns:
        (m,) of booleans.
    """
    if history == "shared":
        return np.ones(len(parents), dtype=bool)
    line = np.append(-1, line)
    return np.isin(parents, line[-1:] if history == "siblings" else line)
