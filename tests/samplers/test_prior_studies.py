"""Studies of similar tasks: what of them counts today, and what is said of those that cannot."""

from __future__ import annotations

import pickle
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
from optuna.trial import TrialState
from scipy import stats

from optuna_hpx import HsicSampler, TrialTable, sampler_beliefs
from optuna_hpx.samplers._outlook import read_outlook
from optuna_hpx.samplers._prior_studies import PriorStudies, can_take, value_for
from optuna_hpx.trials import storage as storage_

DIRECTIONS: tuple[Any, ...] = ("minimize", "maximize")


def _loss(trial: optuna.Trial) -> float:
    x, lr = trial.suggest_float("x", 0, 1), trial.suggest_float("lr", 1e-4, 1, log=True)
    k, n = trial.suggest_categorical("k", ["a", "b", None]), trial.suggest_int("n", 1, 8)
    return (x - 0.3) ** 2 + 0.1 * (np.log10(lr) + 2) ** 2 + 0.2 * (k == "a") + 0.01 * n


def _study(n: int = 60, direction: Any = "minimize", seed: int = 0) -> optuna.Study:
    sign = -1.0 if direction == "maximize" else 1.0
    study = optuna.create_study(direction=direction, sampler=RandomSampler(seed=seed))
    study.optimize(lambda trial: sign * _loss(trial), n_trials=n)
    return study


def _line(prior: PriorStudies, space: dict[str, BaseDistribution]) -> np.ndarray:
    """What is said (11, k) along the first, numeric parameter, others in the middle."""
    points = np.full((11, len(space)), 0.5)
    points[:, 0] = np.linspace(0, 1, 11)
    return prior.features(points, space)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_good_is_small_in_either_direction(direction: Any) -> None:
    prior = PriorStudies.read(_study(direction=direction))
    h = _line(prior, {"x": FloatDistribution(0, 1)})[:, 0]
    assert np.argmin(h) in (2, 3, 4)
    assert h.argmax() == 10


def test_other_ranges_choices_and_parameters() -> None:
    """x ends at .5 and the choice has another order; lr is missing, "new" has nothing to say."""
    space: dict[str, BaseDistribution] = {
        "x": FloatDistribution(0, 0.5),
        "new": FloatDistribution(0, 1),
        "k": CategoricalDistribution(["b", "a", None, "c"]),
        "n": CategoricalDistribution([1, 2]),
    }
    prior = PriorStudies.read(_study(200))
    points = np.array([[0.6, 0.0, 0.0, 0.0], [0.6, 1.0, 0.0, 1.0], [0.6, 0.0, 1.0, 0.0]])
    h = prior.features(points, space)[:, 0]
    assert h[0] == pytest.approx(h[1])
    assert h[0] < h[2], "a is worse than b"
    assert np.argmin(_line(prior, {"x": space["x"]})[:, 0]) in (5, 6, 7)


def test_what_shares_nothing_says_nothing() -> None:
    prior = PriorStudies.read([_study(), _study(seed=1)])
    assert prior.features(np.zeros((3, 1)), {"y": FloatDistribution(0, 1)}).shape == (3, 0)
    assert prior.features(np.zeros((3, 1)), {"x": FloatDistribution(5, 6)}).shape == (3, 0)
    assert prior.features(np.zeros((3, 1)), {"x": FloatDistribution(0, 1)}).shape == (3, 2)
    assert prior.features(np.zeros((0, 1)), {"x": FloatDistribution(0, 1)}).shape == (0, 2)


def test_the_best_trials_come_first_of_all_studies_in_turn() -> None:
    one, two = _study(seed=0), _study(direction="maximize", seed=1)
    params = PriorStudies.read([one, two]).start_params(5)
    assert params[:2] == [one.best_params, two.best_params]
    assert len({tuple(each_trial.values()) for each_trial in params}) == 5


@pytest.mark.parametrize(
    ("distribution", "value"),
    [
        (FloatDistribution(0, 10), 3.0),
        (IntDistribution(0, 10), 3),
        (IntDistribution(0, 2), None),
        (FloatDistribution(0, 10, step=2), None),
        (CategoricalDistribution([1, 3]), 3),
        (CategoricalDistribution(["3"]), None),
    ],
)
def test_values_are_those_of_today_or_none(distribution: BaseDistribution, value: Any) -> None:
    params = {"p": 3}
    assert can_take(params, "p", distribution) is (value is not None)
    assert not can_take(params, "q", distribution)
    if value is not None:
        taken = value_for(params, "p", distribution)
        assert taken == value
        assert type(taken) is type(value)


@pytest.mark.parametrize(
    ("prior", "error", "message"),
    [
        (
            lambda: "study",
            TypeError,
            "`prior_study` must be a Study, a TrialTable or a list of these, got",
        ),
        (lambda: [1], TypeError, "got a int"),
        (
            lambda: _study(3),
            ValueError,
            "at least 5 complete, feasible trials with finite values and parameters, got 3 of 4",
        ),
        (lambda: optuna.create_study(directions=DIRECTIONS), ValueError, "one objective, got 2"),
    ],
)
def test_bad_priors(prior: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        HsicSampler(prior_study=prior())


def test_trials_without_parameters_are_no_prior() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: 1.0, n_trials=6)
    with pytest.raises(ValueError, match="got 6 of 0 parameters"):
        HsicSampler(prior_study=study)


def test_the_first_trials_are_good_ones_of_the_prior() -> None:
    prior = _study(200)
    study = optuna.create_study(sampler=HsicSampler(prior_study=prior, seed=1))
    study.optimize(_loss, n_trials=10)
    assert study.trials[0].params == prior.best_params
    known = [trial.params for trial in prior.trials]
    assert [trial.params in known for trial in study.trials] == [True] * 5 + [False] * 5


@pytest.mark.parametrize("options", [{}, {"group": True}, {"surrogate": False}])
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_conditional_space_that_is_another_today(options: dict[str, Any]) -> None:
    def today(trial: optuna.Trial) -> float:
        loss = trial.suggest_float("x", -1, 0.8) ** 2
        if trial.suggest_categorical("k", ["b", "new"]) == "b":
            loss += trial.suggest_int("n", 2, 4) + trial.suggest_float("y", 0, 1)
        return -loss

    study = optuna.create_study(
        direction="maximize", sampler=HsicSampler(prior_study=_study(), seed=0, **options)
    )
    study.enqueue_trial({"k": "new"})
    study.optimize(today, n_trials=40)
    assert study.trials[0].params["k"] == "new"
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    assert [f for f in sampler_beliefs(study).fallbacks if f.reason == "surrogate"] == []


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_choices_that_are_lists() -> None:
    """They have no hash; Optuna's samplers take them, too."""
    nets = [[64, 64], [128], [32]]

    def objective(trial: optuna.Trial) -> float:
        return trial.suggest_float("x", 0, 1) + nets.index(trial.suggest_categorical("k", nets))

    prior = optuna.create_study(sampler=RandomSampler(seed=0))
    prior.optimize(objective, n_trials=20)
    study = optuna.create_study(sampler=HsicSampler(prior_study=prior, seed=0))
    study.optimize(objective, n_trials=24)
    assert study.trials[0].params == prior.best_params
    assert study.best_params["k"] == [64, 64]
    assert sampler_beliefs(study).fallbacks == ()


def test_several_objectives_may_go_with_it() -> None:
    prior = _study()
    study = optuna.create_study(
        directions=["minimize"] * 2, sampler=HsicSampler(prior_study=prior, seed=0)
    )
    study.optimize(lambda trial: (_loss(trial), trial.params["n"]), n_trials=25)
    assert study.trials[0].params == prior.best_params
    assert [f for f in sampler_beliefs(study).fallbacks if f.reason == "surrogate"] == []


def test_nothing_is_written_to_it(storage: optuna.storages.BaseStorage) -> None:
    prior = optuna.create_study(storage=storage, sampler=RandomSampler(seed=0))
    prior.optimize(_loss, n_trials=20)
    before = repr((prior.trials, prior.user_attrs, storage_.study_attributes(prior)))
    study = optuna.create_study(storage=storage, sampler=HsicSampler(prior_study=prior, seed=0))
    study.optimize(_loss, n_trials=20)
    again = optuna.load_study(study_name=prior.study_name, storage=storage)
    assert repr((again.trials, again.user_attrs, storage_.study_attributes(again))) == before


def test_one_that_goes_on_with_the_same_prior_comes_to_the_same() -> None:
    """A sampler that was pickled, or made anew of a table; state is in the storage alone."""
    prior = _study()
    sampler = HsicSampler(prior_study=prior, seed=0)
    study = optuna.create_study(sampler=sampler)
    study.optimize(_loss, n_trials=20)
    prior.optimize(_loss, n_trials=5)  # what comes later does not count
    again = optuna.create_study(sampler=pickle.loads(pickle.dumps(sampler)))
    again.add_trials(study.trials)
    study.optimize(_loss, n_trials=10)
    again.optimize(_loss, n_trials=10)
    assert [t.params for t in study.trials] == [t.params for t in again.trials]


def test_a_table_is_as_good_as_its_study() -> None:
    studies = []
    for prior in (_study(), TrialTable.of(_study()), [_study()]):
        study = optuna.create_study(sampler=HsicSampler(prior_study=prior, seed=0))
        study.optimize(_loss, n_trials=15)
        studies.append([trial.params for trial in study.trials])
    assert studies[0] == studies[1] == studies[2]


def test_pruned_and_infeasible_trials_are_no_good_ones() -> None:
    study = optuna.create_study()
    space: dict[str, BaseDistribution] = {"x": FloatDistribution(0, 1)}
    for i, x in enumerate(np.linspace(0, 1, 30).tolist()):
        if i % 3 == 0:
            study.add_trial(
                optuna.create_trial(params={"x": x}, distributions=space, state=TrialState.PRUNED)
            )
            continue
        trial = study.ask(space)
        trial.set_constraint("c", trial.params["x"] - 0.5)
        study.tell(trial, -trial.params["x"])
    prior = PriorStudies.read(study)
    assert all(params["x"] <= 0.5 for params in prior.start_params(5))
    h = _line(prior, space)[:, 0]
    assert stats.spearmanr(h[6:], np.arange(5))[0] > -1.0
    assert h[:5].min() < h[6:].min()


def test_a_similar_task_is_solved_sooner() -> None:
    """Nearly the same optimum; and one that is opposite does not mislead for long."""

    def task(shift: float, sign: float = 1.0) -> Any:
        def objective(trial: optuna.Trial) -> float:
            x = np.array([trial.suggest_float(f"x{i}", 0, 1) for i in range(6)])
            return sign * float(np.sum(np.abs(x - 0.3 - shift) ** 1.5))

        return objective

    best: dict[str, list[float]] = {"none": [], "alike": [], "opposite": []}
    for seed in range(3):
        alike, opposite = (optuna.create_study(sampler=RandomSampler(seed=seed)) for _ in range(2))
        alike.optimize(task(0.02), n_trials=100)
        opposite.optimize(task(0.02, -1.0), n_trials=100)
        for name, prior in (("none", None), ("alike", alike), ("opposite", opposite)):
            study = optuna.create_study(sampler=HsicSampler(prior_study=prior, seed=seed))
            study.optimize(task(0.0), n_trials=30)
            best[name].append(study.best_value)
    assert np.median(best["alike"]) < 0.8 * np.median(best["none"])
    assert np.median(best["opposite"]) < 2.0 * np.median(best["none"])


def test_the_outlook_says_that_it_cannot_know_the_prior() -> None:
    study = optuna.create_study(sampler=HsicSampler(prior_study=_study(), seed=0))
    study.optimize(_loss, n_trials=24)
    assert read_outlook(TrialTable.of(study)) == (
        "HsicSampler had a prior study, which is not kept with this one"
    )


def test_workers_with_and_without_the_prior_do_not_take_one_another_s_fits() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(_loss, n_trials=14)
    study.sampler = HsicSampler(prior_study=_study(), seed=0)
    study.optimize(_loss, n_trials=4)
    records = [storage_.read(t.system_attrs, storage_.SURROGATE) for t in study.trials]
    assert {record["priors"] for record in records if record is not None} == {0, 1}
