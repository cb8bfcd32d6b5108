"""Arguments of a law: what is refused, and how."""

from __future__ import annotations

import math
from typing import Any

import pytest

from optuna_hpx.law._settings import LawSettings


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"noise_std": -1.0}, ValueError, "`noise_std` must not be negative"),
        ({"noise_std": "none"}, TypeError, "`noise_std` must be a number"),
        ({"noise_std": math.nan}, ValueError, "`noise_std` must be finite"),
        ({"bounds": 1.0}, TypeError, "`bounds` must be"),
        ({"bounds": (0.0, 1.0, 2.0)}, TypeError, "`bounds` must be"),
        ({"bounds": (1.0, 0.0)}, ValueError, "low < high"),
        ({"bounds": (0.0, math.inf)}, ValueError, "`bounds` must be finite"),
        ({"bounds": "percent"}, TypeError, "`bounds` must be"),
        ({"max_dimension": 0}, ValueError, "`max_dimension`"),
        ({"threshold": "best"}, TypeError, "`threshold`"),
    ],
)
def test_bad_arguments(options: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        LawSettings(**options)


def test_the_ends_of_the_scores() -> None:
    assert LawSettings().ends is None
    assert LawSettings(bounds=(0, None)).ends == (0.0, math.inf)
    assert LawSettings(bounds=(None, 1.0)).ends == (-math.inf, 1.0)
