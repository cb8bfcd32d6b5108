"""Places, ticks and samples of segments that figures of a population share."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.canvas.traces import thin_at_random
from optuna_hpx.population.figures._population import (
    generation_axis,
    rank_axis,
    side_by_side,
    value_markup,
)


@pytest.mark.parametrize("n", [1, 2, 10, 11, 24, 100, 101, 1000])
def test_ticks_are_whole_generations(n: int) -> None:
    axis = generation_axis(n)
    assert axis["dtick"] == int(axis["dtick"]) >= 1
    assert n / axis["dtick"] <= 10
    assert n / axis["dtick"] > 3 or axis["dtick"] == 1


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_best_have_the_same_colour_in_both_directions(sign: float) -> None:
    axis = rank_axis(sign)
    colours = dict(zip((0.0, 0.5, 1.0), [colour for _, colour in axis["colorscale"]], strict=True))
    span = axis["cmax"] - axis["cmin"]
    best, last = ((sign * rank - axis["cmin"]) / span for rank in (0.0, 1.0))
    forward = rank_axis(1.0)["colorscale"]
    assert (colours[best], colours[last]) == (forward[0][1], forward[-1][1])


def test_places_are_in_order_and_within_the_generation() -> None:
    rng = np.random.default_rng(0)
    generations, order = rng.integers(3, size=40), rng.random(40)
    places = side_by_side(generations, order)
    assert len(np.unique(places)) == 40
    for g in range(3):
        rows = np.flatnonzero(generations == g)
        assert (np.abs(places[rows] - g) < 0.3).all()
        assert (np.argsort(places[rows]) == np.argsort(order[rows])).all()
        assert places[rows].mean() == pytest.approx(g)


def test_thinned_rows_are_some_of_them_in_their_order() -> None:
    rows = np.arange(3, 300, 3)
    assert thin_at_random(rows, 200) is rows
    few = thin_at_random(rows, 20)
    assert len(few) == 20
    assert set(few.tolist()) <= set(rows.tolist())
    assert (np.diff(few) > 0).all()
    assert len(np.unique(np.diff(few))) > 3, "not every k-th"


def test_values_are_short_and_no_markup() -> None:
    assert value_markup(0.123456) == "0.1235"
    assert value_markup(3) == "3"
    assert value_markup("<b>") == "&lt;b&gt;"
