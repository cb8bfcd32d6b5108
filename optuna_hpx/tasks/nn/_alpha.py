"""The hyperparameter of a module, as a tensor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optuna_hpx import _checks
from optuna_hpx._imports import require

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch", extra="torch")


def as_tensor(alpha: Any, *, at_most: float = math.inf) -> torch.Tensor:
    """Return ``alpha``, in [0, at_most], as a tensor of shape ().

    A tensor is returned as it is. A number becomes one of torch's default type, and not of
    float64, which some devices, such as Apple's, cannot hold.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is out of its range, or a tensor of another shape or of integers.
    """
    if isinstance(alpha, torch.Tensor):
        if alpha.ndim or not alpha.is_floating_point():
            raise ValueError(
                "`alpha` must be a number or a floating tensor of shape (), got "
                f"{tuple(alpha.shape)} of {alpha.dtype}."
            )
        tensor, value = alpha, alpha.item()
    else:
        _checks.finite("alpha", alpha)
        tensor, value = torch.tensor(float(alpha)), alpha
    # Of the tensor: a number that is too large for torch's default type is infinite in it.
    if not (0.0 <= value <= at_most and math.isfinite(tensor.item())):
        expected = "finite and not negative" if at_most == math.inf else f"in [0, {at_most:g}]"
        raise ValueError(f"`alpha` must be {expected}, got {value!r} as {tensor.dtype}.")
    return tensor
