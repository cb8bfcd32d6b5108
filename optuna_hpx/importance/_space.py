"""The search space behind the trials: points as numbers, and uniform draws from it."""

from __future__ import annotations

import numpy as np

from optuna_hpx.trials import domain
from optuna_hpx.trials.table import INACTIVE, Column

_MIN_RULE_SKILL = 0.5
"""How well a rule must hold in trials that it was not learnt from: 1 always, 0 like the mean."""


def encode(points: dict[str, Column], trials: dict[str, Column]) -> np.ndarray:
    """Encode the points as numbers (n, f) in [0, 1]: :func:`blocks` side by side."""
    return np.concatenate(blocks(points, trials), axis=1, dtype=float)


def blocks(points: dict[str, Column], trials: dict[str, Column]) -> list[np.ndarray]:
    """Encode the points as numbers in [0, 1], (n, f_k) for each parameter.

    A numeric parameter by its place between the outermost bounds that it ever had, on the log
    scale if it is log, 0.5 where inactive; a categorical one by an indicator of each choice. At
    the end an indicator of activity for each group of parameters that share it.

    Args:
        points: The parameters of n points, at least those of the trials.
        trials: The parameters of the trials, at least one; these decide what numbers there are,
            and between which bounds a place is.
    """
    groups: dict[bytes, str] = {}
    for name, column in trials.items():
        active = column.regime != INACTIVE
        if not active.all():
            groups.setdefault(active.tobytes(), name)
    return [
        *[
            _choices(points[name], column)
            if column.is_categorical
            else _place(points[name], column)
            for name, column in trials.items()
        ],
        *[(points[name].regime != INACTIVE)[:, None] for name in groups.values()],
    ]


def _choices(point: Column, column: Column) -> np.ndarray:
    return np.asarray(point.values[:, None] == np.arange(column.n_choices))


def _place(point: Column, column: Column) -> np.ndarray:
    return _within_hull(column, point.scaled)


def _within_hull(column: Column, s: np.ndarray) -> np.ndarray:
    """Return the place (n, 1) of ``s`` in [0, 1] between the outermost ends of all its domains.

    A parameter that is inactive is in the middle.
    """
    spans = np.array([domain.span(dist) for dist in column.distributions])
    place = domain.place_between(s, spans.min(), spans.max())
    return np.nan_to_num(place, nan=0.5)[:, None]


def unseen_choices(column: Column, code: int) -> np.ndarray:
    """Return the indices of the choices that no trial with the ``code``-th domain had.

    None of a number: between others there is something to go by.
    """
    if not column.is_categorical:
        return np.zeros(0)
    choices = domain.possible_values(column.distributions[code])
    return np.setdiff1d(choices, column.values[column.regime == code])


def draw(
    trials: dict[str, Column], n: int, rng: np.random.Generator
) -> tuple[dict[str, Column], tuple[str, ...]]:
    """Draw ``n`` points, each parameter uniform on its domain (on the log scale if it is log).

    When a parameter is active, and with which bounds, is a rule learnt from the trials: a
    decision tree on the parameters that more of them have. The threshold of a numeric gate is
    thereby known to lie between two trials, and no better. Where no rule is found, a parameter is
    active in as large a share of the points as of the trials, with the bounds of the latest.

    Args:
        trials: The parameters, each active in at least one of the trials.
        n: How many points.
        rng: Makes the draws.

    Returns:
        The same parameters of the points, with the same distributions and in the same order; and
        the names of those for which no rule was found.
    """
    return _draw(trials, n, None, rng)


def draw_along(
    trials: dict[str, Column], pinned: Column, n: int, rng: np.random.Generator
) -> dict[str, Column]:
    """Draw ``n`` points, and each again for every value of one parameter.

    The copies of a point differ in that parameter only, and in what it decides: which others are
    active, and with which bounds.

    Args:
        trials: As for :func:`draw`.
        pinned: The parameter, at v values with their regimes.
        n: How many points.
        rng: Makes the draws.

    Returns:
        The parameters of v n points, all points with the first value first. The pinned one is
        inactive where the others decide so.
    """
    return _draw(trials, n, pinned, rng)[0]


def in_turn(trials: dict[str, Column]) -> list[str]:
    """List the parameters so that those come first that may decide if the others are active."""
    n_active = {name: np.count_nonzero(c.regime != INACTIVE) for name, c in trials.items()}
    return sorted(trials, key=lambda name: (not trials[name].has_one_domain, -n_active[name]))


def _draw(
    trials: dict[str, Column], n: int, pinned: Column | None, rng: np.random.Generator
) -> tuple[dict[str, Column], tuple[str, ...]]:
    n_copies = 1 if pinned is None else len(pinned.values)
    points: dict[str, Column] = {}
    without_rule = []
    u = np.tile(_even(2 * len(trials), n, rng), n_copies)
    for k, name in enumerate(in_turn(trials)):
        column = trials[name]
        regime = np.zeros(n * n_copies, dtype=int)
        if not column.has_one_domain:
            others = {other: trials[other] for other in points}
            by_rule = regimes_by_rule(column, others, points, rng)
            if by_rule is None:
                without_rule.append(name)
                by_rule = _latest(column, u[-1 - k])
            regime = by_rule
        points[name] = _draw_values(column, regime, u[k])
        if pinned is not None and name == pinned.name:
            points[name] = _pin(points[name], pinned, n)
    return {name: points[name] for name in trials}, tuple(without_rule)


def _pin(drawn: Column, pinned: Column, n: int) -> Column:
    """Put each of the pinned values in ``n`` points, wherever the parameter is active."""
    active = drawn.regime != INACTIVE
    regime = np.where(active, np.repeat(pinned.regime, n), INACTIVE)
    values = np.where(active, np.repeat(pinned.values, n), np.nan)
    return Column(drawn.name, drawn.distributions, regime, values)


def _even(d: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw (d, n) numbers from [0, 1): a scrambled Sobol sequence, which fills the space evenly.

    Each point by itself is uniform. What is measured on all of them is less left to chance than
    on independent points.
    """
    from scipy.stats import qmc

    if not d:
        return np.empty((0, n))
    points = qmc.Sobol(d, seed=rng).random_base2(int(np.ceil(np.log2(max(n, 1)))))
    return np.asarray(points[:n].T)


def regimes_by_rule(
    column: Column,
    given_columns: dict[str, Column],
    points: dict[str, Column],
    rng: np.random.Generator,
) -> np.ndarray | None:
    """Return the regimes (n,) of ``points`` as the other parameters decide them, if they do.

    Args:
        column: The parameter in the trials.
        given_columns: The others in the trials.
        points: The others in the points.
        rng: Seeds the rule.
    """
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.tree import DecisionTreeRegressor

    n_trials = len(column.values)
    if not given_columns or n_trials < 2:
        return None
    X = encode(given_columns, given_columns)
    seed = int(rng.integers(2**31))
    tree = DecisionTreeRegressor(random_state=seed)
    domains = _domains(column)
    folds = KFold(min(5, n_trials), shuffle=True, random_state=seed)
    unseen = cross_val_predict(tree, X, domains, cv=folds).reshape(domains.shape)
    spread = ((domains - domains.mean(axis=0)) ** 2).sum()
    if ((unseen - domains) ** 2).sum() > (1.0 - _MIN_RULE_SKILL) * spread:
        return None
    tree.fit(X, domains)
    regime_of_leaf = np.zeros(tree.tree_.node_count, dtype=int)
    # The latest trial of a leaf decides where domains differ in what no tree sees, as in steps.
    regime_of_leaf[tree.apply(X)] = column.regime
    return np.asarray(regime_of_leaf[tree.apply(encode(points, given_columns))])


def _domains(column: Column) -> np.ndarray:
    """Return (N, k) whether the parameter is active, and what describes its domain."""
    active = (column.regime != INACTIVE)[:, None]
    if column.is_categorical:
        is_regime = column.regime[:, None] == np.arange(len(column.distributions))
        return np.concatenate([active, is_regime], axis=1, dtype=float)
    low_high = [_within_hull(column, bound) for bound in column.bounds]
    return np.concatenate([active, *low_high], axis=1, dtype=float)


def _latest(column: Column, u: np.ndarray) -> np.ndarray:
    active = column.regime != INACTIVE
    return np.where(u < active.mean(), column.regime[active][-1], INACTIVE)


def _draw_values(column: Column, regime: np.ndarray, u: np.ndarray) -> Column:
    values = np.full(len(regime), np.nan)
    for code in np.unique(regime[regime != INACTIVE]).tolist():
        rows = regime == code
        values[rows] = domain.value_at(column.distributions[code], u[rows])
    return Column(column.name, column.distributions, regime, values)
