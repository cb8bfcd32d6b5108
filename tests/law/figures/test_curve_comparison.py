"""The figure of two tuning curves."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx import compare_tuning_curves, plot_tuning_curve_comparison

RNG = np.random.default_rng(0)
SMALL, LARGE = RNG.uniform(0.4, 0.5, 300), RNG.uniform(0.0, 1.0, 300)


def test_curves_and_strips() -> None:
    comparison = compare_tuning_curves(SMALL, LARGE, labels=("<b>small", "large"))
    figure = plot_tuning_curve_comparison(comparison)
    assert [trace.name for trace in figure.data if trace.name] == ["&lt;b&gt;small", "large"]
    (strip,) = figure.layout.shapes
    assert [(strip.x0, strip.x1)] == comparison.better("large")
    assert "surely better" in figure.layout.title.text
    line = next(trace for trace in figure.data if trace.name == "large")
    assert line.y[0] == comparison.b[1, 0]


def test_bands_reach_beyond_the_axis_where_nothing_is_known() -> None:
    comparison = compare_tuning_curves(SMALL[:20], LARGE[:20])
    figure = plot_tuning_curve_comparison(comparison)
    low, _ = figure.layout.yaxis.range
    assert min(figure.data[0].y) < low
    assert "Nowhere is one surely better" in figure.layout.title.text


def test_costs() -> None:
    costs = np.full(300, 2.0), np.full(300, 3.0)
    figure = plot_tuning_curve_comparison(compare_tuning_curves(SMALL, LARGE, cost=costs))
    assert figure.layout.xaxis.title.text == "random search: cost"


def test_what_is_no_comparison() -> None:
    with pytest.raises(TypeError, match="compare_tuning_curves"):
        plot_tuning_curve_comparison(3)  # type: ignore[arg-type]


def test_searches_whose_quantile_has_mostly_failed() -> None:
    mostly_failed = [1.0, np.inf, np.inf], [2.0, np.inf, np.inf]
    figure = plot_tuning_curve_comparison(compare_tuning_curves(*mostly_failed, quantile=0.9999))
    assert figure.layout.yaxis.range == (0.0, 1.0)
