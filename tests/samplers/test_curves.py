"""Losses of trials: of pruned ones by their curves, in whatever direction."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.samplers._curves import losses_of

_SPACE = {"x": optuna.distributions.FloatDistribution(0, 1)}


def _study(direction: str, curves: list[tuple[list[float], TrialState]]) -> optuna.Study:
    """Scores that fall, or rise where they are maximised."""
    study = optuna.create_study(direction=direction)
    sign = -1.0 if direction == "maximize" else 1.0
    for curve, state in curves:
        trial = optuna.trial.create_trial(
            state=state,
            value=sign * curve[-1] if state == TrialState.COMPLETE else None,
            params={"x": 0.5},
            distributions=_SPACE,
            intermediate_values={step: sign * value for step, value in enumerate(curve)},
        )
        study.add_trial(trial)
    return study


_COMPLETE = [([k + 4.0, k + 2.0, float(k)], TrialState.COMPLETE) for k in range(6)]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_pruned_trial_gains_what_complete_ones_gain(direction: str) -> None:
    pruned = [
        ([9.0], TrialState.PRUNED),
        ([9.0, 8.0], TrialState.PRUNED),
        ([3.0], TrialState.PRUNED),
        ([], TrialState.PRUNED),
        ([5.0, 4.0], TrialState.FAIL),
    ]
    losses = losses_of(TrialTable.of(_study(direction, _COMPLETE + pruned)))
    assert losses[:6].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert losses[6:9].tolist() == [5.0, 6.0, 2.5], "the third would be better than the median"
    assert np.isnan(losses[9:]).all()


def test_steps_that_no_complete_trial_reported_tell_nothing() -> None:
    study = _study("minimize", _COMPLETE)
    study.add_trial(
        optuna.trial.create_trial(
            state=TrialState.PRUNED,
            params={"x": 0.1},
            distributions=_SPACE,
            intermediate_values={7: 1.0},
        )
    )
    assert np.isnan(losses_of(TrialTable.of(study))[-1])


def test_without_a_complete_trial_there_are_no_losses() -> None:
    table = TrialTable.of(_study("minimize", [([1.0], TrialState.PRUNED)] * 3))
    assert np.isnan(losses_of(table)).all()


def test_a_data_frame_has_no_curves() -> None:
    study = _study("minimize", [*_COMPLETE, ([1.0], TrialState.PRUNED)])
    frame = TrialTable.of(study).to_frame()
    table = TrialTable.from_frame(frame, value="value", params=["x"])
    assert np.isnan(losses_of(table)).tolist() == [False] * 6 + [True]
