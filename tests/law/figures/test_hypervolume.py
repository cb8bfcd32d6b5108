"""The figure of the hypervolume and its forecast."""

from __future__ import annotations

import numpy as np
import pytest
from optuna.samplers import TPESampler

from optuna_hpx import InterleavedSampler, hypervolume_outlook, plot_hypervolume_outlook
from tests.law.test_hypervolume import study_of

POINT = (1.2, 0.0)


def test_the_past_and_what_is_forecast() -> None:
    outlook = hypervolume_outlook(study_of(), reference_point=POINT)
    figure = plot_hypervolume_outlook(outlook)
    past, ahead = (trace for trace in figure.data if trace.name)
    n, values = outlook.history()
    assert list(past.x) == [*n, 60]
    assert list(past.y) == [*values, outlook.best]
    assert (ahead.x[0], ahead.x[-1]) == (60, 240)
    assert ahead.y[0] == outlook.best
    assert ahead.y[-1] == outlook.best_after(180).median
    low, high = figure.layout.yaxis.range
    assert low < values[-1] < outlook.best_after(180).high < high
    assert "1.2, 0" in str(figure.layout)


def test_other_trials_are_a_note() -> None:
    study = study_of(60, InterleavedSampler(TPESampler(seed=0), every=2, seed=0))
    outlook = hypervolume_outlook(study, reference_point=POINT)
    figure = plot_hypervolume_outlook(outlook)
    assert f"Of all trials: {outlook.best_of_all:.4g}." in str(figure.layout)


def test_a_gain_of_next_to_nothing_is_drawn_as_well() -> None:
    scores = np.repeat([[0.5, 0.5], [0.5, 0.5 + 1e-9]], [20, 1], axis=0)
    figure = plot_hypervolume_outlook(hypervolume_outlook(scores, reference_point=(1.0, 1.0)))
    low, high = figure.layout.yaxis.range
    assert low < 0.25 < high


def test_what_it_draws() -> None:
    with pytest.raises(TypeError, match="`outlook` must be"):
        plot_hypervolume_outlook(np.zeros((3, 2)))  # type: ignore[arg-type]
