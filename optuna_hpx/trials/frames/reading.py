"""Reading a planned table: what its rows hold, as :meth:`TrialTable.from_frame` needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

from optuna_hpx.trials import marks, storage
from optuna_hpx.trials.frames import empties
from optuna_hpx.trials.frames.drawn import numeric, read_column
from optuna_hpx.trials.frames.guess import guess
from optuna_hpx.trials.frames.outcomes import codes_of
from optuna_hpx.trials.frames.special import NOTED, ORIGIN
from optuna_hpx.trials.frames.states import named_states
from optuna_hpx.trials.table import total_violation

if TYPE_CHECKING:
    from optuna_hpx.trials.frames.plan import FramePlan

_TRUTHS = {"true": True, "yes": True, "1": True, "1.0": True}
_TRUTHS |= {"false": False, "no": False, "0": False, "0.0": False}


@dataclass(frozen=True)
class FrameParts:
    """What :meth:`TrialTable.from_frame` needs.

    Attributes:
        states: (n,) as in a TrialTable.
        violation: (n,) as in a TrialTable.
        losses: (n, m) as in a TrialTable.
        durations: (n,) as in a TrialTable.
        directions: (m,) "minimize" or "maximize".
        columns: (name, distribution, regime, values) of each parameter.
        attributes: (n,) as in a TrialTable.
    """

    states: np.ndarray
    violation: np.ndarray
    losses: np.ndarray
    durations: np.ndarray
    directions: tuple[str, ...]
    columns: list[tuple[str, BaseDistribution, np.ndarray, np.ndarray]]
    attributes: tuple[dict[str, Any], ...]


def read_frame(
    plan: FramePlan,
    direction: str | Sequence[str],
    distributions: Mapping[str, BaseDistribution],
) -> FrameParts:
    """Read one trial per row; arguments and errors are those of :meth:`TrialTable.from_frame`."""
    directions = _directions(direction, len(plan.values))
    distributions = {plan.name_of(name): dist for name, dist in distributions.items()}
    if unknown := [name for name in distributions if name not in plan.params]:
        raise ValueError(
            f"`distributions` names {unknown[0]!r}, but the parameters are {list(plan.params)}."
        )
    losses = np.column_stack([numeric(plan.df, name) for name in plan.values])
    losses = losses * [-1.0 if name == "maximize" else 1.0 for name in directions]
    attributes = _attributes(plan)
    states = _states(plan, has_value=~np.isnan(losses).any(axis=1))
    losses[states != TrialState.COMPLETE] = np.nan
    return FrameParts(
        states=states,
        violation=_violation(plan, attributes),
        losses=losses,
        durations=_durations(plan),
        directions=directions,
        columns=[
            (name, *read_column(plan.df, column, distributions.get(name) or guessed(plan, name)))
            for name, column in plan.params.items()
        ],
        attributes=attributes,
    )


def guessed(plan: FramePlan, name: str, **options: Any) -> BaseDistribution:
    """Guess what a parameter was drawn from; options are those of :func:`guess`."""
    column = plan.params[name]
    return guess(plan.df, column, has_none=_has_none(plan, column), **options)


def _has_none(plan: FramePlan, column: str) -> bool:
    """Tell whether None is a choice: by the text, or because it and missing cells are told apart.

    In the columns of a search a text that is missing on no visible condition is a choice, too:
    pandas writes None as it writes nothing.
    """
    if column in plan.typed and plan.typed[column].has_none:
        return True
    cells = plan.df[column]
    if cells.dtype.kind in "iufbmM":
        return False
    values = cells.tolist()
    if cells.dtype == object and empties.is_none(values).any():
        return bool(empties.is_missing(values).any())
    return plan.layout.is_search and is_unconditional(plan, column)


def is_unconditional(plan: FramePlan, column: str) -> bool:
    """Tell whether a parameter is missing in some rows, and nothing decides in which."""
    is_empty = plan.df[column].isna().to_numpy()
    if not is_empty.any():
        return False
    others = [other for other in plan.params.values() if other != column]
    if "state" in plan.columns:
        others.append(plan.columns["state"])
    causes = np.array([codes_of(plan.df[other]) for other in others])
    return not empties.is_condition(is_empty, causes.reshape(len(others), len(is_empty)).T)


def _attributes(plan: FramePlan) -> tuple[dict[str, Any], ...]:
    """Return (n,) what samplers noted of each trial, as Optuna's own frames have it; else ()."""
    columns = {
        role.column.removeprefix(NOTED): plan.df[role.column]
        for role in plan.roles
        if role.kind in ("note", ORIGIN)
    }
    if not columns:
        return ()
    attributes: list[dict[str, Any]] = [{} for _ in range(len(plan.df))]
    for name, column in columns.items():
        for row in np.flatnonzero(column.notna()).tolist():
            attributes[row][name] = _noted(name, column.iloc[row])
    return tuple(attributes)


def _noted(name: str, value: Any) -> Any:
    """Return a note as a storage holds it: ours are JSON, which CSV readers may have parsed.

    Lists and numbers of others became text in a CSV file.
    """
    if not storage.is_own(name):
        return _parsed(value) if isinstance(value, str) else value
    if isinstance(value, str):
        return value
    return json.dumps(value.item() if isinstance(value, np.generic) else value)


def _parsed(text: str) -> Any:
    """Return the list or the number that the text is, or the text if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _directions(direction: str | Sequence[str], n_objectives: int) -> tuple[str, ...]:
    if not isinstance(direction, (str, list, tuple)):
        raise TypeError(
            "`direction` must be 'minimize' or 'maximize', or a list with one for each objective, "
            f"got {direction!r}."
        )
    directions = [direction] if isinstance(direction, str) else list(direction)
    if len(directions) != n_objectives:
        raise ValueError(
            f"`direction` must name one direction per objective: expected {n_objectives}, "
            f"got {directions}."
        )
    for name in directions:
        if name not in ("minimize", "maximize"):
            raise ValueError(f"`direction` must be 'minimize' or 'maximize', got {name!r}.")
    return tuple(directions)


def _violation(plan: FramePlan, attributes: tuple[dict[str, Any], ...]) -> np.ndarray:
    """Return (n,) the violation of the constraints of Optuna's frames; or 1 where infeasible."""
    violation = np.zeros(len(plan.df))
    if attributes:
        violation[:] = [total_violation(marks.constraints_of(notes)) for notes in attributes]
    if "feasible" not in plan.columns:
        return violation
    column = plan.df[plan.columns["feasible"]]
    words = [str(value).strip().lower() for value in column.tolist()]
    is_empty = column.isna().tolist()
    truths = [
        True if empty else _TRUTHS.get(word) for word, empty in zip(words, is_empty, strict=True)
    ]
    if None in truths:
        row = truths.index(None)
        raise ValueError(
            f"Column {column.name!r} must say whether a trial satisfies the constraints, by true "
            f"or false, but holds {column.iloc[row]!r} in the row of index "
            f"{column.index.tolist()[row]!r}: rename it if it says something else."
        )
    is_feasible = np.array(truths, dtype=bool)
    return np.where(is_feasible, violation, np.maximum(violation, 1.0))


def _states(plan: FramePlan, has_value: np.ndarray) -> np.ndarray:
    """Return (n,) COMPLETE with a value, FAIL without; or what a column of states says."""
    states = np.where(has_value, int(TrialState.COMPLETE), int(TrialState.FAIL))
    if "state" not in plan.columns:
        return states
    named = named_states(plan.df[plan.columns["state"]])
    return np.where(named == TrialState.COMPLETE, states, named)


def _durations(plan: FramePlan) -> np.ndarray:
    """Return (n,) seconds, NaN where they are not known."""
    unknown = np.full(len(plan.df), np.nan)
    if "duration" not in plan.columns:
        return unknown
    column = plan.df[plan.columns["duration"]]
    if column.dtype.kind in "iuf":
        seconds = column.to_numpy(dtype=float, na_value=np.nan)
        return np.where(seconds >= 0.0, seconds, np.nan)
    import pandas as pd

    try:
        spans = pd.to_timedelta(column, errors="coerce")
    except (TypeError, ValueError):
        return unknown
    return np.array(spans.dt.total_seconds().to_numpy(dtype=float, na_value=np.nan))
