"""How the front of all trials grew, against Optuna's hypervolume of each part."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.law._front_history import front_history
from optuna_hpx.law._front_section import describe_history
from optuna_hpx.trials.hypervolume import hypervolume
from tests import made_by_hand as hand
from tests.law.test_hypervolume import scores_of, study_of


def test_every_place_has_the_hypervolume_of_the_trials_before_it() -> None:
    study = study_of(250)
    history = front_history(TrialTable.of(study), (1.25, 0.0))
    assert history is not None
    assert (history.n_trials[0], history.n_trials[-1], len(history.n_trials)) == (1, 250, 100)
    losses = scores_of(study) * [1.0, -1.0]
    for n, value in zip(history.n_trials, history.values, strict=True):
        assert value == pytest.approx(hypervolume(losses[:n], np.array([1.25, 0.0])))
    assert history.reference_point == (1.25, 0.0)


def test_the_reference_point_is_that_of_the_first_trials() -> None:
    first = front_history(TrialTable.of(study_of(30)))
    more = front_history(TrialTable.of(study_of(60)))
    assert first is not None
    assert more is not None
    assert first.reference_point == more.reference_point


def test_the_last_half_is_told_by_itself() -> None:
    values = [[1.0 - i / 20, 1.0 - i / 20] for i in range(20)]
    history = front_history(TrialTable.of(hand.study(values, ["minimize"] * 2)), (2.0, 2.0))
    assert history is not None
    n, gain = history.late_gain
    assert n == 10
    assert gain == pytest.approx(1.0 - 1.45**2 / 1.95**2)
    assert describe_history(history).replace("\xa0", " ") == (
        "The hypervolume of all trials is 3.802; the last 10 trials added 45 % of it."
    )


def test_failed_trials_add_nothing_and_are_counted() -> None:
    values = [[1.0, 1.0], TrialState.FAIL, [0.5, 0.5], TrialState.FAIL]
    history = front_history(TrialTable.of(hand.study(values, ["minimize"] * 2)), (2.0, 2.0))
    assert history is not None
    assert history.n_trials.tolist() == [1, 2, 3, 4]
    assert history.values.tolist() == pytest.approx([1.0, 1.0, 2.25, 2.25])


@pytest.mark.parametrize(
    "values",
    [
        [[1.0, 1.0]],
        [TrialState.FAIL] * 3,
        [[float("-inf"), 0.0], [1.0, 1.0], [2.0, 0.0]],
        [[1.0, 1.0]] * 5,
    ],
    ids=["one", "none", "infinitely good", "all alike"],
)
def test_without_a_volume_there_is_none(values: list[list[float] | TrialState]) -> None:
    assert front_history(TrialTable.of(hand.study(values, ["minimize"] * 2))) is None


def test_large_fronts_of_many_objectives_are_left_out() -> None:
    study = optuna.create_study(directions=["minimize"] * 4)
    rng = np.random.default_rng(0)
    for row in rng.dirichlet(np.ones(4), 200):
        study.add_trial(optuna.trial.create_trial(values=row.tolist()))
    assert front_history(TrialTable.of(study)) is None
