"""Importance as the target set shrinks from all trials to the best few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.importance import _notes
from optuna_hpx.importance._ped_anova import PedAnovaImportanceEvaluator
from optuna_hpx.importance._subspace import Target
from optuna_hpx.importance._uncertainty import intervals_of

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.trials.table import TrialTable

QUANTILES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
_MIN_TARGETS = 5


@dataclass(frozen=True)
class ImportanceProfile:
    """Importances S of each parameter for several target quantiles.

    Attributes:
        names: (d,) parameter names, by the largest S over all quantiles, the largest first.
        quantiles: (Q,) target quantiles, ascending.
        importances: (Q, d) S, in [0, 1].
        ci_low, ci_high: (Q, d) ends of a confidence interval for each S.
        n_target: (Q,) trials in the target set.
        n_trials: Trials in the region.
        confidence: The level of the intervals; for each S by itself.
        space: As in :class:`ImportanceReport`.
        sampling: As in :class:`ImportanceReport`.
        warnings: What a reader must know before acting on the numbers.
    """

    names: tuple[str, ...]
    quantiles: np.ndarray
    importances: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    n_target: np.ndarray
    n_trials: int
    confidence: float
    space: str
    sampling: str
    warnings: tuple[str, ...]


def importance_profile(
    study: Study | TrialTable,
    quantiles: Sequence[float] = QUANTILES,
    evaluator: PedAnovaImportanceEvaluator | None = None,
    *,
    params: list[str] | None = None,
    target: Target | None = None,
) -> ImportanceProfile:
    """Importances S for several target quantiles: what gets a trial among the best half, or tenth.

    The trials are sorted once for all quantiles. Quantiles with fewer than 5 trials in the target
    set, or with all trials of the region, are left out, and ``warnings`` says so.

    Args:
        study: The study, or a table of its trials.
        quantiles: Shares of the trials to be called good, each in (0, 1) and below the evaluator's
            ``region_quantile``.
        evaluator: Whose region, space, direction of the target and confidence to use; the default
            one if None. Its own target quantile plays no part.
        params: As for :meth:`PedAnovaImportanceEvaluator.evaluate`.
        target: A callable, as for :meth:`PedAnovaImportanceEvaluator.evaluate`.

    Raises:
        ValueError: If a quantile is out of range, or what is assessed has no quantile.
        TypeError: If an argument has the wrong type.
    """
    if evaluator is None:
        evaluator = PedAnovaImportanceEvaluator()
    if not isinstance(evaluator, PedAnovaImportanceEvaluator):
        raise TypeError(
            f"`evaluator` must be a PedAnovaImportanceEvaluator or None, got {evaluator!r}."
        )
    if isinstance(quantiles, str) or not isinstance(quantiles, Iterable):
        raise TypeError(f"`quantiles` must be several numbers, got {quantiles!r}.")
    for quantile in quantiles:
        _checks.quantile("quantiles", quantile)
    if target == "feasible":
        raise ValueError("`target` must be a callable or None: feasibility has no quantile.")
    ascending = sorted(set(quantiles))
    if not ascending:
        raise ValueError("`quantiles` must hold at least one number, got none.")
    prepared, steps = evaluator._assess_at(study, ascending, params, target)
    enough = [step for step in steps if _MIN_TARGETS <= step.n_target < step.n_trials]
    n_target = [step.n_target for step in enough]
    names = list(prepared.columns)
    importances, low, high = np.zeros((3, len(enough), len(names)))
    for row, step in enumerate(enough):
        at = [names.index(parameter.name) for parameter in step.parameters]
        importances[row, at] = [parameter.importance for parameter in step.parameters]
        high[row] = 1.0  # where a surrogate speaks, no interval is known
        if prepared.real is None:
            low[row, at], high[row, at] = intervals_of(
                step.split,
                [parameter.marginals for parameter in step.parameters],
                importances[row, at],
                evaluator._confidence,
            )
    by_importance = np.argsort(-importances.max(axis=0, initial=0.0), kind="stable")
    return ImportanceProfile(
        names=tuple(names[place] for place in by_importance),
        quantiles=np.array([step.quantile for step in enough]),
        importances=importances[:, by_importance],
        ci_low=low[:, by_importance],
        ci_high=high[:, by_importance],
        n_target=np.array(n_target, dtype=int),
        n_trials=steps[-1].n_trials,
        confidence=evaluator._confidence,
        space=prepared.space,
        sampling=prepared.sampling,
        warnings=(
            *prepared.candidates.warnings,
            *_left_out([step.quantile for step in steps if step.n_target not in n_target]),
            *_notes.on_sampling(prepared),
        ),
    )


def _left_out(quantiles: list[float]) -> list[str]:
    if not quantiles:
        return []
    listed = ", ".join(f"{quantile:.4g}" for quantile in quantiles)
    return [
        f"Left out, for fewer than {_MIN_TARGETS} trials in the target set or none outside: "
        f"quantiles {listed}."
    ]
