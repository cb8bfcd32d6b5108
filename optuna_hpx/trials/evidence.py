"""What trials without a mark show of how they were drawn: their order, places and combinations.

Four looks, each of which random draws survive with a stated probability:

- the order of the trials (:func:`~optuna_hpx.statistics.exchangeability.order_test`), unless they
  were sorted by a value, and then their order is none in time;
- the combinations of their values, too near to each other or too far apart
  (:func:`~optuna_hpx.statistics.exchangeability.pairing_test`);
- values of a continuous parameter that occur again in other trials, as evolution inherits them;
- where the domains are known, whether the values lie evenly in them.

A study that grows is not looked at after each trial: of 100 trials and more, as many are looked at
as their number has when it is rounded down to two digits, and what they look like is kept. So the
last tenth, at most, is judged by those before it, whoever asks and however often.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, TypeAlias

import numpy as np
from optuna.trial import TrialState
from scipy.stats import rankdata

from optuna_hpx.statistics.evenness import (
    choice_p_value,
    combined_p_value,
    position_p_value,
    repeated_share,
)
from optuna_hpx.statistics.exchangeability import order_test, pairing_test
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column, TrialTable

__all__ = ["Verdict", "judge"]

_ORDER, _COMBINATION, _PLACES = 0.01, 0.001, 0.001
"""p-values below which random draws are not believed in; together 1.3 to 1.6 % of them fall short,
as combinations are called too near in two of a thousand."""
_VOUCHED, _N_PERMUTATIONS = (0.001, 1999), 299
"""The first of them, and the permutations, where the sampler vouches for the trials; and else."""
_DOUBTFUL = 0.05
"""A p-value of the order below which independence is not claimed either."""
_ENOUGH_TO_TELL = 100
"""Trials; of 60, a third of the hill climbs of benchmarks/trials/sampling.py pass for random."""
_ENOUGH_VALUES = 20
"""Values that a parameter must have taken: among few choices a sampler's hand is not seen."""
_REPEATED = 0.1  # of the values occurred before
_SOME = 20  # values, of which a share of repeated ones, or too even a spread, means anything
_FEW = 5  # expected trials for each choice, below which choices are tested as positions

Kind: TypeAlias = Literal["independent", "even", "adaptive", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """What the trials look like, and by what, in a sentence."""

    kind: Kind
    basis: str


def judge(table: TrialTable, rows: np.ndarray, *, is_vouched: bool = False) -> Verdict:
    """Judge whether trials can be independent random draws.

    Args:
        table: The table that has them.
        rows: (n,) of the trials, in the order of their numbers.
        is_vouched: Whether the study's sampler says that they are: then it takes more to deny it.

    Returns:
        ``"adaptive"`` if they are not; ``"even"`` if they are too evenly spread for it;
        ``"unknown"`` if they are too few, or of too few values, for a sampler to show;
        ``"independent"`` if one would have shown, and did not. It is kept, also with the tables
        of the study when it has grown.
    """
    rows = rows[: _rounded_down(len(rows))]
    key = ("verdict", blake2b(table.numbers[rows].tobytes()).digest(), is_vouched)
    if key not in table.kept:
        table.kept[key] = _judge(table, rows, is_vouched=is_vouched)
    verdict: Verdict = table.kept[key]
    return verdict


def _rounded_down(n: int) -> int:
    """Round a number of trials down to two digits, if it has more and there are enough to tell."""
    unit = 10 ** max(len(str(n)) - 2, 0)
    return n if n < _ENOUGH_TO_TELL else n // unit * unit


def _judge(table: TrialTable, rows: np.ndarray, *, is_vouched: bool) -> Verdict:
    columns = [column.take(rows) for column in table.columns.values()]
    columns = [column for column in columns if column.distributions]
    if not columns:
        return Verdict("unknown", "They have no parameters.")
    rng = np.random.default_rng(len(rows))  # the same answer whenever the same trials are asked
    if names := [column.name for column in columns if _inherits(column)]:
        return Verdict("adaptive", f"Values of {names[0]} occur again in other trials.")
    if table.trials:  # of a data frame only the smallest and the largest value are known
        p_places = [_p_of_places(column, rng) for column in columns]
        if min(p_places) * len(p_places) < _PLACES:
            name = columns[int(np.argmin(p_places))].name
            return Verdict("adaptive", f"They do not lie evenly in the domain of {name}.")
        p_even = [
            1.0 - p for p, column in zip(p_places, columns, strict=True) if column.is_continuum
        ]
        if len(rows) >= _SOME and p_even and combined_p_value(np.array(p_even)) < _PLACES:
            return Verdict("even", "They lie more evenly in their domains than random draws.")
    X = np.column_stack([_numbers(column) for column in columns])
    is_choice = [column.is_categorical for column in columns]
    losses = _ranked_losses(table, rows)
    level, n_permutations = _VOUCHED if is_vouched else (_ORDER, _N_PERMUTATIONS)
    p_order = None  # of rows that were sorted by a value, the order is none of time
    if not _is_sorted(losses, X):
        has_pruned = bool((table.states[rows] == TrialState.PRUNED).any())
        p_order = order_test(
            X, is_choice, losses, rng, n_permutations=n_permutations, scores_drift=has_pruned
        )
    if p_order is not None and p_order <= level:
        return Verdict("adaptive", f"Their values move with time (p = {p_order:.2g}).")
    p_near, p_far = pairing_test(X, is_choice, rng)
    return _sum_up(X, p_order, p_near, p_far, has_domains=bool(table.trials))


def _sum_up(
    X: np.ndarray, p_order: float | None, p_near: float, p_far: float, *, has_domains: bool
) -> Verdict:
    """Judge by the combinations; and whether a sampler would have shown."""
    if p_near <= _COMBINATION and not has_domains:
        return Verdict(
            "unknown",
            "Values of one parameter go with those of another, as a sampler that learns leaves "
            "them, or bounds that depend on each other.",
        )
    if p_near <= _COMBINATION:
        return Verdict("adaptive", f"Combinations of values recur (p = {p_near:.1g}).")
    if p_far <= _COMBINATION:
        return Verdict("even", "They are more evenly spread than random draws.")
    n_values = max(len(np.unique(x[np.isfinite(x)])) for x in X.T)
    if p_order is None or p_order <= _DOUBTFUL or len(X) < _ENOUGH_TO_TELL:
        return Verdict("unknown", "Nothing speaks against random draws, but little could.")
    if n_values < _ENOUGH_VALUES:
        return Verdict("unknown", "Among so few values nothing can speak against random draws.")
    return Verdict("independent", "They come in the order and combinations of random draws.")


def _numbers(column: Column) -> np.ndarray:
    """Return (n,) codes of choices, or positions; NaN where inactive."""
    return column.values if column.is_categorical else column.position


def _ranked_losses(table: TrialTable, rows: np.ndarray) -> np.ndarray:
    """Return (n,) the mean rank over the objectives; infinite unless complete and feasible."""
    losses = table.losses[rows]
    good = table.complete[rows] & table.feasible[rows]
    ranks = np.full(len(rows), np.inf)
    if good.any():
        ranks[good] = rankdata(losses[good], axis=0).mean(axis=1)
    return ranks


def _is_sorted(losses: np.ndarray, X: np.ndarray) -> bool:
    """Tell whether the rows were put in the order of a value, and so are not in order of time."""
    for values in (losses[np.isfinite(losses)], *X.T):
        steps = np.diff(values[np.isfinite(values)])
        if len(steps) and ((steps >= 0.0).all() or (steps <= 0.0).all()) and steps.any():
            return True
    return False


def _inherits(column: Column) -> bool:
    """Tell whether values that have a continuum to be drawn from occur again."""
    values = column.values[column.regime != INACTIVE]
    if len(values) < _SOME or not column.is_continuum:
        return False
    return repeated_share(values) > _REPEATED


def _p_of_places(column: Column, rng: np.random.Generator) -> float:
    """Return the p-value of the values' places in their domains, if these were drawn evenly."""
    active = column.regime != INACTIVE
    u = column.position[active]
    n_values = min(map(domain.n_possible_values, column.distributions))
    if np.isinf(n_values):
        return position_p_value(u)
    if domain.is_log(column.distributions[0]) or len(column.distributions) > 1 or n_values < 2:
        return 1.0  # the values are not equally likely, or not the same in all trials
    if len(u) >= _FEW * n_values:
        return choice_p_value(np.bincount((u * n_values).astype(int), minlength=int(n_values)))
    if column.is_categorical:
        return 1.0
    # A value is a cell: a random place in it makes the place of the value a continuous one.
    return position_p_value(u + (rng.random(len(u)) - 0.5) / n_values)
