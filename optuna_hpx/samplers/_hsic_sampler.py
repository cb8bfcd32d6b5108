"""HsicSampler: where to look next, by a Gaussian process and TPE, HSIC, and what a trial costs."""

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
from optuna_hpx.samplers._points import whole_space
from optuna_hpx.samplers._prior_studies import PriorStudies, PriorStudy, can_take, value_for
from optuna_hpx.samplers._proposal import propose
from optuna_hpx.samplers._tpe import Choice, RankedTPESampler, TPECandidates, count_finished
from optuna_hpx.samplers.maths import cost_model, mixture
from optuna_hpx.samplers.maths.cost_model import CostModel
from optuna_hpx.samplers.maths.refits import FIRST_FIT, last_fit
from optuna_hpx.trials.cost import Cost, check_cost, read_costs
from optuna_hpx.trials.table import TrialTable
from optuna_hpx.trials.tpe_internals import share_params

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

_logger = get_logger("optuna.hpx")
_AUTO_WEIGHT = 1.0  # e times the cost for e times the ratio; benchmarks/samplers compares others
_TPE_EVERY = 4  # a cheap hedge; benchmarks/samplers/surrogate.py measures it
_N_PRIOR = 5  # of the first trials are good ones of prior studies, the others random
_MIN_COSTS = 5  # fewer hardly tell a slope from noise


class HsicSampler(RankedTPESampler):
    """A Gaussian process and Optuna's TPE, which screen parameters and mind the cost of a trial.

    **Gaussian process.** After the start three trials in four are chosen by a small Gaussian
    process over all parameters that trials had, conditional ones too: the best expected
    improvement that a random local search finds
    (:mod:`optuna_hpx.samplers.maths.trial_model`). Each of several objectives has a process of its
    own, and what counts is how much a trial is expected to add to the hypervolume of the front.
    When a conditional parameter is there is
    learnt from the trials; one that the process did not foresee is chosen by TPE. Each constraint
    has a process of its own. A pruned trial counts as what it would have come to if it had gained
    from its last step on what complete trials gained, but as the median of these at best
    (:mod:`optuna_hpx.samplers.maths.pruned`); where fewer than five complete trials reported that
    step it counts as the worst one, as failed trials do, and running trials as rather bad ones. No
    point is tried twice while there are others. The fourth trial, of numbers divisible by 4, is
    TPE's. ``surrogate=False`` leaves all to TPE.

    **Screening.** To the process the activity of a parameter, in [0.05, 1], is the prior of its
    length scale: an HSIC of the parameter with the rank among trials of the same time
    (:mod:`optuna_hpx.samplers.maths.screening`). TPE compares candidates by the ratio of two
    densities, that of the better trials and that of the others; here the kernels of each parameter
    are raised to the power of its activity. Parameters that the goal does not depend on then
    add less noise to the choice. No parameter is ever frozen. To the screening all pruned trials
    are alike: worse than the complete ones and better than the infeasible ones.

    **Cost.** With ``cost``, a candidate that is predicted to cost e times as much must have an e
    times larger expected improvement, or ratio. Where cost depends on the parameters, this finds
    better and much cheaper models in the same total training time; it needs more trials for that.
    With a budget of trials rather than time, leave ``cost`` at None.

    **Warm start.** ``prior_study`` is a study of a similar task, or several. Of the first trials
    up to five try its best ones that differ from one another, as far as they can be tried today.
    The mean of the Gaussian process is what the prior study expects, with a weight that the trials
    of today give it: none if their losses do not go with it
    (:mod:`optuna_hpx.samplers.maths.guided_process`). Only parameters of the same name and kind
    count, and prior trials whose values are in the domain of today; directions and scales of the
    objectives may differ. If the tasks are not alike the first trials are lost, and a study of ten
    to thirty trials may end worse than without.

    **As in TPE.** Maximised and several objectives, constraints (by ``trial.set_constraint``),
    conditional parameters, pruned and running trials, and several workers. Arguments of
    ``TPESampler`` other than those below are not taken.

    **Fallbacks.** With several objectives nothing is screened, and TPE's trials are those of plain
    TPE, unless cost counts. So they are where TPE chooses a parameter by itself: as the only one,
    or as a conditional one without ``group``; and all of them if a version of Optuna has another
    TPE inside than the one that is known here. If the Gaussian process cannot be computed, TPE
    chooses the trial. A ``UserWarning`` says so, and :func:`optuna_hpx.sampler_beliefs` lists the
    trials; of several objectives only with ``surrogate=False``, as else it is the rule.

    Activities, costs and length scales are worked out anew whenever the number of finished trials
    has grown by a quarter, from these trials alone. They are stored in the ``system_attrs`` of the
    trial that is chosen next: every worker comes to the same, a study can be resumed, and
    :func:`optuna_hpx.plot_beliefs` draws activities and costs, and
    :func:`optuna_hpx.plot_outlook` length scales. :func:`optuna_hpx.sampler_beliefs` also tells
    what a trial at the predicted optimum should show, and what ten more trials gain at most.
    A proposal of the process takes O(d n + m n^2) for n trials, at most 400 of them, and m = 710
    candidates: up to twice as long as TPE's, and less beyond some thousand trials.
    ``benchmarks/samplers/`` measures what is gained.

    Args:
        cost: What to spare. "duration": the seconds that a trial took. A function of a completed
            trial: a positive number, e.g. ``lambda t: t.user_attrs.get("flops")``, or None where
            the cost is not known; if it raises, so does the choice of the next trial. Trials whose
            cost is not positive and finite are left out of the prediction. None: nothing.
        cost_weight: Factor on the logarithm of the predicted cost, at least 0; "auto" is 1. It
            needs ``cost``.
        surrogate: Whether the Gaussian process chooses trials.
        prior_study: A study of a similar task with one objective, a table of its trials, or a list
            of these; each with at least five complete trials. Read when the sampler is made, never
            written to; give the same to all workers. Of several objectives today each gives it a
            weight of its own. With ``surrogate=False`` only the first trials come from it.
        n_startup_trials: Random trials before TPE begins. The Gaussian process needs at least ten
            finished ones.
        seed: Seed of all draws. With one worker the same seed gives the same trials, but not with
            ``cost="duration"``, as no two runs take the same time.
        n_ei_candidates: Candidates that TPE compares.
        group: Whether TPE chooses conditional parameters together, as in Optuna's.
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
        Ament et al., Unexpected improvements to expected improvement for Bayesian optimization,
        2023 (https://arxiv.org/abs/2310.20708): the logarithm of the expected improvement.
    """

    def __init__(
        self,
        *,
        cost: Cost = None,
        cost_weight: float | Literal["auto"] = "auto",
        surrogate: bool = True,
        prior_study: PriorStudy = None,
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
        _checks.switch("surrogate", surrogate)
        super().__init__(
            n_startup_trials=n_startup_trials,
            seed=seed,
            n_ei_candidates=n_ei_candidates,
            group=group,
            constant_liar=constant_liar,
        )
        self.cost: Cost = cost
        self._has_surrogate, self._has_liars = surrogate, constant_liar
        self._prior = PriorStudies.read(prior_study)
        self._first_params = self._prior.start_params(min(_N_PRIOR, n_startup_trials))
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

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return all parameters where the Gaussian process chooses; else as ``TPESampler``."""
        if self._prior_params(trial):
            return {}
        if self._is_for_surrogate(study, trial):
            return whole_space(TrialTable.from_study(study))
        return super().infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Choose parameters together, by the Gaussian process or as ``TPESampler``."""
        if self._prior_params(trial):
            return {}
        if search_space and self._is_for_surrogate(study, trial):
            params = self._propose(Choice(study, trial, search_space))
            if params is not None:
                return params
            joint = super().infer_relative_search_space(study, trial)
            search_space = {name: joint[name] for name in joint if name in search_space}
        return super().sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Choose a parameter by itself, as a prior study had it or as in ``TPESampler``."""
        params = self._prior_params(trial)
        if can_take(params, param_name, param_distribution):
            return value_for(params, param_name, param_distribution)
        return super().sample_independent(study, trial, param_name, param_distribution)

    def _prior_params(self, trial: FrozenTrial) -> dict[str, Any]:
        """Return those of a good trial of a prior study, which are tried first; else none."""
        is_first = trial.number < len(self._first_params)
        return self._first_params[trial.number] if is_first else {}

    def _is_for_surrogate(self, study: Study, trial: FrozenTrial) -> bool:
        """Return whether the Gaussian process chooses a trial, and not TPE."""
        if not self._has_surrogate or self._is_for_tpe(trial):
            return False
        return count_finished(study) >= max(self._n_random, FIRST_FIT)

    def _is_for_tpe(self, trial: FrozenTrial) -> bool:
        """Return whether TPE chooses a trial also after the start; an ablation overrides it."""
        return trial.number % _TPE_EVERY == 0

    def _propose(self, choice: Choice) -> dict[str, Any] | None:
        """Choose by the Gaussian process, and tell others at once; None if it cannot."""
        belief = self._belief(choice, is_whole=True)
        try:
            with self._lock:
                params = propose(
                    choice,
                    belief,
                    self._memories.setdefault(choice.study, StudyMemory()).hyperparameters,
                    cost_weight=self._cost_weight,
                    has_liars=self._has_liars,
                    seed=self._draw_seed(),
                    prior=self._prior,
                )
                if params is not None:  # before another thread chooses
                    share_params(choice.study, choice.trial, params)
                return params
        except (ArithmeticError, ValueError) as failure:
            detail = f"{type(failure).__name__}: {failure}"
            self._fallbacks.record(choice.study, choice.trial, "surrogate", detail)
            return None

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

    def _belief(self, choice: Choice, *, is_whole: bool = False) -> Belief:
        """Return what is believed since the number of finished trials last grew by a quarter.

        Args:
            choice: What is being chosen.
            is_whole: Whether trials count that do not have all of these parameters.
        """
        with self._lock:
            n = last_fit(count_finished(choice.study))
            memory = self._memories.setdefault(choice.study, StudyMemory())
            belief = memory.recall(n, choice.space)
            if belief is None:
                evidence = Evidence.of(choice.study, choice.space, n, is_whole=is_whole)
                belief = self._believe(evidence, memory)
                memory.keep(choice, belief)
            return belief

    def _believe(self, evidence: Evidence, memory: StudyMemory) -> Belief:
        is_screened = evidence.can_screen
        activity = self._activity(evidence) if is_screened else np.ones(len(evidence.space))
        cost = self._cost_model(evidence, memory)
        changes_tpe = is_screened or (cost is not None and self._cost_weight > 0.0)
        is_left = evidence.is_enough and not changes_tpe
        obstacle = evidence.obstacle if is_left else None
        if obstacle == "objectives" and self._has_surrogate:
            obstacle = None  # that TPE's own trials are plain ones is the rule
        return Belief(activity, is_screened, cost, obstacle)

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
