"""Whether rows came in an order, and in combinations, that independent draws would have.

Notation
    n, d        rows, in the order in which they were drawn, and their parameters
    X           (n, d) places of the values in [0, 1], or codes of choices; NaN where inactive
    D           (n, n) distance of two rows: the mean over the parameters of |difference of ranks|,
                of 0 or 1 for choices, and of 1/2 where one is active and the other is not
    B           permutations

Independent draws are exchangeable: their order carries nothing, and a parameter's values carry
nothing of another's. A sampler that learns comes nearer to its best rows, moves its values, or
steps from row to row; one that breeds, or fits a density, repeats combinations. Both tests compare
statistics that see this with what permutations leave of them, whatever the parameters were drawn
from and however they act. The size of the first is exact; the second takes its tail from few
permutations, and finds three in a thousand random draws where one is meant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata
from scipy.stats import t as student

__all__ = ["order_test", "pairing_test"]

_MAX_ORDERED, _MAX_PAIRED = 400, 200
"""Rows that are compared; of more, as many at even distances: a row costs all the others."""
_EDGE = 5  # rows before the first and after the last place where the rows may change
_FIRST = 10  # rows before the first that is compared with the best of the earlier ones
_N_BLOCKS = 9  # in which later rows are compared with earlier ones; their ends grow geometrically
_LAGS = (1, 2, 3)
_LOOKS = ((49, 0.1), (299, 0.02))
"""Permutations of the first looks, and the p-values above which no further one is taken."""
_N_NEAREST = 5


def order_test(
    X: np.ndarray,
    is_choice: Sequence[bool],
    losses: np.ndarray,
    rng: np.random.Generator,
    *,
    n_permutations: int = 299,
    scores_drift: bool = False,
) -> float:
    """Test that the rows came in no particular order.

    The largest of five statistics, each standardised over the permutations: a step in the losses
    to the better; a step in the distance to the best rows; a step in a parameter; rows nearer to
    the best ones before them than earlier rows are; and rows near to the ones just before them.

    Args:
        X: (n, d) places or codes, NaN where inactive.
        is_choice: (d,) which parameters hold codes.
        losses: (n,) the smaller, the better; infinite where there is none.
        rng: Draws the permutations.
        n_permutations: B.
        scores_drift: Whether losses may change with time for another reason, as where a pruner
            stops more and more trials; a step in them counts for nothing then.

    Returns:
        The p-value, at least 1 / (B + 1). O(B n d + n^2 d) for n up to 400, and no more beyond.
    """
    rows = _spread(len(losses), _MAX_ORDERED)
    X, ranks = X[rows], rankdata(losses[rows])
    n = len(rows)
    if n < 2 * _FIRST:
        return 1.0
    statistics = _OrderStatistics.of(X, is_choice, ranks, scores_drift)
    values = statistics(np.arange(n)[None])
    p = 1.0
    for n_looked, hopeless in (*_LOOKS, (n_permutations, 0.0)):
        n_more = min(n_looked, n_permutations) + 1 - len(values)
        if n_more > 0:
            orders = np.array([rng.permutation(n) for _ in range(n_more)])
            values = np.concatenate([values, statistics(orders)])
            p = _largest(values)
        if p > hopeless:
            break
    return p


def pairing_test(
    X: np.ndarray, is_choice: Sequence[bool], rng: np.random.Generator, *, n_permutations: int = 49
) -> tuple[float, float]:
    """Test that the parameters' values were combined at random.

    The statistic is the mean distance of a row to its five nearest ones. Each parameter is
    permuted by itself among the rows in which the same parameters are active.

    Args:
        X: (n, d) places or codes, NaN where inactive.
        is_choice: (d,) which parameters hold codes.
        rng: Draws the permutations.
        n_permutations: B; the tails are Student's, of the mean and variance over them.

    Returns:
        The p-values of rows that lie too near to each other, as what was bred or chosen by a
        density does, and too far apart, as the points of a grid or of a quasi-random sequence do.
        O(B n^2 d) for n up to 200, and no more beyond.
    """
    X = X[_spread(len(X), _MAX_PAIRED)]
    n, d = X.shape
    if d < 2 or n < 2 * _FIRST:
        return 1.0, 1.0
    by_parameter = np.array(
        [_distances(x, choice) for x, choice in zip(X.T, is_choice, strict=True)], np.float32
    )
    _, pattern = np.unique(np.isfinite(X), axis=0, return_inverse=True)
    groups = [np.flatnonzero(pattern.ravel() == code) for code in np.unique(pattern)]
    observed = _nearness(by_parameter.sum(axis=0))
    permuted = np.empty(n_permutations)
    for b in range(n_permutations):
        total = np.zeros((n, n), np.float32)
        for distances in by_parameter:
            order = np.arange(n)
            for group in groups:
                order[group] = rng.permutation(group)
            total += distances[order][:, order]
        permuted[b] = _nearness(total)
    spread = permuted.std(ddof=1)
    if spread <= 1e-6 * permuted.mean():
        return 1.0, 1.0
    # The mean and the variance are estimates: the next permutation's statistic is Student's t.
    t = (observed - permuted.mean()) / (spread * np.sqrt(1.0 + 1.0 / n_permutations))
    tail = student(df=n_permutations - 1)
    return float(tail.cdf(t)), float(tail.sf(t))


def _spread(n: int, limit: int) -> np.ndarray:
    """Return the indices of at most ``limit`` of n rows, at even distances."""
    return np.linspace(0, n - 1, min(n, limit)).astype(int)


def _largest(values: np.ndarray) -> float:
    """Return the p-value of the largest standardised statistic of the first of (B + 1, k)."""
    spread = values.std(axis=0)
    largest = ((values - values.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)).max(axis=1)
    return float((largest >= largest[0] - 1e-9).mean())


def _distances(x: np.ndarray, is_choice: bool) -> np.ndarray:
    """Return the distance (n, n) of rows in one parameter."""
    active = np.isfinite(x)
    if is_choice:
        apart = (x[:, None] != x).astype(float)
    else:
        ranks = _mid_ranks(x)
        apart = np.abs(ranks[:, None] - ranks)
    both = active[:, None] & active
    return np.where(both, apart, np.where(active[:, None] == active, 0.0, 0.5))


def _mid_ranks(x: np.ndarray) -> np.ndarray:
    """Return ranks of the active values in (0, 1), 1/2 where inactive."""
    active = np.isfinite(x)
    ranks = np.full(len(x), 0.5)
    if active.any():
        ranks[active] = (rankdata(x[active]) - 0.5) / active.sum()
    return ranks


def _nearness(distances: np.ndarray) -> float:
    """Return the mean distance to the nearest rows, and let the diagonal be infinite."""
    np.fill_diagonal(distances, np.inf)
    nearest = np.partition(distances, _N_NEAREST - 1, axis=1)[:, :_N_NEAREST]
    return float(nearest.mean())


class _OrderStatistics:
    """The five statistics of orders (B, n), (B, 5)."""

    def __init__(
        self, distances: np.ndarray, ranks: np.ndarray, steps: list[tuple[np.ndarray, bool]]
    ) -> None:
        n = len(ranks)
        self.distances, self.ranks, self.steps = distances, ranks, steps
        self.n_best = int(np.clip(n // 10, 3, 5))
        self.block_ends = np.unique(np.geomspace(_FIRST, n, _N_BLOCKS + 1).astype(int))

    @classmethod
    def of(
        cls, X: np.ndarray, is_choice: Sequence[bool], ranks: np.ndarray, scores_drift: bool
    ) -> _OrderStatistics:
        """Prepare what does not depend on the order."""
        pairs = list(zip(X.T, is_choice, strict=True))
        distances = np.mean([_distances(x, choice) for x, choice in pairs], axis=0)
        statistics = cls(distances.astype(np.float32), ranks, [])
        best = np.argsort(ranks, kind="stable")[: statistics.n_best]
        near = rankdata(distances[best].min(axis=0))
        statistics.steps = [(near, True)] if scores_drift else [(ranks, True), (near, True)]
        statistics.features = [f for x, choice in pairs for f in _features(x, choice)]
        return statistics

    features: list[np.ndarray]

    def __call__(self, orders: np.ndarray) -> np.ndarray:
        """Compute the statistics, (B, 4 or 5); the first order is the one that is tested."""
        by_feature = np.column_stack([_step(f, orders, False) for f in self.features])
        return np.column_stack(
            [
                *[_step(values, orders, sided) for values, sided in self.steps],
                by_feature.max(axis=1),
                self._approach(orders),
                -self._lagged(orders),
            ]
        )

    def _approach(self, orders: np.ndarray) -> np.ndarray:
        """Compare, block by block, later rows' distances to the best so far with earlier ones'."""
        total = np.zeros(len(orders))
        lines = np.arange(len(orders))[:, None]
        for start, end in zip(self.block_ends[:-1], self.block_ends[1:], strict=True):
            best = np.argpartition(self.ranks[orders[:, :start]], self.n_best - 1, axis=1)
            best = best[:, : self.n_best]
            near = np.full((len(orders), end), np.inf, np.float32)
            for row in orders[lines, best].T:
                np.minimum(near, self.distances[row[:, None], orders[:, :end]], out=near)
            near[lines, best] = np.nan
            apart = np.nanmean(near[:, :start], axis=1) - near[:, start:].mean(axis=1)
            total += apart / (np.nanstd(near, axis=1) + 1e-9) * (end - start)
        return total

    def _lagged(self, orders: np.ndarray) -> np.ndarray:
        """Return the mean distance to the rows just before."""
        pairs = [(orders[:, :-lag], orders[:, lag:]) for lag in _LAGS]
        means = [self.distances[before, after].mean(axis=1) for before, after in pairs]
        return np.asarray(np.sum(means, axis=0))


def _features(x: np.ndarray, is_choice: bool) -> list[np.ndarray]:
    """Return numbers (n,) of a parameter whose means move where a sampler moves it."""
    active = np.isfinite(x)
    features = [] if active.all() else [active.astype(float)]
    if is_choice:
        return features + [(x == code).astype(float) for code in np.unique(x[active])]
    ranks = _mid_ranks(x)
    return [*features, ranks, np.abs(ranks - 0.5)]


def _step(values: np.ndarray, orders: np.ndarray, falls: bool) -> np.ndarray:
    """Return (B,) the largest standardised step of the mean, downwards only if it ``falls``."""
    spread = values.std()
    if spread == 0.0:
        return np.zeros(len(orders))
    n = len(values)
    before = np.arange(_EDGE, n - _EDGE + 1)
    sums = ((values - values.mean()) / spread)[orders].cumsum(axis=1)[:, before - 1]
    steps = sums / np.sqrt(before * (n - before) / n)
    return np.asarray((steps if falls else np.abs(steps)).max(axis=1))
