"""What a reader must bear in mind before acting on importances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_hpx.importance._prepared import Prepared, in_words
from optuna_hpx.importance._subspace import Split, Target

_FEW_TARGETS = 5
_OVERLAP = 1.05
_FEW_EFFECTIVE = 20


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


def on_sampling(prepared: Prepared) -> list[str]:
    """What follows if the trials were not drawn evenly, or are virtual."""
    if prepared.real is not None:
        return [
            f"The importances are those of a surrogate of {in_words(prepared.candidates.target)}, "
            "at points drawn evenly from the search space; its cross-validated skill is "
            f"{prepared.skill:.2f}. No honest interval is known for them. The p-values are those "
            "of the trials themselves."
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


def on_p_values(of_trials: Sequence[str], said: Sequence[str]) -> list[str]:
    """Warnings of the real trials, where what is ``said`` concerns virtual ones."""
    return [
        f"Of the trials themselves, on which p-values and null level rest: {message}"
        for message in of_trials
        if message not in said
    ]


def on_hsic(
    sizes: dict[str, float], uneven: list[str], found: Split, target: Target | None
) -> list[str]:
    """What a reader of a report by HSIC must know; effective numbers of trials by parameter."""
    said = notes(found, target, np.zeros(0))
    if not uneven:
        return said
    few = [f"{name} ({size:.0f})" for name, size in sizes.items() if size < _FEW_EFFECTIVE]
    said.append(
        "The trials were not drawn evenly from the search space, as after an adaptive sampler: "
        "what is measured is the dependence given the other parameters and time, and it says what "
        "matters where the sampler looked. Tests and intervals are approximate."
        + (
            f" For these parameters they are worth fewer than {_FEW_EFFECTIVE} evenly drawn "
            f"trials: {', '.join(few)}."
            if few
            else ""
        )
    )
    return said


def on_too_few(names: list[str]) -> list[str]:
    """Of parameters that nothing was measured of."""
    if not names:
        return []
    return [f"Too few trials have these parameters to tell: {', '.join(names)}."]
