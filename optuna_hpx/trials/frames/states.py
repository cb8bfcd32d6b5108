"""States of trials in the words of many tools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["are_states", "named_states", "state_of"]

_WORDS = {
    TrialState.COMPLETE: "complete completed finished done success succeeded successful ok "
    "terminated passed",
    TrialState.FAIL: "fail failed failure error errored crash crashed killed preempted preempting "
    "canceled cancelled user_canceled sys_canceled aborted abandoned invalid infeasible timeout "
    "timed_out memoryout oom",
    TrialState.PRUNED: "pruned stopped early_stopped stopped_early earlystopped",
    TrialState.RUNNING: "running in_progress",
    TrialState.WAITING: "waiting pending queued scheduled staged candidate idle paused",
}
"""``terminated`` is Ray's word for a trial that came to its end."""
_STATE_OF = {word: state for state, words in _WORDS.items() for word in words.split()}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CLEARLY = _set(
    "complete completed finished success succeeded fail failed failure error errored crashed "
    "pruned early_stopped running waiting pending queued"
)
"""Words that hardly any parameter has: one of them makes a column one of states."""


def state_of(word: Any) -> TrialState | None:
    """Return the state that a word means, in any spelling, as ``TrialState.FAIL``; else None."""
    last = str(word).strip().rpartition(".")[2].lower()
    return _STATE_OF.get(re.sub(r"[\s\-]+", "_", last))


def are_states(column: pd.Series[Any]) -> bool:
    """Tell whether a column of states, by its name, holds states of trials.

    Raises:
        ValueError: If some of its words surely are states, and others are none.
    """
    words = column.dropna().unique().tolist()
    unknown = [word for word in words if state_of(word) is None]
    recognised = [word for word in words if state_of(word) is not None]
    if unknown and any(_is_clear(word) for word in recognised):
        raise ValueError(
            f"Column {column.name!r} must hold states of trials, as "
            f"{', '.join(TrialState.__members__)}, but holds {unknown[0]!r} in the row of index "
            f"{_index_of(column, unknown[0])!r}: replace it, or rename the column if it is a "
            "parameter."
        )
    return bool(words) and not unknown


def _index_of(column: pd.Series[Any], word: Any) -> Any:
    """Return the index of the first row that has ``word``."""
    return column.index.tolist()[column.tolist().index(word)]


def _is_clear(word: Any) -> bool:
    return re.sub(r"[\s\-]+", "_", str(word).strip().rpartition(".")[2].lower()) in _CLEARLY


def named_states(column: pd.Series[Any]) -> np.ndarray:
    """Return (n,) the states that are named; COMPLETE, if there is a value, for an empty cell."""
    state_by_word = {word: state_of(word) for word in column.dropna().unique().tolist()}
    named = [
        TrialState.COMPLETE if empty else state_by_word[word]
        for word, empty in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]
    return np.array([int(state) for state in named if state is not None], dtype=int)
