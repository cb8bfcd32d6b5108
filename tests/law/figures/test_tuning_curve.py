from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import AsymptoticLaw, TrialTable, tuning_curve_band
from optuna_hpx.visualization import plot_tuning_curve
from tests import made_by_hand as hand
from tests.law.by_hand import UniformLaw


def _by_name(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.name}


def _band(figure: Any, name: str) -> Any:
    """The area of the line of that name."""
    return next(t for t in figure.data if t.legendgroup == name and t.fill == "toself")


def _notes(figure: Any) -> str:
    return figure.layout.title.text


def _all_y(figure: Any) -> np.ndarray:
    return np.concatenate([np.asarray(trace.y, dtype=float) for trace in figure.data])


def test_the_curve_is_the_median_with_the_middle_80_percent() -> None:
    figure = plot_tuning_curve(UniformLaw())
    line = _by_name(figure)["tuning curve"]
    assert (line.x[0], line.x[-1]) == (1, 400)
    np.testing.assert_allclose(line.y, 1.0 - 0.5 ** (1.0 / line.x))
    band = _band(figure, "tuning curve")
    np.testing.assert_allclose(band.y[: len(line.x)], 1.0 - 0.1 ** (1.0 / line.x))
    np.testing.assert_allclose(band.y[: len(line.x) - 1 : -1], 1.0 - 0.9 ** (1.0 / line.x))
    assert line.customdata[0] == "0.5, 0.1 to 0.9"
    assert figure.layout.xaxis.type == "log"


def test_the_forecast_starts_at_the_best_and_triples_the_trials() -> None:
    figure = plot_tuning_curve(UniformLaw())
    line = _by_name(figure)["forecast"]
    assert (line.x[0], line.x[-1]) == (100, 400)
    assert line.y[0] == 0.02
    assert line.y[-1] == pytest.approx(1.0 - 0.5 ** (1 / 300))
    assert line.line.dash == "dash"


def test_the_best_possible_has_its_interval() -> None:
    figure = plot_tuning_curve(UniformLaw())
    assert list(_by_name(figure)["best possible"].y) == [0.0, 0.0]
    assert list(_band(figure, "best possible").y) == [0.01, 0.01, -0.01, -0.01]


@pytest.mark.parametrize(("direction", "best"), [("minimize", [3, 1]), ("maximize", [3, 5])])
def test_the_best_so_far_has_the_users_sign(direction: str, best: list[float]) -> None:
    study = hand.study([TrialState.FAIL, [3.0], [1.0], [5.0], [4.0]], [direction])
    for given in (study, TrialTable.from_study(study)):
        line = _by_name(plot_tuning_curve(UniformLaw(direction, 5), given))["best so far"]
        assert list(line.y) == [*best, best[-1]], "it goes on to the last trial"
        assert list(line.x) == [2, 3 if direction == "minimize" else 4, 5], "trials are counted"
        assert line.line.shape == "hv"


def test_without_trials_there_is_no_best_so_far() -> None:
    assert "best so far" not in _by_name(plot_tuning_curve(UniformLaw()))
    failed = hand.study([TrialState.FAIL] * 3)
    assert "best so far" not in _by_name(plot_tuning_curve(UniformLaw(), failed))


def test_a_maximised_law_is_its_mirror_image() -> None:
    small = plot_tuning_curve(UniformLaw())
    intervals = {"best_possible": (-0.01, 0.01)}
    law = UniformLaw("maximize", best=-0.02, best_of_all=-0.02, intervals=intervals)
    large = plot_tuning_curve(law)
    for name in ("tuning curve", "forecast", "best possible"):
        np.testing.assert_allclose(_by_name(large)[name].y, -_by_name(small)[name].y)
    np.testing.assert_allclose(
        large.layout.yaxis.range, [-end for end in small.layout.yaxis.range[::-1]]
    )
    assert _notes(large) == _notes(small)
    assert large.layout.yaxis.title.text == "best value (maximize)"


def test_what_the_next_percent_costs() -> None:
    notes = _notes(plot_tuning_curve(UniformLaw()))
    assert "The next 1 % (0.005) takes about 45 more random trials." in notes
    assert "from the median trial to the best" in notes
    near = UniformLaw(best=0.001, best_of_all=0.001)
    assert "The next 1 % (0.005) is out of reach of random trials." in _notes(
        plot_tuning_curve(near)
    )
    assert "next 1 %" not in _notes(plot_tuning_curve(UniformLaw(failing=0.6)))


def test_infinite_quantiles_lead_off_the_axis() -> None:
    figure = plot_tuning_curve(UniformLaw(failing=0.6))
    assert np.isfinite(_all_y(figure)).all()
    line = _by_name(figure)["tuning curve"]
    assert line.y[0] > figure.layout.yaxis.range[1]
    assert line.customdata[0].startswith("inf, ")
    assert "null" not in figure.to_json()
    assert "leaves out" in _notes(figure)


def test_bad_first_trials_do_not_squash_the_rest() -> None:
    values = [[1e9], *[[0.1]] * 98, [0.02]]
    figure = plot_tuning_curve(UniformLaw(), hand.study(values))
    low, high = figure.layout.yaxis.range
    assert -0.1 < low < -0.01
    assert 0.1 < high < 0.5
    assert "leaves out what lies far off" in _notes(figure)


def test_an_interval_that_reaches_far_does_not_squash_the_rest_either() -> None:
    law = UniformLaw(intervals={"best_possible": (-1e6, 0.01)})
    assert plot_tuning_curve(law).layout.yaxis.range[0] > -1.0


def test_a_law_that_does_not_describe_says_so() -> None:
    assert "does not describe" not in _notes(plot_tuning_curve(UniformLaw()))
    assert "does not describe" in _notes(plot_tuning_curve(UniformLaw(describes=False)))


def test_noise_is_pointed_out_where_scores_beat_the_best_possible() -> None:
    assert "with noise" not in _notes(plot_tuning_curve(UniformLaw()))
    assert "with noise" in _notes(plot_tuning_curve(UniformLaw(best_possible=0.019)))


def test_among_other_trials_the_forecast_starts_at_the_best_of_all() -> None:
    law = UniformLaw(n_left_out=300, best_of_all=0.004)
    study = hand.study([[0.1]] * 399 + [[0.004]])
    figure = plot_tuning_curve(law, study)
    line = _by_name(figure)["forecast"]
    assert (line.x[0], line.x[-1]) == (400, 700)
    assert line.y[0] == 0.004
    assert max(_band(figure, "forecast").y) == 0.004, "the best of all is not lost"
    assert "that of the 100 random trials" in _notes(figure)
    assert "The next 1 % (0.005) is out of reach" in _notes(figure), "of the best of all"


def test_notes_fit_a_phone() -> None:
    law = UniformLaw(n_trials=1000, n_left_out=9000, describes=False, best_possible=0.019)
    for line in _notes(plot_tuning_curve(law)).split("<br>"):
        assert len(line) <= 62 + len('<span style="font-size: 11px"></span>')


def test_a_law_fitted_to_a_study() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=40)
    figure = plot_tuning_curve(AsymptoticLaw.fit_study(study), study)
    line = _by_name(figure)["best so far"]
    assert line.y[-1] == study.best_value
    assert line.x[-1] == _by_name(figure)["forecast"].x[0] == 40
    assert np.isfinite(_all_y(figure)).all()


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_band_alone(direction: str) -> None:
    sign = 1.0 if direction == "minimize" else -1.0
    scores = sign * np.random.default_rng(0).random(12)
    band = tuning_curve_band(scores, direction=direction, confidence=0.9)
    study = hand.study([[score] for score in scores], [direction])
    figure = plot_tuning_curve(band, study)
    lines = _by_name(figure)
    assert set(lines) == {"tuning curve", "best so far", "forecast"}
    np.testing.assert_allclose(lines["tuning curve"].y, band.curve(lines["tuning curve"].x))
    assert (lines["forecast"].x[0], lines["forecast"].x[-1]) == (12, 48)
    assert lines["forecast"].y[-1] == pytest.approx(band.best_after(36).median)
    assert "The curve has a 90 % band that rests on no law" in _notes(figure)
    assert "next 1 %" not in _notes(figure), "a forecast of so few is no more than a range"
    assert np.isfinite(_all_y(figure)).all()


def test_a_band_of_draws_among_other_trials() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=40)
    figure = plot_tuning_curve(tuning_curve_band(study), study)
    line = _by_name(figure)["forecast"]
    assert line.y[0] == study.best_value
    assert "that of the 10 random trials" in _notes(figure)
    for note in _notes(figure).split("<br>"):
        assert len(note) <= 62 + len('<span style="font-size: 11px"></span>')


@pytest.mark.parametrize("scores", [[1.0] * 9, [1.0, *[np.inf] * 8]])
def test_a_band_of_scores_that_tell_of_no_scale(scores: list[float]) -> None:
    figure = plot_tuning_curve(tuning_curve_band(scores))
    assert np.isfinite(_all_y(figure)).all()
    low, high = figure.layout.yaxis.range
    assert low < 1.0 < high


def test_something_else() -> None:
    with pytest.raises(TypeError, match="`law` must be an AsymptoticLaw"):
        plot_tuning_curve(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`study` must be a Study"):
        plot_tuning_curve(UniformLaw(), 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        plot_tuning_curve(UniformLaw(), hand.study([[1.0, 2.0]], ["minimize"] * 2))
    with pytest.raises(ValueError, match="`study` must minimize, as the law does"):
        plot_tuning_curve(UniformLaw(), hand.study([[1.0]], ["maximize"]))
