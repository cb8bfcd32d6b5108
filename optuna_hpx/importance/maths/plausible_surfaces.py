r"""How sure importances are that were measured on a surrogate: they differ between its surfaces.

Notation
    B, d        surfaces that the trials leave plausible; parameters
    S           (B, d) importances, measured on each surface
    h           (B, d) their shares of the sum of one surface
    M, q        (d,) medians, and a quantile, of S or h over the surfaces
    o           (d,) how far the points at which surfaces are evaluated leave an estimate open

Surfaces drawn from a fitted model differ too little, since the model may be wrong itself: kernel,
length scales, and how two models are mixed, are not drawn. All distances from the median are made
wider by a factor c. Besides, whatever a model gets wrong blurs the target set, so that S is too
small rather than too large: in 58 misses of a first version, the truth was above in 52. The errors
are added as independent ones,

    upper end   M + sqrt((c (q - M))^2 + o^2 + (b M)^2),                                      (1)
    lower end   M - sqrt((c (M - q))^2 + o^2),                                                (2)

and b = 0 for shares. How far the surfaces disagree on the shares, in the mean over the surfaces of

    sum_j |h_j - mean of h_j|,                                                                (3)

says better than the skill of a surrogate how far it is from the truth: in 136 studies of the
design problems it correlates with the error by .65, and 1 - skill by .38.

c and b are fitted to the design problems of benchmarks/importance/problems.py (nominal 95 % hold
.80 without them, .965 with them, standard error .01); what they do on held ones is in
benchmarks/README.md.
"""

from __future__ import annotations

import numpy as np

__all__ = ["disagreement", "ends", "first_probability", "share_ends", "shares"]

_WIDENING = 2.0  # c
_BLUR = 0.35  # b


def shares(s: np.ndarray) -> np.ndarray:
    """Divide importances (..., d) by their sum; equal shares where all are 0."""
    total = s.sum(axis=-1, keepdims=True)
    return np.where(total > 0.0, s / np.where(total > 0.0, total, 1.0), 1.0 / max(s.shape[-1], 1))


def disagreement(s: np.ndarray) -> float:
    """Compute how far the surfaces disagree, equation 3: from 0 to 2.

    Args:
        s: S, (B, d).
    """
    h = shares(s)
    return float(np.abs(h - h.mean(axis=0)).sum(axis=1).mean())


def ends(s: np.ndarray, off: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Compute the ends (d,) of intervals for importances, equations 1 and 2, within [0, 1].

    Args:
        s: S, (B, d).
        off: o, (2, d), below and above.
        confidence: Level of each interval by itself.
    """
    return _ends(s, off, confidence, _BLUR)


def share_ends(s: np.ndarray, off: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Compute the same for shares of the sum.

    Args:
        s: S, (B, d).
        off: o of the shares, (2, d).
        confidence: As for :func:`ends`.
    """
    return _ends(shares(s), off, confidence, 0.0)


def _ends(
    x: np.ndarray, off: np.ndarray, confidence: float, blur: float
) -> tuple[np.ndarray, np.ndarray]:
    median = np.median(x, axis=0)
    low, high = np.quantile(x, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0], axis=0)
    below = np.hypot(_WIDENING * (median - low), off[0])
    above = np.hypot(np.hypot(_WIDENING * (high - median), off[1]), blur * median)
    return np.clip(median - below, 0.0, 1.0), np.clip(median + above, 0.0, 1.0)


def first_probability(s: np.ndarray) -> np.ndarray:
    """Compute the share (d,) of surfaces on which each parameter is the most important one.

    Distances from the median are widened here, too. Equal parameters share a surface.

    Args:
        s: S, (B, d).
    """
    median = np.median(s, axis=0)
    wide = np.maximum(median + _WIDENING * (s - median), 0.0)
    is_first = wide == wide.max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(shares(is_first.astype(float)).mean(axis=0))
