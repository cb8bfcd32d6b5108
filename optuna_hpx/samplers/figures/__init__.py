"""Figures of what a sampler believed and of what quality costs, with plotly (extra: plot)."""

from optuna_hpx.samplers.figures._beliefs import plot_beliefs
from optuna_hpx.samplers.figures._cost import plot_cost
from optuna_hpx.samplers.figures._outlook import plot_outlook

__all__ = ["plot_beliefs", "plot_cost", "plot_outlook"]
