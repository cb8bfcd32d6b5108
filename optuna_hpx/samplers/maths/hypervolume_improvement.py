r"""How much more than the front a candidate can be expected to dominate, on the log scale.

Notation
    c, m, b     candidates, objectives, boxes
    mu, sigma   (m, c) predictive means and standard deviations; objectives are independent
    l, u        (b, m) corners of the boxes of :mod:`~optuna_hpx.samplers.maths.boxes`
    EI_k(t)     E max(t - y_k, 0), as in :mod:`~optuna_hpx.samplers.maths.improvement`

A new value y adds to the hypervolume, in a box, the volume between y and u. Boxes are disjoint and
objectives independent, so that

    EHVI = sum_b prod_k (EI_k(u_bk) - EI_k(l_bk))                                             (1)

(Emmerich, Deutz, Klinkenberg: Hypervolume-based expected improvement, CEC 2011; Yang et al.,
2019). Of one objective it is EI. Where it is too small for a float, its logarithm is computed from
log EI_k (Ament et al., NeurIPS 2023), so that it still tells candidates apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp

from optuna_hpx.samplers.maths.improvement import expected_improvement, log_expected_improvement

__all__ = ["log_hypervolume_improvement"]

_SMALL = 1e-200  # below, terms of the sum may be lost


def log_hypervolume_improvement(
    means: Sequence[np.ndarray],
    deviations: Sequence[np.ndarray],
    lower: np.ndarray,
    upper: np.ndarray,
) -> np.ndarray:
    """Compute log EHVI (c,) by eq. (1). O(c b m).

    Args:
        means: Of each objective, its (c,) predictive means.
        deviations: The same of positive standard deviations.
        lower: (b, m) corners l.
        upper: (b, m) corners u.
    """
    product = np.ones((len(lower), len(means[0])))
    for mean, deviation, low, up in zip(means, deviations, lower.T, upper.T, strict=True):
        ends, places = np.unique(np.concatenate([low, up]), return_inverse=True)
        gain = expected_improvement(mean, deviation, ends[:, None])
        product *= np.maximum(gain[places[len(low) :]] - gain[places[: len(low)]], 0.0)
    total = product.sum(axis=0)
    is_small = total < _SMALL
    result = np.log(np.where(is_small, 1.0, total))
    result[is_small] = _log_sum(
        [mean[is_small] for mean in means], [s[is_small] for s in deviations], lower, upper
    )
    return np.asarray(result)


def _log_sum(
    means: Sequence[np.ndarray],
    deviations: Sequence[np.ndarray],
    lower: np.ndarray,
    upper: np.ndarray,
) -> np.ndarray:
    """Compute eq. (1) by logarithms throughout."""
    total = np.zeros((len(lower), len(means[0])))
    for mean, deviation, low, up in zip(means, deviations, lower.T, upper.T, strict=True):
        high = log_expected_improvement(mean, deviation, up[:, None])
        is_bounded = np.isfinite(low)
        less = log_expected_improvement(mean, deviation, low[is_bounded, None])
        with np.errstate(divide="ignore"):
            high[is_bounded] += np.log(-np.expm1(np.minimum(less - high[is_bounded], 0.0)))
        total += high
    return np.asarray(logsumexp(total, axis=0))
