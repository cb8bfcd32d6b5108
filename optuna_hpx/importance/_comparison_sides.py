"""The two sides of a comparison, and the test of what differs between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import TypeAlias

import numpy as np
from optuna.trial import FrozenTrial

from optuna_hpx.canvas.words import count, listing
from optuna_hpx.importance._common_cells import cells_of
from optuna_hpx.importance._landscape import one_objective
from optuna_hpx.importance._overlap import Overlap
from optuna_hpx.importance._ped_anova import PedAnovaImportanceEvaluator
from optuna_hpx.importance._report import ImportanceReport
from optuna_hpx.importance._subspace import columns_of
from optuna_hpx.importance.maths.differences import (
    DifferenceTests,
    Labels,
    compare_independent,
    compare_paired,
)
from optuna_hpx.trials.spaces import differing_domains
from optuna_hpx.trials.table import TrialTable

__all__ = ["ComparedTarget", "Side", "difference_tests", "on_what_differs"]

_TOO_FEW = "Too few trials have both targets: no p-value is given."
_CHOSEN = (
    "A sampler or a person chose the trials of at least one side: what differs may lie in the "
    "choice. No p-value or interval is given, and differences are a hint."
)
_OF_TRIALS = (
    "The importances are those in the trials as they were sampled. Of trials that were chosen "
    "report() gives those in the whole search space instead, which may be others."
)
_BY_SURROGATE = (
    "The importances of at least one side come from a surrogate of the objective, of which no "
    "test is known: no p-value or interval is given."
)

ComparedTarget: TypeAlias = int | Callable[[FrozenTrial], float] | None


@dataclass(frozen=True, eq=False)
class Side:
    """One side: its report, and who of its trials are in the region and in the target set.

    Attributes:
        report: What matters there.
        table: The trials that were assessed.
        region: (N,) of these, the region.
        top: (N,) the target set.
        near: (N,) trials at its cut-off; none if no count of trials sets it.
    """

    report: ImportanceReport
    table: TrialTable
    region: np.ndarray
    top: np.ndarray
    near: np.ndarray

    @classmethod
    def of(
        cls,
        table: TrialTable,
        target: ComparedTarget,
        evaluator: PedAnovaImportanceEvaluator,
        params: list[str] | None,
    ) -> Side:
        """Evaluate one side."""
        if isinstance(target, Integral):
            table, target = _objective(table, int(target)), None
        assert target is None or callable(target)
        trials = evaluator._prepare(table, params, target, evaluator._subspace)
        assessment = evaluator._judge(trials)
        report, cut = evaluator._report_on(assessment), assessment.split
        near = np.zeros(len(cut.top), dtype=bool)
        near[[] if cut.near is None else cut.near] = True
        return cls(report, cut.table, cut.region, cut.top, near)

    @property
    def is_testable(self) -> bool:
        """Whether its trials were not chosen, and some but not all are in the target set."""
        holds = self.report.space == "trials" and self.report.has_p_values
        return holds and 0 < self.top.sum() < self.region.sum()

    @property
    def in_words(self) -> str:
        """The target set, and how many trials are in it."""
        n = count(self.report.n_trials, self.report.unit)
        return f"{self.report.target}, {self.report.n_target:,} of {n}"

    def labels(self, rows: np.ndarray) -> Labels:
        """Return who of the trials ``rows`` is in the target set, and near its cut."""
        return Labels(self.top[rows], self.near[rows])

    def select(self, names: list[str]) -> np.ndarray:
        """Return the places (d,) of parameters in the report."""
        return np.array([self.report.names.index(name) for name in names])


def _objective(table: TrialTable, k: int) -> TrialTable:
    """Restrict a table to one of its objectives."""
    if not 0 <= k < len(table.directions):
        raise ValueError(
            f"`targets` must be objectives from 0 to {len(table.directions) - 1}, got {k}."
        )
    return one_objective(table, k)


def difference_tests(
    sides: list[Side],
    names: list[str],
    n_permutations: int,
    rng: np.random.Generator,
    shared: Overlap,
) -> tuple[DifferenceTests, list[str]]:
    """Test the differences where a test is known to hold; else say why there is none."""
    tests, doubts = _tests(sides, names, n_permutations, rng, shared)
    return tests, [*doubts, *_on_shared(shared)]


def _on_shared(shared: Overlap) -> list[str]:
    """Say that two studies are about the same points."""
    if not shared.n_points or shared.are_objectives_equal:  # then they are the same trials
        return []
    if shared.is_paired:
        return [
            "All trials have the values of the trial in the same place of the other side, as of "
            "samplers with one seed: the sides are compared at the same points, and are no "
            "independent evidence."
        ]
    return [
        f"{count(shared.n_points, 'trial')} of the first side "
        f"{'has' if shared.n_points == 1 else 'have'} all values of one of the second, as of "
        "samplers with one seed: the sides are no independent evidence."
    ]


def _tests(
    sides: list[Side],
    names: list[str],
    n_permutations: int,
    rng: np.random.Generator,
    shared: Overlap,
) -> tuple[DifferenceTests, list[str]]:
    """Test the differences, or say why not."""
    nan = np.full(len(names), np.nan)
    withheld = DifferenceTests(nan, nan, np.zeros(len(names)))
    first, second = sides
    if any(not side.report.has_p_values for side in sides):
        in_trials = all(side.report.space == "trials" for side in sides)
        return withheld, [_CHOSEN, *([_OF_TRIALS] if in_trials else [])]
    if any(side.report.space != "trials" for side in sides):
        return withheld, [_BY_SURROGATE]
    if not (first.is_testable and second.is_testable):
        return withheld, ["At least one side has nothing to test: no p-value is given."]
    if shared.is_paired:
        return _test_paired(sides, names, n_permutations, rng) or (withheld, [_TOO_FEW])
    if shared.n_points:
        return withheld, ["No test is known for sides that share points: no p-value is given."]
    if differing := differing_domains(*(columns_of(side.table, None) for side in sides)):
        return withheld, [
            "The search spaces are not the same, and importances depend on the space: they differ "
            f"in {', '.join(differing)}. No p-value is given."
        ]
    rows = [np.flatnonzero(side.region) for side in sides]
    tables = [side.table.take(row) for side, row in zip(sides, rows, strict=True)]
    parts = [side.labels(row) for side, row in zip(sides, rows, strict=True)]
    labels = Labels(
        np.concatenate([part.is_target for part in parts]),
        np.concatenate([part.is_near for part in parts]),
    )
    is_first = np.arange(len(labels.is_target)) < len(tables[0])
    parameters = cells_of(tables, names, min(len(table) for table in tables))
    return compare_independent(parameters, is_first, labels, n_permutations, rng), []


def _test_paired(
    sides: list[Side], names: list[str], n_permutations: int, rng: np.random.Generator
) -> tuple[DifferenceTests, list[str]] | None:
    """Test the differences of two targets, in the trials that have both; None if they are few."""
    numbers = [side.table.numbers[side.region] for side in sides]
    _, *places = np.intersect1d(*numbers, return_indices=True)
    rows = [np.flatnonzero(side.region)[place] for side, place in zip(sides, places, strict=True)]
    first, second = (side.labels(row) for side, row in zip(sides, rows, strict=True))
    if any(side.is_target.all() or not side.is_target.any() for side in (first, second)):
        return None
    parameters = cells_of([sides[0].table.take(rows[0])], names, len(rows[0]))
    return compare_paired(parameters, first, second, n_permutations, rng), []


def on_what_differs(
    sides: list[Side], names: list[str], labels: tuple[str, str], *, is_paired: bool
) -> Iterator[str]:
    """Name parameters that only one side has, and directions that differ."""
    for side, label in zip(sides, labels, strict=True):
        if alone := [name for name in side.report.names if name not in names]:
            yield f"Left out, as only {label} has trials with them: {listing(alone)}."
    first, second = (side.table.directions for side in sides)
    if first != second and not is_paired:
        yield (
            f"The directions differ: {' and '.join(first)} of {labels[0]}, "
            f"{' and '.join(second)} of {labels[1]}."
        )
