"""The effect of one parameter on the objective, averaged over the search space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result
from optuna_hpx.canvas.words import count
from optuna_hpx.importance._error import NoSurrogateError
from optuna_hpx.importance._landscape import (
    MIN_ACTIVE,
    Landscape,
    objective_table,
    taught_trials,
)
from optuna_hpx.importance._space import draw_along, unseen_choices
from optuna_hpx.importance.maths.effects import effect_curve
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

_POWER_OF_AVERAGES = 0.75
"""Errors of single points, by which the factor is chosen, partly cancel in an average. With this
power of it 99 % of bands held whole curves of the design functions of
benchmarks/importance/cases.py, with 0.5 97 %, and without a factor 83 %."""
_N_VALUES = 11  # of a continuous domain
_MAX_VALUES = 20  # of a discrete one, which are all asked for
_N_POINTS = 128  # at which the others are
_MAX_DRAWN = 2048  # points, to find so many at which the parameter is active


@dataclass(frozen=True, eq=False, repr=False)
class MarginalEffect(Result):
    """The predicted objective along one parameter, the others averaged over the search space.

    v values. All is in the units of the objective.

    Attributes:
        name: The parameter.
        values: (v,) its values, as the objective sees them.
        effect: (v,) mean objective with each value, minus the mean over all values.
        ci_low, ci_high: (v,) ends of a band that holds the whole curve at once.
        average: Mean of the predicted objective over all values.
        is_better: (v, v) whether the first value is surely better on average than the second; all
            pairs at once.
        gain: By how much the best value is better on average than the worst, positive, with the
            ends of an interval.
        is_log: Whether the parameter lives on a log scale.
        is_numeric: Whether the values are numbers, in their order.
        direction: "minimize" or "maximize".
        confidence: Chance that the band holds.
        skill: The surrogate's cross-validated skill (1 is perfect).
        n_trials: Trials that the surrogate was taught.
        has_all_values: Whether the parameter can have no other values than these; otherwise they
            are middles of equal parts of its range.
        unseen: Choices that no complete trial had, of which nothing is known.
        limits: The ends of the range that is looked at, if some trials had another one.

    Example:
        >>> import optuna
        >>> from optuna_hpx import MarginalEffect, marginal_effect
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=30)
        >>> effect = marginal_effect(study, "x", seed=0)
        >>> isinstance(effect, MarginalEffect), len(effect.values)
        (True, 11)
        >>> bool(effect.is_better[0, -1])
        True
    """

    name: str
    values: tuple[Any, ...]
    effect: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    average: float
    is_better: np.ndarray
    gain: tuple[float, float, float]
    is_log: bool
    is_numeric: bool
    direction: str
    confidence: float
    skill: float
    n_trials: int
    has_all_values: bool = True
    unseen: tuple[Any, ...] = ()
    limits: tuple[float, float] | None = None

    def __repr__(self) -> str:
        return f"MarginalEffect of {self.name}, skill {self.skill:.2f}: {self.in_words}"

    @property
    def may_be_best(self) -> np.ndarray:
        """(v,) which values no other is surely better than."""
        return np.asarray(~self.is_better.any(axis=0))

    @property
    def in_words(self) -> str:
        """What is sure of the direction, in a sentence."""
        from optuna_hpx.importance.section.effect_words import describe_effect

        return describe_effect(self)

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        return {
            "value": self.values,
            "effect": self.effect,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "may_be_best": self.may_be_best,
        }


def marginal_effect(
    study: Study | TrialTable,
    name: str,
    *,
    objective: int | None = None,
    confidence: float = 0.95,
    seed: int | None = 0,
) -> MarginalEffect:
    """Predict the objective along one parameter, averaged over the search space of the others.

    Of a conditional parameter the average is over where it is active. A surrogate of the objective
    is asked; see :func:`ablation_path` for where it is refused and how sure it is. An average
    hides what the parameter does together with others.

    Args:
        study: The study, or a table of its trials. Of any sampler.
        name: The parameter.
        objective: Which one, of several.
        confidence: Chance that the band holds the whole curve.
        seed: Of all that is random; the same seed gives the same curve. None: another one in each
            call.

    Returns:
        The effect. As :func:`ablation_path`, and then half a second.

    Raises:
        NoSurrogateError: If the objective cannot be predicted from the trials, or too few of them
            have the parameter.
        TypeError: If an argument has the wrong type.
        ValueError: If no complete trial has the parameter.

    Example:
        >>> import optuna
        >>> from optuna_hpx import marginal_effect
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     lr = trial.suggest_float("lr", 1e-4, 1, log=True)
        ...     return lr**0.5 + 0.01 * trial.suggest_float("y", 0, 1)
        >>> study.optimize(objective, n_trials=40)
        >>> effect = marginal_effect(study, "lr", seed=0)
        >>> bool(effect.may_be_best[0]), bool(effect.may_be_best[-1])
        (True, False)
    """
    _checks.quantile("confidence", confidence)
    _checks.seed("seed", seed)
    table = objective_table(study, objective)
    if not isinstance(name, str):
        raise TypeError(f"`name` must be the name of a parameter, got {name!r}.")
    trials = taught_trials(table).columns
    if name not in trials:
        raise ValueError(
            f"`name` must be a parameter of a complete trial, one of {sorted(trials)}, "
            f"got {name!r}."
        )
    landscape = Landscape.of(table, confidence, seed)
    if (n := landscape.n_active([name])) < MIN_ACTIVE:
        raise NoSurrogateError(
            f"Of {name}, which {count(n, 'complete trial')} had, too little is seen to tell its "
            f"effect: at least {MIN_ACTIVE} are needed."
        )
    pinned, unseen = _grid(trials[name])
    rng = np.random.default_rng(seed)
    points = _points(trials, pinned, rng)
    shape = len(pinned.values), -1
    predicted = landscape.predict(points).reshape(shape)
    draws = landscape.draws(points)
    draws = draws.reshape(len(draws), *predicted.shape)
    curve = effect_curve(predicted, draws, confidence, landscape.factor**_POWER_OF_AVERAGES, rng)
    unit = landscape.sign * landscape.scale
    ends = np.sort(unit * np.stack([curve.low, curve.high]), axis=0)
    worst, best = int(curve.effect.argmax()), int(curve.effect.argmin())
    gain = (
        landscape.scale * float(curve.difference[worst, best]),
        landscape.scale * float(curve.difference_low[worst, best]),
        landscape.scale * float(curve.difference_high[worst, best]),
    )
    dist = pinned.distributions[int(pinned.regime[0])]
    has_other_ranges = len({domain.ends(one) for one in pinned.distributions}) > 1
    return MarginalEffect(
        name=name,
        values=tuple(pinned.external()),
        effect=unit * curve.effect,
        ci_low=ends[0],
        ci_high=ends[1],
        average=float(landscape.values(np.array(curve.level))),
        is_better=curve.is_better,
        gain=gain,
        is_log=domain.is_log(dist),
        is_numeric=not pinned.is_categorical,
        direction=landscape.table.directions[0],
        confidence=confidence,
        skill=landscape.skill,
        n_trials=len(landscape.table),
        has_all_values=domain.n_possible_values(dist) <= _MAX_VALUES,
        unseen=tuple(unseen.external()),
        limits=domain.ends(dist) if has_other_ranges else None,
    )


def _grid(column: Column) -> tuple[Column, Column]:
    """Choose values of a parameter in its commonest domain; and choices that no trial had."""

    def column_at(values: np.ndarray) -> Column:
        return Column(column.name, column.distributions, np.full(len(values), code), values)

    codes = column.regime[column.regime != INACTIVE]
    code = int(np.bincount(codes).argmax())
    dist = column.distributions[code]
    if domain.n_possible_values(dist) <= _MAX_VALUES:
        values = domain.possible_values(dist)
    else:
        # Middles of equal parts: at the very ends of a domain no surrogate has much to go by.
        values = np.unique(domain.value_at(dist, (np.arange(_N_VALUES) + 0.5) / _N_VALUES))
    unseen = unseen_choices(column, code)
    return column_at(np.setdiff1d(values, unseen)), column_at(unseen)


def _points(
    trials: dict[str, Column], pinned: Column, rng: np.random.Generator
) -> dict[str, Column]:
    """Draw points at which the parameter is active, with each of its values."""
    active = (trials[pinned.name].regime != INACTIVE).mean()
    n = int(min(np.ceil(_N_POINTS / active), _MAX_DRAWN))
    drawn = draw_along(trials, pinned, n, rng)
    by_value = drawn[pinned.name].regime.reshape(len(pinned.values), n) != INACTIVE
    kept = by_value.all(axis=0)
    rows = np.flatnonzero(np.tile(kept, len(pinned.values)))
    return {
        name: Column(name, c.distributions, c.regime[rows], c.values[rows])
        for name, c in drawn.items()
    }
