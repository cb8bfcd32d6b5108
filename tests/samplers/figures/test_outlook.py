"""What the figure of length scales shows, read from its traces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx import plot_outlook
from tests.samplers.test_outlook_section import _beliefs, _outlook


def test_short_scales_and_long_ones() -> None:
    figure = plot_outlook(_beliefs(_outlook()))
    short, long = figure.data
    assert (short.name, long.name) == ("within the range", "longer than the range")
    assert short.x.tolist() == [0.2, 0.35]
    assert long.x.tolist() == [4.0]
    assert list(figure.layout.yaxis.ticktext) == ["x = 0.123", "kind = a", "idle = 3"]


def test_many_parameters_that_the_optimum_does_not_have() -> None:
    many = tuple(f"p{k}" for k in range(50))
    outlook = replace(_outlook(), names=many, length_scales=np.full(50, 0.5))
    figure = plot_outlook(_beliefs(outlook))
    assert len(figure.data[0].x) == 40
    assert figure.layout.yaxis.ticktext[0] == "p0"
    assert "40 of 50 parameters" in figure.layout.title.text


def test_names_are_shown_as_they_are() -> None:
    outlook = replace(_outlook(), names=("<b>", "kind", "idle"))
    figure = plot_outlook(_beliefs(outlook))
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;"
    assert figure.data[0].customdata[0] == "&lt;b&gt;"


def test_nothing_to_expect() -> None:
    figure = plot_outlook(_beliefs(None, "no trial was chosen by it"))
    text = figure.layout.annotations[0].text
    assert text == "Nothing is expected: no trial was chosen by it."


def test_something_else() -> None:
    with pytest.raises(TypeError, match="must be"):
        plot_outlook(3)  # type: ignore[arg-type]
