r"""PED-ANOVA: how much of "this trial is in the target set" one parameter explains.

Watanabe, Bansal, Hutter: PED-ANOVA, IJCAI 2023, arXiv 2304.10255.
Baba, Ozaki, Watanabe: Conditional PED-ANOVA, KDD 2026, arXiv 2601.20800.

Notation
    n             trials in the region X_g
    b             the trial is in the target set X_g', a subset of X_g; `top` over all trials
    m             trials in the target set; q = m / n, the paper's g' / g
    i             regime of a parameter: a set of trials in which it had the same domain
    n_i, m_i      the same counts in regime i
    beta_i        n_i / n, share of the regime in the region
    alpha_i       m_i / m, share of the regime in the target set
    p_i, p'_i     density of the parameter in regime i: of the region, of the target set
    D_PE(p'||p)   Pearson divergence, integral of (p'/p - 1)^2 p
    P(b | z, i)   chance to be in the target set, given the parameter's value z in regime i
    K             bins of a histogram; n_k trials in bin k, of which m_k are in the target set
    S             first-order Sobol index of b for the parameter

What is estimated. Theorem 4.2 of the conditional paper gives the variance due to a parameter,

    v = q^2 sum_i alpha_i^2 / beta_i D_PE(p'_i || p_i),

and since alpha_i p'_i q = beta_i p_i P(b | z, i), this is the mean variance within the regimes,

    v = sum_i beta_i Var_z(P(b | z, i)).

Divided by Var(b) = q (1 - q) it is S in [0, 1], and no density needs estimating: p'_i / p_i is a
regression of b on the parameter. A parameter that is constant or inactive in a regime adds 0.

How it is estimated. Bins of equal counts, so that only the order of the values matters, and within
a bin the unbiased variance of b. Those leave, in regime i and with K bins,

    S_K = 1 - mean_k(Var_k(b)) / Var_i(b),

whose expectation is exactly 0 for a parameter without influence, whatever K. It grows with K
towards S, and its noise grows like sqrt(K) / n_i: fine bins for sharp or wavy effects, coarse
ones for faint effects. Each K is therefore shrunk by its own noise level t_K towards 0, by the
garrote S - t^2 / S (Gao, J. Comput. Graph. Statist. 7, 1998), and the largest value is taken:
selection among nested models as for adaptive estimates of quadratic functionals (Laurent and
Massart, Ann. Statist. 28, 2000). The bins are averaged over shifted grids (Scott, Ann. Statist.
13, 1985), which lowers its variance by almost a third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

__all__ = [
    "Fit",
    "Marginal",
    "can_vary",
    "few_values",
    "first_order",
    "fits",
    "garrote",
    "is_too_few",
    "plain_groups",
    "plain_share",
    "regime_weights",
    "similar_groups",
]

# One setting for all cases, chosen by simulation on functions other than those that the
# benchmark reports: benchmarks/importance/ped_anova_settings.py.
_NOISE_FACTOR = 2.5  # t_K in standard deviations of S_K under no influence
_BIN_RATIO = 1.5  # from one K to the next
_MIN_BIN = 3  # trials in a bin of the finest grid, which has at most
_BINS_PER_ROOT = 8.0  # times sqrt(m_i) bins (m_i or n_i - m_i, the smaller), and
_MAX_BINS = 512  # bins in any case
_N_SHIFTS = 4
_FEW_VALUES = 20  # up to here every value is its own bin, and order plays no part

_MIN_TRIALS = 10


def is_too_few(n: int, m: int) -> bool:
    """Whether nothing would survive the correction, so that S is reported without it."""
    return n < _MIN_TRIALS or min(m, n - m) < 2


@dataclass(frozen=True)
class Marginal:
    """One parameter in one regime.

    Attributes:
        rows: (n_i,) indices of the regime's trials, sorted by the parameter's value.
        starts: (G + 1,) boundaries of the groups of equal values in that order, ascending from 0
            to n_i; None if all values differ.
        ordered: Whether neighbouring values may be merged into one bin.
    """

    rows: np.ndarray
    starts: np.ndarray | None
    ordered: bool


def few_values(n_values: float, n_trials: int | None = None) -> bool:
    """Whether each of ``n_values`` distinct values is to be a bin of its own.

    With ``n_trials``, for values that merely happen to repeat: each must do so often enough.
    """
    return n_values <= _FEW_VALUES and (n_trials is None or _MIN_BIN * n_values <= n_trials)


def first_order(top: np.ndarray, n: int, marginals: Sequence[Marginal]) -> np.ndarray:
    """What each regime of one parameter adds to its index S.

    Args:
        top: (N,) bool, the target set among N >= n trials that the marginals' rows point to.
        n: Trials in the region.
        marginals: The regimes in which the parameter was active within the region.

    Returns:
        (len(marginals),) values >= 0 that sum to S <= 1; all 0 where the target set is empty or
        is the region. O(n_i) each, once the rows are sorted.
    """
    weights = regime_weights(top, n, marginals)
    if not weights.any():
        return np.zeros(len(marginals))
    share_of = _uncorrected if is_too_few(n, int(np.count_nonzero(top))) else _corrected
    labels = [top[marginal.rows] for marginal in marginals]
    shares = [
        share_of(b, at) if can_vary(b, at) else 0.0
        for b, at in zip(labels, marginals, strict=True)
    ]
    return np.array(shares, dtype=float) * weights


def regime_weights(top: np.ndarray, n: int, marginals: Sequence[Marginal]) -> np.ndarray:
    """Share of each regime in the variance of b, by which its own S counts."""
    counts = [(len(at.rows), np.count_nonzero(top[at.rows])) for at in marginals]
    weights = np.array([n_i / n * variance(m_i, n_i) for n_i, m_i in counts])
    # Unbiased variances of regimes may add up to a little more than the total.
    total = max(variance(np.count_nonzero(top), n), weights.sum())
    return np.asarray(weights / total if total > 0.0 else weights)


def variance(m: int | np.integer, n: int) -> float:
    """Unbiased variance of n values of which m are 1 and the others 0."""
    return float(m * (n - m) / (n * (n - 1.0))) if n > 1 else 0.0


def can_vary(b: np.ndarray, marginal: Marginal) -> bool:
    """Whether there is anything to compare: several values, and labels ``b`` (n_i,) of both."""
    is_constant = marginal.starts is not None and len(marginal.starts) <= 2
    return not is_constant and bool(b.any()) and not b.all()


def _corrected(b: np.ndarray, marginal: Marginal) -> float:
    """S within one regime, from the sorted labels ``b`` (n_i,) of its trials."""
    cumulative = np.concatenate([[0], np.cumsum(b)])
    bins = _bins(cumulative, marginal)
    return float(garrote(_explained(cumulative, bins), bins.noise).max(initial=0.0))


def garrote(share: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """S_K shrunk towards 0 by its noise level, in [0, 1]; any shapes that broadcast."""
    threshold = _NOISE_FACTOR * noise * np.clip(1.0 - share, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = np.where(share > threshold, share - threshold**2 / share, 0.0)
    return np.minimum(shrunk, 1.0)


@dataclass(frozen=True)
class Fit:
    """What one regime says of a parameter's S before anything is shrunk, and of its own noise.

    Attributes:
        rows: (n_i,) the marginal's.
        weight: Share of the regime in the variance of b.
        share: S_K of the finest resolution, within the regime; hardly biased, but noisy.
        noise: Its standard deviation under no influence.
        unresolved: What S_K may gain yet from finer bins: what it gained over the last two steps
            of resolution, or all that is left if no bin holds more than one change of label in the
            order of the values, as where P(b | z, i) is 0 or 1 everywhere.
        deviation: (n_i,) estimate of P(b | z, i) - m_i / n_i at each trial, at the resolution
            that stands out most from its noise.
        shrunk: S within the regime as :func:`first_order` has it.
    """

    rows: np.ndarray
    weight: float
    share: float
    noise: float
    unresolved: float
    deviation: np.ndarray
    shrunk: float


def fits(top: np.ndarray, n: int, marginals: Sequence[Marginal]) -> list[Fit]:
    """A :class:`Fit` of each regime that has anything to compare. Arguments as in first_order."""
    found = []
    for marginal, weight in zip(marginals, regime_weights(top, n, marginals), strict=True):
        b = top[marginal.rows]
        if weight > 0.0 and can_vary(b, marginal):
            found.append(_fit(b, marginal, float(weight)))
    return found


def _fit(b: np.ndarray, marginal: Marginal, weight: float) -> Fit:
    cumulative = np.concatenate([[0], np.cumsum(b)])
    bins = _bins(cumulative, marginal)
    share = _explained(cumulative, bins)
    shrunk = garrote(share, bins.noise)
    # Of a parameter that seems to have no influence the shape still tells how noise is spread.
    chosen = int(shrunk.argmax()) if shrunk.any() else min(2, len(share) - 1)
    return Fit(
        rows=marginal.rows,
        weight=weight,
        share=float(share[-1]),
        noise=float(bins.noise[-1]),
        unresolved=0.0 if bins.ends_exact else _unresolved(b, share, bins),
        deviation=bins.means(cumulative, chosen) - b.mean(),
        shrunk=float(shrunk.max()),
    )


def _unresolved(b: np.ndarray, share: np.ndarray, bins: _Bins) -> float:
    """See :class:`Fit`."""
    left, right = bins.left[bins.offsets[-1] :], bins.right[bins.offsets[-1] :]
    n_changes = np.concatenate([[0], np.cumsum(b[1:] != b[:-1])])
    is_filled = left < right
    if (n_changes[right[is_filled] - 1] - n_changes[left[is_filled]]).max() <= 1:
        return 1.0 - float(share[-1])
    return max(float(share[-1] - share[-3:][0]), 0.0)


@dataclass(frozen=True)
class _Bins:
    """Bins of several resolutions, the coarsest first; each resolution tiles the trials.

    Attributes:
        left, right: Edges of the bins, as indices into the sorted trials.
        offsets: (resolutions,) where the bins of each start.
        noise: (resolutions,) standard deviation of S_K under no influence.
        ends_exact: Whether in the last resolution every value is a bin of its own.
    """

    left: np.ndarray
    right: np.ndarray
    offsets: np.ndarray
    noise: np.ndarray
    ends_exact: bool = False

    def means(self, cumulative: np.ndarray, resolution: int) -> np.ndarray:
        """(n,) mean label of the bins around each trial, averaged over the shifts."""
        end = [*self.offsets.tolist(), len(self.left)][resolution + 1]
        left = self.left[self.offsets[resolution] : end]
        right = self.right[self.offsets[resolution] : end]
        sizes = right - left
        means = (cumulative[right] - cumulative[left]) / np.maximum(sizes, 1)
        tiled: np.ndarray = np.repeat(means, sizes).reshape(-1, len(cumulative) - 1)
        return np.asarray(tiled.mean(axis=0))


def _bins(cumulative: np.ndarray, marginal: Marginal) -> _Bins:
    """The bins of one regime: equal counts if its values have an order, and the values if few."""
    n, m, starts = len(cumulative) - 1, cumulative[-1], marginal.starts
    n_groups = n if starts is None else len(starts) - 1
    max_bins = min(_BINS_PER_ROOT * np.sqrt(min(m, n - m)), n // _MIN_BIN, _MAX_BINS)
    if not marginal.ordered or few_values(n_groups, n):
        return _values_as_bins(np.arange(n + 1) if starts is None else starts, m / n)
    grid = _grid(n).up_to(max_bins)
    if starts is None:
        return _Bins(grid.left, grid.right, grid.offsets, grid.noise)
    bins = _Bins(_snap(grid.left, starts), _snap(grid.right, starts), grid.offsets, grid.noise)
    if n_groups > max_bins:
        return bins
    values = _values_as_bins(starts, m / n)
    return _Bins(
        np.concatenate([bins.left, values.left]),
        np.concatenate([bins.right, values.right]),
        np.append(bins.offsets, len(bins.left)),
        np.append(bins.noise, values.noise),
        ends_exact=True,
    )


def _values_as_bins(starts: np.ndarray, q: float) -> _Bins:
    noise = np.array([_noise_of_groups(np.diff(starts), q)])
    return _Bins(starts[:-1], starts[1:], np.array([0]), noise, ends_exact=True)


def _explained(cumulative: np.ndarray, bins: _Bins) -> np.ndarray:
    """1 - (mean variance within bins) / (variance), for each resolution.

    Bins of fewer than two trials say nothing of the variance within: the others stand for them.
    Where there are no others, the result is 0.
    """
    n = len(cumulative) - 1
    n_k = bins.right - bins.left
    m_k = cumulative[bins.right] - cumulative[bins.left]
    within = np.add.reduceat(m_k * (n_k - m_k) / np.maximum(n_k - 1, 1), bins.offsets)
    counted = np.add.reduceat(np.where(n_k > 1, n_k, 0), bins.offsets)
    total = variance(cumulative[-1], n)
    return 1.0 - np.where(counted > 0, within / np.maximum(counted, 1) / total, 1.0)


@dataclass(frozen=True)
class _Grid:
    """Bins of several resolutions, the coarsest first, each with all its shifts.

    Attributes:
        left, right: Edges of the bins, as indices into the sorted trials.
        bins: (resolutions,) K of each.
        offsets: (resolutions,) where the bins of each start.
        noise: (resolutions,) standard deviation of S_K under no influence.
    """

    left: np.ndarray
    right: np.ndarray
    bins: np.ndarray
    offsets: np.ndarray
    noise: np.ndarray

    def up_to(self, max_bins: float) -> _Grid:
        """The grid without the resolutions of more than ``max_bins``, but for the coarsest."""
        count = max(int(np.searchsorted(self.bins, max_bins, side="right")), 1)
        end = self.offsets[count] if count < len(self.bins) else len(self.left)
        return _Grid(
            self.left[:end],
            self.right[:end],
            self.bins[:count],
            self.offsets[:count],
            self.noise[:count],
        )


@lru_cache(maxsize=256)
def _grid(n: int) -> _Grid:
    bins = [2]
    while (k := round(2.0 * _BIN_RATIO ** len(bins))) <= min(n // _MIN_BIN, _MAX_BINS):
        bins.append(k)
    edges = [[_edges(n, k, shift / _N_SHIFTS) for shift in range(_N_SHIFTS)] for k in bins]
    sizes = [sum(len(shifted) - 1 for shifted in of_k) for of_k in edges]
    return _Grid(
        left=np.concatenate([shifted[:-1] for of_k in edges for shifted in of_k]),
        right=np.concatenate([shifted[1:] for of_k in edges for shifted in of_k]),
        bins=np.array(bins),
        offsets=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        noise=np.array([_noise(_rounded_up(n), k) for k in bins]) * _rounded_up(n) / n,
    )


def _rounded_up(n: int) -> int:
    """To two digits: n times the noise hardly depends on n, and is costly to work out."""
    unit = 10 ** max(len(str(n)) - 2, 0)
    return -(-n // unit) * unit


@lru_cache(maxsize=4096)
def _noise(n: int, k: int) -> float:
    """Standard deviation of S_K under no influence, for S_K averaged over the shifted grids.

    S_K is a quadratic form in the labels, in which two trials of one bin of n_k weigh
    1 / (n_k - 1). Its variance is 2 (Q - 1) / n^2, where Q is the sum of the squared weights, and
    1 is the share of the mean, which is known. With one grid of equal bins Q = K.
    """
    grids = [_edges(n, k, shift / _N_SHIFTS) for shift in range(_N_SHIFTS)]
    q = 0.0
    for first in grids:
        for second in grids:
            common = np.union1d(first, second)
            n_common, start = np.diff(common), common[:-1]
            n_k = np.diff(first)[np.searchsorted(first, start, side="right") - 1]
            n_l = np.diff(second)[np.searchsorted(second, start, side="right") - 1]
            q += float((n_common * (n_common - 1) / ((n_k - 1) * (n_l - 1))).sum())
    return float(np.sqrt(2.0 * (q / len(grids) ** 2 - 1.0)) / n)


def _edges(n: int, k: int, shift: float) -> np.ndarray:
    """Edges of k bins of n / k trials, moved by ``shift`` of a bin; none below two trials."""
    inner = np.round((np.arange(k + 1) + shift) * n / k).astype(int)
    inner = inner[(inner >= 2) & (inner <= n - 2)]
    return np.concatenate([[0], inner, [n]])


def _snap(edges: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The nearest boundary between groups of equal values, so that no group is cut."""
    after = np.searchsorted(starts, edges).clip(1, len(starts) - 1)
    before = after - 1
    nearer_before = edges - starts[before] < starts[after] - edges
    return np.where(nearer_before, starts[before], starts[after])


def _uncorrected(b: np.ndarray, marginal: Marginal) -> float:
    """The plain share; it is biased upwards, but defined from two trials on."""
    starts = plain_groups(marginal)
    return float(plain_share(np.diff(starts), np.add.reduceat(b, starts[:-1], dtype=float)))


def plain_groups(marginal: Marginal) -> np.ndarray:
    """(K + 1,) boundaries of two halves, or of the values if these have no order."""
    n, starts = len(marginal.rows), marginal.starts
    if starts is not None and not marginal.ordered:
        return starts
    halves = np.array([0, (n + 1) // 2, n])
    return halves if starts is None else np.unique(_snap(halves, starts))


def plain_share(n_k: np.ndarray, m_k: np.ndarray) -> np.ndarray:
    """(...) share of the variance of b between groups of n_k (K,) trials, m_k (..., K) with b."""
    n = n_k.sum()
    q = m_k.sum(axis=-1, keepdims=True) / n
    between = (m_k / n_k - q) ** 2 @ (n_k / n)
    return np.minimum(between / (q * (1.0 - q))[..., 0], 1.0)


def _noise_of_groups(n_k: np.ndarray, q: float) -> float:
    """Standard deviation under no influence of the share between groups of given sizes (K,).

    Only groups of two and more are counted; that these are a sample of all trials adds the second
    term, the variance of the mean of (b - q)^2 over them.
    """
    n, n_k = n_k.sum(), n_k[n_k > 1]
    counted = n_k.sum()
    if counted == 0:
        return 0.0
    within = 2.0 * max((n_k / (n_k - 1.0)).sum() - 1.0, 0.0) / counted**2
    sampled = (1.0 - 2.0 * q) ** 2 / (q * (1.0 - q)) * (1.0 / counted - 1.0 / n)
    return float(np.sqrt(within + sampled))


def similar_groups(bounds: np.ndarray, size: int) -> list[np.ndarray]:
    """Group trials whose domains are alike, for domains that move from trial to trial.

    The condition of a regime, "the same domain", is relaxed to "neighbours in (low, high)": the
    trials are sorted along the main axis of their bounds, and cut into runs.

    Args:
        bounds: (2, n) low and high of each trial's domain.
        size: The least number of trials in a group, if there are as many.

    Returns:
        Arrays of indices into the n trials.
    """
    n = bounds.shape[1]
    centred = bounds - bounds.mean(axis=1, keepdims=True)
    scale = centred.std(axis=1, keepdims=True)
    centred = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
    axis = np.linalg.eigh(centred @ centred.T)[1][:, -1]
    order = np.argsort(axis @ centred, kind="stable")
    return np.array_split(order, max(n // size, 1))
