"""NoCertificateError: a ValueError whose reason is data."""

from __future__ import annotations

import pickle

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from optuna_hpx.tasks import NoCertificateError, certify
from tests.tasks.problems import add_trial


def test_it_says_the_reason_and_then_the_advice() -> None:
    error = NoCertificateError("There are too few.", "Add some.")
    assert isinstance(error, ValueError)
    assert (error.reason, error.advice) == ("There are too few.", "Add some.")
    assert str(error) == "There are too few. Add some."
    assert str(NoCertificateError("There are too few.")) == "There are too few."


def test_it_comes_through_a_pickle_whole() -> None:
    error = pickle.loads(pickle.dumps(NoCertificateError("There are too few.", "Add some.")))
    assert (error.reason, error.advice) == ("There are too few.", "Add some.")


def refusal(study: optuna.Study) -> NoCertificateError:
    with pytest.raises(NoCertificateError) as raised:
        certify(study, bounds=(0, 1))
    return raised.value


def test_what_a_study_may_lack() -> None:
    one = optuna.create_study()
    add_trial(one, 0.5, {0: 1.0})
    assert refusal(one).reason == "`study` must have at least 2 tasks, got 1."
    pruned = optuna.create_study()
    add_trial(pruned, 0.5, {0: 1.0, 1: 1.0}, state=TrialState.PRUNED)
    assert refusal(pruned).reason.endswith("0 to 1, got at most 2 values in any.")
    assert refusal(pruned).advice.startswith("Finish one without pruning")
    cut = optuna.create_study(direction="maximize")
    add_trial(cut, 0.3, {0: 0.3, 1: 0.3})
    add_trial(cut, 0.5, {0: 1.0})
    assert refusal(cut).reason.startswith("The best trial of `study`, 1, must have been")
    assert refusal(cut).advice.startswith("Finish it: `study.enqueue_trial(study.best_params)`")
    nameless = optuna.create_study()
    for _ in range(2):
        nameless.add_trial(create_trial(value=0.5, intermediate_values={0: 0.4, 1: 0.6}))
    assert "where trials have no parameters" in refusal(nameless).reason


def test_a_wrong_argument_is_none() -> None:
    study = optuna.create_study()
    add_trial(study, 0.5, {0: 0.4, 1: 0.6})
    for kwargs in ({"bounds": (0, 0.5)}, {"bounds": (1, 0)}, {"bounds": (0, 1), "n_configs": 0}):
        with pytest.raises(ValueError, match=r"`(bounds|n_configs)`") as raised:
            certify(study, **kwargs)  # type: ignore[arg-type]
        assert not isinstance(raised.value, NoCertificateError)
    with pytest.raises(TypeError, match="`bounds` must be a pair"):
        certify(study, bounds=1)  # type: ignore[arg-type]
