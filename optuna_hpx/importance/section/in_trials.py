"""What matters in the trials that a sampler chose, beside what matters in the search space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.claims import prose
from optuna_hpx.canvas.section import Section, TextTable
from optuna_hpx.canvas.words import listing, percent
from optuna_hpx.importance.section.basis import FAINT, end_in_words, is_sure, symbol_of, target_of
from optuna_hpx.importance.section.evaluators import chosen_evaluator
from optuna_hpx.importance.section.importances import importance_sentences

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.importance import ImportanceReport, Regime
    from optuna_hpx.trials.columns import Column

__all__ = ["in_trials_sections"]

_CROWDED = 2.0  # times as many trials as points of the space: the sampler went there on purpose
_LESS = 0.5  # of the S in the space, which is then worth a word
_MAX_NAMED = 3


def in_trials_sections(report: ImportanceReport, material: Material) -> list[Section]:
    """Make the section on the trials as they were sampled; none where ``report`` is on them.

    Args:
        report: What matters in the search space, by a surrogate.
        material: Of which trials.

    Cost: that of a report without pairs.
    """
    if report.space != "uniform" or report.score != "indicator":
        return []
    own = chosen_evaluator(material, space="trials").report(material.table)
    if own.has_p_values:  # draws: then the surrogate was asked for, and both are of the space
        return []
    settled = _settled(report, own, material)
    return [
        Section(
            "In the trials themselves",
            answer=prose(importance_sentences(own)[-1:]),
            basis=_difference(settled, own),
            tables=(_table(report, own),),
            is_folded=True,
            key="importances_in_trials",
            data=own.to_dict(),
        )
    ]


def _difference(settled: list[str], own: ImportanceReport) -> str:
    """Explain why the numbers differ from those in the search space."""
    text = (
        f"Here {target_of(own)} are compared with the other trials, and not with the search "
        "space. A sampler or a person chose these: what was settled early sets few of them apart, "
        "and may seem to matter less than it does in the space."
    )
    return " ".join([text, *([f"{listing(settled)}."] if settled else [])])


def _settled(report: ImportanceReport, own: ImportanceReport, material: Material) -> list[str]:
    """Say of parameters that matter less in the trials how many of these had good values."""
    sentences: list[str] = []
    for k, name in enumerate(report.names):
        s = float(report.importances[k])
        if not _is_shown(report, k) or name not in own.names or len(report.regimes[name]) != 1:
            continue
        if own.importances[own.names.index(name)] > _LESS * s:
            continue
        sentences += _place(name, report.regimes[name][0], material.table.columns[name])
    return sentences[:_MAX_NAMED]


def _is_shown(report: ImportanceReport, k: int) -> bool:
    """Tell whether a parameter matters beyond chance, and its S is worth a word.

    A sampler is stuck at values of others, too, and a surrogate takes that for good ones.
    """
    return is_sure(report, k) and bool(report.importances[k] >= FAINT)


def _place(name: str, regime: Regime, column: Column) -> list[str]:
    """Say how many of the trials are where a surrogate expects good values, if many are."""
    is_active = column.regime >= 0
    values = column.values[is_active]
    if regime.kind == "discrete":
        best = int(np.argmax(regime.p_target - regime.p_region))
        share = float(regime.p_region[best])
        pairs = zip(column.external(), is_active.tolist(), strict=True)
        shown = [str(value) for value, active in pairs if active]  # None may be a choice
        is_there = np.array([value == str(regime.x[best]) for value in shown])
        place = f"{name} = {regime.x[best]}"
    elif regime.middle is not None and not regime.is_relative:
        low, high = regime.middle.low, regime.middle.high
        share = regime.middle.n_region / max(regime.n_region, 1)
        is_there = (values >= low) & (values <= high)
        place = f"{name} from {end_in_words(low, 3)} to {end_in_words(high, 3)}"
    else:
        return []
    if not len(is_there) or is_there.mean() < _CROWDED * share:
        return []
    return [
        f"{percent(float(is_there.mean()))} of the trials had {place}, where good values are "
        f"expected, against {percent(share)} of the space"
    ]


def _table(report: ImportanceReport, own: ImportanceReport) -> TextTable:
    """Put the importances in the space and those in the trials side by side."""
    symbol = symbol_of(report)
    return TextTable(
        f"Importance {symbol} in the search space, by a surrogate, and in the trials",
        head=("parameter", f"{symbol} in the space", f"{symbol} in the trials"),
        rows=tuple(
            (
                name,
                f"{report.importances[k]:.3f}",
                f"{own.importances[own.names.index(name)]:.3f}" if name in own.names else "–",
            )
            for k, name in enumerate(report.names)
        ),
        numeric=frozenset((1, 2)),
        has_long_heads=True,
    )
