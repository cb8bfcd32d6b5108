"""From trials to the groups that HSIC compares: positions and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance.maths.adjustment import Adjustment
from optuna_hpx.importance.maths.hsic import scores
from optuna_hpx.importance.maths.hsic_group import Group
from optuna_hpx.importance.maths.hsic_pairs import Features, category_features, position_features
from optuna_hpx.importance.maths.kernels import kernel_of
from optuna_hpx.trials import target_set

SCORES = ("indicator", "rank", "log_rank")
_MIN_GROUP = 10  # fewer trials of a parameter say nothing, ...
_MIN_UNCORRECTED = 2  # ... unless there are hardly more in all, and nothing is corrected


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
        is_adaptive: Whether a sampler chose the trials by what it had seen.
        is_corrected: Whether there are trials enough to subtract what chance gives.
    """

    keys: np.ndarray
    is_good: np.ndarray | None
    is_feasible: np.ndarray
    kind: str
    quantile: float
    is_adaptive: bool
    is_corrected: bool

    def good(self, rows: np.ndarray) -> np.ndarray:
        """Mark (n,) the target set of the trials ``rows``, taken by themselves."""
        if self.is_good is not None:
            return self.is_good[rows]
        return target_set.best(self.keys[rows], self.quantile) & self.is_feasible[rows]

    def score(self, rows: np.ndarray) -> np.ndarray:
        """Score (n,) the trials ``rows`` among each other."""
        if self.is_good is not None or self.kind == "indicator":
            return self.good(rows).astype(float)
        return scores(self.keys[rows], self.kind)

    def slope(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Order the trials from the best to the worst, and tell how scores move with ranks."""
        order = np.argsort(self.keys[rows], kind="stable")
        n = len(rows)
        if self.is_adaptive or self.is_good is not None:
            return order, np.zeros(n)
        if self.kind == "rank":
            return order, np.full(n, -1.0)
        if self.kind == "log_rank":
            return order, -n / (np.arange(n) + 1.0)
        n_good = int(np.count_nonzero(self.good(rows)))
        near = target_set.around(n_good)
        slope = np.zeros(n)
        slope[near] = -n / len(slope[near])
        return order, slope


def usable(regimes: list[ParameterRegime], is_corrected: bool) -> list[ParameterRegime]:
    """Keep the regimes with enough trials to compare."""
    least = _MIN_GROUP if is_corrected else _MIN_UNCORRECTED
    return [regime for regime in regimes if len(regime.marginal.rows) >= least]


def groups_of(
    parameters: Sequence[Sequence[ParameterRegime]], scored: Scored, kernel: str
) -> list[list[Group]]:
    """Make for each parameter one group for each of its usable regimes, in the order of time."""
    adjustments: dict[bytes, Adjustment] = {}
    groups_by_parameter = []
    for j, regimes in enumerate(parameters):
        groups = []
        total = sum(len(regime.marginal.rows) for regime in regimes)
        for regime in regimes:
            rows = np.sort(regime.marginal.rows)
            own_kernel = kernel_of(positions(regime, rows), _kernel(regime, kernel))
            score = scored.score(rows)
            w, phi = score - score.mean(), None
            if scored.is_adaptive:
                key = rows.tobytes()
                if key not in adjustments:
                    features = [_with_activity(others, rows) for others in parameters]
                    adjustments[key] = Adjustment(features, np.random.default_rng(0))
                w, phi = adjustments[key].residuals(j, score, own_kernel.features())
            order, slope = scored.slope(rows)
            groups.append(
                Group(
                    rows=rows,
                    kernel=own_kernel,
                    w=w,
                    weight=len(rows) / total,
                    order=order,
                    slope=slope,
                    phi=phi,
                    variance=float(np.var(score)),
                    is_corrected=scored.is_corrected,
                )
            )
        groups_by_parameter.append(groups)
    return groups_by_parameter


def features_of(
    regimes: Sequence[ParameterRegime], rows: np.ndarray
) -> tuple[Features, np.ndarray]:
    """Make a parameter's features in ``rows``, 0 where it has no regime; and tell where it has."""
    column = regimes[0].column
    place = np.full(len(column.values), -1)
    place[rows] = np.arange(len(rows))
    is_active = np.zeros(len(rows), dtype=bool)
    x = np.zeros(len(rows))
    for regime in regimes:
        active = regime.marginal.rows[place[regime.marginal.rows] >= 0]
        is_active[place[active]] = True
        x[place[active]] = positions(regime, active)
    if column.is_categorical:
        features = category_features(x, column.n_choices)
    else:
        features = position_features(x)
    features.phi[~is_active] = 0.0
    return features, is_active


def _with_activity(regimes: Sequence[ParameterRegime], rows: np.ndarray) -> np.ndarray:
    """Make features (n, r), with one on whether the parameter is active, if that differs."""
    if not regimes:
        return np.zeros((len(rows), 0))
    features, is_active = features_of(regimes, rows)
    if is_active.all():
        return features.phi
    return np.column_stack([features.phi, is_active - 0.5])


def _kernel(regime: ParameterRegime, kernel: str) -> str:
    return "kronecker" if regime.column.is_categorical else kernel


def positions(regime: ParameterRegime, rows: np.ndarray) -> np.ndarray:
    """Return the codes of the trials' choices (n,), or their positions in [0, 1]."""
    column = regime.column
    return (column.values if column.is_categorical else column.position)[rows]
