"""Schedulers of learning rates: as far as the parent's, with the child's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.population.codecs.parts import (
    net,
    passed_on,
    steps,
)

torch = pytest.importorskip("torch")

SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, 3, gamma=0.5),
    "multistep": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [2, 6], gamma=0.1),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 20),
    "lambda": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: 1.0 / (1.0 + t)),
    "sequential": lambda o: torch.optim.lr_scheduler.SequentialLR(
        o,
        [
            torch.optim.lr_scheduler.ConstantLR(o, 0.5, 3),
            torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
        ],
        milestones=[3],
    ),
    "chained": lambda o: torch.optim.lr_scheduler.ChainedScheduler(
        [
            torch.optim.lr_scheduler.ConstantLR(o, 0.5, 3),
            torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
        ],
        o,
    ),
}


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*", "ignore:.*epoch parameter.*")
@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("order", ["optimizer first", "scheduler first"])
def test_a_schedule_of_rates_goes_on_from_the_segments_own(name: str, order: str) -> None:
    """As if the whole training had had the child's rate."""

    def begun(lr: float) -> tuple[Any, Any, Any]:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        return model, optimizer, SCHEDULERS[name](optimizer)

    model, optimizer, scheduler = begun(0.5)
    steps(model, optimizer, 5, scheduler)
    child = passed_on(optimizer=optimizer, scheduler=scheduler)
    _, its, its_scheduler = begun(0.02)
    if order == "optimizer first":
        child.load(optimizer=its, scheduler=its_scheduler)
    else:
        child.load(scheduler=its_scheduler, optimizer=its)
    model, whole, whole_scheduler = begun(0.02)
    steps(model, whole, 5, whole_scheduler)
    for _ in range(8):
        assert its.param_groups[0]["lr"] == pytest.approx(whole.param_groups[0]["lr"])
        assert its_scheduler.get_last_lr() == pytest.approx(whole_scheduler.get_last_lr())
        its.step()
        its_scheduler.step()
        whole.step()
        whole_scheduler.step()


LR = torch.optim.lr_scheduler


SETTINGS: dict[str, Any] = {
    "exponential": (lambda o, a: LR.ExponentialLR(o, a), (0.9, 0.5)),
    "step": (lambda o, a: LR.StepLR(o, *a), ((9, 0.9), (5, 0.5))),
    "cosine": (lambda o, a: LR.CosineAnnealingLR(o, *a), ((90, 0.009), (50, 0.005))),
    "cyclic": (lambda o, a: LR.CyclicLR(o, 0.01, a), (0.9, 0.5)),
    "one cycle": (lambda o, a: LR.OneCycleLR(o, a, total_steps=40), (0.9, 0.5)),
    "restarts": (lambda o, a: LR.CosineAnnealingWarmRestarts(o, a), (9, 6)),
    "polynomial": (lambda o, a: LR.PolynomialLR(o, 30, a), (0.9, 0.5)),
    "multistep": (lambda o, a: LR.MultiStepLR(o, a), ([2, 8], [3, 7])),
    "lambda": (lambda o, a: LR.LambdaLR(o, lambda t: a**t), (0.9, 0.5)),
    "chained": (lambda o, a: LR.ChainedScheduler([LR.ExponentialLR(o, a)], o), (0.9, 0.5)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_a_scheduler_are_those_of_the_segment(name: str) -> None:
    """After loading, the rates are those of a scheduler that had the child's settings always."""
    make, (parents, own) = SETTINGS[name]

    def begun(lr: float, setting: Any) -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=lr, momentum=0.9)
        return optimizer, make(optimizer, setting)

    optimizer, scheduler = begun(0.4, parents)
    for _ in range(4):
        optimizer.step()
        scheduler.step()
    its, its_scheduler = begun(0.02, own)
    made = getattr(its_scheduler, "_schedulers", [its_scheduler])[0]
    before = {k: v for k, v in vars(made).items() if isinstance(v, (int, float))}
    passed_on(o=optimizer, s=scheduler).load(o=its, s=its_scheduler)
    for key in ("gamma", "step_size", "T_max", "eta_min", "T_0", "power", "total_steps"):
        assert vars(made).get(key) == before.get(key)
    if name in ("cosine", "exponential", "step", "multistep", "polynomial", "chained"):
        return  # from the rate the parent's came to: they go on by a factor
    whole, whole_scheduler = begun(0.02, own)
    for _ in range(4):
        whole.step()
        whole_scheduler.step()
    assert its.param_groups[0]["momentum"] == whole.param_groups[0]["momentum"]
    for _ in range(3):
        for one, schedule in ((its, its_scheduler), (whole, whole_scheduler)):
            one.step()
            schedule.step()
        assert its.param_groups[0]["lr"] == pytest.approx(whole.param_groups[0]["lr"])


def test_a_plateau_begins_anew_with_the_segments_rate() -> None:
    def begun(lr: float, factor: float) -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=lr)
        return optimizer, LR.ReduceLROnPlateau(optimizer, factor=factor, patience=0)

    optimizer, scheduler = begun(0.5, 0.9)
    for _ in range(3):
        scheduler.step(1.0)
    its, its_scheduler = begun(0.01, 0.5)
    passed_on(o=optimizer, s=scheduler).load(o=its, s=its_scheduler)
    assert its.param_groups[0]["lr"] == 0.01
    assert its_scheduler.factor == 0.5
    assert its_scheduler.best == 1.0
