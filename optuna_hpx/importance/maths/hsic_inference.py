r"""How sure an HSIC is: permutation tests and confidence intervals of several parameters.

Notation
    d, B        parameters, replicates
    T           (d,) R2 less what chance gives it, as in
                :mod:`optuna_hpx.importance.maths.hsic_group`
    T_b         (B, d) replicates of T

The score is permuted, or its signs are flipped where a sampler chose the trials. Permutations are
all equally likely if the score does not depend on the parameter, so that the p-values of
:mod:`optuna_hpx.statistics.permutation_tail` are exact; with signs they are right in the limit of
many trials. Family-wise p-values compare the T divided by the spread of their replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance.maths.hsic_group import Group, ScaledGroup
from optuna_hpx.importance.maths.hsic_interval import N_DRAWS, interval
from optuna_hpx.statistics import permutation_tail

__all__ = ["Inference", "infer", "intervals"]

_PER_CHUNK = 2_000_000  # numbers of the permuted scores that are held at once
_REPLICATES_IF_UNREACHED = 9_000  # more, of T that none reaches: p is exact down to 1e-4, ...
_MAX_MORE = 50_000_000  # ... but no more numbers than these, about a second
_MIN_MORE = 99


@dataclass(frozen=True)
class Inference:
    """Tests and intervals of each parameter, (d,) each.

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


def infer(
    parameters: Sequence[Sequence[Group]],
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Inference:
    """Test and measure each of several parameters, given by its groups.

    Args:
        parameters: The groups of each. Parameters with the same trials share their permutations,
            so that family-wise p-values know how they depend on each other.
        n_permutations: B.
        confidence: Of the intervals and of ``null_level``, in (0, 1).
        rng: Draws replicates and intervals.

    Returns:
        Tests and intervals. O(B n d), O(1e4 n) more for each parameter that none of the
        replicates reaches, and O(n) memory a parameter.
    """
    d = len(parameters)
    scaled = [[ScaledGroup.of(group) for group in groups] for groups in parameters]
    observed = np.array([sum(group.observed for group in groups) for groups in scaled], float)
    null = _replicates(scaled, n_permutations, rng)
    low, high = np.zeros(d), np.zeros(d)
    draws = np.zeros((N_DRAWS, d))
    for k, groups in enumerate(scaled):
        low[k], high[k], draws[:, k] = interval(groups, observed[k], confidence, rng)
    later = rng.spawn(1)[0]  # the main stream is the same however many parameters are strong

    def draw_more(chosen: np.ndarray) -> np.ndarray:
        parts = [scaled[k] for k in chosen]
        affordable = _MAX_MORE // max(sum(part.group.n for groups in parts for part in groups), 1)
        size = min(_REPLICATES_IF_UNREACHED, max(affordable, _MIN_MORE))
        return _replicates(parts, size, later)

    mean, spread = null.mean(axis=0), null.std(axis=0)
    spread = np.where(spread > 0.0, spread, np.inf)
    return Inference(
        r2=observed,
        p_values=permutation_tail.p_values(observed, null, draw_more),
        p_values_familywise=permutation_tail.step_down(
            (observed - mean) / spread, (null - mean) / spread
        ),
        null_level=np.maximum(np.quantile(null, confidence, axis=0, method="higher"), 0.0),
        low=low,
        high=high,
        first_probability=_first_probability(draws),
    )


def intervals(
    parameters: Sequence[Sequence[Group]], confidence: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the ends (d,) of intervals alone, as :func:`infer` does.

    Args:
        parameters: The groups of each.
        confidence: Level of the intervals.
        rng: Draws what they rest on.
    """
    ends = []
    for groups in parameters:
        scaled = [ScaledGroup.of(group) for group in groups]
        observed = float(sum(group.observed for group in scaled))
        ends.append(interval(scaled, observed, confidence, rng)[:2])
    low, high = np.array(ends).reshape(-1, 2).T
    return low, high


def _first_probability(draws: np.ndarray) -> np.ndarray:
    """Count how often each of d columns is the largest; equal shares if none can vary."""
    d = draws.shape[1]
    if not np.isfinite(draws).any():
        return np.full(d, 1.0 / max(d, 1))
    return np.bincount(draws.argmax(axis=1), minlength=d) / len(draws)


def _replicates(
    parameters: Sequence[Sequence[ScaledGroup]], size: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw T_b (size, d)."""
    null = np.zeros((size, len(parameters)))
    longest = max((scaled.group.n for groups in parameters for scaled in groups), default=1)
    step = max(_PER_CHUNK // longest, 1)
    for start in range(0, size, step):
        chunk = null[start : start + step]
        draws: dict[bytes, np.ndarray] = {}  # by the trials
        for k, groups in enumerate(parameters):
            for scaled in groups:
                group = scaled.group
                key = group.rows.tobytes()
                if key not in draws:
                    draws[key] = _draw(group, len(chunk), rng)
                w = draws[key] if group.phi is None else draws[key] * group.w
                chunk[:, k] += scaled.value(w)
    return null


def _draw(group: Group, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw permuted scores (size, n); or signs, where each parameter has its own residuals."""
    if group.phi is None:
        return rng.permuted(np.tile(group.w, (size, 1)), axis=1)
    return rng.choice([-1.0, 1.0], size=(size, group.n))
