"""What every wing is given to make its sections from."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.samplers import RandomSampler

from optuna_hpx import GPBTScheduler, TrialTable
from optuna_hpx.canvas.material import Material
from tests import made_by_hand as hand
from tests.population.models import descend


def test_of_a_study_and_of_its_table() -> None:
    study = hand.study([[1.0], [2.0]])
    material = Material.of(study, target_quantile=0.2)
    assert material.study is study
    assert material.table is TrialTable.from_study(study)
    assert material.target_quantile == 0.2
    assert Material.of(material.table).study is None


@pytest.mark.parametrize(
    "options",
    [
        {"target_quantile": 1.5},
        {"region_quantile": 0.0},
        {"target_quantile": 0.5, "region_quantile": 0.5},
        {"target_value": float("nan")},
        {"seed": -1},
        {"evaluator": "fanova"},
        {"space": "whole"},
        {"sampling": "random"},
        {"region_quantile": 0.5, "evaluator": "hsic"},
    ],
)
def test_options_are_checked_before_the_work(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must"):
        Material.of(hand.study([[1.0]]), **options)


def test_independent_draws_are_those_of_a_random_sampler() -> None:
    study = hand.study([[1.0], [2.0]])
    assert isinstance(Material.of(study, sampling="independent").sampler, RandomSampler)
    assert Material.of(study, sampling="adaptive").sampler is None


def test_a_table_is_needed() -> None:
    with pytest.raises(TypeError, match="`study` must be"):
        Material.of([1.0])  # type: ignore[arg-type]


def test_segments_of_a_population() -> None:
    study = optuna.create_study()
    GPBTScheduler(study, population_size=4, n_generations=2, seed=0).optimize(descend)
    assert Material.of(study).has_segments
    assert Material.of(TrialTable.from_study(study)).has_segments
    assert not Material.of(hand.study([[1.0], [2.0]])).has_segments
    assert not Material.of(hand.study([[1.0, 2.0]], ["minimize"] * 2)).has_segments
