"""What a trial cost: the same ways to give it, and one reader, for sampler, figure and page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState

from optuna_hpx import HsicSampler, InterleavedSampler, TrialTable, plot_cost
from optuna_hpx.canvas.material import Material
from optuna_hpx.samplers.section import sections
from optuna_hpx.trials.cost import check_cost, cost_of_sampler, read_costs


def _study(sampler: Any = None, seconds: tuple[float, ...] = (3.0, 0.0, 5.0)) -> optuna.Study:
    study = optuna.create_study(sampler=sampler or optuna.samplers.RandomSampler(seed=0))
    for k, s in enumerate(seconds):
        trial = optuna.create_trial(value=float(k))
        trial.datetime_start = datetime(2026, 1, 1)
        trial.datetime_complete = trial.datetime_start + timedelta(seconds=s)
        study.add_trial(trial)
    study.add_trial(optuna.create_trial(state=TrialState.FAIL))
    return study


def _by_number(trial: optuna.trial.FrozenTrial) -> float | None:
    return {0: None, 1: 2.5, 2: -1.0}[trial.number]  # the failed trial 3 is never asked about


def test_three_ways() -> None:
    table = TrialTable.of(_study())
    nan = np.nan
    np.testing.assert_array_equal(read_costs(table, None), [nan] * 4)
    np.testing.assert_array_equal(read_costs(table, "duration"), [3.0, nan, 5.0, nan])
    np.testing.assert_array_equal(read_costs(table, _by_number), [nan, 2.5, nan, nan])


def test_a_function_that_raises_is_named() -> None:
    with pytest.raises(ValueError, match=r"`cost` must return.* trial 0 .*KeyError: 'flops'"):
        read_costs(TrialTable.of(_study()), lambda trial: trial.user_attrs["flops"])


def test_rows_of_a_frame_are_no_trials() -> None:
    table = TrialTable.from_frame(pd.DataFrame({"x": [1.0, 3.0], "y": [1.0, 2.0]}), value="y")
    with pytest.raises(ValueError, match="needs a study"):
        read_costs(table, lambda trial: 1.0)


@pytest.mark.parametrize("wrong", ["seconds", 3.0, ["duration"]])
def test_what_is_no_cost(wrong: Any) -> None:
    calls = (check_cost, lambda x: HsicSampler(cost=x), lambda x: plot_cost(_study(), x))
    for call in calls:
        with pytest.raises(TypeError, match='`cost` must be None, "duration" or a callable'):
            call(wrong)


def test_the_cost_that_the_sampler_was_given() -> None:
    sampler = HsicSampler(cost=_by_number)
    assert cost_of_sampler(sampler) is _by_number
    assert cost_of_sampler(InterleavedSampler(sampler)) is _by_number
    assert cost_of_sampler(HsicSampler(cost="duration")) == "duration"
    fixed = optuna.samplers.PartialFixedSampler({"x": 0.0}, InterleavedSampler(sampler))
    assert cost_of_sampler(fixed) is _by_number
    random = optuna.samplers.RandomSampler()
    assert cost_of_sampler(optuna.samplers.PartialFixedSampler({"x": 0.0}, random)) is None
    assert cost_of_sampler(HsicSampler()) is None
    assert cost_of_sampler(optuna.samplers.RandomSampler()) is None


def test_figure_and_page_show_the_samplers_cost() -> None:
    seconds = (30.0, 20.0, 50.0)
    study = _study(HsicSampler(cost=_by_number), seconds)
    assert plot_cost(study).data[0].x.tolist() == [2.5]
    assert plot_cost(study, "duration").data[0].x.tolist() == list(seconds)
    table = TrialTable.of(study)  # which does not hold the sampler
    assert plot_cost(table).data[0].x.tolist() == list(seconds)
    assert plot_cost(table, _by_number).data[0].x.tolist() == [2.5]
    (section,) = sections(Material.of(study))
    assert section.answer == "The best trial cost 2.5."
    assert section.charts[0].label == "Chart: quality and cost of 4 trials"
    (section,) = sections(Material.of(table))
    assert section.answer == "The best trial took 30 s."
