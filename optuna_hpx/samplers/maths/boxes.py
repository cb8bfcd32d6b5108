r"""The part of the space of objectives that no trial dominates, cut into boxes.

Notation
    k, m        trials on the front, objectives
    F           (k, m) their losses
    r           (m,) reference point: what is worse in any objective is of no interest
    l, u        (b, m) lower and upper corners of the boxes; l may be -inf

The boxes l < z <= u are disjoint, and fill what is below r and weakly dominated by no row of F.
They are found by a sweep along the last objective: between two of its values in F the others are
cut as if there were only the trials below, and what does not change from there to the next value
is one box. Two objectives have k + 1 boxes, three at most 2 k + 1 (Yang, Emmerich, Deutz, Bäck:
Efficient computation of expected hypervolume improvement using box decomposition algorithms,
Journal of Global Optimization 75, 2019); more objectives have many.
"""

from __future__ import annotations

import numpy as np

__all__ = ["undominated_boxes"]


def undominated_boxes(front: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners l and u (b, m) of the boxes.

    Args:
        front: (k, m) losses F; those dominated, or beyond the reference point, do not matter.
        reference: (m,) the reference point r.
    """
    inside = front[(front < reference).all(axis=1)]
    inside = inside[np.argsort(inside[:, -1], kind="stable")]
    boxes = np.array(_sweep(inside, reference), dtype=float)
    return boxes[:, 0], boxes[:, 1]


_Box = tuple[tuple[float, ...], tuple[float, ...]]


def _sweep(front: np.ndarray, reference: np.ndarray) -> list[_Box]:
    """Return the boxes of a front (k, m) that is sorted by its last column."""
    if len(reference) == 2:
        return _strips(front, reference)
    open_since: dict[_Box, float] = dict.fromkeys(_sweep(front[:0, :-1], reference[:-1]), -np.inf)
    closed: list[_Box] = []
    levels = front[:, -1]
    for level in np.unique(levels).tolist():
        below = front[levels <= level, :-1]
        below = below[np.argsort(below[:, -1], kind="stable")]
        now = dict.fromkeys(_sweep(below, reference[:-1]), level)
        closed += [
            _extend(box, start, level) for box, start in open_since.items() if box not in now
        ]
        open_since = {box: open_since.get(box, level) for box in now}
    end = float(reference[-1])
    return closed + [_extend(box, start, end) for box, start in open_since.items()]


def _strips(front: np.ndarray, reference: np.ndarray) -> list[_Box]:
    """Return the boxes of a front (k, 2) that is sorted by its second column."""
    best = np.minimum.accumulate(np.concatenate([reference[:1], front[:, 0]]))
    is_new = np.flatnonzero(best[1:] < best[:-1])
    ends = np.append(front[is_new, 1], reference[1]).tolist()
    widths = [float(reference[0]), *front[is_new, 0].tolist()]
    starts = [-np.inf, *ends[:-1]]
    return [
        ((-np.inf, start), (width, end))
        for width, start, end in zip(widths, starts, ends, strict=True)
        if start < end
    ]


def _extend(box: _Box, start: float, end: float) -> _Box:
    lower, upper = box
    return (*lower, start), (*upper, end)
