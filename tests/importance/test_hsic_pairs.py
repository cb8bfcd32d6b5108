"""In which trials pairs are compared: those that have both, and at least twenty."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from optuna_hpx.importance import _hsic_pairs
from optuna_hpx.importance._hsic_groups import Scored
from optuna_hpx.importance._hsic_pairs import pairs_of
from optuna_hpx.importance._interactions import InteractionMatrix
from optuna_hpx.importance._regimes import ParameterRegime, regimes_of
from optuna_hpx.importance.maths.hsic_pairs import Features
from optuna_hpx.trials.table import INACTIVE, Column

UNIT = FloatDistribution(0.0, 1.0)


def regimes(values: np.ndarray, dist: Any = UNIT) -> list[ParameterRegime]:
    """Those of a parameter; NaN: inactive."""
    column = Column("x", (dist,), np.where(np.isnan(values), INACTIVE, 0), values)
    return regimes_of(column, np.ones(len(values), dtype=bool))[0]


def scored(keys: np.ndarray, kind: str = "indicator", quantile: float = 0.5) -> Scored:
    n = len(keys)
    return Scored(keys, None, np.ones(n, dtype=bool), kind, quantile, False, True)


def paired(
    parameters: Sequence[Sequence[ParameterRegime]], how: Scored, seed: int = 0
) -> InteractionMatrix:
    return pairs_of(parameters, how, 99, np.random.default_rng(seed))


class Recorder:
    """Stands for ``pair_r2``: each pair has a value of its own in each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[float], np.ndarray]] = []

    def __call__(
        self, features: Sequence[Features], score: np.ndarray, n: int, rng: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        assert n == 99
        assert {feature.phi.shape[0] for feature in features} == {len(score)}
        self.calls.append(([feature.own for feature in features], score))
        r2, p = np.zeros((2, len(features), len(features)))
        for a, b in combinations(range(len(features)), 2):
            value = features[a].own + 10.0 * features[b].own  # of ids, made by ``_identify``
            r2[a, b] = r2[b, a] = value / 1000.0
            p[a, b] = p[b, a] = len(score) / 1000.0
        return r2, p


def _identify(monkeypatch: pytest.MonkeyPatch, parameters: list[Any]) -> Recorder:
    """Let features carry the place of their parameter, and note what is compared."""
    place = {id(own): k for k, own in enumerate(parameters)}
    monkeypatch.setattr(
        _hsic_pairs,
        "features_of",
        lambda own, rows: (Features(np.zeros((len(rows), 1)), float(place[id(own)])), None),
    )
    recorder = Recorder()
    monkeypatch.setattr(_hsic_pairs, "pair_r2", recorder)
    return recorder


def test_each_pair_is_compared_in_the_trials_that_have_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five parameters in 100 trials: 1 and 4 in the first half, 3 in the other and 10 more."""
    where = [
        np.ones(100, dtype=bool),
        np.arange(100) < 50,
        np.ones(100, dtype=bool),
        np.arange(100) >= 40,
        np.arange(100) < 50,
    ]
    rng = np.random.default_rng(0)
    parameters = [regimes(np.where(has, rng.random(100), np.nan)) for has in where]
    recorder = _identify(monkeypatch, parameters)
    matrix = paired(parameters, scored(np.arange(100.0)))
    for i, j in combinations(range(5), 2):
        n = int(np.count_nonzero(where[i] & where[j]))
        low, high = sorted((i, j), key=lambda k: recorder_order(k))
        value = (low + 10.0 * high) / 1000.0 if n >= 20 else 0.0
        assert matrix.values[i, j] == matrix.values[j, i] == value
        assert matrix.p_values[i, j] == matrix.p_values[j, i] == (n / 1000.0 if n >= 20 else 1.0)
    assert (np.diag(matrix.values) == 0.0).all()
    assert (np.diag(matrix.p_values) == 1.0).all()
    assert matrix.warnings == ()
    assert len(recorder.calls) == 4, "all pairs of the same trials at once; of {3} there is none"
    for _, score in recorder.calls:
        assert score.sum() == len(score) / 2, "who is good is settled among these trials"


def recorder_order(k: int) -> int:
    """Sets of parameters are met in the order 0 and 2, 1 and 4, 3."""
    return [0, 2, 1, 4, 3].index(k)


@pytest.mark.parametrize(("n", "is_compared"), [(19, False), (20, True)])
def test_twenty_trials_are_needed(
    n: int, is_compared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 40))
    y[n:] = np.nan
    parameters = [regimes(x), regimes(y)]
    recorder = _identify(monkeypatch, parameters)
    matrix = paired(parameters, scored(np.arange(40.0)))
    assert len(recorder.calls) == is_compared
    assert (matrix.p_values[0, 1] < 1.0) == is_compared


@pytest.mark.parametrize("d", [0, 1, 2])
def test_without_regimes_or_pairs(d: int) -> None:
    matrix = paired([[]] * d, scored(np.arange(30.0)))
    assert matrix.values.tolist() == np.zeros((d, d)).tolist()
    assert matrix.p_values.tolist() == np.ones((d, d)).tolist()
    lone = paired([regimes(np.linspace(0, 1, 30)), *[[]] * d], scored(np.arange(30.0)))
    assert (lone.p_values == 1.0).all()


def test_an_exclusive_or_within_a_branch_is_seen_there() -> None:
    """x and a choice in half of the trials; z in all does nothing."""
    rng = np.random.default_rng(1)
    n = 200
    x, z = rng.random((2, n))
    k = rng.integers(0, 2, n).astype(float)
    losses = np.where((x < 0.5) ^ (k == 1), 0.0, 1.0) + 0.01 * rng.random(n)
    x[n // 2 :] = k[n // 2 :] = np.nan
    losses[n // 2 :] = -10.0 + rng.random(n // 2)  # the other branch has all the best
    choice = CategoricalDistribution(["a", "b"])
    parameters = [regimes(x), regimes(z), regimes(k, choice)]
    matrix = paired(parameters, scored(losses))
    assert matrix.p_values[0, 2] < 1e-4
    assert matrix.values[0, 2] > 0.1
    assert min(matrix.p_values[0, 1], matrix.p_values[1, 2]) > 0.01
    assert ((matrix.values >= 0.0) & (matrix.values <= 1.0)).all()
    again = paired(parameters, scored(losses))
    np.testing.assert_array_equal(again.p_values, matrix.p_values)
