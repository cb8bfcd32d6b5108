"""What cannot be compared, and what sides are called."""

from __future__ import annotations

import optuna
import pytest

from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._pair_checks import check_pair, labels_of
from optuna_hpx.page._sources import Source
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


def _source(study: optuna.Study, title: str = "s") -> Source:
    return Source(title, TrialTable.of(study), study)


def test_labels() -> None:
    one = hand.study([[1.0]])
    assert labels_of([_source(one, "a"), _source(one, "b")]) == ("a", "b")
    assert labels_of([_source(one), _source(one)]) == ("s (A)", "s (B)")


@pytest.mark.parametrize(
    ("directions", "said"),
    [
        (["maximize"], "'a' minimizes and 'b' maximizes"),
        (["minimize", "minimize"], "'a' has 1 objective and 'b' has 2"),
    ],
)
def test_other_objectives(directions: list[str], said: str) -> None:
    a, b = hand.study([[1.0]]), hand.study([[1.0] * len(directions)], directions)
    with pytest.raises(SourceError, match=said):
        check_pair([_source(a, "a"), _source(b, "b")])


def test_other_metrics() -> None:
    a, b = hand.study([[1.0]]), hand.study([[2.0]])
    a.set_metric_names(["loss"])
    check_pair([_source(a), _source(b)])
    b.set_metric_names(["error"])
    with pytest.raises(SourceError, match="measures loss and 's \\(B\\)' error"):
        check_pair([_source(a), _source(b)])
    b.set_metric_names(["loss"])
    check_pair([_source(a), _source(b)])


def test_the_same_trials_under_two_names() -> None:
    a = hand.study([[1.0], [2.0]])
    copy = optuna.create_study()
    copy.add_trials(a.trials)
    with pytest.raises(SourceError, match="the same trials"):
        check_pair([_source(a, "a"), _source(copy, "b")])
    copy.add_trial(optuna.create_trial(value=3.0))
    check_pair([_source(a, "a"), _source(copy, "b")])
