r"""How well the best of a family of curves carries over to new tasks, by how often they oscillate.

Notation
    T               tasks, drawn independently of each other from the same source
    u(a)            dual curve of a task: its utility along the hyperparameter a, in [0, H], H = 1
    B               bound on the oscillations of every dual curve: how often, for any z,
                    1{u(a) >= z} switches along a
    eps, delta      width and failure probability of a bound
    k               levels to which utilities are rounded

What is derived here, and is not a statement of a paper:

    (1)  Pdim <= max{n: 2^n <= 2nB + 1}.

n tasks and thresholds switch at nB values of a at most; on these and on the gaps between them
there are at most 2nB + 1 different sign vectors.

    (2)  width = min_k sqrt(2 ln(1 + 2kTB) / T) + 1/k + sqrt(ln(1/delta) / 2T).

The rounded curves have kTB jumps in all, thus at most 2kTB + 1 different vectors of T utilities;
Massart's lemma with centred utilities bounds twice the Rademacher complexity of these, and 1/k is
twice the rounding. Of curves that are piecewise constant, with at most B jumps, nothing is
rounded: k = 1, without 1/k.
"""

from __future__ import annotations

import math

from optuna_hpx import _checks
from optuna_hpx.statistics.bisection import first_count

__all__ = [
    "check_level",
    "log_vectors",
    "oscillation_tasks",
    "oscillation_width",
    "pdim_from_log",
    "pdim_from_oscillations",
]


def pdim_from_oscillations(n_oscillations: int, *, one_sided: bool = False) -> int:
    """Bound the pseudo-dimension (1) when no dual curve oscillates more than B times.

    Args:
        n_oscillations: B, of the curves; that of a sample is too small.
        one_sided: Whether the curves are continuous from one side, the same for all. Then the
            values where they switch have the signs of a gap, and it is max{n: 2^n <= nB + 1}.

    Returns:
        max{n: 2^n <= 2nB + 1}, exact for every int.
    """
    _checks.count("n_oscillations", n_oscillations, at_least=0, at_most=None)
    factor = (1 if one_sided else 2) * int(n_oscillations)
    return first_count(lambda n: 2**n > factor * n + 1) - 1


def pdim_from_log(log_oscillations: float) -> int:
    """Bound the pseudo-dimension (1) by ln B, for a B that may be larger than any float."""
    return first_count(lambda n: n * math.log(2.0) > log_vectors(log_oscillations, n)) - 1


def oscillation_width(
    n_tasks: int, delta: float = 0.05, *, log_oscillations: float, piecewise_constant: bool = False
) -> float:
    """Bound how far the mean utility over T tasks can exceed the expected one.

    With probability 1 - delta it does so for no value of the hyperparameter by more than (2).

    Args:
        n_tasks: T.
        delta: Failure probability.
        log_oscillations: ln B; -inf for constant curves.
        piecewise_constant: Whether all curves are, with at most B jumps (which a curve with few
            oscillations can exceed).

    Returns:
        The width, as a share of H.
    """
    _checks.count("n_tasks", n_tasks)
    _checks.quantile("delta", delta)
    _check_log(log_oscillations)
    return _width(int(n_tasks), delta, log_oscillations, piecewise_constant)


def oscillation_tasks(
    epsilon: float,
    delta: float = 0.05,
    *,
    log_oscillations: float,
    piecewise_constant: bool = False,
) -> int:
    """Return the least T for which :func:`oscillation_width` is at most ``epsilon``."""
    check_level(epsilon, delta)
    _check_log(log_oscillations)

    def is_enough(n_tasks: int) -> bool:
        return _width(n_tasks, delta, log_oscillations, piecewise_constant) <= epsilon

    return first_count(is_enough)


def _width(n_tasks: int, delta: float, log_b: float, piecewise_constant: bool) -> float:
    confidence = math.sqrt(-math.log(delta) / (2.0 * n_tasks))
    if log_b == -math.inf:
        return confidence

    def spread(k: float) -> float:
        return math.sqrt(2.0 * log_vectors(log_b, k * n_tasks) / n_tasks)

    if piecewise_constant:
        return spread(1.0) + confidence
    # Where the derivative vanishes k^2 = 2 T ln(1 + 2kTB), but for a factor of almost 1.
    k = 1.0
    for _ in range(20):
        k = max(1.0, n_tasks * spread(k))
    nearby = range(max(1, math.floor(k) - 2), math.ceil(k) + 3)
    return min(spread(level) + 1.0 / level for level in nearby) + confidence


def log_vectors(log_b: float, n: float) -> float:
    """Return ln(1 + 2nB), n >= 1; ``log_b`` is ln B."""
    x = math.log(2.0 * n) + log_b
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def check_level(epsilon: float, delta: float) -> None:
    """Check the width and the failure probability of a bound.

    Raises:
        TypeError: If one is no number.
        ValueError: If one is not in (0, 1).
    """
    _checks.quantile("epsilon", epsilon)  # from 1 on any number of tasks would do
    _checks.quantile("delta", delta)


def _check_log(log_oscillations: float) -> None:
    if log_oscillations != -math.inf:
        _checks.finite("log_oscillations", log_oscillations)
