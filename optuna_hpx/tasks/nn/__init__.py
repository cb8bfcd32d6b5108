"""Torch modules with one hyperparameter whose dual curves have a known capacity.

:mod:`optuna_hpx.tasks.maths.capacity` counts it.

They need torch: ``pip install 'optuna-hpx[torch]'``.
"""

from optuna_hpx.tasks.nn._interpolated_activation import InterpolatedActivation
from optuna_hpx.tasks.nn._polynomial_kernel_gcn import PolynomialKernelGCN

__all__ = ["InterpolatedActivation", "PolynomialKernelGCN"]
