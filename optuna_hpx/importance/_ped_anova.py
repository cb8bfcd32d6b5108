"""PED-ANOVA as an Optuna importance evaluator."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from optuna.importance import BaseImportanceEvaluator

from optuna_hpx import _checks
from optuna_hpx.importance import _notes
from optuna_hpx.importance._densities import describe_regime
from optuna_hpx.importance._interactions import Interactions
from optuna_hpx.importance._interactions import interactions as interactions_of
from optuna_hpx.importance._prepared import Prepared, virtual_space
from optuna_hpx.importance._regimes import ParameterRegime, regimes_of
from optuna_hpx.importance._report import ImportanceReport
from optuna_hpx.importance._subspace import (
    Region,
    Split,
    Subspace,
    Target,
    assessable,
    columns_of,
    rank,
    split,
)
from optuna_hpx.importance._uncertainty import Uncertainty, only_tests, uncertainty_of
from optuna_hpx.importance.maths.ped_anova import Marginal, first_order
from optuna_hpx.trials.table import Column, TrialTable

if TYPE_CHECKING:
    from optuna.study import Study


class PedAnovaImportanceEvaluator(BaseImportanceEvaluator):
    """Importance of each parameter for a trial to be among the best, conditional spaces included.

    The importance S of a parameter is the first-order Sobol index of "the trial is in the target
    set" within the region: the share of its variance that the parameter alone explains, between 0
    and 1. :func:`optuna.importance.get_param_importances` divides the S by their sum; ask it for
    ``normalize=False``, or call :meth:`report`, to see S itself.

    Against the evaluator of the same name that Optuna has: categorical parameters by their
    frequencies, several modes of a numeric parameter kept apart, chance subtracted (a parameter
    without influence has S near 0 and mostly exactly 0), infeasible trials never in the target
    set, and ``target`` of either direction. The numbers describe the space as the trials sampled
    it: with an adaptive sampler that is the neighbourhood of its favourites, not the whole space.

    **Which trials.** COMPLETE ones with finite values; of these the ``region``; of these the best
    ``region_quantile`` are the region trials, and the best ``target_quantile`` without the
    infeasible ones (or all feasible ones that reach ``target_value``) are the target set. Trials
    tied at a cut-off are in or out together, whichever is nearer to the quantile. With several
    objectives and no ``target``, trials are ranked by non-domination, and of the front that the
    quantile cuts trials spread evenly along it are taken: no monotone rescaling of an objective
    changes the result.

    **Conditional parameters.** Trials in which a parameter had the same domain are one regime of
    it; the mean variance within its regimes counts (conditional PED-ANOVA). Of a numeric parameter
    whose bounds move from trial to trial, trials with similar bounds are taken together, and the
    position between the trial's own bounds counts.

    The correction for chance also takes a part of faint effects in few trials: S leans to 0 below
    about 20 target trials. With fewer than 10 trials in the region, or one in the target set, S is
    not corrected. Under two trials, and where the target set is empty or the whole region, all S
    are 0.

    Source: Watanabe et al., PED-ANOVA, IJCAI 2023 (https://arxiv.org/abs/2304.10255); Baba et
    al., Conditional PED-ANOVA, KDD 2026 (https://arxiv.org/abs/2601.20800), Theorem 4.2. The
    estimator is described in :mod:`optuna_hpx.importance.maths.ped_anova`.

    Args:
        target_quantile: Share of the trials that is called good, in (0, 1); gamma' in the paper.
        region_quantile: Share of the trials that forms the region, in (target_quantile, 1];
            gamma in the paper. Below 1 it asks what sets the best apart from the merely good.
        target_value: Call good what is at least as good as this value, in the objective's own
            sign, instead of a quantile. For one objective or with ``target``.
        region: Restrict the trials: ``{name: (low, high)}`` for a numeric parameter, both ends
            included, ``{name: [choice, ...]}`` for one of any kind, or a callable that takes a
            trial and says whether it counts. A trial without the parameter is outside.
        target_direction: Which end of the values of the ``target`` callable is good:
            "minimize", as Optuna has it, or "maximize".
        space: ``"trials"`` describes the space as the trials sampled it. ``"uniform"`` describes
            the search space, from trials of any sampler: a surrogate of the objective is fitted
            to them and evaluated at uniform virtual points. Where its cross-validated skill is
            too low, that is said, and the answer is that of ``"trials"``.
        n_bootstrap: Replicates for the chance of each parameter to be the most important.
        n_permutations: Replicates for p-values; the smallest possible is 1 / (this + 1), which
            must be below 1 - ``confidence``: nothing would stand out from chance otherwise.
        confidence: Level of the intervals, in (0, 1), and 1 minus the level of ``null_level``.
        seed: Of permutations, bootstrap and surrogate; the same seed gives the same report. If
            None they differ from call to call.

    Raises:
        ValueError: If an argument is outside its range.
        TypeError: If an argument has the wrong type.
    """

    def __init__(
        self,
        *,
        target_quantile: float = 0.1,
        region_quantile: float = 1.0,
        target_value: float | None = None,
        region: Region | None = None,
        target_direction: str = "minimize",
        space: str = "trials",
        n_bootstrap: int = 200,
        n_permutations: int = 1000,
        confidence: float = 0.95,
        seed: int | None = None,
    ) -> None:
        self._subspace = Subspace(
            target_quantile, region_quantile, target_value, region, target_direction
        )
        _checks.one_of("space", space, ("trials", "uniform"))
        _checks.count("n_bootstrap", n_bootstrap)
        _checks.count("n_permutations", n_permutations)
        _checks.quantile("confidence", confidence)
        if (n_permutations + 1.0) * (1.0 - confidence) < 1.0 + 1e-9:
            raise ValueError(
                "`n_permutations` must be more for this `confidence`: the smallest p-value of "
                f"{n_permutations} replicates, {1.0 / (n_permutations + 1.0):.4g}, must be below "
                f"1 - {confidence}."
            )
        _checks.seed("seed", seed)
        self._space = space
        self._n_bootstrap, self._n_permutations = n_bootstrap, n_permutations
        self._confidence, self._seed = confidence, seed

    def evaluate(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Target | None = None,
    ) -> dict[str, float]:
        """S of each parameter, the most important first.

        A study of n trials and d parameters costs O(n d) Python steps once, and O(n d) array
        operations each time; see :meth:`TrialTable.from_study`.

        Args:
            study: The study, or a table of its trials.
            params: Names of the parameters to assess; all that a COMPLETE trial has if None.
            target: What to assess instead of the objective, by trial; or ``"feasible"``: what
                decides whether a trial satisfies the constraints.

        Returns:
            ``{name: S}`` with 0 <= S <= 1.

        Raises:
            TypeError: If ``params`` is not a list of strings.
            ValueError: If a parameter is in no COMPLETE trial, or if ``target`` is ``"feasible"``
                and the evaluator has a ``region_quantile`` below 1 or a ``target_value``.
        """
        assessed = self._assess(
            self._prepare(study, params, target, self._subspace), self._subspace
        )
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
        """S of each parameter with all that is needed to judge and to draw it.

        Arguments and errors are those of :meth:`evaluate`; what that warns of is in the report's
        ``warnings``. Permutations cost O(n_permutations m d) for m target trials, and the pairs
        O(n d^2).

        Args:
            study: As above.
            params: As above.
            target: As above.
            interactions: Whether to look at all pairs of parameters, too.
        """
        prepared = self._prepare(study, params, target, self._subspace)
        assessed = self._assess(prepared, self._subspace)
        real = None if prepared.real is None else self._assess(prepared.real, self._subspace)
        found = assessed.split
        importances = np.array([each.importance for each in assessed.parameters])
        names = tuple(each.name for each in assessed.parameters)
        known = self._uncertainty(assessed, real)
        pairs = _pairs(assessed, real) if interactions else None
        return ImportanceReport(
            names=names,
            importances=importances,
            ci_low=known.ci_low,
            ci_high=known.ci_high,
            normalized_ci_low=known.normalized_ci_low,
            normalized_ci_high=known.normalized_ci_high,
            confidence=self._confidence,
            p_values=known.p_values,
            p_values_familywise=known.p_values_familywise,
            null_level=known.null_level,
            first_probability=known.first_probability,
            interactions=None if pairs is None else pairs.values,
            interaction_p_values=None if pairs is None else pairs.p_values,
            unexplained=max(0.0, 1.0 - float(importances.sum())),
            regimes={
                each.name: tuple(
                    describe_regime(regime, found.top, float(share))
                    for regime, share in zip(each.regimes, each.shares, strict=True)
                )
                for each in assessed.parameters
            },
            n_trials=assessed.n_trials,
            n_target=assessed.n_target,
            n_infeasible=int(np.count_nonzero(found.region & ~found.table.feasible)),
            target=found.target_in_words,
            space=prepared.space,
            sampling=prepared.sampling,
            skill=prepared.skill,
            warnings=(
                *found.warnings,
                *_notes.notes(found, target, importances),
                *_notes.on_sampling(prepared),
                *([] if real is None else _notes.on_p_values(real.split.warnings, found.warnings)),
                *(() if pairs is None else pairs.warnings),
            ),
        )

    def _prepare(
        self,
        study: Study | TrialTable,
        params: list[str] | None,
        target: Target | None,
        subspace: Subspace,
    ) -> Prepared:
        """All that does not depend on where the target set is cut, up to the largest quantile."""
        table = TrialTable.of(study)
        columns = columns_of(table, params)
        rows, losses, odd = assessable(table, subspace, target)
        found = rank(table, rows, losses, subspace, target, odd)
        real = Prepared(found, columns, table)
        if self._space == "trials":
            return real
        rng = np.random.default_rng(self._seed)
        return virtual_space(real, table, subspace, target, rng)

    def _assess_at(
        self,
        study: Study | TrialTable,
        quantiles: list[float],
        params: list[str] | None,
        target: Target | None,
    ) -> tuple[Prepared, list[Assessed]]:
        """For :func:`importance_profile`: once for each target quantile, in ascending order."""
        if self._subspace.target_value is not None:
            raise ValueError("`evaluator` must not have a `target_value`: it has no quantile.")
        subspaces = [replace(self._subspace, target_quantile=each) for each in quantiles]
        prepared = self._prepare(study, params, target, subspaces[-1])
        return prepared, [self._assess(prepared, each) for each in subspaces]

    def _uncertainty(self, assessed: Assessed, real: Assessed | None) -> Uncertainty:
        rng = np.random.default_rng(self._seed)
        n_permutations, confidence = self._n_permutations, self._confidence
        if real is None:
            return uncertainty_of(
                assessed.split,
                [each.marginals for each in assessed.parameters],
                np.array([each.importance for each in assessed.parameters]),
                n_bootstrap=self._n_bootstrap,
                n_permutations=n_permutations,
                confidence=confidence,
                rng=rng,
            )
        marginals = {each.name: each.marginals for each in real.parameters}
        in_order = [marginals[each.name] for each in assessed.parameters]
        return only_tests(real.split, in_order, n_permutations, confidence, rng)

    def _assess(self, prepared: Prepared, subspace: Subspace) -> Assessed:
        found = split(prepared.candidates, subspace)
        n = int(np.count_nonzero(found.region))
        parameters = []
        for name, column in prepared.columns.items():
            regimes, n_alone = regimes_of(column, found.region)
            if n_alone:
                found.warnings.append(
                    f"{n_alone} of the trials with {name!r} are alone with their bounds, "
                    "and say nothing about it."
                )
            shares = first_order(found.top, n, [regime.marginal for regime in regimes])
            parameters.append(Parameter(name, column, regimes, shares))
        parameters.sort(key=lambda parameter: -parameter.importance)
        return Assessed(subspace.target_quantile, found, parameters)


@dataclass(frozen=True)
class Parameter:
    """A parameter, its regimes in the region, and what each adds to S."""

    name: str
    column: Column
    regimes: list[ParameterRegime]
    shares: np.ndarray

    @property
    def importance(self) -> float:
        return float(self.shares.sum())

    @property
    def marginals(self) -> list[Marginal]:
        return [regime.marginal for regime in self.regimes]


@dataclass(frozen=True)
class Assessed:
    """The two sets of trials, and the parameters, the most important first."""

    quantile: float
    split: Split
    parameters: list[Parameter]

    @property
    def n_trials(self) -> int:
        return int(np.count_nonzero(self.split.region))

    @property
    def n_target(self) -> int:
        return int(np.count_nonzero(self.split.top))


def _pairs(assessed: Assessed, real: Assessed | None) -> Interactions:
    """S_ij of the assessed trials; p-values of the ``real`` ones, if those are virtual."""
    columns = [each.column for each in assessed.parameters]
    pairs = interactions_of(columns, assessed.split.region, assessed.split.top)
    if real is None:
        return pairs
    column_of = {each.name: each.column for each in real.parameters}
    columns = [column_of[each.name] for each in assessed.parameters]
    tested = interactions_of(columns, real.split.region, real.split.top)
    said = (*pairs.warnings, *_notes.on_p_values(tested.warnings, pairs.warnings))
    return Interactions(pairs.values, tested.p_values, said)
