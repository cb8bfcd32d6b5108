"""What the figure of a population shows, read from its traces."""

from __future__ import annotations

import math
import re
import time
from itertools import pairwise
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from optuna_hpx.population import Checkpoint, GPBTScheduler
from optuna_hpx.population.figures import _genealogy, _population
from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable
from optuna_hpx.visualization import plot_genealogy

optuna.logging.set_verbosity(optuna.logging.WARNING)

PRUNED, FAILED, RUNNING = TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING
Outcome = float | TrialState
Tree = list[list[tuple[Outcome, int | None]]]


def population(
    generations: Tree,
    direction: str = "minimize",
    *,
    params: list[dict[str, Any]] | None = None,
    distributions: dict[str, BaseDistribution] | None = None,
    size: int | None = None,
) -> optuna.Study:
    """A segment for each outcome, a value or a state, and the number of its parent's trial.

    ``params`` and their ``distributions`` are those of each trial; ``size`` is what the run says
    of itself, by default that of the first generation.
    """
    study = optuna.create_study(directions=[direction])
    run = storage.as_attributes(
        storage.RUN, {"population_size": len(generations[0]) if size is None else size}
    )
    distributions = distributions or {"x": FloatDistribution(0.0, 1.0)}
    number = 0
    for generation, outcomes in enumerate(generations):
        for slot, (outcome, parent) in enumerate(outcomes):
            told = {
                "generation": generation,
                "slot": slot,
                "parent": parent,
                "kind": "root" if parent is None else "vary",
                "seed": number,
            }
            state = outcome if isinstance(outcome, TrialState) else TrialState.COMPLETE
            chosen = {"x": 0.5} if params is None else params[number]
            attributes = storage.as_attributes(storage.SEGMENT, told) | run
            if outcome == FAILED:
                attributes |= storage.as_attributes(storage.FAILURE, {"why": "error"})
            study.add_trial(
                create_trial(
                    state=state,
                    value=None if isinstance(outcome, TrialState) else outcome,
                    params=chosen,
                    distributions={name: distributions[name] for name in chosen},
                    system_attrs=attributes,
                )
            )
            number += 1
    return study


def trained(
    direction: str = "minimize", *, n: int = 12, n_generations: int = 5, seed: int = 0
) -> tuple[optuna.Study, GPBTScheduler]:
    """A noisy quadratic; some segments give NaN or are pruned. ``rate`` is not always active."""
    study = optuna.create_study(directions=[direction])
    scheduler = GPBTScheduler(study, population_size=n, n_generations=n_generations, seed=seed)
    sign = -1.0 if direction == "maximize" else 1.0

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        mode = trial.suggest_categorical("mode", ["slow", "fast"])
        rate = trial.suggest_float("rate", 1e-3, 1.0, log=True) if mode == "fast" else 0.01
        x, rng = np.array([3.0]), np.random.default_rng(checkpoint.seed)
        checkpoint.load(x=x)
        x -= rate * (x + 0.1 * rng.normal())
        checkpoint.save(x=x)
        if (chance := rng.random()) < 0.1:
            trial.report(sign * 7.0, 1)
            raise optuna.TrialPruned
        return math.nan if chance < 0.2 else sign * float(x[0] ** 2)

    scheduler.optimize(segment)
    return study, scheduler


def _nodes(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.mode == "markers"}


def _edges(figure: Any) -> dict[str, list[tuple[float, float, float, float]]]:
    """Start and end of each."""
    found = {}
    for trace in figure.data:
        if trace.mode == "lines":
            x, y = (np.array(place[:-1], float).reshape(-1, 3) for place in (trace.x, trace.y))
            assert np.isnan(x[:, 2]).all()
            assert np.isnan(y[:, 2]).all()
            found[trace.name] = list(zip(x[:, 0], y[:, 0], x[:, 1], y[:, 1], strict=True))
    return found


def numbers(trace: Any) -> list[int]:
    """Of the trials that a trace draws."""
    return [int(re.match(r"trial (\d+)", text)[1]) for text in trace.customdata]  # type: ignore[index]


def _all_numbers(figure: Any) -> list[int]:
    return sorted(number for trace in _nodes(figure).values() for number in numbers(trace))


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_node_for_each_segment_and_an_edge_to_each_child(direction: str) -> None:
    study, scheduler = trained(direction)
    figure = plot_genealogy(study)
    assert _all_numbers(figure) == [t.number for t in study.trials]
    assert {"best lineage", "pruned", "infinite"} <= set(_nodes(figure)), "all kinds are there"
    places = {
        number: (float(x), float(y))
        for trace in _nodes(figure).values()
        for number, x, y in zip(numbers(trace), trace.x, trace.y, strict=True)
    }
    descents = {
        places[t.user_attrs["parent"]] + places[t.number]
        for t in study.trials
        if t.user_attrs["parent"] is not None
    }
    drawn = [edge for edges in _edges(figure).values() for edge in edges]
    assert len(drawn) == len(study.trials) - 12
    assert set(drawn) == descents
    for t in study.trials:
        if t.state == TrialState.COMPLETE and math.isfinite(t.value or 0.0):
            x, y = places[t.number]
            assert (x, y) == (t.user_attrs["generation"], t.value)
    line = [step.number for step in scheduler.best_schedule().steps]
    assert numbers(_nodes(figure)["best lineage"]) == line
    assert _edges(figure)["best lineage"] == [places[a] + places[b] for a, b in pairwise(line)]


def test_the_best_lineage_is_thick_and_on_top() -> None:
    figure = plot_genealogy(trained()[0])
    assert [trace.name for trace in figure.data[-2:]] == ["best lineage"] * 2
    widths = {trace.name: trace.line.width for trace in figure.data if trace.mode == "lines"}
    assert widths.pop("best lineage") > 2 * max(widths.values())


# 0 1 2 | 3 4 5 | 6 7 8: 0 ends, 1 has the best, 2 lives on by 5.
TREE: Tree = [
    [(3.0, None), (2.0, None), (4.0, None)],
    [(2.5, 0), (1.0, 1), (3.5, 2)],
    [(3.0, 5), (1.5, 4), (2.0, 4)],
]


def _times(sign: float, tree: Tree) -> Tree:
    return [
        [(y if isinstance(y, TrialState) else sign * y, parent) for y, parent in outcomes]
        for outcomes in tree
    ]


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_branches_that_end_are_pale(direction: str, sign: float) -> None:
    tree = _times(sign, TREE)
    figure = plot_genealogy(population(tree, direction))
    nodes = _nodes(figure)
    assert {name: numbers(trace) for name, trace in nodes.items()} == {
        "best lineage": [1, 4],
        "living branch": [2, 5, 6, 7, 8],
        "branch that ended": [0, 3],
    }
    assert nodes["branch that ended"].marker.opacity < 0.5 < nodes["living branch"].marker.opacity
    assert _edges(figure)["branch that ended"] == [(0.0, sign * 3.0, 1.0, sign * 2.5)]
    assert len(_edges(figure)["living branch"]) == 4
    assert _edges(figure)["best lineage"] == [(0.0, sign * 2.0, 1.0, sign * 1.0)]
    assert figure.layout.yaxis.title.text == f"value ({direction})"


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_colours_are_ranks_in_the_generation(direction: str, sign: float) -> None:
    tree = _times(sign, TREE)
    tree[0].append((math.inf * sign, None))
    figure = plot_genealogy(population([tree[0]], direction))
    nodes, axis = _nodes(figure), figure.layout.coloraxis
    best, others = nodes["best lineage"].marker, nodes["living branch"].marker
    assert best.color.tolist() == [0.0]
    np.testing.assert_allclose(others.color, sign * np.array([0.5, 1.0]))
    assert (axis.cmin, axis.cmax) == ((0.0, 1.0) if sign > 0 else (-1.0, 0.0))
    colours = dict(zip(("low", "mid", "high"), [c for _, c in axis.colorscale], strict=True))
    assert colours["low" if sign > 0 else "high"] == _population.RANK_COLOURS[0]
    ticks = dict(zip(axis.colorbar.ticktext, axis.colorbar.tickvals, strict=True))
    assert ticks == {"best": 0.0, "last": sign}


def test_the_last_generation_while_it_trains() -> None:
    started = plot_genealogy(population([*TREE[:2], [(3.0, 5)]]))
    assert "branch that ended" not in _nodes(started), "all of the last but one may have children"
    full = plot_genealogy(population([*TREE[:2], [(3.0, 5)]], size=1))
    assert numbers(_nodes(full)["branch that ended"]) == [0, 3]
    given_up = plot_genealogy(population([*TREE[:2], [(3.0, 5), (FAILED, 4), (FAILED, 4)]]))
    assert numbers(_nodes(given_up)["branch that ended"]) == [0, 3]
    assert _all_numbers(given_up) == [0, 1, 2, 3, 4, 5, 6], "failed trials are not drawn"


def test_trials_that_run_are_not_drawn() -> None:
    study = population([*TREE[:2], [(RUNNING, 4), (2.0, 4)]])
    assert _all_numbers(plot_genealogy(study)) == [0, 1, 2, 3, 4, 5, 7]


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_segments_without_a_value_stand_in_a_strip_at_the_bad_edge(
    direction: str, sign: float
) -> None:
    tree: Tree = [
        [(sign * 1.0, None), (PRUNED, None), (PRUNED, None)],
        [(sign * math.inf, 0), (PRUNED, 0), (sign * 3.0, 0)],
    ]
    figure = plot_genealogy(population(tree, direction))
    nodes = _nodes(figure)
    pruned, infinite = nodes["pruned"], nodes["infinite"]
    assert (numbers(pruned), numbers(infinite)) == ([1, 2, 4], [3])
    assert pruned.marker.symbol != infinite.marker.symbol
    (strip,) = figure.layout.shapes
    bottom, top = sorted(sign * y for y in (strip.y0, strip.y1))
    low, high = sorted(sign * y for y in figure.layout.yaxis.range)
    assert 0.5 < low < 1.0 < 3.0 < bottom < top == pytest.approx(high)
    assert all(bottom < sign * y < top for y in (*pruned.y, *infinite.y))
    places = [*pruned.x, *infinite.x]
    assert len(set(places)) == 4, "side by side, as heights do not tell them apart"
    assert np.round(places).tolist() == [0, 0, 1, 1]
    assert len(_edges(figure)["pruned"]) == len(_edges(figure)["infinite"]) == 1


def test_there_is_no_strip_without_need() -> None:
    figure = plot_genealogy(population(TREE))
    assert not figure.layout.shapes
    assert figure.layout.yaxis.range[1] < 4.3


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_a_few_bad_values_do_not_squash_the_rest(direction: str, sign: float) -> None:
    values = [sign * y for y in (*np.linspace(-1.0, 1.0, 99), 1e6)]
    figure = plot_genealogy(population([[(y, None) for y in values]], direction))
    assert numbers(_nodes(figure)["beyond the axis"]) == [99]
    assert "1e+06" in _nodes(figure)["beyond the axis"].customdata[0]
    assert max(map(abs, figure.layout.yaxis.range)) < 2.0
    good = plot_genealogy(population([[(-y, None) for y in values]], direction))
    assert max(map(abs, good.layout.yaxis.range)) > 1e6, "the best is always in sight"


def test_a_lineage_that_began_far_off_is_drawn_all_the_same() -> None:
    tree: Tree = [[(1e6, None), *((y / 99, None) for y in range(99))], [(-1.0, 0)]]
    figure = plot_genealogy(population(tree))
    line = _nodes(figure)["best lineage"]
    assert numbers(line) == [0, 100]
    assert figure.layout.shapes[0].y0 < line.y[0] < figure.layout.shapes[0].y1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((0.1, 9.9), "linear"),
        ((0.1, 10.1), "log"),
        ((0.0, 1e3), "linear"),
        ((0.1, 1e3, -1.0), "linear"),
        ((0.1, 1e3, math.inf), "log"),
        ((0.1, PRUNED), "linear"),
    ],
)
def test_the_axis_is_logarithmic_where_that_helps(values: tuple[Any, ...], kind: str) -> None:
    figure = plot_genealogy(population([[(y, None) for y in values]]))
    axis = figure.layout.yaxis
    assert axis.type == kind
    ends = 10.0 ** np.array(axis.range) if kind == "log" else np.array(axis.range)
    for trace in _nodes(figure).values():
        assert ((ends[0] < trace.y) & (trace.y < ends[1])).all(), trace.name
    if kind == "log" and math.inf in values:
        strip = figure.layout.shapes[0]
        assert strip.y1 == pytest.approx(ends[1])


@pytest.mark.parametrize("values", [(1.7e308, 1.0), (1.7e308, -1.7e308, 1.0), (5.0, 5.0), (0.0,)])
def test_values_that_are_hard_to_draw(values: tuple[float, ...]) -> None:
    figure = plot_genealogy(population([[(y, None) for y in values]]))
    assert np.isfinite(figure.layout.yaxis.range).all()
    assert figure.layout.yaxis.range[0] < figure.layout.yaxis.range[1]
    assert all(np.isfinite(trace.y).all() for trace in _nodes(figure).values())
    assert len(_all_numbers(figure)) == len(values)


def test_one_generation() -> None:
    study, scheduler = trained(n=6, n_generations=1)
    figure = plot_genealogy(study)
    assert _all_numbers(figure) == list(range(6))
    assert not any(_edges(figure).values())
    in_legend = {trace.name for trace in figure.data if trace.showlegend}
    assert in_legend == set(_nodes(figure)) - {"living branch"}, "there is no line of it"
    assert numbers(_nodes(figure)["best lineage"]) == [scheduler.best_schedule().steps[0].number]
    assert list(figure.layout.xaxis.range) == [-0.5, 0.5]


def test_a_parent_from_an_earlier_generation() -> None:
    tree: Tree = [[(1.0, None), (3.0, None)], [(PRUNED, 0), (PRUNED, 1)], [(0.5, 1), (0.7, 0)]]
    edges = _edges(plot_genealogy(population(tree)))
    assert edges["best lineage"] == [(0.0, 3.0, 2.0, 0.5)]
    assert edges["living branch"] == [(0.0, 1.0, 2.0, 0.7)]


def test_hover_texts() -> None:
    study, _ = trained()
    texts = {
        int(re.match(r"trial (\d+)", text)[1]): text.split("<br>")  # type: ignore[index]
        for trace in _nodes(plot_genealogy(study)).values()
        for text in trace.customdata
    }
    assert len(texts) == len(study.trials)
    for t in study.trials:
        head, value, origin, *params = texts[t.number]
        told = storage.read(t.system_attrs, storage.SEGMENT)
        assert head == f"trial {t.number}, generation {told['generation']}"
        pruned = t.state == TrialState.PRUNED
        assert value == ("pruned at 7" if pruned else f"value {t.value:.6g}")
        is_root = told["parent"] is None
        assert origin == told["kind"] + ("" if is_root else f" from trial {told['parent']}")
        assert len(params) == len(t.params)
        assert f"mode = {t.params['mode']}" in params


def test_names_are_no_markup_and_not_too_many() -> None:
    params: dict[str, Any] = {f"<b>{k:02}": 0.25 for k in range(25)}
    dists: dict[str, BaseDistribution] = dict.fromkeys(params, FloatDistribution(0, 1))
    study = population([[(1.0, None)]], params=[params], distributions=dists)
    (text,) = _nodes(plot_genealogy(study))["best lineage"].customdata
    assert "&lt;b&gt;00 = 0.25" in text
    assert "<b>" not in text
    assert text.endswith("19 = 0.25<br>and 5 more")


def test_long_categories_are_shortened() -> None:
    dist = optuna.distributions.CategoricalDistribution(["x" * 200])
    study = population([[(1.0, None)]], params=[{"c": "x" * 200}], distributions={"c": dist})
    assert len(_nodes(plot_genealogy(study))["best lineage"].customdata[0]) < 100


def synthetic(n: int, n_generations: int, d: int = 10) -> optuna.Study:
    rng = np.random.default_rng(0)
    tree: Tree = []
    for g in range(n_generations):
        parents = [None] * n if g == 0 else ((g - 1) * n + rng.integers(n // 3, size=n)).tolist()
        values = (10.0 - g + rng.normal(size=n)).tolist()
        values[:2] = [PRUNED, math.inf]
        tree.append(list(zip(values, parents, strict=True)))
    params: list[dict[str, Any]] = [
        {f"hyperparameter_{k}": float(x) for k, x in enumerate(row)}
        for row in rng.random((n * n_generations, d))
    ]
    dists: dict[str, BaseDistribution] = dict.fromkeys(params[0], FloatDistribution(0.0, 1.0))
    return population(tree, params=params, distributions=dists)


@pytest.mark.parametrize(("n", "n_generations"), [(1000, 10), (20, 500)])
def test_ten_thousand_segments_are_drawn_fast_and_light(n: int, n_generations: int) -> None:
    study = synthetic(n, n_generations, d=20)
    start = time.process_time()
    figure = plot_genealogy(study)
    text = figure.to_json()
    assert time.process_time() - start < 5.0
    assert len(text) < 5e6
    assert len(_all_numbers(figure)) == 10_000
    assert sum(map(len, _edges(figure).values())) == 10_000 - n
    assert "and 14 more" in figure.data[-1].customdata[0]
    assert figure.layout.title.text is None, "nothing is left out"


def test_more_are_thinned_but_never_the_best_lineage(monkeypatch: pytest.MonkeyPatch) -> None:
    study = synthetic(30, 10, d=1)
    whole = _nodes(plot_genealogy(study))
    n_living = len(whole["best lineage"].x) + len(whole["living branch"].x)
    for limit in (n_living + 20, n_living - 5):
        monkeypatch.setattr(_genealogy, "_MAX_SEGMENTS", limit)
        figure = plot_genealogy(study)
        nodes = _nodes(figure)
        assert len(_all_numbers(figure)) == limit
        assert numbers(nodes["best lineage"]) == numbers(whole["best lineage"])
        assert len(nodes["living branch"].x) == min(limit, n_living) - len(whole["best lineage"].x)
        assert f"{limit} of 300 segments are drawn." in figure.layout.title.text
        drawn = set(_all_numbers(figure))
        roots = sum(number < 30 for number in drawn)
        assert sum(map(len, _edges(figure).values())) == limit - roots


def test_no_finite_value_is_said() -> None:
    figure = plot_genealogy(population([[(math.inf, None), (PRUNED, None)]]))
    assert "No segment came to a finite value" in figure.layout.annotations[0].text


def test_the_study_is_left_as_it_was() -> None:
    study, _ = trained(n=5, n_generations=2)
    before = [t.system_attrs for t in study.get_trials()]
    plot_genealogy(study)
    assert [t.system_attrs for t in study.get_trials()] == before


def test_something_else() -> None:
    with pytest.raises(TypeError, match=r"`study` must be a Study, or a TrialTable.*; got a int"):
        plot_genealogy(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        plot_genealogy(optuna.create_study(directions=["minimize"] * 2))
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    with pytest.raises(
        ValueError, match="segments that a GPBTScheduler trained; of its 3 finished trials"
    ):
        plot_genealogy(study)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_part_of_a_population_is_refused(missing: int) -> None:
    whole, part = population([[(1.0, None)], [(0.5, 0)], [(0.2, 1)]]), optuna.create_study()
    part.add_trials([t for t in whole.trials if t.number != missing])
    if missing == 2:  # no one's parent
        assert _all_numbers(plot_genealogy(part)) == [0, 1]
        return
    with pytest.raises(ValueError, match=r"the parent of trial [01], trial [01], is missing"):
        plot_genealogy(part)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_table_is_drawn_as_its_study_is(direction: str) -> None:
    study, _ = trained(direction)
    table = TrialTable.from_study(study)
    assert plot_genealogy(table).to_json() == plot_genealogy(study).to_json()


def test_a_table_without_a_population() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    with pytest.raises(
        ValueError, match="segments that a GPBTScheduler trained; of its 3 finished trials"
    ):
        plot_genealogy(TrialTable.from_study(study))
    two = optuna.create_study(directions=["minimize"] * 2)
    with pytest.raises(ValueError, match="`study` must have one objective, got 2"):
        plot_genealogy(TrialTable.from_study(two))
