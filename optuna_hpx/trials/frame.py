"""Reading a data frame: which columns are objectives and parameters, and what its rows hold."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import TrialState

from optuna_hpx.trials import marks, storage
from optuna_hpx.trials.domain import ends, index_of_choice
from optuna_hpx.trials.guess import column_of, guess, is_number
from optuna_hpx.trials.table import total_violation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_PREFIX = "params_"
_NOTED = "system_attrs_"
ORIGIN, ORIGINS = "origin", ("independent", "even", "chosen", "unknown", "repeated", "retried")
"""The column in which :meth:`TrialTable.to_frame` says how each trial was drawn, and its words."""
_NEVER_PARAMETERS = ("number", "duration", "feasible")
_MEANT = ("state", *_NEVER_PARAMETERS)
"""Names of columns that say something of each trial, whatever their case."""
_STATES = {
    TrialState.COMPLETE: "complete completed finished done success succeeded ok terminated",
    TrialState.FAIL: "fail failed failure error errored crashed killed preempted",
    TrialState.PRUNED: "pruned stopped early_stopped",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting pending queued scheduled",
}
"""The words of other tools; ``terminated`` is Ray's for a trial that came to its end."""
_STATE_OF = {word: state for state, words in _STATES.items() for word in words.split()}
_COUNTER = re.compile(
    r"(unnamed: ?\d*|index|row|id|(trial|run|step|iter(ation)?)([ _]?(id|number|index))?)", re.I
)
"""Names of columns that surely count the rows."""
_TRUTHS = {"true": True, "yes": True, "1": True, "1.0": True}
_TRUTHS |= {"false": False, "no": False, "0": False, "0.0": False}


@dataclass(frozen=True)
class FrameParts:
    """What :meth:`TrialTable.from_frame` needs.

    Attributes:
        states: (n,) as in a TrialTable.
        violation: (n,) as in a TrialTable.
        losses: (n, m) as in a TrialTable.
        directions: (m,) "minimize" or "maximize".
        columns: (name, distribution, regime, values) of each parameter.
        attributes: (n,) as in a TrialTable.
    """

    states: np.ndarray
    violation: np.ndarray
    losses: np.ndarray
    directions: tuple[str, ...]
    columns: list[tuple[str, BaseDistribution, np.ndarray, np.ndarray]]
    attributes: tuple[dict[str, Any], ...]


def read_frame(
    df: pd.DataFrame,
    params: Sequence[str] | None,
    value: str | Sequence[str],
    direction: str | Sequence[str],
    distributions: Mapping[str, BaseDistribution] | None,
) -> FrameParts:
    """Read one trial per row; arguments and errors are those of :meth:`TrialTable.from_frame`."""
    values = [value] if isinstance(value, str) else _names_of_values(value)
    directions = _directions(direction, len(values))
    losses = np.column_stack([_numeric(df, name) for name in values])
    losses = losses * [-1.0 if name == "maximize" else 1.0 for name in directions]
    given_distributions = dict(distributions or {})
    _check_types(params, given_distributions)
    attributes = _attributes(df)
    df, names = _parameters(df, params, values, given_distributions)
    states = _states(df, has_value=~np.isnan(losses).any(axis=1))
    losses[states != TrialState.COMPLETE] = np.nan
    return FrameParts(
        states=states,
        violation=_violation(df, attributes),
        losses=losses,
        directions=directions,
        columns=[
            _read_column(df, name, given_distributions.get(name) or guess(df, name))
            for name in names
        ],
        attributes=attributes,
    )


def _attributes(df: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Return (n,) what samplers noted of each trial, as Optuna's own frames have it; else ()."""
    columns = {
        str(name).removeprefix(_NOTED): column_of(df, name)
        for name in df.columns
        if str(name).startswith(_NOTED)
    }
    if ORIGIN in df.columns and df[ORIGIN].isin(ORIGINS).all():
        columns[ORIGIN] = column_of(df, ORIGIN)
    if not columns:
        return ()
    attributes: list[dict[str, Any]] = [{} for _ in range(len(df))]
    for name, column in columns.items():
        for row in np.flatnonzero(column.notna()).tolist():
            attributes[row][name] = _noted(name, column.iloc[row])
    return tuple(attributes)


def _noted(name: str, value: Any) -> Any:
    """Return a note as a storage holds it: ours are JSON, which CSV readers may have parsed.

    Lists of others became text in a CSV file.
    """
    if not storage.is_own(name):
        return _parsed(value) if isinstance(value, str) and value.startswith("[") else value
    if isinstance(value, str):
        return value
    return json.dumps(value.item() if isinstance(value, np.generic) else value)


def _parsed(text: str) -> Any:
    """Return the list that the text is, or the text if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def in_lower_case(df: pd.DataFrame, named: Sequence[str]) -> pd.DataFrame:
    """Write ``State`` and the like of other tools as ``state``, but what the caller has ``named``.

    A name stays as it is if it is also there in lower case, or several would become one.
    """
    names = [str(name).lower() for name in getattr(df, "columns", ())]
    lower = {
        name: plain
        for name, plain in zip(getattr(df, "columns", ()), names, strict=True)
        if plain in _MEANT and name != plain and names.count(plain) == 1 and name not in named
    }
    renamed = df.rename(columns=lower) if lower else df
    if "state" in lower.values() and not are_states(renamed):  # as those of a country
        return df.rename(columns={name: x for name, x in lower.items() if x != "state"})
    return renamed


def in_order_of_numbers(df: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Sort rows by a column of trial numbers and return it, (n,); else return 0, 1, ...

    Raises:
        ValueError: If the names of columns have several levels.
    """
    rows = np.arange(len(df))
    columns = getattr(df, "columns", ())
    if getattr(columns, "nlevels", 1) > 1:
        raise ValueError(
            "`df` must have plain column names, got names of several levels, as "
            "trials_dataframe(multi_index=True) gives them: leave that out."
        )
    if "number" not in columns or column_of(df, "number").dtype.kind not in "iu":
        return df, rows
    numbers = df["number"].to_numpy(dtype=np.int64)
    if len(np.unique(numbers)) < len(numbers) or (numbers < 0).any():
        return df, rows
    order = np.argsort(numbers)
    return df.iloc[order], numbers[order]


def _directions(direction: str | Sequence[str], n_objectives: int) -> tuple[str, ...]:
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


def _parameters(
    df: pd.DataFrame,
    params: Sequence[str] | None,
    values: Sequence[str],
    distributions: Mapping[str, BaseDistribution],
) -> tuple[pd.DataFrame, Sequence[str]]:
    """Find the columns of parameters, and return the frame with their names without a prefix."""
    if params is not None and (both := [name for name in params if name in values]):
        raise ValueError(f"Column {both[0]!r} is named as a parameter and as an objective.")
    prefixed = [name for name in df.columns if str(name).startswith(_PREFIX)]
    if params is None and prefixed:  # as Optuna and this package write them
        df = df.rename(columns={name: name.removeprefix(_PREFIX) for name in prefixed})
        params = [name.removeprefix(_PREFIX) for name in prefixed]
    if params is None:
        params = [
            name
            for name in df.columns
            if name in distributions or _may_be_parameter(df, name, values)
        ]
    if unknown := [name for name in distributions if name not in params]:
        raise ValueError(
            f"`distributions` names {unknown[0]!r}, but the parameters are {list(params)}."
        )
    return df, params


def _names_of_values(value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"`value` must be the name of a column, or several, got {value!r}.")
    return list(value)


def _check_types(params: Any, distributions: Mapping[str, Any]) -> None:
    if isinstance(params, str):
        raise TypeError(f"`params` must be a list of column names, got {params!r}.")
    for name, dist in distributions.items():
        if not isinstance(dist, BaseDistribution):
            raise TypeError(
                f"`distributions[{name!r}]` must be one of optuna.distributions, got {dist!r}."
            )


def _violation(df: pd.DataFrame, attributes: tuple[dict[str, Any], ...]) -> np.ndarray:
    """Return (n,) the violation of the constraints of Optuna's frames; or 1 where infeasible."""
    violation = np.zeros(len(df))
    if attributes:
        violation[:] = [total_violation(marks.constraints_of(notes)) for notes in attributes]
    if "feasible" not in df.columns:
        return violation
    column = column_of(df, "feasible")
    words = [str(value).strip().lower() for value in column.tolist()]
    is_empty = column.isna().tolist()
    truths = [
        True if empty else _TRUTHS.get(word) for word, empty in zip(words, is_empty, strict=True)
    ]
    if None in truths:
        value = column.iloc[truths.index(None)]
        raise ValueError(
            f"Column 'feasible' must say whether a trial satisfies the constraints, by true or "
            f"false, but holds {value!r}: rename it if it says something else."
        )
    is_feasible = np.array(truths, dtype=bool)
    return np.where(is_feasible, violation, np.maximum(violation, 1.0))


def are_states(df: pd.DataFrame) -> bool:
    """Tell whether a column ``state`` holds states of trials.

    Raises:
        ValueError: If some of its words are states, and others are none.
    """
    if "state" not in getattr(df, "columns", ()):
        return False
    words = column_of(df, "state").dropna().unique().tolist()
    unknown = [word for word in words if str(word).strip().lower() not in _STATE_OF]
    if unknown and len(unknown) < len(words):
        raise ValueError(
            f"Column 'state' must hold states of trials, as {', '.join(TrialState.__members__)}, "
            f"but holds {unknown[0]!r}: replace it, or rename the column if it is a parameter."
        )
    return bool(words) and not unknown


def finished(df: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows that a column ``state`` calls running or waiting: they are no trials yet."""
    if not are_states(df):
        return df
    states = _named_states(df)
    is_open = np.isin(states, (int(TrialState.RUNNING), int(TrialState.WAITING)))
    return df[~is_open] if is_open.any() else df


def _named_states(df: pd.DataFrame) -> np.ndarray:
    """Return (n,) the states that are named; COMPLETE, if there is a value, for an empty cell."""
    named = [
        TrialState.COMPLETE if empty else _STATE_OF[str(word).strip().lower()]
        for word, empty in zip(df["state"].tolist(), df["state"].isna().tolist(), strict=True)
    ]
    return np.array([int(state) for state in named], dtype=int)


def _states(df: pd.DataFrame, has_value: Any) -> np.ndarray:
    """Return (n,) COMPLETE with a value, FAIL without; or what a column ``state`` says."""
    states = np.where(has_value, int(TrialState.COMPLETE), int(TrialState.FAIL))
    if not are_states(df):
        return states
    named = _named_states(df)
    return np.where(named == TrialState.COMPLETE, states, named)


def _numeric(df: pd.DataFrame, name: str) -> np.ndarray:
    column = column_of(df, name)
    try:
        # A copy: the frame may change later, and the table may not.
        return np.array(column.to_numpy(dtype=float, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise ValueError(f"Column {name!r} must hold numbers: {error}.") from error


def _may_be_parameter(df: pd.DataFrame, name: str, values: Sequence[str]) -> bool:
    """Decide that a column is no objective, nor empty, nor merely numbers or names the rows."""
    column = column_of(df, name).dropna()
    is_time = column.dtype.kind in "Mm"
    is_note = str(name).startswith(_NOTED)
    if name in values or name in _NEVER_PARAMETERS or column.empty or is_time or is_note:
        return False
    if (name == "state" and are_states(df)) or (name == ORIGIN and column.isin(ORIGINS).all()):
        return False
    if is_number(column):
        return not _counts_rows(column)
    return column.nunique() < max(len(column), 2)


def _counts_rows(column: pd.Series[Any]) -> bool:
    """Tell whether numbers go up by 1 from row to row; if so, say that they are left out."""
    if len(column) < 3 or (np.diff(column.to_numpy(dtype=float)) != 1).any():
        return False
    if not _COUNTER.fullmatch(str(column.name)):
        warnings.warn(
            f"Column {column.name!r} goes up by 1 from row to row, and is taken as a count of the "
            "rows. If it is a parameter, name all parameters in `params`.",
            UserWarning,
            stacklevel=2,
        )
    return True


def _read_column(
    df: pd.DataFrame, name: str, dist: BaseDistribution
) -> tuple[str, BaseDistribution, np.ndarray, np.ndarray]:
    column = column_of(df, name)
    active = column.notna().to_numpy()
    if isinstance(dist, CategoricalDistribution):
        values = _choice_codes(column, active, dist)
    else:
        values = _numeric(df, name)
        low, high = (f"{end:.15g}" for end in ends(dist))
        within = (values >= ends(dist)[0]) & (values <= ends(dist)[1])
        outside = active & ~within
        if outside.any():
            raise ValueError(
                f"Column {name!r} must lie in [{low}, {high}], but holds {values[outside][0]:g}."
            )
    return name, dist, np.where(active, 0, -1), values


def _choice_codes(
    column: pd.Series[Any], active: np.ndarray, dist: CategoricalDistribution
) -> np.ndarray:
    codes = np.full(len(column), np.nan)
    code_of: dict[tuple[bool, Any], int] = {}  # True and 1 are one key of a dict
    for row, choice in zip(np.flatnonzero(active), column[active].tolist(), strict=True):
        key = isinstance(choice, bool), choice
        if key not in code_of:
            code_of[key] = _choice_code(column.name, choice, dist)
        codes[row] = code_of[key]
    return codes


def _choice_code(name: Any, choice: Any, dist: CategoricalDistribution) -> int:
    try:
        return index_of_choice(dist, choice)
    except ValueError as error:
        raise ValueError(
            f"Column {name!r} must hold one of {dist.choices}, but holds {choice!r}."
        ) from error
