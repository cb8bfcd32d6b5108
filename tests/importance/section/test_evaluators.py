"""The evaluators of a page."""

from __future__ import annotations

import optuna

from optuna_hpx.canvas.material import Material
from optuna_hpx.importance.section import sections
from optuna_hpx.importance.section.evaluators import chosen_evaluator, ped_anova


def _study(sampler: optuna.samplers.BaseSampler, n_trials: int = 60) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)
    study.optimize(
        lambda trial: trial.suggest_float("x", 0, 1) + 0.1 * trial.suggest_float("y", 0, 1),
        n_trials=n_trials,
    )
    return study


def test_as_the_reader_chose() -> None:
    study = _study(optuna.samplers.RandomSampler(seed=0))
    told = Material.of(study, sampling="adaptive", space="trials", target_quantile=0.3)
    report = ped_anova(told).report(study)
    assert (report.sampling, report.space, report.n_target) == ("adaptive", "trials", 18)
    assert ped_anova(told, quantile=0.1).report(study).n_target == 6


def test_the_page_by_either() -> None:
    study = _study(optuna.samplers.RandomSampler(seed=0))
    by_default, by_hsic = (
        sections(Material.of(study, evaluator=name)) for name in ("ped-anova", "hsic")
    )
    assert by_default[0].data["measure"] != by_hsic[0].data["measure"]
    assert "R²" in by_hsic[0].tables[0].head
    titles = [[section.title for section in made] for made in (by_default, by_hsic)]
    assert len(titles[0]) == len(titles[1]) + 1, "no profile of another index"


def test_hsic_of_chosen_trials_asks_no_surrogate_unless_told() -> None:
    study = _study(optuna.samplers.TPESampler(seed=0))
    spaces = [
        chosen_evaluator(Material.of(study, evaluator="hsic", space=space)).report(study).space
        for space in (None, "uniform")
    ]
    assert spaces == ["trials", "uniform"]
