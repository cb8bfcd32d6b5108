"""Whether two sources can be compared, and what their sides are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.canvas.words import count
from optuna_hpx.page._errors import SourceError

if TYPE_CHECKING:
    from optuna_hpx.page._sources import Source
    from optuna_hpx.trials.table import TrialTable

__all__ = ["check_pair", "labels_of"]


def labels_of(sources: Sequence[Source]) -> tuple[str, str]:
    """Call the sides by their titles; two that are the same are told apart."""
    first, second = (source.title for source in sources)
    return (first, second) if first != second else (f"{first} (A)", f"{second} (B)")


def check_pair(sources: Sequence[Source]) -> None:
    """Refuse sides that do not measure the same thing, or that are the same.

    Raises:
        SourceError: If so.
    """
    tables = [source.table for source in sources]
    titles = [repr(label) for label in labels_of(sources)]
    counts = [len(table.directions) for table in tables]
    if counts[0] != counts[1]:
        raise SourceError(
            f"{titles[0]} has {count(counts[0], 'objective')} and {titles[1]} has {counts[1]}: "
            "compare studies with the same objectives"
        )
    directions = [" and ".join(f"{word}s" for word in table.directions) for table in tables]
    if directions[0] != directions[1]:
        raise SourceError(
            f"{titles[0]} {directions[0]} and {titles[1]} {directions[1]}: compare studies with "
            "the same directions"
        )
    names = [source.table.metric_names if source.study else () for source in sources]
    if names[0] and names[1] and names[0] != names[1]:
        raise SourceError(
            f"{titles[0]} measures {', '.join(names[0])} and {titles[1]} {', '.join(names[1])}: "
            "compare studies of the same metric"
        )
    if _are_same(*tables):
        raise SourceError("both sides are the same trials: name another study or file")


def _are_same(a: TrialTable, b: TrialTable) -> bool:
    """Tell whether two tables were read of one study, or of a study and its copy."""
    pairs = ((a.losses, b.losses), (a.durations, b.durations), (a.started, b.started))
    is_alike = len(a) == len(b) and all(np.array_equal(x, y, equal_nan=True) for x, y in pairs)
    if not is_alike or a.columns.keys() != b.columns.keys():
        return False
    return all(
        np.array_equal(a.columns[name].values, b.columns[name].values, equal_nan=True)
        for name in a.columns
    )
