"""The hyperparameter of a module: what becomes a tensor, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from optuna_hpx.tasks.nn._alpha import as_tensor  # noqa: E402


@pytest.fixture
def default_float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("alpha", [0, 1, 0.3, np.float64(0.3), np.int64(1)])
def test_a_number_becomes_a_scalar_of_the_default_type(alpha: Any) -> None:
    tensor = as_tensor(alpha, at_most=1.0)
    assert (tensor.shape, tensor.dtype) == ((), torch.float32)
    assert tensor.item() == np.float32(alpha)
    assert not tensor.requires_grad


@pytest.mark.usefixtures("default_float64")
def test_with_another_default_type_nothing_is_rounded() -> None:
    tensor = as_tensor(0.1)
    assert tensor.dtype == torch.float64
    assert tensor.item() == 0.1
    assert as_tensor(1e39).item() == 1e39


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_a_tensor_is_kept_as_it_is(dtype: Any) -> None:
    alpha = torch.tensor(0.5, dtype=dtype, requires_grad=True)
    assert as_tensor(alpha, at_most=1.0) is alpha


def test_the_ends_of_the_range_are_in_it() -> None:
    for at_most in (1.0, 2.5):
        assert as_tensor(0.0, at_most=at_most).item() == 0.0
        assert as_tensor(at_most, at_most=at_most).item() == at_most
    assert as_tensor(1e30).item() == np.float32(1e30)


@pytest.mark.parametrize(
    ("alpha", "at_most", "message"),
    [
        (1.5, 1.0, r"in \[0, 1\], got 1.5 as torch.float32"),
        (1.0 + 1e-12, 1.0, r"in \[0, 1\], got 1.000000000001"),  # in float32 it would be 1
        (-1e-60, 1.0, r"in \[0, 1\], got -1e-60"),  # and this 0
        (3.0, 2.5, r"in \[0, 2.5\], got 3.0"),
        (-1, math.inf, "finite and not negative, got -1"),
        (1e39, math.inf, r"finite and not negative, got 1e\+39 as torch.float32"),
        (torch.tensor(math.nan), 1.0, r"in \[0, 1\], got nan"),
        (torch.tensor(math.inf), math.inf, "finite and not negative, got inf"),
        (torch.tensor(-0.5), math.inf, "finite and not negative, got -0.5"),
        (math.inf, math.inf, "finite, got inf"),
        (math.nan, 1.0, "finite, got nan"),
        (torch.zeros(1), 1.0, r"a number or a floating tensor .* got \(1,\) of torch.float32"),
        (torch.tensor(1), 1.0, r"a number or a floating tensor .* got \(\) of torch.int64"),
        (torch.tensor(True), 1.0, r"a number or a floating tensor .* got \(\) of torch.bool"),
    ],
)
def test_what_is_out_of_its_range(alpha: Any, at_most: float, message: str) -> None:
    with pytest.raises(ValueError, match=f"`alpha` must be {message}"):
        as_tensor(alpha, at_most=at_most)


@pytest.mark.parametrize("alpha", [True, "0.5", None, 1j, [0.5]])
def test_what_is_no_number(alpha: Any) -> None:
    with pytest.raises(TypeError, match="`alpha` must be a number, got"):
        as_tensor(alpha)
