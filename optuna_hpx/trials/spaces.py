"""Whether two tables are of one search space."""

from __future__ import annotations

from collections.abc import Mapping

from optuna_hpx.trials import domain
from optuna_hpx.trials.table import Column

__all__ = ["choices_of_column", "differing_domains", "hull"]

_SAME_END = 0.05
"""Share of a domain by which its ends may differ: those of a table's column are guessed from
its values, of which the outermost ones lie a few percent apart."""


def differing_domains(a: Mapping[str, Column], b: Mapping[str, Column]) -> list[str]:
    """Name the parameters that only one side has, or that have another domain on each."""
    only = sorted(a.keys() ^ b.keys())
    return [*(name for name in a if name in b and not _is_alike(a[name], b[name])), *only]


def _is_alike(a: Column, b: Column) -> bool:
    if a.is_categorical != b.is_categorical or a.has_one_domain != b.has_one_domain:
        return False
    if a.is_categorical:
        return choices_of_column(a) == choices_of_column(b)
    kinds = [{(domain.is_log(d), type(d)) for d in column.distributions} for column in (a, b)]
    (low_a, high_a), (low_b, high_b) = (hull(column) for column in (a, b))
    slack = _SAME_END * max(high_a - low_a, high_b - low_b)
    return kinds[0] == kinds[1] and abs(low_a - low_b) <= slack and abs(high_a - high_b) <= slack


def hull(column: Column) -> tuple[float, float]:
    """Return the ends of all domains of a column together, on the scale that it is drawn on."""
    spans = [domain.span(dist) for dist in column.distributions]
    return float(min(low for low, _ in spans)), float(max(high for _, high in spans))


def choices_of_column(column: Column) -> set[str]:
    """Return the choices of a categorical column, as Python writes them."""
    return {repr(choice) for dist in column.distributions for choice in domain.choices_of(dist)}
