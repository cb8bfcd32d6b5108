"""Goal-oriented HSIC as an Optuna importance evaluator."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.importance import BaseImportanceEvaluator

from optuna_hpx import _checks
from optuna_hpx.importance import _notes
from optuna_hpx.importance._densities import describe_regime
from optuna_hpx.importance._hsic_groups import SCORES, Scored, groups_of, usable
from optuna_hpx.importance._hsic_pairs import pairs_of
from optuna_hpx.importance._interactions import Interactions
from optuna_hpx.importance._prepared import Prepared
from optuna_hpx.importance._regimes import ParameterRegime, regimes_of
from optuna_hpx.importance._report import ImportanceReport, Regime
from optuna_hpx.importance._subspace import (
    Split,
    Subspace,
    Target,
    assessable,
    columns_of,
    rank,
    split,
)
from optuna_hpx.importance.maths.hsic_group import Group, effective_size, r2_beyond_chance
from optuna_hpx.importance.maths.hsic_inference import infer
from optuna_hpx.importance.maths.ped_anova import is_too_few
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study


class HsicImportanceEvaluator(BaseImportanceEvaluator):
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

    Source: Novello et al., Goal-oriented sensitivity analysis of hyperparameters in deep learning,
    2023 (https://arxiv.org/abs/2207.06216). Estimators: :mod:`optuna_hpx.importance.maths.hsic`;
    tests and intervals: :mod:`optuna_hpx.importance.maths.hsic_inference`.

    Args:
        target_quantile: Share of the trials that is called good, in (0, 1), for
            ``score="indicator"``; for the others it only decides what the pictures show.
        score: ``"indicator"``: being among the best, as in the paper. ``"rank"``: the rank.
            ``"log_rank"``: the logarithm of the rank, which weighs the best most.
        kernel: For numeric parameters: ``"sobolev"``, which needs no bandwidth, ``"laplace"`` or
            ``"gaussian"``, whose bandwidth is the median distance.
        n_permutations: Replicates for p-values; smaller ones are the tail of a gamma distribution.
        confidence: Level of the intervals, in (0, 1), and 1 minus the level of ``null_level``.
        seed: Of the permutations; the same seed gives the same report.
        target_direction: Which end of the values of the ``target`` callable is good.

    Raises:
        ValueError: If an argument is outside its range.
        TypeError: If an argument has the wrong type.
    """

    def __init__(
        self,
        *,
        target_quantile: float = 0.2,
        score: str = "indicator",
        kernel: str = "sobolev",
        n_permutations: int = 1000,
        confidence: float = 0.95,
        seed: int | None = None,
        target_direction: str = "minimize",
    ) -> None:
        self._subspace = Subspace(target_quantile, 1.0, None, None, target_direction)
        _checks.one_of("score", score, SCORES)
        _checks.one_of("kernel", kernel, ("sobolev", "laplace", "gaussian"))
        _checks.count("n_permutations", n_permutations)
        _checks.quantile("confidence", confidence)
        _checks.seed("seed", seed)
        self._score, self._kernel = score, kernel
        self._n_permutations, self._confidence, self._seed = n_permutations, confidence, seed

    def evaluate(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Target | None = None,
    ) -> dict[str, float]:
        """R2_HSIC of each parameter beyond chance, the largest first.

        Args:
            study: The study, or a table of its trials.
            params: Names of the parameters to assess; all that a COMPLETE trial has if None.
            target: What to assess instead of the objective, by trial; or ``"feasible"``: what
                decides whether a trial satisfies the constraints.

        Returns:
            ``{name: R2}`` with 0 <= R2 <= 1. O(n log n) a parameter; after an adaptive sampler
            two regressions on up to 350 features, and on all of the other parameters.

        Raises:
            TypeError: If ``params`` is not a list of strings.
            ValueError: If a parameter is in no COMPLETE trial.
        """
        assessed = self._assess(study, params, target)
        for message in assessed.split.warnings:
            warnings.warn(message, UserWarning, stacklevel=2)
        return {each.name: each.importance for each in assessed.parameters}

    def report(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Target | None = None,
        interactions: bool = False,
    ) -> ImportanceReport:
        """R2_HSIC of each parameter with all that is needed to judge and to draw it.

        Arguments and errors are those of :meth:`evaluate`. ``unexplained`` of the report is NaN:
        R2_HSIC are no shares. O(n_permutations n d), and the pairs O(n_permutations n d^2).
        """
        assessed = self._assess(study, params, target)
        found, parameters = assessed.split, assessed.parameters
        rng = np.random.default_rng(self._seed)
        known = infer(
            [each.groups for each in parameters], self._n_permutations, self._confidence, rng
        )
        importances = np.array([each.importance for each in parameters])
        pairs = self._pairs(assessed, rng) if interactions else None
        low = np.minimum(known.low.clip(0.0, 1.0), importances)
        high = np.maximum(known.high.clip(0.0, 1.0), importances)
        share_low, share_high = _shares(low, high)
        sizes = {each.name: each.effective_size for each in parameters}
        few = [each.name for each in parameters if not each.groups]
        return ImportanceReport(
            names=tuple(each.name for each in parameters),
            importances=importances,
            ci_low=low,
            ci_high=high,
            normalized_ci_low=share_low,
            normalized_ci_high=share_high,
            confidence=self._confidence,
            p_values=known.p_values,
            p_values_familywise=known.p_values_familywise,
            null_level=known.null_level.clip(0.0, 1.0),
            first_probability=known.first_probability,
            interactions=None if pairs is None else pairs.values,
            interaction_p_values=None if pairs is None else pairs.p_values,
            unexplained=float("nan"),
            regimes={each.name: each.described(found.top) for each in parameters},
            n_trials=int(np.count_nonzero(found.region)),
            n_target=int(np.count_nonzero(found.top)),
            n_infeasible=int(np.count_nonzero(found.region & ~found.table.feasible)),
            target=found.target_in_words,
            space="trials",
            sampling=assessed.prepared.sampling,
            skill=None,
            warnings=(
                *found.warnings,
                *_notes.on_too_few(few),
                *_notes.on_hsic(sizes, assessed.prepared.uneven, found, target),
            ),
            measure="R2",
            n_effective=np.array(list(sizes.values())),
        )

    def _assess(
        self, study: Study | TrialTable, params: list[str] | None, target: Target | None
    ) -> _Assessed:
        table = TrialTable.of(study)
        columns = columns_of(table, params)
        rows, losses, odd = assessable(table, self._subspace, target)
        prepared = Prepared(
            rank(
                table,
                rows,
                losses,
                self._subspace,
                target,
                odd,
                in_full=self._score != "indicator",
            ),
            columns,
            table,
        )
        found = split(prepared.candidates, self._subspace)
        keys = np.full(len(table), np.inf)
        keys[rows] = prepared.candidates.keys
        n_target = int(np.count_nonzero(found.top))
        is_corrected = not is_too_few(int(np.count_nonzero(found.region)), n_target)
        scored = Scored(
            keys=keys,
            is_good=found.top if target == "feasible" else None,
            is_feasible=table.feasible,
            kind=self._score,
            quantile=self._subspace.target_quantile,
            is_corrected=is_corrected,
            is_adaptive=is_corrected and prepared.sampling == "adaptive",
        )
        regimes = [
            usable(regimes_of(column, found.region)[0], scored.is_corrected)
            for column in columns.values()
        ]
        groups = groups_of(regimes, scored, self._kernel)
        parameters = [
            _Parameter(name, own, compared, r2_beyond_chance(compared))
            for name, own, compared in zip(columns, regimes, groups, strict=True)
        ]
        parameters.sort(key=lambda parameter: -parameter.importance)
        return _Assessed(prepared, found, scored, parameters)

    def _pairs(self, assessed: _Assessed, rng: np.random.Generator) -> Interactions:
        regimes = [each.regimes for each in assessed.parameters]
        return pairs_of(regimes, assessed.scored, self._n_permutations, rng)


@dataclass(frozen=True)
class _Parameter:
    """A parameter, its regimes, their trials as HSIC compares them, and what each adds to R2."""

    name: str
    regimes: list[ParameterRegime]
    groups: list[Group]
    parts: np.ndarray

    @property
    def importance(self) -> float:
        return float(np.clip(self.parts.sum(), 0.0, 1.0))

    def described(self, top: np.ndarray) -> tuple[Regime, ...]:
        return tuple(
            describe_regime(regime, top, float(part))
            for regime, part in zip(self.regimes, self.parts, strict=True)
        )

    @property
    def effective_size(self) -> float:
        return sum(effective_size(each) for each in self.groups)


@dataclass(frozen=True)
class _Assessed:
    """The trials, how they are scored, and the parameters, the most important first."""

    prepared: Prepared
    split: Split
    scored: Scored
    parameters: list[_Parameter]


def _shares(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the shares, if each is at one end of its interval and the others at the other."""
    smallest = low + high.sum() - high
    largest = high + low.sum() - low
    with np.errstate(invalid="ignore", divide="ignore"):
        share_low = np.where(smallest > 0.0, low / smallest, 0.0)
        share_high = np.where(largest > 0.0, high / largest, 1.0)
    return share_low, share_high
