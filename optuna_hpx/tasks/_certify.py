"""certify: from a study over tasks to a bound on the next one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from optuna.samplers import BruteForceSampler, GridSampler, QMCSampler, RandomSampler
from optuna.trial import TrialState

from optuna_hpx import _checks
from optuna_hpx.tasks._assumptions import assumptions_of
from optuna_hpx.tasks._certificate import Certificate
from optuna_hpx.tasks._choice import bounded_values, choose_best
from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._error import NoCertificateError
from optuna_hpx.tasks._improvement import compare
from optuna_hpx.tasks._methods import METHODS, CertificateMethod, TaskSample
from optuna_hpx.tasks._planning import check_bounds, check_n_configs
from optuna_hpx.tasks._space import log_n_configs
from optuna_hpx.tasks._task_study import TaskStudy
from optuna_hpx.tasks.maths.bounds import naive
from optuna_hpx.tasks.maths.utility import UtilityScale
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["certify"]

_BLIND = (BruteForceSampler, GridSampler, QMCSampler, RandomSampler)
"""Samplers that do not look at values."""


def certify(
    study: Study | TrialTable,
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
    """Certify what the best configuration of a study is worth on average over all such tasks.

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
        study: Of a :class:`MultiTaskObjective`, or one whose trials report task i as step i; or a
            table of one, which must be worth the mean of its tasks: a table does not hold what is
            written in the study, neither another aggregate nor the sampler.
        bounds: Between which all values lie, known without looking at them: (0, 1) for accuracies.
            The width of the certificate is in proportion to them: rather than an error in some
            unit, let ``evaluate`` return its ratio to that of a simple predictor, clipped.
        delta: Probability of being wrong, in (0, 1).
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

    Returns:
        The certificate. "betting" costs some 250 logarithms for each task, "bootstrap" 4000 draws
        of as many normal weights as there are tasks.

    Raises:
        NoCertificateError: If the study has fewer than 2 tasks; no trial that is complete on all
            tasks, or its best one is not; no parameters by which configurations can be counted.
            It is a ValueError, with the reason.
        TypeError: If an argument has the wrong type.
        ValueError: If values break ``bounds``; fewer ``n_configs`` than were tried; a
            ``baseline`` that was not evaluated on all tasks; no ``n_oscillations`` where needed.

    Example:
        Eleven configurations, tuned on 60 tasks whose best places differ:

        >>> import numpy as np
        >>> import optuna
        >>> from optuna_hpx import MultiTaskObjective, certify
        >>> places = np.random.default_rng(0).uniform(0.2, 0.8, 60)
        >>> def evaluate(trial, place):
        ...     return 1 - (trial.suggest_float("x", 0, 1, step=0.1) - place) ** 2
        >>> study = optuna.create_study(
        ...     direction="maximize",
        ...     sampler=optuna.samplers.BruteForceSampler(seed=0),
        ...     pruner=optuna.pruners.NopPruner(),
        ... )
        >>> study.optimize(MultiTaskObjective(evaluate, places, seed=0))
        >>> certificate = certify(study, bounds=(0, 1))
        >>> certificate.params, round(certificate.observed, 3), round(certificate.bound, 3)
        ({'x': 0.5}, 0.968, 0.885)

    References:
        "betting": Waudby-Smith and Ramdas, J. R. Stat. Soc. B 86, 2024. The setting: Balcan,
        Nguyen and Sharma, arXiv 2501.13734.
    """
    low, high = check_bounds(bounds)
    _checks.quantile("delta", delta)
    _checks.one_of("method", method, METHODS)
    tasks = TaskStudy.of(study)
    way, is_blind = METHODS[method], _is_blind(study, tasks)
    scale = UtilityScale(low, high, is_maximised=tasks.table.directions[0] == "maximize")
    best = _choose(tasks, scale, n_configs, delta, n_oscillations)
    sample = way.choose(best)
    certificate = _issue(way, sample, scale, is_blind=is_blind)
    if baseline is not None:
        # Tasks on which the winner was chosen are in the comparison: M counts, whatever the way.
        improvement = compare(replace(best, winner=sample.winner), baseline, scale)
        certificate = replace(certificate, baseline=improvement)
    assumptions = assumptions_of(
        way,
        tasks,
        best.tried,
        n_configs=n_configs,
        has_baseline=baseline is not None,
        is_blind=is_blind,
    )
    return replace(certificate, assumptions=assumptions)


def _choose(
    tasks: TaskStudy,
    scale: UtilityScale,
    n_configs: Any,
    delta: float,
    n_oscillations: float | None,
) -> TaskSample:
    """Choose the best configuration by all tasks."""
    tried = Configurations.of(tasks)
    return TaskSample(
        tried=tried,
        u=scale.utilities(bounded_values(tasks, tried, scale)),
        aggregate=tasks.aggregate,
        winner=choose_best(tasks, tried),
        tasks=np.arange(tasks.n_tasks),
        log_n_configs=_log_n_configs(n_configs, tasks, tried),
        delta=delta,
        n_oscillations=n_oscillations,
    )


def _issue(
    way: CertificateMethod, sample: TaskSample, scale: UtilityScale, *, is_blind: bool
) -> Certificate:
    """Write the certificate of a sample, still without baseline and assumptions."""
    tried = sample.tried
    first = tried.trials[sample.winner]
    direction = "maximize" if scale.is_maximised else "minimize"
    bound = way.bound(sample)
    return Certificate(
        params=dict(first.params),
        trial=first.number,
        direction=direction,
        values=loss_sign(direction) * tried.losses[sample.winner],
        observed=scale.value(float(sample.x.mean())),
        bound=scale.value(min(max(bound, 0.0), 1.0)),
        naive=scale.value(naive(sample.x, sample.delta)),
        delta=float(sample.delta),
        method=way.name,
        is_finite_sample=way.is_finite_sample(is_blind=is_blind),
        n_tasks=len(sample.x),
        n_tried=len(tried.complete),
        log_n_configs=sample.log_n_configs,
        bounds=(scale.low, scale.high),
        baseline=None,
        assumptions=(),
    )


def _log_n_configs(n_configs: Any, tasks: TaskStudy, tried: Configurations) -> float:
    """Return ln M, and check that M is no fewer than were tried."""
    if isinstance(n_configs, str) and n_configs == "space":
        if len(tried.trials) > 1 and not all(trial.params for trial in tried.trials):
            raise NoCertificateError(
                '`n_configs` must be a number where trials have no parameters, got "space".'
            )
        # A trial that came to no parameter does not tell that the space has a branch without.
        trials = [trial for trial in tasks.table.trials if trial.params]
        return max(log_n_configs(trials), math.log(len(tried.trials)))
    if isinstance(n_configs, str):
        raise ValueError(f'`n_configs` must be "space" or a number, got {n_configs!r}.')
    check_n_configs(n_configs)
    if n_configs < len(tried.trials):
        raise ValueError(
            f"`n_configs` must be all configurations that tuning may choose, got {n_configs!r}, "
            f"but {len(tried.trials)} were tried."
        )
    return math.log(n_configs)


def _is_blind(study: Study | TrialTable, tasks: TaskStudy) -> bool:
    """Decide whether, as far as one can tell, no value had a part in which trials are complete."""
    is_whole = (tasks.table.states == TrialState.COMPLETE) & tasks.table.feasible
    sampler = getattr(study, "sampler", None)  # which a table does not hold
    return isinstance(sampler, _BLIND) and bool(is_whole.all())
