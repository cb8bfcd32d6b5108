"""Plans of generations, against the pseudo-code of the paper and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optuna_hpx.population.maths.plan import Kind, Plan, annealed, paper


@pytest.mark.parametrize("c", [0.5, 1.0, 2.0, 4.0])
def test_paper_for_every_population_size(c: float) -> None:
    """Children by parent as the pseudo-code hands them out, for n from 4 to 100."""
    for n in range(4, 101):
        plan = paper(n, 3, c)
        n_parents = max(1, math.floor(math.sqrt(n / c)))
        assert plan.parents == (n_parents, n_parents)
        by_hand = []
        for rank in range(n_parents):
            size = n // n_parents + (rank < n % n_parents)
            by_hand += [(rank, Kind.CONTINUE)] + [(rank, Kind.PROPOSE)] * (size - 1)
        children = [plan.child(1, slot, 0.0, n_parents) for slot in range(n)]
        assert [(child.rank, child.kind) for child in children] == by_hand


def test_annealed_is_that_of_the_study() -> None:
    assert annealed(25, 10).parents == (10, 9, 7, 6, 5, 5, 4, 3, 3)


@pytest.mark.parametrize("n", range(1, 60))
@pytest.mark.parametrize("n_generations", [1, 2, 3, 7])
def test_annealed_for_every_size(n: int, n_generations: int) -> None:
    plan = annealed(n, n_generations)
    assert len(plan.parents) == n_generations - 1
    assert all((2 if n >= 4 else 1) <= p <= n for p in plan.parents)
    assert list(plan.parents) == sorted(plan.parents, reverse=True)
    for generation in range(1, n_generations):
        p = plan.parents[generation - 1]
        children = [plan.child(generation, i, 0.3, n) for i in range(n)]
        counts = np.bincount([child.rank for child in children], minlength=p)
        assert counts.max() - counts.min() <= 1
        continued = [child.rank for child in children if child.kind == Kind.CONTINUE]
        assert sorted(continued) == list(range(p))


def test_the_kind_of_a_child() -> None:
    plan = Plan(10, (2,), p_vary=0.5)
    assert plan.child(1, 5, 0.49, 10).kind == Kind.VARY
    assert plan.child(1, 5, 0.51, 10).kind == Kind.PROPOSE
    assert plan.child(1, 1, 0.49, 10).kind == Kind.CONTINUE


@pytest.mark.parametrize("plan", [annealed(12, 2), paper(12, 2)])
def test_with_fewer_able_than_there_are_parents(plan: Plan) -> None:
    children = [plan.child(1, i, 0.0, 1) for i in range(12)]
    assert {child.rank for child in children} == {0}
    assert [child.kind for child in children].count(Kind.CONTINUE) == 1


@pytest.mark.parametrize("n", [1, 2, 5, 25])
def test_children_that_begin_early(n: int) -> None:
    plan = annealed(n, 2)
    n_children = np.zeros(n, dtype=int)
    started, first_at = 0, None
    for finished in range(n + 1):
        while (child := plan.next_child(1, finished, n_children[:finished], 0.0)) is not None:
            assert child.rank < max(1, plan.parents[0] * finished // n)
            assert (child.kind == Kind.CONTINUE) == (n_children[child.rank] == 0)
            n_children[child.rank] += 1
            started += 1
            first_at = finished if first_at is None else first_at
            assert started <= finished
    assert started == n
    assert first_at == math.ceil(n / plan.parents[0])  # as soon as the best P m / n is one
    assert (n_children[: plan.parents[0]] > 0).all()
