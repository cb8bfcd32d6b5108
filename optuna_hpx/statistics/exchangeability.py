"""Whether rows came in an order, and in combinations, that independent draws would have.

Notation
    n, d        rows, in the order in which they were drawn, and their parameters
    X           (n, d) places of the values in [0, 1], or codes of choices; NaN where inactive
    D           (n, n) distances of rows (:mod:`optuna_hpx.statistics.row_distances`)
    B           permutations

Independent draws are exchangeable: their order carries nothing, and a parameter's values carry
nothing of another's. A sampler that learns comes nearer to its best rows, moves its values, or
steps from row to row; one that breeds, or fits a density, repeats combinations. Both tests compare
statistics that see this with what permutations leave of them, whatever the parameters were drawn
from and however they act. The size of the first is exact; the second takes its tail from the first
three moments of few permutations.

Most rows that are asked about are random, and a few permutations show it: where these leave a
p-value far above all that would count, no more are drawn. That can only make a p-value that small
rarer: the size stays, and what it costs in power is said at the looks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import pearson3, rankdata, skew
from scipy.stats import t as student

from optuna_hpx.statistics.row_distances import Rows, mid_ranks
from optuna_hpx.statistics.thinning import evenly

__all__ = ["order_test", "pairing_test"]

_MAX_ORDERED, _MAX_PAIRED = 400, 200
"""Rows that are compared; of more, as many at even distances: a row costs all the others."""
_EDGE = 5  # rows before the first and after the last place where the rows may change
_MAX_PLACES = 100  # where the rows may change, at even distances
_FIRST = 10  # rows before the first that is compared with the best of the earlier ones
_N_BLOCKS = 9  # in which later rows are compared with earlier ones; their ends grow geometrically
_LAGS = (1, 2, 3)
_LOOKS = ((19, 0.25), (99, 0.04), (299, 0.02))
"""Permutations of the first looks, and the p-values above which no further one is taken. Of rows
of p = 0.005 the first and the second look let off 0.2 %, and of p = 0.001 the third 1e-6."""
_PAIRED_LOOKS = ((12, 0.05), (49, 0.02), (199, 0.0))
"""The same of combinations. A true p-value of 0.001 is above 0.05 by twelve only if their spread
is almost twice the true one: a chance of 1e-3."""
_ENOUGH_FOR_SKEWNESS = 100  # permutations
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
    rows = evenly(len(losses), _MAX_ORDERED)
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
    X: np.ndarray, is_choice: Sequence[bool], rng: np.random.Generator
) -> tuple[float, float]:
    """Test that the parameters' values were combined at random.

    The statistic is the mean distance of a row to its five nearest ones. Each parameter is
    permuted by itself among the rows in which the same parameters are active, 12 times, and 49 and
    199 times where a p-value is small then.

    Args:
        X: (n, d) places or codes, NaN where inactive.
        is_choice: (d,) which parameters hold codes.
        rng: Draws the permutations.

    Returns:
        The p-values of rows that lie too near to each other, as what was bred or chosen by a
        density does, and too far apart, as the points of a grid or of a quasi-random sequence do.
        O(B n^2 d) for n up to 200, and no more beyond.
    """
    X = X[evenly(len(X), _MAX_PAIRED)]
    n, d = X.shape
    if d < 2 or n < 2 * _FIRST:
        return 1.0, 1.0
    rows = Rows.of(X, is_choice)
    observed, permuted = _nearness(rows), np.empty(0)
    p_near = p_far = 1.0
    for n_looked, hopeless in _PAIRED_LOOKS:
        n_more = n_looked - len(permuted)
        permuted = np.append(permuted, [_nearness(rows.shuffled(rng)) for _ in range(n_more)])
        p_near, p_far = _tails(observed, permuted)
        if min(p_near, p_far) > hopeless:
            break
    return p_near, p_far


def _tails(observed: float, permuted: np.ndarray) -> tuple[float, float]:
    """Return the chances of a statistic as small, and as large, as the observed one.

    They are Student's of the mean and the variance of few permutations, which are estimates. Of
    more the skewness is known, too: the tail is that of Pearson's type III, a shifted gamma.
    """
    spread, n = permuted.std(ddof=1), len(permuted)
    if spread <= 1e-6 * permuted.mean():
        return 1.0, 1.0
    t = (observed - permuted.mean()) / (spread * np.sqrt(1.0 + 1.0 / n))
    if n < _ENOUGH_FOR_SKEWNESS:
        return float(student.cdf(t, n - 1)), float(student.sf(t, n - 1))
    skewness = float(skew(permuted))
    return float(pearson3.cdf(t, skewness)), float(pearson3.sf(t, skewness))


def _largest(values: np.ndarray) -> float:
    """Return the p-value of the largest standardised statistic of the first of (B + 1, k)."""
    spread = values.std(axis=0)
    largest = ((values - values.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)).max(axis=1)
    return float((largest >= largest[0] - 1e-9).mean())


def _nearness(rows: Rows) -> float:
    """Return the mean distance to the nearest rows."""
    distances = rows.distances()
    np.fill_diagonal(distances, np.inf)
    nearest = np.partition(distances, _N_NEAREST - 1, axis=1)[:, :_N_NEAREST]
    return float(nearest.mean())


class _OrderStatistics:
    """The five statistics of orders (B, n), (B, 5).

    Args:
        distances: (n, n).
        ranks: (n,) of the losses.
        features: Numbers (n,) whose means move where a sampler moves a parameter.
        scores_drift: Whether a step in the losses counts for nothing.
    """

    def __init__(
        self,
        distances: np.ndarray,
        ranks: np.ndarray,
        features: Sequence[np.ndarray],
        *,
        scores_drift: bool,
    ) -> None:
        n = len(ranks)
        self.distances, self.ranks = distances.astype(np.float32), ranks
        self.n_best = int(np.clip(n // 10, 3, 5))
        self.block_ends = np.unique(np.geomspace(_FIRST, n, _N_BLOCKS + 1).astype(int))
        best = np.argsort(ranks, kind="stable")[: self.n_best]
        near = rankdata(distances[best].min(axis=0))
        if scores_drift:  # the best themselves, at distance 0, may be late for another reason
            near[best] = near.mean()
        self.falling = [_standardised(x) for x in ([near] if scores_drift else [ranks, near])]
        self.moving = [_standardised(feature) for feature in features]
        self.places = np.arange(_EDGE, n - _EDGE + 1, -(-n // _MAX_PLACES))

    @classmethod
    def of(
        cls, X: np.ndarray, is_choice: Sequence[bool], ranks: np.ndarray, scores_drift: bool
    ) -> _OrderStatistics:
        """Prepare what does not depend on the order."""
        distances = Rows.of(X, is_choice).distances() / X.shape[1]
        return cls(distances, ranks, _features(X, is_choice), scores_drift=scores_drift)

    def __call__(self, orders: np.ndarray) -> np.ndarray:
        """Compute the statistics, (B, 4 or 5); the first order is the one that is tested."""
        moves = [np.abs(self._steps(values, orders)).max(axis=1) for values in self.moving]
        return np.column_stack(
            [
                *[self._steps(values, orders).max(axis=1) for values in self.falling],
                np.max(moves, axis=0),
                self._approach(orders),
                -self._lagged(orders),
            ]
        )

    def _steps(self, values: np.ndarray, orders: np.ndarray) -> np.ndarray:
        """Return (B, places) standardised steps of the mean, positive where it falls."""
        n, places = len(values), self.places
        parts = np.add.reduceat(values[orders], np.append(0, places), axis=1)
        return np.asarray(parts.cumsum(axis=1)[:, :-1] / np.sqrt(places * (n - places) / n))

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
            # The best rows themselves are at distance 0: sums leave them out.
            earlier = near[:, :start].sum(axis=1, dtype=float)
            later = near[:, start:].sum(axis=1, dtype=float)
            n_others = end - self.n_best
            variance = np.square(near).sum(axis=1, dtype=float) / n_others
            variance -= ((earlier + later) / n_others) ** 2
            spread = np.sqrt(np.maximum(variance, 0.0))
            apart = earlier / (start - self.n_best) - later / (end - start)
            total += apart / (spread + 1e-6) * (end - start)
        return total

    def _lagged(self, orders: np.ndarray) -> np.ndarray:
        """Return the mean distance to the rows just before."""
        pairs = [(orders[:, :-lag], orders[:, lag:]) for lag in _LAGS]
        means = [self.distances[before, after].mean(axis=1) for before, after in pairs]
        return np.asarray(np.sum(means, axis=0))


def _features(X: np.ndarray, is_choice: Sequence[bool]) -> list[np.ndarray]:
    """Return numbers (n,) whose means move where a sampler moves a parameter."""
    choices = np.asarray(is_choice, dtype=bool)
    active, ranks = np.isfinite(X), mid_ranks(X[:, ~choices])
    features = [column.astype(float) for column in active.T if not column.all()]
    features += [*ranks.T, *np.abs(ranks - 0.5).T]
    for x in X[:, choices].T:
        features += [(x == code).astype(float) for code in np.unique(x[np.isfinite(x)])]
    return features


def _standardised(values: np.ndarray) -> np.ndarray:
    """Return values (n,) of mean 0 and deviation 1; all 0 if they are equal."""
    spread = values.std()
    return np.asarray((values - values.mean()) / spread if spread else np.zeros(len(values)))
