"""From trials to the groups that HSIC compares: positions, scores, and blocks of time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from optuna_hpx.core import target_set
from optuna_hpx.core.hsic import kernel_of, scores
from optuna_hpx.core.hsic_inference import Group, blocks_in_time, centre
from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.table import n_possible_values

SCORES = ("indicator", "rank", "log_rank")
_MIN_GROUP = 4  # fewer trials say nothing
_MIN_AROUND = 3  # trials on each side of the cut-off that stand for those at it


@dataclass(frozen=True)
class Scored:
    """How trials are scored.

    Attributes:
        keys: (N,) by trial, a better one has a smaller key.
        is_good: (N,) bool, a target set that is given, such as that of the feasible trials; None
            if it is the best of those that are compared.
        is_feasible: (N,) bool.
        kind: One of ``SCORES``.
        quantile: Share of the trials that is good, for "indicator".
        in_blocks: Whether trials are compared only with those of their time.
    """

    keys: np.ndarray
    is_good: np.ndarray | None
    is_feasible: np.ndarray
    kind: str
    quantile: float
    in_blocks: bool

    def good(self, rows: np.ndarray) -> np.ndarray:
        """(n,) bool, the target set of the trials ``rows``, taken by themselves."""
        if self.is_good is not None:
            return self.is_good[rows]
        return target_set.best(self.keys[rows], self.quantile) & self.is_feasible[rows]

    def score(self, rows: np.ndarray) -> np.ndarray:
        """(n,) score of the trials ``rows`` among each other."""
        if self.is_good is not None or self.kind == "indicator":
            return self.good(rows).astype(float)
        return scores(self.keys[rows], self.kind)

    def slope(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The trials from the best to the worst, and how their scores move with their ranks."""
        order = np.argsort(self.keys[rows], kind="stable")
        n = len(rows)
        if self.in_blocks or self.is_good is not None:
            return order, np.zeros(n)
        if self.kind == "rank":
            return order, np.full(n, -1.0)
        if self.kind == "log_rank":
            return order, -n / (np.arange(n) + 1.0)
        n_good = int(np.count_nonzero(self.good(rows)))
        reach = max(min(n_good // 2, math.isqrt(4 * n_good)), _MIN_AROUND)
        near = slice(max(n_good - reach, 0), n_good + reach)
        slope = np.zeros(n)
        slope[near] = -n / len(slope[near])
        return order, slope


def usable(regimes: list[ParameterRegime]) -> list[ParameterRegime]:
    """Those with enough trials to compare."""
    return [regime for regime in regimes if len(regime.marginal.rows) >= _MIN_GROUP]


def groups_of(regimes: list[ParameterRegime], scored: Scored, kernel: str) -> list[Group]:
    """One group for each of the usable regimes, in the order of time within each."""
    total = sum(len(regime.marginal.rows) for regime in regimes)
    groups = []
    for regime in regimes:
        rows = np.sort(regime.marginal.rows)
        n = len(rows)
        blocks = blocks_in_time(n) if scored.in_blocks else np.zeros(n, dtype=int)
        order, slope = scored.slope(rows)
        groups.append(
            Group(
                rows=rows,
                kernel=kernel_of(positions(regime, rows), _kernel(regime, kernel)),
                w=centre(scored.score(rows), blocks),
                blocks=blocks,
                weight=n / total,
                order=order,
                slope=slope,
            )
        )
    return groups


def kept_within_blocks(group: Group, scored: Scored) -> float:
    """Share of the variance of the score that is within blocks."""
    spread = float(np.var(scored.score(group.rows)))
    return float(np.mean(group.w**2)) / spread if spread > 0.0 else 1.0


def _kernel(regime: ParameterRegime, kernel: str) -> str:
    return "kronecker" if regime.column.is_categorical else kernel


def positions(regime: ParameterRegime, rows: np.ndarray) -> np.ndarray:
    """(n,) codes, or positions in [0, 1]: of K possible values, the middles of K equal cells."""
    column = regime.column
    if column.is_categorical:
        return column.values[rows]
    u = column.position[rows]
    k = n_possible_values(column.distributions[regime.codes[0]])
    return u if regime.is_pooled or not np.isfinite(k) else (u * (k - 1.0) + 0.5) / k
