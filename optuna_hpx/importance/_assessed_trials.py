"""The trials that are assessed: real ones, or virtual ones that stand for the search space."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.importance import _virtual_trials
from optuna_hpx.importance._basis import Basis
from optuna_hpx.importance._split import Ranking, Split, rank
from optuna_hpx.importance._subspace import (
    Region,
    Selection,
    Subspace,
    Target,
    in_box,
    select,
)
from optuna_hpx.importance._threads import one_thread
from optuna_hpx.importance._virtual_trials import MIN_SKILL, Virtual
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
        surfaces: Virtual trials with other losses that the real ones leave plausible.
        teachers: The real trials that a surrogate learnt from; None if none is used.
    """

    ranking: Ranking
    columns: dict[str, Column]
    basis: Basis
    skill: float | None = None
    real: AssessedTrials | None = None
    surfaces: tuple[AssessedTrials, ...] = ()
    teachers: Selection | None = None

    @property
    def target(self) -> Target | None:
        """What is assessed instead of the objective."""
        return self.ranking.selection.target

    @property
    def space(self) -> str:
        """As in the report: of which space the importances are."""
        return "trials" if self.real is None else "uniform"

    @property
    def n_taught(self) -> int | None:
        """How many real trials the surrogate learnt from; None if none is used."""
        return None if self.teachers is None else len(self.teachers.rows)

    def n_as_good(self, cut: Split, region: Region | None) -> int | None:
        """Count the real trials, in the region, that are as good as the virtual target set.

        None if no surrogate is used, and of several objectives.
        """
        if self.teachers is None or self.teachers.losses.shape[1] > 1:
            return None
        real = self.teachers.within(region)
        if real.is_labelled:
            return int(np.count_nonzero(real.is_good))
        worst = cut.table.losses[cut.top, 0].max(initial=-np.inf)
        return int(np.count_nonzero((real.losses[:, 0] <= worst) & (real.violation == 0.0)))

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
    real: AssessedTrials, subspace: Subspace, seed: int, *, in_full: bool = False
) -> AssessedTrials:
    """Put virtual trials in place of the ``real`` ones, unless a surrogate fails them.

    Where all trials have one value, or meet a target like "feasible", or none does, nothing is
    left to predict. All trials of the table that can teach the surrogate, those outside the user's
    region, too. It is fitted once, and kept with the table. Who is in a region that a callable
    describes is learnt, too.
    """
    table, target = real.basis.fresh, real.target
    teachers = select(table, subspace, target, everywhere=True)
    if not teachers.has_contrast:
        return real.without_surrogate(0.0)
    is_member = _members(teachers, subspace)
    virtual = _learn(teachers, is_member, seed)
    if virtual.skill < MIN_SKILL:
        return real.without_surrogate(
            virtual.skill, _on_skill(teachers, virtual, with_region=is_member is not None)
        )
    assess = _Assessor(real, teachers, subspace, is_member is not None, in_full)
    warnings = (*teachers.warnings, *_on_rules(virtual.without_rule))
    trials = assess(virtual.table, warnings)
    surfaces = tuple(assess(surface) for surface in virtual.surfaces)
    return replace(trials, skill=virtual.skill, surfaces=surfaces, teachers=teachers)


def _members(teachers: Selection, subspace: Subspace) -> np.ndarray | None:
    """Tell which trials (n,) a callable region has; None where there is nothing to learn."""
    if not callable(subspace.region):
        return None
    inside = in_box(teachers.table, subspace.region, teachers.target)[teachers.rows]
    return None if inside.all() else inside


def _learn(teachers: Selection, is_member: np.ndarray | None, seed: int) -> Virtual:
    """Fit a surrogate of the losses or the label, and of who is in the region."""
    table, columns = teachers.table, [teachers.losses]
    if teachers.is_labelled:
        columns = [_label(teachers.is_good)]
        table = replace(table, violation=np.zeros(len(table)))
    if is_member is not None:
        columns.append(_label(is_member))
    losses = np.concatenate(columns, axis=1)
    content = (table.violation, teachers.rows, losses)
    digest = blake2b(b"".join(array.tobytes() for array in content)).digest()
    memo, key = teachers.table.memo, ("surrogate", seed, digest)
    if key not in memo:
        with one_thread():
            rng = np.random.default_rng(seed)
            memo[key] = _virtual_trials.virtual_trials(table, teachers.rows, losses, rng)
    virtual: Virtual = memo[key]
    return virtual


def _label(is_good: np.ndarray) -> np.ndarray:
    return np.where(is_good, -1.0, 1.0)[:, None]


@dataclass(frozen=True)
class _Assessor:
    """Makes assessed trials of virtual points, and the same of each surface."""

    real: AssessedTrials
    teachers: Selection
    subspace: Subspace
    has_region_column: bool
    in_full: bool

    def __call__(self, points: TrialTable, warnings: tuple[str, ...] = ()) -> AssessedTrials:
        """Take the points in the region, as the target has them."""
        target = self.teachers.target
        points, is_member = self._without_region(points)
        points = _with_inactive(_relabelled(points, target), self.teachers.table)
        region = None if callable(self.subspace.region) else self.subspace.region
        inside = np.flatnonzero(in_box(points, region, "complete") & is_member)
        selection = Selection(
            points, target, inside, points.losses[inside], warnings, is_virtual=True
        )
        columns = {name: points.columns[name] for name in self.real.columns}
        ranking = rank(selection, self.subspace, in_full=self.in_full)
        return AssessedTrials(ranking, columns, self.real.basis, real=self.real)

    def _without_region(self, points: TrialTable) -> tuple[TrialTable, np.ndarray]:
        """Take who is in the region (n,) from the last column of the losses, if that is there."""
        if not self.has_region_column:
            return points, np.ones(len(points), dtype=bool)
        losses, is_member = points.losses[:, :-1], points.losses[:, -1] < 0.0
        directions = self.teachers.table.directions
        if len(directions) != losses.shape[1]:
            directions = ("minimize",) * losses.shape[1]
        return replace(points, losses=losses, directions=directions), is_member


def _relabelled(points: TrialTable, target: Target | None) -> TrialTable:
    """Say of points what a label, learnt as the loss, says of them."""
    if not isinstance(target, str):
        return points
    label = points.losses[:, 0]
    if target == "feasible":
        return replace(points, violation=np.maximum(label, 0.0))
    states = np.where(label < 0.0, int(TrialState.COMPLETE), int(TrialState.FAIL))
    return replace(points, states=states)


def _on_skill(teachers: Selection, virtual: Virtual, *, with_region: bool) -> str:
    n = len(teachers.rows)
    subject = surrogate_subject(teachers.target) + (" or the region" if with_region else "")
    return (
        f"What matters in the whole search space is not known: {n:,} trials do not predict "
        f"{subject} well enough (cross-validated skill {virtual.skill:.2f}, {MIN_SKILL} is "
        "needed). "
        "The importances are those among the trials. More of them may help."
    )


def _on_rules(without_rule: tuple[str, ...]) -> list[str]:
    if not without_rule:
        return []
    return [
        f"When {', '.join(without_rule)} is active, or with which bounds, the trials do not tell: "
        "the surrogate was asked with it as often active as in them. Mind that in its importance."
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
