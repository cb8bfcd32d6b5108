"""The graph network against plain NumPy, in exact arithmetic where floats would not do."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from optuna_hpx.tasks.nn import PolynomialKernelGCN  # noqa: E402

N, FEATURES, HIDDEN, CLASSES = 7, 4, 5, 3


def data(*batch: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(*batch, N, FEATURES))
    d = np.linalg.norm(x[..., :, None, :] - x[..., None, :, :], axis=-1)
    return torch.from_numpy(x), torch.from_numpy(d)


def network(degree: int = 3, alpha: float = 0.5, normalization: str = "row") -> Any:
    torch.manual_seed(0)
    exact = torch.tensor(alpha, dtype=torch.float64)
    return PolynomialKernelGCN(
        FEATURES, HIDDEN, CLASSES, degree, exact, normalization=normalization
    ).double()


def plain(net: Any, x: np.ndarray, d: np.ndarray) -> np.ndarray:
    a = (d + net.alpha.item()) ** net.degree + np.eye(N)
    total = a.sum(axis=1)
    if net.normalization == "row":
        a = a / total[:, None]
    else:
        a = a / np.sqrt(total[:, None] * total[None, :])
    w_0, w_1 = (layer.weight.detach().numpy().T for layer in (net.input, net.output))
    return np.asarray(a @ np.maximum(a @ x @ w_0, 0.0) @ w_1)


@pytest.mark.parametrize("normalization", ["row", "symmetric"])
@pytest.mark.parametrize("degree", [1, 2, 5])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 3.0])
def test_against_numpy(normalization: str, degree: int, alpha: float) -> None:
    net = network(degree, alpha, normalization)
    x, d = data()
    found = net(x, d).detach().numpy()
    np.testing.assert_allclose(found, plain(net, x.numpy(), d.numpy()), rtol=1e-10)


@pytest.mark.parametrize("normalization", ["row", "symmetric"])
def test_batches(normalization: str) -> None:
    net = network(normalization=normalization)
    x, d = data(2, 3)
    found = net(x, d)
    assert found.shape == (2, 3, N, CLASSES)
    for i in range(2):
        for j in range(3):
            torch.testing.assert_close(found[i, j], net(x[i, j], d[i, j]))
    torch.testing.assert_close(net(x, d[0, 0])[1, 2], net(x[1, 2], d[0, 0]))


@pytest.mark.parametrize("degree", [1, 7, 300])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rows_sum_to_one(degree: int, dtype: Any) -> None:
    net = PolynomialKernelGCN(FEATURES, HIDDEN, CLASSES, degree, 0.5)
    rows = net.adjacency(data()[1].to(dtype)).sum(dim=-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_large_degrees_in_exact_arithmetic(scale: float) -> None:
    """Powers up to 1e240: kernels much smaller than I, of its size, and much larger."""
    degree, alpha = 80, 0.5 * scale
    d = data()[1].numpy() * scale
    exact = [
        [(Fraction(v) + Fraction(alpha)) ** degree + (i == j) for j, v in enumerate(row)]
        for i, row in enumerate(d.tolist())
    ]
    expected = np.array([[float(v / sum(row)) for v in row] for row in exact])
    net = network(degree, alpha)
    found = net.adjacency(torch.from_numpy(d)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-300)
    single = PolynomialKernelGCN(1, 1, 2, degree, alpha).adjacency(torch.from_numpy(d).float())
    np.testing.assert_allclose(single.numpy(), expected, atol=1e-3)


def test_scaling_before_the_power_is_not_the_same() -> None:
    """Because of I: rows of c A + I do not normalise to those of A + I."""
    _, d = data()
    scaled = network(alpha=0.5 / 9.0).adjacency(d / 9.0)
    assert not torch.allclose(network(alpha=0.5).adjacency(d), scaled, rtol=0.1)


def test_limits_of_alpha() -> None:
    _, d = data()
    at_zero = network(degree=2, alpha=0.0).adjacency(d)
    kernel = d**2 + torch.eye(N)
    torch.testing.assert_close(at_zero, kernel / kernel.sum(dim=1, keepdim=True))
    everyone = network(degree=2, alpha=1e12).adjacency(d)
    torch.testing.assert_close(everyone, torch.full_like(d, 1.0 / N))


@pytest.mark.parametrize("normalization", ["row", "symmetric"])
def test_renaming_nodes_renames_scores(normalization: str) -> None:
    net = network(normalization=normalization)
    x, d = data()
    p = torch.randperm(N, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(net(x[p], d[p][:, p]), net(x, d)[p])


@pytest.mark.parametrize("degree", [1, 2, 50])
def test_gradients_are_finite_and_right(degree: int) -> None:
    """To the weights, to alpha = 0 where distances are 0, and to the distances."""
    net = network(degree, 0.0)
    x, d = data()
    d.requires_grad_()
    net.alpha.requires_grad_()
    net(x, d).square().sum().backward()
    for tensor in (net.input.weight, net.output.weight, net.alpha, d):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()
    assert net.input.weight.grad.abs().max() > 0.0
    assert net.output.weight.grad.abs().max() > 0.0
    assert "alpha" not in dict(net.named_parameters())


def test_gradients_by_differences() -> None:
    net = network(degree=3, alpha=0.5)
    x, d = data()
    parameters = (net.input.weight, net.output.weight)

    def scores(w_0: Any, w_1: Any, alpha: Any) -> Any:
        tensors = {"input.weight": w_0, "output.weight": w_1, "alpha": alpha}
        return torch.func.functional_call(net, tensors, (x, d))

    inputs = [t.detach().clone().requires_grad_() for t in (*parameters, net.alpha)]
    assert torch.autograd.gradcheck(scores, inputs)


def test_it_learns() -> None:
    torch.manual_seed(0)
    net = PolynomialKernelGCN(FEATURES, 16, 2, 2, 0.1)
    x, d = (t.float() for t in data())
    labels = (x[:, 0] > 0).long()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(net(x, d), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_state_dict_has_alpha() -> None:
    first, second = network(alpha=0.5), network(alpha=2.0)
    assert set(first.state_dict()) == {"alpha", "input.weight", "output.weight"}
    second.load_state_dict(first.state_dict())
    x, d = data()
    assert torch.equal(first(x, d), second(x, d))
    assert "degree=3, alpha=0.5, normalization='row'" in repr(first)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="`degree` must be at least 1, got 0"):
        PolynomialKernelGCN(1, 1, 2, 0, 0.5)
    with pytest.raises(TypeError, match=r"`hidden` must be an int, got 1\.5"):
        PolynomialKernelGCN(1, 1.5, 2, 1, 0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`alpha` must be finite and not negative, got -1"):
        PolynomialKernelGCN(1, 1, 2, 1, torch.tensor(-1.0))
    with pytest.raises(ValueError, match=r"`normalization` must be one of \['row', 'symmetric'\]"):
        PolynomialKernelGCN(1, 1, 2, 1, 0.5, normalization="column")
    net = network()
    x, d = data()
    with pytest.raises(
        ValueError, match=r"`features` must have shape \(..., n, 4\), got \(7, 3\)"
    ):
        net(x[:, :3], d)
    with pytest.raises(ValueError, match="`distances` must be between the 6 nodes of `features`"):
        net(x[:6], d)
    with pytest.raises(ValueError, match=r"`distances` must have shape .* got \(6, 7\)"):
        net(x, d[:6])
    message = "`distances` must be finite and not negative, got"
    with pytest.raises(ValueError, match=rf"{message} -1\.0"):
        net(x, d - torch.eye(N, dtype=torch.float64))
    for bad in ("inf", "nan"):
        with pytest.raises(ValueError, match=f"{message} {bad}"):
            net(x, torch.where(d == d.max(), float(bad), d))
    with pytest.raises(ValueError, match=r"`distances` must have shape .* got \(7,\)"):
        net(x, d[0])
