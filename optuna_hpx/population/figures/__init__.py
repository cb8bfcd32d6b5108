"""Figures of how a population trained, drawn with plotly (extra: plot)."""

from optuna_hpx.population.figures._genealogy import plot_genealogy
from optuna_hpx.population.figures._schedule import plot_schedule

__all__ = ["plot_genealogy", "plot_schedule"]
