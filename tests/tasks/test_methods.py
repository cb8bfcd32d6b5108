"""The methods of certify: closed forms, a bet by plain products, and a split done by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from optuna.distributions import IntDistribution
from optuna.trial import create_trial

from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._methods import METHODS, bootstrap_bound
from tests.tasks.by_hand import sample
from tests.tasks.maths.test_betting import wealth

NAN = math.nan
U = np.random.default_rng(0).uniform(0.4, 0.9, (4, 25))
LOG_M = math.log(10.0)


def test_a_method_is_found_by_its_name() -> None:
    assert {name: method.name for name, method in METHODS.items()} == {
        name: name
        for name in ("betting", "bootstrap", "hoeffding", "holdout", "oscillation", "rademacher")
    }
    assert [name for name, m in METHODS.items() if m.counts_space] == [
        "betting",
        "hoeffding",
        "rademacher",
    ]
    assert [name for name, m in METHODS.items() if m.is_held_out] == ["holdout"]
    assert [name for name, m in METHODS.items() if m.can_plan] == ["betting"]


@pytest.mark.parametrize("is_blind", [True, False])
def test_which_bounds_hold_for_any_number_of_tasks(is_blind: bool) -> None:
    for name, method in METHODS.items():
        expected = {"bootstrap": False, "holdout": is_blind}.get(name, True)
        assert method.is_finite_sample(is_blind=is_blind) is expected


@pytest.mark.parametrize("is_blind", [True, False])
def test_what_bounds_rest_on(is_blind: bool) -> None:
    assumptions = {name: m.all_assumptions(is_blind=is_blind) for name, m in METHODS.items()}
    for name in ("betting", "hoeffding", "rademacher"):
        assert assumptions[name] == ()
    assert "central limit theorem" in assumptions["bootstrap"][0]
    assert "`n_oscillations` is proven" in assumptions["oscillation"][0]
    (line,) = assumptions["holdout"]
    assert ("without a look" in line) == is_blind
    assert ("approximate" in line) == (not is_blind)


def test_among_what_was_chosen() -> None:
    scopes = {name: method.scope(7, "2^64") for name, method in METHODS.items()}
    for name in ("betting", "hoeffding", "rademacher", "oscillation"):
        assert scopes[name] == "chosen among 2^64 configurations"
    assert scopes["bootstrap"] == "chosen among the 7 configurations evaluated on all tasks"
    assert scopes["holdout"] == "chosen on other tasks"


def test_all_but_the_holdout_keep_the_best_and_all_tasks() -> None:
    best = sample(U)
    for name, method in METHODS.items():
        assert (method.choose(best) is best) == (name != "holdout")


@pytest.mark.parametrize("name", ["betting", "holdout"])
def test_betting(name: str) -> None:
    """K reaches M / delta at the bound."""
    judged = sample(U, winner=2, log_n_configs=LOG_M, delta=0.1)
    bound = METHODS[name].bound(judged)
    assert wealth(U[2], bound, LOG_M, 0.1) == pytest.approx(10.0 / 0.1, rel=1e-6)


def test_hoeffding() -> None:
    judged = sample(U, winner=2, log_n_configs=LOG_M, delta=0.1)
    expected = U[2].mean() - math.sqrt(math.log(10.0 / 0.1) / (2 * 25))
    assert METHODS["hoeffding"].bound(judged) == pytest.approx(expected)


@pytest.mark.parametrize(("log_n_configs", "n"), [(LOG_M, 10.0), (1000.0, None)])
def test_massart_where_not_all_configurations_were_evaluated(
    log_n_configs: float, n: float | None
) -> None:
    judged = sample(U, winner=2, log_n_configs=log_n_configs)
    log_m = 1000.0 if n is None else math.log(n)
    expected = U[2].mean() - math.sqrt(2 * log_m / 25) - math.sqrt(math.log(20.0) / 50)
    assert METHODS["rademacher"].bound(judged) == pytest.approx(expected)


def test_rademacher_where_all_were() -> None:
    """Of utilities of 1/2 the complexity is 0: what is left are the terms of the confidence."""
    half = np.full((3, 25), 0.5)
    log_term = math.log(3.0 / 0.05)
    width = 2 * math.sqrt(log_term / (2 * 25 * 200)) + 3 * math.sqrt(log_term / (2 * 25))
    judged = sample(half, log_n_configs=math.log(3.0))
    assert METHODS["rademacher"].bound(judged) == pytest.approx(0.5 - width)
    # A fourth configuration that has not all tasks makes it Massart's.
    partial = sample([*half, [0.5, *[NAN] * 24]], log_n_configs=math.log(4.0))
    massart = math.sqrt(2 * math.log(4.0) / 25) + math.sqrt(math.log(20.0) / 50)
    assert METHODS["rademacher"].bound(partial) == pytest.approx(0.5 - massart)


def test_oscillation_is_wider_for_more_of_them() -> None:
    method = METHODS["oscillation"]
    bounds = [method.bound(sample(U, n_oscillations=b)) for b in (1, 10, 1e9)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] < U[0].mean()
    bet = METHODS["betting"].bound(sample(U, log_n_configs=LOG_M))
    assert bounds[0] < bet, "it is about all values of the hyperparameter"


@pytest.mark.parametrize(
    ("b", "error", "message"),
    [
        (None, ValueError, '`n_oscillations` must be a number for method="oscillation", got None'),
        (0.5, ValueError, "`n_oscillations` must be at least 1, got 0.5"),
        (NAN, ValueError, "`n_oscillations` must be finite"),
        ("3", TypeError, "`n_oscillations` must be a number, got '3'"),
    ],
)
def test_oscillations_that_are_none(b: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        METHODS["oscillation"].bound(sample(U, n_oscillations=b))


def test_oscillation_is_for_one_hyperparameter() -> None:
    k = IntDistribution(0, 1)
    trials = tuple(
        create_trial(value=0.0, params={name: 0}, distributions={name: k}) for name in "ba"
    )
    tried = Configurations(trials, np.zeros((2, 3)), np.full(2, True))
    with pytest.raises(ValueError, match=r"for one hyperparameter, but .* \['a', 'b'\]"):
        METHODS["oscillation"].bound(sample(np.ones((2, 3)), tried=tried, n_oscillations=1))


@pytest.mark.parametrize(
    ("n_tasks", "n_held_out"), [(2, 1), (3, 1), (4, 2), (5, 2), (10, 4), (101, 40)]
)
def test_the_holdout_is_two_fifths_of_the_tasks(n_tasks: int, n_held_out: int) -> None:
    u = np.random.default_rng(n_tasks).random((3, n_tasks))
    chosen = METHODS["holdout"].choose(sample(u, log_n_configs=LOG_M))
    assert len(chosen.tasks) == n_held_out
    assert chosen.tasks.tolist() == sorted(set(chosen.tasks.tolist()))
    assert set(chosen.tasks.tolist()) < set(range(n_tasks))
    others = [i for i in range(n_tasks) if i not in chosen.tasks]
    assert chosen.winner == max(range(3), key=lambda k: u[k, others].sum())
    assert chosen.log_n_configs == 0.0
    np.testing.assert_array_equal(chosen.x, u[chosen.winner, chosen.tasks])
    again = METHODS["holdout"].choose(sample(1.0 - u))
    assert again.tasks.tolist() == chosen.tasks.tolist(), "whatever the values are"


def test_the_winner_on_other_tasks_is_chosen_by_the_aggregate_and_is_complete() -> None:
    held_out = METHODS["holdout"].choose(sample(np.ones((1, 5)))).tasks
    others = np.setdiff1d(np.arange(5), held_out)
    u = np.zeros((4, 5))
    u[0, others] = [1.0, 1.0, 0.2]
    u[1, others] = [0.6, 0.6, 0.6]
    u[2, others] = [0.6, 0.6, 0.6]  # alike: the first wins
    u[3, others] = 0.9
    u[3, held_out[0]] = NAN
    u[1:3, held_out] = [[0.1, 0.1], [1.0, 1.0]]  # no part in the choice
    winners = {
        aggregate: METHODS["holdout"].choose(sample(u, aggregate=aggregate)).winner
        for aggregate in ("mean", "median", "worst")
    }
    assert winners == {"mean": 0, "median": 0, "worst": 1}


def test_the_bootstrap_is_of_the_winner_among_the_complete() -> None:
    """Where a row before it is not complete, the winner's column is another one than its row."""
    whole = [[0.9] * 12, [0.2] * 12, [0.5] * 12]
    partial = [[NAN, *[1.0] * 11], *whole]
    for winner, mean in enumerate((0.9, 0.2, 0.5), start=1):
        judged = sample(partial, winner=winner)
        # Constant columns have no error.
        assert bootstrap_bound(judged, judged.u) == pytest.approx(mean)
    assert METHODS["bootstrap"].bound(sample(partial, winner=3)) == pytest.approx(0.5)


def test_the_bootstrap_knows_the_largest_error_of_all() -> None:
    """Of one configuration alone its width is near Student's; others that vary more add to it."""
    alone = METHODS["bootstrap"].bound(sample(U[:1]))
    student = U[0].mean() - 1.711 * U[0].std(ddof=1) / math.sqrt(25)  # t of 24 at 0.95
    assert alone == pytest.approx(student, abs=0.01)
    loud = np.array([U[0], np.tile([0.0, 1.0], 13)[:25]])
    assert METHODS["bootstrap"].bound(sample(loud)) < alone - 0.05
