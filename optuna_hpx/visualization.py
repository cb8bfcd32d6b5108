"""Figures of what the rest of the package computes, drawn with plotly (extra: plot).

What matters
    :func:`plot_importances`: the importance of each parameter, and how sure it is
    :func:`plot_interactions`: which parameters act together
    :func:`plot_importance_profile`: how importances move as the target set shrinks
    :func:`plot_importance_comparison`: which parameters matter differently on two sides
    :func:`plot_ablation_path`: which changes to a default are worth how much
    :func:`plot_densities`: where one parameter's good trials lie
    :func:`plot_marginal_effect`: what one parameter does to the objective on average
What a sampler believed
    :func:`plot_beliefs`: which parameters count, and what they cost
    :func:`plot_outlook`: where a good result is surest, and how fast results change
    :func:`plot_cost`: quality against cost, with the best for each cost
How the study went
    :func:`plot_history`: the objective of each trial, and the best so far
How good it can get
    :func:`plot_tuning_curve`: the best of so many random trials, and the best possible
    :func:`plot_tuning_curve_comparison`: which of two searches is better after how many trials
    :func:`plot_hypervolume_outlook`: the hypervolume of several objectives, and its forecast
How a population trained
    :func:`plot_genealogy`: who descends from whom, and what came of it
    :func:`plot_schedule`: the hyperparameters of the best model, segment by segment
Whether it will hold on the next task
    :func:`plot_task_racing`: who was dropped when, and how far behind the best
    :func:`plot_certificate`: what the best configuration is worth on average over tasks, at least
    :func:`plot_dual_curve`: the utility of each task along a hyperparameter
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import optuna_hpx

if TYPE_CHECKING:
    from optuna_hpx.canvas.history import plot_history
    from optuna_hpx.importance.figures import (
        plot_ablation_path,
        plot_densities,
        plot_importance_comparison,
        plot_importance_profile,
        plot_importances,
        plot_interactions,
        plot_marginal_effect,
    )
    from optuna_hpx.law.figures import (
        plot_hypervolume_outlook,
        plot_tuning_curve,
        plot_tuning_curve_comparison,
    )
    from optuna_hpx.population.figures import plot_genealogy, plot_schedule
    from optuna_hpx.samplers.figures import plot_beliefs, plot_cost, plot_outlook
    from optuna_hpx.tasks.figures import plot_certificate, plot_dual_curve, plot_task_racing

__all__ = [
    "plot_ablation_path",
    "plot_beliefs",
    "plot_certificate",
    "plot_cost",
    "plot_densities",
    "plot_dual_curve",
    "plot_genealogy",
    "plot_history",
    "plot_hypervolume_outlook",
    "plot_importance_comparison",
    "plot_importance_profile",
    "plot_importances",
    "plot_interactions",
    "plot_marginal_effect",
    "plot_outlook",
    "plot_schedule",
    "plot_task_racing",
    "plot_tuning_curve",
    "plot_tuning_curve_comparison",
]


def __getattr__(name: str) -> Any:
    """Import a figure when it is first asked for: the package's index knows where it lives."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(optuna_hpx, name)


def __dir__() -> list[str]:
    """List the figures beside what every module has."""
    return sorted({*globals(), *__all__})
