"""Which trials of a study are independent random draws, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.law._error import NoLawError
from optuna_hpx.samplers import InterleavedSampler
from optuna_hpx.trials import storage as _storage
from optuna_hpx.trials.table import INACTIVE, TrialTable, loss_sign, n_possible_values

if TYPE_CHECKING:
    from optuna.study import Study

# Attributes that samplers leave on the trials that they chose. Each beginning is one sampler's;
# the ending is that of all evolution, CMA-ES among it.
_CHOSEN = ("tpe:", "gp:", "grid_id", f"{_storage.BELIEF}:")
_BRED = ":generation"


@dataclass(frozen=True)
class Draws:
    """Independent draws.

    Attributes:
        losses: (n,) finite losses of the complete ones, in the order in which they finished.
        n_censored: Draws that brought nothing: failed, pruned, infeasible or infinitely bad.
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

    def __len__(self) -> int:
        return len(self.losses) + self.n_censored

    @property
    def in_words(self) -> str:
        """What was left out, and what to do about it; "" if nothing."""
        if not self.left_out:
            return ""
        reasons = "; ".join(f"{n} {reason}" for reason, n in self.left_out.items())
        return f"Left out: {reasons}. {_ADVICE}"


_ADVICE = (
    "If a RandomSampler drew them, give the study that sampler, or pass "
    "`sampler=RandomSampler()`: a storage does not know. Under another sampler draw every few "
    "trials at random, by InterleavedSampler or `AsymptoticLawCallback(interleave=4)`."
)


def draws(
    study: Study | TrialTable,
    sampler: BaseSampler | None = None,
    target: Callable[[FrozenTrial], float] | None = None,
    target_direction: str = "minimize",
    n_draws: int | None = None,
) -> Draws:
    """The independent draws among the finished trials.

    Given ``n_draws``, of the study as it was when so many had finished: whoever asks, and
    whenever, is told the same.
    """
    _checks.one_of("target_direction", target_direction, ("minimize", "maximize"))
    if not (sampler is None or isinstance(sampler, BaseSampler)):
        raise TypeError(f"`sampler` must be a sampler such as RandomSampler(), got {sampler!r}.")
    table = study if isinstance(study, TrialTable) else TrialTable.from_study(study)
    check_target(len(table.directions), target)
    reasons = _reasons(table, sampler or getattr(study, "sampler", None))
    is_draw = np.array([not reason for reason in reasons], dtype=bool)
    seen = np.lexsort((table.numbers, table.ended))
    if n_draws is not None:
        seen = seen[: np.searchsorted(is_draw[seen].cumsum(), n_draws) + 1]
    direction = table.directions[0] if target is None else target_direction
    losses = _losses(table, seen, target, direction)
    drawn = seen[is_draw[seen]]
    finite = losses[is_draw[seen] & np.isfinite(losses)]
    left_out = Counter(reasons[row] for row in seen[~is_draw[seen]])
    return Draws(
        losses=finite,
        n_censored=len(drawn) - len(finite),
        best_of_all=float(losses.min(initial=np.inf)),
        direction=direction,
        n_parameters=_n_parameters(table, drawn),
        left_out=dict(left_out),
        warnings=_warnings(table, drawn, left_out),
    )


def check_target(n_objectives: int, target: object) -> None:
    """Refuse several objectives without a word about which one is meant."""
    if n_objectives > 1 and target is None:
        raise ValueError(
            f"The study has {n_objectives} objectives: say with `target` which one is meant, "
            "e.g. `target=lambda trial: trial.values[0]`."
        )


def innermost(sampler: BaseSampler | None) -> BaseSampler | None:
    """The sampler of the trials that InterleavedSampler leaves to another one."""
    while isinstance(sampler, InterleavedSampler):
        sampler = sampler.sampler
    return sampler


def _losses(
    table: TrialTable,
    rows: np.ndarray,
    target: Callable[[FrozenTrial], float] | None,
    direction: str,
) -> np.ndarray:
    """(n,) of ``rows``; infinite unless complete and feasible, or where the target is not known.

    Raises:
        NoLawError: If one is infinitely good.
    """
    losses = np.full(len(rows), np.inf)
    good = ((table.states == TrialState.COMPLETE) & table.feasible)[rows]
    if target is None:
        losses[good] = table.losses[rows[good], 0]
    else:
        values = np.array(table.map(target, rows[good]), dtype=float)
        losses[good] = loss_sign(direction) * values
    losses[np.isnan(losses)] = np.inf
    if np.isneginf(losses).any():
        number = table.numbers[rows[losses.argmin()]]
        raise NoLawError(
            f"Trial {number} has an infinitely good score; the law needs finite ones."
        )
    return losses


def _reasons(table: TrialTable, sampler: BaseSampler | None) -> list[str]:
    """Of each row why it is no independent draw, or ""."""
    if not table.trials:
        return [""] * len(table)
    rule = _rule(table, innermost(sampler))
    return [_reason(trial, rule) for trial in table.trials]


def _reason(trial: FrozenTrial, rule: Callable[[FrozenTrial], str]) -> str:
    attributes = trial.system_attrs
    if "fixed_params" in attributes:
        return "enqueued"
    if attributes and _storage.read(attributes, _storage.RANDOM):
        return ""
    if any(key.startswith(_CHOSEN) or key.endswith(_BRED) for key in attributes):
        return "chosen by an adaptive sampler, a grid or evolution"
    return rule(trial)


def _rule(table: TrialTable, sampler: BaseSampler | None) -> Callable[[FrozenTrial], str]:
    """Why a trial without a mark is no independent draw, given what drew it."""
    if isinstance(sampler, RandomSampler):
        return lambda trial: ""
    if sampler is None:
        return lambda trial: "of a sampler that is not known"
    if isinstance(sampler, TPESampler):
        known = np.isin(table.states, [TrialState.COMPLETE, TrialState.PRUNED])
    elif isinstance(sampler, GPSampler) and isinstance(
        sampler._independent_sampler, RandomSampler
    ):
        known = table.states == TrialState.COMPLETE
    else:
        return lambda trial: f"of {type(sampler).__name__}, which draws no independent trials"
    return _startup_rule(sampler, np.sort(table.ended[known]))


def _startup_rule(
    sampler: TPESampler | GPSampler, ends: np.ndarray
) -> Callable[[FrozenTrial], str]:
    """These samplers draw at random until so many trials have ended, at the sorted ``ends``."""
    n_startup, name = sampler._n_startup_trials, type(sampler).__name__

    def rule(trial: FrozenTrial) -> str:
        start, end = trial.datetime_start, trial.datetime_complete
        if start is None or start == end:
            return "of no duration, as if added by hand"
        n_before = np.searchsorted(ends, start.timestamp(), side="right")
        return "" if n_before < n_startup else f"after the start-up trials of {name}"

    return rule


def _n_parameters(table: TrialTable, rows: np.ndarray) -> int:
    """Parameters that have more than one possible value in one of ``rows``."""
    return sum(
        any(
            n_possible_values(column.distributions[code]) > 1
            for code in np.unique(column.regime[rows]).tolist()
            if code != INACTIVE
        )
        for column in table.columns.values()
    )


def _warnings(table: TrialTable, drawn: np.ndarray, left_out: Counter[str]) -> tuple[str, ...]:
    found = []
    n_pruned = int(np.count_nonzero(table.states[drawn] == TrialState.PRUNED))
    if n_pruned:
        found.append(
            f"{n_pruned} pruned draws count as bad ones. A pruner that stops good trials makes "
            "the law too pessimistic."
        )
    # TPE marks what it chooses unless told otherwise: without a mark the sampler may be the
    # default one of a study that was loaded anew.
    n_unmarked = sum(n for reason, n in left_out.items() if reason.startswith("after the start"))
    if n_unmarked:
        found.append(
            f"{n_unmarked} trials were left out by their place in the study alone. {_ADVICE}"
        )
    return tuple(found)
