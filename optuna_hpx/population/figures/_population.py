"""What the figures of a population share: its segments, their ranks, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas import style
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population.maths import genealogy
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.study import Study

    from optuna_hpx.population._segment import Segment

__all__ = [
    "RANK_COLOURS",
    "generation_axis",
    "rank_axis",
    "ranks",
    "read_population",
    "side_by_side",
    "value_markup",
]

RANK_COLOURS = (style.BEST, style.REGION, style.POINT)
"""From the best to the last."""

_MAX_TICKS = 10  # more would not fit a phone
_WIDTH = 0.6  # of a generation, for segments that have no height to tell them apart


def read_population(study: Study | TrialTable) -> Ledger:
    """Read the segments of a population that is whole.

    Raises:
        TypeError: If ``study`` is neither a study nor a table.
        ValueError: If it has several objectives, none of its trials is a published segment, or
            one of them has a parent that is none.
    """
    table = TrialTable.of(study)
    if len(table.directions) > 1:
        raise ValueError(f"`study` must have one objective, got {len(table.directions)}.")
    ledger = Ledger.read(table)
    if not ledger.published:
        raise ValueError(
            "`study` must hold segments that a GPBTScheduler trained; of its "
            f"{len(table)} finished trials none is one that is complete or pruned."
        )
    for segment in ledger.published.values():
        parent = None if segment.parent is None else ledger.by_number.get(segment.parent)
        if segment.generation and (parent is None or parent.generation >= segment.generation):
            raise ValueError(
                f"`study` must hold a whole population; the parent of trial {segment.number}, "
                f"trial {segment.parent}, is missing or another's: copy all trials or none."
            )
    return ledger


def ranks(segments: Sequence[Segment]) -> np.ndarray:
    """Return the rank of each in its generation, from 0 to 1 as :func:`relative_ranks` does."""
    return genealogy.relative_ranks(
        np.array([segment.loss for segment in segments]),
        np.array([segment.generation for segment in segments]),
    )


def rank_axis(sign: float) -> dict[str, Any]:
    """Describe the colours of ranks times ``sign``: the best are at the same end as their values.

    Args:
        sign: That makes a value a loss.
    """
    low, high = sorted((0.0, sign))
    return {
        "cmin": low,
        "cmax": high,
        "colorscale": list(zip((0.0, 0.5, 1.0), RANK_COLOURS[:: int(sign)], strict=True)),
        "colorbar": {
            "thickness": 8,
            "len": 1.0,
            "xpad": 6,
            "ypad": 0,
            "outlinewidth": 0,
            "tickvals": [0.0, sign],
            "ticktext": ["best", "last"],
            "title": {"text": "rank in its generation", "side": "right", "font": {"size": 12}},
        },
    }


def generation_axis(n_generations: int) -> dict[str, Any]:
    """Describe an axis of whole generations, with at most 10 ticks."""
    steps = (k * 10**power for power in range(20) for k in (1, 2, 5))
    step = next(step for step in steps if n_generations <= _MAX_TICKS * step)
    ends = [-0.5, n_generations - 0.5]
    return {"title_text": "generation", "dtick": step, "tickangle": 0, "range": ends}


def side_by_side(generations: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Place segments around their generation, from the smallest ``order`` on.

    Args:
        generations: (n,).
        order: (n,).

    Returns:
        (n,) places on the axis of generations.
    """
    places = generations.astype(float)
    for generation in np.unique(generations):
        rows = np.flatnonzero(generations == generation)
        rows = rows[np.argsort(order[rows], kind="stable")]
        places[rows] += _WIDTH * ((np.arange(len(rows)) + 0.5) / len(rows) - 0.5)
    return places


def value_markup(value: Any) -> str:
    """Write a hyperparameter as markup."""
    return f"{value:.4g}" if isinstance(value, float) else style.short(str(value))
