"""A result as JSON, frame, HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from optuna_hpx.canvas.result import Result, plain, shortened


@dataclass(frozen=True, eq=False, repr=False)
class Ranking(Result):
    names: tuple[str, ...]
    scores: np.ndarray
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join(["Ranking", *shortened([f"  {n}" for n in self.names], "name")])

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        return {"name": self.names, "score": self.scores}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (float("nan"), None),
        (np.float32("inf"), None),
        (np.array([[1.0, np.nan]]), [[1.0, None]]),
        ({1: (2, None)}, {"1": [2, None]}),
        (np.longdouble(0.5), 0.5),
        (b"x", "b'x'"),
    ],
)
def test_plain_values_are_those_of_json(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
    json.dumps(plain(value), allow_nan=False)


def test_a_result_goes_through_json_and_becomes_a_frame() -> None:
    result = Ranking(("a", "b"), np.array([1.0, np.nan]))
    read = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert read == {"names": ["a", "b"], "scores": [1.0, None], "warnings": []}
    frame = result.to_frame()
    assert frame.index.name == "name"
    assert frame.loc["a", "score"] == 1.0


def test_html_escapes_names_and_has_the_warnings() -> None:
    html = Ranking(("<b>", "b"), np.array([1.0, np.nan]), ("a < b",))._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "<td>–</td>" in html
    assert "Warning: a &lt; b" in html


def test_what_is_long_is_cut_and_counted() -> None:
    result = Ranking(tuple(f"n{k}" for k in range(60)), np.zeros(60))
    assert repr(result).splitlines()[-1] == "  and 48 more names"
    assert "and 10 more rows" in result._repr_html_()
    assert shortened(["x"] * 13, "name")[-1] == "  and 1 more name"
