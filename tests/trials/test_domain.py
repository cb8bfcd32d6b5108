"""A value's position in its domain: round trip, order, ownership, and draws that are uniform."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from scipy import stats

from optuna_hpx import TrialTable
from optuna_hpx.trials import domain

number = st.floats(-1e6, 1e6, allow_subnormal=False)
positive = st.floats(1e-9, 1e9)


@st.composite
def floats(draw: st.DrawFn) -> BaseDistribution:
    low, high = sorted((draw(number), draw(number)))
    return FloatDistribution(low, high)


@st.composite
def log_floats(draw: st.DrawFn) -> BaseDistribution:
    low, high = sorted((draw(positive), draw(positive)))
    return FloatDistribution(low, high, log=True)


@st.composite
def steps(draw: st.DrawFn) -> BaseDistribution:
    step = draw(st.sampled_from([0.1, 0.25, 1.0, 3.0, 1e-3]))
    low = draw(st.integers(-1000, 1000)) * step
    return FloatDistribution(low, low + draw(st.integers(0, 500)) * step, step=step)


@st.composite
def ints(draw: st.DrawFn) -> BaseDistribution:
    low, step = draw(st.integers(-(10**6), 10**6)), draw(st.integers(1, 7))
    return IntDistribution(low, low + step * draw(st.integers(0, 10**4)), step=step)


@st.composite
def log_ints(draw: st.DrawFn) -> BaseDistribution:
    low = draw(st.integers(1, 1000))
    return IntDistribution(low, low + draw(st.integers(0, 10**6)), log=True)


def choices() -> st.SearchStrategy[BaseDistribution]:
    some = st.lists(
        st.none() | st.booleans() | st.integers() | st.text(), min_size=1, max_size=9, unique=True
    )
    return some.map(CategoricalDistribution)


single = st.sampled_from(
    [
        FloatDistribution(3.0, 3.0),
        FloatDistribution(3.0, 3.0, log=True),
        FloatDistribution(3.0, 3.0, step=0.5),
        IntDistribution(3, 3),
        IntDistribution(3, 3, log=True),
        CategoricalDistribution([None]),
    ]
)
anything = st.one_of(floats(), log_floats(), steps(), ints(), log_ints(), choices(), single)
unit = st.floats(0.0, 1.0)


def value_in(dist: BaseDistribution, u: float) -> float:
    return float(domain.value_at(dist, np.array(u)))


def place_of(dist: BaseDistribution, x: float) -> float:
    return float(domain.position(dist, np.array(x)))


@given(anything, unit)
def test_a_value_survives_the_way_through_its_position(dist: BaseDistribution, u: float) -> None:
    x = value_in(dist, u)
    place = place_of(dist, x)
    back = value_in(dist, place)
    assert 0.0 <= place <= 1.0
    if np.isfinite(domain.n_possible_values(dist)):
        assert back == x
    else:
        low, high = domain.ends(dist)
        assert back == pytest.approx(x, rel=1e-12, abs=1e-12 * max(abs(low), abs(high)))


@given(anything, unit)
def test_a_value_belongs_to_its_domain_and_optuna_agrees(dist: BaseDistribution, u: float) -> None:
    x = value_in(dist, u)
    assert domain.contains(dist, dist.to_external_repr(x))
    assert domain.internal_value(dist, dist.to_external_repr(x)) == x
    assert dist._contains(x)


@given(anything, unit, unit)
def test_positions_are_in_the_order_of_the_values(
    dist: BaseDistribution, u: float, v: float
) -> None:
    u, v = sorted((u, v))
    x, y = value_in(dist, u), value_in(dist, v)
    assert x <= y
    assert place_of(dist, x) <= place_of(dist, y)
    if x < y and np.isfinite(domain.n_possible_values(dist)):
        assert place_of(dist, x) < place_of(dist, y)


@given(anything, unit)
def test_a_position_is_in_the_cell_of_its_value(dist: BaseDistribution, u: float) -> None:
    """Half a cell away at most, a cell being as wide as the value is likely."""
    n = domain.n_possible_values(dist)
    assume(1 < n < np.inf)
    x = value_in(dist, u)
    if domain.is_log(dist):
        a, b = domain.span(dist)
        width = float(np.log(x + 0.5) - np.log(x - 0.5)) / (b - a)
    else:
        width = 1.0 / n
    assert abs(place_of(dist, x) - u) <= width / 2.0 + 1e-9


@given(st.one_of(steps(), ints(), log_ints(), choices()))
@settings(deadline=None)
def test_cells_cover_the_unit_interval(dist: BaseDistribution) -> None:
    """The middles of cells of widths w_1, ..., w_K: u_k = w_1 + ... + w_(k-1) + w_k / 2."""
    values = domain.possible_values(dist)
    assert len(values) == domain.n_possible_values(dist)
    if domain.is_log(dist):
        edges = np.log(np.append(values - 0.5, values[-1] + 0.5))
        widths = np.diff(edges) / (edges[-1] - edges[0])
    else:
        widths = np.full(len(values), 1.0 / len(values))
    middles = np.cumsum(widths) - widths / 2.0
    np.testing.assert_allclose(domain.position(dist, values), middles, atol=1e-8)
    assert float(widths @ domain.position(dist, values)) == pytest.approx(0.5, abs=1e-8)


@given(single)
def test_one_value_is_in_the_middle(dist: BaseDistribution) -> None:
    assert domain.n_possible_values(dist) == 1
    assert place_of(dist, domain.ends(dist)[0]) == 0.5
    assert value_in(dist, 0.0) == value_in(dist, 1.0) == domain.ends(dist)[0]


KINDS = [
    FloatDistribution(-1.0, 3.0),
    FloatDistribution(1e-5, 1.0, log=True),
    FloatDistribution(0.0, 1.0, step=0.25),
    IntDistribution(1, 4),
    IntDistribution(0, 100, step=5),
    IntDistribution(1, 8, log=True),
    IntDistribution(1, 64, log=True),
    IntDistribution(3, 1024, log=True),
    CategoricalDistribution(["a", "b", "c"]),
]


@pytest.mark.parametrize("dist", KINDS, ids=str)
def test_random_draws_have_a_mean_position_of_one_half(dist: BaseDistribution) -> None:
    """Within three standard errors, 0.0065 each: a log int between its logarithms is 0.1 off."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(2000):
        study.tell(study.ask({"x": dist}), 0.0)
    column = TrialTable.from_study(study).columns["x"]
    assert abs(column.position.mean() - 0.5) < 0.02
    if np.isinf(domain.n_possible_values(dist)):
        assert stats.kstest(column.position, "uniform").pvalue > 1e-3
    else:  # as likely as their cells are wide
        values = domain.possible_values(dist)
        centres = domain.position(dist, values)
        widths = []  # from the middles: each cell begins where the last one ends
        for centre in centres.tolist():
            widths.append(2.0 * (centre - sum(widths)))
        counts = (column.values[:, None] == values).sum(axis=0)
        assert counts.sum() == 2000
        if len(values) < 100:
            assert stats.chisquare(counts, 2000 * np.array(widths)).pvalue > 1e-3


@pytest.mark.parametrize("dist", KINDS, ids=str)
def test_uniform_positions_are_random_draws(dist: BaseDistribution) -> None:
    drawn = domain.value_at(dist, np.random.default_rng(0).random(4000))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(1000):
        study.tell(study.ask({"x": dist}), 0.0)
    by_optuna = TrialTable.from_study(study).columns["x"].values
    assert stats.ks_2samp(drawn, by_optuna).pvalue > 1e-3


@pytest.mark.parametrize(
    ("dist", "value", "place"),
    [
        (IntDistribution(1, 8, log=True), 1, np.log(3.0) / np.log(17.0) / 2.0),
        (IntDistribution(1, 4), 1, 1 / 8),
        (FloatDistribution(0.0, 1.0, step=0.25), 1.0, 9 / 10),
        (FloatDistribution(0.0, 2.0), 0.0, 0.0),
        (FloatDistribution(1e-4, 1.0, log=True), 1e-2, 0.5),
        (CategoricalDistribution(["a", "b"]), 1, 3 / 4),
        (IntDistribution(1, 8, log=True), -3, np.log(3.0) / np.log(17.0) / 2.0),
        (FloatDistribution(1e-4, 1.0, log=True), -1.0, 0.0),
        (FloatDistribution(-1.7e308, 1.7e308), 0.0, 0.5),
    ],
)
def test_by_hand(dist: BaseDistribution, value: float, place: float) -> None:
    assert place_of(dist, value) == pytest.approx(place)


@given(st.lists(st.tuples(ints(), unit), min_size=1, max_size=5))
@settings(deadline=None)
def test_moved_domains(drawn: list[tuple[IntDistribution, float]]) -> None:
    """Each value is placed in the domain of its own trial."""
    study = optuna.create_study()
    expected = []
    for dist, u in drawn:
        x = value_in(dist, u)
        expected.append(place_of(dist, x))
        study.add_trial(
            optuna.create_trial(params={"x": int(x)}, distributions={"x": dist}, value=0.0)
        )
    column = TrialTable.from_study(study).columns["x"]
    np.testing.assert_array_equal(column.position, expected)


@pytest.mark.parametrize(
    ("dist", "value", "is_one"),
    [
        (FloatDistribution(0.0, 0.3, step=0.1), 0.1 + 0.2, True),  # 0.30000000000000004
        (FloatDistribution(0.0, 1.0, step=0.1), 0.25, False),
        (FloatDistribution(0.0, 1.0), 1.0000001, False),
        (FloatDistribution(0.0, 1.0), np.float64(0.5), True),
        (FloatDistribution(0.0, 1.0), float("nan"), False),
        (FloatDistribution(1.0, 2.0, log=True), -1.0, False),
        (IntDistribution(1, 9, step=2), 3, True),
        (IntDistribution(1, 9, step=2), 4, False),
        (IntDistribution(1, 9), 11, False),
        (IntDistribution(1, 9), np.int64(9), True),
        (IntDistribution(0, 1), True, False),  # a bool is no number
        (IntDistribution(0, 1), "1", False),
        (CategoricalDistribution([None, True, 1.5]), None, True),
        (CategoricalDistribution(["a"]), "b", False),
    ],
)
def test_ownership(dist: BaseDistribution, value: Any, is_one: bool) -> None:
    assert domain.contains(dist, value) is is_one


@pytest.mark.parametrize("dist", [FloatDistribution(0.0, 1.0, step=0.1), IntDistribution(2, 9)])
def test_possible_values_are_what_optuna_draws(dist: BaseDistribution) -> None:
    drawn = {value_in(dist, u) for u in np.linspace(0.0, 1.0, 500).tolist()}
    np.testing.assert_allclose(sorted(drawn), domain.possible_values(dist))


@given(st.one_of(steps(), ints(), log_ints(), choices()))
@settings(deadline=None)
def test_a_value_is_as_likely_as_its_cell_is_wide(dist: BaseDistribution) -> None:
    x, p = domain.possible_values(dist), domain.probabilities(dist)
    assert p.sum() == pytest.approx(1.0)
    assert domain.position(dist, x) == pytest.approx(np.cumsum(p) - p / 2.0)


def test_a_continuous_domain_has_no_list_of_values() -> None:
    with pytest.raises(ValueError, match="continuous"):
        domain.possible_values(FloatDistribution(0.0, 1.0))


def test_another_kind_of_distribution() -> None:
    with pytest.raises(TypeError, match="must be a FloatDistribution"):
        domain.narrow("uniform")  # type: ignore[arg-type]


def test_no_two_modules_place_a_value_differently() -> None:
    """What the wings give for one value agrees with its position, or with its place in a hull."""
    from optuna_hpx.importance._hsic_groups import positions
    from optuna_hpx.importance._regimes import regimes_of
    from optuna_hpx.importance._space import encode
    from optuna_hpx.population._proposals import from_unit, to_unit

    for dist in KINDS[:-1]:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(20):
            study.tell(study.ask({"x": dist}), 0.0)
        column = TrialTable.from_study(study).columns["x"]
        (regime,) = regimes_of(column, np.ones(20, dtype=bool))[0]
        rows = np.arange(20)
        for place, row in itertools.product([column.position], rows.tolist()):
            value = study.trials[row].params["x"]
            assert to_unit(dist, value) == place[row]
            assert from_unit(dist, float(place[row])) == pytest.approx(value)
        np.testing.assert_array_equal(positions(regime, rows), column.position)
        np.testing.assert_array_equal(encode({"x": column}, {"x": column})[:, 0], column.position)


def test_true_is_another_choice_than_1() -> None:
    dist = CategoricalDistribution((1, "a", None, True, 0.5))
    places = [domain.index_of_choice(dist, choice) for choice in (1, "a", None, True, 0.5, 1.0)]
    assert places == [0, 1, 2, 3, 4, 0]
    assert domain.internal_value(dist, True) == 3.0
    with pytest.raises(ValueError, match="not in"):
        domain.index_of_choice(dist, False)
