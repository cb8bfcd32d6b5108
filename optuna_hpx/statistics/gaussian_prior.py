r"""What a Gaussian process holds to be likely of its hyperparameters before it sees a value.

Notation
    p               parameters
    l^2, s, v       squared length scales (p,), variance of the kernel, variance of the noise
    a, e^2          (p,) variances and squared length scales of effects of single parameters
    theta           logs of (l^2, s, v, a, e^2), as in
                    :mod:`~optuna_hpx.statistics.gaussian_process`
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Prior", "additive_prior", "joint_prior"]


@dataclass(frozen=True, eq=False)
class Prior:
    """A normal prior of theta, whose entries are independent.

    Attributes:
        mean: (3 p + 2,) means, or (p + 2,) without effects of single parameters.
        deviation: As many standard deviations.
        reach: How far from its mean each entry may go, at most.
    """

    mean: np.ndarray
    deviation: np.ndarray
    reach: np.ndarray

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Lower and upper end of each entry."""
        return list(zip(self.mean - self.reach, self.mean + self.reach, strict=True))

    def nearest(self, theta: np.ndarray) -> np.ndarray:
        """Return the theta within reach that is nearest to another one."""
        return np.clip(theta, self.mean - self.reach, self.mean + self.reach)


def additive_prior(p: int) -> Prior:
    """Return a prior for p parameters that have effects alone, and together."""
    mean = 2.0 * np.log([0.7] * p + [0.7, 0.1] + [0.4] * p + [0.5] * p)
    deviation = np.full(len(mean), 2.0)
    deviation[p + 1] = 3.0
    return Prior(mean, deviation, np.full(len(mean), 4.0))


def joint_prior(log_weight: np.ndarray) -> Prior:
    """Return a prior without effects of single parameters.

    Args:
        log_weight: (p,) means of -log l_j^2: large for a parameter on which y is held to depend.
    """
    p = len(log_weight)
    mean = np.concatenate([-log_weight, [0.0, -5.0]])
    deviation = np.array([2.0] * p + [1.0, 2.5])
    return Prior(mean, deviation, 3.0 * deviation)
