"""How many configurations a space holds, on the logarithmic scale: M can be 2^64 and more."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["log_configurations", "log_floats"]


def log_floats(low: float, high: float) -> float:
    """Return ln of how many float64 values lie in [low, high], both finite; 0 counts once."""
    return math.log(_place(high) - _place(low) + 1)


def _place(value: float) -> int:
    """Number a float, counted from 0 among all: the bits of positive ones are in their order."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits + 2**63)


def log_configurations(log_n_values: Iterable[Sequence[float]], n_outside: int = 0) -> float:
    """Return ln M, of a space with one entry of ``log_n_values`` for each parameter.

        M = prod_p sum_r n_pr + n_outside,

    n_pr being the number of values in the r-th range that parameter p was drawn from: it may have
    any value of any of them. Where it may be absent, that is one value more.

    Args:
        log_n_values: For each parameter ln n_pr of its ranges.
        n_outside: Configurations that were tried and lie outside.
    """
    total = 0.0
    for logs in log_n_values:
        total += float(np.logaddexp.reduce(logs))
    return float(np.logaddexp(total, math.log(n_outside))) if n_outside else total
