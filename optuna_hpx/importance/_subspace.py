"""From a table to the two sets of PED-ANOVA: the region, and the target set within it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.importance.maths import ped_anova
from optuna_hpx.trials import domain, target_set
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable, loss_sign

Region: TypeAlias = Mapping[str, Any] | Callable[[FrozenTrial], bool]
Target: TypeAlias = Callable[[FrozenTrial], float] | Literal["feasible"]


_FAR = 20  # one of so many, for the region's own cut-off


@dataclass(frozen=True)
class Subspace:
    """What to look at, as the user said it. See :class:`PedAnovaImportanceEvaluator`."""

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


@dataclass(frozen=True)
class Split:
    """The trials of a table, split.

    Attributes:
        table: The table.
        region: (N,) bool over the table's trials.
        top: (N,) bool, the target set; within the region.
        near: (l,) trials at the cut-off of the target set; None if that is fixed beforehand.
        far: (l,) trials of the region at its own cut-off; none if it has none.
        n_candidates: Trials of which the best are the region.
        target_in_words: What the target set is, for a person.
        warnings: What keeps the importances from meaning what the user may think.
    """

    table: TrialTable
    region: np.ndarray
    top: np.ndarray
    near: np.ndarray | None
    far: np.ndarray
    n_candidates: int
    target_in_words: str
    warnings: list[str]


@dataclass(frozen=True)
class Candidates:
    """COMPLETE trials that may be in the region, and what is assessed of them.

    Attributes:
        table: The table.
        target: What is assessed instead of the objective, or None.
        rows: (n,) indices into the table.
        losses: (n, m), finite, to be minimised.
        keys: (n,) a better trial has a smaller one; infeasible trials come last.
        order: (n,) from the best to the worst.
        warnings: What is odd about them.
    """

    table: TrialTable
    target: Target | None
    rows: np.ndarray
    losses: np.ndarray
    keys: np.ndarray
    order: np.ndarray
    warnings: list[str]


def assessable(
    table: TrialTable, subspace: Subspace, target: Target | None, *, everywhere: bool = False
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The trials in the user's box, or ``everywhere``; their losses (n, m), and warnings."""
    region = None if everywhere else subspace.region
    rows = np.flatnonzero(in_box(table, region, target is not None))
    losses, warnings = _losses(table, rows, subspace, target)
    finite = np.isfinite(losses).all(axis=1)
    return rows[finite], losses[finite], warnings


def columns_of(table: TrialTable, params: list[str] | None) -> dict[str, Column]:
    """The parameters to assess: those named, or all that a COMPLETE trial has."""
    if params is not None:
        _checks.list_of_names("params", params)
    is_complete = table.states == TrialState.COMPLETE
    known = {
        name: column
        for name, column in table.columns.items()
        if (column.regime[is_complete] != INACTIVE).any()
    }
    if params is None:
        return known
    if missing := [name for name in params if name not in known]:
        raise ValueError(
            f"`params` must name parameters of at least one completed trial, got {missing}; "
            f"there are {sorted(known)}."
        )
    return {name: known[name] for name in params}


def rank(
    table: TrialTable,
    rows: np.ndarray,
    losses: np.ndarray,
    subspace: Subspace,
    target: Target | None,
    warnings: list[str],
    *,
    in_full: bool = False,
) -> Candidates:
    """Put the trials ``rows`` (n,) in order, by their ``losses`` (n, m).

    Of several objectives only the fronts that the quantiles ask for, or all ``in_full``.
    """
    violation = table.violation[rows]
    if target == "feasible":
        keys = violation
    else:
        keys = target_set.feasible_first(
            _keys(losses, violation == 0.0, subspace, in_full), violation
        )
    order = np.argsort(keys, kind="stable")
    return Candidates(table, target, rows, losses, keys, order, warnings)


def split(found: Candidates, subspace: Subspace) -> Split:
    """Cut the region and the target set from the candidates."""
    table, rows, losses = found.table, found.rows, found.losses
    feasible = table.violation[rows] == 0.0
    in_region = np.ones(len(rows), dtype=bool)
    if found.target == "feasible":
        in_top, by_count = feasible, False
    else:
        in_region = target_set.best(found.keys, subspace.region_quantile, allow_all=True)
        if subspace.target_value is None:
            in_top = target_set.best(found.keys, subspace.target_quantile)
            by_count = bool(feasible[in_top].all())
        else:
            in_top = losses[:, 0] <= _sign(table, subspace, found.target) * subspace.target_value
            by_count = False
    in_top = in_top & in_region & feasible
    ranked = rows[found.order[in_region[found.order]]]
    edge = ranked[-max(len(ranked) // _FAR, target_set.MIN_AROUND) :]
    return Split(
        table,
        _mask(table, rows[in_region]),
        _mask(table, rows[in_top]),
        ranked[target_set.around(int(np.count_nonzero(in_top)))] if by_count else None,
        ranked[:0] if in_region.all() else edge,
        len(rows),
        _describe(losses[in_top], subspace, table.directions, found.target),
        found.warnings + _warnings(len(rows), in_region, in_top, found.target),
    )


def _mask(table: TrialTable, rows: np.ndarray) -> np.ndarray:
    mask = np.zeros(len(table), dtype=bool)
    mask[rows] = True
    return mask


def _keys(
    losses: np.ndarray, feasible: np.ndarray, subspace: Subspace, in_full: bool
) -> np.ndarray:
    """(n,) lower is better; of no meaning for infeasible trials, which come last anyway."""
    if losses.shape[1] == 1:
        return losses[:, 0]
    if subspace.target_value is not None:
        raise ValueError(
            "`target_value` needs one objective: pass `target=`, e.g. lambda t: t.values[0]."
        )
    largest = max(q for q in (subspace.target_quantile, subspace.region_quantile, 0.0) if q < 1.0)
    keys = np.zeros(len(losses))
    n_needed = len(losses) if in_full else int(np.ceil(largest * len(losses)))
    keys[feasible] = target_set.non_domination_keys(losses[feasible], n_needed)
    return keys


def _losses(
    table: TrialTable, rows: np.ndarray, subspace: Subspace, target: Target | None
) -> tuple[np.ndarray, list[str]]:
    """(len(rows), m) values to minimise, and a warning if they point the wrong way."""
    if target is None:
        return table.losses[rows], []
    if target == "feasible":
        if subspace.region_quantile < 1.0 or subspace.target_value is not None:
            raise ValueError(
                "`target='feasible'` goes with neither `region_quantile` nor `target_value`: the "
                "feasible trials are the target set, and all trials are the region."
            )
        return np.zeros((len(rows), 1)), []
    if not callable(target):
        raise TypeError(f"`target` must be a callable or 'feasible', got {target!r}.")
    values = np.array(table.map(target, rows), dtype=float)
    if values.shape != rows.shape:
        raise ValueError(f"`target` must return one number, got the shape {values.shape[1:]}.")
    for k, direction in enumerate(table.directions):
        same = len(rows) > 0 and np.array_equal(values, table.values[rows, k])
        if same and direction != subspace.target_direction:
            message = (
                f"`target` is objective {k}, which the study is to {direction}, but "
                f"target_direction={subspace.target_direction!r} takes its other end for the good "
                f"one. Pass target_direction={direction!r} to the evaluator."
            )
            return values[:, None] * _sign(table, subspace, target), [message]
    return values[:, None] * _sign(table, subspace, target), []


def _sign(table: TrialTable, subspace: Subspace, target: Target | None) -> float:
    direction = table.directions[0] if target is None else subspace.target_direction
    return loss_sign(direction)


def _warnings(
    n: int, in_region: np.ndarray, in_top: np.ndarray, target: Target | None
) -> list[str]:
    n_region, n_top = int(np.count_nonzero(in_region)), int(np.count_nonzero(in_top))
    if n <= 1:
        return [
            "Importances need at least 2 completed trials with finite values in the region, "
            f"got {n}: all are 0."
        ]
    if n_top == 0:
        return ["No feasible trial of the region is in the target set: all importances are 0."]
    if n_top == n_region and target == "feasible":
        return [f"All {n_region} trials are feasible: all importances are 0."]
    if n_top == n_region:
        return [
            f"The target set is the whole region of {n_region} trials, so nothing sets it apart: "
            "all importances are 0."
        ]
    if ped_anova.is_too_few(n_region, n_top):
        return [
            f"With {n_top} of {n_region} trials in the target set, too few to tell, the "
            "importances are not corrected for chance."
        ]
    return []


def _describe(
    losses: np.ndarray, subspace: Subspace, directions: tuple[str, ...], target: Target | None
) -> str:
    if target == "feasible":
        return "the feasible trials"
    share = f"the best {100 * subspace.target_quantile:.4g} %"
    if losses.shape[1] > 1:
        return f"{share} by non-domination"
    name = "value" if target is None else "target"
    maximise = (directions[0] if target is None else subspace.target_direction) == "maximize"
    sign, relation = (-1.0, ">=") if maximise else (1.0, "<=")
    if subspace.target_value is not None:
        return f"{name} {relation} {subspace.target_value:.4g}"
    if not len(losses):
        return share
    return f"{share} ({name} {relation} {sign * losses.max():.4g})"


def in_box(table: TrialTable, region: Region | None, has_target: bool) -> np.ndarray:
    """(N,) COMPLETE trials in the user's region; with finite objectives if these are assessed."""
    inside = table.states == TrialState.COMPLETE if has_target else table.complete
    if region is None:
        return inside
    if callable(region):
        rows = np.flatnonzero(inside)
        return _mask(table, rows[np.array(table.map(region, rows), dtype=bool)])
    for name, allowed in region.items():
        if name not in table.columns:
            raise ValueError(
                f"`region` names {name!r}, but the parameters are {sorted(table.columns)}."
            )
        inside = inside & _allows(table.columns[name], allowed)
    return inside


def _allows(column: Column, allowed: Any) -> np.ndarray:
    """(N,) whether the value is between (low, high) or one of [choices]."""
    expected = f"`region[{column.name!r}]` must be "
    if isinstance(allowed, str) or not isinstance(allowed, Collection):
        raise TypeError(expected + f"a tuple (low, high) or a list of choices, got {allowed!r}.")
    if column.is_categorical:
        codes = [_internal(column, choice, expected) for choice in allowed]
        return np.isin(column.values, codes)
    if not isinstance(allowed, tuple):
        return np.isin(column.values, [_number(value, expected) for value in allowed])
    allowed = tuple(_number(value, expected) for value in allowed)
    if len(allowed) != 2 or not allowed[0] <= allowed[1]:
        raise ValueError(expected + f"(low, high) with low <= high, got {allowed!r}.")
    with np.errstate(invalid="ignore"):
        return (column.values >= allowed[0]) & (column.values <= allowed[1])


def _number(value: Any, expected: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(expected + f"(low, high) or a list of numbers, got {value!r}.") from error


def _internal(column: Column, choice: Any, expected: str) -> float:
    code = domain.internal_value(column.distributions[0], choice)
    if code is None:
        choices = domain.choices_of(column.distributions[0])
        raise ValueError(expected + f"among {choices}, got {choice!r}.")
    return code
