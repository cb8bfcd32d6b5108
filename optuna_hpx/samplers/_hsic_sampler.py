"""HsicSampler: TPE that looks at the parameters the goal depends on, and at what a trial costs."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from optuna.logging import get_logger
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.samplers._evidence import Evidence, cost_features
from optuna_hpx.samplers._fallbacks import FallbackLog
from optuna_hpx.samplers._memory import Belief, StudyMemory
from optuna_hpx.samplers._tpe import Choice, RankedTPESampler, TPECandidates, count_finished
from optuna_hpx.samplers.maths import cost_model, mixture
from optuna_hpx.samplers.maths.cost_model import CostModel
from optuna_hpx.samplers.maths.refits import last_fit
from optuna_hpx.trials.cost import Cost, check_cost, read_costs

if TYPE_CHECKING:
    from optuna.study import Study

_logger = get_logger("optuna.hpx")
_AUTO_WEIGHT = 1.0  # e times the cost for e times the ratio; benchmarks/samplers compares others
_MIN_COSTS = 5  # fewer hardly tell a slope from noise


class HsicSampler(RankedTPESampler):
    """Optuna's TPE with two changes: it screens parameters, and it minds the cost of a trial.

    **Screening.** TPE compares candidates by the ratio of two densities, that of the better trials
    and that of the others. Here the kernels of each parameter are raised to the power of its
    activity, in [0.05, 1]: an HSIC of the parameter with the rank among trials of the same time
    (:mod:`optuna_hpx.samplers.maths.screening`). Parameters that the goal does not depend on then
    add less noise to the choice. No parameter is ever frozen. To the screening all pruned trials
    are alike: worse than the complete ones and better than the infeasible ones.

    **Cost.** With ``cost``, a candidate that is predicted to cost e times as much must have an e
    times larger ratio. Where cost depends on the parameters, this finds better and much cheaper
    models in the same total training time; it needs more trials for that. With a budget of trials
    rather than time, leave ``cost`` at None.

    **As in TPE.** Maximised objectives, constraints (by ``trial.set_constraint``), conditional
    parameters, pruned and running trials, and several workers. Arguments of ``TPESampler`` other
    than those below are not taken.

    **Plain TPE.** Nothing is screened with several objectives (Optuna's default is then the
    independent TPE), and where a parameter is chosen by itself: as the only one, or as a
    conditional one without ``group``. Unless cost counts, such trials are chosen by plain TPE, as
    are all trials if a version of Optuna has another TPE inside than the one that is known here. A
    ``UserWarning`` says so, and :func:`optuna_hpx.sampler_beliefs` lists the trials.

    Activities and costs are worked out anew whenever the number of finished trials has grown by a
    quarter, from these trials alone: every worker comes to the same, and a study can be resumed.
    They are stored in the ``system_attrs`` of the trial that is chosen next, and
    :func:`optuna_hpx.plot_beliefs` draws them. Overhead over TPE: some milliseconds a trial at
    1000 trials and 10 parameters. ``benchmarks/samplers/`` measures what is gained.

    Args:
        cost: What to spare. "duration": the seconds that a trial took. A function of a completed
            trial: a positive number, e.g. ``lambda t: t.user_attrs.get("flops")``, or None where
            the cost is not known; if it raises, so does the choice of the next trial. Trials whose
            cost is not positive and finite are left out of the prediction. None: nothing.
        cost_weight: Factor on the logarithm of the predicted cost, at least 0; "auto" is 1. It
            needs ``cost``.
        n_startup_trials: Random trials before TPE begins.
        seed: Seed of all draws. With one worker the same seed gives the same trials, but not with
            ``cost="duration"``, as no two runs take the same time.
        n_ei_candidates: Candidates that are compared.
        group: Whether conditional parameters are chosen together, as in Optuna's TPE.
        constant_liar: Whether running trials count as bad ones, as in Optuna's TPE.

    Raises:
        ValueError: If an argument is outside its range.
        TypeError: If an argument has the wrong type.

    Example:
        >>> import optuna
        >>> from optuna_hpx import HsicSampler
        >>> def objective(trial):
        ...     width = trial.suggest_int("width", 16, 1024, log=True)
        ...     trial.set_user_attr("flops", width**2)
        ...     lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
        ...     return abs(lr - 0.01) + 1.0 / width
        >>> sampler = HsicSampler(cost=lambda trial: trial.user_attrs["flops"], seed=0)
        >>> study = optuna.create_study(sampler=sampler)
        >>> study.optimize(objective, n_trials=40)
        >>> study.best_value < 0.05
        True

    References:
        Novello, Poëtte, Lugato and Congedo, Goal-oriented sensitivity analysis of hyperparameters
        in deep learning, 2023 (https://arxiv.org/abs/2207.06216): HSIC with the goal. Parameters
        are weighted here, where the paper selects some and freezes the others.
        Watanabe, Tree-structured Parzen estimator, 2023 (https://arxiv.org/abs/2304.11127).
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
        check_cost(cost)
        _check_weight(cost, cost_weight)
        _checks.count("n_startup_trials", n_startup_trials, at_least=0)
        _checks.count("n_ei_candidates", n_ei_candidates)
        _checks.seed("seed", seed)
        if seed is not None:  # by numpy.random.RandomState, in TPE
            _checks.count("seed", seed, at_least=0, at_most=2**32 - 1)
        _checks.switch("group", group)
        _checks.switch("constant_liar", constant_liar)
        super().__init__(
            n_startup_trials=n_startup_trials,
            seed=seed,
            n_ei_candidates=n_ei_candidates,
            group=group,
            constant_liar=constant_liar,
        )
        self.cost: Cost = cost
        self._cost_weight = _AUTO_WEIGHT if cost_weight == "auto" else float(cost_weight)
        self._memories: weakref.WeakKeyDictionary[Study, StudyMemory]
        self._memories = weakref.WeakKeyDictionary()
        self._fallbacks = FallbackLog()
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is kept of studies, which need not be picklable."""
        return {**self.__dict__, "_memories": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Start without a memory: beliefs are worked out again from the trials."""
        self.__dict__.update(state)
        self._memories = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def _rank(self, choice: Choice, candidates: TPECandidates) -> np.ndarray:
        belief = self._belief(choice)
        if belief.fallback is not None:
            self._fallbacks.record(choice.study, choice.trial, belief.fallback)
        if (belief.activity == 1.0).all():
            ratio = candidates.log_ratio()
        else:
            ratio = mixture.log_ratio(*candidates.mixtures(), belief.activity)
        if belief.cost is None or self._cost_weight == 0.0:
            return ratio
        features = [cost_features(candidates.values[k], d) for k, d in choice.space.items()]
        return mixture.acquisition(ratio, belief.cost.relative(features), self._cost_weight)

    def _report_mismatch(self, study: Study, trial: FrozenTrial) -> None:
        self._fallbacks.record(study, trial, "tpe", self._mismatch)

    def _belief(self, choice: Choice) -> Belief:
        """Return what is believed since the number of finished trials last grew by a quarter."""
        with self._lock:
            n = last_fit(count_finished(choice.study))
            memory = self._memories.setdefault(choice.study, StudyMemory())
            belief = memory.recall(n, choice.space)
            if belief is None:
                belief = self._believe(Evidence.of(choice.study, choice.space, n), memory)
                memory.keep(choice, belief)
            return belief

    def _believe(self, evidence: Evidence, memory: StudyMemory) -> Belief:
        is_screened = evidence.can_screen
        activity = self._activity(evidence) if is_screened else np.ones(len(evidence.space))
        cost = self._cost_model(evidence, memory)
        changes_tpe = is_screened or (cost is not None and self._cost_weight > 0.0)
        is_left = evidence.is_enough and not changes_tpe
        return Belief(activity, is_screened, cost, evidence.obstacle if is_left else None)

    def _activity(self, evidence: Evidence) -> np.ndarray:
        """Return the activities (d,) in the order of the space; ablations override it."""
        return evidence.activity()

    def _cost_model(self, evidence: Evidence, memory: StudyMemory) -> CostModel | None:
        """Fit the cost of a trial; None if it is not to be minded, or too little is known."""
        costs = read_costs(evidence.table, self.cost)
        is_finite = np.isfinite(costs)
        if callable(self.cost):
            _warn_of_odd_costs(evidence, is_finite, memory)
        if np.count_nonzero(is_finite) < _MIN_COSTS:
            return None
        features = [
            cost_features(evidence.values[name][is_finite], distribution)
            for name, distribution in evidence.space.items()
        ]
        return cost_model.fit(features, np.log(costs[is_finite]))


def _warn_of_odd_costs(evidence: Evidence, is_finite: np.ndarray, memory: StudyMemory) -> None:
    """Log a warning about costs that are no positive numbers, whenever there are more of them."""
    is_complete = evidence.table.states == TrialState.COMPLETE
    odd = evidence.table.numbers[is_complete & ~is_finite]
    if memory.has_more_odd_costs(len(odd)):
        _logger.warning(
            f"`cost` must return a positive, finite number. For {len(odd)} of "
            f"{np.count_nonzero(is_complete)} trials it did not, e.g. for trial {odd[0]}: "
            "their cost counts as unknown."
        )


def _check_weight(cost: Cost, cost_weight: float | str) -> None:
    if isinstance(cost_weight, str) and cost_weight == "auto":
        return
    _checks.finite("cost_weight", cost_weight)
    if cost is None:
        raise ValueError("`cost_weight` needs `cost`, which is None.")
    if float(cost_weight) < 0.0:
        raise ValueError(f'`cost_weight` must be "auto" or at least 0, got {cost_weight}.')
