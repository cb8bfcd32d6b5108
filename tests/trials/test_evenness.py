"""Whether trials lie evenly in their domains."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx import TrialTable
from optuna_hpx.trials.evenness import uneven

KINDS: list[BaseDistribution] = [
    FloatDistribution(-2.0, 3.0),
    FloatDistribution(1e-5, 1.0, log=True),
    FloatDistribution(0.0, 1.0, step=0.1),
    IntDistribution(0, 9),
    IntDistribution(1, 1024, log=True),
    CategoricalDistribution(["a", "b", "c"]),
]


@pytest.mark.parametrize("dist", KINDS, ids=str)
def test_random_draws_are_even(dist: BaseDistribution) -> None:
    for seed in range(20):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        for _ in range(60):
            study.tell(study.ask({"x": dist}), 0.0)
        assert uneven(TrialTable.from_study(study), ["x"]) == []


@pytest.mark.parametrize("dist", [KINDS[0], KINDS[3], KINDS[5]], ids=str)
def test_draws_of_one_corner_are_not(dist: BaseDistribution) -> None:
    study = optuna.create_study()
    rng = np.random.default_rng(0)
    for _ in range(60):
        value = dist.to_external_repr(float(rng.integers(2)))
        if isinstance(dist, FloatDistribution):
            value = float(rng.uniform(-2.0, -1.0))
        study.add_trial(
            optuna.create_trial(params={"x": value}, distributions={"x": dist}, value=0.0)
        )
    assert uneven(TrialTable.from_study(study), ["x"]) == ["x"]


def test_of_a_data_frame_nothing_is_claimed() -> None:
    pd = pytest.importorskip("pandas")
    table = TrialTable.from_frame(
        pd.DataFrame({"x": [0.1] * 59 + [1.0], "v": range(60)}), params=["x"], value="v"
    )
    assert uneven(table, ["x"]) == []
