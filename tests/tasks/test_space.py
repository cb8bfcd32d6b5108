"""How many configurations a space holds, against lists of them all."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import create_trial

from optuna_hpx.tasks import NoCertificateError
from optuna_hpx.tasks._space import continuous_names, log_n_configs
from optuna_hpx.trials.domain import possible_values

A, B = IntDistribution(1, 9, step=4), CategoricalDistribution(["a", "b"])
C = FloatDistribution(0.0, 0.3, step=0.1)


def _trial(**parameters: tuple[Any, optuna.distributions.BaseDistribution]) -> Any:
    return create_trial(
        value=0.0,
        params={name: value for name, (value, _) in parameters.items()},
        distributions={name: d for name, (_, d) in parameters.items()},
    )


@pytest.mark.parametrize(
    ("value", "distribution", "n"),
    [
        (3, IntDistribution(1, 10), 10),
        (3, IntDistribution(1, 10, step=2), 5),
        (4, IntDistribution(1, 1024, log=True), 1024),
        ("a", CategoricalDistribution(["a", None, 1.5]), 3),
        (0.5, FloatDistribution(0.0, 1.0, step=0.1), 11),
        (0.5, FloatDistribution(0.5, 0.5), 1),
        (1.5, FloatDistribution(1.0, 2.0), 2**52 + 1),
        (0.5, FloatDistribution(0.0, 1.0), 1023 * 2**52 + 1),
    ],
)
def test_values_of_a_parameter(value: Any, distribution: Any, n: int) -> None:
    assert log_n_configs([_trial(x=(value, distribution))]) == pytest.approx(math.log(n))


def test_values_of_a_space() -> None:
    a, b = IntDistribution(1, 10), CategoricalDistribution(["a", "b"])
    both = [_trial(a=(1, a), b=("a", b))]
    assert math.exp(log_n_configs(both)) == pytest.approx(20)
    conditional = [*both, _trial(b=("b", b))]
    assert math.exp(log_n_configs(conditional)) == pytest.approx(22)
    moving = [*both, _trial(a=(1, IntDistribution(1, 5)), b=("b", b))]
    assert math.exp(log_n_configs(moving)) == pytest.approx(30)


@pytest.mark.parametrize(
    ("value", "distribution", "n"),
    [
        (1, A, 3),  # 1, 5, 9
        (0.1, C, 4),
        (7, IntDistribution(7, 7, log=True), 1),
        (0, IntDistribution(0, 2**62), 2**62 + 1),
        (None, CategoricalDistribution([None]), 1),
        (0.0, FloatDistribution(-5e-324, 5e-324), 3),
        (1e-3, FloatDistribution(1e-3, np.nextafter(1e-3, 1.0), log=True), 2),
        (0.0, FloatDistribution(-1.0, 1.0), 2 * 1023 * 2**52 + 1),
    ],
)
def test_values_at_the_edges(value: Any, distribution: Any, n: int) -> None:
    assert log_n_configs([_trial(x=(value, distribution))]) == pytest.approx(
        math.log(n), abs=1e-15
    )


def test_a_space_is_counted_as_its_configurations_are_listed() -> None:
    """With a parameter that may be absent, which is one value more."""
    trials = [_trial(a=(1, A), b=("a", B), c=(0.0, C)), _trial(a=(5, A), c=(0.1, C))]
    configurations = set(product(possible_values(A), [0, 1, None], possible_values(C)))
    assert math.exp(log_n_configs(trials)) == pytest.approx(len(configurations))


def test_a_range_counts_once_however_often_it_came() -> None:
    ranges = [IntDistribution(0, 3), IntDistribution(10, 11), IntDistribution(0, 3)]
    trials = [_trial(a=(d.low, d)) for d in ranges]
    assert math.exp(log_n_configs(trials)) == pytest.approx(4 + 2)


def test_a_configuration_that_no_range_holds_is_one_more() -> None:
    trials = [_trial(c=(0.1, C)), _trial(c=(0.1, C))]
    assert math.exp(log_n_configs(trials)) == pytest.approx(4)
    for enqueued in (0.15, 0.7):
        outside = _trial(c=(0.0, C))
        outside.params = {"c": enqueued}
        trials.append(outside)
    assert math.exp(log_n_configs(trials)) == pytest.approx(4 + 2)


def test_without_parameters_there_is_one_configuration() -> None:
    assert log_n_configs([]) == 0.0
    assert log_n_configs([create_trial(value=0.0)]) == 0.0


def test_which_parameters_are_continuous() -> None:
    x, lr = FloatDistribution(0.0, 1.0), FloatDistribution(1e-5, 1.0, log=True)
    fixed = FloatDistribution(0.5, 0.5)
    trials = [
        _trial(x=(0.5, x), c=(0.1, C), a=(1, A), b=("a", B), fixed=(0.5, fixed)),
        _trial(x=(0.5, x), lr=(0.1, lr)),
    ]
    assert continuous_names(trials) == ["lr", "x"]
    assert continuous_names(trials[:1]) == ["x"]
    assert continuous_names([]) == []


def test_a_distribution_whose_values_cannot_be_counted() -> None:
    class Odd(BaseDistribution):
        def to_internal_repr(self, param_value_in_external_repr: object) -> float:
            return 0.0

        def single(self) -> bool:
            return False

        def _contains(self, param_value_in_internal_repr: float) -> bool:
            return True

    odd = create_trial(value=0.0, params={"x": 0.0}, distributions={"x": Odd()})
    with pytest.raises(NoCertificateError, match=r"cannot be counted\. Pass `n_configs`\."):
        log_n_configs([odd])
