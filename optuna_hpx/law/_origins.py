"""Which trials of a study were drawn at random, by the marks they bear and by who drew them.

InterleavedSampler marks what it drew at random, and most samplers mark what they chose. A trial
without a mark is a random draw if the study's sampler draws at random, or did so at its start.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.samplers import InterleavedSampler
from optuna_hpx.trials import marks, storage
from optuna_hpx.trials.options import independent_sampler, n_startup_trials
from optuna_hpx.trials.table import TrialTable

__all__ = ["AFTER_STARTUP", "innermost", "reasons_against"]

AFTER_STARTUP = "after the start-up trials of"
"""How the reason begins where only the place of a trial in the study speaks against it."""

ENQUEUED = "enqueued"
"""The reason against a trial that somebody, and no sampler, chose."""


def reasons_against(table: TrialTable, sampler: BaseSampler | None) -> list[str]:
    """Say of each row why it is no independent draw; "" if it is one.

    Args:
        table: Of a study; all rows of a data frame are draws.
        sampler: What drew the trials that bear no mark; None if that is not known.
    """
    if not table.trials:
        return [""] * len(table)
    rule = _rule(table, innermost(sampler))
    return [_reason(trial, rule) for trial in table.trials]


def innermost(sampler: BaseSampler | None) -> BaseSampler | None:
    """Unpack the sampler of the trials that InterleavedSampler leaves to another one."""
    while isinstance(sampler, InterleavedSampler):
        sampler = sampler.sampler
    return sampler


def _reason(trial: FrozenTrial, rule: Callable[[FrozenTrial], str]) -> str:
    attributes = trial.system_attrs
    if marks.is_enqueued(attributes):
        return ENQUEUED
    if attributes and storage.read(attributes, storage.RANDOM):
        return ""
    if marks.is_chosen(attributes):
        return "chosen by an adaptive sampler, a grid or evolution"
    return rule(trial)


def _rule(table: TrialTable, sampler: BaseSampler | None) -> Callable[[FrozenTrial], str]:
    """Return what says why a trial without a mark is no independent draw."""
    if isinstance(sampler, RandomSampler):
        return lambda trial: ""
    if sampler is None:
        return lambda trial: "of a sampler that is not known"
    # Each sampler ends its start-up by its own count of finished trials.
    if isinstance(sampler, TPESampler):
        counted = np.isin(table.states, [TrialState.COMPLETE, TrialState.PRUNED])
    elif isinstance(sampler, GPSampler) and isinstance(
        independent_sampler(sampler), RandomSampler
    ):
        counted = table.states == TrialState.COMPLETE
    else:
        return lambda trial: f"of {type(sampler).__name__}, which draws no independent trials"
    return _startup_rule(sampler, np.sort(table.ended[counted]))


def _startup_rule(
    sampler: TPESampler | GPSampler, ends: np.ndarray
) -> Callable[[FrozenTrial], str]:
    """Return the rule of a sampler that draws at random until so many trials have ended.

    Args:
        sampler: That sampler.
        ends: When those trials ended that it counts, sorted timestamps.
    """
    n_startup, name = n_startup_trials(sampler), type(sampler).__name__

    def rule(trial: FrozenTrial) -> str:
        start, end = trial.datetime_start, trial.datetime_complete
        if start is None or start == end:  # as create_trial leaves them, whoever chose the values
            return "of no duration, as if added by hand"
        # A trial is drawn when it starts: what counts is what had ended then.
        n_before = np.searchsorted(ends, start.timestamp(), side="right")
        return "" if n_before < n_startup else f"{AFTER_STARTUP} {name}"

    return rule
