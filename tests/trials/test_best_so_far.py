"""The best so far of a run."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import optuna
from optuna.trial import TrialState

from optuna_hpx.trials.best_so_far import BestSoFar
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


def _run(*values: list[float] | TrialState, **others: object) -> BestSoFar:
    return BestSoFar.of(TrialTable.of(hand.study(list(values), **others)))  # type: ignore[arg-type]


def test_what_has_no_value_takes_a_place_and_is_never_the_best() -> None:
    run = _run(TrialState.FAIL, [2.0], TrialState.PRUNED, [3.0], [1.0])
    assert run.best.tolist() == [np.inf, 2.0, 2.0, 2.0, 1.0]
    assert len(run) == 5
    assert run.has_best


def test_infeasible_trials_do_not_count() -> None:
    run = _run([1.0], [2.0], infeasible=[0])
    assert run.best.tolist() == [np.inf, 2.0]
    assert not _run([1.0], infeasible=[0]).has_best


def test_losses_where_it_is_maximised() -> None:
    run = _run([1.0], [3.0], [2.0], directions=["maximize"])
    assert run.best.tolist() == [-1.0, -3.0, -3.0]


def test_after_how_many_trials_a_loss_is_reached() -> None:
    run = _run([3.0], [2.0], [2.5], [1.0])
    assert [run.row_reaching(loss) for loss in (5.0, 3.0, 2.0, 1.5, 1.0)] == [0, 0, 1, 3, 3]
    assert run.row_reaching(0.5) is None
    assert run.row_reaching(np.inf) is None


def test_trials_count_in_the_order_in_which_they_ended() -> None:
    study = optuna.create_study()
    for value, (start, end) in {1.0: (0, 9), 2.0: (0, 4), 3.0: (4, 6)}.items():
        trial = optuna.create_trial(value=value)
        trial.datetime_start = datetime(2026, 1, 1) + timedelta(seconds=start)
        trial.datetime_complete = datetime(2026, 1, 1) + timedelta(seconds=end)
        study.add_trial(trial)
    run = BestSoFar.of(TrialTable.of(study))
    assert run.numbers.tolist() == [1, 2, 0]
    assert run.best.tolist() == [2.0, 2.0, 1.0]
    assert run.seconds.tolist() == [4.0, 6.0, 15.0]
