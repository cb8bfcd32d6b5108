"""Domains of parameters as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution

from optuna_hpx.canvas.words import listing
from optuna_hpx.trials import domain

if TYPE_CHECKING:
    from optuna_hpx.trials.table import Column

__all__ = ["describe_column", "describe_domain"]

_MAX_CHOICES = 4


def describe_domain(dist: BaseDistribution) -> str:
    """Write one distribution, of choices only how many there are."""
    if isinstance(dist, CategoricalDistribution):
        return f"{len(dist.choices)} choices"
    kind = "integer" if isinstance(dist, IntDistribution) else "float"
    low, high = domain.ends(dist)
    return f"{kind}{', log' if domain.is_log(dist) else ''}, {low:.4g} to {high:.4g}"


def describe_column(column: Column) -> str:
    """Write the distributions of a parameter, and of choices which there are."""
    texts = []
    for dist in column.distributions[:2]:
        if isinstance(dist, CategoricalDistribution):
            texts.append(listing([str(choice) for choice in dist.choices], at_most=_MAX_CHOICES))
        else:
            texts.append(describe_domain(dist))
    more = len(column.distributions) - len(texts)
    return "; ".join(texts) + (f"; {more} more" if more else "")
