"""PED-ANOVA as an Optuna importance evaluator."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.importance import BaseImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.core.evenness import is_uneven_choice, is_uneven_position
from optuna_hpx.core.ped_anova import first_order
from optuna_hpx.importance._densities import describe_regime
from optuna_hpx.importance._regimes import ParameterRegime, regimes_of
from optuna_hpx.importance._report import ImportanceReport
from optuna_hpx.importance._subspace import Region, Split, Subspace, split
from optuna_hpx.table import INACTIVE, Column, TrialTable, n_possible_values

if TYPE_CHECKING:
    from optuna.study import Study


_FEW_TARGETS = 5
_OVERLAP = 1.05
_SOME, _MANY = 20, 100  # possible values


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
    estimator is described in :mod:`optuna_hpx.core.ped_anova`.

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
    ) -> None:
        self._subspace = Subspace(
            target_quantile, region_quantile, target_value, region, target_direction
        )

    def evaluate(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
    ) -> dict[str, float]:
        """S of each parameter, the most important first.

        A study of n trials and d parameters costs O(n d) Python steps once, and O(n d) array
        operations each time; see :meth:`TrialTable.from_study`.

        Args:
            study: The study, or a table of its trials.
            params: Names of the parameters to assess; all that a COMPLETE trial has if None.
            target: What to assess instead of the objective, by trial.

        Returns:
            ``{name: S}`` with 0 <= S <= 1.

        Raises:
            TypeError: If ``params`` is not a list of strings.
            ValueError: If a parameter is in no COMPLETE trial.
        """
        assessed = self._assess(study, params, target)
        for message in assessed.split.warnings:
            warnings.warn(message, UserWarning, stacklevel=2)
        return {name: float(shares.sum()) for name, _, shares in assessed.parameters}

    def report(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Callable[[FrozenTrial], float] | None = None,
    ) -> ImportanceReport:
        """S of each parameter with all that is needed to judge and to draw it.

        Arguments, errors and cost are those of :meth:`evaluate`; what that warns of is in the
        report's ``warnings``.
        """
        assessed = self._assess(study, params, target)
        found = assessed.split
        names = tuple(name for name, _, _ in assessed.parameters)
        importances = np.array([shares.sum() for _, _, shares in assessed.parameters])
        return ImportanceReport(
            names=names,
            importances=importances,
            unexplained=max(0.0, 1.0 - float(importances.sum())),
            regimes={
                name: tuple(
                    describe_regime(regime, found.top, float(share))
                    for regime, share in zip(regimes, shares, strict=True)
                )
                for name, regimes, shares in assessed.parameters
            },
            n_trials=int(np.count_nonzero(found.region)),
            n_target=int(np.count_nonzero(found.top)),
            n_infeasible=int(np.count_nonzero(found.region & ~found.table.feasible)),
            target=found.target_in_words,
            space="trials",
            warnings=(
                *found.warnings,
                *_notes(found, target, importances),
                *_on_sampling(found, names),
            ),
        )

    def _assess(
        self,
        study: Study | TrialTable,
        params: list[str] | None,
        target: Callable[[FrozenTrial], float] | None,
    ) -> _Assessed:
        table = study if isinstance(study, TrialTable) else TrialTable.from_study(study)
        columns = _columns(table, params)
        found = split(table, self._subspace, target)
        n = int(np.count_nonzero(found.region))
        parameters = []
        for name, column in columns.items():
            regimes, n_alone = regimes_of(column, found.region)
            if n_alone:
                found.warnings.append(
                    f"{n_alone} of the trials with {name!r} are alone with their bounds, "
                    "and say nothing about it."
                )
            shares = first_order(found.top, n, [regime.marginal for regime in regimes])
            parameters.append((name, regimes, shares))
        parameters.sort(key=lambda parameter: -parameter[2].sum())
        return _Assessed(found, parameters)


@dataclass(frozen=True)
class _Assessed:
    """The two sets of trials; per parameter, the best first, its regimes and what each adds."""

    split: Split
    parameters: list[tuple[str, list[ParameterRegime], np.ndarray]]


def _notes(
    found: Split, target: Callable[[FrozenTrial], float] | None, importances: np.ndarray
) -> list[str]:
    """What evaluate() need not warn of, but a reader of the report must know."""
    notes = []
    n_top = np.count_nonzero(found.top)
    if 0 < n_top < _FEW_TARGETS:
        notes.append(f"With {n_top} trials in the target set, the importances are very uncertain.")
    if len(found.table.directions) > 1 and target is None:
        notes.append(
            "Good means near the Pareto front: a parameter that only moves trials along the front "
            "has no importance here. Assess each objective by itself with `target=`."
        )
    if importances.sum() > _OVERLAP:
        notes.append(
            f"The importances add up to {importances.sum():.2f}: the parameters did not vary "
            "independently in these trials, and what they explain overlaps."
        )
    return notes


def _on_sampling(found: Split, names: Sequence[str]) -> list[str]:
    """What to bear in mind if the trials were not drawn evenly."""
    if not found.table.trials:
        return []  # of a data frame only the smallest and the largest value are known
    complete = found.table.states == TrialState.COMPLETE  # a region is uneven by its nature
    uneven = [name for name in names if _is_uneven(found.table.columns[name], complete)]
    if not uneven:
        return []
    listed = ", ".join(uneven[:5]) + (", ..." if len(uneven) > 5 else "")
    return [
        f"The trials were not drawn evenly from the search space (see {listed}), as after an "
        "adaptive sampler. The importances say what set apart the best among these trials: a "
        "parameter that was settled early may matter much and yet show none."
    ]


def _is_uneven(column: Column, rows: np.ndarray) -> bool:
    active = rows & (column.regime != INACTIVE)
    n_values = min(map(n_possible_values, column.distributions))
    is_log = bool(getattr(column.distributions[0], "log", False))
    if n_values > (_MANY if is_log else _SOME):
        return is_uneven_position(column.position[active])
    if is_log or len(column.distributions) > 1 or n_values < 2:
        return False  # the values are not equally likely, or not the same in all trials
    scale = 1.0 if column.is_categorical else n_values - 1
    codes = column.values if column.is_categorical else column.position * scale
    counts = np.bincount(np.round(codes[active]).astype(int), minlength=int(n_values))
    return is_uneven_choice(counts)


def _columns(table: TrialTable, params: list[str] | None) -> dict[str, Column]:
    if params is not None:
        _checks.list_of_names("params", params)
    is_complete = table.states == TrialState.COMPLETE
    known = {
        name: column
        for name, column in table.columns.items()
        if (column.regime[is_complete] != INACTIVE).any()
    }
    if params is None:
        return known
    if missing := [name for name in params if name not in known]:
        raise ValueError(
            f"`params` must name parameters of at least one completed trial, got {missing}; "
            f"there are {sorted(known)}."
        )
    return {name: known[name] for name in params}
