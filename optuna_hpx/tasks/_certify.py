"""certify: from a study over tasks to a bound on the next one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from optuna.samplers import BruteForceSampler, GridSampler, QMCSampler, RandomSampler
from optuna.trial import TrialState

from optuna_hpx import _checks
from optuna_hpx.tasks._certificate import Certificate, Improvement, check_bounds, check_n_configs
from optuna_hpx.tasks._error import NoCertificateError
from optuna_hpx.tasks._rows import AGGREGATES, Configurations, TaskStudy
from optuna_hpx.tasks._space import continuous_names, log_n_configs
from optuna_hpx.tasks.maths import certificate as core
from optuna_hpx.tasks.maths.capacity import oscillation_width
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["METHODS", "certify"]

METHODS = ("betting", "bootstrap", "hoeffding", "holdout", "oscillation", "rademacher")
_HELD_OUT = 0.4  # of the tasks
_N_BOOTSTRAP = 4000
_N_SIGNS = 200
_BLIND = (BruteForceSampler, GridSampler, QMCSampler, RandomSampler)
"""Samplers that do not look at values."""


def certify(
    study: Study,
    *,
    bounds: tuple[float, float],
    delta: float = 0.05,
    method: Literal[
        "betting", "holdout", "bootstrap", "hoeffding", "rademacher", "oscillation"
    ] = "betting",
    n_configs: float | Literal["space"] = "space",
    baseline: dict[str, Any] | None = None,
    n_oscillations: float | None = None,
) -> Certificate:
    """What the best configuration of a study over tasks is worth on average over all such tasks.

    The tasks of the study are a sample, and the best configuration is the best partly by luck of
    that sample. The certificate is a one-sided bound on the mean of this configuration over the
    distribution that the tasks were drawn from; it fails with probability ``delta``.

    Methods, u being the values rescaled to [0, 1] and M the number of configurations:

    "betting"
        The tightest one that holds for any number of tasks, sampler and pruner: a bound by betting
        at level delta / M, so that it holds for all M configurations at once, whichever of them
        tuning came to.
    "bootstrap"
        Multiplier bootstrap of the largest error of the configurations that were evaluated on all
        tasks. Tighter still, and approximate: too optimistic for few tasks.
    "holdout"
        The best of the first 60 % of the tasks, in a fixed random order, bounded on the others
        as a single configuration. It needs no M; it is finite-sample only if the configurations
        were proposed without a look at values: random, grid and QMC search, as ``study.sampler``
        tells, in which each trial is complete.
    "hoeffding"
        By the range of the values alone: wider, as it does not see how little they vary.
    "rademacher", "oscillation"
        The bounds of learning theory, for comparison: valid and for a realistic number of tasks
        mostly vacuous. The first uses the empirical Rademacher complexity if every one of the M
        configurations was evaluated, else Massart's bound of it. The second is for one real
        hyperparameter, and needs a proven ``n_oscillations``.

    A configuration that was tried several times counts with the first value on each task. Trials
    that were pruned or failed do no harm, as long as the best is complete.

    Choose the method before you see what it says: the best of several is no longer right with
    probability 1 - ``delta``. The tightest certificate is that of few configurations on fresh
    tasks: enqueue the best one in a new study over these, with ``n_configs=1``, or with a baseline
    in it 2.

    Args:
        study: Of a :class:`MultiTaskObjective`, or one whose trials report task i as step i.
        bounds: Between which all values lie, known without looking at them: (0, 1) for accuracies.
            The width of the certificate is in proportion to them: rather than an error in some
            unit, let ``evaluate`` return its ratio to that of a simple predictor, clipped.
        delta: Probability of being wrong.
        method: See above.
        n_configs: M: "space" counts the values of all parameters' distributions, of a float
            without a step the floating point numbers in its range; of branches that no trial took
            it does not know. A number is that of a grid
            that was declared before tuning. The bound grows with the logarithm only.
        baseline: Parameters of a trial of this study to compare with: enqueue it before tuning.
            The comparison is by betting on all tasks, whatever the method.
        n_oscillations: B, for "oscillation": how often the value of a task, as a function of the
            hyperparameter, can cross any level. No sample of a curve tells it: :class:`DualCurve`
            finds a lower bound only.

    Raises:
        NoCertificateError: If the study has fewer than 2 tasks; no trial that is complete on all
            tasks, or its best one is not; no parameters by which configurations can be counted.
            It is a ValueError, with the reason.
        TypeError: If an argument has the wrong type.
        ValueError: If values break ``bounds``; fewer ``n_configs`` than were tried; a
            ``baseline`` that was not evaluated on all tasks; no ``n_oscillations`` where needed.

    References:
        "betting": Waudby-Smith and Ramdas, J. R. Stat. Soc. B 86, 2024. The setting: Balcan,
        Nguyen and Sharma, arXiv 2501.13734.
    """
    low, high = check_bounds(bounds)
    _checks.quantile("delta", delta)
    _checks.one_of("method", method, METHODS)
    table = TrialTable.from_study(study)
    tasks = TaskStudy.of(study, table)
    tried = Configurations.of(table, tasks.n_tasks)
    direction = table.directions[0]
    values = loss_sign(direction) * tried.losses
    _check_values(values, tried, low, high)
    winner = _winner(table, tasks, tried)
    log_m = _log_n_configs(n_configs, table, tried)
    worst = low if direction == "maximize" else high
    u = np.abs(values - worst) / (high - low)
    used = np.arange(tasks.n_tasks)
    if method == "holdout":
        winner, used = _held_out(u, tried, tasks)
    x = u[winner, used]
    bound = _bound(method, u, winner, x, tried, log_m, delta, n_oscillations)

    def value(u: float) -> float:
        return worst + (low + high - 2.0 * worst) * u

    return Certificate(
        params=dict(tried.trials[winner].params),
        trial=tried.trials[winner].number,
        direction=direction,
        values=values[winner],
        observed=value(float(x.mean())),
        bound=value(min(max(bound, 0.0), 1.0)),
        naive=value(core.naive(x, delta)),
        delta=float(delta),
        method=method,
        is_finite_sample=_is_finite_sample(method, study, table),
        n_tasks=len(x),
        n_tried=len(tried.complete),
        log_n_configs=0.0 if method == "holdout" else log_m,
        bounds=(low, high),
        baseline=None
        if baseline is None
        else _improvement(baseline, u, winner, tried, log_m, delta, high - low),
        assumptions=_assumptions(method, study, table, tasks, tried, n_configs, baseline),
    )


def _winner(table: TrialTable, tasks: TaskStudy, tried: Configurations) -> int:
    """Row of the best configuration.

    Raises:
        NoCertificateError: If there is none, or a better one was not evaluated on all tasks.
    """
    if tasks.n_tasks < 2:
        raise NoCertificateError(f"`study` must have at least 2 tasks, got {tasks.n_tasks}.")
    best_first = tried.best_first(tasks.aggregate)
    if not len(best_first):
        most = int(np.isfinite(tried.losses).sum(axis=1).max(initial=0))
        raise NoCertificateError(
            f"`study` must have a trial that is COMPLETE and has a value for each of the "
            f"{tasks.n_tasks} tasks, 0 to {tasks.n_tasks - 1}, got at most {most} values in any.",
            "Finish one without pruning, e.g. "
            "`study.pruner = optuna.pruners.NopPruner()` and `study.optimize(objective, 1)`.",
        )
    best = int(best_first[0])
    if not len(table.best):  # the values are finite, but not what they come to
        return best
    trial = table.trials[table.best[0]]  # as Optuna has it
    row = tried.row_of(trial)
    n_seen = int(np.isfinite(tried.losses[row]).sum())
    if row not in best_first:
        raise NoCertificateError(
            f"The best trial of `study`, {trial.number}, must have been evaluated on all "
            f"{tasks.n_tasks} tasks and be feasible whenever it was tried, got {n_seen} tasks.",
            "Finish it: `study.enqueue_trial(study.best_params)`, and "
            "`study.optimize(objective, 1)` without pruning.",
        )
    return best


def _check_values(values: np.ndarray, tried: Configurations, low: float, high: float) -> None:
    outside = np.argwhere((values < low) | (values > high))
    if len(outside):
        row, task = outside[0].tolist()
        raise ValueError(
            f"`bounds` must hold all values, got ({low:g}, {high:g}), but trial "
            f"{tried.trials[row].number} has {values[row, task]:g} on task {task}. Let `evaluate` "
            "clip what it returns to bounds that are known beforehand, choose `error_value` "
            "within them, and tune again."
        )


def _log_n_configs(n_configs: Any, table: TrialTable, tried: Configurations) -> float:
    if isinstance(n_configs, str) and n_configs == "space":
        if len(tried.trials) > 1 and not all(trial.params for trial in tried.trials):
            raise NoCertificateError(
                '`n_configs` must be a number where trials have no parameters, got "space".'
            )
        return max(log_n_configs(table.trials), math.log(len(tried.trials)))
    if isinstance(n_configs, str):
        raise ValueError(f'`n_configs` must be "space" or a number, got {n_configs!r}.')
    check_n_configs(n_configs)
    if n_configs < len(tried.trials):
        raise ValueError(
            f"`n_configs` must be all configurations that tuning may choose, got {n_configs!r}, "
            f"but {len(tried.trials)} were tried."
        )
    return math.log(n_configs)


def _held_out(u: np.ndarray, tried: Configurations, tasks: TaskStudy) -> tuple[int, np.ndarray]:
    """The best row on some of the tasks, and the other tasks."""
    n_tasks = u.shape[1]
    order = np.random.default_rng(0).permutation(n_tasks)
    n_held_out = min(max(1, round(_HELD_OUT * n_tasks)), n_tasks - 1)
    first, rest = order[n_held_out:], np.sort(order[:n_held_out])
    complete = tried.complete
    losses = AGGREGATES[tasks.aggregate](1.0 - u[np.ix_(complete, first)], axis=1)
    return int(complete[losses.argmin()]), rest


def _bound(
    method: str,
    u: np.ndarray,
    winner: int,
    x: np.ndarray,
    tried: Configurations,
    log_m: float,
    delta: float,
    n_oscillations: float | None,
) -> float:
    """A lower bound on the mean of the utility, in [0, 1], whose sample is ``x``."""
    if method == "holdout":
        return core.betting(x, 0.0, delta)
    if method == "betting":
        return core.betting(x, log_m, delta)
    if method == "hoeffding":
        return core.hoeffding(x, log_m, delta)
    complete = tried.complete
    if method == "bootstrap":
        return _bootstrap(u, winner, tried, delta)
    if method == "rademacher":
        if len(complete) == round(math.exp(min(log_m, 50.0))):
            rng = np.random.default_rng(0)
            return float(x.mean()) - core.rademacher(u[complete].T, delta, _N_SIGNS, rng)
        return float(x.mean()) - core.massart(len(x), log_m, delta)
    if n_oscillations is None:
        raise ValueError('`n_oscillations` must be a number for method="oscillation", got None.')
    _checks.finite("n_oscillations", n_oscillations)
    if n_oscillations < 1:
        raise ValueError(f"`n_oscillations` must be at least 1, got {n_oscillations!r}.")
    names = {name for trial in tried.trials for name in trial.params}
    if len(names) > 1:
        raise ValueError(
            f'method="oscillation" is for one hyperparameter, but the study has {sorted(names)}.'
        )
    log_b = math.log(n_oscillations)
    return float(x.mean()) - oscillation_width(len(x), delta, log_oscillations=log_b)


def _improvement(
    baseline: dict[str, Any],
    u: np.ndarray,
    winner: int,
    tried: Configurations,
    log_m: float,
    delta: float,
    scale: float,
) -> Improvement:
    row = tried.find(baseline)
    if row is None:
        raise ValueError(
            f"`baseline` must be the parameters of a trial, all of them, got {baseline!r}, which "
            "none has. Before tuning: `study.enqueue_trial(baseline)`."
        )
    if row not in tried.complete:
        raise ValueError(
            f"`baseline` must have been evaluated on all {u.shape[1]} tasks, got "
            f"{int(np.isfinite(u[row]).sum())} in trial {tried.trials[row].number}. Finish it: "
            "`study.enqueue_trial(baseline)`, and `study.optimize(objective, 1)` without pruning."
        )
    found = core.improvement(u[winner] - u[row], log_m, delta)
    return Improvement(
        params=dict(baseline),
        observed=scale * float((u[winner] - u[row]).mean()),
        lower_bound=scale * found.lower,
        approximate_lower_bound=scale * _bootstrap(u - u[row], winner, tried, delta),
        n_tasks_needed=found.n_tasks_needed,
    )


def _bootstrap(u: np.ndarray, winner: int, tried: Configurations, delta: float) -> float:
    complete = tried.complete
    at = int(np.flatnonzero(complete == winner)[0])
    rng = np.random.default_rng(0)
    return core.bootstrap(u[complete].T, at, delta, _N_BOOTSTRAP, rng)


def _is_blind(study: Study, table: TrialTable) -> bool:
    """Whether, as far as one can tell, no value had a part in which trials are complete."""
    is_whole = (table.states == TrialState.COMPLETE) & table.feasible
    return isinstance(study.sampler, _BLIND) and bool(is_whole.all())


def _is_finite_sample(method: str, study: Study, table: TrialTable) -> bool:
    if method == "holdout":
        return _is_blind(study, table)
    return method != "bootstrap"


def _assumptions(
    method: str,
    study: Study,
    table: TrialTable,
    tasks: TaskStudy,
    tried: Configurations,
    n_configs: Any,
    baseline: dict[str, Any] | None,
) -> tuple[str, ...]:
    lines = [
        "The tasks of the study and those to come are drawn independently from the same source; "
        "seeds, splits and all else that is random in an evaluation belong to the task.",
        "It is about the mean over tasks, not about each one.",
        "The bounds of the values were known before any was seen.",
    ]
    if tasks.aggregate != "mean":
        lines.append(
            f"The configuration was chosen by its {tasks.aggregate} value; the bound is on its "
            "mean."
        )
    if method in ("betting", "hoeffding", "rademacher") or baseline is not None:
        names = ", ".join(continuous_names(tried.trials))
        if isinstance(n_configs, str):
            lines.append(
                "The search space is what the trials' distributions say, and was fixed before; "
                "branches that no trial took are not counted."
            )
            if names:
                lines.append(
                    f"{names}: any floating point number. With `step=`, for a log scale on the "
                    "exponent, there would be fewer configurations, and a tighter bound."
                )
        else:
            lines.append(
                f"You declared {n_configs} configurations before tuning"
                + (f", though {names} could be any floating point number." if names else ".")
            )
    if baseline is not None:
        lines.append("The baseline was named before tuning.")
    if method == "oscillation":
        lines.append("One real hyperparameter; `n_oscillations` is proven for every task.")
    if method == "bootstrap":
        lines.append("There are tasks enough for the central limit theorem.")
    if method == "holdout":
        lines.append(
            "Configurations were proposed without a look at the values of tasks, as the sampler "
            "that the study has now would."
            if _is_blind(study, table)
            else "The sampler or pruner saw the values of the tasks held out: approximate."
        )
    if _has_repeats(table, tried):
        lines.append(
            "Of a configuration that was tried again, the first value on each task counts; what "
            "failed before, and was tried again, failed for no reason of its own."
        )
    return tuple(lines)


def _has_repeats(table: TrialTable, tried: Configurations) -> bool:
    return len(tried.trials) < len(table)
