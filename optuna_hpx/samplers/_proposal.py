"""The next trial as a Gaussian process over the whole search space would have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

from optuna_hpx.samplers import _curves
from optuna_hpx.samplers._points import PointSpace, constraint_values
from optuna_hpx.samplers._prior_studies import NO_PRIOR, PriorStudies
from optuna_hpx.samplers.maths import branches, candidates, cost_model, encoding
from optuna_hpx.samplers.maths.outcomes import Outcomes
from optuna_hpx.samplers.maths.refits import last_fit
from optuna_hpx.samplers.maths.trial_model import TrialModel, fit_hyperparameters
from optuna_hpx.trials import storage
from optuna_hpx.trials.marks import enqueued_params
from optuna_hpx.trials.table import TrialTable
from optuna_hpx.trials.tpe_internals import intended_params

if TYPE_CHECKING:
    from optuna_hpx.samplers._memory import Belief, HyperparameterMemory
    from optuna_hpx.samplers._tpe import Choice

_FORMER = {"priors": 0, "constraints": []}  # where a record of an older version does not say
_REPEATED = 1e6  # by which a point that was tried is worse, where there are others


@dataclass(frozen=True, eq=False)
class Lesson:
    """Finished trials as numbers, in the order in which they finished.

    Attributes:
        space: The parameters.
        points: (n, d) coordinates.
        outcomes: What became of the trials.
        constraints: The names of their constraints.
        prior: Studies of similar tasks.
    """

    space: PointSpace
    points: np.ndarray
    outcomes: Outcomes
    constraints: tuple[str, ...] = ()
    prior: PriorStudies = NO_PRIOR

    @classmethod
    def of(
        cls,
        table: TrialTable,
        distributions: dict[str, BaseDistribution],
        prior: PriorStudies = NO_PRIOR,
    ) -> Lesson:
        """Read the trials of a table that lie in the domain of today."""
        space = PointSpace(distributions)
        points = space.points_of(table)
        rows = np.flatnonzero(~np.isnan(points).all(axis=1))
        rows = rows[np.lexsort((rows, table.ended[rows]))]
        by_name = {name: g[rows] for name, g in constraint_values(table).items()}
        constraints = np.array(list(by_name.values())).reshape(len(by_name), len(rows)).T
        is_guess = table.states[rows] == TrialState.PRUNED
        outcomes = Outcomes(
            _losses(table)[rows], constraints, table.violation[rows] > 0.0, is_guess
        )
        return cls(space, points[rows], outcomes, tuple(by_name), prior)

    @cached_property
    def features(self) -> np.ndarray:
        """(n, f) the points as the Gaussian process takes them."""
        return self.encode(self.points)

    def encode(self, points: np.ndarray) -> np.ndarray:
        """Encode points (m, d) as features (m, f), the last of them those of the prior studies."""
        features = encoding.features(points, self.space.axes)
        if not self.prior.tasks:
            return features
        return np.hstack([features, self.prior.features(points, self.space.distributions)])

    @property
    def groups(self) -> list[slice]:
        """The features of each parameter."""
        return encoding.groups(self.space.axes)

    @property
    def n_priors(self) -> int:
        """How many prior studies have something to say."""
        return self.features.shape[1] - self.groups[-1].stop

    @property
    def is_enough(self) -> bool:
        """Whether there is anything to learn from."""
        return bool(np.isfinite(self.outcomes.losses).any(axis=0).all())

    def first(self, n: int) -> Lesson:
        """Return the lesson of the first ``n`` trials."""
        rows = np.arange(min(n, len(self.points)))
        return replace(self, points=self.points[rows], outcomes=self.outcomes.take(rows))


def _losses(table: TrialTable) -> np.ndarray:
    """Return the losses (n, m) of trials, those that Optuna lets be pruned by their curves."""
    if len(table.directions) == 1:
        return _curves.losses_of(table)[:, None]
    is_complete = table.states == TrialState.COMPLETE
    return np.where(is_complete[:, None], table.losses, np.nan)


def propose(
    choice: Choice,
    belief: Belief,
    memory: HyperparameterMemory,
    *,
    cost_weight: float,
    has_liars: bool,
    seed: int,
    prior: PriorStudies = NO_PRIOR,
) -> dict[str, Any] | None:
    """Propose the parameters of a trial; None if there is nothing to learn from.

    Args:
        choice: The study, the trial, and all parameters that may be chosen.
        belief: Activities and cost of these parameters.
        memory: Hyperparameters of the last fit.
        cost_weight: Factor on the logarithm of the predicted cost.
        has_liars: Whether running trials count.
        seed: Of the candidates.
        prior: Studies of similar tasks.
    """
    lesson = Lesson.of(TrialTable.from_study(choice.study), choice.space, prior)
    if not lesson.is_enough:
        return None
    axes, groups = lesson.space.axes, lesson.groups
    thetas = _hyperparameters(choice, lesson, belief, memory)
    running = _running_points(choice, lesson.space) if has_liars else np.zeros((0, len(axes)))
    running_features = lesson.encode(running)
    model = TrialModel.of(lesson.features, lesson.outcomes, running_features, groups, thetas)
    tried = _Tried.of(np.concatenate([lesson.points, running]))

    def score(points: np.ndarray, n_exact: int) -> np.ndarray:
        penalty = _REPEATED * tried.contain(points)
        if belief.cost is not None and cost_weight > 0.0:
            cost = belief.cost.relative(_cost_features(points, lesson))
            penalty = penalty + np.nan_to_num(cost_weight * cost, nan=np.inf)
        return model.acquisition(lesson.encode(points), penalty, n_exact)

    point = candidates.maximise(
        score,
        candidates.Neighbourhood(
            axes,
            branches.learn(lesson.points, axes),
            lesson.space.point_of(enqueued_params(choice.trial.system_attrs)),
        ),
        lesson.points[lesson.outcomes.order],
        np.random.default_rng(seed),
    )
    return lesson.space.params_at(point)


def _hyperparameters(
    choice: Choice, lesson: Lesson, belief: Belief, memory: HyperparameterMemory
) -> list[np.ndarray]:
    """Return theta of the losses and the constraints, of the last fit by whatever worker, or fit.

    A fit is stored with the trial that is being chosen.
    """
    n = last_fit(len(lesson.points))
    widths = [axis.width for axis in lesson.space.axes]
    sizes = {
        "n": n,
        "names": list(choice.space),
        "widths": widths,
        "priors": lesson.n_priors,
        "constraints": list(lesson.constraints),
    }
    key = repr(sizes)
    thetas = memory.recall(key)
    if thetas is None:
        records = _read_records(choice, sizes)
        thetas = records.get(n)
        if thetas is None:
            part = lesson.first(n)
            part = part if part.is_enough else lesson
            earlier = records[max(records)] if records else []
            thetas = fit_hyperparameters(
                part.features, part.outcomes, part.groups, belief.activity, earlier
            )
            record = {**sizes, "thetas": [theta.tolist() for theta in thetas]}
            storage.write(choice.study, choice.trial, storage.SURROGATE, record)
        memory.keep(key, thetas)
    return thetas


def _read_records(choice: Choice, sizes: dict[str, Any]) -> dict[int, list[np.ndarray]]:
    """Read earlier fits in the same space, by the number of trials that each rests on."""
    records = {}
    for trial in choice.study.get_trials(deepcopy=False):
        record = storage.read(trial.system_attrs, storage.SURROGATE)
        if record is not None and {**sizes, "n": record["n"]} == {
            name: record.get(name, _FORMER.get(name)) for name in sizes
        }:
            records[record["n"]] = [np.array(theta) for theta in record["thetas"]]
    return {n: thetas for n, thetas in records.items() if n <= sizes["n"]}


def _running_points(choice: Choice, space: PointSpace) -> np.ndarray:
    """Return the points (r, d) of other running trials, as far as it is known what they try."""
    running = choice.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    return space.points_of_running(
        [intended_params(t) for t in running if t.number != choice.trial.number]
    )


def _cost_features(points: np.ndarray, lesson: Lesson) -> Sequence[np.ndarray]:
    return [
        cost_model.indicators(u, axis.n_choices) if axis.n_choices else cost_model.powers(u)
        for axis, u in zip(lesson.space.axes, points.T, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Tried:
    """The points that have been tried: crossings of good trials would often be one of them."""

    rows: frozenset[bytes]

    @classmethod
    def of(cls, points: np.ndarray) -> _Tried:
        """Remember the points (n, d)."""
        return cls(frozenset(_as_bytes(points)))

    def contain(self, points: np.ndarray) -> np.ndarray:
        """Return whether each of the points (m, d) has been tried."""
        return np.array([row in self.rows for row in _as_bytes(points)])


def _as_bytes(points: np.ndarray) -> list[bytes]:
    """Return the points as what is equal for equal ones, the absent like the absent."""
    return [row.tobytes() for row in np.round(np.nan_to_num(points, nan=-1.0), 9)]
