"""A study in memory of some trials of another."""

from __future__ import annotations

import optuna
from optuna.samplers import RandomSampler

from optuna_hpx.population._private import private_study
from tests.population.models import descend
from tests.population.runs import scheduler


def test_trials_are_copied_in_their_order_without_what_this_package_wrote() -> None:
    study = optuna.create_study(direction="maximize")
    scheduler(study).optimize(descend)
    before = [dict(t.system_attrs) for t in study.trials]
    few = [study.trials[5], study.trials[2], study.trials[9]]
    sampler = RandomSampler()
    private = private_study(study.direction, few, sampler)
    assert private.direction == study.direction
    assert private.sampler is sampler
    assert [t.number for t in private.trials] == [0, 1, 2]
    assert [t.params for t in private.trials] == [study.trials[k].params for k in (2, 5, 9)]
    assert not any(key.startswith("hpx:") for t in private.trials for key in t.system_attrs)
    assert [dict(t.system_attrs) for t in study.trials] == before, "the study's are left alone"
