"""What matters on two sides, for the page of two studies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, listing
from optuna_hpx.importance.figures import plot_importance_comparison
from optuna_hpx.importance.section.comparison import describe_comparison
from optuna_hpx.importance.section.evaluators import ped_anova
from optuna_hpx.trials.spaces import differing_domains

if TYPE_CHECKING:
    from optuna_hpx.canvas.pair import Pair
    from optuna_hpx.importance import (
        ImportanceComparison,
        ImportanceReport,
    )

__all__ = ["sections"]

_TITLE = "What matters in each"
_UNLIKE = (
    "A surrogate tells what matters in the whole search space on one side, and not on the other: "
    "both are shown in the trials as they were sampled."
)
_CHOSEN = (
    "A sampler or a person chose the trials of at least one side: what differs may lie in the "
    "choice. Importances are those in the trials as they were sampled, and differences a hint."
)
_BY_SURROGATE = (
    "The importances of at least one side are what a surrogate expects in the whole search space: "
    "differences are not tested, and may be its errors."
)
_FEW_TARGETS = 20


def sections(pair: Pair) -> list[Section]:
    """Compare the importances of the parameters that both sides have.

    Cost: that of two or three reports on each side.
    """
    # slow: brings in sklearn
    from optuna_hpx.importance import compare_importances

    evaluator = ped_anova(pair.sides[0])
    reports = [evaluator.report(table) for table in pair.tables]
    is_unlike = _is_whole(reports[0]) != _is_whole(reports[1])
    if is_unlike:
        evaluator = ped_anova(pair.sides[0], space="trials")
        reports = [evaluator.report(table) for table in pair.tables]
    names = [name for name in reports[0].names if name in reports[1].names]
    if not names:
        return [Section(_TITLE, answer="The two sides share no parameter that could be compared.")]
    n_shared = _n_shared(pair)
    if n_shared:
        comparison = _untested(pair, reports, names)
    else:
        comparison = compare_importances(
            *pair.tables, labels=pair.labels, evaluator=evaluator, seed=pair.sides[0].seed
        )
    doubts = [*([_UNLIKE] if is_unlike else []), *_doubts(pair, reports, comparison, n_shared)]
    return [_section(comparison, reports, tuple(doubts))]


def _is_whole(report: ImportanceReport) -> bool:
    """Tell whether importances are those in the whole search space, by a surrogate or by draws."""
    return report.space != "trials" or report.has_p_values


def _n_shared(pair: Pair) -> int:
    """Count the trials that are in both studies, with the same values and results."""
    from optuna_hpx.importance._overlap import Overlap

    shared = Overlap.of(*pair.tables)
    return shared.n_points if shared.are_objectives_equal else 0


def _untested(
    pair: Pair, reports: Sequence[ImportanceReport], names: list[str]
) -> ImportanceComparison:
    """Put importances side by side of which no test is known."""
    from optuna_hpx.importance import ImportanceComparison

    importances = np.array(
        [[report.importances[report.names.index(name)] for name in names] for report in reports]
    )
    difference = importances[0] - importances[1]
    order = np.argsort(-np.abs(difference), kind="stable")
    unknown = np.full(len(names), np.nan)
    return ImportanceComparison(
        labels=pair.labels,
        names=tuple(names[k] for k in order),
        importances=importances[:, order],
        difference=difference[order],
        ci_low=unknown,
        ci_high=unknown,
        confidence=reports[0].confidence,
        p_values=unknown,
        p_values_familywise=unknown,
        is_paired=False,
        sampling=(reports[0].sampling, reports[1].sampling),
        warnings=(),
        targets=(_target(reports[0]), _target(reports[1])),
    )


def _target(report: ImportanceReport) -> str:
    return f"{report.target}, {report.n_target:,} of {count(report.n_trials, report.unit)}"


def _doubts(
    pair: Pair,
    reports: Sequence[ImportanceReport],
    comparison: ImportanceComparison,
    n_shared: int,
) -> Iterator[str]:
    """Say why nothing is tested, or why little may be seen."""
    if n_shared:
        yield (
            f"{count(n_shared, 'trial')} of {pair.labels[0]} {'is' if n_shared == 1 else 'are'} "
            f"also in {pair.labels[1]}, with the same values and results: the sides are no "
            "independent evidence, and differences are not tested."
        )
    elif any(report.space != "trials" for report in reports):
        yield _BY_SURROGATE
    elif not all(report.has_p_values for report in reports):
        yield _CHOSEN
    elif not comparison.has_p_values:
        first, second = pair.tables
        differing = differing_domains(first.columns, second.columns)
        yield (
            f"The search spaces differ, in {listing(differing)}, and importances depend on the "
            "space: differences are not tested."
            if differing
            else "Too few trials are in the target sets, or all are: differences are not tested."
        )
    elif not comparison.differing and min(report.n_target for report in reports) < _FEW_TARGETS:
        yield (
            f"Fewer than {_FEW_TARGETS} trials of a side are in its target set, and so few show "
            "little: a wider one, as target_quantile=0.3, may show more."
        )


def _section(
    comparison: ImportanceComparison,
    reports: Sequence[ImportanceReport],
    doubts: tuple[str, ...],
) -> Section:
    first, second = comparison.labels
    n = count(len(comparison.names), "parameter")
    label = f"Chart: the importance of {n} in {first} and in {second}"
    return Section(
        _TITLE,
        warnings=doubts,
        answer=describe_comparison(comparison),
        basis=(
            f"Compared are on each side the good trials with all: {first}: "
            f"{comparison.targets[0]}; {second}: {comparison.targets[1]}."
        ),
        charts=(Chart(plot_importance_comparison(comparison), label),),
        tables=(_table(comparison, reports),),
        key="importance_comparison",
        data={
            **comparison.to_dict(),
            "reports": [_side(report, comparison.names) for report in reports],
        },
    )


def _side(report: ImportanceReport, names: tuple[str, ...]) -> dict[str, object]:
    """Return the importances of one side, in the order of the comparison."""
    fields = report.to_dict()
    places = [report.names.index(name) for name in names]
    columns = ("importances", "ci_low", "ci_high", "p_values", "p_values_familywise")
    return {
        "names": list(names),
        **{key: [fields[key][k] for k in places] for key in columns},
        **{key: fields[key] for key in ("n_trials", "n_target", "space", "sampling", "warnings")},
    }


def _table(comparison: ImportanceComparison, reports: Sequence[ImportanceReport]) -> TextTable:
    first, second = comparison.labels
    is_real = all(report.space == "trials" for report in reports)
    real = "95 % interval" if is_real else "interval or range of plausible surrogates"
    return TextTable(
        f"Importance S in {first} and in {second}, each with its {real}, and their difference",
        head=(
            "parameter",
            "S, first",
            "interval",
            "S, second",
            "interval",
            "difference",
            "p among all",
        ),
        rows=tuple(_row(comparison, reports, k) for k in range(len(comparison.names))),
        numeric=frozenset(range(1, 7)),
        has_long_heads=True,
    )


def _row(
    comparison: ImportanceComparison, reports: Sequence[ImportanceReport], k: int
) -> tuple[str, ...]:
    name, cells = comparison.names[k], []
    for side, report in enumerate(reports):
        place = report.names.index(name)
        low, high = report.ci_low[place], report.ci_high[place]
        cells.append(f"{comparison.importances[side, k]:.3f}")
        cells.append(f"{low:.2f} to {high:.2f}" if np.isfinite(low) else "–")
    p = comparison.p_values_familywise[k]
    tested = "–" if np.isnan(p) else f"{p:.3f}" if p >= 0.0005 else "< 0.001"
    difference = f"{comparison.difference[k]:+.3f}".replace("-", "−")
    return (name, *cells, difference, tested)
