"""What HsicSampler's Gaussian process expects after the trials so far, read from the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.samplers._points import whole_space
from optuna_hpx.samplers._proposal import Lesson
from optuna_hpx.samplers.maths import branches
from optuna_hpx.samplers.maths.candidates import Neighbourhood
from optuna_hpx.samplers.maths.outlook import N_MORE, Forecaster, SafePoint, length_scales
from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_MIN_TRIALS = 20  # complete: with fewer, intervals are as wide as all that was seen


@dataclass(frozen=True)
class Optimum:
    """The best parameters that are predicted safely, and what a trial there should show.

    With fewer than 45 complete trials of a noisy objective narrow intervals are often wrong, and
    the page tells none.

    Attributes:
        params: The parameters, without those of a single value. Their prediction plus twice its
            standard deviation is the best that was found: it need not be the best prediction.
        value: The middle of the prediction, in units of the objective.
        low: The value of a new trial, noise and all, is with 95 % or more above this,
        high: and below this.
        probability_feasible: That such a trial violates no constraint, as it is predicted.
    """

    params: dict[str, Any]
    value: float
    low: float
    high: float
    probability_feasible: float

    def __repr__(self) -> str:
        return f"<Optimum {self.value:.4g} (from {self.low:.4g} to {self.high:.4g})>"


@dataclass(frozen=True)
class SurrogateOutlook:
    """What :class:`HsicSampler`'s Gaussian process expects after all finished trials.

    Shapes: d parameters. ``benchmarks/samplers/beliefs.py`` measures how often it is wrong.

    Attributes:
        n_trials: Finished trials.
        names: (d,) parameters, the one of the shortest length scale first.
        length_scales: (d,) how far a parameter must move to change the objective: after as much
            of its range (on the scale that it is drawn from) two trials that are otherwise alike
            have results that are correlated by one half only. Far above 1: moving it changes
            little. The choices of a categorical parameter are a range of 1 apart.
        optimum: What a trial at the best parameters should show.
        expected_improvement: By how much the best value improves by the next trial on average, as
            the process has it, at the most promising point: mostly several times too much.
        n_more: Trials that the next one is about: 10.
        improvement_at_most: What the best value improves by in so many more trials of the
            sampler is with about 95 % no more than this, in units of the objective. None, like
            ``expected_improvement``, if no trial is feasible yet.
    """

    n_trials: int
    names: tuple[str, ...]
    length_scales: np.ndarray
    optimum: Optimum
    expected_improvement: float | None
    n_more: int
    improvement_at_most: float | None

    def __repr__(self) -> str:
        return f"<SurrogateOutlook after {self.n_trials} trials: {self.optimum!r}>"


def read_outlook(table: TrialTable) -> SurrogateOutlook | str:
    """Compute what is expected from the trials and the hyperparameters stored with them.

    O(trials), with at most 400 of them in the Gaussian process; below a second.

    Returns:
        The outlook; or why there is none, as what follows "because".
    """
    if len(table.directions) > 1:
        return "the study has several objectives"
    if len(table) and not table.trials:
        return "a data frame holds nothing of HsicSampler's Gaussian process"
    space = whole_space(table)
    records = _read_fits(table.trials)
    if not records:
        return "no trial was chosen by HsicSampler's Gaussian process"
    if any(record.get("priors") for record in records):
        return "HsicSampler had a prior study, which is not kept with this one"
    with np.errstate(over="ignore"):  # of losses near the largest float
        lesson = Lesson.of(table, space)
    widths = [axis.width for axis in lesson.space.axes]
    same = {"names": list(space), "widths": widths, "constraints": list(lesson.constraints)}
    records = [r for r in records if all(r.get(key, []) == same[key] for key in same)]
    if not records:
        return (
            "the search space, or its constraints, have changed since HsicSampler's Gaussian "
            "process was last fitted"
        )
    complete = table.losses[table.complete, 0]
    if len(complete) < _MIN_TRIALS:
        return f"{_MIN_TRIALS} complete trials are needed, and there are {len(complete)}"
    if (complete == complete[0]).all():
        return "all complete trials have the same value"
    thetas = [np.array(theta) for theta in max(records, key=lambda r: r["n"])["thetas"]]
    try:
        return _expect(lesson, thetas, table)
    except (ArithmeticError, ValueError) as failure:
        return f"the Gaussian process could not be computed ({type(failure).__name__}: {failure})"


def _expect(lesson: Lesson, thetas: Sequence[np.ndarray], table: TrialTable) -> SurrogateOutlook:
    axes = lesson.space.axes
    space = Neighbourhood(axes, branches.learn(lesson.points, axes), np.full(len(axes), np.nan))
    forecaster = Forecaster(lesson.points, lesson.outcomes, space, thetas)
    scales = length_scales(thetas[0], len(axes))
    order = np.argsort(scales, kind="stable")
    names = list(lesson.space.distributions)
    return SurrogateOutlook(
        n_trials=len(table),
        names=tuple(names[k] for k in order),
        length_scales=scales[order],
        optimum=_optimum(forecaster.safe_point(), lesson, loss_sign(table.directions[0])),
        expected_improvement=forecaster.expected_improvement(),
        n_more=N_MORE,
        improvement_at_most=forecaster.improvement_at_most(),
    )


def _optimum(safe: SafePoint, lesson: Lesson, sign: float) -> Optimum:
    """Turn losses into values of the objective."""
    value, low, high = (0.0 + sign * loss for loss in (safe.loss, safe.low, safe.high))  # no -0
    params = lesson.space.params_at(safe.point)
    return Optimum(params, value, min(low, high), max(low, high), safe.probability_feasible)


def _read_fits(trials: Sequence[FrozenTrial]) -> list[dict[str, Any]]:
    records = [storage.read(trial.system_attrs, storage.SURROGATE) for trial in trials]
    return [record for record in records if record is not None]
