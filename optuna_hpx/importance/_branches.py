"""Which parameters a configuration has, as far as the trials tell what decides that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from optuna_hpx.importance._space import in_turn, regimes_by_rule
from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column

__all__ = ["MAX_REGIMES", "Located", "check_branches", "deciders"]

Located = tuple[int, float]
"""The regime of a value, and the value as Optuna holds it internally."""

_MIN_WITNESSES = 5
"""Trials with a choice, of which all or none have a parameter, that this is no chance: of a
parameter that half of the trials have, 1 in 16."""
_MAX_CHOICES = 20  # values of a parameter whose trials are looked at one by one
MAX_REGIMES = 20  # domains of one parameter; more are bounds that move smoothly


def check_branches(
    argument: str, configuration: Mapping[str, Located], trials: dict[str, Column]
) -> None:
    """Refuse a configuration with a parameter that it cannot have, or without one that it must.

    Args:
        argument: Its name, for errors.
        configuration: Its active parameters.
        trials: The parameters of the trials.

    Raises:
        ValueError: If the trials tell that no such configuration exists.
    """
    points = {
        name: _around(column, configuration, trials)
        for name, column in trials.items()
        if name in configuration or not column.has_one_domain
    }
    earlier: list[str] = []
    for name in in_turn(trials):
        if not trials[name].has_one_domain:
            _check(argument, name, configuration, trials, {n: points[n] for n in earlier})
        earlier.append(name)


def _around(
    column: Column, configuration: Mapping[str, Located], trials: dict[str, Column]
) -> Column:
    """Put a parameter at its own value, and at those of the trials next to it for each number.

    Between two trials a rule on a number may change anywhere: what holds on one side is possible.
    All columns have the same points, of which two move the number k alone.
    """
    regime, value = configuration.get(column.name, (INACTIVE, np.nan))
    points = [value]
    for name in configuration:
        if not trials[name].is_categorical:
            points += _neighbours(column, value) if name == column.name else [value] * 2
    return Column(
        column.name, column.distributions, np.full(len(points), regime), np.array(points)
    )


def _neighbours(column: Column, value: float) -> list[float]:
    """Return the values of trials on either side; the value itself if a trial has it."""
    x = column.values[column.regime != INACTIVE]
    if (x == value).any():
        return [value, value]
    below, above = x[x < value], x[x > value]
    return [below.max() if len(below) else value, above.min() if len(above) else value]


def _check(
    argument: str,
    name: str,
    configuration: Mapping[str, Located],
    trials: dict[str, Column],
    points: dict[str, Column],
) -> None:
    column, is_active = trials[name], name in configuration
    rule = regimes_by_rule(
        column, {other: trials[other] for other in points}, points, np.random.default_rng(0)
    )
    if rule is None:
        reason = _contradiction(name, configuration, trials)
    elif ((rule != INACTIVE) == is_active).any():
        reason = _bounds_missed(column, configuration, rule)
    else:
        reason = "as the others are, trials " + ("lack it" if is_active else "have it")
    if reason:
        problem = "has" if is_active else "lacks"
        raise ValueError(
            f"`{argument}` {problem} {name!r}, but {reason}: such a configuration cannot exist, "
            "as far as the trials tell."
        )


def _bounds_missed(column: Column, configuration: Mapping[str, Located], rule: np.ndarray) -> str:
    """Say which domain the value should be in; "" if it is in one that the trials allow."""
    if column.name not in configuration or len(column.distributions) > MAX_REGIMES:
        return ""
    value = np.array(configuration[column.name][1])
    allowed = [column.distributions[code] for code in np.unique(rule[rule != INACTIVE])]
    if any(domain.is_within(dist, value) for dist in allowed):
        return ""
    return f"as the others are, it is drawn from {' or '.join(map(str, allowed))}"


def _contradiction(
    name: str, configuration: Mapping[str, Located], trials: dict[str, Column]
) -> str:
    """Say which value of another parameter never, or always, goes with this one."""
    is_active = trials[name].regime != INACTIVE
    for other, located in configuration.items():
        column = trials[other]
        if other == name or not _has_few_values(column):
            continue
        witnesses = _trials_with(column, located)
        n, n_active = int(witnesses.sum()), int(is_active[witnesses].sum())
        if n >= _MIN_WITNESSES and n_active == (0 if name in configuration else n):
            value = column.distributions[located[0]].to_external_repr(located[1])
            share = "none" if n_active == 0 else "all"
            return f"{share} of the {n} trials with {other} = {value} have it"
    return ""


def deciders(
    column: Column,
    trials: dict[str, Column],
    ends: tuple[Mapping[str, Located], Mapping[str, Located]],
    candidates: Sequence[str],
) -> list[str]:
    """List the changes that may decide whether a parameter is active at one end only.

    Those are of parameters by whose values all trials with it are told from all without it.

    Args:
        column: The parameter in the trials.
        trials: All parameters.
        ends: The two configurations.
        candidates: Parameters that both have, with different values.
    """
    is_active = column.regime != INACTIVE
    sides = [column.name in end for end in ends]
    return [
        name
        for name in candidates
        if all(
            (is_active[rows] == side).all()
            for side, rows in zip(
                sides, _sides(trials[name], [end[name] for end in ends]), strict=True
            )
        )
    ]


def _sides(column: Column, ends: list[Located]) -> list[np.ndarray]:
    """Find the trials (N,) at either end: with its value, or, of a continuum, beyond it."""
    if _has_few_values(column):
        return [_trials_with(column, end) for end in ends]
    first, second = (end[1] for end in ends)
    sign = 1.0 if first < second else -1.0
    with np.errstate(invalid="ignore"):
        return [sign * column.values <= sign * first, sign * column.values >= sign * second]


def _has_few_values(column: Column) -> bool:
    return column.is_categorical or all(
        domain.n_possible_values(dist) <= _MAX_CHOICES for dist in column.distributions
    )


def _trials_with(column: Column, located: Located) -> np.ndarray:
    regime, value = located
    if column.is_categorical:
        labels = [repr(x) for x in column.external()]
        label = repr(column.distributions[regime].to_external_repr(value))
        return np.array([other == label for other in labels])
    return np.asarray(np.abs(column.values - value) <= domain.slack(column.distributions[regime]))
