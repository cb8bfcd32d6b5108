"""Tests of parameters in trials that a sampler chose: from columns to a model's evidence."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._space import blocks
from optuna_hpx.importance._subspace import Subspace
from optuna_hpx.importance._threads import one_thread
from optuna_hpx.importance.maths.model_evidence import MIN_TRIALS, ModelEvidence, model_evidence
from optuna_hpx.trials.table import INACTIVE, Column

__all__ = ["evidence_of"]


def evidence_of(
    trials: AssessedTrials, subspace: Subspace, names: Sequence[str]
) -> ModelEvidence | None:
    """Test the parameters ``names``, each given all others that a trial has, and time.

    None where the test is not known to hold: of several objectives, of feasibility and
    completion, where trials were selected by more than the values of their parameters, which a
    callable ``region`` and a ``region_quantile`` below 1 do, of fewer than ``MIN_TRIALS``, and
    where most scores are tied.
    """
    real = trials if trials.real is None else trials.real
    selection = real.ranking.selection
    is_scored = selection.losses.shape[1] == 1 and not selection.is_labelled
    by_values = subspace.region_quantile == 1.0 and not callable(subspace.region)
    if not (is_scored and by_values and names and len(selection.rows) >= MIN_TRIALS):
        return None
    if _are_tied(real.ranking.keys):
        return None
    columns = selection.table.take(selection.rows).columns
    if any(name not in columns for name in names):
        return None
    # Kept with the table: a page asks of the space by a surrogate, and of the trials.
    memo, in_order = real.basis.table.memo, sorted(names)
    digest = blake2b(selection.table.numbers[selection.rows].tobytes())
    digest.update(np.ascontiguousarray(real.ranking.keys).tobytes())
    key = ("model evidence", tuple(in_order), digest.digest())
    if key not in memo:
        memo[key] = _test(columns, in_order, real.ranking.keys)
    evidence: ModelEvidence = memo[key]
    places = [in_order.index(name) for name in names]
    return ModelEvidence(
        evidence.log_odds[places],
        evidence.p_values[places],
        evidence.p_values_familywise[places],
    )


def _test(columns: dict[str, Column], names: Sequence[str], keys: np.ndarray) -> ModelEvidence:
    others = [name for name in columns if name not in names]
    parts = inputs_of({name: columns[name] for name in (*names, *others)})
    ends = np.cumsum([0, *[part.shape[1] for part in parts]]).tolist()
    groups = [slice(start, end) for start, end in pairwise(ends)]
    X = np.concatenate(parts, axis=1, dtype=float)
    with one_thread():
        return model_evidence(X, groups, keys, len(names))


def _are_tied(scores: np.ndarray) -> bool:
    """Tell whether fewer than half of the scores differ, but not all are equal.

    Of noise in few steps an idle parameter was found in 8 to 10 of 80 studies.
    """
    return 1 < len(np.unique(scores)) < 0.5 * len(scores)


def inputs_of(columns: dict[str, Column]) -> list[np.ndarray]:
    """Encode each parameter, and the activity of those that no choice of another one decides.

    Where a choice decides, it is the choice that may matter. Where a number does, it is tested
    given what is active.
    """
    parts = blocks(columns, columns)
    parameters, activities = parts[: len(columns)], parts[len(columns) :]
    choices = [column for column in columns.values() if column.is_categorical]
    return [
        *parameters,
        *[a for a in activities if not any(_decides(column, a[:, 0]) for column in choices)],
    ]


def _decides(column: Column, is_active: np.ndarray) -> bool:
    """Tell whether a choice, or its absence, decides who is active; it does not decide its own."""
    own = column.regime != INACTIVE
    if (own == is_active).all():
        return False
    codes = np.where(own, column.values, -1.0)
    return all(len(np.unique(is_active[codes == code])) == 1 for code in np.unique(codes))
