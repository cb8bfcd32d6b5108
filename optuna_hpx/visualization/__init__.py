"""Figures of what the rest of the package computes, drawn with plotly (extra: plot).

What matters
    :func:`plot_importances`: the importance of each parameter, and how sure it is
    :func:`plot_interactions`: which parameters act together
    :func:`plot_importance_profile`: how importances move as the target set shrinks
    :func:`plot_densities`: where one parameter's good trials lie
What a sampler believed
    :func:`plot_beliefs`: which parameters count, and what they cost
    :func:`plot_cost`: quality against cost, with the best for each cost
How the study went
    :func:`plot_history`: the objective of each trial, and the best so far
How good it can get
    :func:`plot_tuning_curve`: the best of so many random trials, and the best possible
How a population trained
    :func:`plot_genealogy`: who descends from whom, and what came of it
    :func:`plot_schedule`: the hyperparameters of the best model, segment by segment
Whether it will hold on the next task
    :func:`plot_task_racing`: who was dropped when, and how far behind the best
    :func:`plot_certificate`: what the best configuration is worth on average over tasks, at least
    :func:`plot_dual_curve`: the utility of each task along a hyperparameter
"""

from optuna_hpx.visualization._beliefs import plot_beliefs
from optuna_hpx.visualization._certificate import plot_certificate
from optuna_hpx.visualization._cost import plot_cost
from optuna_hpx.visualization._densities import plot_densities
from optuna_hpx.visualization._dual_curve import plot_dual_curve
from optuna_hpx.visualization._genealogy import plot_genealogy
from optuna_hpx.visualization._history import plot_history
from optuna_hpx.visualization._importances import plot_importances
from optuna_hpx.visualization._interactions import plot_interactions
from optuna_hpx.visualization._profile import plot_importance_profile
from optuna_hpx.visualization._schedule import plot_schedule
from optuna_hpx.visualization._task_racing import plot_task_racing
from optuna_hpx.visualization._tuning_curve import plot_tuning_curve

__all__ = [
    "plot_beliefs",
    "plot_certificate",
    "plot_cost",
    "plot_densities",
    "plot_dual_curve",
    "plot_genealogy",
    "plot_history",
    "plot_importance_profile",
    "plot_importances",
    "plot_interactions",
    "plot_schedule",
    "plot_task_racing",
    "plot_tuning_curve",
]
