"""A regime in the report: its label, its values, and where its trials and the good ones lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from optuna_hpx.importance._densities import describe_regime
from optuna_hpx.importance._regimes import regimes_of
from optuna_hpx.importance._report import Middle, Regime
from optuna_hpx.trials.table import Column


def described(values: Any, top: Any, *dists: Any, regime: Any = None) -> Regime:
    """Trials with the only distribution, or each with its own; ``top`` are rows."""
    n = len(values)
    if regime is None:
        regime = np.arange(n) if len(dists) > 1 else np.zeros(n, dtype=int)
    column = Column("x", dists, np.asarray(regime), np.array(values, dtype=float))
    (one,) = regimes_of(column, np.ones(n, dtype=bool))[0]
    return describe_regime(one, np.isin(np.arange(n), top), 0.25)


def test_choices() -> None:
    dist = CategoricalDistribution(["a", None, 2.5, "unseen"])
    one = described([0, 1, 1, 2, 0, 1, 1, 0], [1, 3], dist)
    assert (one.label, one.kind, one.x) == (
        "4 choices",
        "discrete",
        ("a", "None", "2.5", "unseen"),
    )
    assert one.p_region.tolist() == [3 / 8, 4 / 8, 1 / 8, 0]
    assert one.p_target.tolist() == [0, 1 / 2, 1 / 2, 0]
    assert (one.n_region, one.n_target, one.importance) == (8, 2, 0.25)
    assert not one.log
    assert not one.is_relative


def test_numbers_of_few_values() -> None:
    """0, 5, ..., 20; an enqueued value outside counts as the nearest."""
    one = described([0, 20, 5, 99, -3], [3, 4], IntDistribution(0, 20, step=5))
    assert (one.label, one.kind) == ("0 to 20", "discrete")
    assert one.x == ("0", "5", "10", "15", "20")
    assert one.p_region.tolist() == [2 / 5, 1 / 5, 0, 0, 2 / 5]
    assert one.p_target.tolist() == [1 / 2, 0, 0, 0, 1 / 2]
    steps = described([0.1, 0.1 + 0.2], [1], FloatDistribution(0.1, 0.3, step=0.1))
    assert steps.x == ("0.1", "0.2", "0.3")
    assert steps.p_target.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("dist", "label", "x"),
    [
        (
            IntDistribution(1_000_000, 1_000_002),
            "1000000 to 1000002",
            ("1000000", "1000001", "1000002"),
        ),
        (IntDistribution(-20_001, -20_000), "-20001 to -20000", ("-20001", "-20000")),
        (
            FloatDistribution(1e7, 1e7 + 0.5, step=0.5),
            "10000000 to 10000000.5",
            ("10000000", "10000000.5"),
        ),
        (IntDistribution(0, 2_000_000, step=1_000_000), "0 to 2e+06", ("0", "1e+06", "2e+06")),
    ],
)
def test_no_two_values_look_alike(dist: Any, label: str, x: tuple[str, ...]) -> None:
    one = described([dist.low, dist.high], [0], dist)
    assert (one.label, one.x) == (label, x)


def test_one_value() -> None:
    for dist in (FloatDistribution(2.5, 2.5), FloatDistribution(2.5, 2.5, log=True)):
        one = described([2.5, 2.5, 2.5], [0], dist)
        assert (one.kind, one.x, one.label) == ("discrete", ("2.5",), "2.5 to 2.5")
        assert one.p_region.tolist() == one.p_target.tolist() == [1.0]


@pytest.mark.parametrize("log", [False, True])
def test_positions_are_in_the_parameters_own_units(log: bool) -> None:
    """64 cells of equal width between the bounds, on the log scale if it is log."""
    low, high = 1.0, 100.0
    u = np.linspace(0.0, 1.0, 400)
    values = low * (high / low) ** u if log else low + u * (high - low)
    one = described(values, np.arange(25), FloatDistribution(low, high, log=log))
    assert (one.kind, one.label, one.log) == ("continuous", "1 to 100", log)
    cells = (np.arange(64) + 0.5) / 64
    expected = low * (high / low) ** cells if log else low + cells * (high - low)
    np.testing.assert_allclose(np.array(one.x, dtype=float), expected)
    np.testing.assert_allclose(one.p_region, 1.0, atol=0.15)  # even draws
    assert one.p_target.mean() == pytest.approx(1.0)
    assert one.p_target[:3].mean() > 10.0  # 25 of 400 lie in the first 4 of 64 cells
    assert (one.p_target[12:] == 0.0).all()


def test_a_log_int_of_many_values_reaches_half_a_step_beyond() -> None:
    one = described([1, 100, 10, 3], [0], IntDistribution(1, 100, log=True))
    a, b = np.log(0.5), np.log(100.5)
    cells = (np.arange(64) + 0.5) / 64
    np.testing.assert_allclose(np.array(one.x, dtype=float), np.exp(a + cells * (b - a)))
    assert one.log


def test_moving_bounds_are_positions() -> None:
    dists = [FloatDistribution(1.0, high, log=True) for high in (10.0, 100.0, 1000.0)]
    one = described([10.0, 10.0, 1000.0], [0, 2], *dists)
    assert one.is_relative
    assert one.kind == "continuous"
    assert not one.log, "positions are on no log scale"
    assert one.label == "moving bounds within 1 to 1000"
    np.testing.assert_allclose(np.array(one.x, dtype=float), (np.arange(64) + 0.5) / 64)
    assert (one.p_target[:40] == 0.0).all()  # both at the upper end


def test_few_values_of_moving_bounds_are_positions_too() -> None:
    one = described([1, 2, 3], [0], *[IntDistribution(0, high) for high in (2, 4, 6)])
    assert (one.kind, one.is_relative) == ("continuous", True)


def _middle(values: np.ndarray, top: np.ndarray, n_outside: int) -> Middle:
    """Strike out the smallest and the largest target trial, so many times, and count the rest."""
    left = values[top].tolist()
    for _ in range(n_outside):
        left.remove(min(left))
        left.remove(max(left))
    low, high = min(left), max(left)
    return Middle(
        low,
        high,
        sum(low <= value <= high for value in values[top]),
        sum(low <= value <= high for value in values),
    )


@pytest.mark.parametrize(
    ("n_target", "n_outside"), [(1, 0), (5, 0), (9, 0), (10, 1), (19, 1), (20, 2), (37, 3)]
)
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("n_values", [1_000_000, 23])
def test_the_middle_is_counted(n_target: int, n_outside: int, n_values: int, *, log: bool) -> None:
    """With few values trials are tied at its ends, and count there."""
    rng = np.random.default_rng(n_target)
    values = rng.integers(1, n_values, 200, endpoint=True).astype(float)
    top = rng.choice(200, n_target, replace=False)
    one = described(values, top, IntDistribution(1, n_values, log=log))
    assert one.middle == _middle(values, top, n_outside)


def test_the_middle_of_moving_bounds_is_in_positions() -> None:
    highs = np.linspace(1.0, 2.0, 30)
    u = np.random.default_rng(0).permutation(30) / 30
    dists = [FloatDistribution(0.0, high) for high in highs]
    one = described(u * highs, np.arange(10), *dists)
    expected = _middle(u, np.arange(10), 1)
    assert one.middle is not None
    assert one.middle.low == pytest.approx(expected.low)
    assert one.middle.high == pytest.approx(expected.high)
    assert (one.middle.n_target, one.middle.n_region) == (8, expected.n_region)


def test_choices_and_few_values_have_no_middle() -> None:
    assert described([0, 1], [0], CategoricalDistribution(["a", "b"])).middle is None
    assert described([0, 1], [0], IntDistribution(0, 1)).middle is None


def test_without_target_trials() -> None:
    for dist, k in ((FloatDistribution(0.0, 1.0), 64), (CategoricalDistribution([0, 1]), 2)):
        one = described([0.0, 1.0, 1.0], [], dist)
        assert one.n_target == 0
        assert one.middle is None
        assert one.p_target.tolist() == [0.0] * k
        assert one.p_region.sum() > 0.0


def test_inactive_trials_are_not_counted() -> None:
    one = described(
        [0.0, np.nan, 1.0, np.nan], [1, 2], IntDistribution(0, 1), regime=[0, -1, 0, -1]
    )
    assert (one.n_region, one.n_target) == (2, 1)
    assert one.p_region.tolist() == [1 / 2, 1 / 2]
    assert one.p_target.tolist() == [0, 1]
