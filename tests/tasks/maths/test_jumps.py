"""Jumps: those of known step functions, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from optuna_hpx.tasks.maths.jumps import Jump, refine_jumps


def steps(places: list[float], sizes: list[float]) -> Callable[[float], float]:
    return lambda a: sum(s for p, s in zip(places, sizes, strict=True) if a >= p)


FOUR = [0.113, 0.407, 0.411, 0.78]


@pytest.mark.parametrize("slope", [0.0, 0.5])
def test_refine_jumps_tells_two_of_one_interval_apart(slope: float) -> None:
    jumps = steps(FOUR, [0.3, -0.2, 0.4, -0.5])
    calls = []

    def f(a: float) -> float:
        calls.append(a)
        return jumps(a) + slope * a

    found = refine_jumps(f, 0.0, 1.0, 1e-4, min_jump=0.05)
    assert len(found.jumps) == 4
    for jump, place in zip(found.jumps, FOUR, strict=True):
        assert jump.left < place <= jump.right
        assert jump.right - jump.left <= 1e-4
    assert [round(jump.middle, 5) for jump in found.jumps] == [0.11301, 0.40701, 0.41098, 0.78]
    assert [jump.size for jump in found.jumps] == pytest.approx([0.3, -0.2, 0.4, -0.5], abs=1e-4)
    assert found.n_evaluations == len(calls) == len(set(calls)) == 66


def test_refine_jumps_drops_slopes_and_stops_when_told() -> None:
    wave = refine_jumps(lambda a: math.sin(20 * a), 0.0, 1.0, 1e-6, min_jump=0.1, n_start=5)
    assert wave.jumps == ()
    assert wave.n_evaluations < 250  # up and down by 12.8 in all, in steps of 0.05 to 0.1
    step = steps([0.3], [1.0])
    stopped = refine_jumps(step, 0.0, 1.0, 1e-9, min_jump=0.0, n_start=5, max_evaluations=7)
    assert stopped.n_evaluations == 7
    assert stopped.jumps == (Jump(0.25, 0.3125, 1.0),)


def test_refine_jumps_stops_at_neighbouring_floats() -> None:
    found = refine_jumps(steps([0.3], [1.0]), 0.0, 1.0, 5e-324, min_jump=0.0)
    assert found.jumps == (Jump(math.nextafter(0.3, 0.0), 0.3, 1.0),)


def test_bad_arguments() -> None:
    f = steps([0.3], [1.0])
    with pytest.raises(ValueError, match=r"`high` must exceed `low` = 1\.0, got 0\.0"):
        refine_jumps(f, 1.0, 0.0, 0.1, min_jump=0.0)
    with pytest.raises(ValueError, match="`tol` must be positive"):
        refine_jumps(f, 0.0, 1.0, 0.0, min_jump=0.0)
    with pytest.raises(ValueError, match="`max_evaluations` must be at least 33"):
        refine_jumps(f, 0.0, 1.0, 0.1, min_jump=0.0, max_evaluations=5)
    with pytest.raises(ValueError, match=r"`f` must return a finite number, got nan at 0\.0"):
        refine_jumps(lambda _: math.nan, 0.0, 1.0, 0.1, min_jump=0.0)
