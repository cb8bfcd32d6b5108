r"""How sure an HSIC is: permutation tests, their gamma tail, and confidence intervals.

Notation
    n           trials in which the parameter had one domain: a group of it
    w, K, phi   as in core/hsic.py
    T           (w'Kw/n^2 - E_0) / sqrt(HSIC(x, x) HSIC(s, s)): R2 less what chance gives it
    E_0         mean of w'Kw/n^2 over the replicates of chance
    B           replicates
    psi         (n, r) influence of each trial on M = (1/n) sum_i w_i phi(x_i)

Of several groups, T is the mean weighted by their trials. Replicates of chance are permutations of
w, all equally likely if the score does not depend on the parameter, so that
p = (1 + #{T_b >= T}) / (B + 1) is exact. Their mean is known, so that no draw is needed for T:

    E_0 = (w'w / n^2) / (n - 1) tr(H K).

Where a sampler chose the trials, w and phi are the residuals of core/adjustment.py, K = phi phi',
and the replicates flip signs of the w_i (wild bootstrap), E_0 = (1/n^2) sum_i w_i^2 |phi_i|^2; p
is then right in the limit of many trials. Below 1 / (B + 1) p is the tail of the gamma
distribution with the replicates' mean and variance (Gretton et al., NIPS 2008).

Interval. HSIC is the square of the length of M, which is nearly normal with the covariance of
psi / n, also where the length is 0. For each length t along M's own direction, the distribution of
T is that of |t e + N|^2, N drawn from this normal distribution; the t for which T is not in a tail
are the interval. A score is a function of the ranks of all trials, so psi has a second term: with
the goal-oriented score, at the cut-off one trial is lost where another is gained; with graded
scores, all ranks behind a trial's move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from optuna_hpx.importance.maths.hsic import Kernel, self_hsic
from optuna_hpx.importance.maths.permutation import step_down

__all__ = [
    "Group",
    "Inference",
    "effective_size",
    "infer",
    "null_mean",
    "r2_beyond_chance",
]

_PER_CHUNK = 2_000_000  # numbers of the permuted scores that are held at once
_N_DRAWS = 2_000  # of N
_N_HALVINGS = 14
_MIN_EFFECTIVE = 3.0  # below it, residuals of chosen trials are rounding errors and luck


@dataclass(frozen=True)
class Group:
    """One parameter in the trials in which it had one domain.

    Attributes:
        rows: (n,) which trials; equal for parameters that share their permutations.
        kernel: At their positions.
        w: (n,) scores, with mean 0.
        weight: Share of the parameter's trials.
        order: (n,) trials of the group from the best to the worst.
        slope: (n,) in this order, how fast a trial's score moves with its rank over n.
        phi: (n, r) residuals of the features if the trials were chosen, else None.
        variance: Of the score; more than that of w if this is a residual.
        is_corrected: Whether E_0 is subtracted; of very few trials it would leave nothing.
    """

    rows: np.ndarray
    kernel: Kernel
    w: np.ndarray
    weight: float
    order: np.ndarray
    slope: np.ndarray
    phi: np.ndarray | None
    variance: float
    is_corrected: bool = True

    @property
    def n(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Inference:
    """Per parameter, (d,) each.

    Attributes:
        r2: T, which may be below 0.
        p_values: Of each by itself.
        p_values_familywise: Of the strongest, the second strongest, ... among all.
        null_level: The T that chance exceeds with probability 1 - confidence.
        low, high: Ends of the interval of R2.
        first_probability: How often each is the largest among draws of all R2.
    """

    r2: np.ndarray
    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first_probability: np.ndarray


def null_mean(kernel: Kernel, w: np.ndarray) -> float:
    """E_0 of permutations."""
    n = len(w)
    trace = float(kernel.diagonal.sum()) - float(kernel.row_sums().sum()) / n
    return float(w @ w) / n**2 * trace / max(n - 1, 1)


def effective_size(group: Group) -> float:
    """How many trials drawn evenly would let the parameter vary as much.

    What varies together with other parameters or with time does not count, where a sampler chose
    the trials.
    """
    n, even = group.n, max(group.kernel.even_spread(), 1e-12)
    if group.phi is not None:
        return min(float(np.sum(group.phi**2)) / even, n)
    trace = float(group.kernel.diagonal.sum()) - float(group.kernel.row_sums().sum()) / n
    return min(trace / even, n)


def r2_beyond_chance(groups: Sequence[Group]) -> np.ndarray:
    """(number of groups,) what each adds to T."""
    return np.array([_Scaled.of(group).observed for group in groups], dtype=float)


def infer(
    parameters: Sequence[Sequence[Group]],
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Inference:
    """Test and measure each of several parameters, given by its groups.

    Parameters with the same trials share their permutations, so that family-wise p-values know how
    they depend on each other. O(B n d), and O(n) memory a parameter.
    """
    d = len(parameters)
    scaled = [[_Scaled.of(group) for group in groups] for groups in parameters]
    observed = np.array([sum(each.observed for each in groups) for groups in scaled], dtype=float)
    null = _null(scaled, n_permutations, rng)
    low, high = np.zeros(d), np.zeros(d)
    draws = np.zeros((_N_DRAWS, d))
    for k, groups in enumerate(scaled):
        low[k], high[k], draws[:, k] = _interval(groups, observed[k], confidence, rng)
    mean, spread = null.mean(axis=0), null.std(axis=0)
    spread = np.where(spread > 0.0, spread, np.inf)
    p_values = (1.0 + _reached(null, observed)) / (n_permutations + 1.0)
    tail = _gamma_tail(observed - null.min(axis=0), null - null.min(axis=0))
    return Inference(
        r2=observed,
        p_values=np.where(p_values * (n_permutations + 1.0) > 1.5, p_values, tail),
        p_values_familywise=step_down((observed - mean) / spread, (null - mean) / spread),
        null_level=np.maximum(np.quantile(null, confidence, axis=0, method="higher"), 0.0),
        low=low,
        high=high,
        first_probability=_first_probability(draws),
    )


def _first_probability(draws: np.ndarray) -> np.ndarray:
    """(d,) how often each is the largest; equal if none can vary."""
    d = draws.shape[1]
    if not np.isfinite(draws).any():
        return np.full(d, 1.0 / max(d, 1))
    return np.bincount(draws.argmax(axis=1), minlength=d) / len(draws)


def _reached(null: np.ndarray, observed: np.ndarray) -> np.ndarray:
    tolerance = 1e-9 * np.abs(null).max(axis=0, initial=0.0)
    return np.asarray((null >= observed - tolerance).sum(axis=0))


def _gamma_tail(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """(d,) tail of the gamma distribution with the replicates' moments, at most 1 / (B + 1)."""
    mean, variance = null.mean(axis=0), null.var(axis=0)
    usable = variance > 0.0
    shape = np.where(usable, mean**2 / np.where(usable, variance, 1.0), 1.0)
    scale = np.where(usable, variance / np.where(mean > 0.0, mean, 1.0), 1.0)
    tail = stats.gamma.sf(observed, np.maximum(shape, 1e-3), scale=scale)
    return np.where(usable, np.minimum(tail, 1.0 / (len(null) + 1.0)), 1.0)


@dataclass(frozen=True)
class _Scaled:
    """A group, and what turns its w'Kw into its part of T: (w'Kw/n^2 - mean) * factor."""

    group: Group
    mean: float
    factor: float

    @classmethod
    def of(cls, group: Group) -> _Scaled:
        n = group.n
        own = self_hsic(group.kernel) * group.variance**2
        is_settled = group.phi is not None and effective_size(group) < _MIN_EFFECTIVE
        if own <= 1e-18 or is_settled:  # a constant, or all but one
            return cls(group, 0.0, 0.0)
        if not group.is_corrected:
            mean = 0.0
        elif group.phi is None:
            mean = null_mean(group.kernel, group.w)
        else:
            mean = float(group.w**2 @ np.sum(group.phi**2, axis=1)) / n**2
        return cls(group, mean, group.weight / float(np.sqrt(own)))

    @property
    def observed(self) -> float:
        return float(self.value(self.group.w))

    def value(self, w: np.ndarray) -> np.ndarray:
        """T of each ``w`` (..., n)."""
        if self.factor == 0.0:
            return np.zeros(w.shape[:-1])
        if self.group.phi is None:
            squares = self.group.kernel.quadratic(w)
        else:
            squares = np.sum((w @ self.group.phi) ** 2, axis=-1)
        return np.asarray((squares / self.group.n**2 - self.mean) * self.factor)


def _null(
    parameters: Sequence[Sequence[_Scaled]], n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """(B, d) replicates of T."""
    null = np.zeros((n_permutations, len(parameters)))
    longest = max((each.group.n for groups in parameters for each in groups), default=1)
    step = max(_PER_CHUNK // longest, 1)
    for start in range(0, n_permutations, step):
        size = min(step, n_permutations - start)
        drawn: dict[bytes, np.ndarray] = {}
        for k, groups in enumerate(parameters):
            for each in groups:
                key = each.group.rows.tobytes()
                if key not in drawn:
                    drawn[key] = _draw(each.group, size, rng)
                null[start : start + size, k] += each.value(_replicates(each.group, drawn[key]))
    return null


def _draw(group: Group, size: int, rng: np.random.Generator) -> np.ndarray:
    """(size, n) permuted scores; or signs, where scores differ from parameter to parameter."""
    if group.phi is None:
        return rng.permuted(np.tile(group.w, (size, 1)), axis=1)
    return rng.choice([-1.0, 1.0], size=(size, group.n))


def _replicates(group: Group, drawn: np.ndarray) -> np.ndarray:
    return drawn if group.phi is None else drawn * group.w


def _interval(
    groups: Sequence[_Scaled], observed: float, confidence: float, rng: np.random.Generator
) -> tuple[float, float, np.ndarray]:
    """Ends of the interval of R2, and draws (_N_DRAWS,) of what R2 may be."""
    along, square, chance = np.zeros(_N_DRAWS), np.zeros(_N_DRAWS), 0.0
    means, widest = [], 0.0
    for each in groups:
        if each.factor == 0.0:
            continue
        mean, covariance = _moments(each)
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = rng.standard_normal((_N_DRAWS, len(mean))) @ root.T
        means.append(mean)
        along += noise @ mean
        square += np.sum(noise**2, axis=1)
        chance += float(np.trace(covariance))
        widest = max(widest, float(values[-1]))
    if not means:
        return 0.0, 1.0, np.full(_N_DRAWS, -np.inf)
    length = float(np.sqrt(sum(float(mean @ mean) for mean in means)))
    along /= max(length, 1e-300)
    # As far as M is noise, its direction is no better known than that of the largest variance.
    known = float(np.var(along))
    unknown = min(chance / max(length**2, 1e-300), 1.0) * max(widest - known, 0.0)
    along *= np.sqrt(1.0 + unknown / max(known, 1e-300))
    square -= chance
    tail = 0.5 - confidence / 2.0

    def drawn(t: float) -> np.ndarray:
        return t**2 + 2.0 * t * along + square

    low = _first(lambda t: bool(np.quantile(drawn(t), 1.0 - tail) >= observed))
    at_least = max(observed, float(np.median(square)))  # less than chance gives is chance, too
    high = _first(lambda t: bool(np.quantile(drawn(t), tail) > at_least))
    return low**2, high**2, drawn(float(np.sqrt(max(observed, 0.0))))


def _first(holds: Callable[[float], bool]) -> float:
    """The smallest length in [0, 1] from which on ``holds``, by bisection; 1 if it never does."""
    if holds(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _moments(each: _Scaled) -> tuple[np.ndarray, np.ndarray]:
    """M (r,) and its covariance (r, r), of features whose square length is R2."""
    group = each.group
    phi = (group.kernel.features() if group.phi is None else group.phi) * np.sqrt(each.factor)
    phi = phi - phi.mean(axis=0)
    moved = group.slope[:, None] * phi[group.order]
    drift = np.empty_like(phi)
    drift[group.order] = np.cumsum(moved[::-1], axis=0)[::-1] / group.n
    psi = group.w[:, None] * phi + drift
    return group.w @ phi / group.n, np.cov(psi, rowvar=False, ddof=1).reshape(
        phi.shape[1], -1
    ) / group.n
