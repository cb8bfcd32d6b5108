"""What the workers of a run agree on without a word."""

from __future__ import annotations

import numpy as np
import optuna

from optuna_hpx.population._run import _MAX_ACCIDENTS
from tests.population.models import descend
from tests.population.runs import N, T, scheduler


def test_seeds_of_slots_are_those_of_numpy_and_all_different() -> None:
    run, other = scheduler(seed=3)._run, scheduler(seed=3)._run
    slots = [(generation, place) for generation in range(T) for place in range(N)]
    seeds = [run.seed_of(slot) for slot in slots]
    assert seeds == [other.seed_of(slot) for slot in slots]
    assert len(set(seeds)) == N * T
    expected = np.random.SeedSequence(3, spawn_key=(1, 2)).generate_state(1)[0]
    assert run.seed_of((1, 2)) == expected


def test_a_slot_is_settled_when_it_is_published_or_given_up() -> None:
    run = scheduler(max_attempts=2)._run
    assert not run.is_settled((0, 0))
    run.ledger.failures[0, 0] = 1
    run.ledger.accidents[0, 0] = _MAX_ACCIDENTS - 1
    assert not run.is_settled((0, 0))
    run.ledger.failures[0, 0] = 2
    assert run.is_settled((0, 0))
    run.ledger.accidents[0, 1] = _MAX_ACCIDENTS
    assert run.is_settled((0, 1))
    assert not run.is_generation_settled(0)
    assert run.first_unsettled() == 0


def test_generations_are_settled_one_after_the_other() -> None:
    study = optuna.create_study()
    scheduled = scheduler(study)
    run, firsts = scheduled._run, []
    scheduled.optimize(descend, callbacks=[lambda s, t: firsts.append(run.first_unsettled())])
    expected = [(k + 1) // N for k in range(N * T - 1)]
    assert firsts == [*expected, None]


def test_names_of_checkpoints_tell_runs_apart() -> None:
    run, other = scheduler()._run, scheduler()._run
    assert run.artifact(3) != other.artifact(3)
    assert run.artifact(3) != run.artifact(4)
