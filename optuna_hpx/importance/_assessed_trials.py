"""The trials that are assessed: real ones, or virtual ones that stand for the search space."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optuna_hpx.importance._basis import Basis
from optuna_hpx.importance._split import Ranking, rank
from optuna_hpx.importance._subspace import Selection, Subspace, Target, in_box, select
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable


@dataclass(frozen=True)
class AssessedTrials:
    """The trials in order, the columns of the parameters, and how the trials came about.

    Attributes:
        ranking: Real trials, or virtual ones, in order.
        columns: Of these, the parameters to assess.
        basis: The real trials, and how they came about.
        skill: The surrogate's; None if none was asked for.
        real: The real trials, if the ranked ones are virtual.
    """

    ranking: Ranking
    columns: dict[str, Column]
    basis: Basis
    skill: float | None = None
    real: AssessedTrials | None = None

    @property
    def target(self) -> Target | None:
        """What is assessed instead of the objective."""
        return self.ranking.selection.target

    @property
    def space(self) -> str:
        """As in the report: of which space the importances are."""
        return "trials" if self.real is None else "uniform"

    @property
    def table(self) -> TrialTable:
        """The real trials."""
        return self.basis.table

    def without_surrogate(self, skill: float, *warnings: str) -> AssessedTrials:
        """Return the same trials with the skill of a surrogate that is not used, and why."""
        selection = self.ranking.selection
        selection = replace(selection, warnings=(*selection.warnings, *warnings))
        return replace(self, ranking=replace(self.ranking, selection=selection), skill=skill)


def surrogate_subject(target: Target | None) -> str:
    """Say what a surrogate predicts."""
    if target is None:
        return "the objective"
    return {"feasible": "feasibility", "complete": "completion"}.get(str(target), "the target")


def virtual_space(
    real: AssessedTrials, subspace: Subspace, rng: np.random.Generator
) -> AssessedTrials:
    """Put virtual trials in place of the ``real`` ones, unless a surrogate fails them.

    Where all trials are feasible, or none is, feasibility leaves nothing to predict. All
    complete trials of the table teach the surrogate, those outside the user's region, too.

    Raises:
        ValueError: If the region is a callable: virtual trials are no trials to call it with.
    """
    from threadpoolctl import threadpool_limits

    from optuna_hpx.importance._virtual_trials import MIN_SKILL, virtual_trials

    if callable(subspace.region):
        raise ValueError('`region` must be a dict with space="uniform": virtual trials have none.')
    table, target = real.basis.fresh, real.target
    teachers = select(table, subspace, target, everywhere=True)
    losses = teachers.losses
    if teachers.is_labelled:
        if len(np.unique(teachers.is_good)) < 2:
            return real.without_surrogate(0.0)
        losses = np.where(teachers.is_good, -1.0, 1.0)[:, None]
    with threadpool_limits(1):  # for matrices of this size threads cost more than they gain
        virtual = virtual_trials(table, teachers.rows, losses, rng)
    if virtual.skill < MIN_SKILL:
        return real.without_surrogate(
            virtual.skill,
            f"From these {len(losses)} trials {surrogate_subject(target)} cannot be predicted "
            "well enough to speak of the whole search space: the surrogate's cross-validated "
            f"skill is {virtual.skill:.2f}, below {MIN_SKILL}. The importances are those in the "
            "space as the trials sampled it.",
        )
    points = _with_inactive(virtual.table, table)
    inside = np.flatnonzero(in_box(points, subspace.region, "feasible"))
    warnings = (*teachers.warnings, *_on_rules(virtual.without_rule))
    selection = Selection(points, target, inside, virtual.losses[inside], warnings)
    columns = {name: points.columns[name] for name in real.columns}
    return AssessedTrials(rank(selection, subspace), columns, real.basis, virtual.skill, real)


def _on_rules(without_rule: tuple[str, ...]) -> list[str]:
    if not without_rule:
        return []
    return [
        "The trials do not tell when these parameters are active, or with which bounds: "
        f"{', '.join(without_rule)}. They were drawn as often as in the trials, "
        "independently of the others."
    ]


def _with_inactive(points: TrialTable, table: TrialTable) -> TrialTable:
    """Add to the points those parameters of the table that no assessed trial has, inactive."""
    n = len(points)
    nowhere = {
        name: Column(name, column.distributions, np.full(n, INACTIVE), np.full(n, np.nan))
        for name, column in table.columns.items()
        if name not in points.columns
    }
    return replace(points, columns={**points.columns, **nowhere})
