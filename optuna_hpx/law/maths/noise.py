"""What is known of the noise before the scores of different configurations are looked at.

Notation
    sigma           standard deviation of one configuration's loss
    s, nu           an estimate of it from repeated configurations, and its degrees of freedom
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["NOISELESS", "UNKNOWN", "NoiseKnowledge", "pooled_noise"]

_EVEN = 0.5  # prior probability of no noise: neither is the rule among objectives that are tuned

_MOST = 200.0  # exponent: keeps the likelihood of a noise that is far too small finite


@dataclass(frozen=True)
class NoiseKnowledge:
    """A prior probability that there is no noise, and a likelihood of what there is.

    Attributes:
        quiet: Probability of no noise.
        std: s.
        freedom: nu; 0 if nothing was estimated.
    """

    quiet: float
    std: float = 1.0
    freedom: float = 0.0

    def log_likelihood(self, sigma: np.ndarray, spread: np.ndarray | float = 0.0) -> np.ndarray:
        """Compute that of ``sigma`` by nu s^2 / sigma^2 ~ chi^2(nu), 0 at its maximum.

        Args:
            sigma: Of any shape.
            spread: Standard deviation of log sigma around these, for which fewer degrees of
                freedom allow.
        """
        if not self.freedom:
            return np.zeros(np.shape(sigma))
        freedom = self.freedom / (1.0 + 2.0 * self.freedom * np.square(spread))
        log_ratio = np.log(self.std) - np.log(sigma)
        return freedom * (log_ratio - np.expm1(np.minimum(2.0 * log_ratio, _MOST)) / 2.0)

    def in_units(self, width: float) -> NoiseKnowledge:
        """Divide the losses by ``width``."""
        return NoiseKnowledge(self.quiet, self.std / width, self.freedom)


UNKNOWN = NoiseKnowledge(_EVEN)
NOISELESS = NoiseKnowledge(1.0)


def pooled_noise(losses: np.ndarray, configuration: np.ndarray) -> tuple[float, int]:
    """Estimate the noise from losses of repeated configurations.

    Args:
        losses: (n,)
        configuration: (n,) integers: which losses are of the same one.

    Returns:
        s and nu; 0 and 0 if none was repeated.
    """
    _, code, counts = np.unique(configuration, return_inverse=True, return_counts=True)
    freedom = int(np.sum(counts - 1))
    if not freedom:
        return 0.0, 0
    means = np.bincount(code, losses) / counts
    return float(np.sqrt(np.sum((losses - means[code]) ** 2) / freedom)), freedom
