"""LawSettings: what its user says of a law beside the trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from optuna_hpx import _checks

__all__ = [
    "FIRST_DRAWS",
    "LAW_DRAWS",
    "MOST_DIMENSIONS",
    "N_FIRST",
    "Bounds",
    "LawSettings",
    "check_reference_point",
    "check_within",
]

MOST_DIMENSIONS = 10  # that are tried if nothing else is said: more look like 10, and cost time
FIRST_DRAWS = 8  # to say something: of fewer, 50 more random trials beat the best nearly always
N_FIRST = 30  # trials that set the reference point: as many as a callback first looks at
LAW_DRAWS = 20  # for a law: the least regime, 12 losses, is then little more than the better half

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class LawSettings:
    """Arguments that all ways to a law share.

    Attributes:
        threshold: The score at which the largest regime ends, or "auto".
        max_dimension: The largest effective number of hyperparameters; None: by the parameters.
        noise_std: Of one configuration's score, 0.0 if it has none, or "auto".
        bounds: The smallest and the largest possible score, None for a side that has none, or
            "auto".
    """

    threshold: float | Literal["auto"] = "auto"
    max_dimension: int | None = None
    noise_std: float | Literal["auto"] = "auto"
    bounds: Bounds | Literal["auto"] = "auto"

    def __post_init__(self) -> None:
        if not _is_auto(self.threshold):
            _checks.finite("threshold", self.threshold)
        if self.max_dimension is not None:
            _checks.count("max_dimension", self.max_dimension)
        if not _is_auto(self.noise_std):
            _checks.finite("noise_std", self.noise_std)
            if float(self.noise_std) < 0.0:
                raise ValueError(f"`noise_std` must not be negative, got {self.noise_std!r}.")
        if not _is_auto(self.bounds):
            _checks.bounds("bounds", self.bounds)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The smallest and the largest possible score; None if they are not given."""
        return None if _is_auto(self.bounds) else _checks.bounds("bounds", self.bounds)


def check_within(scores: np.ndarray, ends: tuple[float, float], bounds: object) -> None:
    """Refuse bounds that some of the scores are beyond.

    Args:
        scores: (n,) finite, at least one.
        ends: The bounds, infinite where there is none.
        bounds: What their user gave, as the error shows it.
    """
    if scores.min() < ends[0] or scores.max() > ends[1]:
        raise ValueError(
            f"`bounds` must hold all scores, got {bounds!r} and scores from {scores.min():.6g} to "
            f"{scores.max():.6g}."
        )


def check_reference_point(value: Any, n_objectives: int | None = None) -> np.ndarray:
    """Return a reference point (m,) as an array, or refuse it.

    Args:
        value: What should be one.
        n_objectives: How many numbers it must have; None: two or more.
    """
    point = np.zeros(0) if isinstance(value, str) else _checks.floats("reference_point", value)
    is_right = point.ndim == 1 and len(point) == (n_objectives or max(len(point), 2))
    if not (is_right and np.isfinite(point).all()):
        many = "two objectives or more" if n_objectives is None else f"{n_objectives} objectives"
        raise ValueError(
            f"`reference_point` must have a finite number for each of {many}, got {value!r}."
        )
    return point


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"
