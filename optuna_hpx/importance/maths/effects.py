r"""The effect of one parameter averaged over the others, and which of its values are better.

Friedman: Greedy function approximation, Annals of Statistics 29, 2001, section 8.2 (partial
dependence). Apley, Zhu: Visualizing the effects of predictor variables in black box supervised
learning models, JRSS B 82, 2020.

Notation
    v           values of the parameter
    b           points drawn from the space of the other parameters
    f           (v, b) losses where the parameter has a value and the others those of a point
    g           (v,) mean of f over the points; e = g minus its mean over v, the effect
    k           plausible surfaces, each with f_k, g_k, e_k
    w_k         (b,) weights of the points, Dirichlet(1, ..., 1)
    c           factor by which surfaces must be widened, at least 1

The points are a sample, too: each surface is averaged with its own weights w_k (Rubin, The
Bayesian bootstrap, Annals of Statistics 9, 1981), so that the spread of the g_k has both errors.
With s_- and s_+ the spread of e_k below and above e, the band from e - c z s_- to e + c z s_+
holds the whole curve at once, z being the quantile of

    max_v max((e(v) - e_k(v)) / s_-(v), (e_k(v) - e(v)) / s_+(v)),                            (1)

and with d(v, v') = g(v) - g(v') in place of e, over all pairs, it says which values are better
than which others, again of all pairs at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["EffectCurve", "effect_curve"]

_TINY = 1e-9  # of the largest spread: what hardly varies is not divided by


@dataclass(frozen=True, eq=False)
class EffectCurve:
    """An effect and what is sure of it.

    Attributes:
        level: Mean of g over the values.
        effect: (v,) e.
        low, high: (v,) the band.
        difference: (v, v) d of each value and each other.
        difference_low, difference_high: (v, v) ends of its interval; of all pairs at once.
    """

    level: float
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    difference: np.ndarray
    difference_low: np.ndarray
    difference_high: np.ndarray

    @property
    def is_better(self) -> np.ndarray:
        """(v, v) whether the first value surely has less loss on average than the second."""
        return np.asarray(self.difference_high < 0.0)


def effect_curve(
    predicted: np.ndarray,
    draws: np.ndarray,
    confidence: float,
    factor: float,
    rng: np.random.Generator,
) -> EffectCurve:
    """Average losses over the points, and tell how sure the average is.

    Args:
        predicted: f, (v, b).
        draws: f_k, (k, v, b).
        confidence: Chance that the band holds the whole curve, and that all intervals of pairs do.
        factor: c.
        rng: Of the weights.

    Returns:
        The curve. O(k v (b + v)).
    """
    g = predicted.mean(axis=1)
    weights = rng.dirichlet(np.ones(draws.shape[2]), len(draws))
    curves = np.einsum("kvb,kb->kv", draws, weights)
    # Draws are spread around their own mean: what the surrogate predicts is the better estimate.
    curves = curves - curves.mean(axis=0) + g
    effects = curves - curves.mean(axis=1, keepdims=True)
    effect = g - g.mean()
    low, high = _band(effect, effects, confidence, factor)
    difference = g[:, None] - g
    pairs = curves[:, :, None] - curves[:, None, :]
    ends = _band(difference, pairs, confidence, factor)
    return EffectCurve(float(g.mean()), effect, low, high, difference, *ends)


def _band(
    centre: np.ndarray, draws: np.ndarray, confidence: float, factor: float
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the band, equation 1, around ``centre`` (...) of draws (k, ...)."""
    deviation = draws - centre
    below, above = (_spread(side) for side in (-deviation, deviation))
    scaled = np.where(deviation > 0.0, deviation / _positive(above), -deviation / _positive(below))
    largest = scaled.reshape(len(draws), -1).max(axis=1)
    z = factor * float(np.quantile(largest, confidence, method="higher"))
    return centre - z * below, centre + z * above


def _spread(deviation: np.ndarray) -> np.ndarray:
    """Compute the root mean square (...) of the positive deviations (k, ...) to one side."""
    positive = np.maximum(deviation, 0.0)
    n = np.maximum((deviation > 0.0).sum(axis=0), 1)
    return np.asarray(np.sqrt((positive**2).sum(axis=0) / n))


def _positive(spread: np.ndarray) -> np.ndarray:
    return np.maximum(spread, _TINY * spread.max() or 1.0)
