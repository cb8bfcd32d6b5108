"""Kinds of claims: each has a meaning of its own, and a judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.page import claims, zoo
from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance.section.kinds import ClaimKind


def test_no_kind_is_another_one() -> None:
    assert len(ClaimKind) == len(ClaimKind.__members__), "equal values would make one kind of two"


def test_the_benchmark_judges_every_kind() -> None:
    assert set(claims.RULES) == set(ClaimKind)


def _verdicts(names: list[str], seeds: int, sizes: tuple[int, ...], folder: Path) -> list[Any]:
    plan = claims.Plan(("random",), sizes, seeds, "pedanova", folder)
    return list(claims.all_verdicts(names, plan, 1))


def test_what_is_claimed_of_two_functions_is_seldom_false(tmp_path: Path) -> None:
    """In 12 studies of a sum and of a XOR: of all claims 5 % and two standard errors at most."""
    verdicts = _verdicts(["sum of 3, 2 idle", "XOR + linear"], 3, (60, 150), tmp_path)
    rate, error = claims.rate_of(verdicts)[2:4]
    assert rate <= 0.05 + 2 * error
    said = [(v.function, v.kind) for v in verdicts if not v.is_false]
    assert ("XOR + linear", ClaimKind.JOINT) in said
    assert ("sum of 3, 2 idle", ClaimKind.MATTERS_MOST) in said
    assert not any(v.function != "XOR + linear" and v.kind is ClaimKind.JOINT for v in verdicts)


def test_the_judge_knows_what_is_false() -> None:
    judge = claims.Judge(zoo.by_name()["sum of 3, 2 idle"], 0.1)
    right = [
        Claim(ClaimKind.MATTERS, ("x3",)),
        Claim(ClaimKind.MATTERS_MOST, ("x1",)),
        Claim(ClaimKind.INTERVAL, ("x1",), (0.3, 0.4)),
        Claim(ClaimKind.NOISE, ("x2", "x4"), (0.2,)),
        Claim(ClaimKind.REST, (), (0.4,)),
        Claim(ClaimKind.PAIR_ACTS, ("x1", "x2"), (0.1,)),
        Claim(ClaimKind.LEADS, ("x1",), (0.1, 0.5)),
        Claim(ClaimKind.MOVES_DOWN, ("x1",), (0.5, 0.1)),
        Claim(ClaimKind.RANGE, ("x1",)),
        Claim(ClaimKind.CROWD, ("x1", "lower")),
    ]
    wrong = [
        Claim(ClaimKind.MATTERS, ("x4",)),
        Claim(ClaimKind.MATTERS_MOST, ("x2",)),
        Claim(ClaimKind.COMES_FIRST, ("x5",)),
        Claim(ClaimKind.FAINT, ("x5",)),
        Claim(ClaimKind.INTERVAL, ("x1",), (0.0, 0.3)),
        Claim(ClaimKind.NOISE, ("x2", "x4"), (0.05,)),
        Claim(ClaimKind.REST, (), (0.8,)),
        Claim(ClaimKind.PAIR_ACTS, ("x4", "x5"), (0.1,)),
        Claim(ClaimKind.PAIR_LEADS, ("x2", "x3"), (0.5,)),
        Claim(ClaimKind.JOINT, ("x1", "x2")),
        Claim(ClaimKind.LEADS, ("x2",), (0.1,)),
        Claim(ClaimKind.MOVES_UP, ("x1",), (0.5, 0.1)),
        Claim(ClaimKind.RANGE, ("x4",)),
        Claim(ClaimKind.NO_RANGE, ("x1",)),
        Claim(ClaimKind.CROWD, ("x1", "upper")),
        Claim(ClaimKind.NO_DIFFERENCE, ("x1",)),
        Claim(ClaimKind.CHOSEN_FIRST, ("x4",)),
    ]
    assert [claim for claim in right if not judge.is_true(claim)] == []
    assert [claim for claim in wrong if judge.is_true(claim)] == []


@pytest.mark.parametrize(("label", "is_enriched"), [("c", True), ("a", False)])
def test_an_enriched_choice(label: str, *, is_enriched: bool) -> None:
    judge = claims.Judge(zoo.by_name()["choice and numbers"], 0.1)
    assert judge.is_true(Claim(ClaimKind.ENRICHED, ("c", label))) == is_enriched


def test_the_truth_is_that_of_closed_forms() -> None:
    """The best half of x < .5 XOR y < .5 is the XOR itself; a tenth of ten choices is one."""
    truth = zoo.by_name()["all explained"].truth
    assert truth.importance("c", 0.1) == pytest.approx(1.0)
    assert truth.importance("x", 0.1) < 0.002
    xor = zoo.by_name()["XOR + linear"].truth
    # The best .1 of all: x3 < .2 where XOR is 0. S_12 = .1 * (2 - 1) / (1 - .1) = 1 / 9.
    assert xor.interaction(frozenset({"x1", "x2"}), 0.1) == pytest.approx(1 / 9, abs=0.003)
    assert xor.importance("x3", 0.1) == pytest.approx(0.1 / 0.9 * 4, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("functions", [zoo.DESIGN, zoo.HELD], ids=["design", "held"])
def test_no_kind_of_sentence_is_false_too_often(functions: Any, tmp_path: Path) -> None:
    """Of random studies: no kind is beyond 5 % by more than two standard errors."""
    names = [function.name for function in functions]
    verdicts = _verdicts(names, 5, (60, 100, 200), tmp_path)
    for kind in ClaimKind:
        claims_of_kind = [verdict for verdict in verdicts if verdict.kind is kind]
        if claims_of_kind:
            rate, error = claims.rate_of(claims_of_kind)[2:4]
            assert rate <= 0.05 + 2 * error, kind
