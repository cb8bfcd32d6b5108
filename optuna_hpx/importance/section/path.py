"""What the page says of the way from the median trial to the best one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, percent
from optuna_hpx.importance.figures import plot_ablation_path
from optuna_hpx.importance.section.kinds import AnswerKind

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.importance import AblationPath

__all__ = ["describe_path", "path_section", "path_sections", "path_sentences"]

_TITLE = "From the median trial to the best"
_MIN_TRIALS = 20
_MAX_NAMED = 3  # changes in a sentence


def path_sections(material: Material) -> list[Section]:
    """Make the section on the path of a study with one objective; none of few trials."""
    # slow: brings in sklearn
    from optuna_hpx.importance import NoSurrogateError, ablation_path
    from optuna_hpx.importance._ablation import ends_differ

    table = material.table
    is_one = len(table.directions) == 1 and not material.has_segments
    if not is_one or table.complete.sum() < _MIN_TRIALS or not ends_differ(table):
        return []
    try:
        return [path_section(ablation_path(table, seed=material.seed))]
    except NoSurrogateError as error:
        return [
            Section(_TITLE, answer=f"Which change was worth what is not known. {error.reason}")
        ]


def path_section(path: AblationPath) -> Section:
    """Make the section on a path."""
    n = count(len(path.changes), "change")
    label = f"Waterfall: the predicted objective after each of {n}"
    return Section(
        _TITLE,
        answer=describe_path(path),
        basis=(
            "A surrogate of the objective predicts both, and the configurations between them "
            f"(cross-validated skill {path.skill:.2f}; 1 is perfect). The order is greedy: the "
            "change that is predicted to help most comes next. What a change is worth depends on "
            "those before it, so its mean over all orders (Shapley value) is given, too."
        ),
        charts=(Chart(plot_ablation_path(path), label),),
        how_to_read=(
            "Each bar is one change of a parameter, from the value of the median trial to that of "
            "the best, and how far the predicted objective moves by it, the changes above it made "
            "already. An interval that has 0 in it may be no change."
        ),
        warnings=path.warnings,
        tables=(_table(path),),
        key="ablation_path",
        data=path.to_dict(),
    )


def describe_path(path: AblationPath) -> str:
    """Say what is sure of the whole way, and of the changes."""
    return prose(path_sentences(path))


def path_sentences(path: AblationPath) -> list[Sentence]:
    """Make the sentences on a path: the whole way, and the changes that help."""
    return [_total(path), _helpful(path)]


def _total(path: AblationPath) -> Sentence:
    total, low, high = path.total
    level = percent(path.confidence)
    claim = Claim(AnswerKind.TOTAL, path.labels, (low, high))
    ends = f"From {path.labels[0]} to {path.labels[1]}"
    if np.isnan(low):
        text = (
            f"{ends} the objective improves by {_write(total)} as far as it can be predicted; how "
            "sure that is cannot be told."
        )
        return Sentence(text, (Claim(AnswerKind.NOT_SEEN),))
    if low <= 0.0 <= high:
        text = (
            f"{ends} it is not sure whether the objective improves: by {_write(total)} as far as "
            f"it can be predicted ({level} interval {_write(low)} to {_write(high)})."
        )
        return Sentence(text, (claim,))
    verb = "improves" if total > 0.0 else "gets worse"
    least, most = sorted((abs(low), abs(high)))
    text = (
        f"{ends} the predicted objective {verb} by {abs(total):.3g} ({level} interval {least:.3g} "
        f"to {most:.3g})."
    )
    return Sentence(text, (claim,))


def _helpful(path: AblationPath) -> Sentence:
    is_better = path.shapley_low > 0.0
    if not is_better.any():
        text = "Of no single change is enough seen to say that it helps."
        return Sentence(text, (Claim(AnswerKind.NOT_SEEN),))
    order = [int(k) for k in np.argsort(-path.shapley) if is_better[k]]
    parts = [
        f"{path.changes[k]} by {path.shapley[k]:.3g} ({path.shapley_low[k]:.3g} to "
        f"{path.shapley_high[k]:.3g})"
        for k in order[:_MAX_NAMED]
    ]
    rest = len(order) - len(parts)
    more = f", and {count(rest, 'more change')}" if rest else ""
    verb = "this helps" if len(order) == 1 else "these help"
    return Sentence(
        f"On average over all orders of the changes {verb}: {'; '.join(parts)}{more}.",
        tuple(_claims_of(path, order)),
    )


def _claims_of(path: AblationPath, order: list[int]) -> Iterator[Claim]:
    """List what is claimed of changes that help: that they do, and of those named by how much."""
    for place, k in enumerate(order):
        yield Claim(AnswerKind.HELPS, (path.names[k],))
        if place < _MAX_NAMED:
            interval = float(path.shapley_low[k]), float(path.shapley_high[k])
            yield Claim(AnswerKind.CHANGE, (path.names[k],), interval)


def _table(path: AblationPath) -> TextTable:
    return TextTable(
        "What each change improves: here, on average over all orders, and between real trials",
        head=("change", "here", "interval", "on average", "interval", "trials"),
        rows=tuple(_row(path, k) for k in range(len(path.changes))),
        numeric=frozenset(range(1, 6)),
        has_long_heads=True,
    )


def _row(path: AblationPath, k: int) -> tuple[str, ...]:
    observed = path.observed_improvements[k]
    return (
        str(path.changes[k]),
        _write(path.improvements[k]),
        _interval(path.ci_low[k], path.ci_high[k]),
        _write(path.shapley[k]),
        _interval(path.shapley_low[k], path.shapley_high[k]),
        _write(observed) if np.isfinite(observed) else "–",
    )


def _interval(low: float, high: float) -> str:
    return "–" if np.isnan(low) else f"{_write(low)} to {_write(high)}"


def _write(value: float) -> str:
    return f"{value + 0.0:.3g}".replace("-", "−")
