"""InterleavedSampler: what is random is random, and the rest is left to the other sampler."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Sequence
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
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    NSGAIISampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from scipy import stats

from optuna_hpx import HsicSampler, InterleavedSampler
from optuna_hpx.trials import storage

SPACE: dict[str, BaseDistribution] = {
    "x": FloatDistribution(-2.0, 3.0),
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "s": FloatDistribution(0.0, 1.0, step=0.25),
    "n": IntDistribution(1, 6),
    "k": CategoricalDistribution(["a", "b", None]),
}


class _Stubborn(BaseSampler):
    """Always the same values; notes what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.n_reseeded = 0

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        return {"x": SPACE["x"]}

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: Any) -> Any:
        self.seen.append(("relative", trial.number))
        return {"x": 1.0}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: Any
    ) -> Any:
        self.seen.append(("independent", trial.number))
        return {"x": 1.0, "lr": 1e-3, "s": 0.5, "n": 2, "k": "a"}[param_name]

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self.seen.append(("before", trial.number))

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        self.seen.append(("after", trial.number))

    def reseed_rng(self) -> None:
        self.n_reseeded += 1


def _ask(sampler: BaseSampler, n: int) -> list[dict[str, Any]]:
    study = optuna.create_study(sampler=sampler)
    for _ in range(n):
        study.tell(study.ask(SPACE), 0.0)
    return [trial.params for trial in study.trials]


def _bowl(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", -1, 1) ** 2 + trial.suggest_float("y", -1, 1) ** 2


def _marked(study: optuna.Study) -> list[int]:
    return [
        trial.number for trial in study.trials if storage.read(trial.system_attrs, storage.RANDOM)
    ]


@pytest.mark.parametrize("every", [2, 3, 5])
def test_every_mth_trial_is_random_and_marked(every: int) -> None:
    sampler = _Stubborn()
    study = optuna.create_study(sampler=InterleavedSampler(sampler, every=every, seed=0))
    study.optimize(lambda t: t.suggest_float("x", -2, 3) + t.suggest_int("n", 1, 6), n_trials=12)
    at_random = list(range(every - 1, 12, every))
    assert _marked(study) == at_random
    assert [t.number for t in study.trials if t.params["x"] != 1.0] == at_random
    others = [number for number in range(12) if number not in at_random]
    assert [number for what, number in sampler.seen if what == "relative"] == others
    assert [number for what, number in sampler.seen if what == "independent"] == others


def test_the_other_sampler_hears_of_all_trials() -> None:
    """Of the beginning of each and of its end."""
    sampler = _Stubborn()
    _ask(InterleavedSampler(sampler, every=2), 4)
    for what in ("before", "after"):
        assert [number for heard, number in sampler.seen if heard == what] == [0, 1, 2, 3]


def test_the_other_sampler_learns_from_random_trials() -> None:
    """TPE with the random trials in its past chooses as it does with the same trials given."""
    study = optuna.create_study(
        sampler=InterleavedSampler(TPESampler(seed=1, n_startup_trials=0), every=2, seed=0)
    )
    study.optimize(_bowl, n_trials=20)
    past = optuna.create_study(sampler=TPESampler(seed=5))
    past.add_trials(study.trials)
    study.sampler = TPESampler(seed=5)
    space = study.trials[0].distributions
    assert study.ask(space).params == past.ask(space).params
    only_chosen = optuna.create_study(sampler=TPESampler(seed=5))
    only_chosen.add_trials(study.trials[:20:2])
    assert only_chosen.ask(space).params != study.trials[-1].params


def test_random_trials_are_what_a_random_sampler_draws() -> None:
    """Uniform on each parameter's scale, and independent of each other."""
    n = 600
    ours = _ask(InterleavedSampler(_Stubborn(), every=2, seed=0), 2 * n)[1::2]
    theirs = _ask(RandomSampler(seed=0), n)
    columns = []
    for name, distribution in SPACE.items():
        codes = np.array([distribution.to_internal_repr(params[name]) for params in ours])
        other = np.array([distribution.to_internal_repr(params[name]) for params in theirs])
        if name in ("x", "lr"):
            assert stats.ks_2samp(codes, other).pvalue > 1e-3
            low, high = (-2.0, 3.0) if name == "x" else (-5.0, -1.0)
            unit = ((codes if name == "x" else np.log10(codes)) - low) / (high - low)
            assert stats.kstest(unit, "uniform").pvalue > 1e-3
        else:
            levels = np.unique(other)
            counts = [[np.sum(c == level) for level in levels] for c in (codes, other)]
            assert np.sum(counts) == 2 * n
            assert stats.chi2_contingency(counts).pvalue > 1e-3
        columns.append(stats.rankdata(codes))
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    following = [np.corrcoef(column[1:], column[:-1])[0, 1] for column in columns]
    assert np.abs(correlation).max() < 4.0 / math.sqrt(n)
    assert np.abs(following).max() < 4.0 / math.sqrt(n)


def test_the_same_seed_gives_the_same_trials() -> None:
    def params(seed: int | None) -> list[dict[str, Any]]:
        return _ask(InterleavedSampler(TPESampler(seed=1, n_startup_trials=2), seed=seed), 16)

    assert params(0) == params(0)
    assert params(0)[3] != params(1)[3]
    assert params(None)[3] != params(None)[3]


def test_random_trials_do_not_depend_on_how_many_threads_there_are() -> None:
    def at_random(n_jobs: int) -> list[dict[str, Any]]:
        sampler = InterleavedSampler(TPESampler(seed=0), every=3, seed=0)
        study = optuna.create_study(sampler=sampler)
        study.optimize(_bowl, n_trials=30, n_jobs=n_jobs)
        return [trial.params for trial in study.trials[2::3]]

    assert at_random(1) == at_random(4)


def test_workers_of_one_seed_do_not_repeat_each_other() -> None:
    """As two workers with RandomSampler(seed=0) would, and one that starts again."""
    study = optuna.create_study()
    samplers = [InterleavedSampler(_Stubborn(), every=2, seed=0) for _ in range(2)]
    samplers.append(pickle.loads(pickle.dumps(samplers[0])))
    for number in range(60):
        study.sampler = samplers[number // 2 % 3]
        study.tell(study.ask(SPACE), 0.0)
    drawn = [trial.params["x"] for trial in study.trials[1::2]]
    assert len(set(drawn)) == 30


def test_reseeding_is_for_the_other_sampler() -> None:
    inner = _Stubborn()
    sampler = InterleavedSampler(inner, every=2, seed=0)
    before = _ask(sampler, 4)
    sampler.reseed_rng()
    assert inner.n_reseeded == 1
    assert _ask(sampler, 4) == before


def test_conditional_parameters() -> None:
    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("model", ["tree", "line"]) == "tree":
            return trial.suggest_int("depth", 1, 9) / 9.0 + trial.suggest_float("leaf", 0, 1)
        return 9.0 + trial.suggest_float("slope", -1, 1)

    study = optuna.create_study(
        sampler=InterleavedSampler(TPESampler(seed=0, n_startup_trials=5), every=2, seed=0)
    )
    study.optimize(objective, n_trials=80)
    drawn = study.trials[1::2]
    n_lines = sum(trial.params["model"] == "line" for trial in drawn)
    assert stats.binomtest(n_lines, 40).pvalue > 1e-3
    leaves = [trial.params["leaf"] for trial in drawn if "leaf" in trial.params]
    assert stats.kstest(leaves, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    "sampler", [lambda: TPESampler(seed=0), lambda: NSGAIISampler(seed=0, population_size=6)]
)
def test_several_objectives(sampler: Callable[[], BaseSampler]) -> None:
    study = optuna.create_study(
        directions=["minimize", "maximize"],
        sampler=InterleavedSampler(sampler(), every=3, seed=0),
    )
    study.optimize(lambda t: (_bowl(t), t.suggest_float("z", 0, 1)), n_trials=30)
    assert _marked(study) == list(range(2, 30, 3))
    assert len(study.best_trials) > 0


def test_pruned_and_failed_trials_and_hyperband() -> None:
    """Hyperband shows its sampler a part of the study in place of the study."""

    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.number == 3:
            return math.nan
        for step in range(4):
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    study = optuna.create_study(
        study_name="s",  # Hyperband's brackets depend on it
        sampler=InterleavedSampler(TPESampler(seed=0, n_startup_trials=2), every=2, seed=0),
        pruner=optuna.pruners.HyperbandPruner(max_resource=4),
    )
    study.optimize(objective, n_trials=30)
    assert _marked(study) == list(range(1, 30, 2))
    assert {trial.state for trial in study.trials} == {
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
    }


@pytest.mark.parametrize(
    ("sampler", "mark"),
    [
        (lambda: CmaEsSampler(seed=0), "cma:generation"),
        (lambda: HsicSampler(seed=0, n_startup_trials=3), "tpe:relative_params:0"),
        (lambda: QMCSampler(seed=0), None),
        (lambda: BruteForceSampler(seed=0), None),
    ],
)
def test_other_samplers(sampler: Callable[[], BaseSampler], mark: str | None) -> None:
    study = optuna.create_study(sampler=InterleavedSampler(sampler(), every=3, seed=0))
    study.optimize(lambda t: t.suggest_int("x", 0, 50) + t.suggest_int("y", 0, 50), n_trials=21)
    assert _marked(study) == list(range(2, 21, 3))
    if mark is not None:
        assert {t.number for t in study.trials if mark in t.system_attrs}.isdisjoint(
            _marked(study)
        )
        assert sum(mark in t.system_attrs for t in study.trials) > 8


def test_a_gaussian_process() -> None:
    pytest.importorskip("torch")
    study = optuna.create_study(
        sampler=InterleavedSampler(GPSampler(seed=0, n_startup_trials=3), every=3, seed=0)
    )
    study.optimize(_bowl, n_trials=8)
    assert _marked(study) == [2, 5]
    assert "gp:relative_params:0" in study.trials[4].system_attrs
    assert "gp:relative_params:0" not in study.trials[5].system_attrs


def test_bad_arguments_are_named() -> None:
    with pytest.raises(TypeError, match="`sampler` must be a sampler, got 3"):
        InterleavedSampler(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`every` must be at least 2, got 1"):
        InterleavedSampler(RandomSampler(), every=1)
    with pytest.raises(ValueError, match="`seed` must not be negative, got -1"):
        InterleavedSampler(RandomSampler(), seed=-1)
    with pytest.raises(ValueError, match="put the PartialFixedSampler around"):
        InterleavedSampler(PartialFixedSampler({"x": 1}, RandomSampler()))
    with pytest.raises(ValueError, match="`sampler` must not be a GridSampler"):
        InterleavedSampler(GridSampler({"x": [1, 2]}))
