from __future__ import annotations

from dataclasses import replace

import pytest

from optuna_hpx.visualization import plot_marginal_effect
from tests.importance.section.test_effect_words import effect_of


def test_a_curve_with_its_band_and_what_may_be_best() -> None:
    effect = effect_of([0, 0.1, 2, 3], 0.5)
    band, line, best, worse = plot_marginal_effect(effect).data
    assert list(line.y) == pytest.approx(effect.effect.tolist())
    assert list(band.y) == pytest.approx([*effect.ci_high, *effect.ci_low[::-1]])
    assert list(best.x) == pytest.approx([0.0, 0.1])
    assert list(worse.x) == pytest.approx([0.2, 0.3])
    assert best.marker.symbol != worse.marker.symbol
    assert best.customdata[0].startswith("x = 0<br>effect -1.27 (-1.52 to -1.02)")


def test_choices_have_whiskers() -> None:
    effect = effect_of([0, 2], 0.5, values=["relu", "<b>"])
    figure = plot_marginal_effect(effect)
    whiskers = figure.data[0]
    assert list(whiskers.x[:2]) == [0, 0]
    assert list(whiskers.y[:2]) == pytest.approx([-1.25, -0.75])
    assert list(figure.layout.xaxis.ticktext) == ["relu", "&lt;b&gt;"]


def test_a_log_axis() -> None:
    effect = replace(effect_of([0, 2, 3], 0.5), values=(1e-4, 1e-2, 1.0), is_log=True)
    assert plot_marginal_effect(effect).layout.xaxis.type == "log"


def test_notes() -> None:
    text = plot_marginal_effect(effect_of([0, 2], 0.5)).layout.title.text
    assert "band: 95 %, the whole curve at once" in text
    assert "skill 0.90" in text


def test_what_is_no_effect() -> None:
    with pytest.raises(TypeError, match="marginal_effect"):
        plot_marginal_effect(3)  # type: ignore[arg-type]
