"""One self-contained HTML page on one study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import optuna

from optuna_hpx import __version__
from optuna_hpx._imports import require
from optuna_hpx.report import _sentences, _summary
from optuna_hpx.report._words import count
from optuna_hpx.visualization import plot_densities, plot_history, plot_importances

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.importance import ImportanceReport
    from optuna_hpx.table import TrialTable

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
class _Parameter:
    name: str
    importance: float
    share: float
    n_regimes: int
    sentence: str
    figure: _Figure


def build_page(
    table: TrialTable, report: ImportanceReport, *, title: str, n_unfinished: int = 0
) -> str:
    """A page of HTML that needs nothing else: no file beside it and no network.

    It tells what was run and what was best, how the objective went, which parameters matter, and
    where the good values of each lie.

    Args:
        table: The trials.
        report: What matters, as an importance evaluator of this package reports it on ``table``.
        title: The study's name.
        n_unfinished: Trials of the study that still wait or run, which no table has.

    Raises:
        ImportError: If jinja2 or plotly is not installed.
    """
    parameters = _parameters(report) if report.n_target else []
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
        n_target=count(report.n_target, "target trial"),
        n_trials=count(report.n_trials, "trial"),
        n_complete=int(table.complete.sum()),
        on_importances=_sentences.on_importances(report),
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
        loader=jinja2.PackageLoader("optuna_hpx.report", package_path=""),
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


def _parameters(report: ImportanceReport) -> list[_Parameter]:
    return [
        _Parameter(
            name=name,
            importance=float(importance),
            share=float(share),
            n_regimes=len(report.regimes[name]),
            sentence=_sentences.on_densities(report, name),
            figure=_figure(
                plot_densities(report, name),
                f"Chart: how often each value of {name} occurs among the target trials "
                "and among all trials",
            ),
        )
        for name, importance, share in zip(
            report.names, report.importances, report.normalized, strict=True
        )
    ]
