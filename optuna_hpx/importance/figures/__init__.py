"""Figures of what matters, drawn with plotly (extra: plot)."""

from optuna_hpx.importance.figures._ablation import plot_ablation_path
from optuna_hpx.importance.figures._by_objective import plot_importances_by_objective
from optuna_hpx.importance.figures._comparison import plot_importance_comparison
from optuna_hpx.importance.figures._densities import plot_densities
from optuna_hpx.importance.figures._effect import plot_marginal_effect
from optuna_hpx.importance.figures._importances import plot_importances
from optuna_hpx.importance.figures._interactions import plot_interactions
from optuna_hpx.importance.figures._profile import plot_importance_profile

__all__ = [
    "plot_ablation_path",
    "plot_densities",
    "plot_importance_comparison",
    "plot_importance_profile",
    "plot_importances",
    "plot_importances_by_objective",
    "plot_interactions",
    "plot_marginal_effect",
]
