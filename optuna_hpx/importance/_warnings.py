"""What a reader must bear in mind before acting on importances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from optuna_hpx.canvas.words import count, distinct, listing
from optuna_hpx.importance._assessed_trials import AssessedTrials, surrogate_subject
from optuna_hpx.importance._report import unit_of
from optuna_hpx.importance._space import unseen_choices
from optuna_hpx.importance._split import Split
from optuna_hpx.trials import domain

_FEW_TARGETS = 5
_OVERLAP = 1.05
_FEW_EFFECTIVE = 20
ASSESS_EACH = "Assess each objective by itself with `target=`."


def on_target_set(cut: Split, trials: AssessedTrials) -> list[str]:
    """Say what a target set of few trials, or of several objectives, means."""
    warnings = []
    # of fewer, the warnings of the split say so; ranks are compared of all trials
    if 0 < cut.n_target < _FEW_TARGETS and not (cut.has_too_few or cut.is_ranked):
        warnings.append(
            f"Only {cut.n_target} of {count(cut.n_trials, unit_of(trials.space))} are in the "
            "target set: the importances are very uncertain. Ask for a wider target."
        )
    if len(cut.table.directions) > 1 and trials.target is None:
        warnings.append(
            "Good means near the Pareto front: what only moves trials along it has no importance "
            f"here. {ASSESS_EACH}"
        )
    return warnings


def on_overlap(importances: np.ndarray) -> list[str]:
    """Say so where importances add up to more than 1."""
    if importances.sum() <= _OVERLAP:
        return []
    return [
        f"The importances add up to {importances.sum():.2f}, so what the parameters explain "
        "overlaps: compare them, but do not add them up."
    ]


def on_part_of_chosen(trials: AssessedTrials, *, is_part: bool) -> list[str]:
    """Say why there are no p-values of the best of trials that a sampler chose."""
    if trials.basis.holds or not is_part:
        return []
    return ["No p-values: of chosen trials none is known where `region_quantile` is below 1."]


def on_sampling(trials: AssessedTrials, importances: np.ndarray) -> list[str]:
    """Say what follows if a sampler chose the trials, or if they are virtual.

    Args:
        trials: The trials.
        importances: (d,) of each parameter.
    """
    if trials.real is not None:
        chooser = "" if trials.basis.holds else ", which a sampler or a person chose"
        tests = " p-values are those of the trials." if trials.basis.holds else ""
        return [
            f"The importances are those of a surrogate of {surrogate_subject(trials.target)}, for "
            f"the whole search space: it learnt from {count(trials.n_taught or 0, 'trial')}"
            f"{chooser} (cross-validated skill {trials.skill:.2f}; 1 is perfect).{tests} "
            "space='trials' describes the trials themselves.",
            *_on_unseen(trials.real),
        ]
    return [] if trials.basis.holds else [_on_chosen(trials, importances)]


def _on_unseen(real: AssessedTrials) -> list[str]:
    """Name the choices of which a surrogate of these trials knows nothing."""
    rows, unseen = real.ranking.selection.rows, []
    for column in (column.part(rows) for column in real.columns.values()):
        dist = column.distributions[0]
        texts = distinct(domain.choices_of(dist))
        unseen += [f"{column.name} = {texts[int(k)]}" for k in unseen_choices(column, 0)]
    if not unseen:
        return []
    return [f"Of {listing(unseen)} the surrogate only guesses: it learnt from no trial with that."]


def _on_chosen(trials: AssessedTrials, importances: np.ndarray) -> str:
    chosen = "A sampler or a person chose these trials: "
    advice = "Draw 40 at random, e.g. with InterleavedSampler, to be sure"
    if trials.skill is None:
        advice += ", or ask for space='auto'"
    if not importances.any():
        return f"{chosen}what was settled early may matter and not show here. {advice}."
    return (
        f"{chosen}importances are a hint at what sets the target set apart among them, and may be "
        f"wrong about what matters elsewhere. {advice}."
    )


def on_disagreement(trials: AssessedTrials) -> str:
    """Say why a surrogate that predicts well enough is not used."""
    return (
        "What matters in the whole search space is open: surrogates of "
        f"{surrogate_subject(trials.target)} that the trials leave plausible disagree (though "
        f"their skill is {trials.skill:.2f}). The importances are those among the trials. More "
        "of them may help."
    )


def on_real_trials(warnings: Sequence[str], virtual: Sequence[str]) -> list[str]:
    """Repeat the warnings of the real trials, by which a surrogate's report tests.

    Args:
        warnings: Those of the real trials.
        virtual: Those of the virtual ones, which are said already.
    """
    return [
        f"Of the trials themselves, by which p-values are: {message}"
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
    caveat = f" Worth fewer than {_FEW_EFFECTIVE} even draws: {listing(few)}."
    return [
        "A sampler or a person chose these trials: R2 is the dependence given the other "
        "parameters and time, and a hint. Draw 40 at random, e.g. with InterleavedSampler, to be "
        "sure." + (caveat if few else "")
    ]


def on_unmeasured(names: Sequence[str]) -> list[str]:
    """Name the parameters that nothing was measured of."""
    if not names:
        return []
    return [f"Too few trials have these parameters to tell: {', '.join(names)}."]
