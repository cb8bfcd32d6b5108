"""A graph network whose edges are a polynomial of distances.

Notation
    n, d, d_0, F    nodes, features, hidden units, classes; (...) any batch dimensions
    X (..., n, d)   features
    D (..., n, n)   distances, not negative
    A (..., n, n)   (D + alpha)^degree, the kernel, and A~ = A + I
    S (..., n, n)   ln A~, without powers: degree ln(D + alpha), and on the diagonal ln(e^S + 1)
    W_0, W_1        (d, d_0) and (d_0, F)

Row i of A~ divided by its sum is the softmax of row i of S, so that no power is ever formed: a
float32 would overflow at (D + alpha)^degree > 3e38. Dividing D + alpha by its maximum first would
not do instead: it divides A by a power, but not I, and rows of c A + I normalise to something
else than those of A + I.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx import _checks
from optuna_hpx._imports import require
from optuna_hpx.tasks.nn._alpha import as_tensor

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch", extra="torch")

__all__ = ["PolynomialKernelGCN"]

_NORMALIZATIONS = ("row", "symmetric")


class PolynomialKernelGCN(torch.nn.Module):
    """The network A^ ReLU(A^ X W_0) W_1.

    A^ is the normalised (distances + ``alpha``) ** ``degree`` + I.

    The family of graph networks that arXiv 2501.13734 studies, with ``alpha`` as the
    hyperparameter. The count in :func:`optuna_hpx.tasks.maths.capacity.polynomial_gcn` is for the
    row normalisation, for the accuracy and for the best weights; training by the cross-entropy is
    outside it.

    The larger a distance, the heavier the edge: pass how close two nodes are, such as
    1 - d / max(d), if near ones are to count most.

    Args:
        in_features: d.
        hidden: d_0.
        n_classes: F.
        degree: Of the kernel, at least 1.
        alpha: Not negative. A number, or a tensor of one, which is kept as it is, so that
            gradients reach it if it requires them. It is a buffer: in the ``state_dict``, moved
            with the module, and not seen by optimisers. A number is rounded to torch's default
            type, and 0.1 stays 0.10000000149 after ``.double()``: for float64 pass a tensor of it.
        normalization: "row": each entry of A + I by the sum of its row. "symmetric": by the root
            of its row's sum times its column's (distances are taken to be symmetric). Roots are
            not rational in ``alpha``, so that this is outside the theory.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of its range.

    Example:
        Four nodes with three features; edges weigh 1.5^2, and 1 more from a node to itself:

        >>> import torch
        >>> from optuna_hpx.tasks.nn import PolynomialKernelGCN
        >>> network = PolynomialKernelGCN(3, 8, n_classes=2, degree=2, alpha=0.5)
        >>> closeness = torch.ones(4, 4)
        >>> network(torch.randn(4, 3), closeness).shape
        torch.Size([4, 2])
        >>> [round(weight, 3) for weight in network.adjacency(closeness)[0].tolist()]
        [0.325, 0.225, 0.225, 0.225]
    """

    alpha: torch.Tensor

    def __init__(
        self,
        in_features: int,
        hidden: int,
        n_classes: int,
        degree: int,
        alpha: float | torch.Tensor,
        normalization: str = "row",
    ) -> None:
        super().__init__()
        _checks.count("in_features", in_features)
        _checks.count("hidden", hidden)
        _checks.count("n_classes", n_classes)
        _checks.count("degree", degree)
        _checks.one_of("normalization", normalization, _NORMALIZATIONS)
        self.degree = degree
        self.normalization = normalization
        self.input = torch.nn.Linear(in_features, hidden, bias=False)
        self.output = torch.nn.Linear(hidden, n_classes, bias=False)
        self.register_buffer("alpha", as_tensor(alpha))

    def forward(self, features: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
        """Return the class scores, (..., n, F).

        Args:
            features: (..., n, d).
            distances: (..., n, n), finite and not negative; the larger, the heavier the edge.
                Batch dimensions broadcast with the features'.

        Raises:
            ValueError: If the shapes do not fit, or a distance is negative or not finite.
        """
        if features.ndim < 2 or features.shape[-1] != self.input.in_features:
            raise ValueError(
                f"`features` must have shape (..., n, {self.input.in_features}), got "
                f"{tuple(features.shape)}."
            )
        if distances.ndim >= 2 and distances.shape[-1] != features.shape[-2]:
            raise ValueError(
                f"`distances` must be between the {features.shape[-2]} nodes of `features`, got "
                f"shape {tuple(distances.shape)}."
            )
        adjacency = self.adjacency(distances)
        hidden = torch.relu(adjacency @ self.input(features))
        return adjacency @ self.output(hidden)

    def adjacency(self, distances: torch.Tensor) -> torch.Tensor:
        """Return A^, (..., n, n); of "row" each row sums to 1.

        Args:
            distances: (..., n, n), finite and not negative.

        Raises:
            ValueError: If the shape does not fit, or a distance is negative or not finite.
        """
        if distances.ndim < 2 or distances.shape[-1] != distances.shape[-2]:
            raise ValueError(
                f"`distances` must have shape (..., n, n), got {tuple(distances.shape)}."
            )
        fits = (distances >= 0.0) & distances.isfinite()
        if not bool(fits.all()):
            raise ValueError(
                f"`distances` must be finite and not negative, got {distances[~fits][0].item()!r}."
            )
        base = distances + self.alpha
        # The least normal number stands for 0, whose logarithm has no gradient.
        log_kernel = self.degree * torch.log(base.clamp_min(torch.finfo(base.dtype).tiny))
        diagonal = torch.diagonal(log_kernel, dim1=-2, dim2=-1)
        with_itself = torch.logaddexp(diagonal, torch.zeros_like(diagonal))
        s = torch.diagonal_scatter(log_kernel, with_itself, dim1=-2, dim2=-1)
        if self.normalization == "row":
            return torch.softmax(s, dim=-1)
        half = torch.logsumexp(s, dim=-1) / 2.0
        return torch.exp(s - half[..., :, None] - half[..., None, :])

    def extra_repr(self) -> str:
        """Return what ``print`` says beside the name."""
        return (
            f"degree={self.degree}, alpha={self.alpha.item():g}, "
            f"normalization={self.normalization!r}"
        )
