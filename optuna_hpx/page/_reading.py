"""What the page and the terminal say of how a file was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import CategoricalDistribution, IntDistribution

from optuna_hpx.canvas.section import Section, TextTable
from optuna_hpx.canvas.words import count, listing
from optuna_hpx.page._domains import describe_domain
from optuna_hpx.page._summary import period
from optuna_hpx.trials.columns import INACTIVE
from optuna_hpx.trials.domain import ends, is_log
from optuna_hpx.trials.frames.reading import is_unconditional
from optuna_hpx.trials.frames.words import doubts_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from optuna_hpx.trials.frames.plan import FramePlan
    from optuna_hpx.trials.table import TrialTable

__all__ = ["describe", "facts_of", "kind_of", "section_of"]

_CHOOSE = (
    "To take in a column that was left out, name it by --linear, --log or --categorical, or all "
    "parameters by --params; to leave one out that was taken: --ignore"
)
_KINDS = {
    "objective": "the objective",
    "state": "the state of the trial",
    "number": "the number of the trial",
    "duration": "how long the trial took",
    "feasible": "whether constraints hold",
    "origin": "how the trial was drawn",
    "note": "a note of the sampler",
}
"""What columns are that are read, and are no parameters."""


def describe(plan: FramePlan, table: TrialTable) -> tuple[str, ...]:
    """Say in lines for a terminal what was taken for what."""
    params = [f"{name} ({kind_of(c.distributions[0])})" for name, c in table.columns.items()]
    names: dict[str, list[str]] = {}
    for role in plan.roles:
        if role.kind == "left out":
            names.setdefault(role.reason, []).append(role.column)
    left = [f"{', '.join(columns)} ({reason})" for reason, columns in names.items()]
    notes = [f"Parameters: {', '.join(params) or 'none'}"]
    if left:
        notes.append(f"Not taken for parameters: {', '.join(left)}")
    return (*notes, *_doubts(plan, table), _CHOOSE)


def facts_of(
    plan: FramePlan, table: TrialTable, span: tuple[Any, Any] | None
) -> tuple[tuple[str, str], ...]:
    """Say for the head of the page who wrote the table, and how much of it was taken."""
    tool = f"a table as {plan.layout.tool} writes it" if plan.layout.tool else "a table"
    names = [role.column for role in plan.roles if role.doubt]
    doubts = f"; in doubt: {listing(names, at_most=3)}" if names else ""
    if not names and (n_doubts := len(_doubts(plan, table))):
        doubts = f"; {count(n_doubts, 'doubt')}, named below"
    extent = f"{tool}: {len(plan.params)} of {len(plan.roles)} columns are parameters{doubts}"
    facts = [("Read from", extent)]
    if span is not None:
        facts.append(("Sampled", period(*span)))
    return tuple(facts)


def section_of(plan: FramePlan, table: TrialTable, notes: Sequence[str] = ()) -> Section:
    """Make the section on what each column was taken as, and why others were left out."""
    parameters = TextTable(
        "Columns taken as parameters",
        head=("parameter", "column", "as", "empty cells"),
        rows=tuple(
            (name, plan.params[name], kind_of(c.distributions[0]), _n_empty(c.regime))
            for name, c in table.columns.items()
        ),
        has_long_heads=True,
    )
    left = TextTable(
        "Other columns",
        head=("column", "what it is"),
        rows=tuple(
            (role.column, role.reason or _KINDS[role.kind])
            for role in plan.roles
            if not role.is_parameter
        ),
        has_long_heads=True,
    )
    return Section(
        "What was read from the file",
        warnings=(*_doubts(plan, table), *(f"{note}." for note in notes)),
        basis="What is a parameter, and its range, is guessed from the names and the cells of "
        f"columns: a file has values, and does not say {_unsaid(plan)}. {_CHOOSE}.",
        tables=tuple(rows for rows in (parameters, left) if rows.rows),
        key="reading",
        data=_data(plan, table, notes),
    )


def _unsaid(plan: FramePlan) -> str:
    has_notes = any(role.kind in ("note", "origin") for role in plan.roles)
    return "what they were drawn from" + ("" if has_notes else ", nor by which sampler")


def _data(plan: FramePlan, table: TrialTable, notes: Sequence[str]) -> dict[str, Any]:
    """Return what the section says for a program."""
    doubts = {role.column: role.doubt for role in plan.roles}
    return {
        "tool": plan.layout.tool,
        "parameters": [
            {
                "name": name,
                "column": plan.params[name],
                "distribution": _distribution(column.distributions[0]),
                "n_empty": int(np.count_nonzero(column.regime == INACTIVE)),
                "doubt": doubts[plan.params[name]],
            }
            for name, column in table.columns.items()
        ],
        "others": [
            {
                "column": role.column,
                "kind": role.kind,
                "reason": role.reason or _KINDS[role.kind],
                "doubt": role.doubt,
            }
            for role in plan.roles
            if not role.is_parameter
        ],
        "folded": {name: list(columns) for name, columns in plan.folded.items()},
        "doubts": [*_doubts(plan, table), *notes],
    }


def _distribution(dist: BaseDistribution) -> dict[str, Any]:
    if isinstance(dist, CategoricalDistribution):
        return {"kind": "categorical", "choices": list(dist.choices)}
    low, high = ends(dist)
    kind = "int" if isinstance(dist, IntDistribution) else "float"
    return {"kind": kind, "low": low, "high": high, "log": is_log(dist)}


def kind_of(dist: BaseDistribution) -> str:
    """Write what a parameter is taken as."""
    if isinstance(dist, CategoricalDistribution):
        choices = [repr(choice) for choice in dist.choices]
        shown = listing(choices) if len(choices) <= 5 else ", ".join(choices[:5]) + ", ..."
        return f"{count(len(choices), 'choice')}: {shown}"
    return describe_domain(dist)


def _n_empty(regime: np.ndarray) -> str:
    n = int(np.count_nonzero(regime == INACTIVE))
    return str(n) if n else ""


def _doubts(plan: FramePlan, table: TrialTable) -> list[str]:
    return [*doubts_of(plan), *_doubts_of_empty_cells(plan, table)]


def _doubts_of_empty_cells(plan: FramePlan, table: TrialTable) -> list[str]:
    """Say where an empty cell may be the choice None."""
    sentences = []
    for name, column in table.columns.items():
        dist = column.distributions[0]
        source = plan.params[name]
        if not isinstance(dist, CategoricalDistribution) or not is_unconditional(plan, source):
            continue
        if None not in dist.choices:
            sentences.append(
                f"Column {source!r} has empty cells, taken as trials without the parameter; if "
                f"they are the choice None: --none {source}, or write None into them."
            )
        elif source not in plan.typed or not plan.typed[source].has_none:
            sentences.append(
                f"Column {source!r} has empty cells, taken as the choice None: nothing else "
                "decides where they are, but the file does not tell None from nothing."
            )
    return sentences
