"""One self-contained HTML page on one study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna

from optuna_hpx import __version__
from optuna_hpx._imports import require
from optuna_hpx.canvas.history import plot_history
from optuna_hpx.canvas.words import count, percent
from optuna_hpx.importance.figures import (
    plot_densities,
    plot_importance_profile,
    plot_importances,
    plot_interactions,
)
from optuna_hpx.importance.section import (
    densities as _density_sentences,
)
from optuna_hpx.importance.section import (
    importances as _sentences,
)
from optuna_hpx.importance.section import (
    profile as _profile_sentences,
)
from optuna_hpx.law import section as _law_sentences
from optuna_hpx.law.figures import plot_tuning_curve
from optuna_hpx.page import _summary
from optuna_hpx.population import section as _population_sentences
from optuna_hpx.population._page_population import population_of
from optuna_hpx.population.figures import plot_genealogy, plot_schedule
from optuna_hpx.samplers import sampler_beliefs
from optuna_hpx.samplers import section as _belief_sentences
from optuna_hpx.samplers.figures import plot_beliefs, plot_cost
from optuna_hpx.tasks import section as _tasks_sentences
from optuna_hpx.tasks._page_tasks import tasks_of
from optuna_hpx.tasks.figures import plot_certificate
from optuna_hpx.tasks.figures._task_racing import draw as draw_race

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from optuna.study import Study

    from optuna_hpx.importance import ImportanceProfile, ImportanceReport
    from optuna_hpx.law import AsymptoticLaw
    from optuna_hpx.samplers import SamplerBeliefs
    from optuna_hpx.trials.table import TrialTable

_MIN_SECONDS = 30.0  # of all trials, below which their durations are not worth a chart
_N_OPEN = 20  # densities drawn at once; the others when opened
_N_ROWS_OPEN = 15  # a table of more rows is folded

# In a script element only these end the element, or the line for an old parser.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


@dataclass(frozen=True)
class _Figure:
    """A figure for the template: what it shows in words, its height and its JSON."""

    label: str
    height: int
    json: Any  # Markup: safe in a script element


@dataclass(frozen=True)
class _Section:
    """A figure with a sentence on it."""

    sentence: str
    figure: _Figure


@dataclass(frozen=True)
class _Outlook(_Section):
    """With what it rests on."""

    basis: str


@dataclass(frozen=True)
class _Population:
    """Who descends from whom, and how the best model's hyperparameters changed."""

    sentence: str
    genealogy: _Figure
    schedule: _Figure | None


@dataclass(frozen=True)
class _Tasks(_Section):
    """How the race over tasks went, and what the best is worth on the next one."""

    certainty: str
    certificate: _Figure | None


@dataclass(frozen=True)
class _Parameter:
    name: str
    importance: float
    interval: str
    p_value: float
    p_familywise: float
    share: float
    n_regimes: int
    sentence: str
    figure: _Figure


def build_page(
    table: TrialTable,
    report: ImportanceReport,
    *,
    title: str,
    n_unfinished: int = 0,
    study: Study | None = None,
    profile: ImportanceProfile | None = None,
    law: AsymptoticLaw | None = None,
    law_note: str = "",
) -> str:
    """A page of HTML that needs nothing else: no file beside it and no network.

    It tells what was run and what was best, how the objective went, how a population trained if
    the trials are its segments, how good it can get if there is a ``law``, whether it will hold
    on the next task if ``study`` tuned a :class:`MultiTaskObjective`, which parameters matter, by
    themselves, together if ``report`` knows, and at which targets if there is a ``profile``, and
    where the good values of each lie.

    Args:
        table: The trials.
        report: What matters, as an importance evaluator of this package reports it on ``table``.
        title: The study's name.
        n_unfinished: Trials of the study that still wait or run, which no table has.
        study: That the trials are of: what its tasks are, no table has either. None if there are
            none.
        profile: Importances at several target quantiles. With fewer than two it is not shown.
        law: Of random search, as the trials tell it.
        law_note: For which trials the law holds; or, if there is no law, why there is none.

    Raises:
        ImportError: If jinja2 or plotly is not installed.
    """
    parameters = _parameters(report) if report.n_target else []
    beliefs = sampler_beliefs(table)
    page: str = _template().render(
        title=title,
        facts=_summary.facts(table, n_unfinished),
        best=_summary.best_table(table),
        history=_figure(
            plot_history(table), f"Chart: the objective of {count(len(table), 'trial')}"
        ),
        importances=_figure(
            plot_importances(report),
            f"Bar chart: the importance of {count(len(report.names), 'parameter')}",
        ),
        report=report,
        symbol="S" if report.measure == "S" else "R²",
        law=None if law is None else _law(law, table),
        law_warnings=[] if law is None else law.warnings,
        law_note=law_note,
        population=_population(table),
        tasks=_tasks(study),
        beliefs=_beliefs(beliefs),
        cost=_cost(table, beliefs),
        level=f"{percent(report.confidence)} interval",
        n_target=count(report.n_target, "target trial"),
        n_trials=count(report.n_trials, "trial"),
        n_complete=int(table.complete.sum()),
        on_importances=_sentences.on_importances(report),
        interactions=_interactions(report) if parameters else None,
        profile=_profile(profile) if parameters else None,
        parameters=parameters,
        n_open=_N_OPEN,
        n_rows_open=_N_ROWS_OPEN,
        plotly_js=_safe(require("plotly.offline", extra="plot").get_plotlyjs()),
        versions=f"optuna_hpx {__version__} and Optuna {optuna.__version__}",
    )
    return page


@lru_cache(maxsize=1)
def _template() -> Any:
    jinja2 = require("jinja2", extra="report")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("optuna_hpx.page", package_path=""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.j2")


def _safe(text: str) -> Any:
    return require("markupsafe", extra="report").Markup(text)


def _figure(figure: go.Figure, label: str) -> _Figure:
    return _Figure(label, int(figure.layout.height), _safe(figure.to_json().translate(_ESCAPES)))


def _interactions(report: ImportanceReport) -> _Section | None:
    if report.interactions is None or len(report.names) < 2:
        return None
    label = f"Map: how {count(len(report.names), 'parameter')} act together in pairs"
    figure = _figure(plot_interactions(report), label)
    return _Section(_sentences.on_interactions(report), figure)


def _profile(profile: ImportanceProfile | None) -> _Section | None:
    if profile is None or len(profile.quantiles) < 2:
        return None
    label = (
        f"Chart: the importance of {count(len(profile.names), 'parameter')} "
        f"at {len(profile.quantiles)} targets"
    )
    figure = _figure(plot_importance_profile(profile), label)
    return _Section(_profile_sentences.on_profile(profile), figure)


def _law(law: AsymptoticLaw, table: TrialTable) -> _Outlook:
    n = count(law.n_trials, "random trial")
    label = f"Chart: the best so far, its forecast and the best possible of {n}"
    figure = _figure(plot_tuning_curve(law, table), label)
    return _Outlook(_law_sentences.on_outlook(law), figure, _law_sentences.on_law(law))


def _population(table: TrialTable) -> _Population | None:
    found = population_of(table)
    if found is None:
        return None
    n = count(len(found.ledger.published), "segment")
    genealogy = _figure(plot_genealogy(found.table), f"Chart: who descends from whom of {n}")
    schedule = None
    if found.schedule is not None:
        label = f"Chart: the hyperparameters of the best model in {len(found.schedule)} segments"
        schedule = _figure(plot_schedule(found.schedule, found.table), label)
    sentence = _population_sentences.on_population(found.ledger, found.schedule)
    return _Population(sentence, genealogy, schedule)


def _tasks(study: Study | None) -> _Tasks | None:
    found = tasks_of(study)
    if found is None:
        return None
    n, n_tasks = len(found.race.table), found.race.tasks.n_tasks
    label = f"Chart: how many of {count(n_tasks, 'task')} each of {count(n, 'trial')} came to"
    certificate = None
    if found.certificate is not None:
        figure = plot_certificate(found.certificate)
        certificate = _figure(figure, "Chart: the best configuration by task, and its certificate")
    return _Tasks(
        _tasks_sentences.on_race(found.race),
        _figure(draw_race(found.race), label),
        _tasks_sentences.on_certainty(found),
        certificate,
    )


def _beliefs(beliefs: SamplerBeliefs) -> _Section | None:
    if not len(beliefs.numbers):
        return None
    label = f"Chart: what the sampler believed of {count(len(beliefs.names), 'parameter')}"
    return _Section(_belief_sentences.on_beliefs(beliefs), _figure(plot_beliefs(beliefs), label))


def _cost(table: TrialTable, beliefs: SamplerBeliefs) -> _Section | None:
    """Where the sampler minded cost, or trials took long enough for anyone to mind."""
    is_minded = np.isfinite(beliefs.cost).any() or np.nansum(table.durations) >= _MIN_SECONDS
    if len(table.directions) > 1 or not is_minded:
        return None
    if not (table.complete & table.feasible & (table.durations > 0.0)).any():
        return None
    label = f"Chart: quality and duration of {count(len(table), 'trial')}"
    return _Section(_belief_sentences.on_cost(table), _figure(plot_cost(table), label))


def _parameters(report: ImportanceReport) -> list[_Parameter]:
    return [
        _Parameter(
            name=name,
            importance=float(importance),
            interval=f"{low:.2f} to {high:.2f}" if report.space == "trials" else "–",
            p_value=float(p),
            p_familywise=float(p_familywise),
            share=float(share),
            n_regimes=len(report.regimes[name]),
            sentence=_density_sentences.on_densities(report, name),
            figure=_figure(
                plot_densities(report, name),
                f"Chart: how often each value of {name} occurs among the target trials "
                "and among all trials",
            ),
        )
        for name, importance, low, high, p, p_familywise, share in zip(
            report.names,
            report.importances,
            report.ci_low,
            report.ci_high,
            report.p_values,
            report.p_values_familywise,
            report.normalized,
            strict=True,
        )
    ]
