from __future__ import annotations

from optuna_hpx import TrialTable
from optuna_hpx.law._front_history import front_history
from optuna_hpx.law.figures import plot_front_history
from tests.law.test_hypervolume import study_of


def test_it_ends_at_all_trials_and_names_its_reference_point() -> None:
    history = front_history(TrialTable.of(study_of(60)), (1.25, 0.0))
    assert history is not None
    figure = plot_front_history(history)
    (line,) = figure.data
    assert line.x[-1] == 60
    assert list(line.y) == sorted(line.y)
    assert "Reference point: 1.25, 0." in figure.layout.title.text
