r"""One parameter in the trials in which it had one domain, and what it adds to R2 by HSIC.

Notation
    n           trials of the group
    w, K, phi   (n,) score less its mean, (n, n) kernel matrix, (n, r) features with phi phi' = K:
                as in :mod:`optuna_hpx.importance.maths.hsic`
    H           I - 11'/n
    T           (w'Kw/n^2 - E_0) / sqrt(HSIC(x, x) HSIC(s, s)): R2 less what chance gives it
    E_0         mean of w'Kw/n^2 over the replicates of chance

Of several groups of a parameter, T is the mean weighted by their trials. Replicates of chance are
permutations of w, all equally likely if the score does not depend on the parameter. Their mean is
known, so that no draw is needed for T:

    E_0 = (w'w / n^2) / (n - 1) tr(H K).

Where a sampler chose the trials, w and phi are the residuals of
:mod:`optuna_hpx.importance.maths.adjustment`, K = phi phi', and the replicates flip signs of the
w_i (wild bootstrap): E_0 = (1/n^2) sum_i w_i^2 |phi_i|^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance.maths.hsic import self_hsic
from optuna_hpx.importance.maths.kernels import Kernel, centred_trace

__all__ = ["Group", "ScaledGroup", "effective_size", "null_mean", "r2_beyond_chance"]

_MIN_EFFECTIVE = 3.0  # below it, residuals of chosen trials are rounding errors and luck
_CONSTANT = 1e-18  # HSIC(x, x) HSIC(s, s) of a parameter or a score without any spread


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
        """Number of trials."""
        return len(self.rows)


def null_mean(kernel: Kernel, w: np.ndarray) -> float:
    """Compute E_0 of permutations of ``w`` (n,)."""
    n = len(w)
    return float(w @ w) / n**2 * centred_trace(kernel) / max(n - 1, 1)


def effective_size(group: Group) -> float:
    """Compute how many trials drawn evenly would let the parameter vary as much.

    What varies together with other parameters or with time does not count, where a sampler chose
    the trials.
    """
    even = max(group.kernel.even_spread(), 1e-12)
    spread = centred_trace(group.kernel) if group.phi is None else float(np.sum(group.phi**2))
    return min(spread / even, group.n)


def r2_beyond_chance(groups: Sequence[Group]) -> np.ndarray:
    """Compute what each group adds to T, (number of groups,)."""
    return np.array([ScaledGroup.of(group).observed for group in groups], dtype=float)


@dataclass(frozen=True)
class ScaledGroup:
    """A group, and what turns its w'Kw into its part of T: (w'Kw/n^2 - mean) * factor."""

    group: Group
    mean: float
    factor: float

    @classmethod
    def of(cls, group: Group) -> ScaledGroup:
        """Compute mean and factor; the factor is 0 where the parameter hardly varies."""
        own = self_hsic(group.kernel) * group.variance**2
        is_settled = group.phi is not None and effective_size(group) < _MIN_EFFECTIVE
        if own <= _CONSTANT or is_settled:
            return cls(group, 0.0, 0.0)
        if not group.is_corrected:
            mean = 0.0
        elif group.phi is None:
            mean = null_mean(group.kernel, group.w)
        else:
            mean = float(group.w**2 @ np.sum(group.phi**2, axis=1)) / group.n**2
        return cls(group, mean, group.weight / float(np.sqrt(own)))

    @property
    def observed(self) -> float:
        """The group's part of T."""
        return float(self.value(self.group.w))

    def value(self, w: np.ndarray) -> np.ndarray:
        """Compute the group's part of T for each ``w`` (..., n)."""
        if self.factor == 0.0:
            return np.zeros(w.shape[:-1])
        if self.group.phi is None:
            squares = self.group.kernel.quadratic(w)
        else:
            squares = np.sum((w @ self.group.phi) ** 2, axis=-1)
        return np.asarray((squares / self.group.n**2 - self.mean) * self.factor)
