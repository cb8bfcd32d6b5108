r"""Does a score depend on a parameter? Evidence of a model of the trials, whoever chose them.

Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006 (equations by their numbers).
Rubin: Inference and missing data, Biometrika 63, 1976.

Notation
    n, p        trials in the order of time; inputs of the model: the parameters, time, and what
                else is given
    z           (n,) normal scores of the trials' scores, with mean 0 and variance 1
    r_i         distance of two trials in input i
    K           s exp(-|(r_1 / l_1, ..., r_p / l_p)|) + sum_i a_i exp(-r_i / e_i) + v I
    theta       logs of (l^2, s, v, a, e^2)
    L           max over theta of log N(z; 0, K) plus the log prior of theta, (5.8)
    L_j         the same of the model without parameter j

What a sampler chooses depends on what it has seen, and on nothing else: p(choices, scores) is the
product of p(score | values, past) and p(values | past), and the latter has no part of the
objective in it. So the likelihood of the scores is the same as if the design had been fixed before
(Rubin's ignorable selection). A permutation test has no such excuse: it asks how the values would
have come about. The p-value of parameter j is

    p_j = min(1, exp(2 + L_j - L)).                                                             (1)

Were the models without free parameters theta, p(z | all) / p(z | all but j) would have the mean 1
where j is idle, and exceed 1 / p with a chance of p at most (Markov), in any adaptive design.
theta is chosen, and the model is but a model. Against the former stands the factor e^2 of (1),
against the latter the exponential kernel: its functions are continuous and rough, so that jumps,
plateaus and outliers are no miracles that an idle parameter is needed for. With smooth kernels
(Matern 3/2 and 5/2) idle parameters have odds of e^7 to e^34 beside a step. That (1) holds is
measured: benchmarks/importance/adaptive_tests.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.optimize import minimize
from scipy.spatial.distance import pdist

from optuna_hpx.statistics.p_values import holm
from optuna_hpx.statistics.ranks import normal_scores

__all__ = ["MAX_TRIALS", "MIN_TRIALS", "ModelEvidence", "model_evidence"]

MIN_TRIALS = 40
"""Of fewer nothing is measured, and all p-values are 1."""

MAX_TRIALS = 250
"""Of more, as many are taken, evenly over time: the time that a fit takes grows as n^3."""

_ALLOWANCE = 2.0  # log of the factor in (1); odds below it are not worth a fit without j
_JITTER = 1e-6  # on the diagonal, without which equal trials make K singular
_REACH = 4.0  # of theta about its prior mean: two standard deviations
_MAX_ITERATIONS = 30


@dataclass(frozen=True, eq=False)
class ModelEvidence:
    """Tests of d parameters.

    Attributes:
        log_odds: (d,) L - L_j; of those up to 2 only a bound from above is known.
        p_values: (d,) of each parameter by itself, equation (1).
        p_values_familywise: (d,) adjusted for their number (Holm).
    """

    log_odds: np.ndarray
    p_values: np.ndarray
    p_values_familywise: np.ndarray


def model_evidence(
    X: np.ndarray, groups: Sequence[slice], scores: np.ndarray, n_tested: int | None = None
) -> ModelEvidence:
    """Test whether scores depend on parameters, each given the others and time.

    Args:
        X: (n, f) features of the trials, in the order of time, each in [0, 1]. A parameter that is
            not active in a trial has any constant there; let its activity be an input, too.
        groups: (p,) the features of each parameter, then of each other input that is given.
        scores: (n,) what may depend on them, infinite values and ties allowed: ranks count.
        n_tested: d, how many of the groups are parameters to test; all if None.

    Returns:
        The tests; p-values are 1 where scores are constant or trials fewer than ``MIN_TRIALS``.
        O(n^2 (n + p)) an iteration for n up to ``MAX_TRIALS``, 30 to 60 iterations a parameter
        that is worth it: 2 s for n = 200 and 10 parameters.
    """
    d = len(groups) if n_tested is None else n_tested
    rows = _spread(len(scores))
    z = _scores(scores[rows])
    log_odds = np.zeros(d)
    if d and len(rows) >= MIN_TRIALS and z.min() < z.max():
        time = np.linspace(0.0, 1.0, len(rows))[:, None]
        inputs = [*(X[rows, group] for group in groups), time]
        log_odds = _log_odds(_Model(inputs, (z - z.mean()) / z.std()), d)
    p_values = np.minimum(np.exp(_ALLOWANCE - log_odds), 1.0)
    return ModelEvidence(log_odds, p_values, holm(p_values))


def _spread(n: int) -> np.ndarray:
    """Choose trials evenly over time: by nothing that they tell."""
    return np.unique(np.linspace(0, n - 1, min(n, MAX_TRIALS)).round().astype(int))


def _scores(scores: np.ndarray) -> np.ndarray:
    """Compute normal scores (n,), of the distinct scores where most are.

    Copies of a trial, as genetic samplers make them, would tear gaps between ranks. Where scores
    are of few kinds, ranks of kinds would make outliers of the rare ones.
    """
    distinct, place = np.unique(scores, return_inverse=True)
    if 2 * len(distinct) < len(scores):
        return normal_scores(scores)
    return np.asarray(normal_scores(distinct)[place.reshape(-1)])


def _log_odds(model: _Model, d: int) -> np.ndarray:
    """Compute L - L_j (d,), the latter as the larger of two optima."""
    p = model.p
    everything = np.arange(p)
    best, theta = model.fit(everything, None)
    log_odds = np.empty(d)
    for j in range(d):
        others = np.delete(everything, j)
        start = theta[_positions(others, p)]
        log_odds[j] = best - model.log_posterior(others, start)
        for first in (start, None):
            if log_odds[j] > _ALLOWANCE:
                log_odds[j] = min(log_odds[j], best - model.fit(others, first)[0])
    return log_odds


def _positions(inputs: np.ndarray, p: int) -> np.ndarray:
    """Return where in theta, of p inputs, the values of some inputs are."""
    return np.concatenate([inputs, [p, p + 1], p + 2 + inputs, 2 * p + 2 + inputs])


class _Model:
    """The Gaussian process of some of p inputs.

    Args:
        inputs: (p,) features (n, f_i) of each.
        z: (n,) what it models.
    """

    def __init__(self, inputs: Sequence[np.ndarray], z: np.ndarray) -> None:
        self.p = len(inputs)
        self._z = z
        self._squares = np.array([pdist(x, "sqeuclidean") for x in inputs])
        self._distances = np.sqrt(self._squares)
        self._above = np.triu_indices(len(z), 1)
        # Typical l grows as distances do with the number of inputs: Hvarfner et al., ICML 2024.
        typical = [0.7 * np.sqrt(self.p)] * self.p + [0.7, 0.1] + [0.4] * self.p + [0.5] * self.p
        self._mean = 2.0 * np.log(typical)
        self._deviation = np.full(len(typical), 2.0)
        self._deviation[self.p + 1] = 3.0

    def fit(self, inputs: np.ndarray, start: np.ndarray | None) -> tuple[float, np.ndarray]:
        """Maximise the posterior from ``start``, or from the prior's mean."""
        mean = self._mean[_positions(inputs, self.p)]
        optimum = minimize(
            self._minus_log_posterior,
            mean if start is None else start,
            (inputs,),
            jac=True,
            method="L-BFGS-B",
            bounds=[(m - _REACH, m + _REACH) for m in mean],
            options={"maxiter": _MAX_ITERATIONS},
        )
        return -float(optimum.fun), optimum.x

    def log_posterior(self, inputs: np.ndarray, theta: np.ndarray) -> float:
        """Compute the log posterior of the model with these inputs, up to a constant."""
        return -self._minus_log_posterior(theta, inputs)[0]

    def _minus_log_posterior(
        self, theta: np.ndarray, inputs: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Compute minus (5.8) and the log prior, and the gradient by (5.9)."""
        p = len(inputs)
        scales, (s, v), a, e = np.split(np.exp(theta), [p, p + 2, 2 * p + 2])
        joint = self._squares[inputs] / scales[:, None]
        r = np.sqrt(joint.sum(axis=0) + 1e-12)  # equal trials have no slope
        k = np.exp(-r)
        ratios = self._distances[inputs] / np.sqrt(e)[:, None]
        singles = np.exp(-ratios)
        half_log_det, alpha, A = self._solve(s * k + a @ singles, s + a.sum() + v)
        trace = np.trace(A)
        above = 2.0 * A[self._above]  # both triangles
        gradient = np.concatenate(
            [
                joint @ (above * k / (2.0 * r)) * s,
                [s * (above @ k + trace), v * trace],
                a * (singles @ above + trace),
                a * ((singles * ratios) @ above) / 2.0,
            ]
        )
        positions = _positions(inputs, self.p)
        deviate = (theta - self._mean[positions]) / self._deviation[positions]
        value = 0.5 * self._z @ alpha + half_log_det + 0.5 * deviate @ deviate
        return float(value), gradient + deviate / self._deviation[positions]

    def _solve(self, pairs: np.ndarray, diagonal: float) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log det(K) / 2, K^-1 z, and (K^-1 - K^-1 z z' K^-1) / 2, of K above the diagonal.

        LAPACK's Cholesky inverse takes a third of the time of solving for the unit matrix.
        """
        n = len(self._z)
        K = np.zeros((n, n))
        K[self._above] = pairs
        np.fill_diagonal(K, diagonal + _JITTER)
        root, failed = dpotrf(K, lower=0)
        if failed:
            raise np.linalg.LinAlgError("The kernel of the trials is not positive definite.")
        half_log_det = float(np.log(np.diag(root)).sum())
        inverse = dpotri(root, lower=0)[0]
        inverse = np.triu(inverse) + np.triu(inverse, 1).T
        alpha = inverse @ self._z
        return half_log_det, alpha, 0.5 * (inverse - np.outer(alpha, alpha))
