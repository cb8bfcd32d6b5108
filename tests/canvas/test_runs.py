"""The best so far of two runs."""

from __future__ import annotations

import numpy as np

from optuna_hpx.canvas.runs import draw_runs
from optuna_hpx.trials.best_so_far import BestSoFar
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


def _run(values: list[float]) -> BestSoFar:
    return BestSoFar.of(TrialTable.of(hand.study([[value] for value in values], ["maximize"])))


def test_steps_in_the_users_sign_up_to_the_last_trial() -> None:
    runs = [_run([1.0, 3.0, 2.0]), _run([2.0, 1.0, 1.0, 4.0, 0.0])]
    first, second = draw_runs(runs, ["a <b>", "c"], "maximize").data
    assert (list(first.x), list(first.y)) == ([1, 2, 3], [1.0, 3.0, 3.0])
    assert (list(second.x), list(second.y)) == ([1, 4, 5], [2.0, 4.0, 4.0])
    assert first.name == "a &lt;b&gt;"
    assert {first.line.dash, second.line.dash} == {"solid", "dash"}


def test_one_bad_start_does_not_squash_all_others() -> None:
    runs = [_run([-1e6, *np.linspace(0.0, 1.0, 40).tolist()]), _run([0.5, 0.6])]
    low, high = draw_runs(runs, ["a", "b"], "maximize").layout.yaxis.range
    assert -3.0 < low < 0.0
    assert 1.0 < high < 3.0
