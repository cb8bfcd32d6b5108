"""How sure the importances of PED-ANOVA are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from optuna_hpx.importance._split import Split
from optuna_hpx.importance.maths.estimates import Cut, Estimate, estimate, hidden
from optuna_hpx.importance.maths.interval import (
    first_probability,
    intervals,
    normalized_intervals,
)
from optuna_hpx.importance.maths.ped_anova import Fit, is_too_few
from optuna_hpx.importance.maths.permutation import Permutations, permute


@dataclass(frozen=True)
class InferenceSettings:
    """How many replicates are drawn, and the level; as :class:`PedAnovaImportanceEvaluator`."""

    n_bootstrap: int
    n_permutations: int
    confidence: float


@dataclass(frozen=True)
class Uncertainty:
    """How sure importances are, (d,) each; attributes as of :class:`ImportanceReport`.

    NaN is what is not known.
    """

    ci_low: np.ndarray
    ci_high: np.ndarray
    normalized_ci_low: np.ndarray
    normalized_ci_high: np.ndarray
    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray
    first_probability: np.ndarray


def uncertainty_of(
    cut: Split,
    parameters: Sequence[Sequence[Fit]],
    importances: np.ndarray,
    settings: InferenceSettings,
    rng: np.random.Generator,
) -> Uncertainty:
    """Compute intervals and tests of the ``importances`` (d,) of parameters."""
    d = len(parameters)
    tests = _tests(cut, parameters, settings, rng)
    if not d or is_too_few(cut.n_trials, cut.n_target):
        return _without_intervals(tests, d)
    sample = _cut(cut)
    estimates = _estimates(parameters, sample, settings.confidence)
    low, high = intervals(estimates, sample, settings.confidence)
    share_low, share_high = normalized_intervals(estimates, sample, settings.confidence)
    return Uncertainty(
        ci_low=np.minimum(low, importances),
        ci_high=np.maximum(high, importances),
        normalized_ci_low=share_low,
        normalized_ci_high=share_high,
        p_values=tests.p_values,
        p_values_familywise=tests.p_values_familywise,
        null_level=tests.null_level,
        first_probability=first_probability(estimates, sample, settings.n_bootstrap, rng),
    )


def only_tests(
    cut: Split,
    parameters: Sequence[Sequence[Fit]],
    settings: InferenceSettings,
    rng: np.random.Generator,
) -> Uncertainty:
    """Test the trials themselves, where nothing is known of how sure a surrogate is."""
    return _without_intervals(_tests(cut, parameters, settings, rng), len(parameters))


def withheld(d: int) -> Uncertainty:
    """Claim nothing of d parameters: all is NaN."""
    return Uncertainty(*np.full((len(fields(Uncertainty)), d), np.nan))


def without(uncertainty: Uncertainty, unknown: np.ndarray) -> Uncertainty:
    """Remove what is said of the parameters that are ``unknown`` (d,)."""
    kept = {name: np.where(unknown, np.nan, value) for name, value in vars(uncertainty).items()}
    return Uncertainty(**kept)


def intervals_of(
    cut: Split, parameters: Sequence[Sequence[Fit]], importances: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return only the ends (d,) of the intervals for S."""
    if is_too_few(cut.n_trials, cut.n_target):
        unknown = np.full(len(importances), np.nan)
        return unknown, unknown
    sample = _cut(cut)
    low, high = intervals(_estimates(parameters, sample, confidence), sample, confidence)
    return np.minimum(low, importances), np.maximum(high, importances)


def _without_intervals(tests: Permutations, d: int) -> Uncertainty:
    return replace(
        withheld(d),
        p_values=tests.p_values,
        p_values_familywise=tests.p_values_familywise,
        null_level=tests.null_level,
    )


def _tests(
    cut: Split,
    parameters: Sequence[Sequence[Fit]],
    settings: InferenceSettings,
    rng: np.random.Generator,
) -> Permutations:
    n_permutations, confidence = settings.n_permutations, settings.confidence
    return permute(parameters, cut.n_trials, n_permutations, confidence, rng)


def _cut(cut: Split) -> Cut:
    return Cut(cut.region, cut.top, cut.near, cut.far, cut.n_candidates)


def _estimates(parameters: Sequence[Sequence[Fit]], cut: Cut, confidence: float) -> list[Estimate]:
    return [estimate(fits, hidden(fits, cut, confidence), cut) for fits in parameters]
