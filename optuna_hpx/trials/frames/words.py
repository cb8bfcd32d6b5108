"""What is said of how a table was read: in a warning, on a page, in a terminal."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from optuna.distributions import BaseDistribution

if TYPE_CHECKING:
    from optuna_hpx.trials.frames.plan import FramePlan

__all__ = ["check_arguments", "doubts_of", "warn_of"]

_PLAIN = frozenset(
    ["empty", "one value in all rows", "a date", "a note", "as asked",
     "an id or a name, of the run or its machine", "which repetition it is", "not asked for",
     "text of its own in each row"]
)  # fmt: skip
"""Reasons to leave a column out that need no warning."""


def check_arguments(
    value: Any, params: Any, ignore: Any, distributions: Mapping[str, Any] | None
) -> list[str]:
    """Return the names of the objectives, or refuse what is of the wrong type.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If there is no objective.
    """
    for argument, names in (("params", () if params is None else params), ("ignore", ignore)):
        is_several = isinstance(names, Collection) and not isinstance(names, (str, bytes, Mapping))
        if not is_several or getattr(names, "ndim", 1) != 1:
            # A generator is read once, and would be empty the second time.
            raise TypeError(f"`{argument}` must be a list of column names, got {names!r}.")
        for name in names:
            if not isinstance(name, str):
                raise TypeError(
                    f"`{argument}` must be a list of column names, but holds {name!r}; the name "
                    "of a column that is no text is its str()."
                )
    if distributions is not None and not isinstance(distributions, Mapping):
        raise TypeError(
            f"`distributions` must be a dict of distributions by parameter, got {distributions!r}."
        )
    for name, dist in (distributions or {}).items():
        if not isinstance(dist, BaseDistribution):
            raise TypeError(
                f"`distributions[{name!r}]` must be one of optuna.distributions, got {dist!r}."
            )
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(name, str) for name in values):
        raise TypeError(f"`value` must be the name of a column, or several, got {value!r}.")
    if not values:
        raise ValueError("`value` must be the name of a column, or several, got none.")
    return list(values)


def doubts_of(plan: FramePlan) -> list[str]:
    """Say what may be taken wrongly, a sentence for columns of which the same is to be said."""
    doubts = [
        f"Columns {', '.join(names)} are one choice, written as columns of 0 and 1: taken as one "
        f"parameter, {new!r}."
        for new, names in plan.folded.items()
    ]
    alike: dict[tuple[str, str], list[str]] = {}
    for role in plan.roles:
        if role.doubt:
            kind = "a parameter" if role.is_parameter else f"no parameter ({role.reason})"
            alike.setdefault((kind, role.doubt), []).append(repr(role.column))
    for (kind, doubt), names in alike.items():
        if len(names) == 1:
            doubts.append(f"Column {names[0]} is taken as {kind}, but {doubt}.")
        else:
            doubt = doubt.replace("it may", "each may", 1)
            doubts.append(f"Columns {', '.join(names)} are each taken as {kind}, but {doubt}.")
    for role in plan.roles:
        lost = plan.lost_cells(role.column)
        if lost and role.kind in ("parameter", "objective"):
            doubts.append(f"Of column {role.column!r} {lost}.")
    return doubts


def warn_of(plan: FramePlan) -> None:
    """Warn of what was guessed of the columns of a data frame, once for all of them."""
    left = [
        f"{role.column!r} ({role.reason})"
        for role in plan.roles
        if role.kind == "left out" and not role.doubt and role.reason not in _PLAIN
    ]
    sentences = doubts_of(plan)
    if left and not plan.layout.prefix:
        sentences.insert(0, f"Taken as no parameters: {', '.join(left)}.")
    if sentences:
        sentences.append("To say otherwise: `params` or `ignore`.")
        warnings.warn(" ".join(sentences), UserWarning, stacklevel=4)
