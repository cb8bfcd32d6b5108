"""What a reader must bear in mind before acting on importances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.core.evenness import is_uneven_choice, is_uneven_position
from optuna_hpx.importance._prepared import Prepared
from optuna_hpx.importance._subspace import Split, Target
from optuna_hpx.table import INACTIVE, Column, TrialTable, n_possible_values

_FEW_TARGETS = 5
_OVERLAP = 1.05
_SOME, _MANY = 20, 100  # possible values


def notes(found: Split, target: Target | None, importances: np.ndarray) -> list[str]:
    """What evaluate() need not warn of, but a reader of the report must know."""
    said = []
    n_top = np.count_nonzero(found.top)
    if 0 < n_top < _FEW_TARGETS:
        said.append(f"With {n_top} trials in the target set, the importances are very uncertain.")
    if len(found.table.directions) > 1 and target is None:
        said.append(
            "Good means near the Pareto front: a parameter that only moves trials along the front "
            "has no importance here. Assess each objective by itself with `target=`."
        )
    if importances.sum() > _OVERLAP:
        said.append(
            f"The importances add up to {importances.sum():.2f}: the parameters did not vary "
            "independently in these trials, and what they explain overlaps."
        )
    return said


def uneven(table: TrialTable, names: Sequence[str]) -> list[str]:
    """Those of the parameters that were not drawn evenly from their domains."""
    if not table.trials:
        return []  # of a data frame only the smallest and the largest value are known
    complete = table.states == TrialState.COMPLETE  # a region is uneven by its nature
    return [name for name in names if _is_uneven(table.columns[name], complete)]


def on_sampling(prepared: Prepared) -> list[str]:
    """What follows if the trials were not drawn evenly, or are virtual."""
    if prepared.real is not None:
        return [
            "The importances are those of a surrogate of the objective, at points drawn evenly "
            f"from the search space; its cross-validated skill is {prepared.skill:.2f}. No "
            "honest interval is known for them. The p-values are those of the trials themselves."
        ]
    names = prepared.uneven
    if not names:
        return []
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    advice = (
        ' PedAnovaImportanceEvaluator(space="uniform") asks about the whole search space.'
        if prepared.skill is None
        else ""
    )
    return [
        f"The trials were not drawn evenly from the search space (see {listed}), as after an "
        "adaptive sampler. The importances say what set apart the best among these trials: a "
        "parameter that was settled early may matter much and yet show none. Intervals and "
        f"p-values hold for independent trials, and are only a hint here.{advice}"
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
