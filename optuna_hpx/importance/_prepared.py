"""The trials that are assessed: real ones, or virtual ones that stand for the search space."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optuna_hpx.importance._subspace import Candidates, Subspace, Target, assessable, in_box, rank
from optuna_hpx.trials.evenness import uneven
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable


@dataclass(frozen=True)
class Prepared:
    """The trials in order, the columns of the parameters, and how the trials came about.

    Attributes:
        candidates: Real trials, or virtual ones.
        columns: Of these, the parameters to assess.
        table: The real trials.
        skill: The surrogate's; None if none was asked for.
        real: The real trials, if the candidates are virtual.
    """

    candidates: Candidates
    columns: dict[str, Column]
    table: TrialTable
    skill: float | None = None
    real: Prepared | None = None

    @property
    def space(self) -> str:
        return "trials" if self.real is None else "uniform"

    @cached_property
    def uneven(self) -> list[str]:
        """Parameters that the real trials were not drawn evenly in; costs as much as S itself."""
        return uneven(self.table, list(self.columns))

    @property
    def sampling(self) -> str:
        return "adaptive" if self.uneven else "independent"


def in_words(target: Target | None) -> str:
    """What a surrogate is of."""
    if target is None:
        return "the objective"
    return "feasibility" if target == "feasible" else "the target"


def virtual_space(
    real: Prepared,
    table: TrialTable,
    subspace: Subspace,
    target: Target | None,
    rng: np.random.Generator,
) -> Prepared:
    """Virtual trials in place of the ``real`` ones, or these if a surrogate fails them.

    Where all trials are feasible, or none is, feasibility leaves nothing to predict. All
    complete trials of ``table`` teach the surrogate, those outside the user's region, too.
    """
    from threadpoolctl import threadpool_limits

    from optuna_hpx.importance._surrogate import MIN_SKILL, virtual_trials

    if callable(subspace.region):
        raise ValueError('`region` must be a dict with space="uniform": virtual trials have none.')
    rows, losses, odd = assessable(table, subspace, target, everywhere=True)
    if target == "feasible":
        if len(np.unique(table.feasible[rows])) < 2:
            return replace(real, skill=0.0)
        losses = np.where(table.feasible[rows], -1.0, 1.0)[:, None]
    with threadpool_limits(1):  # for matrices of this size threads cost more than they gain
        virtual = virtual_trials(table, rows, losses, rng)
    if virtual.skill < MIN_SKILL:
        odd = [
            *real.candidates.warnings,
            f"From these {len(rows)} trials {in_words(target)} cannot be predicted well enough to "
            f"speak of the whole search space: the surrogate's cross-validated skill is "
            f"{virtual.skill:.2f}, below {MIN_SKILL}. The importances are those in the space as "
            "the trials sampled it.",
        ]
        return replace(
            real, candidates=replace(real.candidates, warnings=odd), skill=virtual.skill
        )
    if virtual.without_rule:
        odd = [
            *odd,
            "The trials do not tell when these parameters are active, or with which bounds: "
            f"{', '.join(virtual.without_rule)}. They were drawn as often as in the trials, "
            "independently of the others.",
        ]
    points = _with_inactive(virtual.table, table)
    inside = np.flatnonzero(in_box(points, subspace.region, True))
    found = rank(points, inside, virtual.losses[inside], subspace, target, odd)
    columns = {name: points.columns[name] for name in real.columns}
    return Prepared(found, columns, table, virtual.skill, real)


def _with_inactive(points: TrialTable, table: TrialTable) -> TrialTable:
    """The points with all parameters of the table; active in none, what no assessed trial has."""
    n = len(points)
    nowhere = {
        name: Column(name, column.distributions, np.full(n, INACTIVE), np.full(n, np.nan))
        for name, column in table.columns.items()
        if name not in points.columns
    }
    return replace(points, columns={**points.columns, **nowhere})
