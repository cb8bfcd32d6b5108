r"""HSIC between one parameter and a score of the objective: exact, mostly after one sort.

Notation
    n           trials
    x           (n,) positions in [0, 1] of a numeric parameter, or codes of a categorical one
    s, w        (n,) score of each trial; the same less its mean
    k, K        kernel on x; (n, n) its matrix
    H           I - 11'/n

The output kernel is s s', so that of a score with mean 0 (Gretton et al., ALT 2005)

    HSIC = tr(K H ss' H) / n^2 = w'Kw / n^2 = || (1/n) sum_i w_i phi(x_i) ||^2                   V

With the goal-oriented score Z = 1{loss among the best} of Novello et al.
(https://arxiv.org/abs/2207.06216) that is p^2 MMD^2(x | Z = 1, x); graded scores tell apart more
trials than two. Kernels, each with what it costs:

    sobolev     1 + (x - 1/2)(y - 1/2) + (d^2 - d + 1/6)/2, d = |x - y|          O(n log n)
    laplace     exp(-d / h)                                                      O(n log n)
    gaussian    exp(-d^2 / (2 h^2))                                              O(n / h)
    kronecker   1{x = y}                                                         O(n)

Of Sobolev's kernel only -d/2 is left where sum w = 0, so that w'Kw is the integral of the squared
partial sums of w in the order of x, as in a test of Cramer and von Mises: no bandwidth.

The unbiased U-statistic is that of Song et al. (J. Mach. Learn. Res. 13, 2012, equation 5), and
R2 = HSIC(x, s) / sqrt(HSIC(x, x) HSIC(s, s)) is in [0, 1] for V.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

__all__ = ["KERNELS", "Kernel", "hsic", "kernel_of", "r2", "scores", "self_hsic"]

KERNELS = ("sobolev", "laplace", "gaussian", "kronecker")
_NODES, _NODES_PER_WIDTH = 12, 7  # for rounding errors only
_MAX_EXPONENT = 300.0  # exp of it, squared, is still a number
_BISECTIONS = 60
_N_FEATURES = 24
_GRID = 256


class Kernel(Protocol):
    """A kernel at n points.

    Attributes:
        diagonal: (n,) k(x_i, x_i).
    """

    diagonal: np.ndarray

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        """w'Kw of ``w`` (..., n), each of which must sum to 0."""

    def row_sums(self) -> np.ndarray:
        """(n,) sum_j k(x_i, x_j)."""

    def sum_of_squares(self) -> float:
        """sum_ij k(x_i, x_j)^2."""

    def features(self) -> np.ndarray:
        """(n, r) phi with phi phi' = K; of a numeric x nearly so."""

    def even_spread(self) -> float:
        """E k(x, x) - E k(x, y) of independent x and y drawn evenly."""


def hsic(
    x: np.ndarray,
    score: np.ndarray,
    *,
    kernel: str = "sobolev",
    bandwidth: float | None = None,
    statistic: str = "V",
) -> float:
    """HSIC of a parameter and a score, with the output kernel s s'.

    Args:
        x: (n,) in [0, 1]; for ``kernel="kronecker"`` codes of categories, of any numbers.
        score: (n,) any score; a constant added to it changes nothing.
        kernel: One of "sobolev", "laplace", "gaussian", "kronecker".
        bandwidth: h of "laplace" and "gaussian"; by default the median of all |x_i - x_j|.
        statistic: "V", at least 0 and biased by O(1/n), or "U", unbiased, which needs n >= 4.

    Returns:
        The statistic. O(n log n); O(n / bandwidth) for "gaussian".

    Raises:
        ValueError: If shapes differ, a value is not finite or outside [0, 1], or an option is
            unknown.
    """
    k = kernel_of(x, kernel, bandwidth)
    w = _centred(score, len(k.diagonal))
    if statistic == "V":
        return float(k.quadratic(w)) / len(w) ** 2
    _check_u(statistic, len(w))
    return _u_statistic(k, w)


def r2(
    x: np.ndarray,
    score: np.ndarray,
    *,
    kernel: str = "sobolev",
    bandwidth: float | None = None,
    statistic: str = "V",
) -> float:
    """HSIC(x, s) / sqrt(HSIC(x, x) HSIC(s, s)); 0 where x or the score is constant.

    Arguments, cost and errors are those of :func:`hsic`.
    """
    k = kernel_of(x, kernel, bandwidth)
    w = _centred(score, len(k.diagonal))
    own = self_hsic(k, statistic) * _self_of_score(w, statistic)
    if own <= 0.0 or np.ptp(score) == 0.0 or len(np.unique(x)) == 1:
        return 0.0
    value = float(k.quadratic(w)) / len(w) ** 2 if statistic == "V" else _u_statistic(k, w)
    return value / float(np.sqrt(own))


def self_hsic(k: Kernel, statistic: str = "V") -> float:
    """HSIC(x, x), with the kernel on both sides.

    V: tr(KHKH)/n^2, where |HKH|^2 = |K|^2 - 2 n |row means|^2 + n^2 (mean of K)^2.
    """
    n, rows = len(k.diagonal), k.row_sums()
    squares = k.sum_of_squares()
    if statistic == "V":
        return float(squares - 2.0 * (rows @ rows) / n + (rows.sum() / n) ** 2) / n**2
    _check_u(statistic, n)
    rows = rows - k.diagonal
    squares -= float(k.diagonal @ k.diagonal)
    return _song(squares, float(rows.sum()) ** 2, float(rows @ rows), n)


def scores(keys: np.ndarray, kind: str) -> np.ndarray:
    """(n,) score of each trial, of which a smaller key (n,) is better.

    Args:
        keys: What orders the trials; ties have the same score.
        kind: "rank": minus the rank over n. "log_rank": minus its logarithm, which tells apart the
            best most (Savage, Ann. Math. Stat. 27, 1956).
    """
    order = np.argsort(keys, kind="stable")
    first = np.concatenate([[True], keys[order][1:] != keys[order][:-1]])
    start = np.flatnonzero(first)
    middle = (start + np.append(start[1:], len(keys)) + 1) / 2.0
    ranks = np.empty(len(keys))
    ranks[order] = middle[np.cumsum(first) - 1]
    return -ranks / len(keys) if kind == "rank" else -np.log(ranks / len(keys))


def kernel_of(x: np.ndarray, kernel: str, bandwidth: float | None = None) -> Kernel:
    """The kernel at the points ``x`` (n,). Errors as of :func:`hsic`."""
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


def median_distance(x: np.ndarray) -> float:
    """Median of |x_i - x_j| over all pairs i < j, by bisection; 1 if more than half are 0."""
    n, ordered = len(x), np.sort(x)
    n_pairs = n * (n - 1) // 2
    low, high = 0.0, float(ordered[-1] - ordered[0]) if n else 0.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        within = np.searchsorted(ordered, ordered + middle, side="right") - np.arange(1, n + 1)
        low, high = (low, middle) if 2 * int(within.sum()) >= n_pairs else (middle, high)
    return high if high > 1e-12 else 1.0


class Sobolev:
    """Where i is right of j, k = p(x_i) + r(x_j): sums over all pairs are cumulative sums."""

    def __init__(self, x: np.ndarray) -> None:
        u = x - 0.5
        self.diagonal = 13.0 / 12.0 + u**2
        self.order = np.argsort(x, kind="stable")
        self._u = u[self.order]
        self.gaps = np.diff(self._u)

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        partial = np.cumsum(w[..., self.order], axis=-1)[..., :-1]
        return np.asarray(np.square(partial) @ self.gaps)

    def row_sums(self) -> np.ndarray:
        u, n = self._u, len(self._u)
        left = np.cumsum(u) - u
        distances = u * (2.0 * np.arange(n) - n + 1.0) + u.sum() - u - 2.0 * left
        sums = np.empty(n)
        sums[self.order] = n * (13.0 / 12.0 + u**2 / 2.0) + (u @ u - distances) / 2.0
        return sums

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        a, b = a - 0.5, b - 0.5
        squares = (a**2)[:, None] + b**2
        return np.asarray(13.0 / 12.0 + squares / 2.0 - np.abs(a[:, None] - b) / 2.0)

    def features(self) -> np.ndarray:
        return _nystrom(self, self._u + 0.5, self.order)

    def even_spread(self) -> float:
        return 1.0 / 6.0

    def sum_of_squares(self) -> float:
        u, i = self._u, np.arange(len(self._u))
        p, r = 13.0 / 12.0 + (u**2 - u) / 2.0, (u**2 + u) / 2.0
        r_left, r2_left = np.cumsum(r) - r, np.cumsum(r**2) - r**2
        off_diagonal = float(np.sum(i * p**2 + 2.0 * p * r_left + r2_left))
        return 2.0 * off_diagonal + float(self.diagonal @ self.diagonal)


class Laplace:
    """Sums that decay from one point to the next, in stretches where they do not vanish."""

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
        """sum_{j < i} w_j exp(-(x_i - x_j)/h) for sorted w (..., n)."""
        sums = np.empty_like(w)
        carried, at = np.zeros(w.shape[:-1]), 0.0
        for start, stop in self._stretches:
            here = self._scaled[start:stop]
            grown = np.exp(here - here[0])
            carried = carried * np.exp(at - here[0])
            within = np.cumsum(w[..., start:stop] * grown, axis=-1)
            before = within - w[..., start:stop] * grown
            sums[..., start:stop] = (before + carried[..., None]) / grown
            carried, at = (within[..., -1] + carried) / grown[-1], here[-1]
        return sums

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        ordered = np.asarray(w, dtype=float)[..., self._order]
        return np.asarray(np.sum(ordered**2 + 2.0 * ordered * self._from_left(ordered), axis=-1))

    def row_sums(self) -> np.ndarray:
        n = len(self._x)
        mirrored = Laplace(1.0 - self._x, self._h, self._order[::-1])
        sums = np.ones(n)
        for side in (self, mirrored):
            sums[side._order] += side._from_left(np.ones(n))
        return sums

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(-np.abs(a[:, None] - b) / self._h))

    def features(self) -> np.ndarray:
        return _nystrom(self, self._x[self._order], self._order)

    def even_spread(self) -> float:
        return _even_spread(self)

    def sum_of_squares(self) -> float:
        return float(Laplace(self._x, self._h / 2.0).row_sums().sum())


class Gaussian:
    """By interpolation at the Chebyshev nodes: exact but for rounding, as the kernel is smooth.

    k(x, y) = T(x) C T(y)' with the r first Chebyshev polynomials T.
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
        projected = np.asarray(w, dtype=float) @ self._left
        return np.asarray(np.sum((projected @ self._middle) * projected, axis=-1))

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(-(((a[:, None] - b) / self._h) ** 2) / 2.0))

    def features(self) -> np.ndarray:
        order = np.argsort(self._x, kind="stable")
        return _nystrom(self, self._x[order], order)

    def row_sums(self) -> np.ndarray:
        return np.asarray(self._left @ (self._middle @ self._left.sum(axis=0)))

    def even_spread(self) -> float:
        return _even_spread(self)

    def sum_of_squares(self) -> float:
        return float(Gaussian(self._x, self._h / np.sqrt(2.0)).row_sums().sum())


class Kronecker:
    """Sums by category."""

    def __init__(self, x: np.ndarray) -> None:
        codes = np.unique(x, return_inverse=True)[1].reshape(-1)
        self.diagonal = np.ones(len(x))
        self._counts = np.bincount(codes)
        self._codes = codes
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(self._counts)[:-1]]).astype(int)

    def quadratic(self, w: np.ndarray) -> np.ndarray:
        w = np.asarray(w, dtype=float)[..., self._order]
        if not w.shape[-1]:
            return np.zeros(w.shape[:-1])
        return np.asarray(np.sum(np.add.reduceat(w, self._starts, axis=-1) ** 2, axis=-1))

    def row_sums(self) -> np.ndarray:
        return self._counts[self._codes].astype(float)

    def features(self) -> np.ndarray:
        return np.eye(len(self._counts))[self._codes]

    def even_spread(self) -> float:
        return 1.0 - 1.0 / max(len(self._counts), 1)

    def sum_of_squares(self) -> float:
        return float(np.sum(self._counts.astype(float) ** 2))


class _Numeric(Protocol):
    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(n_a, n_b) k(a_i, b_j)."""


def _even_spread(kernel: _Numeric) -> float:
    grid = (np.arange(_GRID) + 0.5) / _GRID
    return 1.0 - float(kernel.between(grid, grid).mean())


def _nystrom(kernel: _Numeric, ordered: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(n, r) features from r of the points (Williams and Seeger, NIPS 2000)."""
    n = len(ordered)
    points = np.unique(ordered[np.linspace(0, n - 1, min(n, _N_FEATURES)).astype(int)])
    values, vectors = np.linalg.eigh(kernel.between(points, points))
    kept = values > values[-1] * 1e-10
    root = vectors[:, kept] / np.sqrt(values[kept])
    features = np.empty((n, int(kept.sum())))
    features[order] = kernel.between(ordered, points) @ root
    return features


def _centred(score: np.ndarray, n: int) -> np.ndarray:
    score = np.asarray(score, dtype=float)
    if score.shape != (n,) or not n:
        raise ValueError(
            f"`score` must have the shape of `x`, (n,) with n > 0: got {score.shape}."
        )
    if not np.isfinite(score).all():
        raise ValueError("`score` must be finite.")
    return np.asarray(score - score.mean())


def _check_u(statistic: str, n: int) -> None:
    if statistic != "U":
        raise ValueError(f"`statistic` must be 'V' or 'U', got {statistic!r}.")
    if n < 4:
        raise ValueError(f"The U-statistic needs at least 4 trials, got {n}.")


def _u_statistic(k: Kernel, w: np.ndarray) -> float:
    """Of K and ww' without their diagonals; the U-statistic does not see that w was centred."""
    n, w2 = len(w), w**2
    trace = float(k.quadratic(w)) - float(k.diagonal @ w2)
    rows = k.row_sums() - k.diagonal
    # The rows of ww' without its diagonal sum to -w_i^2.
    return _song(trace, -float(rows.sum()) * float(w2.sum()), -float(rows @ w2), n)


def _self_of_score(w: np.ndarray, statistic: str) -> float:
    n, w2 = len(w), w**2
    if statistic == "V":
        return float(w2.sum() / n) ** 2
    _check_u(statistic, n)
    total = float(w2.sum())
    return _song(total**2 - float(w2 @ w2), total**2, float(w2 @ w2), n)


def _song(trace: float, product_of_sums: float, product_of_rows: float, n: int) -> float:
    """Equation 5: tr(K~L~), 1'K~1 1'L~1 and 1'K~L~1 of matrices without their diagonals."""
    pairs = product_of_sums / ((n - 1) * (n - 2))
    return (trace + pairs - 2.0 * product_of_rows / (n - 2)) / (n * (n - 3))
