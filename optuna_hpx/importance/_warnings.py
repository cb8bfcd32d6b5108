"""What a reader must bear in mind before acting on importances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from optuna_hpx.canvas.words import count
from optuna_hpx.importance._assessed_trials import AssessedTrials, surrogate_subject
from optuna_hpx.importance._split import Split
from optuna_hpx.importance._subspace import Target

_FEW_TARGETS = 5
_OVERLAP = 1.05
_FEW_EFFECTIVE = 20


def on_target_set(cut: Split, target: Target | None) -> list[str]:
    """Say what a target set of few trials, or of several objectives, means."""
    warnings = []
    if 0 < cut.n_target < _FEW_TARGETS:
        warnings.append(
            f"With {count(cut.n_target, 'trial')} in the target set, the importances are very "
            "uncertain."
        )
    if len(cut.table.directions) > 1 and target is None:
        warnings.append(
            "Good means near the Pareto front: a parameter that only moves trials along the front "
            "has no importance here. Assess each objective by itself with `target=`."
        )
    return warnings


def on_overlap(importances: np.ndarray) -> list[str]:
    """Say so where importances add up to more than 1."""
    if importances.sum() <= _OVERLAP:
        return []
    return [
        f"The importances add up to {importances.sum():.2f}: the parameters did not vary "
        "independently in these trials, and what they explain overlaps."
    ]


def on_sampling(trials: AssessedTrials) -> list[str]:
    """Say what follows if a sampler chose the trials, or if they are virtual."""
    if trials.real is not None:
        return [
            "The importances speak of the whole search space: a surrogate of "
            f"{surrogate_subject(trials.target)} was learnt from the trials and asked at points "
            f"drawn evenly; its cross-validated skill is {trials.skill:.2f} (1 is perfect). The "
            "intervals show how far surfaces differ that the trials leave plausible. "
            + (
                "The p-values are those of the trials themselves."
                if trials.basis.holds
                else "An adaptive sampler, or a person, chose the trials: a p-value, where there "
                "is one, is that of a model of them, which allows for that."
            )
        ]
    if trials.basis.holds:
        return []
    advice = (
        ' PedAnovaImportanceEvaluator(space="uniform") asks about the whole search space.'
        if trials.skill is None
        else ""
    )
    return [
        "An adaptive sampler, or a person, chose these trials. The importances say what set apart "
        "the best among them, and are a hint: a parameter that was settled early may matter much "
        "and yet have none here, and one without influence may have some. No interval is "
        "known to hold; a p-value, where there is one, is that of a model of the trials, which "
        f"allows for the choices.{advice}"
    ]


def on_disagreement(trials: AssessedTrials) -> str:
    """Say why a surrogate that predicts well enough is not used."""
    return (
        "What matters in the whole search space stays open: surrogates of "
        f"{surrogate_subject(trials.target)} that the trials leave plausible disagree on it "
        f"(though their cross-validated skill is {trials.skill:.2f}). The importances are those "
        "in the space as the trials sampled it."
    )


def on_real_trials(warnings: Sequence[str], virtual: Sequence[str]) -> list[str]:
    """Repeat the warnings of the real trials that are not also those of the virtual ones."""
    return [
        f"Of the trials themselves, on which p-values and null level rest: {message}"
        for message in warnings
        if message not in virtual
    ]


def on_adjustment(sizes: Mapping[str, float], *, is_adaptive: bool) -> list[str]:
    """Say what HSIC measures where a sampler chose the trials.

    Args:
        sizes: The effective number of trials of each parameter.
        is_adaptive: Whether one did.
    """
    if not is_adaptive:
        return []
    few = [f"{name} ({size:.0f})" for name, size in sizes.items() if size < _FEW_EFFECTIVE]
    caveat = (
        f" For these parameters they are worth fewer than {_FEW_EFFECTIVE} evenly drawn trials: "
        f"{', '.join(few)}."
    )
    return [
        "An adaptive sampler, or a person, chose these trials: what is measured is the dependence "
        "given the other parameters and time. It hints at what matters where the sampler looked; "
        "no interval is known to hold; a p-value, where there is one, is that of a model of the "
        "trials." + (caveat if few else "")
    ]


def on_unmeasured(names: Sequence[str]) -> list[str]:
    """Name the parameters that nothing was measured of."""
    if not names:
        return []
    return [f"Too few trials have these parameters to tell: {', '.join(names)}."]
