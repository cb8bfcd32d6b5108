r"""The part of the space of objectives that no trial dominates, cut into boxes.

Notation
    k, m        trials on the front, objectives
    F           (k, m) their losses
    r           (m,) reference point: what is worse in any objective is of no interest
    l, u        (b, m) lower and upper corners of the boxes; l may be -inf
    z^j(u)      the trial that bounds u in objective j: z^j_j = u_j; r if none does

The boxes are disjoint, and fill what is below r and dominated by no row of F.
Each u is a local upper bound: nothing below it is dominated, and no such point is above it. They
are found trial by trial: a new trial z below u replaces it by bounds u' that are z_j in one
objective j and u in the others, for each j for which

    z_j >= max_{i != j} z^i_j(u).                                                             (1)

Then l_j = max_{i < j} z^i_j(u) makes them disjoint (Dächert, Klamroth, Lacour, Vanderpooten:
Efficient computation of the search region in multi-objective optimization, European Journal of
Operational Research 260, 2017). Two objectives have k + 1 boxes, three at most 2 k + 1; of more
objectives there may be many, and then the last trials are left out.
"""

from __future__ import annotations

import numpy as np

__all__ = ["undominated_boxes"]

_MANY = 1000  # boxes, which take as long as the predictions of the processes


def undominated_boxes(front: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners l and u (b, m) of the boxes. O(k b m^2).

    Args:
        front: (k, m) losses F, those that must not be left out first; those dominated, or beyond
            the reference point, do not matter.
        reference: (m,) the reference point r.
    """
    m = len(reference)
    upper = reference[None].astype(float)
    bounds = np.full((1, m, m), -np.inf)  # z^j_i(u) by u, j and i
    bounds[0, range(m), range(m)] = reference
    for trial in front:
        is_above = (trial < upper).all(axis=1)
        if not is_above.any():
            continue
        new = [_replaced(upper[is_above], bounds[is_above], trial, j) for j in range(m)]
        upper = np.concatenate([upper[~is_above], *(part[0] for part in new)])
        bounds = np.concatenate([bounds[~is_above], *(part[1] for part in new)])
        if len(upper) > _MANY:
            break
    lower = np.full(upper.shape, -np.inf)
    for j in range(1, m):
        lower[:, j] = bounds[:, :j, j].max(axis=1)
    is_box = (lower < upper).all(axis=1)
    return lower[is_box], upper[is_box]


def _replaced(
    upper: np.ndarray, bounds: np.ndarray, trial: np.ndarray, j: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds u' that are those of a new trial in objective j, by eq. (1)."""
    is_kept = trial[j] >= np.delete(bounds[:, :, j], j, axis=1).max(axis=1)
    upper, bounds = upper[is_kept], bounds[is_kept]
    upper[:, j] = trial[j]
    bounds[:, j] = trial
    return upper, bounds
