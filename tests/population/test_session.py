"""When a call ends, and who hears of each segment."""

from __future__ import annotations

import time

import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.population import (
    Checkpoint,
)
from tests.population.models import descend
from tests.population.runs import N, scheduler


def test_timeout() -> None:
    def slow(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        time.sleep(0.05)
        return descend(trial, checkpoint)

    run = scheduler()
    begin = time.monotonic()
    run.optimize(slow, timeout=0.3)
    assert time.monotonic() - begin < 1.0
    assert 1 <= len(run._study.trials) <= 7
    assert all(t.state == TrialState.COMPLETE for t in run._study.trials)
    with pytest.raises(ValueError, match="`timeout` must not be negative, got -1"):
        run.optimize(slow, timeout=-1)


def test_callbacks_get_each_trial(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []
    run = scheduler()
    run.optimize(
        descend,
        n_jobs=2,
        callbacks=[lambda study, trial: seen.append(trial.number)],
        show_progress_bar=True,
    )
    complete = [t.number for t in run._study.trials if t.state == TrialState.COMPLETE]
    assert sorted(seen) == complete
    assert "32/32" in capsys.readouterr().err


def test_each_segment_and_what_stays_empty(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.number == 0:
            raise ValueError("by hand")
        return value

    scheduler(max_attempts=1).optimize(segment, catch=ValueError)
    assert said.text.count("of generation 0 ended with value") == N - 1
    assert "1 of 32 segments stay empty, the first of them in generation 0" in said.text
