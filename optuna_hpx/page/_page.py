"""The page of a study: which sections it has, and in which order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from optuna_hpx.canvas.attempt import attempt
from optuna_hpx.canvas.material import Material
from optuna_hpx.importance import section as importance
from optuna_hpx.law import section as law
from optuna_hpx.page import _summary
from optuna_hpx.page._content import Content
from optuna_hpx.page._failures import failure_sections
from optuna_hpx.page._progress import no_step
from optuna_hpx.population import section as population
from optuna_hpx.samplers import section as samplers
from optuna_hpx.tasks import section as tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optuna.samplers import BaseSampler
    from optuna.study import Study

    from optuna_hpx.canvas.section import Section
    from optuna_hpx.page._progress import Step
    from optuna_hpx.trials.table import TrialTable

_WINGS = {
    "How the hyperparameters changed": population,
    "How good it can get": law,
    "Will it hold on the next task": tasks,
    "What matters": importance,
}
"""Whose sections follow on how the study went, in this order; each by the title it fails under."""


def build_page(
    study: Study | TrialTable,
    *,
    title: str | None = None,
    sampler: BaseSampler | None = None,
    target_quantile: float = 0.1,
    region_quantile: float = 1.0,
    target_value: float | None = None,
    evaluator: str = "ped-anova",
    space: str | None = None,
    sampling: str = "auto",
    seed: int = 0,
) -> str:
    """Write a page of HTML on a study that needs nothing else: no file beside it and no network.

    It tells what was run and what was best, how the objective went, how a population trained if
    the trials are its segments, how good it can get if the trials are random draws, whether it
    will hold on the next task if the study tuned a :class:`MultiTaskObjective`, which parameters
    matter, by themselves, together and at which targets, and where the good values of each lie.

    Args:
        study: The study, or a table of its trials; what its tasks are, only the study says.
        title: What to call it; the study's name if None.
        sampler: What drew the trials, if that is certain: a study that was loaded does not know.
        target_quantile: The best share of the trials, which are called good.
        region_quantile: The share that they are compared with.
        target_value: Call good what reaches this value, instead of a share.
        evaluator: Whose importances stand under "What matters": ``"ped-anova"``, or ``"hsic"``,
            which asks whether the goal depends on a parameter at all, and has no profile.
        space: What they describe, as :class:`PedAnovaImportanceEvaluator` has it: ``"auto"``,
            ``"uniform"`` or ``"trials"``; None: as is the evaluator's default.
        sampling: Who the trials are, if that is certain: ``"independent"`` draws, or
            ``"adaptive"``, chosen by a sampler or a person.
        seed: Of all that is random in the answers.

    Raises:
        ValueError: If an argument is out of its range, or ``target_value`` is given for several
            objectives.
        ImportError: If jinja2 or plotly is not installed.

    Cost: that of the answers; about seven seconds for 200 trials of 10 parameters, of which the
    surrogate takes most.

    Example:
        >>> import optuna
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=30)
        >>> page = build_page(study, title="A parabola")
        >>> "<h1>A parabola</h1>" in page and "<h2>What matters</h2>" in page
        True
    """
    material = Material.of(
        study,
        sampler=sampler,
        target_quantile=target_quantile,
        region_quantile=region_quantile,
        target_value=target_value,
        evaluator=evaluator,
        space=space,
        sampling=sampling,
        seed=seed,
    )
    if title is None:
        title = "Trials" if material.study is None else material.study.study_name
    return content_of(material, title).to_html()


def content_of(
    material: Material,
    title: str,
    *,
    n_unfinished: int = 0,
    facts: Sequence[tuple[str, str]] = (),
    reading: Section | None = None,
    step: Step = no_step,
) -> Content:
    """Collect what the page of ``material`` says, with what a file says of it and its reading.

    ``step`` is called with the name of each step as it begins.
    """
    n_unfinished += _summary.n_unfinished(material.study)
    sections = sections_of(material, step)
    if material.study is None:  # then there is none that a line of code could be about
        sections = [_without_code(section) for section in sections]
    return Content(
        kind="report",
        title=title,
        facts=(
            *_summary.facts(material.table, n_unfinished),
            *facts,
        ),
        summary=_summary.numbers_of(material.table, n_unfinished),
        sections=tuple(sections if reading is None else [*sections, reading]),
    )


def sections_of(material: Material, step: Step = no_step) -> list[Section]:
    """Collect what the page itself and all wings have to say, in the order of the page."""
    makers: dict[str, Callable[[], list[Section]]] = {
        "The best trial": lambda: _summary.best_sections(material.table),
        "How the study went": lambda: [_history(material)],
        "What failed or was pruned": lambda: failure_sections(material.table, material.seed),
        **{title: partial(wing.sections, material) for title, wing in _WINGS.items()},
    }
    sections = []
    for title, make in makers.items():
        step(title)
        sections += attempt(title, make)
    return sections


def _without_code(section: Section) -> Section:
    return replace(section, actions=tuple(replace(it, code="") for it in section.actions))


def _history(material: Material) -> Section:
    parts = attempt("What the sampler did", lambda: samplers.sections(material))
    return replace(_summary.history_section(material.table), parts=tuple(parts))
