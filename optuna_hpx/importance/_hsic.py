"""Goal-oriented HSIC as an Optuna importance evaluator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.importance import _warnings
from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._evaluator import Assessment, ImportanceEvaluator, Parameter
from optuna_hpx.importance._hsic_groups import SCORES, Scored, groups_of, usable
from optuna_hpx.importance._hsic_pairs import pairs_of
from optuna_hpx.importance._interactions import InteractionMatrix
from optuna_hpx.importance._regimes import regimes_of
from optuna_hpx.importance._split import Split
from optuna_hpx.importance._subspace import Region, Subspace
from optuna_hpx.importance._uncertainty import Uncertainty
from optuna_hpx.importance.maths.hsic_group import Group, effective_size, r2_beyond_chance
from optuna_hpx.importance.maths.hsic_inference import infer, intervals
from optuna_hpx.importance.maths.interval import share_bounds

_FEW_PERMUTATIONS = 20  # of virtual trials, which are measured, and not tested


class HsicImportanceEvaluator(ImportanceEvaluator[Group]):
    """How much the goal depends on each parameter, by the Hilbert-Schmidt independence criterion.

    The importance of a parameter is R2_HSIC between its value and the score of the trial, less
    what chance alone gives it: 0 without dependence of any kind, and at most 1. It answers
    "does reaching the goal depend on it, and how strongly", and comes with a p-value that is exact
    for independent trials. It is no share of a variance: importances of several parameters do not
    add up to anything.

    Beside :class:`PedAnovaImportanceEvaluator`, whose S is a share of the variance and may be
    added up: HSIC has no bins and no resolution, so it finds weak dependence in few trials, above
    all with ``score="rank"``, which uses the order of all trials and not only who is among the
    best. Where trials were not drawn evenly, a sampler having chosen them, all parameters drift
    and cluster together while values improve; then the dependence that is left given the other
    parameters and time is measured and tested (:mod:`optuna_hpx.importance.maths.adjustment`).

    **Conditional parameters** are compared in the trials that have them, and who is among the best
    is settled among these: compare such a parameter with those of its own branch. Where bounds
    move, the position between the trial's own bounds counts. Of a categorical parameter only
    "equal or not" counts, so that the order of its choices does not matter.

    Beside what the trials cost, O(n log n) a parameter; after an adaptive sampler two regressions
    on up to 350 features, and on all of the other parameters. A report costs
    O(n_permutations n d), and the pairs O(n_permutations n d^2).

    Source: Novello et al., Goal-oriented sensitivity analysis of hyperparameters in deep learning,
    2023 (https://arxiv.org/abs/2207.06216). Estimators: :mod:`optuna_hpx.importance.maths.hsic`;
    tests and intervals: :mod:`optuna_hpx.importance.maths.hsic_inference`.

    Args:
        target_quantile: Share of the trials that is called good, in (0, 1), for
            ``score="indicator"``; for the others it only decides what the pictures show.
        target_value: What is called good instead, for the same score; and
        region: which trials count; both as for :class:`PedAnovaImportanceEvaluator`.
        space: ``"trials"``, ``"uniform"`` or ``"auto"``, as for
            :class:`PedAnovaImportanceEvaluator`. By default trials that a sampler chose are
            adjusted, as said above, and no surrogate is asked.
        score: ``"indicator"``: being among the best, as in the paper. ``"rank"``: the rank.
            ``"log_rank"``: the logarithm of the rank, which weighs the best most.
        kernel: For numeric parameters: ``"sobolev"``, which needs no bandwidth, ``"laplace"`` or
            ``"gaussian"``, whose bandwidth is the median distance.
        n_permutations: Replicates for p-values; smaller ones are the tail of a gamma distribution.
        confidence: Level of the intervals, in (0, 1), and 1 minus the level of ``null_level``.
        sampling: Who the trials are, as for :class:`PedAnovaImportanceEvaluator`.
        seed: Of the permutations; the same seed gives the same report.
        target_direction: Which end of the values of the ``target`` callable is good.

    Raises:
        ValueError: If an argument is outside its range.
        TypeError: If an argument has the wrong type.

    Example:
        >>> import optuna
        >>> from optuna_hpx import HsicImportanceEvaluator
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x = trial.suggest_float("x", 0, 1)
        ...     trial.suggest_categorical("y", ["a", "b"])
        ...     return (x - 0.3) ** 2
        >>> study.optimize(objective, n_trials=100)
        >>> evaluator = HsicImportanceEvaluator(score="rank", seed=0)
        >>> list(evaluator.evaluate(study))
        ['x', 'y']
        >>> [round(float(p), 3) for p in evaluator.report(study).p_values]
        [0.0, 0.257]
    """

    _measure_name = "R2"

    def __init__(
        self,
        *,
        target_quantile: float = 0.2,
        target_value: float | None = None,
        region: Region | None = None,
        space: str = "trials",
        score: str = "indicator",
        kernel: str = "sobolev",
        n_permutations: int = 1000,
        confidence: float = 0.95,
        sampling: str = "auto",
        seed: int | None = None,
        target_direction: str = "minimize",
    ) -> None:
        self._subspace = Subspace(target_quantile, 1.0, target_value, region, target_direction)
        _checks.one_of("space", space, _checks.SPACES)
        _checks.one_of("score", score, SCORES)
        _checks.one_of("sampling", sampling, _checks.SAMPLINGS)
        _checks.one_of("kernel", kernel, ("sobolev", "laplace", "gaussian"))
        _checks.count("n_permutations", n_permutations)
        _checks.quantile("confidence", confidence)
        _checks.seed("seed", seed)
        self._score, self._kernel = score, kernel
        self._n_permutations, self._confidence, self._seed = n_permutations, confidence, seed
        self._space, self._sampling = space, sampling

    @property
    def _ranks_in_full(self) -> bool:
        return self._score != "indicator"

    def _measure(
        self, trials: AssessedTrials, cut: Split
    ) -> tuple[list[Parameter[Group]], list[str]]:
        scored = self._scored(trials, cut)
        regimes = [
            usable(regimes_of(column, cut.region)[0], scored.is_corrected)
            for column in trials.columns.values()
        ]
        evidence = groups_of(regimes, scored, self._kernel)
        parameters = []
        for column, own, groups in zip(trials.columns.values(), regimes, evidence, strict=True):
            parts = r2_beyond_chance(groups)
            importance = float(np.clip(parts.sum(), 0.0, 1.0))
            parameters.append(Parameter(column, own, groups, parts, importance))
        return parameters, []

    def _scored(self, trials: AssessedTrials, cut: Split) -> Scored:
        is_corrected = not cut.has_too_few
        by_value = self._score == "indicator" and self._subspace.target_value is not None
        return Scored(
            keys=trials.ranking.keys_of_table,
            is_good=cut.top if isinstance(trials.target, str) or by_value else None,
            is_feasible=cut.table.feasible | (trials.target == "complete"),
            kind=self._score,
            quantile=self._subspace.target_quantile,
            is_corrected=is_corrected,
            is_adaptive=is_corrected and self._are_adjusted(trials),
        )

    @staticmethod
    def _are_adjusted(trials: AssessedTrials) -> bool:
        return trials.real is None and not trials.basis.holds

    def _intervals_of_trials(self, assessment: Assessment[Group]) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(self._seed)
        low, high = intervals(assessment.evidence, self._confidence, rng)
        return _around(assessment.importances, low, high)

    def _uncertainty(self, assessment: Assessment[Group], rng: np.random.Generator) -> Uncertainty:
        tested = assessment.real or assessment
        parameters = tested.in_order(assessment.names)
        evidence = [parameter.evidence for parameter in parameters]
        inference = infer(evidence, self._n_permutations, self._confidence, rng)
        importances = np.array([parameter.importance for parameter in parameters])
        low, high = _around(importances, inference.low, inference.high)
        share_low, share_high = share_bounds(low, high)
        return Uncertainty(
            ci_low=low,
            ci_high=high,
            normalized_ci_low=share_low,
            normalized_ci_high=share_high,
            p_values=inference.p_values,
            p_values_familywise=inference.p_values_familywise,
            null_level=inference.null_level.clip(0.0, 1.0),
            first_probability=inference.first_probability,
        )

    def _interactions(
        self, assessment: Assessment[Group], rng: np.random.Generator
    ) -> InteractionMatrix:
        tested = assessment.real or assessment
        regimes = [parameter.regimes for parameter in tested.in_order(assessment.names)]
        scored = self._scored(tested.trials, tested.split)
        pairs = pairs_of(regimes, scored, self._n_permutations, rng)
        if assessment.real is None:
            return pairs
        scored = self._scored(assessment.trials, assessment.split)
        regimes = [parameter.regimes for parameter in assessment.parameters]
        virtual = pairs_of(regimes, scored, _FEW_PERMUTATIONS, rng)
        return replace(pairs, values=virtual.values)

    def _notes(self, assessment: Assessment[Group], sizes: np.ndarray | None) -> list[str]:
        trials = assessment.trials
        unmeasured = [p.name for p in assessment.parameters if not p.evidence]
        return [
            *(_warnings.on_unmeasured(unmeasured) if assessment.is_compared else []),
            *_warnings.on_target_set(assessment.split, trials),
            *trials.basis.notes(trials.target),
            *self._on_sampling(assessment),
        ]

    def _on_sampling(self, assessment: Assessment[Group]) -> list[str]:
        if not self._are_adjusted(assessment.trials):
            return super()._on_sampling(assessment)
        sizes = self._effective_sizes(assessment)
        size_of = dict(zip(assessment.names, sizes, strict=True))
        return _warnings.on_adjustment(size_of, is_adaptive=assessment.is_compared)

    @property
    def _score_name(self) -> str:
        return self._score

    def _effective_sizes(self, assessment: Assessment[Group]) -> np.ndarray:
        return np.array([sum(map(effective_size, groups)) for groups in assessment.evidence])


def _around(
    importances: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cut intervals to [0, 1], with the importances (d,) between their ends."""
    return (
        np.minimum(low.clip(0.0, 1.0), importances),
        np.maximum(high.clip(0.0, 1.0), importances),
    )
