"""The effect of a parameter on the objective, beside its densities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.importance.figures import plot_marginal_effect

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.importance import MarginalEffect

__all__ = ["effects_of", "with_effects"]

_MAX_EFFECTS = 4  # parameters, the most important ones: each takes half a second


def effects_of(material: Material, names: Sequence[str]) -> dict[str, MarginalEffect]:
    """Predict the effects of the first of ``names``.

    None of several objectives, of a population, or where the objective cannot be predicted; nor of
    a parameter that too few trials have.
    """
    # slow: brings in sklearn
    from optuna_hpx.importance import NoSurrogateError, marginal_effect

    if len(material.table.directions) > 1 or material.has_segments:
        return {}
    effects = {}
    for name in names[:_MAX_EFFECTS]:
        try:
            effect = marginal_effect(material.table, name, seed=material.seed)
        except NoSurrogateError:  # said in the section on the path to the best trial
            continue
        if len(effect.values) > 1:
            effects[name] = effect
    return effects


def with_effects(
    sections: Sequence[Section],
    effects: Mapping[str, MarginalEffect],
    *,
    has_infeasible: bool = False,
) -> list[Section]:
    """Add to the part on a parameter, in any of the sections, its effect.

    Args:
        sections: The sections.
        effects: The effect of each parameter.
        has_infeasible: Whether trials violated a constraint, which effects do not mind.
    """
    subject = "the objective, whatever the constraints" if has_infeasible else "the objective"
    return [_with_effects(section, effects, subject) for section in sections]


def _with_effects(
    section: Section, effects: Mapping[str, MarginalEffect], subject: str
) -> Section:
    shown = [part.title for part in section.parts if part.title in effects]
    if not shown:
        return section
    return replace(
        section,
        basis=_with_limit(section, effects),
        parts=tuple(_with_effect(part, effects, subject) for part in section.parts),
        key="effects",
        data={name: effects[name].to_dict() for name in shown},
    )


def _with_limit(section: Section, effects: Mapping[str, MarginalEffect]) -> str:
    """Add to the basis of a section that effects are not of all of its parameters."""
    is_limited = len(section.parts) > _MAX_EFFECTS
    if not (is_limited and any(part.title in effects for part in section.parts)):
        return section.basis
    limit = f"Effects on the objective are predicted for the first {_MAX_EFFECTS} parameters only."
    return f"{section.basis} {limit}".strip()


def _with_effect(part: Section, effects: Mapping[str, MarginalEffect], subject: str) -> Section:
    effect = effects.get(part.title)
    if effect is None:
        return part
    label = f"Chart: the predicted objective along {part.title}, averaged over the search space"
    return replace(
        part,
        answer=f"{part.answer} By a surrogate of {subject}: {effect.in_words}",
        charts=(*part.charts, Chart(plot_marginal_effect(effect), label)),
    )
