"""Modules, and what has a state_dict()."""

from __future__ import annotations

import numpy as np
import pytest

from tests.population.codecs.parts import (
    net,
    passed_on,
    state,
    steps,
)

torch = pytest.importorskip("torch")


def test_parts_of_other_shapes() -> None:
    with pytest.raises(ValueError, match="`n` does not fit what the parent saved"):
        passed_on(n=torch.nn.Linear(2, 3)).load(n=torch.nn.Linear(3, 3))
    with pytest.raises(ValueError, match="`n` was saved as 3, got an array"):
        passed_on(n=3).load(n=np.zeros(1))


def test_buffers_and_weights_are_the_parents() -> None:
    model, other = net(), net(seed=1)
    steps(model, torch.optim.SGD(model.parameters(), lr=0.1), 3)
    passed_on(model=model).load(model=other)
    assert all(map(np.array_equal, state(model), state(other)))
    assert list(other.state_dict()) == list(model.state_dict())


class Counts:
    """Not of torch, but with the same two methods."""

    def __init__(self, n: int) -> None:
        self.n = n

    def state_dict(self) -> dict[str, int]:
        return {"n": self.n}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.n = state["n"]


def test_any_object_with_both_methods() -> None:
    own = Counts(0)
    passed_on(counts=Counts(7)).load(counts=own)
    assert own.n == 7
