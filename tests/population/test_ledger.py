"""Reading a run from its trials."""

from __future__ import annotations

import optuna
import pytest

from optuna_hpx.population import (
    GPBTScheduler,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population._schedule import schedule_to
from optuna_hpx.trials.table import TrialTable
from tests.population.models import descend
from tests.population.runs import N, T, scheduler


def test_reading_does_not_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that is finished is parsed once, however many there are."""
    study = optuna.create_study()
    run = GPBTScheduler(study, population_size=10, n_generations=8, seed=0)
    read = []
    original = Ledger._add
    monkeypatch.setattr(
        Ledger,
        "_add",
        lambda self, trial, claimed: read.append(trial.number) or original(self, trial, claimed),
    )
    run.optimize(descend)
    assert len(read) < 4 * len(study.trials)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_table_holds_the_same_segments_as_its_study(direction: str) -> None:
    study = optuna.create_study(direction=direction)
    study.optimize(lambda trial: trial.suggest_float("y", 0, 1), n_trials=2)
    run = scheduler(study)
    run.optimize(descend)
    ledger, other = Ledger.read(study), Ledger.read(TrialTable.from_study(study))
    assert ledger.published == other.published
    assert list(ledger.published) == list(other.published)
    assert (ledger.direction, ledger.sign, ledger.run) == (other.direction, other.sign, other.run)
    assert ledger.best() == other.best()
    assert ledger.direction == direction
    before = dict(other.published)
    other.update()
    assert other.published == before
    best = other.best()
    assert best is not None
    assert schedule_to(best, other) == run.best_schedule()


def test_ranks_and_lines_of_a_run_by_hand() -> None:
    study = optuna.create_study()
    scheduler(study).optimize(descend)
    ledger = Ledger.read(study)
    values = {t.number: t.value for t in study.trials}
    for generation in range(T):
        numbers = [s.number for s in ledger.generation(generation)]
        assert numbers == list(range(generation * N, (generation + 1) * N))
        ranked = [s.number for s in ledger.ranked(generation)]
        assert ranked == sorted(numbers, key=lambda number: values[number])
        assert ledger.n_children(ranked[-1], generation + 1) == 0
    best = ledger.best()
    assert best is not None
    assert best.number == study.best_trial.number
    line = ledger.lineage(best)
    assert [s.generation for s in line] == list(range(best.generation + 1))
    assert [s.parent for s in line] == [None, *(s.number for s in line[:-1])]
    assert ledger.last_generation() == T - 1


def test_the_last_generation_counts_when_its_slots_are_settled() -> None:
    study = optuna.create_study()
    run = scheduler(study)
    run.optimize(descend, callbacks=[lambda s, t: run.stop() if t.number == 2 * N else None])
    ledger = Ledger.read(study)
    assert max(slot[0] for slot in ledger.published) == 2
    assert ledger.last_generation() == 1
