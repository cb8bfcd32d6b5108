"""Each sampler of Optuna that chooses leaves a mark that we know; random draws bear none."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import optuna
import pytest
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GridSampler,
    NSGAIIISampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.storages import RetryHeartbeatStaleTrialCallback

from optuna_hpx import HsicSampler
from optuna_hpx.trials import marks


def _study(sampler: BaseSampler, n: int = 14) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)
    study.optimize(
        lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1), n_trials=n
    )
    return study


@pytest.mark.parametrize(
    "make",
    [
        lambda: TPESampler(n_startup_trials=3, multivariate=True, seed=0),
        lambda: TPESampler(n_startup_trials=3, seed=0),
        lambda: HsicSampler(n_startup_trials=3, seed=0),
        lambda: NSGAIISampler(population_size=4, seed=0),
        lambda: NSGAIIISampler(population_size=4, seed=0),
        lambda: CmaEsSampler(n_startup_trials=3, seed=0),
    ],
)
def test_what_a_sampler_chose_is_marked(make: Callable[[], BaseSampler]) -> None:
    last = _study(make()).trials[-1]
    assert marks.is_chosen(last.system_attrs)
    assert not marks.is_enqueued(last.system_attrs)


def test_enqueued_parameters_are_read() -> None:
    study = optuna.create_study()
    study.enqueue_trial({"x": 0.5})
    study.ask()
    study.ask()
    first, second = study.get_trials(deepcopy=False)
    assert marks.enqueued_params(first.system_attrs) == {"x": 0.5}
    assert marks.enqueued_params(second.system_attrs) == {}


def test_every_trial_that_a_gaussian_process_chose_is_marked() -> None:
    study = _study(HsicSampler(constant_liar=False, seed=0), 24)
    assert [marks.is_chosen(t.system_attrs) for t in study.trials[10:] if t.number % 4] == [
        True
    ] * 11


def test_a_point_of_a_grid_is_marked() -> None:
    grid = GridSampler({"x": [0.0, 0.3, 0.6, 0.9], "y": [0.0, 0.25, 0.5, 0.75]})
    trials = _study(grid).trials + _study(RandomSampler(seed=0)).trials
    assert [marks.is_even(trial.system_attrs) for trial in trials] == [True] * 14 + [False] * 14


def test_the_first_generation_is_drawn_at_random() -> None:
    trials = _study(NSGAIISampler(population_size=4, seed=0)).trials
    first = [marks.is_first_generation(trial.system_attrs) for trial in trials]
    assert first == [True] * 4 + [False] * 10
    assert [marks.is_chosen(trial.system_attrs) for trial in trials] == [not one for one in first]
    around_a_point = _study(CmaEsSampler(n_startup_trials=3, seed=0)).trials
    assert not any(marks.is_first_generation(trial.system_attrs) for trial in around_a_point)


def test_a_retry_knows_what_it_is_another_attempt_at() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        retry = RetryHeartbeatStaleTrialCallback()
    for number in range(2):
        trial = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
        retry(study, study.trials[number])
    assert marks.retried_numbers(study.trials[2].system_attrs) == [0, 1]
    assert marks.retried_numbers({"retry_history": "junk"}) == []


def test_what_was_drawn_at_random_is_not() -> None:
    startup = _study(TPESampler(n_startup_trials=14, multivariate=True, seed=0)).trials
    random = _study(RandomSampler(seed=0)).trials
    assert not any(marks.is_chosen(trial.system_attrs) for trial in random + startup)


def test_an_enqueued_trial_is_marked() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    assert [marks.is_enqueued(trial.system_attrs) for trial in study.trials] == [True, False]


def test_a_sequence_goes_on_where_it_is_told_to() -> None:
    """The point of an index is the same, drawn in turn or in a study of its own."""
    points = [trial.params for trial in _study(QMCSampler(seed=0), 9).trials]
    study = _study(QMCSampler(seed=0), 3)
    assert marks.advance_sequence(study, 7)
    study.optimize(
        lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1), n_trials=1
    )
    assert study.trials[-1].params in points[6:]
    assert not marks.advance_sequence(_study(RandomSampler(seed=0)), 7)


def test_constraints_have_a_key_each_or_one_for_all() -> None:
    study = optuna.create_study()

    def objective(trial: optuna.Trial) -> float:
        trial.set_constraint("memory", 2.5)
        trial.set_constraint("time", -1.0)
        return 0.0

    study.optimize(objective, n_trials=1)
    assert sorted(marks.constraints_of(study.trials[0].system_attrs)) == [-1.0, 2.5]
    assert marks.constraints_of({"constraints": [1, None, -2.0], "constraints_of": 3}) == [
        1.0,
        -2.0,
    ]
    assert marks.constraints_of({}) == []
