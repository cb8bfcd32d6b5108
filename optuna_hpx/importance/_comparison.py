"""Whether parameters matter differently: in two studies, two parts of one, or for two targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result, shortened
from optuna_hpx.canvas.words import count
from optuna_hpx.importance._comparison_sides import (
    ComparedTarget,
    Side,
    difference_tests,
    on_what_differs,
)
from optuna_hpx.importance._overlap import Overlap
from optuna_hpx.importance._ped_anova import PedAnovaImportanceEvaluator
from optuna_hpx.importance.maths.differences import DifferenceTests, interval_of_difference
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

_SAYS_NOTHING = 1.9
"""An interval as wide as this, of 2 at most, holds nearly every difference, and is not printed."""
_FEW_TARGETS, _WIDE = 20, 0.3
"""Of a target set of fewer trials, a wider one may show more, up to this share of the trials."""


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceComparison(Result):
    """Importances of the same parameters on two sides, the largest difference first.

    Attributes:
        labels: What the two sides are called.
        names: (d,) parameter names.
        importances: (2, d) S on each side, as in :class:`ImportanceReport`.
        difference: (d,) S of the first side minus S of the second.
        ci_low, ci_high: (d,) ends of an interval for the difference, for each parameter by
            itself; NaN where none is known to hold.
        confidence: Its level.
        p_values: (d,) chance of so large a difference if the parameter mattered alike; NaN where
            no test is known to hold, as ``warnings`` says.
        p_values_familywise: (d,) the same for the largest difference among all parameters: that
            one of these is below 0.05 has a chance of 5 % if nothing differs.
        is_paired: Whether both sides are about the same trials, as for two targets of one study.
        sampling: Of each side, as in :class:`ImportanceReport`.
        warnings: What a reader must know before acting on the numbers.
        targets: The target set of each side in words, and how many trials are in it.

    Example:
        >>> import optuna
        >>> from optuna_hpx import ImportanceComparison, compare_importances
        >>> def study_of(weight, seed):
        ...     study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        ...     def objective(trial):
        ...         x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...         return weight * x + (1 - weight) * y
        ...     study.optimize(objective, n_trials=100)
        ...     return study
        >>> comparison = compare_importances(study_of(1.0, 0), study_of(0.0, 1), seed=0)
        >>> isinstance(comparison, ImportanceComparison), comparison.is_paired
        (True, False)
        >>> bool((comparison.p_values_familywise < 0.05).all())
        True
    """

    labels: tuple[str, str]
    names: tuple[str, ...]
    importances: np.ndarray
    difference: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    confidence: float
    p_values: np.ndarray
    p_values_familywise: np.ndarray
    is_paired: bool
    sampling: tuple[str, str]
    warnings: tuple[str, ...]
    targets: tuple[str, str] = ("", "")

    def __repr__(self) -> str:
        width = max([len(name) for name in self.names], default=0)
        pairs = zip(self.labels, self.targets, strict=True)
        sides = [f"  {label}: {target}" for label, target in pairs if target]
        lines = []
        for k, name in enumerate(self.names):
            s_a, s_b = self.importances[:, k]
            low, high = self.ci_low[k], self.ci_high[k]
            ends = f" ({low:+.3f} to {high:+.3f})" if high - low < _SAYS_NOTHING else ""
            tested = f", p = {self.p_values_familywise[k]:.2g}" * self.has_p_values
            lines.append(
                f"  {name:{width}}  S = {s_a:.3f} against {s_b:.3f}, "
                f"difference {self.difference[k]:+.3f}{ends}{tested}"
            )
        warnings = (f"  Warning: {warning}" for warning in self.warnings)
        body = [*sides, *shortened(lines, "parameter"), f"  {self.in_words}"]
        return "\n".join([self._heading(), *body, *warnings])

    def _heading(self) -> str:
        return f"ImportanceComparison: {self.labels[0]} against {self.labels[1]}"

    @property
    def has_p_values(self) -> bool:
        """Whether tests hold."""
        return not np.isnan(self.p_values).any()

    @property
    def has_intervals(self) -> bool:
        """Whether intervals hold; there is none of a parameter that no trial tells of."""
        return bool(np.isfinite(self.ci_low).any())

    @property
    def differing(self) -> tuple[str, ...]:
        """Names of the parameters that matter differently beyond chance, among all of them."""
        is_sure = self.p_values_familywise < 1.0 - self.confidence
        return tuple(
            name
            for name, keep in zip(self.names, is_sure & (self.difference != 0.0), strict=True)
            if keep
        )

    @property
    def in_words(self) -> str:
        """Which parameters matter differently beyond chance, in sentences."""
        from optuna_hpx.importance.section.comparison import describe_comparison

        return describe_comparison(self)

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        return {
            "parameter": self.names,
            "importance_a": self.importances[0],
            "importance_b": self.importances[1],
            "difference": self.difference,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "p_value": self.p_values,
            "p_familywise": self.p_values_familywise,
        }


def compare_importances(
    a: Study | TrialTable,
    b: Study | TrialTable | None = None,
    *,
    targets: tuple[ComparedTarget, ComparedTarget] = (None, None),
    labels: tuple[str, str] | None = None,
    evaluator: PedAnovaImportanceEvaluator | None = None,
    params: list[str] | None = None,
    n_permutations: int = 1000,
    seed: int | None = 0,
) -> ImportanceComparison:
    """Measure importances S on two sides, and tell which differ beyond chance.

    The sides are two studies of one search space, as of two data sets; or two parts of one study,
    as ``table.take(rows)`` gives them; or two targets of one study: then they share their trials,
    and the test minds that. The importance on each side is that of the evaluator's report. If none
    is given, it is that in the trials as they were sampled. Of independent draws these are drawn
    from the search space, and so ``report()`` says the same; where a sampler chose the trials,
    ``report()`` speaks of the whole space instead, by a surrogate, and a warning says so. P-values
    are those of a permutation test of a plainer estimate of the same S; between studies they need
    random draws from the same space, and are NaN otherwise.

    Args:
        a: The first study, or a table of its trials.
        b: The second; the first again if None, for two ``targets``.
        targets: For each side the number of an objective, a callable as for
            :meth:`PedAnovaImportanceEvaluator.evaluate`, or None for what the study optimises.
        labels: What to call the sides; ``("a", "b")`` if None, or the targets.
        evaluator: Whose target quantile, region and confidence to use, and whose space; if None,
            the default one with ``space="trials"``.
        params: Names of the parameters to compare; all that both sides have if None.
        n_permutations: Replicates for p-values.
        seed: Of permutations; the same seed gives the same result. None: another one in each call.

    Returns:
        The comparison. It costs two reports and O(``n_permutations`` n d).

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If the sides overlap, if they are the same and the targets are, too, or if
            they share no parameter.

    Example:
        >>> import optuna
        >>> from optuna_hpx import compare_importances
        >>> study = optuna.create_study(
        ...     directions=["maximize", "minimize"],
        ...     sampler=optuna.samplers.RandomSampler(seed=0),
        ... )
        >>> def objective(trial):  # accuracy hangs on the learning rate, time on the width
        ...     lr, width = trial.suggest_float("lr", 0, 1), trial.suggest_float("width", 1, 9)
        ...     return -((lr - 0.4) ** 2), width + 0.1 * lr
        >>> study.optimize(objective, n_trials=150)
        >>> comparison = compare_importances(study, targets=(0, 1), seed=0)
        >>> comparison.is_paired, sorted(comparison.differing)
        (True, ['lr', 'width'])
    """
    evaluator = _check(evaluator, targets, labels, n_permutations, seed)
    if isinstance(params, list) and not params:
        raise ValueError("`params` must name a parameter or more, got none.")
    tables = [TrialTable.of(a), TrialTable.of(a if b is None else b)]
    shared = Overlap.of(*tables)
    _check_shared(shared, targets, is_one=tables[0] is tables[1])
    sides = [
        Side.of(table, target, evaluator, params)
        for table, target in zip(tables, targets, strict=True)
    ]
    names = [name for name in sides[0].report.names if name in sides[1].report.names]
    if not names:
        raise ValueError("`a` and `b` must share parameters: no completed trials of both do.")
    labels = labels or _labels(tables, targets)
    verdict = difference_tests(sides, names, n_permutations, np.random.default_rng(seed), shared)
    doubts = [*verdict[1], *on_what_differs(sides, names, labels, is_paired=shared.is_paired)]
    comparison = _comparison(
        sides, names, labels, (verdict[0], doubts), is_paired=shared.is_paired
    )
    few = _on_few_targets(comparison, sides, evaluator)
    return replace(comparison, warnings=(*few, *comparison.warnings))


def _on_few_targets(
    comparison: ImportanceComparison, sides: list[Side], evaluator: PedAnovaImportanceEvaluator
) -> Iterator[str]:
    """Say that nothing could be seen where a wider target set may show more."""
    n, subspace = min(side.report.n_target for side in sides), evaluator._subspace
    if comparison.differing or not comparison.has_p_values or n >= _FEW_TARGETS:
        return
    if subspace.target_value is None and subspace.target_quantile < _WIDE:
        yield (
            f"Only {count(n, 'target trial')} on a side: so few show little. A wider "
            "target may show more, e.g. evaluator=PedAnovaImportanceEvaluator(target_quantile="
            f'{_WIDE}, space="trials").'
        )


def _check_shared(
    shared: Overlap, targets: tuple[ComparedTarget, ComparedTarget], *, is_one: bool
) -> None:
    """Refuse sides that are the same, or that overlap."""
    is_same_target = targets[0] is targets[1] or targets[0] == targets[1]
    if is_one and is_same_target:
        raise ValueError("`targets` must be two different ones where both sides are one study.")
    if not shared.are_objectives_equal or (shared.is_paired and not is_same_target):
        return
    if shared.is_paired:
        raise ValueError(
            "`a` and `b` must differ: all their trials have the same values and the same "
            "objectives, as of one study read twice, or of samplers with one seed."
        )
    raise ValueError(
        f"`a` and `b` must share no trial, or all: they share {shared.n_points}, with the same "
        "values and objectives. Take parts that do not overlap, as table.take(rows) gives them."
    )


def _check(
    evaluator: PedAnovaImportanceEvaluator | None,
    targets: tuple[ComparedTarget, ComparedTarget],
    labels: tuple[str, str] | None,
    n_permutations: int,
    seed: int | None,
) -> PedAnovaImportanceEvaluator:
    """Check the arguments of :func:`compare_importances`; return the evaluator."""
    if evaluator is None:
        evaluator = PedAnovaImportanceEvaluator(space="trials", seed=seed)
    if not isinstance(evaluator, PedAnovaImportanceEvaluator):
        raise TypeError(
            f"`evaluator` must be a PedAnovaImportanceEvaluator or None, got {evaluator!r}."
        )
    if not isinstance(targets, (tuple, list)) or len(targets) != 2:
        raise TypeError(f"`targets` must be two, one for each side, got {targets!r}.")
    for target in targets:
        is_number = isinstance(target, Integral) and not isinstance(target, bool)
        if not (target is None or is_number or callable(target)):
            raise TypeError(
                f"`targets` must hold numbers of objectives, callables or None, got {target!r}."
            )
    if labels is not None:
        _checks.list_of_names("labels", labels)
        if len(labels) != 2:
            raise ValueError(f"`labels` must be two, got {labels!r}.")
    _checks.count("n_permutations", n_permutations)
    _checks.seed("seed", seed)
    return evaluator


def _labels(
    tables: list[TrialTable], targets: tuple[ComparedTarget, ComparedTarget]
) -> tuple[str, str]:
    """Call two targets of one study by their objectives, and two studies a and b."""
    if tables[0] is not tables[1]:
        return "a", "b"
    first, second = (
        tables[0].objective_names[target] if isinstance(target, Integral) else f"target {k + 1}"
        for k, target in enumerate(targets)
    )
    return first, second


def _comparison(
    sides: list[Side],
    names: list[str],
    labels: tuple[str, str],
    verdict: tuple[DifferenceTests, list[str]],
    *,
    is_paired: bool,
) -> ImportanceComparison:
    """Put the result together, the largest difference first."""
    tests, doubts = verdict
    first, second = (
        (report.importances[k], report.ci_low[k], report.ci_high[k])
        for report, k in ((side.report, side.select(names)) for side in sides)
    )
    low, high = np.full((2, len(names)), np.nan)
    if all(side.report.has_p_values and side.report.space == "trials" for side in sides):
        low, high = interval_of_difference(first, second, tests.correlation)
    difference = first[0] - second[0]
    order = np.argsort(-np.abs(difference), kind="stable")
    return ImportanceComparison(
        labels=labels,
        names=tuple(names[k] for k in order),
        importances=np.stack([first[0], second[0]])[:, order],
        difference=difference[order],
        ci_low=low[order],
        ci_high=high[order],
        confidence=sides[0].report.confidence,
        p_values=tests.p_values[order],
        p_values_familywise=tests.p_values_familywise[order],
        is_paired=is_paired,
        sampling=(sides[0].report.sampling, sides[1].report.sampling),
        warnings=(*doubts, *_warnings_of(sides, labels)),
        targets=(sides[0].in_words, sides[1].in_words),
    )


def _warnings_of(sides: list[Side], labels: tuple[str, str]) -> list[str]:
    """Collect what the reports warn of: once what both say, else with the name of the side."""
    first, second = (side.report.warnings for side in sides)
    return [
        *(warning for warning in first if warning in second),
        *(f"{labels[0]}: {warning}" for warning in first if warning not in second),
        *(f"{labels[1]}: {warning}" for warning in second if warning not in first),
    ]
