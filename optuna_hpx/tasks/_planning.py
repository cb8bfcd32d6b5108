"""tasks_needed: how many tasks a certificate will take, before any is evaluated."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any

from optuna_hpx import _checks
from optuna_hpx.tasks.maths import bounds as bounds_of

__all__ = ["check_bounds", "check_n_configs", "tasks_needed"]

_LARGEST_SHARE = 1e100  # of which the square is a float: one task does
_LEAST_SHARE = 1e-6  # of the range: beyond it the number of tasks means nothing


def tasks_needed(
    epsilon: float,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    delta: float = 0.05,
    n_configs: float = 1,
) -> int:
    """Plan how many tasks put a bound within ``epsilon`` of the observed mean, whatever it is.

    By Hoeffding's inequality, for the best of ``n_configs`` configurations chosen in any way:
    before anything is known of the values. Where they vary little, fewer tasks will do: see
    :meth:`Certificate.tasks_needed`.

    Args:
        epsilon: In units of the value.
        bounds: Between which all values lie.
        delta: Probability that the bound does not hold.
        n_configs: Configurations of the search space; 2**64 for one float without a step.

    Returns:
        The least number of tasks, ln(n_configs / delta) / (2 share^2) rounded up, with ``share``
        that of ``epsilon`` in the range of the values.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If one is not possible.

    Example:
        Accuracies, to be known to 0.1, of the best of 100 configurations, and of one:

        >>> from optuna_hpx import tasks_needed
        >>> tasks_needed(0.1, n_configs=100)
        381
        >>> tasks_needed(0.1)
        150
    """
    _checks.finite("epsilon", epsilon)
    low, high = check_bounds(bounds)
    if epsilon <= 0.0:
        raise ValueError(f"`epsilon` must be positive, got {epsilon!r}.")
    _checks.quantile("delta", delta)
    check_n_configs(n_configs)
    share = min(epsilon / (high - low), _LARGEST_SHARE)
    if share < _LEAST_SHARE:
        raise ValueError(
            f"`epsilon` must be at least a millionth of the range of `bounds`, got {epsilon!r}."
        )
    return bounds_of.tasks_needed(share, delta, math.log(n_configs))


def check_bounds(bounds: Any) -> tuple[float, float]:
    """Return ``bounds`` as two floats, the smaller one first.

    Raises:
        TypeError: If they are no pair of numbers.
        ValueError: If they do not ascend, or are not finite.
    """
    try:
        low, high = bounds
    except (TypeError, ValueError):
        raise TypeError(f"`bounds` must be a pair of numbers, got {bounds!r}.") from None
    for value in (low, high):
        _checks.finite("bounds", value)
    if not (low < high and math.isfinite(float(high) - float(low))):
        raise ValueError(f"`bounds` must be (smaller, larger), got {bounds!r}.")
    return float(low), float(high)


def check_n_configs(n_configs: Any) -> None:
    """Check that ``n_configs`` is a number of configurations.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is less than 1, or not finite.
    """
    # An int may be larger than any float; a bool is none.
    if isinstance(n_configs, bool) or not isinstance(n_configs, Integral):
        _checks.finite("n_configs", n_configs)
    if n_configs < 1:
        raise ValueError(f"`n_configs` must be at least 1, got {n_configs!r}.")
