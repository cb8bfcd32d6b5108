"""Values of a child: its parent's, near them, or proposed."""

from __future__ import annotations

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
from optuna.samplers import RandomSampler

from optuna_hpx import HsicSampler, sampler_beliefs
from optuna_hpx.canvas.material import Material
from optuna_hpx.population import Checkpoint
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population._proposals import PrivateStudy, RankedProposals, SegmentSampler
from optuna_hpx.population.maths.plan import Kind
from optuna_hpx.samplers.section import sections
from tests.population.models import choose, descend
from tests.population.runs import scheduler

RNG = np.random.default_rng
FLOAT, LOG = FloatDistribution(0.0, 1.0), FloatDistribution(1e-3, 1.0, log=True)
GRID, INT = FloatDistribution(0.1, 0.5, step=0.1), IntDistribution(1, 9)
CHOICES = CategoricalDistribution(["a", "b", None])
VALUES: list[tuple[BaseDistribution, Any]] = [
    (FLOAT, 0.3),
    (LOG, 0.02),
    (GRID, 0.1 + 2 * 0.1),
    (INT, 4),
    (CHOICES, None),
]


def sample(kind: Kind, dist: BaseDistribution, inherited: dict[str, Any], seed: int = 0) -> Any:
    sampler = SegmentSampler()
    sampler.use(kind, inherited, None, RNG(seed))
    study = optuna.create_study(sampler=sampler)
    trial = study.ask({"x": dist})
    return trial.params["x"]


@pytest.mark.parametrize(("dist", "value"), VALUES)
def test_a_child_that_continues_has_the_parents_value_to_the_last_bit(
    dist: BaseDistribution, value: Any
) -> None:
    assert sample(Kind.CONTINUE, dist, {"x": value}) == value


def test_a_value_that_is_no_longer_possible_is_moved_or_drawn() -> None:
    assert sample(Kind.CONTINUE, FLOAT, {"x": 1.5}) == 1.0
    assert sample(Kind.CONTINUE, INT, {"x": 3.4}) == 3
    assert sample(Kind.CONTINUE, CHOICES, {"x": "gone"}) in ("a", "b", None)


@pytest.mark.parametrize(("dist", "value"), VALUES)
def test_a_varied_value_is_near_and_in_the_distribution(
    dist: BaseDistribution, value: Any
) -> None:
    values = [sample(Kind.VARY, dist, {"x": value}, seed) for seed in range(60)]
    assert all(dist._contains(dist.to_internal_repr(v)) for v in values)
    assert len(set(values)) > 2
    if dist is FLOAT:
        assert np.std(values) == pytest.approx(0.12, rel=0.3)


def test_parameters_that_are_active_together_are_proposed_together() -> None:
    study = optuna.create_study()
    scheduler(study).optimize(choose)
    segments = [s for s in Ledger.read(study).published.values() if s.trial.params["kind"] == "a"]
    proposals = RankedProposals(segments, 4, RNG(0))
    assert proposals.suggest("step", GRID) in (0.1, 0.2, 0.30000000000000004, 0.4, 0.5)
    assert set(proposals._proposed) == {"kind", "n", "step"}
    assert proposals.suggest("log", IntDistribution(1, 100, log=True)) is None


def test_proposals_are_near_the_good_ones() -> None:
    study = optuna.create_study()
    scheduler(study, population_size=30, n_generations=1).optimize(descend)
    segments = Ledger.read(study).generation(0)
    ranked = sorted(segments, key=lambda segment: segment.loss)
    logs = np.array([np.log(segment.trial.params["rate"]) for segment in ranked])
    seeds = range(40)
    rates = [RankedProposals(segments, 1, RNG(seed)).suggest("rate", LOG) for seed in seeds]
    proposed, good, others = np.median(np.log(rates)), np.median(logs[:8]), np.median(logs[8:])
    assert abs(proposed - good) < 0.5 * abs(proposed - others)
    assert np.std(np.log(rates)) < 0.5 * np.std(logs)


def test_what_the_sampler_left_to_plain_tpe_is_stored_with_the_real_trials() -> None:
    """Of all proposed children, and no others; once in each; whoever reads it."""

    def one(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x = np.zeros(1)
        checkpoint.load(x=x)
        x += trial.suggest_float("x", 0.0, 1.0)
        checkpoint.save(x=x)
        return float(x[0])

    study = optuna.create_study()
    with pytest.warns(UserWarning, match="HsicSampler leaves trials to plain TPE"):
        scheduler(
            study, sampler=HsicSampler(n_startup_trials=5, surrogate=False, seed=0)
        ).optimize(one)
    (fallback,) = sampler_beliefs(study).fallbacks
    assert fallback.reason == "alone"
    segments = Ledger.read(study).by_number
    proposed = {n for n, s in segments.items() if s.kind not in (Kind.VARY, Kind.CONTINUE)}
    left = set(fallback.numbers)
    assert left
    assert left <= proposed
    first = min(left)
    assert left == {number for number in proposed if number >= first}
    (section,) = [s for s in sections(Material.of(study)) if s.warnings]
    assert "a parameter that is chosen by itself" in section.warnings[0]


def test_another_sampler_draws_as_in_a_study_of_its_own() -> None:
    proposals = PrivateStudy(RandomSampler(seed=3), optuna.study.StudyDirection.MINIMIZE, [], 0)
    values = [proposals.suggest(name, FLOAT) for name in ("x", "y")]
    trial = optuna.create_study(sampler=RandomSampler(seed=3)).ask({"x": FLOAT, "y": FLOAT})
    assert values == list(trial.params.values())
