r"""What a pruned trial would have come to, from the last value that it reported.

Notation
    s           step at which trials were pruned
    v           (p,) values that they had reported there
    v_j, f_j    (C,) value of a complete trial at s, and its final loss
    f~          median loss of all complete trials

    f = max(v + median_j (f_j - v_j), f~)                                                     (1)

A pruned trial is held to gain from s on what complete ones have gained, no matter how good they
were, and is never better than half of them: it was pruned for being behind, and where curves cross
its value may say the opposite of the truth. Curves that are parallel from s on make (1) exact.

On synthetic curves this is ahead of counting pruned trials as the worst; in real training of a
small network no difference was seen (``benchmarks/samplers/pruned_trials.py``).
"""

from __future__ import annotations

import numpy as np

__all__ = ["imputed"]

_LEAST = 5  # complete trials with a value at s, fewer of which do not tell what is gained


def imputed(
    values: np.ndarray, complete_values: np.ndarray, complete_losses: np.ndarray, median: float
) -> np.ndarray:
    """Compute f (p,) by eq. (1).

    Args:
        values: (p,) values at s of the trials that were pruned there.
        complete_values: (C,) values of complete trials at s.
        complete_losses: (C,) their losses.
        median: f~.

    Returns:
        (p,) losses; NaN where nothing can be said.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        gains = complete_losses - complete_values
    gains = gains[np.isfinite(gains)]
    if len(gains) < _LEAST:
        return np.full(len(values), np.nan)
    return np.maximum(values + float(np.median(gains)), median)
