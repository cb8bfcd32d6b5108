"""Which trials are assessed, and by which losses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable, loss_sign

Region: TypeAlias = Mapping[str, Any] | Callable[[FrozenTrial], bool]
Target: TypeAlias = Callable[[FrozenTrial], float] | Literal["feasible", "complete"]

LABELS = ("feasible", "complete")
"""Targets that a trial meets or misses, without a measure of how well."""


@dataclass(frozen=True)
class Subspace:
    """The region and the target set that the user asks for.

    Attributes as the arguments of :class:`PedAnovaImportanceEvaluator`.
    """

    target_quantile: float
    region_quantile: float
    target_value: float | None
    region: Region | None
    target_direction: str

    def __post_init__(self) -> None:
        _checks.target(self.target_quantile, self.region_quantile, self.target_value)
        if not (self.region is None or callable(self.region) or isinstance(self.region, Mapping)):
            raise TypeError(f"`region` must be a dict or a callable, got {self.region!r}.")
        _checks.one_of("target_direction", self.target_direction, ("minimize", "maximize"))

    def sign(self, table: TrialTable, target: Target | None) -> float:
        """Return the factor that makes what is assessed a loss."""
        return loss_sign(table.directions[0] if target is None else self.target_direction)


@dataclass(frozen=True, eq=False)
class Selection:
    """COMPLETE trials that may be in the region, and what is assessed of them.

    Attributes:
        table: The table.
        target: What is assessed instead of the objective, or None.
        rows: (n,) indices into the table.
        losses: (n, m), finite, to be minimised.
        warnings: What is odd about them.
        is_virtual: Whether these are points of the space, at which a surrogate stands for trials.
    """

    table: TrialTable
    target: Target | None
    rows: np.ndarray
    losses: np.ndarray
    warnings: tuple[str, ...] = ()
    is_virtual: bool = False

    @property
    def violation(self) -> np.ndarray:
        """(n,) sum of the positive constraint values; of the target "complete" none counts."""
        violation = self.table.violation[self.rows]
        return np.zeros(len(self.rows)) if self.target == "complete" else violation

    def within(self, region: Region | None) -> Selection:
        """Keep those in the user's region."""
        kept = in_box(self.table, region, self.target)[self.rows]
        return replace(self, rows=self.rows[kept], losses=self.losses[kept])

    @property
    def has_contrast(self) -> bool:
        """Whether any two differ in what is assessed."""
        if self.is_labelled:
            return len(np.unique(self.is_good)) > 1
        return len(self.rows) < 2 or not (self.losses == self.losses[0]).all()

    @property
    def is_labelled(self) -> bool:
        """Whether trials meet or miss the target, and are not measured by it."""
        return isinstance(self.target, str)

    @property
    def is_good(self) -> np.ndarray:
        """(n,) which trials meet the target "feasible" or "complete"."""
        if self.target == "complete":
            return np.asarray(self.table.states[self.rows] == TrialState.COMPLETE)
        return self.violation == 0.0


def select(
    table: TrialTable, subspace: Subspace, target: Target | None, *, everywhere: bool = False
) -> Selection:
    """Select the trials in the user's region, or ``everywhere``, that have finite losses.

    Raises:
        ValueError: If the region names a parameter that no trial has, or the target does not go
            with the subspace or does not return one number.
        TypeError: If the region or the target is of the wrong type.
    """
    region = None if everywhere else subspace.region
    rows = np.flatnonzero(in_box(table, region, target))
    losses, warnings = _losses(table, rows, subspace, target)
    finite = np.isfinite(losses).all(axis=1)
    return Selection(table, target, rows[finite], losses[finite], tuple(warnings))


def columns_of(
    table: TrialTable, params: list[str] | None, target: Target | None = None
) -> dict[str, Column]:
    """Return the columns of the parameters to assess: those named, or all of COMPLETE trials.

    For the target "complete" all of finished trials.

    Raises:
        TypeError: If ``params`` is not a list of strings.
        ValueError: If a parameter is in no COMPLETE trial.
    """
    if params is not None:
        _checks.list_of_names("params", params)
    counted = _may_count(table, target)
    columns = {
        name: column
        for name, column in table.columns.items()
        if (column.regime[counted] != INACTIVE).any()
    }
    if params is None:
        return columns
    if missing := [name for name in params if name not in columns]:
        raise ValueError(
            f"`params` must name parameters of at least one completed trial, got {missing}; "
            f"there are {sorted(columns)}."
        )
    return {name: columns[name] for name in params}


def _losses(
    table: TrialTable, rows: np.ndarray, subspace: Subspace, target: Target | None
) -> tuple[np.ndarray, list[str]]:
    """Return (len(rows), m) values to minimise, and a warning if they point the wrong way."""
    if target is None:
        return table.losses[rows], []
    if isinstance(target, str) and target in LABELS:
        if subspace.region_quantile < 1.0 or subspace.target_value is not None:
            raise ValueError(
                f"`target={target!r}` goes with neither `region_quantile` nor `target_value`: the "
                f"{target} trials are the target set, and all trials are the region."
            )
        return np.zeros((len(rows), 1)), []
    if not callable(target):
        raise TypeError(f"`target` must be a callable, 'feasible' or 'complete', got {target!r}.")
    values = _checks.floats("target", table.map(target, rows))
    if values.shape != rows.shape:
        raise ValueError(f"`target` must return one number, got the shape {values.shape[1:]}.")
    warnings = _on_wrong_end(table, rows, values, subspace.target_direction)
    return values[:, None] * subspace.sign(table, target), warnings


def _on_wrong_end(
    table: TrialTable, rows: np.ndarray, values: np.ndarray, target_direction: str
) -> list[str]:
    """Warn of a target that is an objective which the study moves the other way."""
    for k, direction in enumerate(table.directions):
        same = len(rows) > 0 and np.array_equal(values, table.values[rows, k])
        if same and direction != target_direction:
            return [
                f"`target` is objective {k}, which the study is to {direction}, but "
                f"target_direction={target_direction!r} takes its other end for the good "
                f"one. Pass target_direction={direction!r} to the evaluator."
            ]
    return []


def _may_count(table: TrialTable, target: Target | None) -> np.ndarray:
    """Tell (N,) which trials may be assessed by their state: all have finished."""
    if isinstance(target, str) and target == "complete":
        return np.ones(len(table), dtype=bool)
    return np.asarray(table.states == TrialState.COMPLETE)


def in_box(table: TrialTable, region: Region | None, target: Target | None) -> np.ndarray:
    """Find the COMPLETE trials in the user's region; all finished ones for "complete".

    Args:
        table: The trials.
        region: As for :class:`PedAnovaImportanceEvaluator`.
        target: What is assessed instead of the objectives; if None, these must be finite.

    Returns:
        (N,) bool.
    """
    inside = table.complete if target is None else _may_count(table, target)
    if region is None:
        return inside
    if callable(region):
        rows = np.flatnonzero(inside)
        inside[rows] = np.array(table.map(region, rows), dtype=bool)
        return inside
    for name, allowed in region.items():
        if name not in table.columns:
            raise ValueError(
                f"`region` names {name!r}, but the parameters are {sorted(table.columns)}."
            )
        inside = inside & _allows(table.columns[name], allowed)
    return inside


def _allows(column: Column, allowed: Any) -> np.ndarray:
    """Tell (N,) whether the value is between (low, high) or one of [choices]."""
    expected = f"`region[{column.name!r}]` must be "
    if isinstance(allowed, str) or not isinstance(allowed, Collection):
        raise TypeError(expected + f"a tuple (low, high) or a list of choices, got {allowed!r}.")
    if column.is_categorical:
        return _is_among(column, allowed, expected)
    slack = np.array([domain.slack(dist) for dist in column.distributions])[column.regime]
    if not isinstance(allowed, tuple):
        numbers = np.array([_number(value, expected) for value in allowed])
        return np.asarray((np.abs(column.values[:, None] - numbers) <= slack[:, None]).any(axis=1))
    allowed = tuple(_number(value, expected) for value in allowed)
    if len(allowed) != 2 or not allowed[0] <= allowed[1]:
        raise ValueError(expected + f"(low, high) with low <= high, got {allowed!r}.")
    with np.errstate(invalid="ignore"):
        above, below = column.values >= allowed[0] - slack, column.values <= allowed[1] + slack
        return np.asarray(above & below)


def _number(value: Any, expected: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(expected + f"(low, high) or a list of numbers, got {value!r}.") from error


def _is_among(column: Column, allowed: Collection[Any], expected: str) -> np.ndarray:
    """Tell (N,) whether the choice is one of ``allowed``, by the choices of the trial itself."""
    is_range = isinstance(allowed, tuple) and len(allowed) == 2
    if is_range and all(isinstance(end, Real) and not isinstance(end, bool) for end in allowed):
        raise ValueError(
            expected + f"a list of choices, as {column.name!r} is categorical: the tuple "
            f"{allowed!r} is a range. Pass {list(allowed)!r} if these two choices are meant, or "
            "list all choices between them."
        )
    codes = np.array(  # (regimes, choices), NaN where a regime has no such choice
        [[domain.internal_value(dist, c) for c in allowed] for dist in column.distributions],
        dtype=float,
    )
    is_unknown = np.isnan(codes).all(axis=0)
    if is_unknown.any():
        choices = tuple(c for dist in column.distributions for c in domain.choices_of(dist))
        unknown = list(allowed)[int(is_unknown.argmax())]
        raise ValueError(expected + f"among {choices}, got {unknown!r}.")
    return np.asarray((column.values[:, None] == codes[column.regime]).any(axis=1))
