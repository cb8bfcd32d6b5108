r"""Gaussian processes of each loss and each constraint, and what they make of a candidate.

Notation
    n, d, c, m  finished trials, parameters, constraints, objectives
    X           (n, f) features of the trials, as in :mod:`~optuna_hpx.samplers.maths.encoding`
    y           (n, m) losses, each transformed as in :mod:`~optuna_hpx.samplers.maths.losses`
    g_k         (n,) values of constraint k, feasible where at most 0
    b           smallest y of the feasible trials
    pi          (d,) activities of the parameters
    l_j, theta  as in :mod:`optuna_hpx.statistics.gaussian_process`

    a(x) = log E max(b - y(x), 0) + sum_k log P(g_k(x) <= 0)                                  (1)

(Gardner et al., Bayesian optimization with inequality constraints, ICML 2014), in which y(x) is a
new value, noise and all. Of several objectives the first term is the logarithm of what y(x) is
expected to add to the hypervolume of the feasible trials
(:mod:`~optuna_hpx.samplers.maths.hypervolume_improvement`). Without a feasible trial it is left
out. Activities are the prior of the length scales of the losses,

    -log l_j^2 ~ N(log pi_j - mean log pi, 2^2).                                              (2)

A running trial counts as if it had ended, one standard deviation worse than predicted, so that
others keep away from it for as long as it runs; if that is still the best, it is b, and if it is
not dominated, it is on the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.samplers.maths.goal import Goal
from optuna_hpx.samplers.maths.guided_process import process_of
from optuna_hpx.samplers.maths.improvement import log_probability_below
from optuna_hpx.samplers.maths.losses import transformed
from optuna_hpx.samplers.maths.outcomes import Outcomes
from optuna_hpx.statistics.gaussian_prior import joint_prior
from optuna_hpx.statistics.gaussian_process import GaussianProcess

__all__ = ["TrialModel", "fit_hyperparameters"]

_MAX_ITERATIONS = 30
_MIN_FIRST = 64  # trials that bound the deviation; more if a third of them are more
_N_PROMISING = 24  # candidates whose deviation is worked out at once


@dataclass(frozen=True, eq=False)
class _Target:
    """Values (k,) of the trials ``rows`` (k,), of zero mean and unit variance, and a limit."""

    rows: np.ndarray
    y: np.ndarray
    limit: float | None


def _targets(outcomes: Outcomes) -> list[_Target]:
    """Standardise each loss, without a limit, and each constraint, with what 0 becomes.

    A constraint that no trial is known to have, has no rows.
    """
    rows = np.arange(len(outcomes.losses))
    targets = [
        _Target(rows, transformed(losses, good), None)
        for losses, good in zip(outcomes.losses.T, outcomes.worst_on_front, strict=True)
    ]
    for g in outcomes.constraints.T:
        rows = np.flatnonzero(np.isfinite(g))
        size = float(np.median(np.abs(g[rows]))) if len(rows) else 0.0
        v = np.arcsinh(g[rows] / (size or 1.0))
        mean, spread = (float(v.mean()), float(v.std()) or 1.0) if len(rows) else (0.0, 1.0)
        targets.append(_Target(rows, (v - mean) / spread, -mean / spread))
    return targets


def fit_hyperparameters(
    X: np.ndarray,
    outcomes: Outcomes,
    groups: Sequence[slice],
    activity: np.ndarray,
    starts: Sequence[np.ndarray],
) -> list[np.ndarray]:
    """Fit theta of each loss and each constraint, with the prior (2). O((m + c) n^3).

    Args:
        X: (n, f) features of the trials.
        outcomes: What became of them; at least one loss is finite, of each objective.
        groups: The features of each parameter.
        activity: (d,) in (0, 1].
        starts: An earlier answer, from which the optimiser starts as well; may be empty.
    """
    rows = outcomes.thinned()
    X, outcomes = X[rows], outcomes.take(rows)
    thetas = []
    for k, target in enumerate(_targets(outcomes)):
        log_pi = np.log(activity) if k < outcomes.losses.shape[1] else np.zeros(len(groups))
        prior = joint_prior(log_pi - log_pi.mean())
        if not len(target.rows):
            thetas.append(prior.mean)
            continue
        earlier = [prior.nearest(start) for start in starts[k : k + 1]]
        process = process_of(
            X[target.rows],
            target.y,
            groups,
            prior=prior,
            starts=[*earlier, prior.mean],
            max_iterations=_MAX_ITERATIONS,
        )
        thetas.append(process.theta)
    return thetas


@dataclass(frozen=True, eq=False)
class TrialModel:
    """What is predicted of candidates: the processes of the losses and the constraints.

    Attributes:
        processes: Those of the losses, and those of the constraints.
        limits: What is to be fallen below, of each: b of the only loss, if anything is feasible
            yet. None of each of several losses.
        goal: What is to be improved on, if anything is feasible yet.
    """

    processes: tuple[GaussianProcess, ...]
    limits: tuple[float | None, ...]
    goal: Goal | None

    @classmethod
    def of(
        cls,
        X: np.ndarray,
        outcomes: Outcomes,
        running: np.ndarray,
        groups: Sequence[slice],
        thetas: Sequence[np.ndarray],
    ) -> TrialModel:
        """Condition the processes on all trials. O((m + c) n^3).

        Args:
            X: (n, f) features of the finished trials.
            outcomes: What became of them.
            running: (r, f) features of the running trials.
            groups: The features of each parameter.
            thetas: Hyperparameters of the losses and of the constraints.
        """
        rows = outcomes.thinned()
        X, outcomes = X[rows], outcomes.take(rows)
        m = outcomes.losses.shape[1]
        processes: list[GaussianProcess] = []
        limits: list[float | None] = []
        values: list[np.ndarray] = []
        for target, theta in zip(_targets(outcomes), thetas, strict=True):
            if not len(target.rows):
                continue
            x, y = X[target.rows], target.y
            process = _condition(x, y, groups, theta)
            if len(running):
                y = np.concatenate([y, np.sum(process.predict_noisy(running), axis=0)])
                process = _condition(np.concatenate([x, running]), y, groups, theta)
            processes.append(process)
            limits.append(target.limit)
            values.append(y)
        is_candidate = np.append(outcomes.is_candidate, np.ones(len(running), dtype=bool))
        goal = None
        if outcomes.is_candidate.any():
            losses = np.column_stack(values[:m])
            goal = Goal.of(losses[is_candidate], losses)
            limits[0] = goal.best
        return cls(tuple(processes), tuple(limits), goal)

    def acquisition(self, X: np.ndarray, penalty: np.ndarray, n_exact: int) -> np.ndarray:
        """Compute a (m,) of candidates by eq. (1), less a penalty.

        Only the largest are exact, and no other is larger than it is said to be: the deviation of
        most candidates need not be known. O(m n (n / 3 + f)) or less, and O(m n^2) with
        constraints.

        Args:
            X: (m, f) features of the candidates.
            penalty: (m,) what is taken off.
            n_exact: How many of the largest are exact, at least.
        """
        if self.goal is None:
            return self.log_feasibility(X, 0) - penalty
        if len(self.processes) == self.goal.m:
            return _gain(self.processes, self.goal, X, penalty, n_exact)
        total = self.log_feasibility(X, self.goal.m) - penalty
        predictions = [process.predict_noisy(X) for process in self.processes[: self.goal.m]]
        return total + self.goal.log_gain(*zip(*predictions, strict=True))

    def log_feasibility(self, X: np.ndarray, m: int) -> np.ndarray:
        """Compute the log probability (c,) that a candidate keeps to all limits after the m-th."""
        total = np.zeros(len(X))
        for process, limit in zip(self.processes[m:], self.limits[m:], strict=True):
            if limit is not None:
                total += log_probability_below(*process.predict_noisy(X), limit)
        return total


def _gain(
    processes: Sequence[GaussianProcess],
    goal: Goal,
    X: np.ndarray,
    penalty: np.ndarray,
    n_exact: int,
) -> np.ndarray:
    """Compute the first term of eq. (1), less a penalty, as in :meth:`TrialModel.acquisition`.

    It grows with each deviation, so that a bound of them gives a bound of it.
    """
    predictions = [p.prediction(X, min(p.n, max(_MIN_FIRST, p.n // 3))) for p in processes]
    means = [prediction.mean for prediction in predictions]
    total = goal.log_gain(means, [prediction.at_most for prediction in predictions]) - penalty
    order = np.argsort(-total, kind="stable")

    def make_exact(rows: np.ndarray) -> None:
        deviations = [prediction.deviation(rows) for prediction in predictions]
        total[rows] = goal.log_gain([mean[rows] for mean in means], deviations) - penalty[rows]

    first, others = np.split(order, [max(_N_PROMISING, n_exact)])
    make_exact(first)
    if len(others):
        enough = np.sort(total[first])[-n_exact]
        make_exact(others[total[others] >= enough])
    return total


def _condition(
    X: np.ndarray, y: np.ndarray, groups: Sequence[slice], theta: np.ndarray
) -> GaussianProcess:
    return process_of(X, y, groups, starts=[theta], max_iterations=0)
