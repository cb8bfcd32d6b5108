"""One value per living study, made from its finished trials and extended by the new ones."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from optuna.trial import FrozenTrial, TrialState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optuna.study import Study

T = TypeVar("T")

_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


@dataclass
class _Entry:
    """The value of one study, and the trials from which it was made."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    trials: list[FrozenTrial] = field(default_factory=list)
    value: Any = None


# Keyed by the Study object, not by its name or id: an entry dies with its study, and a study made
# anew under the same name, by whatever process, starts without one.
_entries: WeakKeyDictionary[Study, _Entry] = WeakKeyDictionary()
_entries_lock = threading.Lock()


def _forget() -> None:
    """Start afresh in a forked child, where nobody is left to release a lock held at the fork."""
    global _entries, _entries_lock
    _entries, _entries_lock = WeakKeyDictionary(), threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def cached_by_study(
    study: Study,
    *,
    build: Callable[[Sequence[FrozenTrial]], T],
    extend: Callable[[T, Sequence[FrozenTrial]], T],
) -> T:
    """Return the value of all finished trials of ``study``: the kept one, extended, or a new one.

    Safe to call from several threads; they wait for one another if the study is the same.

    Args:
        study: The study. Entries hold no reference to it.
        build: Makes the value from all finished trials, in the order of their numbers.
        extend: Makes the next value from the last one and the trials finished since.
    """
    with _entries_lock:
        entry = _entries.setdefault(study, _Entry())
    with entry.lock:
        trials = study.get_trials(deepcopy=False, states=_FINISHED)
        new = _new_trials(entry.trials, trials)
        if entry.value is None or new is None:
            entry.value = build(trials)
        elif new:
            entry.value = extend(entry.value, new)
        entry.trials = trials
        return entry.value


def _new_trials(
    earlier: Sequence[FrozenTrial], trials: Sequence[FrozenTrial]
) -> list[FrozenTrial] | None:
    """Return those that are not among the earlier ones; None if one of these is another now."""
    n = len(earlier)
    if len(trials) >= n and all(map(is_, earlier, trials)):
        return list(trials[n:])  # the common case: nothing finished out of order
    by_number = {trial.number: trial for trial in trials}
    if not all(_is_same(trial, by_number.get(trial.number)) for trial in earlier):
        return None
    earlier_numbers = {trial.number for trial in earlier}
    return [trial for trial in trials if trial.number not in earlier_numbers]


def _is_same(a: FrozenTrial, b: FrozenTrial | None) -> bool:
    """Return whether two finished trials of one number are the same: none ever changes."""
    if a is b:
        return True
    return b is not None and (
        a.state == b.state
        and a.datetime_start == b.datetime_start
        and a.datetime_complete == b.datetime_complete
        and a.values == b.values
        and a.params == b.params
    )
