"""What the page says of several objectives: what matters for one more than for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Chart, Section
from optuna_hpx.canvas.words import count
from optuna_hpx.importance.figures import plot_importance_comparison
from optuna_hpx.importance.section.evaluators import ped_anova
from optuna_hpx.importance.section.kinds import AnswerKind

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.importance import ImportanceComparison

__all__ = [
    "comparison_section",
    "comparison_sections",
    "comparison_sentences",
    "describe_comparison",
]

_MAX_COMPARED = 3  # objectives that are compared with the first
_MAX_NAMED = 5  # parameters in a sentence


def comparison_sections(material: Material) -> list[Section]:
    """Compare the objectives of a study, each with the first one; none where there is one."""
    # slow: brings in sklearn
    from optuna_hpx.importance import compare_importances

    if material.target_value is not None:
        return []
    evaluator = ped_anova(material, space="trials")
    table = material.table
    if not (table.complete.sum() and table.columns):
        return []
    return [
        comparison_section(
            compare_importances(table, targets=(0, k), evaluator=evaluator, seed=material.seed),
            key=f"objectives_0_{k}",
        )
        for k in range(1, len(table.directions))[:_MAX_COMPARED]
    ]


def comparison_section(comparison: ImportanceComparison, key: str = "objectives") -> Section:
    """Make the section on a comparison of two objectives."""
    first, second = comparison.labels
    n = count(len(comparison.names), "parameter")
    label = f"Chart: the importance of {n} for {first} and for {second}"
    return Section(
        f"What matters for {first}, and what for {second}",
        answer=describe_comparison(comparison),
        basis="Each objective is looked at by itself: its best trials against all.",
        charts=(Chart(plot_importance_comparison(comparison), label),),
        key=key,
        data=comparison.to_dict(),
    )


def describe_comparison(comparison: ImportanceComparison) -> str:
    """Say which parameters matter differently beyond chance, and on which side more."""
    return prose(comparison_sentences(comparison))


def comparison_sentences(comparison: ImportanceComparison) -> list[Sentence]:
    """Make the sentences on a comparison."""
    unseen = (Claim(AnswerKind.NOT_SEEN),)
    if not comparison.has_p_values:
        text = "Which of these differences are more than chance cannot be told from these trials."
        return [Sentence(text, unseen)]
    if not comparison.differing:
        text = (
            "Not enough is seen to say that a parameter matters differently: chance gives such "
            "differences as these, too, which does not mean that there are none."
        )
        return [Sentence(text, unseen)]
    named, others = comparison.differing[:_MAX_NAMED], comparison.differing[_MAX_NAMED:]
    sentences = [_sentence(comparison, name) for name in named]
    if others:
        verb = "does" if len(others) == 1 else "do"
        text = f"So {verb} {len(others)} more, on one side or the other."
        claims = tuple(claim for name in others for claim in _sentence(comparison, name).claims)
        sentences.append(Sentence(text, claims))
    return sentences


def _sentence(comparison: ImportanceComparison, name: str) -> Sentence:
    k = comparison.names.index(name)
    more, less = (0, 1) if comparison.difference[k] > 0.0 else (1, 0)
    s, p = comparison.importances[:, k], comparison.p_values_familywise[k]
    text = (
        f"{name} matters more for {comparison.labels[more]} (S = {s[more]:.2f}) than for "
        f"{comparison.labels[less]} ({s[less]:.2f}; p = {p:.2g} among all parameters)."
    )
    sides = comparison.labels[more], comparison.labels[less]
    return Sentence(text, (Claim(AnswerKind.MATTERS_MORE, (name, *sides)),))
