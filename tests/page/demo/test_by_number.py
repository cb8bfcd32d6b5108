"""Random draws by the number of a trial."""

from __future__ import annotations

import optuna

from optuna_hpx.page.demo._by_number import RandomByNumber
from optuna_hpx.trials.sampling import sampling_of


def _objective(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 0.0, 1.0)
    return x + trial.suggest_float("y", 1e-3, 1.0, log=True)


def _study(*seeds: int, n_trials: int) -> optuna.Study:
    study = optuna.create_study()
    for k in range(n_trials):
        study.sampler = RandomByNumber(seeds[k % len(seeds)])
        study.optimize(_objective, n_trials=1)
    return study


def test_a_new_sampler_goes_on_where_another_stopped() -> None:
    study = optuna.create_study(sampler=RandomByNumber(1))
    study.optimize(_objective, n_trials=8)
    again = _study(1, n_trials=8)
    assert [trial.params for trial in study.trials] == [trial.params for trial in again.trials]
    other = _study(2, n_trials=8)
    assert study.trials[0].params != other.trials[0].params


def test_the_draws_look_like_independent_ones() -> None:
    trials = _study(0, n_trials=150)
    assert len({trial.params["x"] for trial in trials.trials}) == 150
    table = optuna.create_study()  # whose sampler says nothing of who drew them
    table.add_trials(trials.trials)
    assert sampling_of(table, optuna.samplers.RandomSampler()).kind == "independent"
    assert not sampling_of(table).repeated.any()
