"""How far a search has come, in a unit that does not hang on that of the scores."""

from __future__ import annotations

import math

__all__ = ["percent_step"]


def percent_step(median_trial: float, best: float) -> float | None:
    """Compute a hundredth of the way from the median trial to the best one.

    Returns:
        The step; None where there is no such way, as at least half of the trials failed (their
        median is infinite) or all are alike.
    """
    way = abs(median_trial - best)
    return way / 100.0 if 0.0 < way < math.inf else None
