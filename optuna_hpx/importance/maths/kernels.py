r"""Kernels on the values of one parameter, at n points.

Notation
    x           (n,) positions in [0, 1] of a numeric parameter, or codes of a categorical one
    d           |x - y|
    h           bandwidth
    k, K        kernel; (n, n) its matrix
    phi         (n, r) features, phi phi' = K
    w           (..., n) weights of the points, sum 0

Kernels, each with what w'Kw costs:

    sobolev     1 + (x - 1/2)(y - 1/2) + (d^2 - d + 1/6)/2                       O(n log n)
    laplace     exp(-d / h)                                                      O(n log n)
    gaussian    exp(-d^2 / (2 h^2))                                              O(n / h)
    kronecker   1{x = y}                                                         O(n)

Of Sobolev's kernel only -d/2 is left where sum w = 0, so that w'Kw is the integral of the squared
partial sums of w in the order of x, as in a test of Cramer and von Mises: no bandwidth.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from optuna_hpx.statistics.bisection import first_number

__all__ = [
    "KERNELS",
    "Gaussian",
    "Kernel",
    "Kronecker",
    "Laplace",
    "Sobolev",
    "centred_trace",
    "kernel_of",
    "median_distance",
]

KERNELS = ("sobolev", "laplace", "gaussian", "kronecker")
_NODES, _NODES_PER_WIDTH = 12, 7  # of the interpolation: what is left out is rounding error
_MAX_EXPONENT = 300.0  # exp of it, squared, is still a number
_N_FEATURES = 24  # of a numeric parameter: eigenvalues fall like 1/k^2 or faster
_GRID = 256


class Kernel(Protocol):
    """A kernel at n points.

    Attributes:
        diagonal: (n,) k(x_i, x_i).
    """

    diagonal: np.ndarray

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        """Compute w'Kw of ``w`` (..., n), each of which must sum to 0."""

    def row_sums(self) -> np.ndarray:
        """Compute sum_j k(x_i, x_j), (n,)."""

    def sum_of_squares(self) -> float:
        """Compute sum_ij k(x_i, x_j)^2."""

    def features(self) -> np.ndarray:
        """Compute phi (n, r); of a numeric parameter phi phi' is nearly K."""

    def even_spread(self) -> float:
        """Compute E k(x, x) - E k(x, y) of independent x and y drawn evenly."""


def kernel_of(x: np.ndarray, kernel: str, bandwidth: float | None = None) -> Kernel:
    """Make the kernel at the points ``x``.

    Args:
        x: (n,) in [0, 1]; for "kronecker" codes of categories, of any numbers.
        kernel: One of ``KERNELS``.
        bandwidth: h of "laplace" and "gaussian"; the median of all |x_i - x_j| if None.

    Returns:
        The kernel.

    Raises:
        ValueError: If ``x`` has another shape, is empty or outside [0, 1], or an option is
            unknown.
    """
    if kernel not in KERNELS:
        raise ValueError(f"`kernel` must be one of {KERNELS}, got {kernel!r}.")
    x = np.asarray(x)
    if x.ndim != 1:
        raise ValueError(f"`x` must have the shape (n,), got {x.shape}.")
    if not len(x):
        raise ValueError("`x` must hold at least one trial.")
    if kernel == "kronecker":
        return Kronecker(x)
    x = x.astype(float)
    if not ((x >= 0.0) & (x <= 1.0)).all():
        raise ValueError(f"`x` must lie in [0, 1], got values from {x.min()} to {x.max()}.")
    if kernel == "sobolev":
        return Sobolev(x)
    h = median_distance(x) if bandwidth is None else float(bandwidth)
    if bandwidth is not None and not (np.isfinite(h) and h > 0.0):
        raise ValueError(f"`bandwidth` must be positive and finite, got {bandwidth!r}.")
    return Laplace(x, h) if kernel == "laplace" else Gaussian(x, h)


def centred_trace(kernel: Kernel) -> float:
    """Compute tr(H K), H = I - 11'/n: n times the variance of phi."""
    n = len(kernel.diagonal)
    return float(kernel.diagonal.sum()) - float(kernel.row_sums().sum()) / n


def median_distance(x: np.ndarray) -> float:
    """Compute the median of |x_i - x_j| over all pairs i < j of ``x`` (n,), n > 0.

    Returns:
        The median, by bisection in O(n log n); 1 if more than half of the distances are 0.
    """
    n, ordered = len(x), np.sort(x)
    n_pairs = n * (n - 1) // 2

    def covers_half(distance: float) -> bool:
        last = np.searchsorted(ordered, ordered + distance, side="right")
        return 2 * int((last - np.arange(1, n + 1)).sum()) >= n_pairs

    median = first_number(covers_half, 0.0, float(ordered[-1] - ordered[0]), 2.0**-60)
    return median if median > 1e-12 else 1.0


class Sobolev:
    """Sobolev's kernel.

    Where i is right of j, k = p(x_i) + r(x_j): sums over all pairs are cumulative sums.

    Attributes:
        order: (n,) indices of the points from left to right.
        gaps: (n - 1,) distances between neighbours.
    """

    def __init__(self, x: np.ndarray) -> None:
        u = x - 0.5
        self.diagonal = 13.0 / 12.0 + u**2
        self.order = np.argsort(x, kind="stable")
        self._u = u[self.order]
        self.gaps = np.diff(self._u)

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        """Compute w'Kw."""
        partial = np.cumsum(w[..., self.order], axis=-1)[..., :-1]
        return np.asarray(np.square(partial) @ self.gaps)

    def row_sums(self) -> np.ndarray:
        """Compute the row sums of K."""
        u, n = self._u, len(self._u)
        left = np.cumsum(u) - u
        distances = u * (2.0 * np.arange(n) - n + 1.0) + u.sum() - u - 2.0 * left
        sums = np.empty(n)
        sums[self.order] = n * (13.0 / 12.0 + u**2 / 2.0) + (u @ u - distances) / 2.0
        return sums

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Evaluate the kernel between two sets of points."""
        a, b = a - 0.5, b - 0.5
        squares = (a**2)[:, None] + b**2
        return np.asarray(13.0 / 12.0 + squares / 2.0 - np.abs(a[:, None] - b) / 2.0)

    def features(self) -> np.ndarray:
        """Compute phi."""
        return _nystrom(self, self._u + 0.5, self.order)

    def even_spread(self) -> float:
        """Compute the spread of even draws."""
        return 1.0 / 6.0

    def sum_of_squares(self) -> float:
        """Sum all squares of K."""
        u, i = self._u, np.arange(len(self._u))
        p, r = 13.0 / 12.0 + (u**2 - u) / 2.0, (u**2 + u) / 2.0
        r_left, r2_left = np.cumsum(r) - r, np.cumsum(r**2) - r**2
        off_diagonal = float(np.sum(i * p**2 + 2.0 * p * r_left + r2_left))
        return 2.0 * off_diagonal + float(self.diagonal @ self.diagonal)


class Laplace:
    """Laplace's kernel: sums that decay from one point to the next.

    Sums are carried in stretches within which no factor over- or underflows.
    """

    def __init__(self, x: np.ndarray, h: float, order: np.ndarray | None = None) -> None:
        self.diagonal = np.ones(len(x))
        self._x, self._h = x, h
        self._order = np.argsort(x, kind="stable") if order is None else order
        ordered = x[self._order]
        scaled = (ordered - ordered[:1]) / h
        stretch = np.floor(scaled / _MAX_EXPONENT)
        starts = np.flatnonzero(np.diff(stretch, prepend=-1.0))
        self._stretches = list(zip(starts, [*starts[1:], len(x)], strict=True))
        self._scaled = scaled

    def _from_left(self, w: np.ndarray) -> np.ndarray:
        """Compute sum_{j < i} w_j exp(-(x_i - x_j)/h) for sorted w (..., n)."""
        sums = np.empty_like(w)
        carried, last = np.zeros(w.shape[:-1]), 0.0
        for start, stop in self._stretches:
            place = self._scaled[start:stop]
            growth = np.exp(place - place[0])
            carried = carried * np.exp(last - place[0])
            inside = np.cumsum(w[..., start:stop] * growth, axis=-1)
            before = inside - w[..., start:stop] * growth
            sums[..., start:stop] = (before + carried[..., None]) / growth
            carried, last = (inside[..., -1] + carried) / growth[-1], place[-1]
        return sums

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        """Compute w'Kw."""
        ordered = np.asarray(w, dtype=float)[..., self._order]
        return np.asarray(np.sum(ordered**2 + 2.0 * ordered * self._from_left(ordered), axis=-1))

    def row_sums(self) -> np.ndarray:
        """Compute the row sums of K."""
        n = len(self._x)
        mirrored = Laplace(1.0 - self._x, self._h, self._order[::-1])
        sums = np.ones(n)
        for side in (self, mirrored):
            sums[side._order] += side._from_left(np.ones(n))
        return sums

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Evaluate the kernel between two sets of points."""
        return np.asarray(np.exp(-np.abs(a[:, None] - b) / self._h))

    def features(self) -> np.ndarray:
        """Compute phi."""
        return _nystrom(self, self._x[self._order], self._order)

    def even_spread(self) -> float:
        """Compute the spread of even draws."""
        return _even_spread(self)

    def sum_of_squares(self) -> float:
        """Sum all squares of K."""
        return float(Laplace(self._x, self._h / 2.0).row_sums().sum())


class Gaussian:
    """The Gaussian kernel, interpolated at Chebyshev's nodes.

    k(x, y) = T(x) C T(y)' with the r first Chebyshev polynomials T: exact but for rounding, as
    the kernel is smooth.
    """

    def __init__(self, x: np.ndarray, h: float) -> None:
        self.diagonal = np.ones(len(x))
        self._x, self._h = x, h
        r = int(_NODES + _NODES_PER_WIDTH / h)
        if r < len(x):
            nodes = np.cos(np.pi * (np.arange(r) + 0.5) / r)  # of [-1, 1]
            points, at_nodes = (
                (nodes + 1.0) / 2.0,
                np.polynomial.chebyshev.chebvander(nodes, r - 1),
            )
            inverse = at_nodes.T * (2.0 - (np.arange(r) == 0.0))[:, None] / r
            self._left = np.polynomial.chebyshev.chebvander(2.0 * x - 1.0, r - 1)
            self._middle = inverse @ self.between(points, points) @ inverse.T
        else:
            self._left, self._middle = np.eye(len(x)), self.between(x, x)

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        """Compute w'Kw."""
        projected = np.asarray(w, dtype=float) @ self._left
        return np.asarray(np.sum((projected @ self._middle) * projected, axis=-1))

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Evaluate the kernel between two sets of points."""
        return np.asarray(np.exp(-(((a[:, None] - b) / self._h) ** 2) / 2.0))

    def features(self) -> np.ndarray:
        """Compute phi."""
        order = np.argsort(self._x, kind="stable")
        return _nystrom(self, self._x[order], order)

    def row_sums(self) -> np.ndarray:
        """Compute the row sums of K."""
        return np.asarray(self._left @ (self._middle @ self._left.sum(axis=0)))

    def even_spread(self) -> float:
        """Compute the spread of even draws."""
        return _even_spread(self)

    def sum_of_squares(self) -> float:
        """Sum all squares of K."""
        return float(Gaussian(self._x, self._h / np.sqrt(2.0)).row_sums().sum())


class Kronecker:
    """The kernel of equality: sums by category."""

    def __init__(self, x: np.ndarray) -> None:
        codes = np.unique(x, return_inverse=True)[1].reshape(-1)
        self.diagonal = np.ones(len(x))
        self._counts = np.bincount(codes)
        self._codes = codes
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(self._counts)[:-1]]).astype(int)

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        """Compute w'Kw."""
        w = np.asarray(w, dtype=float)[..., self._order]
        if not w.shape[-1]:
            return np.zeros(w.shape[:-1])
        return np.asarray(np.sum(np.add.reduceat(w, self._starts, axis=-1) ** 2, axis=-1))

    def row_sums(self) -> np.ndarray:
        """Compute the row sums of K."""
        return self._counts[self._codes].astype(float)

    def features(self) -> np.ndarray:
        """Compute phi."""
        return np.eye(len(self._counts))[self._codes]

    def even_spread(self) -> float:
        """Compute the spread of even draws."""
        return 1.0 - 1.0 / max(len(self._counts), 1)

    def sum_of_squares(self) -> float:
        """Sum all squares of K."""
        return float(np.sum(self._counts.astype(float) ** 2))


class _Numeric(Protocol):
    """A kernel that can be evaluated anywhere in [0, 1]."""

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Compute k(a_i, b_j), (n_a, n_b)."""


def _even_spread(kernel: _Numeric) -> float:
    grid = (np.arange(_GRID) + 0.5) / _GRID
    return 1.0 - float(kernel.between(grid, grid).mean())


def _nystrom(kernel: _Numeric, ordered: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Compute features (n, r) from r of the points (Williams and Seeger, NIPS 2000)."""
    n = len(ordered)
    points = np.unique(ordered[np.linspace(0, n - 1, min(n, _N_FEATURES)).astype(int)])
    values, vectors = np.linalg.eigh(kernel.between(points, points))
    kept = values > values[-1] * 1e-10
    root = vectors[:, kept] / np.sqrt(values[kept])
    features = np.empty((n, int(kept.sum())))
    features[order] = kernel.between(ordered, points) @ root
    return features
