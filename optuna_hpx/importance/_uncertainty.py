"""How sure the importances of a split are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance._subspace import Split
from optuna_hpx.importance.maths.interval import (
    Estimate,
    Sample,
    estimate,
    first_probability,
    hidden,
    intervals,
    normalized_intervals,
)
from optuna_hpx.importance.maths.ped_anova import Marginal, fits, is_too_few
from optuna_hpx.importance.maths.permutation import permute


@dataclass(frozen=True)
class Uncertainty:
    """(d,) each; see :class:`ImportanceReport`."""

    ci_low: np.ndarray
    ci_high: np.ndarray
    normalized_ci_low: np.ndarray
    normalized_ci_high: np.ndarray
    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray
    first_probability: np.ndarray


def uncertainty_of(
    found: Split,
    parameters: Sequence[Sequence[Marginal]],
    importances: np.ndarray,
    *,
    n_bootstrap: int,
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Uncertainty:
    """Intervals and tests for ``importances`` (d,), whose regimes are ``parameters``."""
    n, d = int(np.count_nonzero(found.region)), len(parameters)
    tests = permute(found.top, n, parameters, n_permutations, confidence, rng)
    low, high = np.zeros(d), np.ones(d)
    normalized_low, normalized_high = np.zeros(d), np.ones(d)
    first = np.full(d, 1.0 / max(d, 1))
    if d and not is_too_few(n, int(np.count_nonzero(found.top))):
        sample = _sample(found)
        estimates = _estimates(found, sample, parameters, confidence)
        low, high = intervals(estimates, sample, confidence)
        normalized_low, normalized_high = normalized_intervals(estimates, sample, confidence)
        first = first_probability(estimates, sample, n_bootstrap, rng)
    return Uncertainty(
        np.minimum(low, importances),
        np.maximum(high, importances),
        normalized_low,
        normalized_high,
        tests.p_values,
        tests.p_values_familywise,
        tests.null_level,
        first,
    )


def only_tests(
    found: Split,
    parameters: Sequence[Sequence[Marginal]],
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Uncertainty:
    """The tests of the trials themselves, where nothing is known of how sure a surrogate is."""
    n, d = int(np.count_nonzero(found.region)), len(parameters)
    tests = permute(found.top, n, parameters, n_permutations, confidence, rng)
    return Uncertainty(
        np.zeros(d),
        np.ones(d),
        np.zeros(d),
        np.ones(d),
        tests.p_values,
        tests.p_values_familywise,
        tests.null_level,
        np.full(d, 1.0 / max(d, 1)),
    )


def intervals_of(
    found: Split,
    parameters: Sequence[Sequence[Marginal]],
    importances: np.ndarray,
    confidence: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Only the ends (d,) of the intervals for S."""
    if is_too_few(int(np.count_nonzero(found.region)), int(np.count_nonzero(found.top))):
        return np.zeros(len(importances)), np.ones(len(importances))
    sample = _sample(found)
    low, high = intervals(_estimates(found, sample, parameters, confidence), sample, confidence)
    return np.minimum(low, importances), np.maximum(high, importances)


def _sample(found: Split) -> Sample:
    return Sample(found.region, found.top, found.near, found.far, found.n_candidates)


def _estimates(
    found: Split, sample: Sample, parameters: Sequence[Sequence[Marginal]], confidence: float
) -> list[Estimate]:
    return [
        estimate(
            fits(found.top, sample.n, marginals),
            hidden(found.top, sample.n, marginals, confidence),
            sample,
        )
        for marginals in parameters
    ]
