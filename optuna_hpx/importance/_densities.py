"""A regime of a parameter as the report tells it: its label and its two densities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from optuna.distributions import CategoricalDistribution

from optuna_hpx.canvas.words import distinct
from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance._report import Middle, Regime
from optuna_hpx.importance.maths.densities import (
    GRID_SIZE,
    averaged_shifted_histogram,
    frequencies,
)
from optuna_hpx.importance.maths.marginal import few_values
from optuna_hpx.trials import domain
from optuna_hpx.trials.domain import Distribution


def describe_regime(regime: ParameterRegime, top: np.ndarray, importance: float) -> Regime:
    """Describe a regime for the report: its label, and where its trials and the good ones lie.

    Args:
        regime: The regime.
        top: (N,) bool, the target set over the table.
        importance: What the regime adds to the parameter's importance.
    """
    rows = regime.marginal.rows
    rows_top = rows[top[rows]]
    first = regime.column.distributions[regime.codes[0]]
    is_discrete = not regime.is_pooled and (
        isinstance(first, CategoricalDistribution) or few_values(domain.n_possible_values(first))
    )
    describe = _discrete if is_discrete else _continuous
    x, p_region, p_target = describe(regime, first, rows, rows_top)
    return Regime(
        label=_label(regime, first),
        kind="discrete" if is_discrete else "continuous",
        is_relative=regime.is_pooled,
        log=domain.is_log(first) and not regime.is_pooled,
        x=x,
        p_region=p_region,
        p_target=p_target,
        n_region=len(rows),
        n_target=len(rows_top),
        importance=importance,
        middle=None if is_discrete else _middle(regime, rows, rows_top),
    )


def _middle(regime: ParameterRegime, rows: np.ndarray, rows_top: np.ndarray) -> Middle | None:
    if not len(rows_top):
        return None
    values = regime.column.position if regime.is_pooled else regime.column.values
    ordered = np.sort(values[rows_top])
    n_outside = len(ordered) // 10
    low, high = float(ordered[n_outside]), float(ordered[-1 - n_outside])
    n_target, n_region = (
        int(np.count_nonzero((values[among] >= low) & (values[among] <= high)))
        for among in (rows_top, rows)
    )
    return Middle(low, high, n_target, n_region)


def _label(regime: ParameterRegime, first: Distribution) -> str:
    if regime.is_pooled:
        dists = [regime.column.distributions[code] for code in regime.codes]
        low = min(domain.ends(dist)[0] for dist in dists)
        high = max(domain.ends(dist)[1] for dist in dists)
        return "moving bounds within {} to {}".format(*_distinct([low, high], 4))
    if isinstance(first, CategoricalDistribution):
        return f"{len(first.choices)} choices"
    return "{} to {}".format(*_distinct(domain.ends(first), 4))


def _distinct(values: Sequence[float], digits: int) -> tuple[str, ...]:
    """Write numbers to so many digits, or more where different ones would look alike."""
    labels = tuple(f"{value:.{digits}g}" for value in values)
    if digits < 17 and len(set(labels)) < len(set(values)):
        return _distinct(values, digits + 1)
    return labels


def _discrete(
    regime: ParameterRegime, first: Distribution, rows: np.ndarray, rows_top: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    values = regime.column.values
    if isinstance(first, CategoricalDistribution):
        labels = tuple(distinct(first.choices))
        codes = np.nan_to_num(values).astype(int)
    else:
        grid = domain.possible_values(first)
        labels = _distinct(grid.tolist(), 6)
        codes = np.abs(np.nan_to_num(values)[:, None] - grid).argmin(axis=1)
    k = len(labels)
    return labels, frequencies(codes[rows], k), _or_zero(codes[rows_top], k)


def _or_zero(codes: np.ndarray, k: int) -> np.ndarray:
    return frequencies(codes, k) if len(codes) else np.zeros(k)


def _continuous(
    regime: ParameterRegime, first: Distribution, rows: np.ndarray, rows_top: np.ndarray
) -> tuple[tuple[float, ...], np.ndarray, np.ndarray]:
    position = regime.column.position
    u = (np.arange(GRID_SIZE) + 0.5) / GRID_SIZE
    if not regime.is_pooled:
        low, high = regime.column.bounds[:, rows[0]]
        u = low * (1.0 - u) + high * u
        u = np.exp(u) if domain.is_log(first) else u
    p_target = (
        averaged_shifted_histogram(position[rows_top]) if len(rows_top) else np.zeros(GRID_SIZE)
    )
    return tuple(u.tolist()), averaged_shifted_histogram(position[rows]), p_target
