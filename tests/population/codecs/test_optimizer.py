"""Optimisers: the moments are the parent's, the hyperparameters the child's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from optuna_hpx.population import Checkpoint
from tests.population.codecs.parts import (
    net,
    passed_on,
    state,
    steps,
)

torch = pytest.importorskip("torch")

OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, weight_decay=0.01),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, betas=(0.8, 0.95)),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr=lr, amsgrad=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, momentum=0.5),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_as_if_nothing_had_happened(name: str) -> None:
    model = net()
    optimizer = OPTIMIZERS[name](model.parameters(), 0.05)
    steps(model, optimizer, 5)
    child = passed_on(model=model, optimizer=optimizer)
    steps(model, optimizer, 4)
    other = net(seed=1)
    its = OPTIMIZERS[name](other.parameters(), 0.05)
    assert child.load(model=other, optimizer=its) == {}
    steps(other, its, 4)
    assert all(map(np.array_equal, state(model), state(other)))


def test_the_rate_of_the_segment_wins() -> None:
    """Ray #62173: the restored optimiser must step with the child's rate."""
    model = torch.nn.Linear(2, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=0.1)
    steps_of = torch.ones(1, 2)
    model(steps_of).sum().backward()
    optimizer.step()
    child = passed_on(model=model, optimizer=optimizer)
    other = torch.nn.Linear(2, 1, bias=False)
    its = torch.optim.SGD(other.parameters(), lr=0.01, momentum=0.3, weight_decay=0.0)
    child.load(optimizer=its, model=other)
    group = its.param_groups[0]
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.01, 0.3, 0.0)
    buffer = its.state[other.weight]["momentum_buffer"].clone()
    before = other.weight.detach().clone()
    other(steps_of).sum().backward()
    its.step()
    by_hand = before - 0.01 * (0.3 * buffer + steps_of)
    assert torch.allclose(other.weight, by_hand, rtol=0, atol=1e-7)


def test_betas_of_the_segment_win_and_the_moments_are_kept() -> None:
    model = net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, betas=(0.9, 0.99))
    steps(model, optimizer, 3)
    child = passed_on(o=optimizer)
    its = torch.optim.Adam(model.parameters(), lr=0.2, betas=(0.5, 0.7))
    child.load(o=its)
    assert its.param_groups[0]["betas"] == (0.5, 0.7)
    for ours, theirs in zip(its.state.values(), optimizer.state.values(), strict=True):
        assert torch.equal(ours["exp_avg"], theirs["exp_avg"])
        assert ours["step"] == 3


def test_hyperparameters_set_afterwards() -> None:
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    steps(model, optimizer, 2, scheduler)
    Checkpoint.set_hyperparameters(optimizer, lr=0.1, momentum=0.2)
    group = optimizer.param_groups[0]
    assert group["lr"] == pytest.approx(0.1 * 0.25)
    assert group["momentum"] == 0.2
    with pytest.raises(ValueError, match="no hyperparameter 'lrr'"):
        Checkpoint.set_hyperparameters(optimizer, lrr=0.1)


def test_what_a_user_put_into_a_group_is_the_segments() -> None:
    def begun(scale: float) -> Any:
        p = torch.nn.Parameter(torch.ones(1))
        return torch.optim.SGD([{"params": [p], "lr_scale": scale}], lr=0.1)

    its = begun(0.7)
    passed_on(o=begun(0.3)).load(o=its)
    assert its.param_groups[0]["lr_scale"] == 0.7


def test_the_kind_of_an_optimiser_cannot_change() -> None:
    model = net()
    child = passed_on(o=torch.optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(ValueError, match="another kind of optimiser"):
        child.load(o=torch.optim.Adam(model.parameters(), lr=0.1))


@pytest.mark.parametrize(
    ("make", "feature"),
    [
        (torch.optim.Adam, {"amsgrad": True}),
        (torch.optim.RMSprop, {"centered": True}),
        (torch.optim.RMSprop, {"momentum": 0.5}),
    ],
)
def test_averages_that_the_parents_optimiser_did_not_keep(make: Any, feature: Any) -> None:
    model = net()
    parent = make(model.parameters(), lr=0.1)
    steps(model, parent, 2)
    with pytest.raises(ValueError, match=r"no state for .* cannot be searched"):
        passed_on(o=parent).load(o=make(model.parameters(), lr=0.1, **feature))
    richer = make(model.parameters(), lr=0.1, **feature)
    steps(model, richer, 2)
    passed_on(o=richer).load(o=parent)
    steps(model, parent, 1)
