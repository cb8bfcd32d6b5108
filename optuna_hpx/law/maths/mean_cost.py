"""What a draw costs on average, and so how many draws a budget pays for.

Notation
    c (n,)          costs of n draws, positive
    C               a budget

    (1)  mean +- t_(n-1) sd / sqrt(n)            Student's interval of the expected cost
    (2)  k = C / expected cost                   draws that C pays for, on average

Where a few draws cost most of all, (1) holds less often than it says until n is large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

__all__ = ["MeanCost", "mean_cost"]


@dataclass(frozen=True)
class MeanCost:
    """The expected cost of a draw, equation (1).

    Attributes:
        low, mean, high: Its interval and its estimate, positive; ``high`` is infinite if one cost
            alone is known.
        n: Costs that are known.
        confidence: Of the interval.
    """

    low: float
    mean: float
    high: float
    n: int
    confidence: float

    def draws_for(self, budget: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Compute how many draws a budget pays for, equation (2): at least, about and at most."""
        budget = np.asarray(budget, dtype=float)
        with np.errstate(over="ignore"):  # of one cost alone: any number of draws
            return budget / self.high, budget / self.mean, budget / self.low


def mean_cost(costs: np.ndarray, confidence: float) -> MeanCost:
    """Estimate the expected cost of a draw.

    Args:
        costs: (n,) positive and finite, at least one.
        confidence: In (0, 1).
    """
    n, mean = len(costs), float(costs.mean())
    if n == 1:
        return MeanCost(float(np.finfo(float).tiny), mean, np.inf, n, confidence)
    reach = stats.t.ppf((1.0 + confidence) / 2.0, n - 1) * costs.std(ddof=1) / np.sqrt(n)
    # An expected cost is at least what the cheapest draw weighs in it: kept from 0 and below.
    return MeanCost(max(mean - reach, float(costs.min()) / n), mean, mean + reach, n, confidence)
