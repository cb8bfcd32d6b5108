"""How much of the space of objectives is dominated by at least so many draws, along rays.

The region that at least k draws dominate is bounded by the k-th *attainment surface*. Every ray
from the reference point into the better values leaves such a region once, so that its volume is a
mean over rays, and along one ray the draws are ordered as the scores of one objective are.

Notation
    n, m            draws, objectives
    y (n, m)        losses;  r (m,) reference point;  w (m,) widths that make objectives alike
    lambda (L, m)   directions of rays, spread evenly over the positive part of the unit sphere

    (1)  s_lambda(y) = c prod_i w_i min_i (max(r_i - y_i, 0) / (w_i lambda_i))^m
    (2)  V_k = mean over lambda of the k-th largest s_lambda(y)
    (3)  c = pi^(m/2) / (2^m Gamma(m/2 + 1))

V_1 is the hypervolume; V_k - V_(k+1) is the volume that exactly k draws dominate. (2) for k = 1 is
the hypervolume scalarization of Deng and Zhang, IEEE Trans. Evol. Comput. 23 (2019), which holds
for any star-shaped region, and so for every k.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import special

__all__ = ["Attainment", "attainment_of"]

_N_RAYS = {2: 512, 3: 2048}  # what parts of 300 draws lack is then right to some 5 %
_N_RAYS_OF_MORE = 4096
_DEPTH = 24  # draws that are kept along each ray: with 3/4 of them away, one is left in .999
_CHUNK = 2**22  # numbers at a time


@dataclass(frozen=True)
class Attainment:
    """The draws along each ray, the farthest first.

    Attributes:
        volume: (L, K) values of equation (1), descending along a ray, 0 where no draw is left.
        row: (L, K) draws they are of.
        n_inside: Draws that are better than the reference point in all objectives.
    """

    volume: np.ndarray
    row: np.ndarray
    n_inside: int

    @cached_property
    def shells(self) -> np.ndarray:
        """(K - 1,) volumes that exactly 1, 2, .. draws dominate."""
        return -np.diff(self.volume.mean(axis=0))

    @cached_property
    def hypervolume(self) -> float:
        """V_1, as the rays have it."""
        return float(self.volume[:, 0].mean())

    @cached_property
    def contributions(self) -> np.ndarray:
        """(n_inside,) volumes that each draw alone dominates."""
        alone = (self.volume[:, 0] - self.volume[:, 1]) / len(self.volume)
        return np.bincount(self.row[:, 0], alone, minlength=self.n_inside)

    def of_parts(self, is_kept: np.ndarray) -> np.ndarray:
        """Compute the hypervolumes (b,) of the parts of the draws that ``is_kept`` (b, n) marks.

        Where a ray has lost all draws that are known of it, the last of them stands for the next.
        """
        kept = np.ascontiguousarray(is_kept.T)
        volume = np.repeat(self.volume[:, -1:], len(is_kept), axis=1)  # (L, b)
        for k in range(self.volume.shape[1] - 2, -1, -1):
            np.copyto(volume, self.volume[:, k, None], where=kept[self.row[:, k]])
        return np.asarray(volume.mean(axis=0))


def attainment_of(losses: np.ndarray, reference_point: np.ndarray) -> Attainment:
    """Order draws along rays from the reference point.

    Args:
        losses: (n, m) finite, of the draws that brought something.
        reference_point: (m,) finite.

    Cost: O(n L m).
    """
    m = len(reference_point)
    inside = losses[(losses < reference_point).all(axis=1)]
    inside = inside[np.lexsort(inside.T)]  # the order in which draws came changes nothing
    gap = reference_point - inside
    width = gap.max(axis=0, initial=0.0) if len(gap) else np.ones(m)
    rays = _rays(m)
    depth = min(_DEPTH, max(len(inside), 2))
    volume, row = np.zeros((len(rays), depth)), np.zeros((len(rays), depth), dtype=int)
    unit = np.pi ** (m / 2) / (2.0**m * special.gamma(m / 2 + 1)) * width.prod()
    step = max(_CHUNK // max(len(inside) * m, 1), 1)
    for start in range(0, len(rays) if len(inside) else 0, step):
        part = slice(start, start + step)
        reach = (gap / width / rays[part, None, :]).min(axis=2) ** m  # (step, n)
        order = _farthest(reach, depth)
        row[part, : order.shape[1]] = order
        volume[part, : order.shape[1]] = unit * np.take_along_axis(reach, order, axis=1)
    return Attainment(volume, row, len(inside))


def _farthest(reach: np.ndarray, depth: int) -> np.ndarray:
    """Order the ``depth`` largest of each row, or all: only these are sorted."""
    if depth >= reach.shape[1]:
        return np.argsort(-reach, axis=1, kind="stable")
    farthest = np.argpartition(-reach, depth - 1, axis=1)[:, :depth]
    order = np.argsort(-np.take_along_axis(reach, farthest, axis=1), axis=1, kind="stable")
    return np.take_along_axis(farthest, order, axis=1)


@lru_cache(maxsize=8)
def _rays(m: int) -> np.ndarray:
    """Spread directions evenly: (L, m) positive unit vectors.

    Their squares are Dirichlet(1/2, .., 1/2), which is broken off a stick piece by piece.
    """
    n_rays = _N_RAYS.get(m, _N_RAYS_OF_MORE)
    root = 1.5
    for _ in range(60):  # of x^m = x + 1, whose inverse powers fill the cube of m - 1 dimensions
        root = (1.0 + root) ** (1.0 / m)
    i = np.arange(1, n_rays + 1)[:, None]
    level = (0.5 + i * root ** -np.arange(1.0, m)) % 1.0
    if m == 2:
        level = (i - 0.5) / n_rays
    squares, left = np.empty((n_rays, m)), np.ones(n_rays)
    for k in range(m - 1):
        share = special.betaincinv(0.5, (m - 1 - k) / 2.0, level[:, k])
        squares[:, k] = left * share
        left = left * (1.0 - share)
    squares[:, -1] = left
    rays = np.sqrt(np.maximum(squares, 1e-12))
    rays.setflags(write=False)
    return rays
