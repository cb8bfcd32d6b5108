"""TPE that looks at the parameters the goal depends on, and at what a trial costs."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from optuna.logging import get_logger
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.samplers._evidence import Evidence, cost_features
from optuna_hpx.samplers._tpe import Choice, Mixtures, RankedTPESampler
from optuna_hpx.samplers.maths import cost_model
from optuna_hpx.samplers.maths.cost_model import CostModel
from optuna_hpx.statistics import parzen
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

    from optuna_hpx.trials.table import TrialTable

Cost: TypeAlias = Literal["duration"] | Callable[[FrozenTrial], float] | None

_logger = get_logger("optuna.hpx")
_FIRST_FIT = 10
_GROWTH = 1.25
_AUTO_WEIGHT = 1.0
_MIN_COSTS = 5


class HsicSampler(RankedTPESampler):
    """Optuna's TPE with two changes: it screens parameters, and it minds the cost of a trial.

    **Screening.** TPE compares candidates by the ratio of two densities, of the good and of the
    other trials. Each parameter's kernel is raised to the power of its activity, an HSIC of the
    parameter with the rank among trials of the same time
    (:mod:`optuna_hpx.samplers.maths.screening`): those that the goal does not depend on add less
    noise to the choice. No parameter is ever frozen. To the screening all pruned trials are alike,
    worse than the complete and better than the infeasible ones.

    Constraints are given by ``trial.set_constraint``; other arguments of ``TPESampler`` than those
    below are not taken.

    **Cost.** With ``cost``, a candidate that is predicted to cost e times as much must have an e
    times larger ratio. This finds better and much cheaper models for the same total training time,
    where cost depends on the parameters; it needs more trials for that. With a budget of trials
    rather than time, leave ``cost`` at None.

    Everything else is TPE: maximised objectives, constraints, conditional parameters, pruned and
    running trials, several workers. Activities and costs are worked out anew whenever the number
    of finished trials has grown by a quarter, from these alone: each worker comes to the same, and
    a study can be resumed. With several objectives nothing is screened (the independent TPE of
    Optuna is then its default), but cost counts. What was believed is in the ``system_attrs`` of
    the trial that was chosen next; :func:`optuna_hpx.plot_beliefs` draws it.

    Overhead over TPE: some milliseconds a trial at 1000 trials and 10 parameters.

    Source: Novello et al., Goal-oriented sensitivity analysis of hyperparameters in deep learning,
    2023 (https://arxiv.org/abs/2207.06216), whose hard selection by HSIC is not what is done here;
    TPE: Watanabe, https://arxiv.org/abs/2304.11127. What was gained is in ``benchmarks/``.

    Args:
        cost: What to spare: ``"duration"``, the seconds a trial took; or a function of a completed
            trial that returns a positive number, e.g. ``lambda t: t.user_attrs.get("flops")``, or
            None where it is not known. If it raises, so does the choice of the next trial.
            Trials whose cost is not positive and finite are left out. None: nothing.
        cost_weight: How much cost counts: a factor on the logarithm of the predicted cost, at
            least 0. "auto" is 1. It needs ``cost``.
        n_startup_trials: Random trials before TPE begins.
        seed: The same seed gives the same trials, one worker given; but not with
            ``cost="duration"``, as no two runs take the same time.
        n_ei_candidates: Candidates that are compared.
        group: Whether conditional parameters are chosen together, as in Optuna's TPE.
        constant_liar: Whether running trials count as bad ones, as in Optuna's TPE.

    Raises:
        ValueError: If an argument is outside its range.
        TypeError: If an argument has the wrong type.
    """

    def __init__(
        self,
        *,
        cost: Cost = None,
        cost_weight: float | Literal["auto"] = "auto",
        n_startup_trials: int = 10,
        seed: int | None = None,
        n_ei_candidates: int = 24,
        group: bool = False,
        constant_liar: bool = True,
    ) -> None:
        if not (cost is None or cost == "duration" or callable(cost)):
            raise TypeError(f'`cost` must be None, "duration" or a callable, got {cost!r}.')
        if cost_weight != "auto":
            _checks.finite("cost_weight", cost_weight)
            if cost is None:
                raise ValueError("`cost_weight` needs `cost`, which is None.")
            if cost_weight < 0.0:
                raise ValueError(f'`cost_weight` must be "auto" or at least 0, got {cost_weight}.')
        _checks.count("n_startup_trials", n_startup_trials, at_least=0)
        _checks.count("n_ei_candidates", n_ei_candidates)
        _checks.seed("seed", seed)
        super().__init__(
            n_startup_trials=n_startup_trials,
            seed=seed,
            n_ei_candidates=n_ei_candidates,
            group=group,
            constant_liar=constant_liar,
        )
        self._cost = cost
        self._cost_weight = _AUTO_WEIGHT if cost_weight == "auto" else float(cost_weight)
        self._memory: weakref.WeakKeyDictionary[Study, _Memory] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_memory": None, "_lock": None}  # studies need not be picklable

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._memory = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def _rank(
        self,
        choice: Choice,
        candidates: dict[str, np.ndarray],
        plain: Callable[[], np.ndarray],
        mixtures: Mixtures,
    ) -> np.ndarray:
        belief = self._belief(choice)
        if (belief.activity == 1.0).all():
            value = plain()
        else:
            good, bad = mixtures.read()
            value = parzen.tempered(good.log_k, good.weights, belief.activity)
            value = value - parzen.tempered(bad.log_k, bad.weights, belief.activity)
        if belief.cost is not None and self._cost_weight > 0.0:
            features = [cost_features(candidates[k], d) for k, d in choice.space.items()]
            value = value - self._cost_weight * belief.cost.relative(features)
        return value

    def _belief(self, choice: Choice) -> Belief:
        """From the finished trials of now, or of when their number had last grown by a quarter."""
        with self._lock:
            n = _last_fit(Evidence.count(choice.study))
            memory = self._memory.setdefault(choice.study, _Memory())
            known = memory.recall(n, choice.space)
            if known is not None:
                return known
            evidence = Evidence.of(choice.study, choice.space, n)
            belief = self._believe(evidence, memory)
            memory.keep(choice, belief)
            return belief

    def _believe(self, evidence: Evidence, memory: _Memory) -> Belief:
        is_screened = evidence.can_screen
        activity = self._activity(evidence) if is_screened else np.ones(len(evidence.space))
        costs = evidence.costs(self._cost)
        is_known = np.isfinite(costs)
        if callable(self._cost):
            memory.warn_of_odd(evidence.table, is_known)
        if np.count_nonzero(is_known) < _MIN_COSTS:
            return Belief(activity, is_screened, None)
        features = [
            cost_features(evidence.values[name][is_known], dist)
            for name, dist in evidence.space.items()
        ]
        return Belief(activity, is_screened, cost_model.fit(features, np.log(costs[is_known])))

    def _activity(self, evidence: Evidence) -> np.ndarray:
        """(d,) in the order of the space."""
        return evidence.activity()


@dataclass(frozen=True)
class Belief:
    """Activity (d,) of the parameters in the order of the space, and what they cost."""

    activity: np.ndarray
    is_screened: bool
    cost: CostModel | None


class _Memory:
    """The beliefs of one study at its last fit."""

    def __init__(self) -> None:
        self._n = -1
        self._beliefs: dict[Any, Belief] = {}
        self._said: tuple[int, dict[str, Any]] = -1, {}
        self._n_odd = 0

    def recall(self, n: int, space: dict[str, BaseDistribution]) -> Belief | None:
        """What was believed of a space after ``n`` trials; of another number all is forgotten."""
        if n != self._n:
            self._n = n
            self._beliefs.clear()
        return self._beliefs.get(tuple(space.items()))

    def keep(self, choice: Choice, belief: Belief) -> None:
        self._beliefs[tuple(choice.space.items())] = belief
        self._say(choice, belief)

    def warn_of_odd(self, table: TrialTable, is_known: np.ndarray) -> None:
        """Of costs that are no positive numbers, whenever there are more of them."""
        is_complete = table.states == TrialState.COMPLETE
        odd = table.numbers[is_complete & ~is_known]
        if len(odd) > self._n_odd:
            self._n_odd = len(odd)
            _logger.warning(
                f"`cost` must return a positive, finite number. For {len(odd)} of "
                f"{np.count_nonzero(is_complete)} trials it did not, e.g. for trial {odd[0]}: "
                "their cost counts as unknown."
            )

    def _say(self, choice: Choice, belief: Belief) -> None:
        """Publish it with the trial that it is for; groups of parameters one after the other."""
        if belief.cost is None and not belief.is_screened:
            return
        number, said = self._said
        if number != choice.trial.number:
            said = {"n": self._n, "activity": {}, "cost": {}}
        names = list(choice.space)
        if belief.is_screened:
            rounded = [round(float(a), 4) for a in belief.activity]
            said["activity"].update(zip(names, rounded, strict=True))
        if belief.cost is not None:
            spread = [round(float(c), 4) for c in belief.cost.spread]
            said["cost"].update(zip(names, spread, strict=True))
        self._said = choice.trial.number, said
        storage.write(choice.study, choice.trial, storage.BELIEF, said)


def _last_fit(n: int) -> int:
    """The largest of 10, 13, 17, 22, ... that is at most ``n``; 0 below 10."""
    fit, following = 0, _FIRST_FIT
    while following <= n:
        fit, following = following, math.ceil(_GROWTH * following)
    return fit
