"""What a child learns from, and the samplers that learn."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.samplers import GPSampler, QMCSampler, RandomSampler, TPESampler
from scipy.stats.qmc import Sobol

from optuna_hpx import HsicSampler
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population._segment import Segment
from tests.population.models import check_run, choose, descend
from tests.population.runs import N, T, scheduler, table


@pytest.mark.parametrize(
    "sampler",
    [
        TPESampler,
        lambda seed: TPESampler(multivariate=True, group=True, seed=seed),
        RandomSampler,
        HsicSampler,
    ],
)
@pytest.mark.parametrize("history", ["shared", "lineage", "siblings"])
def test_samplers_inside(sampler: Any, history: Any) -> None:
    tables = []
    for _ in range(2):
        run = scheduler(sampler=sampler, history=history)
        run.optimize(choose)
        check_run(run._study, N, T)
        tables.append(table(run._study))
    assert tables[0] == tables[1]


@pytest.mark.parametrize("sampler", [GPSampler(seed=0), QMCSampler(seed=0), TPESampler(seed=0)])
def test_a_sampler_as_an_object(sampler: Any) -> None:
    run = scheduler(sampler=sampler)
    run.optimize(descend)
    check_run(run._study, N, T)


@pytest.mark.parametrize("sampler", [QMCSampler, QMCSampler(scramble=True, seed=3)])
@pytest.mark.parametrize("n_jobs", [1, 3])
def test_each_segment_has_its_own_point_of_a_sequence(sampler: Any, n_jobs: int) -> None:
    run = scheduler(sampler=sampler)
    run.optimize(descend, n_jobs=n_jobs)
    ledger = Ledger(run._study)
    ledger.update()
    points = Sobol(2, scramble=not isinstance(sampler, type), seed=3).random(N * T)
    random = list(ledger.published)[:n_jobs]  # they began before any other had suggested
    checked = [
        segment
        for slot, segment in ledger.published.items()
        if segment.kind in ("root", "propose") and slot not in random
    ]
    assert len(checked) > N
    for segment in checked:
        u = points[segment.slot[0] * N + segment.slot[1]]
        expected = [10.0 ** (3.0 * u[0] - 3.0), 0.9 * u[1]]
        assert list(segment.trial.params.values()) == pytest.approx(expected)


@pytest.mark.parametrize("history", ["shared", "lineage", "siblings"])
def test_a_sampler_sees_what_a_private_study_of_the_relatives_has(history: Any) -> None:
    """Each proposal must be that of a study made by hand from the related trials."""
    run = scheduler(sampler=TPESampler, history=history, population_size=6, n_generations=3)
    run.optimize(descend)
    ledger = Ledger(run._study)
    ledger.update()
    n_checked = 0
    for segment in ledger.published.values():
        if segment.kind not in ("propose", "root"):
            continue
        alone = optuna.create_study(sampler=TPESampler(seed=segment.seed))
        for other in run._study.trials:
            if other.number < segment.number and _is_relative(ledger, other, segment, history):
                alone.add_trial(
                    optuna.trial.create_trial(
                        params=other.params, distributions=other.distributions, value=other.value
                    )
                )
        trial = alone.ask()
        rate = trial.suggest_float("rate", 1e-3, 1.0, log=True)
        momentum = trial.suggest_float("momentum", 0.0, 0.9)
        assert segment.trial.params == {"rate": rate, "momentum": momentum}
        n_checked += 1
    assert n_checked >= 10


def _is_relative(ledger: Ledger, other: Any, of: Segment, history: str) -> bool:
    """By walking from parent to parent."""
    segment = ledger.by_number[other.number]
    if history == "shared":
        return True
    if segment.parent == of.parent:
        return True
    if history == "siblings":
        return False
    ancestors, number = [], of.parent
    while number is not None:
        ancestors.append(number)
        number = ledger.by_number[number].parent
    return segment.parent is None or segment.parent in ancestors or segment.number in ancestors
