"""Between two activations, and what torch does with a module."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from optuna_hpx.tasks.nn import InterpolatedActivation  # noqa: E402


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_against_numpy(alpha: float) -> None:
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    module = InterpolatedActivation(torch.relu, torch.tanh, alpha)
    expected = alpha * np.maximum(x, 0.0) + (1.0 - alpha) * np.tanh(x)
    np.testing.assert_allclose(module(torch.from_numpy(x)).numpy(), expected, atol=1e-6)


def test_limits_are_exact() -> None:
    x = torch.randn(7)
    assert torch.equal(InterpolatedActivation(torch.relu, torch.tanh, 1)(x), torch.relu(x))
    assert torch.equal(InterpolatedActivation(torch.relu, torch.tanh, 0)(x), torch.tanh(x))


def test_parameters_of_its_modules_learn_and_alpha_does_not() -> None:
    module = InterpolatedActivation(torch.nn.PReLU(), torch.nn.ReLU(), 0.4)
    assert [name for name, _ in module.named_parameters()] == ["first.weight"]
    module(torch.tensor([-2.0, 1.0])).sum().backward()
    assert module.first.weight.grad.item() == pytest.approx(0.4 * -2.0)


def test_gradients_reach_a_tensor_that_wants_them() -> None:
    alpha = torch.tensor(0.4, requires_grad=True)
    InterpolatedActivation(torch.relu, torch.square, alpha)(torch.tensor(3.0)).backward()
    assert alpha.grad is not None
    assert alpha.grad.item() == pytest.approx(3.0 - 9.0)


def test_state_dict_has_alpha() -> None:
    module = InterpolatedActivation(torch.relu, torch.tanh, 0.3)
    assert module.state_dict()["alpha"].item() == pytest.approx(0.3)
    other = InterpolatedActivation(torch.relu, torch.tanh, 0.9)
    other.load_state_dict(module.state_dict())
    x = torch.randn(4)
    assert torch.equal(other(x), module(x))
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(x), module(x))


def test_precision_follows_the_module() -> None:
    module = InterpolatedActivation(torch.relu, torch.tanh, 0.3).double()
    assert module(torch.randn(3, dtype=torch.float64)).dtype == torch.float64
    exact = InterpolatedActivation(torch.relu, torch.tanh, torch.tensor(0.3, dtype=torch.float64))
    assert exact.alpha.item() == exact.double().alpha.item() == 0.3
    assert exact(torch.randn(3)).dtype == torch.float32
    assert "alpha=0.3" in repr(exact)


@pytest.mark.parametrize(
    ("alpha", "error", "message"),
    [
        (1.2, ValueError, r"`alpha` must be in \[0, 1\], got 1.2"),
        (-0.1, ValueError, r"`alpha` must be in \[0, 1\]"),
        (float("nan"), ValueError, "`alpha` must be finite"),
        ("x", TypeError, "`alpha` must be a number, got 'x'"),
        (torch.tensor(2.0), ValueError, r"`alpha` must be in \[0, 1\], got 2.0"),
        (torch.zeros(2), ValueError, r"`alpha` must be a number or .* got \(2,\)"),
        (torch.tensor(1), ValueError, "of torch.int64"),
    ],
)
def test_bad_alpha(alpha: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        InterpolatedActivation(torch.relu, torch.tanh, alpha)


def test_bad_activation() -> None:
    with pytest.raises(TypeError, match="`second` must be a module or a function, got 'relu'"):
        InterpolatedActivation(torch.relu, "relu", 0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"`first` .* got the class ReLU: pass `nn\.ReLU\(\)`"):
        InterpolatedActivation(torch.nn.ReLU, torch.nn.Tanh, 0.3)
    with pytest.raises(TypeError, match=r"`second` .* got the class PReLU: pass `nn\.PReLU\(\)`"):
        InterpolatedActivation(torch.nn.ReLU(), torch.nn.PReLU, 0.3)


def test_without_torch_the_error_names_the_extra() -> None:
    code = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'torch':\n"
        "            raise ModuleNotFoundError(name, name='torch')\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "import optuna_hpx.tasks.nn\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'optuna-hpx[torch]'" in done.stderr
