r"""What a trial will cost: an additive model of the logarithm of cost.

Notation
    n, d        trials, parameters
    y           (n,) log cost
    F_j         (n, r_j) features of parameter j: u - 1/2 and 2 (u - 1/2)^2 of a position u in
                [0, 1]; of a categorical parameter the indicators of its choices
    g_j         F_j beta_j: what a value of parameter j adds to log cost

Costs of training mostly multiply (epochs, width, 1 / batch size), so that their logarithms add
up. Ridge regression, its strength by generalised cross-validation (Golub et al., Technometrics 21,
1979), with Huber's weights (Ann. Math. Stat. 35, 1964) against trials that took long for reasons
of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CostModel", "fit", "indicators", "powers"]

_RIDGES = np.logspace(-2, 3, 11)
_HUBER = 1.345  # times the spread; 95 % as efficient as least squares for normal noise
_N_REWEIGHTED = 3
_TO_SPREAD = 1.4826  # of the median absolute deviation, for normal noise


def powers(u: np.ndarray) -> np.ndarray:
    """(n, 2) features of positions (n,)."""
    return np.column_stack([u - 0.5, 2.0 * (u - 0.5) ** 2])


def indicators(codes: np.ndarray, n_choices: int) -> np.ndarray:
    """(n, n_choices) features of codes (n,)."""
    return np.asarray(np.eye(n_choices)[codes.astype(int)])


@dataclass(frozen=True)
class CostModel:
    """Additive in the parameters.

    Attributes:
        beta: For each parameter, (r_j,).
        means: For each parameter, (r_j,) means of its features among the trials.
        spread: For each parameter, the standard deviation of what it adds to log cost.
    """

    beta: tuple[np.ndarray, ...]
    means: tuple[np.ndarray, ...]
    spread: np.ndarray

    def relative(self, features: Sequence[np.ndarray]) -> np.ndarray:
        """(m,) log of the cost of each candidate, less that of the mean trial."""
        return np.asarray(
            sum(
                (f - mean) @ beta
                for f, mean, beta in zip(features, self.means, self.beta, strict=True)
            )
        )


def fit(features: Sequence[np.ndarray], y: np.ndarray) -> CostModel:
    """The model of log costs ``y`` (n,) given each parameter's features. O(n (sum r)^2)."""
    f = np.hstack(list(features))
    means = f.mean(axis=0)
    x, y = f - means, y - np.median(y)
    weights = np.ones(len(y))
    beta = np.zeros(f.shape[1])
    for _ in range(_N_REWEIGHTED):
        beta, level = _ridge(x, y, weights)
        off = np.abs(y - level - x @ beta)
        limit = _HUBER * _TO_SPREAD * float(np.median(off))
        weights = np.minimum(1.0, limit / np.maximum(off, 1e-12)) if limit > 0.0 else weights
    ends = np.cumsum([each.shape[1] for each in features])[:-1]
    parts, by_parameter = np.split(beta, ends), np.split(means, ends)
    spread = [float(np.std(each @ part)) for each, part in zip(features, parts, strict=True)]
    return CostModel(tuple(parts), tuple(by_parameter), np.array(spread))


def _ridge(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients (r,) and level of the weighted regression with the least GCV."""
    total = weights.sum()
    x_mean, y_mean = weights @ x / total, float(weights @ y / total)
    root = np.sqrt(weights)
    a, b = (x - x_mean) * root[:, None], (y - y_mean) * root
    left, values, right = np.linalg.svd(a, full_matrices=False)
    along = left.T @ b
    rest = max(float(b @ b) - float(along @ along), 0.0)
    best, kept = np.inf, np.zeros_like(values)
    for ridge in _RIDGES:
        shrink = values**2 / (values**2 + ridge)
        freedom = len(y) - 1.0 - float(shrink.sum())
        if freedom > 1.0:
            gcv = (rest + float(np.sum(((1.0 - shrink) * along) ** 2))) / freedom**2
            if gcv < best:
                best, kept = gcv, values / (values**2 + ridge)
    beta = right.T @ (kept * along)
    return beta, y_mean - float(x_mean @ beta)
