r"""What a trial will cost: an additive model of the logarithm of cost.

Notation
    n, d        trials, parameters
    y           (n,) log cost
    F_j         (n, r_j) features of parameter j: u - 1/2 and 2 (u - 1/2)^2 of a position u in
                [0, 1]; of a categorical parameter the indicators of its choices; 0 where a
                trial does not have the parameter
    g_j         F_j beta_j: what a value of parameter j adds to log cost

Costs of training mostly multiply (epochs, width, 1 / batch size), so that their logarithms add
up: y = sum_j g_j + noise. Ridge regression, its strength chosen by generalised cross-validation
(Golub et al., Technometrics 21, 1979), with Huber's weights (Ann. Math. Stat. 35, 1964) against
trials that took long for reasons of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.statistics import ridge

__all__ = ["CostModel", "fit", "indicators", "powers"]

# From hardly any shrinkage to nearly all: squared singular values are about n / 12.
_RIDGES = np.logspace(-2, 3, 11)
_MIN_FREEDOM = 1.0  # degrees of freedom that a strength must leave
_HUBER = 1.345  # times the spread; 95 % as efficient as least squares for normal noise
_N_REWEIGHTED = 3  # more would move predictions by some .02
_TO_SPREAD = 1.4826  # of the median absolute deviation, for normal noise


def powers(u: np.ndarray) -> np.ndarray:
    """Compute the features (n, 2) of a numeric parameter from its positions (n,) in [0, 1]."""
    return np.nan_to_num(np.column_stack([u - 0.5, 2.0 * (u - 0.5) ** 2]))


def indicators(codes: np.ndarray, n_choices: int) -> np.ndarray:
    """Compute the features (n, n_choices) of a categorical parameter from its codes (n,)."""
    return np.asarray(codes[:, None] == np.arange(n_choices), dtype=float)


@dataclass(frozen=True)
class CostModel:
    """A model of log cost that is additive in the parameters.

    Attributes:
        beta: For each parameter, (r_j,) coefficients of its features.
        means: For each parameter, (r_j,) means of its features among the trials.
        spread: (d,) standard deviation of g_j among the trials.
    """

    beta: tuple[np.ndarray, ...]
    means: tuple[np.ndarray, ...]
    spread: np.ndarray

    def relative(self, features: Sequence[np.ndarray]) -> np.ndarray:
        """Predict the log cost (m,) of candidates, less that of the mean trial.

        Args:
            features: For each parameter, (m, r_j) features of the candidates.
        """
        parts = zip(features, self.means, self.beta, strict=True)
        return np.asarray(sum((f - mean) @ beta for f, mean, beta in parts))


def fit(features: Sequence[np.ndarray], y: np.ndarray) -> CostModel:
    """Fit the model. O(n (sum r)^2).

    Args:
        features: For each parameter, (n, r_j) features of the trials.
        y: (n,) log costs, finite.
    """
    f = np.hstack(list(features))
    means = f.mean(axis=0)
    x, y = f - means, y - np.median(y)
    weights = np.ones(len(y))
    beta = np.zeros(f.shape[1])
    for _ in range(_N_REWEIGHTED):
        beta, level = _ridge(x, y, weights)
        residuals = np.abs(y - level - x @ beta)
        limit = _HUBER * _TO_SPREAD * float(np.median(residuals))
        weights = np.minimum(1.0, limit / np.maximum(residuals, 1e-12)) if limit > 0.0 else weights
    ends = np.cumsum([part.shape[1] for part in features])[:-1]
    betas = np.split(beta, ends)
    spread = [float(np.std(f_j @ beta_j)) for f_j, beta_j in zip(features, betas, strict=True)]
    return CostModel(tuple(betas), tuple(np.split(means, ends)), np.array(spread))


def _ridge(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Fit the coefficients (r,) and the level of the weighted regression with the least GCV."""
    total = weights.sum()
    x_mean, y_mean = weights @ x / total, float(weights @ y / total)
    root = np.sqrt(weights)
    a, b = (x - x_mean) * root[:, None], (y - y_mean) * root
    beta = ridge.fit(a, b[:, None], _RIDGES, _MIN_FREEDOM).coefficients[:, 0]
    return beta, y_mean - float(x_mean @ beta)
