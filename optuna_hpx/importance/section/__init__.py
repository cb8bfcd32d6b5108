"""What the page says of importances: what matters, together, at which target, and where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_hpx.canvas.attempt import attempt
from optuna_hpx.importance.section.actions import actions_of, verdict_of
from optuna_hpx.importance.section.densities import densities_sections, density_sentence
from optuna_hpx.importance.section.effects import effects_of, with_effects
from optuna_hpx.importance.section.evaluators import chosen_evaluator, ped_anova
from optuna_hpx.importance.section.importances import importance_sentences
from optuna_hpx.importance.section.in_trials import in_trials_sections
from optuna_hpx.importance.section.interactions import (
    interaction_sentences,
    interactions_sections,
)
from optuna_hpx.importance.section.objectives import (
    objective_sentences,
    objectives_sections,
    on_front,
    reports_by_objective,
)
from optuna_hpx.importance.section.path import path_sections
from optuna_hpx.importance.section.profile import profile_sections, profile_sentences
from optuna_hpx.importance.section.what_matters import what_matters_section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna_hpx.canvas.claims import Sentence
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.canvas.section import Section
    from optuna_hpx.importance import ImportanceProfile, ImportanceReport
    from optuna_hpx.trials.table import TrialTable

__all__ = ["sections", "sections_of", "sentences_of"]

_MAX_CROSSED = 100  # parameters: the pairs of more take long, and hardly any would stand out
_EFFECTS = "Effects on the objective"  # the title that only what fails has
_SEGMENTS = (
    "These trials are segments of a population: each goes on with the model of its parent, so "
    "that values of different generations do not compare, and what follows says more of "
    "generations than of parameters. GPBTScheduler.generation makes a study of one generation."
)


def sections(material: Material) -> list[Section]:
    """Evaluate what matters, and make the sections on it.

    Cost: that of :meth:`PedAnovaImportanceEvaluator.report` with all pairs of up to 100
    parameters, and without pairs for each of several objectives, of :func:`importance_profile`,
    and of :func:`ablation_path`.
    """
    report = _report(material)
    by_objective = reports_by_objective(material)
    is_answered = any(sentence.claims for sentence in objective_sentences(by_objective))
    profile = attempt(
        "What matters at which target", lambda: profile_sections(_profile(material, report.space))
    )
    what_matters, *others = _in_order(report, profile, material.table)
    if material.has_segments:
        what_matters = replace(what_matters, warnings=(_SEGMENTS, *what_matters.warnings))
    elif _compares(report):
        verdict, actions = (
            verdict_of(report),
            actions_of(report, columns=material.table.columns, is_answered=is_answered),
        )
        what_matters = replace(what_matters, verdict=verdict, actions=actions)
    if len(material.table.directions) > 1:
        what_matters = on_front(what_matters)
    in_trials = attempt("In the trials themselves", lambda: in_trials_sections(report, material))
    what_matters = replace(what_matters, parts=tuple(in_trials))
    details = [
        *_with_effects(others, material, report),
        *attempt("From the median trial to the best", lambda: path_sections(material)),
    ]
    return [
        *attempt(
            "What matters for each objective", lambda: objectives_sections(by_objective, material)
        ),
        what_matters,
        *(replace(section, is_detail=True) for section in details),
    ]


def _with_effects(
    others: Sequence[Section], material: Material, report: ImportanceReport
) -> list[Section]:
    """Add the effects of parameters, or say why there are none."""
    names = report.names if _compares(report) else ()
    has_infeasible = not material.table.feasible.all()

    def make() -> list[Section]:
        effects = effects_of(material, names)
        return with_effects(others, effects, has_infeasible=has_infeasible)

    made = attempt(_EFFECTS, make)
    is_lost = bool(made) and made[0].title == _EFFECTS
    return [*others, *made] if is_lost else made


def sections_of(
    report: ImportanceReport,
    profile: ImportanceProfile | None = None,
    table: TrialTable | None = None,
) -> list[Section]:
    """Make the sections of a report by any evaluator of this package, and of a profile.

    Args:
        report: What matters.
        profile: Importances at several target quantiles; with fewer than two it is not shown.
        table: The trials of the report, to tell whether its region has them all; None if it has.
    """
    return _in_order(report, profile_sections(profile), table)


def _in_order(
    report: ImportanceReport, profile: Sequence[Section], table: TrialTable | None
) -> list[Section]:
    is_whole = table is None or report.n_trials == _n_assessable(report, table)
    what_matters = what_matters_section(report, is_whole=is_whole)
    if not _compares(report):
        return [what_matters]
    return [
        what_matters,
        *interactions_sections(report),
        *profile,
        *densities_sections(report),
    ]


def sentences_of(
    report: ImportanceReport, profile: ImportanceProfile | None = None
) -> list[Sentence]:
    """List all sentences of :func:`sections_of` that are put together from claims."""
    if not _compares(report):
        return importance_sentences(report)
    return [
        *importance_sentences(report),
        *([] if report.interactions is None else interaction_sentences(report)),
        *([] if profile is None else profile_sentences(profile)),
        *(density_sentence(report, name) for name in report.names),
    ]


def _compares(report: ImportanceReport) -> bool:
    """Tell whether there is a target set that could differ from all trials, or ranks."""
    if report.score != "indicator":
        return bool(report.names and report.n_trials)
    return bool(report.names and 0 < report.n_target < report.n_trials)


def _n_assessable(report: ImportanceReport, table: TrialTable) -> int:
    """Count the COMPLETE trials that a report could rest on."""
    # slow: brings in sklearn
    from optuna_hpx.importance._basis import basis_of

    basis = basis_of(table, "auto")
    assessed = basis.table if report.sampling == "mixed" else basis.fresh
    return int(assessed.complete.sum())


def _report(material: Material) -> ImportanceReport:
    table, evaluator = material.table, chosen_evaluator(material)
    return evaluator.report(table, interactions=len(table.columns) <= _MAX_CROSSED)


def _profile(material: Material, space: str) -> ImportanceProfile | None:
    """Evaluate importances at those quantiles that lie within the region.

    In the ``space`` of the report: two spaces on one page are two answers to one question; and so
    are the indices of two evaluators, so that there is none beside HSIC's.
    """
    if material.evaluator != "ped-anova":
        return None
    # slow: brings in sklearn
    from optuna_hpx.importance import importance_profile
    from optuna_hpx.importance._profile import QUANTILES

    quantiles = [quantile for quantile in QUANTILES if quantile < material.region_quantile]
    if not quantiles:
        return None
    evaluator = ped_anova(material, space=space, quantile=quantiles[0])
    profile = importance_profile(material.table, quantiles, evaluator)
    return profile if profile.space == space else None
