"""StudyWatch: what a callback keeps in mind of one study between two trials."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

__all__ = ["StudyWatch"]


@dataclass
class StudyWatch:
    """What a callback knows of one study.

    Attributes:
        next_look: Finished trials before which there is nothing to look at.
        n_trials: Trials that the study has at least.
        n_draws: Draws that the last look used.
        next_poll: When to ask again what other processes have decided.
        verdict: Why the study is to be stopped, or "".
        is_asked: Whether some thread has asked for a look that has not begun.
        is_warned: Whether it was said that there are no draws.
        lock: Held during a look.
    """

    next_look: int
    n_trials: int = 0
    n_draws: int = 0
    next_poll: float = 0.0
    verdict: str = ""
    is_asked: bool = False
    is_warned: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
