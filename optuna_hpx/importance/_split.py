"""The region and the target set: who of the selected trials is in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance._subspace import Selection, Subspace
from optuna_hpx.importance.maths.ped_anova import is_too_few
from optuna_hpx.trials import target_set
from optuna_hpx.trials.table import TrialTable

_FAR = 20  # the worst of the region's trials, 1 of 20, stand for those at its cut-off


@dataclass(frozen=True, eq=False)
class Ranking:
    """Selected trials in order.

    Attributes:
        selection: The n trials.
        keys: (n,) a better trial has a smaller one; infeasible trials come last.
        order: (n,) from the best to the worst.
    """

    selection: Selection
    keys: np.ndarray
    order: np.ndarray

    @property
    def keys_of_table(self) -> np.ndarray:
        """(N,) the keys of all trials of the table, infinite of those not selected."""
        keys = np.full(len(self.selection.table), np.inf)
        keys[self.selection.rows] = self.keys
        return keys


@dataclass(frozen=True, eq=False)
class Split:
    """The trials of a table, split.

    Attributes:
        table: The table.
        region: (N,) bool over the table's trials.
        top: (N,) bool, the target set; within the region.
        near: (l,) trials at the cut-off of the target set; None if no count of trials sets it.
        far: (l,) trials of the region at its own cut-off; none if it has none.
        n_candidates: Trials of which the best are the region.
        target_in_words: What the target set is, for a person.
        warnings: What keeps the importances from meaning what the user may think.
        is_ranked: Whether the ranks of the region's trials are compared, which differ; then the
            target set is only what pictures show.
    """

    table: TrialTable
    region: np.ndarray
    top: np.ndarray
    near: np.ndarray | None
    far: np.ndarray
    n_candidates: int
    target_in_words: str
    warnings: tuple[str, ...]
    is_ranked: bool = False

    @property
    def is_compared(self) -> bool:
        """Whether trials differ in what is compared."""
        return self.is_ranked or 0 < self.n_target < self.n_trials

    @property
    def has_too_few(self) -> bool:
        """Whether so few trials differ that nothing is corrected for chance."""
        return is_too_few(self.n_trials, self.n_trials // 2 if self.is_ranked else self.n_target)

    @property
    def n_trials(self) -> int:
        """Trials in the region."""
        return int(np.count_nonzero(self.region))

    @property
    def n_target(self) -> int:
        """Trials in the target set."""
        return int(np.count_nonzero(self.top))

    @property
    def n_infeasible(self) -> int:
        """Trials of the region that violate a constraint."""
        return int(np.count_nonzero(self.region & ~self.table.feasible))


def rank(selection: Selection, subspace: Subspace, *, in_full: bool = False) -> Ranking:
    """Put the selected trials in order.

    Of several objectives only the fronts that the quantiles ask for, or all ``in_full``.

    Raises:
        ValueError: If a ``target_value`` is asked for of several objectives.
    """
    violation = selection.violation
    keys = violation
    if selection.is_labelled:
        keys = violation if selection.target == "feasible" else 1.0 - selection.is_good
    else:
        keys = _keys(selection.losses, violation == 0.0, subspace, in_full)
        keys = target_set.feasible_first(keys, violation)
    return Ranking(selection, keys, np.argsort(keys, kind="stable"))


def _keys(
    losses: np.ndarray, feasible: np.ndarray, subspace: Subspace, in_full: bool
) -> np.ndarray:
    """Compute (n,) keys, lower is better; without meaning for the infeasible, who come last."""
    if losses.shape[1] == 1:
        return losses[:, 0]
    if subspace.target_value is not None:
        raise ValueError(
            "`target_value` needs one objective: pass `target=`, e.g. lambda t: t.values[0]."
        )
    # Only fronts up to the larger quantile are needed; a quantile of 1 takes all, in any order.
    largest = max(q for q in (subspace.target_quantile, subspace.region_quantile, 0.0) if q < 1.0)
    keys = np.zeros(len(losses))
    n_needed = len(losses) if in_full else int(np.ceil(largest * len(losses)))
    keys[feasible] = target_set.non_domination_keys(losses[feasible], n_needed)
    return keys


def split(ranking: Ranking, subspace: Subspace, *, by_rank: bool = False) -> Split:
    """Cut the region and the target set from the trials in order.

    Args:
        ranking: The trials.
        subspace: Where to cut.
        by_rank: Whether the ranks are compared, where there are any that differ.
    """
    selection, table = ranking.selection, ranking.selection.table
    rows, losses = selection.rows, selection.losses
    in_region, in_top, by_count = _members(ranking, subspace)
    ranked = rows[ranking.order[in_region[ranking.order]]]
    edge = ranked[-max(len(ranked) // _FAR, target_set.MIN_AROUND) :]
    keys = ranking.keys[in_region]
    is_ranked = by_rank and not selection.is_labelled and bool((keys != keys[:1]).any())
    warnings = (
        _on_ranks(selection, len(keys)) if is_ranked else _warnings(selection, in_region, in_top)
    )
    return Split(
        table=table,
        region=_mask(table, rows[in_region]),
        top=_mask(table, rows[in_top]),
        near=ranked[target_set.around(int(np.count_nonzero(in_top)))] if by_count else None,
        far=ranked[:0] if in_region.all() else edge,
        n_candidates=len(rows),
        target_in_words=_describe(selection, losses[in_top], subspace),
        warnings=(*selection.warnings, *warnings),
        is_ranked=is_ranked,
    )


def _members(ranking: Ranking, subspace: Subspace) -> tuple[np.ndarray, np.ndarray, bool]:
    """Find who is in the region (n,) and in the target set (n,), and if the latter by count."""
    selection = ranking.selection
    feasible = selection.violation == 0.0
    in_region = np.ones(len(feasible), dtype=bool)
    if selection.is_labelled:
        return in_region, selection.is_good, False
    in_region = target_set.best(ranking.keys, subspace.region_quantile, allow_all=True)
    if subspace.target_value is None:
        in_top = target_set.best(ranking.keys, subspace.target_quantile)
        by_count = bool(feasible[in_top].all())
    else:
        sign = subspace.sign(selection.table, selection.target)
        in_top, by_count = selection.losses[:, 0] <= sign * subspace.target_value, False
    return in_region, in_top & in_region & feasible, by_count


def _mask(table: TrialTable, rows: np.ndarray) -> np.ndarray:
    mask = np.zeros(len(table), dtype=bool)
    mask[rows] = True
    return mask


def _on_ranks(selection: Selection, n: int) -> list[str]:
    """Say so where the n trials whose ranks are compared are few."""
    if not is_too_few(n, n // 2):
        return []
    things = "points" if selection.is_virtual else "trials"
    return [
        f"{n} {things} are too few to tell: the importances are not corrected for chance. Add "
        "trials."
    ]


def _warnings(selection: Selection, in_region: np.ndarray, in_top: np.ndarray) -> list[str]:
    """Say what keeps the importances from meaning what the user may think."""
    n, target = len(in_region), selection.target
    n_region, n_top = int(np.count_nonzero(in_region)), int(np.count_nonzero(in_top))
    things = "points" if selection.is_virtual else "trials"
    zero = "all importances are 0."
    if n <= 1 and selection.is_virtual:
        return [f"Nothing of the search space is in the region, so {zero} Widen `region`."]
    if n <= 1:
        return [
            "Importances need at least 2 completed trials with finite values in the region, "
            f"got {n}: {zero}"
        ]
    if n_top == 0 and target == "complete":
        return [f"None of the {n_region:,} {things} of the region is complete: {zero}"]
    if n_top == 0:
        return [f"No feasible {things[:-1]} of the region is in the target set: {zero}"]
    if n_top == n_region and isinstance(target, str):
        return [f"All {n_region:,} {things} are {target}: {zero}"]
    if n_top == n_region and (selection.losses == selection.losses[0]).all():
        return [
            f"All {n_region:,} {things} have the same value: nothing sets any apart, and {zero}"
        ]
    if n_top == n_region:
        return [
            f"All {n_region:,} {things} of the region are in the target set, so nothing sets it "
            f"apart: {zero} Ask for a stricter target."
        ]
    if is_too_few(n_region, n_top):
        return [
            f"With {n_top} of {n_region} {things} in the target set, too few to tell, the "
            "importances are not corrected for chance. Raise `target_quantile`, or add trials."
        ]
    return []


def _share(n_top: int, n: int, asked: float) -> float:
    """Return the share of n trials that was asked for, or the real one where ties change it."""
    is_near = asked * n >= 1.0 and abs(n_top - asked * n) <= max(1.0, 0.1 * n_top)
    return asked if is_near or not n_top else n_top / n


def _describe(selection: Selection, losses: np.ndarray, subspace: Subspace) -> str:
    """Describe the target set, of these losses, for a person."""
    target, directions = selection.target, selection.table.directions
    domain = " of the search space" if selection.is_virtual else ""
    if selection.is_virtual and subspace.region is not None:
        domain = " of the region"
    if isinstance(target, str):
        parts = {"feasible": f"the feasible part{domain}"}
        parts["complete"] = f"the part{domain} where trials complete"
        return parts[target] if selection.is_virtual else f"the {target} trials"
    percents = 100 * _share(len(losses), len(selection.rows), subspace.target_quantile)
    share = f"the best {percents:.3g} %{domain}"
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
