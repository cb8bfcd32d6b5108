"""The segments of the population."""

from __future__ import annotations

import optuna

from optuna_hpx import GPBTScheduler
from optuna_hpx.page.demo._population import segment


def _run(seed: int) -> optuna.Study:
    study = optuna.create_study()
    GPBTScheduler(study, population_size=6, n_generations=3, seed=seed).optimize(segment)
    return study


def test_it_learns_from_generation_to_generation() -> None:
    study = _run(0)
    best = [min(trial.value or 9.9 for trial in study.trials[k : k + 6]) for k in (0, 6, 12)]
    assert best[0] > best[1] > best[2]
    assert best[2] < 0.5, "guessing has 2.3"


def test_the_same_seed_trains_the_same_models() -> None:
    assert _run(1).best_value == _run(1).best_value
    assert _run(1).best_value != _run(2).best_value
