"""An activation between two others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from optuna_hpx._imports import require
from optuna_hpx.tasks.nn._alpha import as_tensor

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch", extra="torch")

__all__ = ["InterpolatedActivation"]


class InterpolatedActivation(torch.nn.Module):
    """The activation ``alpha`` first(x) + (1 - ``alpha``) second(x).

    The family of activations that arXiv 2501.13734 studies, with ``alpha`` as the hyperparameter.

    Args:
        first: The activation at ``alpha`` = 1, a module or a function of a tensor.
        second: The activation at ``alpha`` = 0.
        alpha: In [0, 1]. A number, or a tensor of one, which is kept as it is, so that gradients
            reach it if it requires them. It is a buffer: in the ``state_dict``, moved with the
            module, and not seen by optimisers. A number is rounded to torch's default type, and
            0.1 stays 0.10000000149 after ``.double()``: for float64 pass a tensor of it.

    Raises:
        TypeError: If an activation cannot be called or is a class, or ``alpha`` is not a number.
        ValueError: If ``alpha`` is out of its range.

    Example:
        A quarter of ReLU, three quarters of the absolute value:

        >>> import torch
        >>> from optuna_hpx.tasks.nn import InterpolatedActivation
        >>> activation = InterpolatedActivation(torch.relu, torch.abs, alpha=0.25)
        >>> activation(torch.tensor([-2.0, 0.0, 2.0])).tolist()
        [1.5, 0.0, 2.0]
    """

    alpha: torch.Tensor

    def __init__(
        self,
        first: Callable[[torch.Tensor], torch.Tensor],
        second: Callable[[torch.Tensor], torch.Tensor],
        alpha: float | torch.Tensor,
    ) -> None:
        super().__init__()
        for name, activation in (("first", first), ("second", second)):
            if not callable(activation):
                raise TypeError(f"`{name}` must be a module or a function, got {activation!r}.")
            if isinstance(activation, type):
                made = activation.__name__
                home = "nn." if getattr(torch.nn, made, None) is activation else ""
                raise TypeError(
                    f"`{name}` must be a module or a function, got the class {made}: pass "
                    f"`{home}{made}()`."
                )
        self.first = first
        self.second = second
        self.register_buffer("alpha", as_tensor(alpha, at_most=1.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activation of ``x``, of its shape."""
        return self.alpha * self.first(x) + (1.0 - self.alpha) * self.second(x)

    def extra_repr(self) -> str:
        """Return what ``print`` says beside the name."""
        return f"alpha={self.alpha.item():g}"
