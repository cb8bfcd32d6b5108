r"""Interaction in a two-way table of unequal counts: an additive fit, and what it leaves.

Notation
    K, L          cells of the first and of the second parameter of a pair, numbered k and l
    c             a joint cell (k, l), of n_c trials, m_c of them in the target set
    b, P(b | c)   label, whether a trial is in the target set; p_c, its chance in a cell
    v_c           p_c (1 - p_c), the variance of b within the cell
    n, q, S_ij    trials; share in the target set; the interaction (interactions.py)
    X, G          additive design of the cells, one column per k and per l; G inverts
                  X' diag(n_c) X up to what X does not see. [[A, C], [C', D]] are its blocks
    g_cc'         x_c' G x_c' = A_kk' + C_kl' + C_k'l + D_ll'; the leverage of a cell is n_c g_cc
    f_c           1 - n_c g_cc, the freedom that the additive fit leaves to a cell
    U             estimate of n q (1 - q) S_ij; kappa2, kappa3: its cumulants under additivity
    T             tables of cells

What is estimated. The interaction sum of squares of a two-way layout with unequal counts: fit
additive effects to the cells by least squares, and add up n_c (m_c / n_c - fit_c)^2. Chance adds
v_c f_c to each term, whatever the v_c. With the unbiased variance within the cell for v_c,

    U = sum_c n_c (m_c / n_c - fit_c)^2 - f_c m_c (n_c - m_c) / (n_c (n_c - 1))              (1)

has expectation 0, given the cells, if effects are additive. Least squares, and not the marginal
means, since then main effects that are constant within the cells cancel although x_i and x_j are
correlated. What an effect does within a cell cancels only if x_i and x_j vary independently there.
Cells of a single trial say nothing of the variance within: the others stand for them.

How sure it is. U is a quadratic form without a diagonal, sum_{t != s} W_ts e_t e_s over trials t
and s, where e = b - P(b | c), W_ts = f_c / (n_c - 1) within a cell and -g_cc' between two. So

    kappa2 = 2 sum_{t != s} W_ts^2 v_t v_s,                                                  (2)
    kappa3 ~ 2 kappa2^2 / sum_c v_c f_c + 4 sum_{t != s} W_ts^3 skew_t skew_s,               (3)

the first term of kappa3 as for a scaled chi-square (Satterthwaite, Biometrics Bull. 2, 1946), the
second within cells only, skew_c = v_c (1 - 2 p_c). They take p_c from the additive fit, which is
the hypothesis: to permute labels would deny the main effects too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["cumulants"]

# Relative. Parts of a table that share no row or column have a free constant each; the ridge makes
# them invertible, where the term in `_inverse` takes care of one.
_RIDGE = 1e-9


def cumulants(n_c: np.ndarray, m_c: np.ndarray) -> np.ndarray:
    """Compute U of equation 1, and kappa2 and kappa3 of equations 2 and 3.

    Args:
        n_c: (T, K, L) trials in each cell of T tables.
        m_c: (T, K, L) of these in the target set.

    Returns:
        (3, T). All 0 of a table that leaves no freedom. O(T L^2 (K + L)).
    """
    is_counted = n_c > 1.0
    n, m = np.where(is_counted, n_c, 0.0), np.where(is_counted, m_c, 0.0)
    at_least_1, at_least_2 = np.maximum(n, 1.0), np.maximum(n, 2.0)
    inverse = _inverse(n)
    fit = _fitted(inverse, m)
    g = inverse.diagonal()
    freedom = np.where(is_counted, 1.0 - n * g, 0.0)
    within = m * (n - m) / (at_least_1 * (at_least_2 - 1.0))
    u = _sum(n * (m / at_least_1 - fit) ** 2 - freedom * within)

    p = np.clip(fit, 0.0, 1.0)
    v = p * (1.0 - p) * is_counted
    in_cells = _sum(v**2 * freedom**2 * n / (at_least_2 - 1.0))
    between_cells = _sum_of_squares(inverse, n * v) - _sum((n * v * g) ** 2)
    kappa2 = 2.0 * (in_cells + between_cells)
    skewness = _sum(n / (at_least_2 - 1.0) ** 2 * freedom**3 * (v * (1.0 - 2.0 * p)) ** 2)
    mean = _sum(v * freedom)
    kappa3 = 2.0 * kappa2**2 / np.where(mean > 0.0, mean, 1.0) + 4.0 * skewness

    # Cells of a single trial were left out: U is scaled up from the trials counted to all of them.
    can_interact = _sum(freedom) > 0.5  # the degrees of freedom, an integer but for rounding
    scale = n_c.sum(axis=(1, 2)) / np.maximum(n.sum(axis=(1, 2)), 1.0) * can_interact
    return np.array([u * scale, np.maximum(kappa2, 0.0) * scale**2, kappa3 * scale**3])


def _sum(x: np.ndarray) -> np.ndarray:
    """Sum tables (T, K, L) over their cells; (T,)."""
    return x.sum(axis=(1, 2))


def _transposed(x: np.ndarray) -> np.ndarray:
    return np.swapaxes(x, 1, 2)


@dataclass(frozen=True)
class _Inverse:
    """G by its blocks.

    Attributes:
        a: (T, K, K) the first parameter's.
        c: (T, K, L) the mixed one.
        d: (T, L, L) the second parameter's.
    """

    a: np.ndarray
    c: np.ndarray
    d: np.ndarray

    def diagonal(self) -> np.ndarray:
        """Return (T, K, L) g_cc."""
        a, d = (np.diagonal(x, axis1=1, axis2=2) for x in (self.a, self.d))
        return a[:, :, None] + 2.0 * self.c + d[:, None, :]


def _inverse(n: np.ndarray) -> _Inverse:
    """Invert X' diag(n) X by the Schur complement of its first block, which is diagonal.

    A constant added to all row effects and taken from all column effects changes no fit, so that
    the complement is singular along (1, ..., 1). Adding col col' / n, of the trials of each column
    and of all, makes it regular without changing a fit; 1 on the diagonal does so for a column
    without trials.
    """
    row, col = n.sum(axis=2), n.sum(axis=1)
    per_row = n / np.maximum(row, 1.0)[:, :, None]
    counted = np.maximum(row.sum(axis=1), 1.0)[:, None, None]
    schur = col[:, :, None] * col[:, None, :] / counted - _transposed(n) @ per_row
    rows, columns = np.arange(n.shape[1]), np.arange(n.shape[2])
    schur[:, columns, columns] += np.where(col > 0.0, (1.0 + _RIDGE) * col, 1.0)
    d = np.linalg.inv(schur)
    c = -per_row @ d
    a = -c @ _transposed(per_row)
    a[:, rows, rows] += 1.0 / np.maximum(row, 1.0)
    return _Inverse(a, c, d)


def _fitted(inverse: _Inverse, m: np.ndarray) -> np.ndarray:
    """Compute (T, K, L) the additive fit X G X' m."""
    row, col = m.sum(axis=2)[:, :, None], m.sum(axis=1)[:, :, None]
    first = inverse.a @ row + inverse.c @ col
    second = _transposed(inverse.c) @ row + inverse.d @ col
    return first + _transposed(second)


def _sum_of_squares(inverse: _Inverse, y: np.ndarray) -> np.ndarray:
    """Compute (T,) the sum over all c, c' of y_c y_c' g_cc'^2, multiplied out."""
    a, c, d = inverse.a, inverse.c, inverse.d
    row, col = y.sum(axis=2)[:, :, None], y.sum(axis=1)[:, None, :]
    y_c, c_y = y @ _transposed(c), _transposed(c) @ y
    squares = (
        _transposed(row) @ a**2 @ row
        + col @ d**2 @ _transposed(col)
        + 2.0 * _transposed(row) @ c**2 @ _transposed(col)
    )[:, 0, 0]
    products = y * (a @ y @ d)
    return squares + 2.0 * (
        _sum(products)
        + _sum(y_c * _transposed(y_c))
        + 2.0 * _sum(y_c * a * _transposed(row))
        + 2.0 * _sum(_transposed(c_y) * d * col)
    )
