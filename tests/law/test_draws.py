"""Which trials are independent draws, and what those that brought nothing count as."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    NSGAIIISampler,
    NSGAIISampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.trial import FrozenTrial, create_trial

from optuna_hpx import (
    AsymptoticLaw,
    HsicSampler,
    InterleavedSampler,
    TrialTable,
    tuning_curve_band,
)
from optuna_hpx.law._draws import draws


def _bowl(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", -1, 1) ** 2 + trial.suggest_float("y", -1, 1) ** 2


def _study(sampler: BaseSampler | None = None, n: int = 20, **options: Any) -> optuna.Study:
    study = optuna.create_study(sampler=sampler, **options)
    study.optimize(_bowl, n_trials=n)
    return study


def _values(study: optuna.Study, numbers: range) -> list[float]:
    return [study.trials[number].value or 0.0 for number in numbers]


def test_of_a_random_sampler_all_but_enqueued_trials() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.enqueue_trial({"x": 0.0, "y": 0.0})
    study.enqueue_trial({})
    study.optimize(_bowl, n_trials=12)
    found = draws(study)
    assert found.losses.tolist() == _values(study, range(2, 12))
    assert found.left_out == {"enqueued": 2}
    assert found.best_of_all == 0.0
    assert (found.n_censored, found.direction, found.n_parameters) == (0, "minimize", 2)


@pytest.mark.parametrize("sampler", [TPESampler, HsicSampler])
@pytest.mark.parametrize("options", [{}, {"constant_liar": False}])
def test_the_startup_of_tpe(sampler: type[TPESampler], options: dict[str, bool]) -> None:
    """With the liar the chosen trials are marked, without they are known by the time only."""
    study = _study(sampler(seed=0, n_startup_trials=12, **options))
    assert draws(study).losses.tolist() == _values(study, range(12))


def test_the_startup_counts_what_tpe_counts() -> None:
    """Failed trials do not end the start-up, and enqueued ones do."""
    study = optuna.create_study(sampler=TPESampler(seed=0, n_startup_trials=8))
    for _ in range(3):
        study.enqueue_trial({"x": 0.5})

    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.number == 5:
            raise optuna.TrialPruned
        return math.nan if trial.number in (4, 6) else value

    study.optimize(objective, n_trials=20)
    assert [t.number for t in study.trials if "tpe:relative_params:0" in t.system_attrs] == [
        *range(10, 20)
    ]
    found = draws(study)
    assert found.losses.tolist() == _values(study, range(3, 4)) + _values(study, range(7, 10))
    assert found.n_censored == 3


def test_the_startup_is_decided_when_a_trial_starts() -> None:
    study = optuna.create_study(sampler=TPESampler(seed=0, n_startup_trials=4))
    early = [study.ask() for _ in range(6)]
    values = [_bowl(trial) for trial in early]
    for trial, value in zip(early, values, strict=True):
        study.tell(trial, value)
    study.optimize(_bowl, n_trials=4)
    assert draws(study).losses.tolist() == values


def _timed(start: float, end: float, **attributes: Any) -> FrozenTrial:
    trial = create_trial(
        value=start,
        params={"x": (start + 0.3 * end) / 10.0},
        distributions={"x": FloatDistribution(0, 1)},
    )
    trial.datetime_start = datetime(2026, 1, 1) + timedelta(seconds=start)
    trial.datetime_complete = datetime(2026, 1, 1) + timedelta(seconds=end)
    trial.system_attrs = attributes
    return trial


@pytest.mark.parametrize("sampler", [TPESampler, GPSampler])
def test_the_startup_by_hand(sampler: type[TPESampler]) -> None:
    study = optuna.create_study(sampler=sampler(n_startup_trials=2))
    study.add_trials([_timed(1, 2), _timed(1, 9), _timed(3, 4), _timed(4, 5), _timed(3.9, 6)])
    found = draws(study, study.sampler)
    assert found.losses.tolist() == [1.0, 3.0, 3.9, 1.0]  # in the order in which they ended
    assert found.left_out == {f"after the start-up trials of {sampler.__name__}": 1}


def test_trials_added_by_hand_are_no_startup() -> None:
    study = optuna.create_study(sampler=TPESampler())
    for x in (0.1, 0.2, 0.3):
        study.add_trial(
            create_trial(value=x, params={"x": x}, distributions={"x": FloatDistribution(0, 1)})
        )
    assert len(draws(study, TPESampler())) == 0
    assert len(draws(study)) == 3, "if nobody says what drew them"
    assert draws(study).is_assumed
    study.sampler = RandomSampler()
    assert len(draws(study)) == 3


def test_the_startup_of_a_gaussian_process_may_be_no_random_one() -> None:
    study = optuna.create_study(sampler=GPSampler(independent_sampler=QMCSampler()))
    study.add_trials([_timed(1, 2), _timed(2, 3)])
    assert len(draws(study)) == 0


_GRID = {"x": [-1.0, 0.0, 0.5, 1.0], "y": [-1.0, 0.0, 0.5, 1.0]}


@pytest.mark.parametrize(
    "sampler",
    [
        lambda: QMCSampler(seed=0),
        lambda: GridSampler(_GRID, seed=0),
        lambda: CmaEsSampler(seed=0, n_startup_trials=5),
        lambda: PartialFixedSampler({"x": 0.5}, RandomSampler(seed=0)),
    ],
)
def test_no_trial_of_these_is_a_draw(sampler: Callable[[], BaseSampler]) -> None:
    study = _study(sampler(), 15)
    found = draws(study)
    assert len(found) == 0
    assert sum(found.left_out.values()) == 15


@pytest.mark.parametrize("sampler", [NSGAIISampler, NSGAIIISampler])
def test_the_first_generation_of_a_genetic_sampler_is_drawn(sampler: Any) -> None:
    study = _study(sampler(seed=0, population_size=4), 15)
    found = draws(study)
    assert found.losses.tolist() == _values(study, range(4))
    assert sum(found.left_out.values()) == 11


def test_no_trial_of_brute_force_is_a_draw() -> None:
    study = optuna.create_study(sampler=BruteForceSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_int("n", 1, 12), n_trials=12)
    assert len(draws(study)) == 0


@pytest.mark.parametrize(
    "sampler", [CmaEsSampler(seed=0), NSGAIISampler(seed=0, population_size=4), TPESampler(seed=0)]
)
def test_marks_tell_chosen_trials_under_another_sampler(sampler: BaseSampler) -> None:
    study = _study(sampler, 20)
    study.sampler = RandomSampler(seed=1)
    study.optimize(_bowl, n_trials=5)
    found = draws(study).losses.tolist()
    assert found[-5:] == _values(study, range(20, 25))
    assert len(found) <= 15


@pytest.mark.parametrize("now", [None, RandomSampler(), CmaEsSampler(), QMCSampler()])
def test_interleaved_trials_are_draws_whatever_the_sampler_is_now(now: BaseSampler | None) -> None:
    study = optuna.create_study(
        sampler=InterleavedSampler(TPESampler(seed=0, n_startup_trials=0), every=3, seed=0)
    )
    study.enqueue_trial({"x": 0.5})
    study.enqueue_trial({"x": 0.5})
    study.enqueue_trial({"x": 0.5})  # number 2 is marked, but is not random
    study.optimize(_bowl, n_trials=15)
    study = optuna.load_study(study_name=study.study_name, storage=study._storage, sampler=now)
    found = draws(study).losses.tolist()
    assert set(_values(study, range(5, 15, 3))) <= set(found)
    assert study.trials[2].value not in found
    if not isinstance(now, RandomSampler):  # which has to answer for what bears no mark
        assert len(found) == 4


def test_fixed_parameters_around_an_interleaved_sampler() -> None:
    inner = InterleavedSampler(TPESampler(seed=0, n_startup_trials=0), every=2, seed=0)
    study = _study(PartialFixedSampler({"x": 0.25}, inner), 12)
    assert {trial.params["x"] for trial in study.trials} == {0.25}
    assert draws(study).losses.tolist() == _values(study, range(1, 12, 2))


def test_a_sampler_within_is_the_one_that_counts() -> None:
    nested = InterleavedSampler(InterleavedSampler(RandomSampler(seed=0)))
    assert len(draws(_study(nested))) == 20
    assert len(draws(_study(InterleavedSampler(TPESampler(seed=0, n_startup_trials=6))))) == 10


def test_a_study_loaded_anew_says_what_to_do() -> None:
    study = _study(RandomSampler(seed=1), 40)
    again = optuna.load_study(study_name=study.study_name, storage=study._storage)
    law = AsymptoticLaw.fit_study(again)
    assert law.n_trials == 40
    assert law.warnings[0].startswith("What drew these trials is not known")
    assert "holds only if they are independent random draws" in repr(law)
    band = tuning_curve_band(again)
    assert (band.n_trials, band.warnings) == (40, tuple(law.warnings[:1]))
    told = AsymptoticLaw.fit_study(again, sampler=RandomSampler())
    assert told.n_trials == 40
    assert not told.warnings
    assert "holds only if" not in repr(told)
    again.sampler = QMCSampler()
    with pytest.raises(ValueError, match=r"40 of a quasi-random.*`sampler=RandomSampler\(\)`"):
        AsymptoticLaw.fit_study(again)


def test_trials_left_out_without_a_mark_are_warned_of() -> None:
    study = _study(RandomSampler(seed=0), 40)
    (warning,) = draws(study, TPESampler(n_startup_trials=25)).warnings
    assert warning.startswith("15 trials were left out by their place in the study alone.")
    assert draws(_study(TPESampler(seed=0))).warnings == ()


def test_a_table_of_a_study_knows_its_sampler() -> None:
    assert len(draws(TrialTable.from_study(_study(RandomSampler(seed=1))))) == 20
    frame = TrialTable.from_study(_study(RandomSampler(seed=1))).to_frame()
    assert len(draws(TrialTable.from_frame(frame, value="value"))) == 20


def test_rows_of_a_frame_are_draws_with_a_warning_where_they_cannot_show_it() -> None:
    frame = TrialTable.of(_study(RandomSampler(seed=1))).to_frame().drop(columns="origin")
    found = draws(TrialTable.from_frame(frame, value="value"))
    assert len(found) == 20
    assert found.warnings[0].startswith("What drew these trials is not known")


def test_rows_that_a_sampler_chose_are_no_draws() -> None:
    study = _study(TPESampler(seed=0), 100)
    frame = TrialTable.of(study).to_frame().drop(columns="origin")
    found = draws(TrialTable.from_frame(frame, value="value"))
    assert len(found) == 0
    assert list(found.left_out) == [
        "in an order, at places or in combinations that random draws do not have"
    ]


def test_a_trial_that_was_tried_again_is_one_draw() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=1))
    lost = study.ask({"x": FloatDistribution(0, 1)})
    study.tell(lost, state=optuna.trial.TrialState.FAIL)
    again = _timed(1, 2, failed_trial=0, retry_history=[0])
    study.add_trial(again)
    found = draws(study)
    assert (len(found.losses), found.n_censored) == (1, 0)
    assert found.left_out == {"lost, and tried again in another trial": 1}


def test_trials_that_brought_nothing_are_censored() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.number == 0:
            raise ValueError
        if trial.number == 1:
            trial.report(value, 0)
            raise optuna.TrialPruned
        trial.set_constraint("c", 1.0 if trial.number == 2 else -1.0)
        return {3: math.inf, 4: math.nan, 5: -math.inf}.get(trial.number, value)

    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(objective, n_trials=5, catch=(ValueError,))
    study.ask()  # stays RUNNING
    study.enqueue_trial({"x": 0.0})  # stays WAITING
    found = draws(study)
    assert (found.losses.size, found.n_censored, len(found)) == (0, 5, 5)
    assert found.best_of_all == math.inf
    assert "1 pruned draws" in found.warnings[0]


def test_the_worst_of_a_maximised_objective_is_censored_too() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0), direction="maximize")
    study.optimize(lambda t: -math.inf if t.number else t.suggest_float("x", 0, 1), n_trials=2)
    found = draws(study)
    assert found.losses.tolist() == [-(study.trials[0].value or 0.0)]
    assert (found.n_censored, found.direction) == (1, "maximize")


@pytest.mark.parametrize("sampler", [RandomSampler(seed=0), TPESampler(n_startup_trials=0)])
def test_an_infinitely_good_score_is_refused(sampler: BaseSampler) -> None:
    """Also in a trial that is no draw: it would be the best of all."""
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda t: -math.inf if t.number == 3 else _bowl(t), n_trials=5)
    with pytest.raises(ValueError, match="Trial 3 has an infinitely good score"):
        draws(study)


def test_several_objectives_need_a_target() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=RandomSampler(seed=0))
    study.optimize(lambda t: (_bowl(t), t.suggest_float("z", 0, 1)), n_trials=4)
    with pytest.raises(ValueError, match="2 objectives: say with `target`"):
        draws(study)
    found = draws(study, target=lambda t: t.values[1], target_direction="maximize")
    assert found.losses.tolist() == [-t.values[1] for t in study.trials]
    assert found.direction == "maximize"


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_a_target_that_is_not_known_is_censored(unknown: float | None) -> None:
    study = _study(RandomSampler(seed=0), 5)
    found = draws(study, target=lambda t: unknown if t.number == 2 else t.number)  # type: ignore
    assert found.losses.tolist() == [0, 1, 3, 4]
    assert (found.n_censored, found.best_of_all) == (1, 0.0)


def test_all_rows_of_a_data_frame_are_draws() -> None:
    frame = pd.DataFrame({"params_x": [0.1, 0.2, 0.3], "value": [3.0, np.nan, 1.0]})
    found = draws(TrialTable.from_frame(frame, value="value"))
    assert (found.losses.tolist(), found.n_censored) == ([3.0, 1.0], 1)


def test_parameters_that_vary_are_counted() -> None:
    def objective(trial: optuna.Trial) -> float:
        if trial.number == 9:
            trial.suggest_float("late", 0, 1)
        trial.suggest_categorical("one", ["a"])
        trial.suggest_float("fixed", 1, 1)
        return trial.suggest_float("x", 0, 1) + trial.suggest_int("n", 0, 3)

    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(objective, n_trials=10)
    assert draws(study).n_parameters == 3
    assert draws(study, n_draws=9).n_parameters == 2


def _shuffled_study(n: int) -> tuple[optuna.Study, list[int]]:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    distributions: dict[str, Any] = {
        "x": FloatDistribution(0, 1),
        "k": CategoricalDistribution(["a", "b"]),
    }
    trials = [study.ask(distributions) for _ in range(n)]
    order = list(range(n))
    random.Random(0).shuffle(order)
    for number in order:
        study.tell(trials[number], float(number))
    return study, order


def test_the_first_draws_are_those_that_finished_first() -> None:
    study, order = _shuffled_study(20)
    found = draws(study, n_draws=7)
    assert found.losses.tolist() == order[:7]
    assert found.best_of_all == min(order[:7])
    assert draws(study, n_draws=99).losses.tolist() == order


def test_the_study_as_it_was_when_so_many_draws_had_finished() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(_bowl, n_trials=3)
    study.enqueue_trial({"x": 0.1, "y": 0.0})
    study.optimize(_bowl, n_trials=3)
    study.enqueue_trial({"x": 0.0, "y": 0.0})
    study.optimize(_bowl, n_trials=3)
    then = draws(study, n_draws=5)
    assert then.left_out == {"enqueued": 1}
    assert then.best_of_all == min(_values(study, range(6)))
    assert draws(study).best_of_all == 0.0


def test_an_empty_study() -> None:
    found = draws(optuna.create_study())
    assert (len(found), found.left_out, found.in_words) == (0, {}, "")
    assert len(draws(optuna.create_study(), n_draws=5)) == 0


def test_a_bad_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="`target_direction` must be one of"):
        draws(optuna.create_study(), target_direction="up")
