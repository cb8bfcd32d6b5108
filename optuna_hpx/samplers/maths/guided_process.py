r"""A Gaussian process of the loss above what other tasks expect of it.

Notation
    n, k        trials of today, other tasks
    X, H        (n, f) and (n, k) features of the trials, and what each other task says of them, as
                in :mod:`~optuna_hpx.samplers.maths.prior_loss`
    y           (n,) losses of zero mean
    w           (k,) weights, not negative

    y(x) = w'(h(x) - mean H) + g(x),   g a Gaussian process                                   (1)

Least squares of y on H with weights that are not negative give w_0 and the share R^2 of the
variance that they explain. The weights are

    w = w_0 max(0, 1 - 2 k (1 - R^2) / ((n - k - 1) R^2)),                                    (2)

as in James and Stein's estimator: the fraction is twice the inverse of the F statistic, so that a
task that explains hardly more than a random one would has no weight, and g is as without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import nnls

from optuna_hpx.statistics.gaussian_process import GaussianProcess, Prediction

__all__ = ["GuidedProcess", "process_of", "weights"]


def weights(H: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute w (k,) by eq. (2).

    Args:
        H: (n, k) what other tasks say.
        y: (n,) losses.
    """
    n, k = H.shape
    centred, values = H - H.mean(axis=0), y - y.mean()
    w, _ = nnls(centred, values)
    explained, total = float(np.square(centred @ w).sum()), float(values @ values)
    if explained <= 0.0 or n <= k + 1:
        return np.zeros(k)
    unexplained = max(total - explained, 0.0)
    return np.asarray(w * max(0.0, 1.0 - 2.0 * k * unexplained / ((n - k - 1) * explained)))


class GuidedProcess(GaussianProcess):
    """A Gaussian process with the mean of eq. (1).

    Args:
        X: (n, f + k) features, and what other tasks say.
        y: (n,) values of about zero mean.
        groups: The features of each parameter; what lies beyond the last is of other tasks.
        **options: As in :class:`~optuna_hpx.statistics.gaussian_process.GaussianProcess`.
    """

    def __init__(
        self, X: np.ndarray, y: np.ndarray, groups: Sequence[slice], **options: Any
    ) -> None:
        self._end = groups[-1].stop
        H = X[:, self._end :]
        self.w, self._middle = weights(H, y), H.mean(axis=0)
        super().__init__(X[:, : self._end], y - self._mean(X), groups, **options)

    def prediction(self, X: np.ndarray, n_first: int) -> Prediction:
        """Predict new values at ``X`` (N, f + k)."""
        prediction = super().prediction(X[:, : self._end], n_first)
        prediction.mean = prediction.mean + self._mean(X)
        return prediction

    def _mean(self, X: np.ndarray) -> np.ndarray:
        return np.asarray((X[:, self._end :] - self._middle) @ self.w)


def process_of(
    X: np.ndarray, y: np.ndarray, groups: Sequence[slice], **options: Any
) -> GaussianProcess:
    """Make a Gaussian process, a guided one if ``X`` has more than the features of ``groups``."""
    is_guided = X.shape[1] > groups[-1].stop
    return (GuidedProcess if is_guided else GaussianProcess)(X, y, groups, **options)
