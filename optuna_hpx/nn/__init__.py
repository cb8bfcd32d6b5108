"""Torch modules with one hyperparameter whose dual curves :mod:`optuna_hpx.core.capacity` counts.

They need torch: ``pip install 'optuna-hpx[torch]'``.
"""

from optuna_hpx.nn._interpolated_activation import InterpolatedActivation
from optuna_hpx.nn._polynomial_kernel_gcn import PolynomialKernelGCN

__all__ = ["InterpolatedActivation", "PolynomialKernelGCN"]
