"""What columns say of each other: copies of parameters, and results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.trials.frames.guess import is_number
from optuna_hpx.trials.frames.names import is_sure_setting
from optuna_hpx.trials.frames.outcomes import codes_of, is_uneven, results_among
from optuna_hpx.trials.frames.reasons import FEW, RESULT
from optuna_hpx.trials.frames.role import Role

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["with_doubts_of_spread", "without_copies", "without_results"]

_MIN_ROWS = 20
"""In fewer rows two columns may go along by chance."""
_MIN_DIFFERENT = 3
_ASIDE = "likely a result, by its place: what surely is a parameter stands on the other side of"
_AMONG = "likely a result, by its place: between"


def without_copies(df: pd.DataFrame, roles: Sequence[Role]) -> list[Role]:
    """Leave out what says the same as a parameter, or as an objective.

    Of two that do, the one stays that is named like a hyperparameter, else the first.
    """
    done = list(roles)
    names = [role.column for role in roles if role.is_parameter]
    objectives = [role.column for role in roles if role.kind == "objective"]
    codes = {name: codes_of(df[name]) for name in names}
    # What was run again says nothing new of what goes along with what.
    distinct = np.unique(np.column_stack([*codes.values()]), axis=0).T if names else ()
    codes = dict(zip(names, distinct, strict=True))
    originals: list[int] = []
    for k, role in enumerate(roles):
        if not role.is_parameter:
            continue
        others = [*objectives, *(roles[o].column for o in originals)]
        twin = next((name for name in others if _is_same(df[name], df[role.column])), None)
        if twin is not None:
            done[k] = Role(role.column, "left out", f"the same as {twin}")
            continue
        source = next((o for o in originals if _is_recoded(df, codes, roles[o], role)), None)
        if source is None:
            originals.append(k)
            continue
        left = k
        if is_sure_setting(role.column) and not is_sure_setting(roles[source].column):
            originals[originals.index(source)], left, source = k, source, k
        first = roles[source].column
        reason = f"follows from {first} in every row"
        doubt = "which of the two matters, if one does, this table cannot tell"
        done[left] = Role(roles[left].column, "left out", reason, doubt)
    return done


def _is_same(a: pd.Series[Any], b: pd.Series[Any]) -> bool:
    if is_number(a) != is_number(b):
        return False
    if is_number(a):
        return bool(np.array_equal(a.to_numpy(float), b.to_numpy(float), equal_nan=True))
    return a.tolist() == b.tolist()


def _is_recoded(
    df: pd.DataFrame, codes: Mapping[str, np.ndarray], first: Role, second: Role
) -> bool:
    """Tell whether each value of one goes with one of the other; in order, where most differ."""
    if (df[first.column].isna() != df[second.column].isna()).any():
        return False  # one may be the condition of the other
    x, y = (np.unique(codes[role.column], return_inverse=True)[1] for role in (first, second))
    n = x.max() + 1
    if len(x) < _MIN_ROWS or n != y.max() + 1 or n < _MIN_DIFFERENT:
        return False
    if len(np.unique(x * n + y)) != n:
        return False
    if 4 * n <= len(x):
        return True
    is_order = is_number(df[first.column]) and is_number(df[second.column])
    return is_order and bool((x == y).all() or (x == n - 1 - y).all())


def without_results(df: pd.DataFrame, roles: Sequence[Role], losses: np.ndarray) -> list[Role]:
    """Leave out what goes along with an objective, follows from parameters or stands aside.

    Not what is named like a hyperparameter or has few values, and not all that there is.
    """
    names = [role.column for role in roles if role.is_parameter]
    candidates = [
        name
        for name in names
        if is_number(df[name]) and not is_sure_setting(name) and df[name].nunique() > FEW
    ]
    sure = [name for name in names if name not in candidates]
    reasons = results_among(df, candidates, sure, losses)
    is_complete = np.isfinite(losses).all(axis=1)
    for name, reason in (_aside(roles, candidates, sure) | _among(roles, candidates)).items():
        # What was added to a script later, or has a condition, may stand last, with empty cells.
        if df[name][is_complete].notna().all():
            reasons.setdefault(name, reason)
    if len(reasons) == len(names):
        doubts = {name: f"it is {reason}" for name, reason in reasons.items()}
        return [replace(role, doubt=doubts.get(role.column, role.doubt)) for role in roles]
    return [
        Role(role.column, "left out", reasons[role.column], "it may be a parameter all the same")
        if role.column in reasons
        else role
        for role in roles
    ]


def with_doubts_of_spread(df: pd.DataFrame, roles: Sequence[Role]) -> list[Role]:
    """Mark parameters of unknown names as doubtful whose values crowd, where others' do not.

    Values that a sampler chose crowd in all of them: then that says nothing.
    """
    names = [
        role.column
        for role in roles
        if role.is_parameter and is_number(df[role.column]) and df[role.column].nunique() > FEW
    ]
    uneven = {name for name in names if is_uneven(df[name].dropna().to_numpy(dtype=float))}
    if any(map(is_sure_setting, uneven)) or 2 * len(uneven) > len(names):
        return list(roles)
    doubt = "it may be a result: its values crowd as even draws do not"
    return [
        replace(role, doubt=role.doubt or doubt) if role.column in uneven else role
        for role in roles
    ]


def _aside(
    roles: Sequence[Role], candidates: Collection[str], sure: Collection[str]
) -> dict[str, str]:
    """Find candidates that an objective parts from all sure parameters, of which are several.

    Scripts and tools write parameters on one side of the results, if they do not sort all columns.
    """
    names = [role.column for role in roles]
    objectives = [k for k, role in enumerate(roles) if role.kind == "objective"]
    places = [names.index(name) for name in sure]
    if len(places) < 2 or not objectives or names == sorted(names, key=str.lower):
        return {}
    if max(places) < min(objectives):
        results = [k for k, role in enumerate(roles) if _is_result(role) and k > max(places)]
        first = min(results)
        aside = [k for k in range(len(names)) if k > first]
    elif min(places) > max(objectives):
        results = [k for k, role in enumerate(roles) if _is_result(role) and k < min(places)]
        first = max(results)
        aside = [k for k in range(len(names)) if k < first]
    else:
        return {}
    return {names[k]: f"{_ASIDE} {names[first]}" for k in aside if names[k] in candidates}


def _among(roles: Sequence[Role], candidates: Collection[str]) -> dict[str, str]:
    """Find candidates between two results, with parameters elsewhere."""
    results = [k for k, role in enumerate(roles) if _is_result(role)]
    among: dict[str, str] = {}
    for first, last in pairwise(results):
        names = [role.column for role in roles[first + 1 : last] if role.is_parameter]
        if not set(names) <= set(candidates):
            continue
        reason = f"{_AMONG} {roles[first].column} and {roles[last].column}"
        among |= dict.fromkeys(names, reason)
    n_elsewhere = sum(role.is_parameter and role.column not in among for role in roles)
    return among if n_elsewhere >= 2 else {}


def _is_result(role: Role) -> bool:
    return role.kind == "objective" or role.reason == RESULT
