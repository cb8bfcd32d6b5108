"""HsicSampler: TPE where nothing is known, and what it does where something is."""

from __future__ import annotations

import copy
import logging
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import HsicSampler, sampler_beliefs
from optuna_hpx.samplers._evidence import Evidence
from optuna_hpx.samplers._memory import Belief, StudyMemory
from optuna_hpx.samplers._tpe import Choice, TPECandidates
from optuna_hpx.samplers.maths.mixture import Mixture
from optuna_hpx.statistics import parzen
from optuna_hpx.trials import storage as _storage
from optuna_hpx.trials.cost import read_costs

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _mixed(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 0, 1)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    n = trial.suggest_int("n", 1, 20)
    m = trial.suggest_int("m", 1, 64, log=True)
    s = trial.suggest_float("s", 0, 1, step=0.25)
    k = trial.suggest_categorical("k", ["a", "b", None])
    return (x - 0.3) ** 2 + 0.1 * abs(np.log10(lr) + 3) + 0.01 * n + 0.1 * (k == "a") + 0 * m * s


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the package logs."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler, logger = Lines(), logging.getLogger("optuna.hpx")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


class _AllActive(HsicSampler):
    def _activity(self, evidence: Evidence) -> np.ndarray:
        return np.ones(len(evidence.space))


class _Almost(HsicSampler):
    """Activities so near to 1 that the densities are our own, and the choice is TPE's."""

    def _activity(self, evidence: Evidence) -> np.ndarray:
        return np.full(len(evidence.space), 1.0 - 1e-12)


def _params(
    sampler: optuna.samplers.BaseSampler,
    objective: Callable[[optuna.Trial], Any] = _mixed,
    n: int = 60,
    **options: Any,
) -> list[dict[str, Any]]:
    study = optuna.create_study(sampler=sampler, **options)
    study.optimize(objective, n_trials=n)
    return [trial.params for trial in study.trials]


def _conditional(trial: optuna.Trial) -> float:
    if trial.suggest_categorical("model", ["tree", "line"]) == "tree":
        return trial.suggest_int("depth", 1, 9) / 9.0 + trial.suggest_float("leaf", 0, 1)
    return trial.suggest_float("slope", -1, 1) ** 2


def _constrained(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    trial.set_constraint("c", 0.4 - y)
    return x + y


@pytest.mark.parametrize("sampler", [_AllActive, _Almost])
@pytest.mark.parametrize("objective", [_mixed, _conditional, _constrained])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_all_active_and_no_cost_is_tpe_trial_by_trial(
    sampler: type[HsicSampler], objective: Callable[[optuna.Trial], float], direction: str
) -> None:
    ours = _params(sampler(seed=1, surrogate=False), objective, direction=direction)
    assert ours == _params(TPESampler(seed=1), objective, direction=direction)


def test_group_is_that_of_tpe() -> None:
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        ours = _params(_Almost(seed=1, group=True, surrogate=False), _conditional)
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        assert ours == _params(TPESampler(seed=1, group=True), _conditional)


def test_several_objectives_without_a_gaussian_process_are_left_to_tpe() -> None:
    def two(trial: optuna.Trial) -> tuple[float, float]:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        return x + y, (1 - x) ** 2 + y

    directions = ["minimize", "minimize"]
    ours = _params(HsicSampler(seed=1, surrogate=False), two, directions=directions)
    assert ours == _params(TPESampler(seed=1), two, directions=directions)


def test_idle_parameters_are_screened() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = np.array([trial.suggest_float(f"x{i}", 0, 1) for i in range(12)])
        return float(np.sum((x[:2] - 0.3) ** 2))

    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(objective, n_trials=120)
    beliefs = [_storage.read(t.system_attrs, _storage.BELIEF) for t in study.trials]
    last = [belief for belief in beliefs if belief is not None][-1]
    activity = last["activity"]
    assert min(activity["x0"], activity["x1"]) > 2.0 * np.mean(
        [activity[f"x{i}"] for i in range(2, 12)]
    )


@pytest.mark.parametrize(("surrogate", "most"), [(False, 0.2), (True, 0.4)])
def test_cost_moves_trials_to_where_they_are_cheap(surrogate: bool, most: float) -> None:
    def objective(trial: optuna.Trial) -> float:
        size = trial.suggest_float("size", 1, 100, log=True)
        trial.set_user_attr("cost", size**2)
        return (trial.suggest_float("x", 0, 1) - 0.5) ** 2 + 0.001 / size

    def median_cost(**options: Any) -> float:
        sampler = HsicSampler(seed=0, surrogate=surrogate, **options)
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective, n_trials=60)
        return float(np.median([t.user_attrs["cost"] for t in study.trials[20:]]))

    def cost(trial: FrozenTrial) -> float:
        return float(trial.user_attrs["cost"])

    assert median_cost(cost=cost) < most * median_cost()
    assert median_cost(cost=cost, cost_weight=0.0) == median_cost()


def test_durations_of_failed_and_pruned_trials_do_not_count() -> None:
    study = optuna.create_study(sampler=HsicSampler(cost="duration", seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.number % 4 == 1:
            raise optuna.TrialPruned
        if trial.number % 4 == 2:
            raise RuntimeError
        return x

    study.optimize(objective, n_trials=60, catch=RuntimeError)
    space = {"x": study.trials[0].distributions["x"]}
    evidence = Evidence.of(study, space, 1000)
    costs = read_costs(evidence.table, "duration")
    is_complete = evidence.table.states == TrialState.COMPLETE
    assert np.isfinite(costs[is_complete]).all()
    assert np.isnan(costs[~is_complete]).all()
    assert (evidence.table.states != TrialState.FAIL).all()


@pytest.mark.parametrize("odd", [0.0, -1.0, float("nan"), float("inf")])
def test_odd_costs_are_left_out_and_named(odd: float, said: list[str]) -> None:
    costs = {number: odd if number == 3 else 1.0 + number for number in range(30)}
    params = _params(HsicSampler(cost=lambda t: costs[t.number], seed=0), n=30)
    assert len(params) == 30
    assert "`cost` must return a positive, finite number" in said[0]
    assert "trial 3:" in said[0]


def test_a_cost_that_raises_is_named() -> None:
    study = optuna.create_study(sampler=HsicSampler(cost=lambda t: t.user_attrs["flops"], seed=0))
    with pytest.raises(ValueError, match=r"`cost` must return.* trial 0 .*KeyError: 'flops'"):
        study.optimize(_mixed, n_trials=30)
    assert len(_params(HsicSampler(cost=lambda t: t.user_attrs.get("flops"), seed=0), n=30)) == 30


@pytest.mark.parametrize("storage", ["memory", "sqlite", "journal"])
def test_a_resumed_study_goes_on_with_the_same_beliefs(storage: str, tmp_path: Path) -> None:
    """What is believed is a function of the trials: a new process need not be told."""
    kept: Any = None
    if storage == "sqlite":
        kept = f"sqlite:///{tmp_path}/study.db"
    if storage == "journal":
        backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "study.log"))
        kept = optuna.storages.JournalStorage(backend)
    study = optuna.create_study(
        study_name="s", storage=kept, sampler=HsicSampler(cost=lambda t: 1 + t.params["n"], seed=0)
    )
    study.optimize(_mixed, n_trials=40)
    if kept is not None:
        study = optuna.load_study(study_name="s", storage=kept)
    space = study.trials[-1].distributions
    beliefs = []
    for _ in range(2):
        sampler = HsicSampler(cost=lambda t: 1 + t.params["n"])
        choice = Choice(study, study.ask()._cached_frozen_trial, space)
        beliefs.append(sampler._belief(choice))
    assert beliefs[0].activity.tolist() == beliefs[1].activity.tolist()
    assert beliefs[0].cost is not None
    assert beliefs[1].cost is not None
    assert beliefs[0].cost.spread.tolist() == beliefs[1].cost.spread.tolist()


def test_every_storage_keeps_trials_and_beliefs(storage: optuna.storages.BaseStorage) -> None:
    study = optuna.create_study(
        storage=storage, sampler=HsicSampler(cost=lambda t: 1 + t.params["n"], seed=0)
    )
    study.optimize(_mixed, n_trials=25)
    in_memory = _params(HsicSampler(cost=lambda t: 1 + t.params["n"], seed=0), n=25)
    assert [trial.params for trial in study.trials] == in_memory
    beliefs = sampler_beliefs(optuna.load_study(study_name=study.study_name, storage=storage))
    assert beliefs.n_trials.tolist() == [10, 13, 17, 22]
    assert beliefs.cost.shape == (4, 6)


def _work(storage: str) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(
        study_name="s", storage=storage, sampler=HsicSampler(cost="duration")
    )
    study.optimize(_mixed, n_trials=20)


def test_several_processes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    optuna.create_study(study_name="s", storage=url)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(url,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    study = optuna.load_study(study_name="s", storage=url)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 40


def test_evidence_is_the_first_that_finished_whoever_looks_when() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(_mixed, n_trials=30)
    space = study.trials[0].distributions
    early = Evidence.of(study, space, 22)
    study.optimize(_mixed, n_trials=5)
    late = Evidence.of(study, space, 22)
    assert early.table.numbers.tolist() == late.table.numbers.tolist()


def test_several_threads() -> None:
    study = optuna.create_study(sampler=HsicSampler(cost="duration", seed=0))
    study.optimize(_mixed, n_trials=60, n_jobs=4)
    assert all(trial.state == TrialState.COMPLETE for trial in study.trials)


def test_moving_bounds() -> None:
    def objective(trial: optuna.Trial) -> float:
        return trial.suggest_float("x", 0, 1 + trial.number % 3) + trial.suggest_float("y", 0, 1)

    assert len(_params(HsicSampler(cost="duration", seed=0), objective)) == 60


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinite_values(value: float) -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1)
        return value if trial.number % 3 == 0 else x

    assert len(_params(HsicSampler(seed=0), objective)) == 60


def test_hyperband_and_pruned_trials() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1)
        for step in range(5):
            trial.report(x / (step + 1), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return x

    study = optuna.create_study(
        sampler=HsicSampler(cost="duration", seed=0), pruner=optuna.pruners.HyperbandPruner()
    )
    study.optimize(objective, n_trials=60)
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE, TrialState.PRUNED}


@pytest.mark.parametrize("wrap", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_can_be_copied(wrap: Callable[[HsicSampler], HsicSampler]) -> None:
    sampler = HsicSampler(cost="duration", seed=0)
    study = optuna.create_study(sampler=sampler)
    study.optimize(_mixed, n_trials=20)
    assert len(_params(wrap(sampler), n=20)) == 20


class _Fixed(TPECandidates):
    """Candidates whose mixtures are given."""

    def mixtures(self) -> tuple[Mixture, Mixture]:
        return self.better, self.others


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_candidates_are_ranked_by_tempered_ratio_and_cost(weight: float) -> None:
    rng = np.random.default_rng(0)
    space: dict[str, BaseDistribution] = {
        "x": FloatDistribution(0, 1),
        "k": CategoricalDistribution(("a", "b")),
    }
    study = optuna.create_study()
    xs = rng.random(40)
    for x in xs.tolist():
        study.add_trial(
            optuna.create_trial(
                params={"x": x, "k": str(rng.choice(["a", "b"]))},
                distributions=space,
                value=x,
                user_attrs={"cost": float(np.exp(x))},
            )
        )
    sampler = HsicSampler(cost=lambda t: t.user_attrs["cost"], cost_weight=weight, seed=0)
    choice = Choice(study, study.ask()._cached_frozen_trial, space)
    evidence = Evidence.of(study, space, 40)
    belief = Belief(np.array([1.0, 0.3]), True, sampler._believe(evidence, StudyMemory()).cost)
    sampler._belief = lambda choice: belief  # type: ignore[method-assign]
    good, bad = (Mixture(rng.standard_normal((5, k, 2)), np.full(k, 1 / k)) for k in (3, 4))
    values = {"x": np.linspace(0, 1, 5), "k": np.array([0, 1, 0, 1, 0])}
    ranks = sampler._rank(choice, _Fixed(lambda: np.zeros(5), values, good, bad))
    ratio = parzen.tempered(good.log_k, good.weights, belief.activity) - parzen.tempered(
        bad.log_k, bad.weights, belief.activity
    )
    expected = -weight * (values["x"] - xs.mean())  # the logarithm of cost is x itself
    assert ranks - ratio == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"cost": "time"}, TypeError, "`cost` must be None"),
        ({"cost": "duration", "cost_weight": -1.0}, ValueError, "`cost_weight` must be"),
        ({"cost_weight": 1.0}, ValueError, "`cost_weight` needs `cost`"),
        ({"cost_weight": "much"}, TypeError, "`cost_weight` must be a number"),
        ({"n_startup_trials": -1}, ValueError, "`n_startup_trials` must be at least 0"),
        ({"n_ei_candidates": 0}, ValueError, "`n_ei_candidates` must be at least 1"),
        ({"seed": "x"}, TypeError, "`seed` must be an int"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        HsicSampler(**arguments)


def test_attributes_that_are_long_are_whole_again() -> None:
    study = optuna.create_study()
    trial = study.ask()
    value = {f"parameter {i}": i / 7.0 for i in range(300)}
    _storage.write(study, trial._cached_frozen_trial, "hpx:test", value)
    attributes = study.trials[0].system_attrs
    assert _storage.read(attributes, "hpx:test") == value
    assert max(map(len, attributes.values())) <= 2045
    del attributes["hpx:test:1"]
    assert _storage.read(attributes, "hpx:test") is None
    assert _storage.read({}, "hpx:test") is None


def _chosen_by_surrogate(study: optuna.Study) -> list[FrozenTrial]:
    """Trials after the start that are not TPE's."""
    return [t for t in study.trials if t.number >= 10 and t.number % 4]


def test_the_surrogate_finds_the_optimum_sooner_than_tpe() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = np.array([trial.suggest_float(f"x{i}", 0, 1) for i in range(4)])
        return float(np.sum((x - [0.2, 0.4, 0.6, 0.8]) ** 2))

    def best(sampler: optuna.samplers.BaseSampler) -> float:
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective, n_trials=50)
        return study.best_value

    for seed in range(3):
        assert best(HsicSampler(seed=seed)) < 0.1 * best(TPESampler(seed=seed))


def test_proposals_of_the_surrogate_are_what_is_tried() -> None:
    """It asks for all parameters of a branch at once, and for no others."""
    proposals: dict[int, dict[str, Any]] = {}

    class Noting(HsicSampler):
        def sample_relative(self, study: Any, trial: FrozenTrial, search_space: Any) -> Any:
            proposals[trial.number] = super().sample_relative(study, trial, search_space)
            return proposals[trial.number]

    study = optuna.create_study(sampler=Noting(seed=0))
    study.optimize(_conditional, n_trials=60)
    chosen = _chosen_by_surrogate(study)
    assert len(chosen) == 38
    assert np.mean([proposals[t.number] == t.params for t in chosen]) > 0.95


def test_the_same_seed_gives_the_same_trials() -> None:
    for objective in (_mixed, _conditional, _constrained):
        assert _params(HsicSampler(seed=3), objective, 40) == _params(
            HsicSampler(seed=3), objective, 40
        )
    assert _params(HsicSampler(seed=3), n=20) != _params(HsicSampler(seed=4), n=20)


def test_constraints_are_modelled() -> None:
    shares = []
    for seed in range(3):
        study = optuna.create_study(sampler=HsicSampler(seed=seed))
        study.optimize(_constrained, n_trials=60)
        chosen = _chosen_by_surrogate(study)
        feasible = [t for t in chosen if t.params["y"] >= 0.4]
        shares.append(len(feasible) / len(chosen))
        assert min(t.value for t in feasible) < 0.43
    assert np.mean(shares) > 0.5  # of 12 seeds .70


def test_a_constraint_that_appears_is_modelled_at_once() -> None:
    """It comes before the other by its name, and long before the next fit."""

    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.set_constraint("b", 0.1 - x)
        if trial.number >= 36:
            trial.set_constraint("a", 0.3 - y)
        return x + y

    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(objective, n_trials=40)
    records = [_storage.read(t.system_attrs, _storage.SURROGATE) for t in study.trials]
    last = next(record for record in reversed(records) if record is not None)
    assert last["constraints"] == ["a", "b"]
    assert len(last["thetas"]) == 3
    assert sampler_beliefs(study).fallbacks == ()
    study.optimize(objective, n_trials=20)
    chosen = _chosen_by_surrogate(study)[-12:]
    assert np.mean([t.params["y"] >= 0.3 for t in chosen]) > 0.5


def test_two_that_start_from_one_storage_propose_with_the_same_hyperparameters(
    tmp_path: Path,
) -> None:
    """The second worker, and one that starts again, reads the fit of the first."""
    url = f"sqlite:///{tmp_path}/study.db"
    study = optuna.create_study(study_name="s", storage=url, sampler=HsicSampler(seed=0))
    study.optimize(_mixed, n_trials=30)
    n_fits = sum("hpx:surrogate:0" in t.system_attrs for t in study.trials)
    sampler = HsicSampler(seed=1)
    resumed = optuna.load_study(study_name="s", storage=url, sampler=sampler)
    resumed.optimize(_mixed, n_trials=1)  # number 30, of the Gaussian process
    assert sum("hpx:surrogate:0" in t.system_attrs for t in resumed.trials) - n_fits <= 1
    memory = sampler._memories[resumed].hyperparameters
    other = study.sampler._memories[study].hyperparameters  # type: ignore[attr-defined]
    if memory._key == other._key:
        assert [x.tolist() for x in memory._thetas] == [x.tolist() for x in other._thetas]
    assert len(resumed.trials) == 31


def test_workers_that_ask_at_once_try_different_points() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(_mixed, n_trials=30)
    space = study.trials[-1].distributions
    trials = [study.ask(space) for _ in range(8)]
    assert len({tuple(t.params.values()) for t in trials}) == 8
    x = [t.params["x"] for t in trials]
    assert max(x) - min(x) > 0.1


def test_parameters_that_are_fixed_from_outside() -> None:
    sampler = HsicSampler(seed=0)
    fixed = optuna.samplers.PartialFixedSampler({"x": 0.9, "k": "b"}, sampler)
    study = optuna.create_study(sampler=fixed)
    study.optimize(_mixed, n_trials=30)
    assert {(t.params["x"], t.params["k"]) for t in study.trials} == {(0.9, "b")}
    assert sampler_beliefs(study).fallbacks == ()


def test_a_space_that_changes_as_the_study_goes() -> None:
    """Parameters come and go, and bounds move; nothing fails and nothing is out of bounds."""

    def objective(trial: optuna.Trial) -> float:
        value = trial.suggest_float("x", 0, 1 if trial.number < 30 else 0.5)
        if trial.number >= 15:
            value += trial.suggest_int("new", 0, 5)
        if trial.number < 20:
            value += trial.suggest_float("old", 0, 1)
        return value

    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(objective, n_trials=60)
    assert all(t.params["x"] <= 0.5 for t in study.trials[30:])
    assert [f for f in sampler_beliefs(study).fallbacks if f.reason == "surrogate"] == []


@pytest.mark.parametrize("value", [0.0, float("nan"), 1e308])
def test_losses_that_tell_nothing(value: float) -> None:
    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0, 1), trial.suggest_int("n", 1, 3)
        return value if trial.number % 3 else -value

    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(objective, n_trials=40)
    assert [f for f in sampler_beliefs(study).fallbacks if f.reason == "surrogate"] == []


def test_a_single_parameter() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(lambda t: (t.suggest_float("x", -5, 5) - 2.0) ** 2, n_trials=30)
    assert study.best_value < 1e-3


def test_choices_that_json_does_not_know() -> None:
    class Net:
        pass

    nets = [Net(), Net()]
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    with pytest.warns(UserWarning, match="Choices for a categorical distribution"):
        study.optimize(
            lambda t: t.suggest_float("x", 0, 1) + (t.suggest_categorical("k", nets) is nets[0]),
            n_trials=12,
        )
    assert len(study.trials) == 12
