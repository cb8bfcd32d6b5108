"""Arrays are filled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.population.codecs.parts import (
    passed_on,
)


def test_some_of_the_parts() -> None:
    x = np.zeros(2)
    passed_on(x=np.ones(2), y=np.ones(3)).load(x=x)
    assert x.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("parts", "error", "match"),
    [
        ({"z": np.zeros(2)}, ValueError, r"no part 'z'; it has \['x'\]"),
        ({"x": np.zeros(3)}, ValueError, r"`x` must have shape \(2,\)"),
        ({"x": np.zeros(2, dtype=int)}, ValueError, "float64"),
        ({"x": object()}, TypeError, "`x` cannot be restored into a object"),
    ],
)
def test_parts_that_do_not_fit(parts: dict[str, Any], error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        passed_on(x=np.ones(2)).load(**parts)


def test_a_view_is_filled_in_place() -> None:
    whole = np.zeros((2, 3))
    passed_on(x=np.arange(2.0)).load(x=whole[:, 1])
    assert whole.tolist() == [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
