"""What trials without a mark show of how they were drawn: their order, places and combinations.

Four looks, each of which random draws survive with a stated probability:

- the order of the trials (:func:`~optuna_hpx.statistics.exchangeability.order_test`), unless they
  were sorted by a number, and then their order is none in time; and within the values of a
  parameter of few values by which they were sorted;
- the combinations of their values, too near to each other or too far apart
  (:func:`~optuna_hpx.statistics.exchangeability.pairing_test`);
- values of a continuous parameter that occur again in other trials, as evolution inherits them;
- where the domains are known, whether the values lie evenly in them.

All combinations of some values, each as often, are a grid, whatever their order.

A study that grows is not looked at after each trial: of 100 trials and more, as many are looked at
as their number has when it is rounded down to two digits, and what they look like is kept. So the
last tenth, at most, is judged by those before it, whoever asks and however often.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, TypeAlias

import numpy as np
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState
from scipy.stats import rankdata

from optuna_hpx.statistics.evenness import (
    choice_p_value,
    combined_p_value,
    position_p_value,
    repeated_share,
)
from optuna_hpx.statistics.exchangeability import order_test, pairing_test
from optuna_hpx.statistics.sortedness import is_listed_in_order, is_sorted_within
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
_NEVER = 0.01  # of the values occurred before: too few to be inherited
_STUCK = 0.05  # of the values are one: a bound, or what a person held on to
_LISTED = 1e-3
"""p-value below which values that occur again are no draws from a list, each as likely."""
_SINGLE = 0.25
"""Share of the values that occur once, up to which most of a list is known."""
_LATTICE = 1e4  # steps of the smallest size; between more of them chance has some at any distance
_LOST = 0.05
"""Share of the trials without a score, from which on scores may have changed with time for another
reason than a sampler: a fault that was mended, or a pruner that stops more and more."""
_MAX_LISTED = 1e6  # values of a log integer, whose probabilities are summed one by one
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
    if _is_factorial(columns):
        return Verdict("even", "They are all combinations of a grid.")
    if names := _inherited(columns):
        return Verdict("adaptive", f"Values of {names[0]} occur again in other trials.")
    p_places = [1.0]  # of a data frame only the smallest and the largest value are known
    if table.trials:
        p_places = [_p_of_places(column, rng) for column in columns]
    if min(p_places) * len(p_places) < _PLACES:
        name = columns[int(np.argmin(p_places))].name
        return Verdict("adaptive", f"They do not lie evenly in the domain of {name}.")
    is_even = bool(table.trials) and _are_even(columns, p_places)
    level = _VOUCHED[0] if is_vouched else _ORDER
    p_order = _p_of_order(table, rows, columns, rng, is_vouched=is_vouched)
    if p_order is not None and p_order <= level and not (is_even and is_vouched):
        return Verdict("adaptive", f"Their values move with time (p = {p_order:.2g}).")
    if is_even:
        return Verdict("even", "They lie more evenly in their domains than random draws.")
    X = np.column_stack([_numbers(column) for column in columns])
    p_near, p_far = pairing_test(X, [column.is_categorical for column in columns], rng)
    return _sum_up(X, p_order, p_near, p_far, has_domains=bool(table.trials))


def _are_even(columns: Sequence[Column], p_places: Sequence[float]) -> bool:
    """Tell whether the values lie more evenly in their domains than random draws do."""
    p_even = [
        1.0 - p
        for p, column in zip(p_places, columns, strict=True)
        if column.is_continuum and np.count_nonzero(column.regime != INACTIVE) >= _SOME
    ]
    return bool(p_even) and combined_p_value(np.array(p_even)) < _PLACES


def _p_of_order(
    table: TrialTable,
    rows: np.ndarray,
    columns: Sequence[Column],
    rng: np.random.Generator,
    *,
    is_vouched: bool,
) -> float | None:
    """Return the p-value of the order of the trials; None if it is none of time.

    Where the sampler vouches for the trials, only what it draws may contradict it: not the scores,
    which a mended fault moves, nor which parameters there are, as a person may have added one.
    """
    losses = _ranked_losses(table, rows)
    numbers = [_numbers(column) for column in columns]
    is_listed = np.array([is_listed_in_order(x) for x in numbers])
    blocks = numbers[int(np.argmax(is_listed))] if is_listed.any() else np.zeros(len(rows))
    if any(is_sorted_within(blocks, values) for values in (losses, *numbers)):
        return None
    scores_drift = is_vouched or bool(np.isinf(losses).mean() > _LOST)
    scores_drift |= bool((table.states[rows] == TrialState.PRUNED).any())
    scores_drift |= bool(is_listed.any())
    is_tested = ~is_listed
    if is_vouched:
        is_always = np.array([bool((column.regime != INACTIVE).all()) for column in columns])
        is_tested &= is_always if (is_tested & is_always).any() else True
    if not is_tested.any():
        return None
    tested = np.flatnonzero(is_tested).tolist()
    return order_test(
        np.column_stack([numbers[k] for k in tested]),
        [columns[k].is_categorical for k in tested],
        losses,
        rng,
        n_permutations=_VOUCHED[1] if is_vouched else _N_PERMUTATIONS,
        scores_drift=scores_drift,
    )


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


def _inherited(columns: Sequence[Column]) -> list[str]:
    """Name parameters whose values occur again, as evolution inherits them and a bound holds them.

    Who inherits has all parameters from others. One of which values occur again where those of
    others never do, and none too often, was worked out, as a ratio of two integers is.
    """
    continua = {
        column.name: values
        for column in columns
        if column.is_continuum and len(values := column.values[column.regime != INACTIVE]) >= _SOME
    }
    shares = {name: repeated_share(values) for name, values in continua.items()}
    again = [n for n, share in shares.items() if share > _REPEATED and not _is_list(continua[n])]
    if len(again) != 1 or len(continua) == 1:
        return again
    others = max(share for name, share in shares.items() if name != again[0])
    own = continua[again[0]]
    is_stuck = np.unique(own, return_counts=True)[1].max() > _STUCK * len(own)
    return again if others >= _NEVER or is_stuck else []


def _is_list(values: np.ndarray) -> bool:
    """Tell whether values come from a list, as that of a grid or of rounded numbers.

    They are at even distances; or most of them occur again, and all about as often, as chance has
    it: what is bred from, or stuck at, occurs more often than the rest.
    """
    distinct, counts = np.unique(values, return_counts=True)
    steps = np.diff(distinct) / np.diff(distinct).min(initial=np.inf)
    if steps.max(initial=0.0) <= _LATTICE and (np.abs(steps - np.round(steps)) < 0.01).all():
        return True
    is_rarely_single = (counts == 1).mean() <= _SINGLE
    return bool(is_rarely_single and _LISTED <= choice_p_value(counts) <= 1.0 - _LISTED)


def _is_factorial(columns: Sequence[Column]) -> bool:
    """Tell whether the rows are all combinations of some values, each as often."""
    if any((column.regime == INACTIVE).any() for column in columns):
        return False
    n, sizes = len(columns[0].values), []
    for column in columns:  # mostly the first two have too many values already
        sizes.append(len(np.unique(column.values)))
        if n % math.prod(sizes):
            return False
    if sum(size > 1 for size in sizes) < 2:
        return False
    codes = [np.unique(column.values, return_inverse=True)[1].ravel() for column in columns]
    counts = np.bincount(np.ravel_multi_index(codes, sizes), minlength=math.prod(sizes))
    return bool((counts == counts[0]).all())


def _has_equal_choices(dist: CategoricalDistribution) -> bool:
    """Tell whether some choice equals an earlier one, as 1 does True: that is stored instead."""
    return any(dist.choices.index(choice) < k for k, choice in enumerate(dist.choices))


def _p_of_places(column: Column, rng: np.random.Generator) -> float:
    """Return the p-value of the values' places in their domains, if these were drawn evenly."""
    active = column.regime != INACTIVE
    u = column.position[active]
    dist = column.distributions[0]
    n_values = min(map(domain.n_possible_values, column.distributions))
    if np.isinf(n_values):
        return position_p_value(u)
    if len(column.distributions) > 1 or n_values < 2:
        return 1.0  # the values are not the same in all trials, or not different
    if isinstance(dist, CategoricalDistribution) and _has_equal_choices(dist):
        return 1.0
    if domain.is_log(dist):
        if n_values > _MAX_LISTED:
            return 1.0
        # Each value takes a part of [0, 1]: a random place in it makes the place continuous.
        ends = np.append(0.0, np.cumsum(domain.probabilities(dist)))
        k = np.searchsorted(domain.possible_values(dist), column.values[active] - 0.5)
        return position_p_value(ends[k] + rng.random(len(k)) * (ends[k + 1] - ends[k]))
    if len(u) >= _FEW * n_values:
        return choice_p_value(np.bincount((u * n_values).astype(int), minlength=int(n_values)))
    if column.is_categorical:
        return 1.0
    # A value is a cell: a random place in it makes the place of the value a continuous one.
    return position_p_value(u + (rng.random(len(u)) - 0.5) / n_values)
