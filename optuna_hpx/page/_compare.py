"""The page of two studies: which is better, what each found and took, and what matters in each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.pair import Pair
from optuna_hpx.canvas.words import listing
from optuna_hpx.importance.section import pair as importance
from optuna_hpx.law import pair_section as law
from optuna_hpx.page import _pair_summary
from optuna_hpx.page._content import Content

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.canvas.section import Section
    from optuna_hpx.trials.table import TrialTable

_OTHER_SPACES = (
    "The search spaces differ, in {}: the spaces are compared as well as the ways to search them."
)
_GUESSED_SPACES = (
    "The search spaces may differ, in {}: a table has values and not what they were drawn from. "
    "If they differ, the spaces are compared as well as the ways to search them."
)


def build_comparison(
    a: Study | TrialTable,
    b: Study | TrialTable,
    *,
    labels: tuple[str, str] = ("A", "B"),
    target_quantile: float = 0.1,
    region_quantile: float = 1.0,
    target_value: float | None = None,
    space: str | None = None,
    seed: int = 0,
) -> str:
    """Write a page of HTML on two studies that needs nothing else.

    Of random draws it tells which is better, from which number of trials, or seconds, on, with a
    confidence that holds for all of them at once. Of trials that a sampler chose one run of each
    is one observation: what was found, and how soon, is told, and nothing is claimed of others.

    Args:
        a: The first study, or a table of its trials.
        b: The second.
        labels: What to call them.
        target_quantile: The best share of the trials, which are called good.
        region_quantile: The share that they are compared with.
        target_value: Call good what reaches this value, instead of a share.
        space: What importances describe, as :class:`PedAnovaImportanceEvaluator` has it.
        seed: Of all that is random in the answers.

    Raises:
        ValueError: If an argument is out of its range, or the studies do not optimise the same.
        ImportError: If jinja2 or plotly is not installed.

    Cost: that of the answers, some seconds.

    Example:
        >>> import optuna
        >>> from optuna_hpx.page import build_comparison
        >>> def study_of(seed, worse):
        ...     study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        ...     study.optimize(lambda trial: trial.suggest_float("x", 0, 1) + worse, n_trials=60)
        ...     return study
        >>> page = build_comparison(study_of(0, 0.0), study_of(1, 0.5), labels=("good", "bad"))
        >>> "good is better than bad from 1 trial on" in page
        True
    """
    first, second = (
        Material.of(
            side,
            target_quantile=target_quantile,
            region_quantile=region_quantile,
            target_value=target_value,
            space=space,
            seed=seed,
        )
        for side in (a, b)
    )
    return content_of_pair(Pair(labels, (first, second))).to_html()


def content_of_pair(pair: Pair) -> Content:
    """Collect what the page of two studies says."""
    return Content(
        kind="compare",
        title=f"{pair.labels[0]} against {pair.labels[1]}",
        facts=tuple(_pair_summary.facts(pair)),
        summary=_pair_summary.summary(pair),
        sections=tuple(sections_of_pair(pair)),
    )


def sections_of_pair(pair: Pair) -> list[Section]:
    """Collect the sections, the verdict first."""
    verdict, *others = law.sections(pair) or [_pair_summary.observed_section(pair)]
    if names := _pair_summary.differing(pair):
        text = _GUESSED_SPACES if _pair_summary.has_guesses(pair) else _OTHER_SPACES
        warning = text.format(listing(names))
        verdict = replace(verdict, warnings=(warning, *verdict.warnings))
    return [
        verdict,
        *others,
        *_pair_summary.runs_sections(pair),
        *importance.sections(pair),
        *_pair_summary.spaces_sections(pair),
    ]
