"""What the page says of several objectives: what matters for each of them, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Chart, Section, TextTable
from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.importance._warnings import ASSESS_EACH
from optuna_hpx.importance.figures import plot_importances_by_objective
from optuna_hpx.importance.section.actions import UNTESTED, shown_by
from optuna_hpx.importance.section.basis import ends_in_words, n_telling
from optuna_hpx.importance.section.comparison import comparison_sections
from optuna_hpx.importance.section.evaluators import ped_anova
from optuna_hpx.importance.section.importances import importance_sentences
from optuna_hpx.importance.section.kinds import AnswerKind

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.importance import ImportanceReport

__all__ = ["objective_sentences", "objectives_sections", "on_front", "reports_by_objective"]

_MAX_OBJECTIVES = 5
_MAX_NAMED = 5  # parameters in a sentence
_HOW_TO_READ = (
    "Each objective is looked at by itself: its best trials are compared with all. A parameter "
    "may matter for one objective and not for another, and good values for one may be bad for "
    "another."
)


def reports_by_objective(material: Material) -> dict[str, ImportanceReport]:
    """Evaluate what matters for each of the first five objectives; none where there is one.

    Cost: that of a report for each.
    """
    # slow: brings in sklearn
    from optuna_hpx.importance._landscape import one_objective

    table = material.table
    if len(table.directions) == 1 or material.target_value is not None:
        return {}
    if not (table.complete.any() and table.columns):
        return {}
    evaluator = ped_anova(material)
    return {
        name: evaluator.report(one_objective(table, k))
        for k, name in enumerate(table.objective_names[:_MAX_OBJECTIVES])
    }


def objectives_sections(
    reports: Mapping[str, ImportanceReport], material: Material
) -> list[Section]:
    """Make the section on what matters for each objective; none where there is one.

    Args:
        reports: As :func:`reports_by_objective` gives them.
        material: Whose objectives are compared beyond chance, if that can be tested.
    """
    if not reports:
        return []
    is_tested = all(report.has_p_values for report in reports.values())
    parts = comparison_sections(material) if is_tested else []
    parts = [replace(part, is_folded=True) for part in parts]
    answer = prose(objective_sentences(reports))
    left_out = len(material.table.directions) - len(reports)
    if left_out:
        are = "is" if left_out == 1 else "are"
        answer += f" {count(left_out, 'further objective')} {are} left out."
    names = list(dict.fromkeys(name for report in reports.values() for name in report.names))
    return [
        Section(
            "What matters for each objective",
            answer=answer,
            basis=_basis(reports),
            charts=(_chart(reports, len(names)),) if names else (),
            tables=(_table(reports, names),) if names else (),
            parts=tuple(parts),
            verdict=answer,
            key="objectives",
            data={
                "objectives": [
                    {"name": name, "report": report.to_dict()} for name, report in reports.items()
                ]
            },
            how_to_read=_HOW_TO_READ,
        )
    ]


def on_front(what_matters: Section) -> Section:
    """Say of a section on several objectives at once that it is about their front."""
    verdict = "" if what_matters.verdict == UNTESTED else what_matters.verdict
    return replace(
        what_matters,
        title="What matters for the front",
        verdict=f"For the front as a whole: {verdict}" if verdict else "",
        warnings=tuple(
            warning.replace(f" {ASSESS_EACH}", "") for warning in what_matters.warnings
        ),
    )


def objective_sentences(reports: Mapping[str, ImportanceReport]) -> list[Sentence]:
    """Make a sentence for each objective on what is shown to matter for it."""
    shown = {
        name: shown_by(importance_sentences(report))
        for name, report in reports.items()
        if n_telling(report) and (report.has_p_values or report.is_tested_by_model)
    }
    sentences = [
        _sentence(name, shown[name][0]) if name in shown else _untold(name) for name in reports
    ]
    sources = [source for names, source in shown.values() if names]
    if not sources:
        return sentences
    level = percent(next(iter(reports.values())).confidence)
    by = max(sources, key=len)
    return [*sentences, Sentence(f"Each is {level} sure{by}.")]


def _sentence(objective: str, names: Sequence[str]) -> Sentence:
    if not names:
        return Sentence(f"No parameter is shown to matter for {objective}.")
    verb = "matters" if len(names) == 1 else "matter"
    claims = tuple(Claim(AnswerKind.MATTERS_FOR, (name, objective)) for name in names)
    return Sentence(f"{listing(names, at_most=_MAX_NAMED)} {verb} for {objective}.", claims)


def _untold(objective: str) -> Sentence:
    return Sentence(f"What matters for {objective} could not be tested.")


def _basis(reports: Mapping[str, ImportanceReport]) -> str:
    """Say what the numbers are those of."""
    of_surrogate = [name for name, report in reports.items() if report.space == "uniform"]
    if not of_surrogate:
        return "The importances describe the space as these trials sampled it."
    skills = [
        f"{reports[name].skill:.2f} for {name}"
        for name in of_surrogate
        if reports[name].skill is not None
    ]
    skill = f" (cross-validated skill, 1 is perfect: {listing(skills)})" if skills else ""
    if len(of_surrogate) == len(reports):
        return f"The importances are those of surrogates, for the whole search space{skill}."
    return (
        f"The importances for {listing(of_surrogate)} are those of surrogates, for the whole "
        f"search space{skill}; the others describe the space as these trials sampled it."
    )


def _chart(reports: Mapping[str, ImportanceReport], n_names: int) -> Chart:
    figure = plot_importances_by_objective(list(reports.values()), list(reports))
    n = count(n_names, "parameter")
    return Chart(figure, f"Chart: the importance of {n} for {listing(list(reports))}")


def _table(reports: Mapping[str, ImportanceReport], names: Iterable[str]) -> TextTable:
    """Put S of each parameter for each objective side by side, with how far it may be."""
    head = ["parameter"]
    for objective, report in reports.items():
        head += [f"S for {objective}", "interval" if report.space == "trials" else "range"]
    return TextTable(
        "Importance S for each objective",
        head=tuple(head),
        rows=tuple(
            (name, *(cell for report in reports.values() for cell in _cells(report, name)))
            for name in names
        ),
        numeric=frozenset(range(1, len(head))),
        has_long_heads=True,
    )


def _cells(report: ImportanceReport, name: str) -> tuple[str, str]:
    if name not in report.names or not report.regimes[name]:
        return "–", "–"
    k = report.names.index(name)
    return f"{report.importances[k]:.3f}", ends_in_words(report, k)
