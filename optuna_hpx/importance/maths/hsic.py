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
trials than two. Kernels and what they cost: :mod:`optuna_hpx.importance.maths.kernels`.

The unbiased U-statistic is that of Song et al. (J. Mach. Learn. Res. 13, 2012, equation 5), and
R2 = HSIC(x, s) / sqrt(HSIC(x, x) HSIC(s, s)) is in [0, 1] for V.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from optuna_hpx.importance.maths.kernels import Kernel, kernel_of

__all__ = ["hsic", "r2", "scores", "self_hsic"]


def hsic(
    x: np.ndarray,
    score: np.ndarray,
    *,
    kernel: str = "sobolev",
    bandwidth: float | None = None,
    statistic: str = "V",
) -> float:
    """Compute HSIC of a parameter and a score, with the output kernel s s'.

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

    References:
        V: Gretton et al., ALT 2005, equation 9. U: Song et al., J. Mach. Learn. Res. 13, 2012,
        equation 5.
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
    """Compute HSIC(x, s) / sqrt(HSIC(x, x) HSIC(s, s)).

    Args:
        x: As in :func:`hsic`.
        score: As in :func:`hsic`.
        kernel: As in :func:`hsic`.
        bandwidth: As in :func:`hsic`.
        statistic: As in :func:`hsic`, of all three.

    Returns:
        R2, in [0, 1] for "V"; 0 where x or the score is constant. Cost as of :func:`hsic`.

    Raises:
        ValueError: As of :func:`hsic`.
    """
    k = kernel_of(x, kernel, bandwidth)
    w = _centred(score, len(k.diagonal))
    own = self_hsic(k, statistic) * _self_of_score(w, statistic)
    if own <= 0.0 or np.ptp(score) == 0.0 or len(np.unique(x)) == 1:
        return 0.0
    value = float(k.quadratic(w)) / len(w) ** 2 if statistic == "V" else _u_statistic(k, w)
    return value / float(np.sqrt(own))


def self_hsic(k: Kernel, statistic: str = "V") -> float:
    """Compute HSIC(x, x), with the kernel on both sides.

    Args:
        k: The kernel at the n points.
        statistic: "V": tr(KHKH)/n^2, where |HKH|^2 = |K|^2 - 2 n |row means|^2
            + n^2 (mean of K)^2. "U": its unbiased estimate, for n >= 4.

    Returns:
        The statistic. O(n log n); O(n / bandwidth) for a Gaussian kernel.

    Raises:
        ValueError: If ``statistic`` is unknown, or n too small for it.
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
    """Score each trial by its rank.

    Args:
        keys: (n,) what orders the trials, the best first; ties have the same score.
        kind: "rank": minus the rank over n. "log_rank": minus its logarithm, which tells apart the
            best most (Savage, Ann. Math. Stat. 27, 1956).

    Returns:
        Scores (n,), larger for better trials. O(n log n).
    """
    ranks = stats.rankdata(keys)
    return np.asarray(-ranks / len(keys) if kind == "rank" else -np.log(ranks / len(keys)))


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
    """Compute U from K and ww' without their diagonals; that w was centred changes nothing."""
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
    """Combine tr(K~L~), 1'K~1 1'L~1 and 1'K~L~1 of matrices without their diagonals, eq. 5."""
    pairs = product_of_sums / ((n - 1) * (n - 2))
    return (trace + pairs - 2.0 * product_of_rows / (n - 2)) / (n * (n - 3))
