"""Which trials importances rest on, and whether tests and intervals hold for them.

Independent draws are assessed as they are. Where a study has enough of them among trials that a
sampler chose, they alone are assessed: of these p-values and intervals are true. Of trials that
were all chosen, importances are a hint, and nothing is tested.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from optuna.samplers import RandomSampler

from optuna_hpx.canvas.words import count, listing
from optuna_hpx.importance._report import has_valid_tests
from optuna_hpx.importance._subspace import columns_of
from optuna_hpx.trials.left_out import left_out
from optuna_hpx.trials.sampling import Sampling, sampling_of
from optuna_hpx.trials.table import TrialTable

__all__ = ["Basis", "basis_of"]

_ENOUGH_DRAWS = 40
"""COMPLETE draws among other trials, from which on they are assessed alone: of the best tenth,
four are left, about the fewest that tell anything."""
_NEARLY_ALL = 0.8
"""Share of the COMPLETE trials, from which on draws are assessed alone, be they ever so few, as
they would be without the others; and without the parameters that only others have."""

_UNKNOWN = (
    "What drew these trials is not known: p-values and intervals hold only if they are "
    "independent random draws. If a sampler chose them, say sampling='adaptive'."
)


@dataclass(frozen=True)
class Basis:
    """The trials that are assessed, and how they came about.

    Attributes:
        table: Those trials.
        fresh: All that are evidence of their own, from which a surrogate learns.
        sampling: As in :class:`ImportanceReport`.
        left_out: Which trials are not assessed, and why.
        doubts: What is not known of those that are.
        lost: With which values no trial completed.
    """

    table: TrialTable
    fresh: TrialTable
    sampling: str
    left_out: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def silences(self, target: object = None) -> tuple[str, ...]:
        """Say what the importances for a target do not see."""
        if not self.lost or target == "complete":
            return self.left_out
        note = (
            f"No trial completed with some values: {listing(self.lost)}. target='complete' asks "
            "what decides that; the importances here do not see it."
        )
        return (*self.left_out, note)

    def notes(self, target: object = None) -> tuple[str, ...]:
        """Say what a reader of a report on a target must know of the trials."""
        return self.silences(target) + self.doubts

    @property
    def holds(self) -> bool:
        """Whether p-values and intervals hold: the trials are no sampler's choice."""
        return has_valid_tests(self.sampling)


def basis_of(table: TrialTable, sampling: str) -> Basis:
    """Choose the trials to assess.

    Args:
        table: All trials.
        sampling: ``"auto"``: find out who they are; or what the user says that they are.

    Returns:
        The basis; it is kept with the table.
    """
    key = ("basis", table.drawer, sampling)
    if key not in table.memo:
        table.memo[key] = _choose(table, sampling)
    basis: Basis = table.memo[key]
    return basis


def _choose(table: TrialTable, sampling: str) -> Basis:
    # Where the user says that they are draws, only repeats are asked for, and nothing looked at.
    verdict = sampling_of(table, RandomSampler() if sampling == "independent" else None)
    fresh = _restrict(table, verdict.is_new)
    notes, lost = _on_repeats(verdict), tuple(str(one) for one in left_out(fresh))
    if sampling != "auto":
        return Basis(fresh, fresh, sampling, notes, lost=lost)
    if verdict.kind == "unknown":
        doubts = (_UNKNOWN,) if table.complete.any() else ()
        return Basis(fresh, fresh, "unknown", notes, doubts, lost)
    if verdict.kind != "mixed":
        return Basis(fresh, fresh, verdict.kind, notes, lost=lost)
    draws = _restrict(table, verdict.independent)
    if not _are_enough(draws, fresh):
        notes = (*notes, *_on_unmarked(table, verdict))
        return Basis(fresh, fresh, "adaptive", notes, lost=lost)
    return Basis(draws, fresh, "mixed", (*notes, *_on_draws(draws, fresh)), lost=lost)


def _restrict(table: TrialTable, rows: np.ndarray) -> TrialTable:
    return table if rows.all() else table.take(np.flatnonzero(rows))


def _are_enough(draws: TrialTable, table: TrialTable) -> bool:
    """Tell whether the draws say as much as they must, of all parameters that any trial has."""
    n_draws, n = int(draws.complete.sum()), int(table.complete.sum())
    if n_draws >= _NEARLY_ALL * n:
        return True
    return n_draws >= _ENOUGH_DRAWS and not _lacking(draws, table)


def _lacking(draws: TrialTable, table: TrialTable) -> list[str]:
    """Name the parameters that no draw has."""
    return [name for name in columns_of(table, None) if name not in columns_of(draws, None)]


def _on_draws(draws: TrialTable, fresh: TrialTable) -> tuple[str, ...]:
    """Say that draws are assessed alone, and what is not seen of them."""
    n_draws, n = int(draws.complete.sum()), int(fresh.complete.sum())
    other = f"{n - n_draws:,} complete ones" if n - n_draws > 1 else "complete one"
    verb = "are" if n - n_draws > 1 else "is"
    note = (
        f"Assessed are only the {count(n_draws, 'complete trial')} that were drawn at random: the "
        f"other {other} {verb} left out, as no p-value or interval would hold with what a sampler "
        "or a person chose."
    )
    if lacking := _lacking(draws, fresh):
        note += f" Nothing is known of {listing(lacking)}, which no draw has."
    return (note,)


def _on_unmarked(table: TrialTable, verdict: Sampling) -> tuple[str, ...]:
    """Say how to claim trials that may be draws, where these would be enough."""
    n = int((verdict.unknown & table.complete).sum())
    n_drawn = int((verdict.independent & table.complete).sum())
    if not n or n + n_drawn < _ENOUGH_DRAWS:
        return ()
    return (
        f"{count(n, 'trial')} without a mark of a sampler may be random draws, too. If you know "
        "that they are, assess them alone: sampling='independent', and "
        "TrialTable.of(study).take(rows) in place of the study.",
    )


def _on_repeats(sampling: Sampling) -> tuple[str, ...]:
    notes = []
    if n := int(sampling.repeated.sum()):
        verb, is_or_are = ("repeats", "is") if n == 1 else ("repeat", "are")
        notes.append(
            f"{count(n, 'trial')} {verb} all values of an earlier one, as of workers with the "
            f"same seed, and {is_or_are} left out: that is no new evidence."
        )
    if n := int(sampling.retried.sum()):
        verb = "was tried again, and is" if n == 1 else "were tried again, and are"
        notes.append(f"{count(n, 'failed trial')} {verb} left out.")
    return tuple(notes)
