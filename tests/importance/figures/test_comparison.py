from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx.importance import ImportanceComparison
from optuna_hpx.visualization import plot_importance_comparison


def comparison(names: tuple[str, ...] = ("lr", "width", "depth")) -> ImportanceComparison:
    d = len(names)
    first, second = np.linspace(0.6, 0.1, d), np.full(d, 0.1)
    return ImportanceComparison(
        labels=("objective 0", "objective 1"),
        names=names,
        importances=np.stack([first, second]),
        difference=first - second,
        ci_low=first - second - 0.2,
        ci_high=first - second + 0.2,
        confidence=0.95,
        p_values=np.linspace(0.001, 0.9, d),
        p_values_familywise=np.linspace(0.003, 0.9, d),
        is_paired=True,
        sampling=("independent", "independent"),
        warnings=(),
    )


def test_both_sides_and_what_joins_them() -> None:
    sure, others, first, second = plot_importance_comparison(comparison()).data
    assert first.x[:3].tolist() == pytest.approx([0.6, 0.35, 0.1])
    assert second.x[:3].tolist() == pytest.approx([0.1] * 3)
    assert first.marker.color != second.marker.color
    assert first.marker.symbol != second.marker.symbol, "told apart without colours, too"
    assert sure.y[:2].tolist() == [0, 0], "only the first is sure"
    assert others.y[[0, 3]].tolist() == [1, 2]
    assert sure.line.color != others.line.color


def test_hovering_tells_interval_and_p_values() -> None:
    figure = plot_importance_comparison(comparison())
    text = figure.data[-1].customdata[0]
    assert "difference +0.500" in text
    assert "+0.30 to +0.70" in text
    assert "p = 0.001, among all 3 parameters 0.003" in text


def test_without_tests_nothing_is_sure() -> None:
    nan = np.full(3, np.nan)
    hint = replace(
        comparison(),
        p_values=nan,
        p_values_familywise=nan,
        ci_low=nan,
        ci_high=nan,
        sampling=("adaptive", "adaptive"),
    )
    figure = plot_importance_comparison(hint)
    assert figure.data[0].name == "difference, not tested"
    assert "no p-value" in figure.layout.title.text
    assert "p =" not in figure.data[-1].customdata[0]
    assert "interval" not in figure.data[-1].customdata[0]


def test_many_parameters() -> None:
    figure = plot_importance_comparison(comparison(tuple(f"x{k}" for k in range(50))))
    assert len(figure.layout.yaxis.ticktext) == 40
    assert "the first 40 of 50" in figure.layout.title.text


def test_what_is_no_comparison() -> None:
    with pytest.raises(TypeError, match="compare_importances"):
        plot_importance_comparison(3)  # type: ignore[arg-type]
