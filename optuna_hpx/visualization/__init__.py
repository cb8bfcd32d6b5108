"""Figures of what the rest of the package computes, drawn with plotly (extra: plot).

What matters
    :func:`plot_importances`: the importance of each parameter, and how sure it is
    :func:`plot_interactions`: which parameters act together
    :func:`plot_importance_profile`: how importances move as the target set shrinks
    :func:`plot_densities`: where one parameter's good trials lie
How the study went
    :func:`plot_history`: the objective of each trial, and the best so far
"""

from optuna_hpx.visualization._densities import plot_densities
from optuna_hpx.visualization._history import plot_history
from optuna_hpx.visualization._importances import plot_importances
from optuna_hpx.visualization._interactions import plot_interactions
from optuna_hpx.visualization._profile import plot_importance_profile

__all__ = [
    "plot_densities",
    "plot_history",
    "plot_importance_profile",
    "plot_importances",
    "plot_interactions",
]
