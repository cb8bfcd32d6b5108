"""Which trials of a study are independent random draws, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.samplers import GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _attributes, _checks
from optuna_hpx.samplers import InterleavedSampler
from optuna_hpx.table import TrialTable, n_possible_values

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study

# Attributes that samplers leave on trials which they chose: prefix or suffix of the key.
_CHOSEN = ("tpe:", "gp:", "cma:", "cmaes:", "sep-cma:", "grid_id", f"{_attributes.BELIEF}:")
_BRED = ":generation"


@dataclass(frozen=True)
class Draws:
    """Independent draws.

    Attributes:
        losses: Of the complete ones, +inf among them for infinitely bad ones.
        n_censored: Draws that failed, were pruned or are infeasible.
        best_of_all: The least loss of the study's feasible trials, drawn or not.
        direction: "minimize" or "maximize".
        n_parameters: Parameters that vary.
        left_out: How many trials are no independent draws, by reason.
        warnings: What must be known.
    """

    losses: np.ndarray
    n_censored: int
    best_of_all: float
    direction: str
    n_parameters: int
    left_out: dict[str, int]
    warnings: tuple[str, ...]

    @property
    def in_words(self) -> str:
        if not self.left_out:
            return ""
        reasons = "; ".join(f"{n} {reason}" for reason, n in self.left_out.items())
        return (
            f"Left out: {reasons}. If a RandomSampler drew them, pass "
            "`sampler=RandomSampler()`; with another sampler use InterleavedSampler, which draws "
            "every few trials at random."
        )


def draws(
    study: Study | TrialTable,
    sampler: BaseSampler | None = None,
    target: Callable[[FrozenTrial], float] | None = None,
    target_direction: str = "minimize",
    n_draws: int | None = None,
) -> Draws:
    """The independent draws among the finished trials, or the first ``n_draws`` of them."""
    _checks.one_of("target_direction", target_direction, ("minimize", "maximize"))
    table = study if isinstance(study, TrialTable) else TrialTable.from_study(study)
    if sampler is None and not isinstance(study, TrialTable):
        sampler = study.sampler
    direction = target_direction if target else table.directions[0]
    if len(table.directions) > 1 and target is None:
        raise ValueError(
            f"The study has {len(table.directions)} objectives: say with `target=` which one."
        )
    reasons = _reasons(table, sampler)
    rows = np.flatnonzero([not reason for reason in reasons])
    rows = rows[np.lexsort((rows, _ends(table)[rows]))][:n_draws]
    good = np.flatnonzero((table.states == TrialState.COMPLETE) & table.feasible)
    losses = np.full(len(table), np.inf)
    if target is None:
        losses[good] = table.losses[good, 0]
    else:
        values = np.array(table.map(target, good), dtype=float)
        values *= -1.0 if direction == "maximize" else 1.0
        losses[good] = np.where(np.isnan(values), np.inf, values)
    best_of_all = float(losses.min(initial=np.inf))
    good = np.intersect1d(rows, good)
    losses = losses[good]
    if np.isneginf(losses).any():
        raise ValueError("A trial has an infinitely good score; the law needs finite ones.")
    columns = table.columns.values()
    return Draws(
        losses=losses,
        n_censored=len(rows) - len(good),
        best_of_all=best_of_all,
        direction=direction,
        n_parameters=sum(
            max((n_possible_values(d) for d in c.distributions), default=0) > 1 for c in columns
        ),
        left_out=dict(Counter(reason for reason in reasons if reason)),
        warnings=_warnings(table, rows),
    )


def _reasons(table: TrialTable, sampler: BaseSampler | None) -> list[str]:
    """Of each row why it is no independent draw, or ""."""
    if not table.trials:
        return [""] * len(table)
    rule = _rule(table, sampler)
    return [_reason(trial, rule) for trial in table.trials]


def _reason(trial: FrozenTrial, rule: Callable[[FrozenTrial], str]) -> str:
    attributes = trial.system_attrs
    if "fixed_params" in attributes:
        return "enqueued"
    if attributes and _attributes.read(attributes, _attributes.RANDOM):
        return ""
    if any(key.startswith(_CHOSEN) or key.endswith(_BRED) for key in attributes):
        return "chosen by an adaptive sampler, a grid or evolution"
    return rule(trial)


def _rule(table: TrialTable, sampler: BaseSampler | None) -> Callable[[FrozenTrial], str]:
    """Why a trial without a mark is no independent draw, given what drew it."""
    if isinstance(sampler, InterleavedSampler):
        sampler = sampler.sampler
    name = type(sampler).__name__
    if isinstance(sampler, RandomSampler):
        return lambda trial: ""
    if not isinstance(sampler, (TPESampler, GPSampler)):
        return lambda trial: f"of {name}, which draws no independent trials"
    n_startup = sampler._n_startup_trials
    known = [TrialState.COMPLETE, TrialState.PRUNED]
    if isinstance(sampler, GPSampler):
        known = known[:1]
    ends = np.sort(_ends(table)[np.isin(table.states, known)])

    def rule(trial: FrozenTrial) -> str:
        start = trial.datetime_start
        before = len(ends) if start is None else np.searchsorted(ends, start.timestamp())
        return "" if before < n_startup else f"chosen by {name} after its start-up"

    return rule


def _ends(table: TrialTable) -> np.ndarray:
    """(n,) when each trial ended, in seconds; 0 where it is not known."""
    if not table.trials:
        return np.zeros(len(table))
    ends = [trial.datetime_complete for trial in table.trials]
    return np.array([0.0 if end is None else end.timestamp() for end in ends])


def _warnings(table: TrialTable, rows: np.ndarray) -> tuple[str, ...]:
    n_pruned = int(np.count_nonzero(table.states[rows] == TrialState.PRUNED))
    if not n_pruned:
        return ()
    return (
        f"{n_pruned} pruned draws count as bad ones. A pruner that stops good trials makes the "
        "law too pessimistic.",
    )
