"""Estimators: what was fitted is the parent's, parameters are the child's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from tests.population.codecs.parts import (
    ESTIMATORS,
    data,
    output,
    passed_on,
    train,
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_go_on_as_if_nothing_had_happened(name: str) -> None:
    estimator, other = ESTIMATORS[name](), ESTIMATORS[name]()
    train(estimator, 0)
    passed_on(model=estimator).load(model=other)
    for seed in (1, 2):
        train(estimator, seed)
        train(other, seed)
    assert np.array_equal(output(estimator), output(other))
    for key, value in vars(estimator).items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            assert np.array_equal(value, vars(other)[key]), key


def test_parameters_of_the_estimator_of_this_segment_win() -> None:
    estimator = SGDClassifier(alpha=1e-3, learning_rate="constant", eta0=0.1, random_state=0)
    train(estimator, 0)
    other = SGDClassifier(alpha=5e-2, learning_rate="constant", eta0=0.01, random_state=0)
    passed_on(model=estimator).load(model=other)
    assert (other.alpha, other.eta0) == (5e-2, 0.01)
    assert np.array_equal(other.coef_, estimator.coef_)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_the_network_trains_with_the_rate_of_this_segment(solver: str) -> None:
    """Its optimiser holds a copy of the rate that it was made with."""
    estimator = MLPClassifier((6,), solver=solver, learning_rate_init=0.5, random_state=0)
    train(estimator, 0)
    child = passed_on(model=estimator)
    moved = []
    for rate in (1e-6, 0.1):
        other = MLPClassifier(
            (6,), solver=solver, learning_rate_init=rate, momentum=0.0, random_state=0
        )
        child.load(model=other)
        train(other, 1)
        moved.append(np.abs(other.coefs_[0] - estimator.coefs_[0]).max())
    assert moved[0] < 1e-4 < moved[1]


@pytest.mark.filterwarnings("ignore")
def test_the_schedule_of_the_networks_rate_is_that_of_this_segment() -> None:
    def begun(schedule: str) -> Any:
        return MLPClassifier((6,), solver="sgd", learning_rate=schedule, random_state=0)

    estimator, other = begun("invscaling"), begun("constant")
    train(estimator, 0)
    passed_on(model=estimator).load(model=other)
    rate = other._optimizer.learning_rate
    train(other, 1)
    assert other._optimizer.learning_rate == rate


@pytest.mark.filterwarnings("ignore")
def test_another_class_of_estimator() -> None:
    estimator = GaussianNB()
    train(estimator, 0)
    child = passed_on(model=estimator)
    with pytest.raises(ValueError, match=r"was a GaussianNB\(\), got a SGDClassifier\(\)"):
        child.load(model=SGDClassifier())
    with pytest.raises(TypeError, match="was a scikit-learn estimator"):
        child.load(model=np.zeros(1))


@pytest.mark.filterwarnings("ignore")
def test_a_pipeline_keeps_its_fitted_steps() -> None:
    def begun(alpha: float) -> Any:
        return make_pipeline(StandardScaler(), SGDClassifier(alpha=alpha, random_state=0))

    x, y = data()
    parent = begun(1e-3).fit(x, y)
    child = begun(0.5)
    passed_on(model=parent).load(model=child)
    assert np.array_equal(parent.predict(x), child.predict(x))
    assert child[-1].alpha == 0.5
    with pytest.raises(ValueError, match="cannot be searched"):
        passed_on(model=parent).load(model=make_pipeline(SGDClassifier()))


@pytest.mark.filterwarnings("ignore")
def test_pipelines_and_unions_inside_a_pipeline_keep_their_fitted_steps() -> None:
    def begun(rate: float, kind: type = PCA) -> Any:
        union = make_union(StandardScaler(), make_pipeline(StandardScaler(), kind(2)))
        network = MLPClassifier((6,), learning_rate_init=rate, random_state=0)
        return make_pipeline(union, make_pipeline(network))

    x, y = data()
    parent, child = begun(0.1).fit(x, y), begun(0.01)
    passed_on(model=parent).load(model=child)
    assert np.array_equal(parent.predict(x), child.predict(x))
    network = child[-1][-1]
    assert network.learning_rate_init == network._optimizer.learning_rate_init == 0.01
    with pytest.raises(ValueError, match=r"pca=PCA.* got .*truncatedsvd=TruncatedSVD"):
        passed_on(model=parent).load(model=begun(0.1, TruncatedSVD))


@pytest.mark.filterwarnings("ignore")
def test_one_estimator_per_class() -> None:
    from sklearn.multiclass import OneVsRestClassifier

    x, y = data()
    parent = OneVsRestClassifier(SGDClassifier(alpha=1e-3, random_state=0)).fit(x, y)
    child = OneVsRestClassifier(SGDClassifier(alpha=0.5, random_state=0))
    passed_on(model=parent).load(model=child)
    assert {inner.alpha for inner in child.estimators_} == {0.5}
    assert np.array_equal(parent.predict(x), child.predict(x))


@pytest.mark.filterwarnings("ignore")
def test_a_network_with_another_solver_or_other_layers() -> None:
    parent = MLPClassifier((6,), solver="sgd", random_state=0)
    train(parent, 0)
    child = MLPClassifier((6,), solver="adam", random_state=0)
    passed_on(model=parent).load(model=child)
    train(child, 1)
    assert type(child._optimizer).__name__ == "AdamOptimizer"
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\[6\]"):
        passed_on(model=parent).load(model=MLPClassifier((9,)))


def test_averages_that_the_parents_estimator_did_not_keep() -> None:
    parent = SGDClassifier(random_state=0)
    train(parent, 0)
    with pytest.raises(ValueError, match=r"got a SGDClassifier\(average=True\)"):
        passed_on(m=parent).load(m=SGDClassifier(average=True))
