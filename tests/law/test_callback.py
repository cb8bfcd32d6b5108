"""AsymptoticLawCallback in one process: when it looks, what it decides, what it survives."""

from __future__ import annotations

import copy
import logging
import math
import pickle
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    PartialFixedSampler,
    RandomSampler,
    TPESampler,
)
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import (
    AsymptoticLaw,
    AsymptoticLawCallback,
    HypervolumeOutlook,
    InterleavedSampler,
    TuningCurveBand,
    tuning_curve_band,
)
from optuna_hpx.law import _look
from optuna_hpx.law._draws import Draws
from optuna_hpx.law._settings import LawSettings
from optuna_hpx.law.maths.reference_point import default_reference_point

SPACE = {"x": FloatDistribution(-1, 1), "y": FloatDistribution(-1, 1)}


def _bowl(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", -1, 1) ** 2 + trial.suggest_float("y", -1, 1) ** 2


def _study(sampler: BaseSampler | None = None, **options: Any) -> optuna.Study:
    return optuna.create_study(sampler=sampler or RandomSampler(seed=0), **options)


def _add(study: optuna.Study, n: int) -> FrozenTrial:
    for _ in range(n):
        trial = study.ask(SPACE)
        last = study.tell(trial, sum(x**2 for x in trial.params.values()))
    return last


@pytest.fixture
def said() -> Iterator[list[logging.LogRecord]]:
    """What the package logs."""
    lines: list[logging.LogRecord] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record)

    handler, logger = Lines(), logging.getLogger("optuna.hpx")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


class _Law:
    """A law that costs nothing, and stands for what a test wants it to say."""

    describes = True
    best = best_of_all = 0.5

    def __init__(self, n_trials: int, spy: _Spy) -> None:
        self.n_trials, self._spy = n_trials, spy

    def gain_bound(self, n_more: int, *, confidence: float) -> float:
        self._spy.asked.append((n_more, confidence))
        return self._spy.bound

    @property
    def band(self) -> TuningCurveBand:
        return tuning_curve_band(0.5 + np.arange(25.0))

    def regret_bound(self, best: float, *, confidence: float) -> float:
        self._spy.asked.append((best, confidence))
        return self._spy.bound


class _Spy:
    """Stands for AsymptoticLaw in the callback; notes its looks."""

    def __init__(self) -> None:
        self.looks: list[int] = []
        self.asked: list[tuple[float, float]] = []
        self.bound = math.inf
        self.law: type[_Law] = _Law
        self.during: Callable[[int], None] = lambda n: None

    def of_draws(self, sample: Draws, settings: LawSettings) -> _Law:
        self.looks.append(len(sample))
        self.during(len(sample))
        return self.law(len(sample), self)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> _Spy:
    spy = _Spy()
    monkeypatch.setattr(_look, "AsymptoticLaw", spy)
    # Whatever the draws tell, a stop hangs on the law.
    monkeypatch.setattr(_look.ScoreLook, "_goes_on_anyway", False)
    return spy


def _in_time(work: Callable[[], None]) -> None:
    """Run it, and fail if it does not end."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60.0)
    assert not thread.is_alive(), "deadlock"
    if errors:
        raise errors[0]


# When it looks


def test_it_looks_at_so_many_draws_and_a_quarter_more_each_time(spy: _Spy) -> None:
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study = _study()
    for _ in range(3):
        study.enqueue_trial({"x": 0.0})  # no draws
    study.optimize(_bowl, n_trials=22, callbacks=[callback])
    assert callback.law is None
    assert "16 of the 20 independent draws that the first law needs." in callback.reason
    study.optimize(_bowl, n_trials=40, callbacks=[callback])
    assert spy.looks == [20, 25, 32, 40, 49]
    assert callback.outlook is callback.law
    assert callback.reason.startswith("50 more random trials improve the best score 0.5 with")


def test_in_between_the_storage_is_left_alone(monkeypatch: pytest.MonkeyPatch, spy: _Spy) -> None:
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20)
    calls: list[str] = []
    for name in ("get_all_trials", "get_study_system_attrs", "get_trial", "get_n_trials"):
        original = getattr(study._storage, name)

        def counted(*args: Any, _name: str = name, _of: Any = original, **options: Any) -> Any:
            calls.append(_name)
            return _of(*args, **options)

        monkeypatch.setattr(study._storage, name, counted)
    counts = []
    for _ in range(60):
        trial = _add(study, 1)
        calls.clear()
        callback(study, trial)
        counts.append(len(calls))
    looks = [8, 10, 13, 16, 20, 25, 32, 40, 49]
    assert [number + 1 for number, count in enumerate(counts) if count] == looks
    assert spy.looks == [], "nobody asked for a law"


def test_the_law_is_that_of_the_draws() -> None:
    study = _study(direction="maximize")
    callback = AsymptoticLawCallback(min_trials=20, max_dimension=2)
    study.optimize(lambda trial: -_bowl(trial), n_trials=24, callbacks=[callback])
    values = [trial.value or 0.0 for trial in study.trials]
    law = AsymptoticLaw.fit(values[:20], direction="maximize", max_dimension=2)
    assert callback.law is not None
    assert callback.law.n_trials == 20
    assert callback.law.best_possible == law.best_possible
    assert callback.law.interval("best_possible") == law.interval("best_possible")


def test_the_same_law_whichever_worker_asks() -> None:
    """Two Study objects on one storage, asked at different times; trials end out of order."""
    study = _study()
    other = optuna.load_study(
        study_name=study.study_name, storage=study._storage, sampler=RandomSampler()
    )
    trials = [study.ask(SPACE) for _ in range(30)]
    random.Random(0).shuffle(trials)
    values = {t.number: sum(x**2 for x in t.params.values()) for t in trials}
    here, there = (AsymptoticLawCallback(min_trials=20, max_dimension=2) for _ in range(2))
    for k, trial in enumerate(trials[:24]):
        study.tell(trial, values[trial.number])
        if k == 20:
            assert not here.should_stop(study)
    assert not there.should_stop(other)
    assert here.law is not None
    assert there.law is not None
    assert here.law.interval("best_possible") == there.law.interval("best_possible")
    first = AsymptoticLaw.fit([values[t.number] for t in trials[:20]], max_dimension=2)
    assert here.law.interval("best_possible") == first.interval("best_possible")
    by_number = AsymptoticLaw.fit([values[number] for number in sorted(values)][:20])
    assert by_number.best_possible != first.best_possible


def test_resumed_it_looks_once_and_comes_to_the_same(spy: _Spy) -> None:
    spy.bound = 1.0
    study = _study()
    always = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study.optimize(_bowl, n_trials=45, callbacks=[always])
    last = spy.asked[-1]
    assert spy.looks == [20, 25, 32, 40]
    spy.looks.clear()
    late = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study = optuna.load_study(
        study_name=study.study_name, storage=study._storage, sampler=RandomSampler()
    )
    study.optimize(_bowl, n_trials=1, callbacks=[late])
    assert spy.looks == [40]
    assert spy.asked[-1] == last
    study.optimize(_bowl, n_trials=6, callbacks=[late])
    assert spy.looks == [40, 49]


def test_one_callback_for_several_studies(spy: _Spy) -> None:
    spy.bound = 0.0
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
    for _ in range(2):
        study = _study()
        study.optimize(_bowl, n_trials=40, callbacks=[callback])
        assert len(study.trials) == 20


# When it stops


def test_it_stops_a_random_search_when_nothing_is_to_be_gained(
    spy: _Spy, said: list[logging.LogRecord]
) -> None:
    spy.bound = 0.1
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1, horizon=70)
    study = _study()
    study.optimize(_bowl, n_trials=99, callbacks=[callback])
    assert len(study.trials) == 20
    assert spy.asked == [(70, 0.9)]
    assert callback.reason == (
        "70 more random trials improve the best score 0.5 by at most 0.1, with 90 % confidence."
    )
    assert [line.getMessage() for line in said] == [f"The study is stopped. {callback.reason}"]


def test_each_look_at_the_best_possible_score_spends_half_of_the_error(spy: _Spy) -> None:
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1, confidence=0.8, interleave=2, seed=0)
    study = _study(CmaEsSampler(seed=0))
    study.optimize(_bowl, n_trials=200, callbacks=[callback])
    spent = [1.0 - confidence for _, confidence in spy.asked]
    assert spent == pytest.approx([0.2 / 2] * len(spent))
    assert len(spent) > 5


@pytest.mark.parametrize("interleave", [None, 2])
def test_under_another_sampler_it_asks_how_far_the_best_of_all_is(
    spy: _Spy, interleave: int | None
) -> None:
    spy.bound = 0.1
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1, interleave=interleave)
    study = _study(TPESampler(seed=0, n_startup_trials=20))
    study.optimize(_bowl, n_trials=60, callbacks=[callback])
    assert spy.asked == [(0.5, pytest.approx(0.95))]
    assert callback.reason.startswith("The best possible score is better than the best one, 0.5")


def test_it_does_not_stop_without_being_asked(spy: _Spy) -> None:
    spy.bound = 0.0
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20)
    study.optimize(_bowl, n_trials=30, callbacks=[callback])
    assert len(study.trials) == 30
    assert callback.reason == (
        "50 more random trials improve the best score 0.5 by at most 0, with 90 % confidence."
    )


@pytest.mark.parametrize("is_random", [True, False])
def test_it_does_not_stop_what_the_law_does_not_describe(spy: _Spy, is_random: bool) -> None:
    class Misfit(_Law):
        describes = False

    spy.bound, spy.law = 0.0, Misfit
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study = _study() if is_random else _study(TPESampler(seed=0, n_startup_trials=25))
    study.optimize(_bowl, n_trials=30, callbacks=[callback])
    assert len(study.trials) == 30
    assert callback.law is not None
    assert callback.reason == (
        "50 more random trials improve the best score 0.5 by at most 0, with 90 % confidence."
        if is_random
        else "50 more random trials beat the best random one, 0.5, with probability 67\xa0%. How "
        "good the sampler can get cannot be told."
    )


# Before there is a law


def test_from_the_eighth_draw_on_it_says_what_is_to_be_gained() -> None:
    callback = AsymptoticLawCallback()
    study = _study()
    study.optimize(_bowl, n_trials=7, callbacks=[callback])
    assert callback.outlook is None
    study.optimize(_bowl, n_trials=1, callbacks=[callback])
    band = tuning_curve_band(study)
    assert isinstance(callback.outlook, TuningCurveBand)
    assert callback.outlook.to_dict() == band.to_dict()
    bound = band.gain_bound(50, confidence=0.9)
    assert callback.reason == (
        f"50 more random trials improve the best score {study.best_value:.6g} by at most "
        f"{bound:.3g}, with 90 % confidence. 8 of the 30 independent draws that the first law "
        "needs."
    )
    study.optimize(_bowl, n_trials=8, callbacks=[callback])
    assert callback.outlook.n_trials == 16
    assert callback.law is None


def test_interleaved_draws_say_something_within_thirty_trials() -> None:
    callback = AsymptoticLawCallback(interleave=4, seed=0, stop=0.1)
    study = _study(TPESampler(seed=0))
    study.optimize(_bowl, n_trials=30, callbacks=[callback])
    assert isinstance(callback.outlook, TuningCurveBand)
    assert callback.outlook.n_trials == 13
    assert callback.reason.startswith("50 more random trials beat the best random one, ")
    # The best is a random one that the sampler's trials do not beat, and so a lucky one.
    assert "with probability at most 79\xa0%. How good the sampler can get" in callback.reason


@pytest.mark.parametrize("min_trials", [8, 30])
def test_so_few_draws_that_they_have_no_law_stop_nothing(min_trials: int) -> None:
    callback = AsymptoticLawCallback(min_trials=min_trials, stop=100.0, max_dimension=2)
    study = _study()
    study.optimize(_bowl, n_trials=40, callbacks=[callback])
    assert len(study.trials) == {8: 20, 30: 30}[min_trials]
    assert callback.law is not None


def test_few_draws_without_a_law_are_no_warning(said: list[logging.LogRecord]) -> None:
    callback = AsymptoticLawCallback(min_trials=8)
    study = _study()
    study.optimize(_bowl, n_trials=12, callbacks=[callback])
    assert isinstance(callback.outlook, TuningCurveBand)
    assert callback.reason.startswith(
        "No law: The law needs at least 20 complete independent random draws; there are 10. "
        "50 more random trials improve"
    )
    assert not said


def test_bounds_hold_for_what_is_said_without_a_law() -> None:
    callback = AsymptoticLawCallback(bounds=(0.0, None))
    study = _study()
    study.optimize(_bowl, n_trials=8, callbacks=[callback])
    assert callback.outlook is not None
    assert callback.outlook.gain_bound(10**6, confidence=0.999) <= study.best_value


def test_a_real_study_is_stopped_and_another_is_not() -> None:
    def n_trials(stop: float) -> int:
        study = _study()
        callback = AsymptoticLawCallback(min_trials=20, stop=stop, max_dimension=2)
        study.optimize(_bowl, n_trials=26, callbacks=[callback])
        return len(study.trials)

    assert n_trials(stop=10.0) == 20
    assert n_trials(stop=1e-9) == 26


def test_a_loop_of_ask_and_tell() -> None:
    """Study.stop would raise there."""
    callback = AsymptoticLawCallback(min_trials=20, stop=10.0, max_dimension=2)
    study = _study()
    while not callback.should_stop(study):
        assert len(study.trials) < 25
        _add(study, 1)
    assert len(study.trials) == 20
    assert callback.should_stop(study)


def test_a_verdict_stands_for_whoever_asks_the_same(spy: _Spy) -> None:
    spy.bound = 0.0
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study.optimize(_bowl, n_trials=99, callbacks=[callback])
    study.optimize(_bowl, n_trials=99, callbacks=[callback])  # the same once more
    assert len(study.trials) == 21
    new = AsymptoticLawCallback(min_trials=50, stop=0.1)
    study.optimize(_bowl, n_trials=99, callbacks=[new])
    assert len(study.trials) == 22
    assert new.reason == callback.reason
    assert spy.looks == [20]


@pytest.mark.parametrize("more", [{"stop": 0.01}, {"horizon": 500}, {"confidence": 0.99}])
def test_who_asks_for_more_goes_on(spy: _Spy, more: dict[str, float]) -> None:
    spy.bound = 0.0
    study = _study()
    study.optimize(_bowl, n_trials=99, callbacks=[AsymptoticLawCallback(min_trials=20, stop=0.1)])
    assert len(study.trials) == 20
    spy.bound = 1.0
    further = AsymptoticLawCallback(min_trials=20, **{"stop": 0.1, **more})
    study.optimize(_bowl, n_trials=15, callbacks=[further])
    assert len(study.trials) == 35


# Threads


def test_a_trial_that_ends_during_a_look_is_not_overlooked(spy: _Spy) -> None:
    """The thread that ends it does not wait; the one that looks, looks once more."""
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)

    def during(n_draws: int) -> None:
        if n_draws == 20:
            last = _add(study, 5)
            _in_time(lambda: callback(study, last))
            assert spy.looks == [20]

    spy.during = during
    _in_time(lambda: callback(study, _add(study, 20)))
    assert spy.looks == [20, 25]


@pytest.mark.parametrize("n_jobs", [2, 4])
def test_no_look_is_lost_with_several_threads(spy: _Spy, n_jobs: int) -> None:
    for _ in range(8):
        callback = AsymptoticLawCallback(min_trials=20)
        study = _study()
        _in_time(
            lambda: study.optimize(_bowl, n_trials=25, n_jobs=n_jobs, callbacks=[callback])  # noqa: B023
        )
        assert callback.law is not None
        assert callback.law.n_trials == 25
        assert len(spy.looks) == len(set(spy.looks))
        spy.looks.clear()


def test_no_stop_is_lost_with_several_threads(spy: _Spy) -> None:
    spy.bound = 0.0
    for _ in range(8):
        callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
        study = _study()
        _in_time(lambda: study.optimize(_bowl, n_trials=300, n_jobs=4, callbacks=[callback]))  # noqa: B023
        assert 20 <= len(study.trials) < 200  # a slow machine runs some during the look
        assert all(trial.state.is_finished() for trial in study.trials)
        assert len(spy.looks) == 1
        spy.looks.clear()


def test_real_looks_with_several_threads() -> None:
    callback = AsymptoticLawCallback(min_trials=20, max_dimension=2, interleave=2, seed=0)
    study = _study(TPESampler(seed=0))
    _in_time(lambda: study.optimize(_bowl, n_trials=60, n_jobs=4, callbacks=[callback]))
    assert callback.law is not None
    assert callback.law.n_trials >= 25


# interleave


@pytest.mark.parametrize("n_jobs", [1, 4])
def test_interleaving_is_installed_once(spy: _Spy, n_jobs: int) -> None:
    inner = TPESampler(seed=0)
    study = _study(inner)
    for _ in range(2):
        callback = AsymptoticLawCallback(min_trials=20, interleave=3, seed=0)
        study.optimize(_bowl, n_trials=30, n_jobs=n_jobs, callbacks=[callback])
    assert isinstance(study.sampler, InterleavedSampler)
    assert study.sampler.sampler is inner


def test_a_sampler_that_is_interleaved_stays(spy: _Spy) -> None:
    sampler = InterleavedSampler(TPESampler(seed=0), every=2)
    study = _study(sampler)
    AsymptoticLawCallback(interleave=5).should_stop(study)
    assert study.sampler is sampler


@pytest.mark.parametrize(
    "sampler",
    [
        lambda: TPESampler(seed=0, n_startup_trials=5),
        lambda: CmaEsSampler(seed=0),
        pytest.param(lambda: GPSampler(seed=0, n_startup_trials=38), id="gp"),
    ],
)
def test_interleaved_draws_bring_a_law(spy: _Spy, sampler: Callable[[], BaseSampler]) -> None:
    if isinstance(sampler(), GPSampler):
        pytest.importorskip("torch")

    def trials() -> list[dict[str, Any]]:
        study = _study(sampler())
        callback = AsymptoticLawCallback(min_trials=20, interleave=2, seed=1)
        study.optimize(_bowl, n_trials=42, callbacks=[callback])
        assert isinstance(callback.law, _Law)
        return [trial.params for trial in study.trials]

    assert trials() == trials()


def test_a_sampler_that_cannot_be_interleaved_is_refused_at_once() -> None:
    study = _study(PartialFixedSampler({"x": 0.5}, RandomSampler()))
    callback = AsymptoticLawCallback(interleave=4)
    with pytest.raises(ValueError, match="put the PartialFixedSampler around"):
        study.optimize(_bowl, n_trials=5, callbacks=[callback])
    assert len(study.trials) == 1


# What goes wrong


def test_no_draws_to_come_is_said_once(spy: _Spy, said: list[logging.LogRecord]) -> None:
    study = _study(TPESampler(seed=0, n_startup_trials=5))
    callback = AsymptoticLawCallback(min_trials=20)
    study.optimize(_bowl, n_trials=70, callbacks=[callback])
    assert [line.levelname for line in said] == ["WARNING"]
    assert "5 of the 20 independent draws" in callback.reason
    assert "AsymptoticLawCallback(interleave=4)" in callback.reason
    assert spy.looks == []


@pytest.mark.parametrize("error", [ValueError("odd"), np.linalg.LinAlgError("odd"), KeyError("k")])
def test_a_fit_that_fails_does_not_end_the_study(
    spy: _Spy, said: list[logging.LogRecord], error: Exception
) -> None:
    def during(n_draws: int) -> None:
        if n_draws <= 25:
            raise error

    spy.during = during
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study.optimize(_bowl, n_trials=30, callbacks=[callback])
    assert spy.looks == [20, 25]
    assert callback.reason.startswith(f"No law of 25 draws: {error} 50 more random trials improve")
    assert callback.law is None
    assert isinstance(callback.outlook, TuningCurveBand)
    assert callback.outlook.n_trials == 25
    assert [line.levelname for line in said] == ["WARNING", "WARNING"]
    assert all(str(error) in line.getMessage() for line in said)
    study.optimize(_bowl, n_trials=2, callbacks=[callback])
    assert callback.law is not None
    assert callback.reason.startswith("50 more random trials improve")


def test_an_odd_target_does_not_end_the_study(said: list[logging.LogRecord]) -> None:
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20, target=lambda t: t.user_attrs["missing"])
    study.optimize(_bowl, n_trials=60, callbacks=[callback])
    assert "missing" in callback.reason
    assert len(said) == 9  # not at each trial
    assert said[0].exc_info is not None


def test_all_trials_alike_or_failed_bring_no_law(said: list[logging.LogRecord]) -> None:
    lacking = {1.0: "different scores", math.inf: "complete independent random draws"}
    for value, needed in lacking.items():
        study = _study()
        callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
        study.optimize(lambda trial: value, n_trials=21, callbacks=[callback])  # noqa: B023
        assert callback.law is None
        assert needed in callback.reason
    assert [line.levelname for line in said] == ["WARNING", "WARNING"]


def test_an_infinitely_good_score_is_said_and_does_not_end_the_study() -> None:
    study = _study()
    callback = AsymptoticLawCallback(min_trials=20)
    study.optimize(
        lambda t: -math.inf if t.number == 7 else _bowl(t), n_trials=25, callbacks=[callback]
    )
    assert "Trial 7 has an infinitely good score" in callback.reason


def test_pruned_failed_and_infeasible_trials_count() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.number % 4 == 1:
            raise optuna.TrialPruned
        trial.set_constraint("c", float(trial.number % 4 == 2))
        return math.nan if trial.number % 8 == 3 else value

    study = _study()
    callback = AsymptoticLawCallback(min_trials=64, max_dimension=2)
    study.optimize(objective, n_trials=64, callbacks=[callback])
    assert callback.law is not None
    assert callback.law.n_trials == 64
    assert callback.law.regime_mass <= 24 / 64


def _two(trial: optuna.Trial) -> tuple[float, float]:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    return x, -((1.0 - x) ** 2) - y


_DIRECTIONS = ["minimize", "maximize"]


def test_several_objectives_are_followed_by_their_hypervolume() -> None:
    study = _study(directions=_DIRECTIONS)
    callback = AsymptoticLawCallback(min_trials=20)
    study.optimize(_two, n_trials=26, callbacks=[callback])
    assert callback.law is None
    assert isinstance(callback.outlook, HypervolumeOutlook)
    assert callback.outlook.n_trials == 25
    assert callback.reason.startswith("50 more random trials increase the hypervolume ")
    # The reference point is that of the first look, whatever came since.
    first = [[trial.values[0], -trial.values[1]] for trial in study.trials[:20]]
    expected = default_reference_point(np.array(first)) * [1.0, -1.0]
    assert callback.outlook.reference_point == pytest.approx(expected.tolist())


def test_a_gain_of_hypervolume_that_is_too_small_stops() -> None:
    study = _study(directions=_DIRECTIONS)
    point = [1.0, -2.0]
    callback = AsymptoticLawCallback(min_trials=20, stop=1.5, reference_point=point)
    study.optimize(_two, n_trials=200, callbacks=[callback])
    assert len(study.trials) == 20
    assert callback.reason.startswith("50 more random trials increase the hypervolume ")
    assert callback.reason.endswith(", with 90 % confidence.")
    # The verdict holds for the same question, and for no other point.
    again = AsymptoticLawCallback(min_trials=20, stop=1.5, reference_point=point)
    study.optimize(_two, n_trials=5, callbacks=[again])
    assert len(study.trials) == 21
    assert again.reason == callback.reason
    other = AsymptoticLawCallback(min_trials=20, stop=1e-9, reference_point=[1.0, -1.9])
    study.optimize(_two, n_trials=5, callbacks=[other])
    assert len(study.trials) == 26


def test_a_front_is_not_stopped_under_a_sampler_that_learns(
    said: list[logging.LogRecord],
) -> None:
    study = _study(directions=_DIRECTIONS)
    study.sampler = optuna.samplers.TPESampler(seed=0)
    callback = AsymptoticLawCallback(min_trials=20, stop=100.0, interleave=2, seed=0)
    study.optimize(_two, n_trials=50, callbacks=[callback])
    assert len(study.trials) == 50
    assert isinstance(callback.outlook, HypervolumeOutlook)
    assert callback.reason.endswith("How good the sampler can get cannot be told.")
    assert sum("only under a RandomSampler" in line.getMessage() for line in said) == 1


def test_a_reference_point_must_fit_the_objectives() -> None:
    callback = AsymptoticLawCallback(reference_point=[1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="a number for each of 2 objectives"):
        callback.should_stop(_study(directions=_DIRECTIONS))
    with pytest.raises(ValueError, match="a number for each of 1 objectives"):
        AsymptoticLawCallback(reference_point=[1.0, 1.0]).should_stop(_study())
    with pytest.raises(ValueError, match="`reference_point` is for several objectives"):
        AsymptoticLawCallback(reference_point=[1.0, 1.0], target=lambda trial: 0.0)
    with pytest.raises(ValueError, match="a finite number for each of two objectives"):
        AsymptoticLawCallback(reference_point=[1.0])


def test_a_target_chooses_one_of_several_objectives() -> None:
    def two(trial: optuna.Trial) -> tuple[float, float]:
        return _bowl(trial), -_bowl(trial)

    directions = ["minimize", "maximize"]
    callback = AsymptoticLawCallback(
        min_trials=20,
        target=lambda t: t.values[1],
        target_direction="maximize",
        interleave=2,
        seed=0,
    )
    study = _study(directions=directions)
    study.optimize(two, n_trials=20, callbacks=[callback])
    assert callback.law is not None
    assert callback.law.direction == "maximize"


# Copies


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda callback: pickle.loads(pickle.dumps(callback))]
)
def test_a_copy_knows_the_law_and_watches_anew(
    copied: Callable[[AsymptoticLawCallback], AsymptoticLawCallback],
) -> None:
    callback = AsymptoticLawCallback(min_trials=20, stop=10.0, max_dimension=2)
    study = _study()
    study.optimize(_bowl, n_trials=30, callbacks=[callback])
    twin = copied(callback)
    assert twin.law is not None
    assert callback.law is not None
    assert twin.law.best_possible == callback.law.best_possible
    assert twin.reason == callback.reason
    other = _study()
    other.optimize(_bowl, n_trials=3, callbacks=[twin])  # its lock is its own
    assert len(other.trials) == 3
    study.optimize(_bowl, n_trials=9, callbacks=[twin])
    assert len(study.trials) == 21


def test_it_keeps_no_study_alive() -> None:
    callback = AsymptoticLawCallback()
    study = _study()
    _add(study, 1)
    callback.should_stop(study)
    assert len(callback._watches) == 1
    del study
    assert len(callback._watches) == 0


# Arguments


def test_what_is_known_of_the_scores_is_passed_on() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    callback = AsymptoticLawCallback(
        min_trials=20, max_dimension=2, noise_std=0.0, bounds=(0.0, None)
    )
    study.optimize(
        lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=20, callbacks=[callback]
    )
    assert callback.law is not None
    assert callback.law.noise_std == 0.0
    low, high = callback.law.interval("best_possible")
    assert low == 0.0
    assert high == study.best_value


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (ValueError, "`min_trials` must be at least 8, got 7", {"min_trials": 7}),
        (TypeError, "`min_trials` must be an int, got 30.0", {"min_trials": 30.0}),
        (ValueError, "`stop` must be positive or None, got 0", {"stop": 0}),
        (ValueError, "`stop` must be finite, got nan", {"stop": math.nan}),
        (TypeError, "`stop` must be a number, got 'x'", {"stop": "x"}),
        (TypeError, "`target` must be callable or None, got 'x'", {"target": "x"}),
        (ValueError, "`target_direction` must be one of .* got 'up'", {"target_direction": "up"}),
        (ValueError, "`horizon` must be at least 1, got 0", {"horizon": 0}),
        (ValueError, r"`confidence` must be in \(0, 1\), got 1.0", {"confidence": 1.0}),
        (ValueError, "`interleave` must be at least 2, got 1", {"interleave": 1}),
        (ValueError, "`max_dimension` must be at least 1, got 0", {"max_dimension": 0}),
        (ValueError, "`noise_std` must not be negative, got -1", {"noise_std": -1.0}),
        (TypeError, "`bounds` must be", {"bounds": "percent"}),
        (ValueError, "`seed` must not be negative, got -1", {"seed": -1}),
    ],
)
def test_bad_arguments_are_named(
    error: type[Exception], message: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(error, match=message):
        AsymptoticLawCallback(**arguments)


@pytest.mark.parametrize("stop", [1, np.float32(0.5), np.int64(2)])
def test_numbers_of_any_kind_can_be_kept_in_the_study(spy: _Spy, stop: Any) -> None:
    spy.bound = 0.0
    study = _study()
    callback = AsymptoticLawCallback(min_trials=np.int64(20), stop=stop, horizon=np.int64(9))  # type: ignore[arg-type]
    study.optimize(_bowl, n_trials=22, callbacks=[callback])
    assert len(study.trials) == 20
    assert AsymptoticLawCallback(stop=stop, horizon=9).should_stop(study)
    assert study.trials[-1].state == TrialState.COMPLETE


def test_a_storage_that_fails_does_not_end_the_study(
    monkeypatch: pytest.MonkeyPatch, said: list[logging.LogRecord]
) -> None:
    study = _study()

    def fail(*_: object) -> None:
        raise OSError("the storage is away")

    monkeypatch.setattr("optuna_hpx.trials.storage.read_study", fail)
    callback = AsymptoticLawCallback(min_trials=20, stop=0.1)
    study.optimize(_bowl, n_trials=5, callbacks=[callback])
    assert len(study.trials) == 5
    assert "the storage is away" in callback.reason
    assert said


def test_another_target_is_another_question() -> None:
    def first(trial: optuna.trial.FrozenTrial) -> float:
        return trial.values[0]

    def second(trial: optuna.trial.FrozenTrial) -> float:
        return trial.values[1]

    a, b = (AsymptoticLawCallback(stop=1.0, target=target) for target in (first, second))
    assert a._question != b._question
    assert a._question == AsymptoticLawCallback(stop=1.0, target=first)._question
