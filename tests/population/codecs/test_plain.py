"""Plain values are returned."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.population import Checkpoint
from tests.population.codecs.parts import (
    passed_on,
)

torch = pytest.importorskip("torch")


def test_arrays_are_filled_and_plain_values_returned() -> None:
    array = np.arange(3.0)
    child = passed_on(x=array, step=7, names=["a", None], nested={"k": (1, 2.5)})
    into = np.zeros(3)
    found = child.load(x=into, step=0, names=[], nested={})
    assert into.tolist() == [0.0, 1.0, 2.0]
    assert found == {"step": 7, "names": ["a", None], "nested": {"k": (1, 2.5)}}


def test_what_numpy_holds_of_one_value_is_plain() -> None:
    assert Checkpoint(0, 0).load(step=np.int64(3)) == {"step": 3}
    assert passed_on(step=np.int64(7)).load(step=np.int64(0)) == {"step": 7}


def test_a_conjugate_tensor() -> None:
    tensor = torch.tensor([1 + 2j]).conj()
    found = passed_on(x={"t": tensor}).load(x={})["x"]["t"]
    assert torch.equal(found, torch.tensor([1 - 2j]))
