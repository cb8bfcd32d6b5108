"""Race: studies that are small enough for every number to be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import TrialTable, certify
from optuna_hpx.tasks._race import Race
from tests.tasks import by_hand as hand

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
NAN = math.nan


def raced(direction: str = "minimize") -> optuna.Study:
    """Losses on 3 tasks; configuration 1 is the best, by 0.2, 0 and 0.1."""
    sign = -1.0 if direction == "maximize" else 1.0
    trials = [
        (0, {0: 0.4, 1: 0.4, 2: 0.7}, COMPLETE),
        (1, {0: 0.2, 1: 0.4, 2: 0.6}, COMPLETE),
        (2, {0: 0.5, 2: 0.7}, PRUNED),
        (3, {1: 0.3}, FAIL),
        (None, {}, FAIL),
    ]
    return hand.study(
        [(k, {i: sign * v for i, v in values.items()}, state) for k, values, state in trials],
        direction=direction,
    )


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_how_far_behind_the_best(direction: str, sign: float) -> None:
    race = Race.of(raced(direction))
    assert race.best == 1
    assert race.best_value == pytest.approx(sign * 0.4)
    np.testing.assert_allclose(race.behind, [0.1, 0.0, 0.2, -0.1, NAN], atol=1e-12)
    # Differences 0.2, 0, 0.1 have a standard deviation of 0.1; 0.3 and 0.1 one of 0.2 / sqrt(2).
    errors = [0.1 / math.sqrt(3.0), 0.0, 0.1, NAN, NAN]
    np.testing.assert_allclose(race.error, errors, atol=1e-12)
    assert race.in_unit_interval == (sign > 0.0)


def test_who_was_evaluated_and_how_it_ended() -> None:
    race = Race.of(raced())
    assert race.n_seen.tolist() == [3, 3, 2, 1, 0]
    assert race.whole.tolist() == [True, True, False, False, False]
    assert race.dropped.tolist() == [False, False, True, False, False]
    assert race.failed.tolist() == [False, False, False, True, True]
    assert race.table.numbers.tolist() == [0, 1, 2, 3, 4]


def test_what_was_saved() -> None:
    """Three configurations that did not fail, of three tasks each; one was spared a task."""
    race = Race.of(raced())
    assert (race.n_whole, race.n_saved) == (9, 1)
    assert race.share_saved == pytest.approx(1 / 9)


@pytest.mark.parametrize(
    ("more", "n_whole", "n_saved"),
    [
        ((2, {1: 0.5}, PRUNED), 9, 0),  # the missing task
        ((2, {0: 0.5}, PRUNED), 9, 1),  # one that it had
        ((2, (0.5, 0.5, 0.5), COMPLETE), 9, 0),
        ((2, {0: 0.5}, COMPLETE), 9, 0),  # it ended by itself, and has no task 1
        ((1, {0: 0.2}, PRUNED), 9, 1),  # complete before
        ((3, {1: 0.3, 2: 0.3}, PRUNED), 12, 2),  # it failed before, on task 1
        ((3, {}, FAIL), 9, 1),
        ((4, {}, PRUNED), 12, 4),
        ((None, {}, PRUNED), 12, 4),
    ],
)
def test_a_task_counts_once_however_often_it_was_tried(
    more: tuple[int | None, dict[int, float], TrialState], n_whole: int, n_saved: int
) -> None:
    study = raced()
    study.add_trials(hand.study([more]).trials)
    race = Race.of(study)
    assert (race.n_whole, race.n_saved) == (n_whole, n_saved)


def test_the_best_is_that_of_the_certificate() -> None:
    """By its first values, also where its first trial was dropped; of equal ones the first."""
    study = hand.study(
        [
            (0, (0.5, 0.5), COMPLETE),
            (1, (0.3,), PRUNED),
            (1, (0.9, 0.3), COMPLETE),
            (2, (0.3, 0.3), COMPLETE),
        ]
    )
    race = Race.of(study)
    assert race.best == 1 == certify(study, bounds=(0, 1)).trial
    assert race.best_value == pytest.approx(0.3)
    np.testing.assert_allclose(race.behind, [0.2, 0.0, 0.3, 0.0])


@pytest.mark.parametrize(
    ("aggregate", "best", "value"), [("mean", 0, 0.4), ("median", 1, 0.3), ("worst", 2, 0.5)]
)
def test_the_best_by_each_aggregate(aggregate: str, best: int, value: float) -> None:
    rows = [(0.1, 0.4, 0.7), (0.3, 0.3, 0.9), (0.5, 0.5, 0.5)]
    trials = [(k, values, COMPLETE) for k, values in enumerate(rows)]
    race = Race.of(hand.study(trials, aggregate=aggregate))
    assert (race.best, race.best_value) == (best, pytest.approx(value))
    assert race.behind[best] == 0.0


def test_rows_are_no_numbers_where_trials_are_still_running() -> None:
    study = optuna.create_study()
    study.ask()
    study.add_trials(raced().trials)
    race = Race.of(study)
    assert race.best == 1
    assert race.table.numbers[race.best] == 2


def test_without_a_best_none_is_behind() -> None:
    study = hand.study([(0, (0.5,), PRUNED), (1, (0.4, 2.0), FAIL)])
    race = Race.of(study)
    assert race.best is None
    assert math.isnan(race.best_value)
    assert np.isnan(race.behind).all()
    assert np.isnan(race.error).all()
    assert not race.in_unit_interval
    assert (race.n_whole, race.n_saved) == (2, 1)


def test_a_study_that_has_not_begun() -> None:
    race = Race.of(hand.study([], aggregate="mean"))
    assert race.best is None
    assert (race.n_whole, race.n_saved) == (0, 0)
    assert len(race.n_seen) == len(race.behind) == 0
    assert race.in_unit_interval


@pytest.mark.parametrize(
    ("values", "is_inside"),
    [((0.0, 1.0), True), ((0.5, 1.0 + 1e-9), False), ((-1e-9, 0.5), False)],
)
def test_whether_values_lie_in_the_unit_interval(
    values: tuple[float, float], is_inside: bool
) -> None:
    assert Race.of(hand.study([(0, values, COMPLETE)])).in_unit_interval is is_inside


def test_a_table_has_the_same_race() -> None:
    study = raced()
    one, other = Race.of(study), Race.of(TrialTable.from_study(study))
    for name in ("best", "best_value", "n_whole", "n_saved", "in_unit_interval"):
        assert getattr(one, name) == getattr(other, name)
    np.testing.assert_array_equal(one.behind, other.behind)


def test_what_has_no_race() -> None:
    with pytest.raises(TypeError, match="`study` must be"):
        Race.of(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`study` must have trials with a value for each task"):
        Race.of(optuna.create_study())
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        Race.of(optuna.create_study(directions=["minimize", "minimize"]))
