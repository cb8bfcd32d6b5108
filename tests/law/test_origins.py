"""Why a trial is no independent draw, reason by reason; samplers at work are in test_draws."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import optuna
import pandas as pd
import pytest
from optuna.distributions import FloatDistribution
from optuna.samplers import GPSampler, QMCSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, create_trial

from optuna_hpx import InterleavedSampler, TrialTable
from optuna_hpx.law._origins import innermost, reasons_against
from optuna_hpx.trials import storage


def _trial(start: float = 0.0, end: float = 1.0, **attributes: Any) -> FrozenTrial:
    trial = create_trial(
        value=0.0, params={"x": 0.5}, distributions={"x": FloatDistribution(0, 1)}
    )
    trial.datetime_start = datetime(2026, 1, 1) + timedelta(seconds=start)
    trial.datetime_complete = datetime(2026, 1, 1) + timedelta(seconds=end)
    trial.system_attrs = attributes
    return trial


def _reasons(sampler: Any, *trials: FrozenTrial) -> list[str]:
    study = optuna.create_study()
    study.add_trials(list(trials))
    return reasons_against(TrialTable.from_study(study), sampler)


@pytest.mark.parametrize("sampler", [None, RandomSampler(), TPESampler(), QMCSampler()])
@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"fixed_params": {"x": 0.5}}, "enqueued"),
        ({"grid_id": 3}, "chosen by an adaptive sampler, a grid or evolution"),
        ({"tpe:relative_params": ""}, "chosen by an adaptive sampler, a grid or evolution"),
        ({"nsga2:generation": 1}, "chosen by an adaptive sampler, a grid or evolution"),
        (storage.as_attributes(storage.RANDOM, True), ""),
    ],
)
def test_a_mark_counts_whatever_the_sampler_is(
    sampler: Any, attributes: dict[str, Any], reason: str
) -> None:
    assert _reasons(sampler, _trial(**attributes)) == [reason]


def test_an_enqueued_trial_is_no_draw_though_its_number_was_to_be_random() -> None:
    marks = {"fixed_params": {}, **storage.as_attributes(storage.RANDOM, True)}
    assert _reasons(RandomSampler(), _trial(**marks)) == ["enqueued"]


def test_without_a_mark_the_sampler_has_to_answer() -> None:
    assert _reasons(RandomSampler(), _trial()) == [""]
    assert _reasons(None, _trial()) == ["of a sampler that is not known"]
    assert _reasons(QMCSampler(), _trial()) == ["of QMCSampler, which draws no independent trials"]
    assert _reasons(TPESampler(), _trial(2.0, 2.0)) == ["of no duration, as if added by hand"]


@pytest.mark.parametrize("sampler", [TPESampler, GPSampler])
def test_a_startup_ends_with_the_trials_that_had_ended_at_a_start(sampler: Any) -> None:
    trials = [_trial(0, 1), _trial(0.5, 5), _trial(1.5, 2), _trial(1.9, 3), _trial(2.5, 4)]
    reasons = _reasons(sampler(n_startup_trials=2), *trials)
    assert reasons == ["", "", "", "", f"after the start-up trials of {sampler.__name__}"]


def test_all_rows_of_a_frame_are_draws() -> None:
    frame = pd.DataFrame({"x": [0.1, 0.2], "value": [1.0, 2.0]})
    assert reasons_against(TrialTable.from_frame(frame, value="value"), None) == ["", ""]


def test_the_innermost_sampler() -> None:
    inner = TPESampler()
    assert innermost(InterleavedSampler(InterleavedSampler(inner))) is inner
    assert innermost(inner) is inner
    assert innermost(None) is None
