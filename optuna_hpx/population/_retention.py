"""Which checkpoints of a run are needed yet, and the removal of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna_hpx.population._run import Run

__all__ = ["Retention"]


class Retention:
    """Removes checkpoints when a generation has begun, once for each."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._tidied = 0  # the generation at which checkpoints were last removed

    def tidy(self) -> None:
        """Remove the checkpoints that nobody needs any more."""
        run = self._run
        with run.ledger.lock:
            current = run.first_unsettled()
            current = run.settings.n_generations if current is None else current
            if current == self._tidied:
                return
            self._tidied = current
            numbers = {*run.ledger.by_number, *run.ledger.dead}
            keep = self._needed(current)
        run.store.remove({run.artifact(number) for number in numbers - keep})

    def _needed(self, current: int) -> set[int]:
        """Return the trials whose checkpoints are needed while generation ``current`` trains."""
        ledger, settings = self._run.ledger, self._run.settings
        keep = {n for n, segment in ledger.by_number.items() if segment.generation >= current}
        if current == settings.n_generations or not settings.synchronous:
            keep |= {segment.number for segment in ledger.generation(current - 1)}
        if current < settings.n_generations:
            keep |= self._parents(current)
        best = ledger.best()
        return keep if best is None else keep | {best.number}

    def _parents(self, current: int) -> set[int]:
        """Return the parents of ``current``: of the last generation before it that has any."""
        n_parents = self._run.plan.parents[current - 1] if current else 0
        for earlier in range(current - 1, -1, -1):
            if ranked := self._run.ledger.ranked(earlier):
                return {segment.number for segment in ranked[:n_parents]}
        return set()
