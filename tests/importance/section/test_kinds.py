"""Kinds of claims: each has a meaning of its own, and a judge."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.page import claims
from optuna_hpx import PedAnovaImportanceEvaluator
from optuna_hpx.canvas.claims import Claim
from optuna_hpx.importance.section.kinds import AnswerKind, ClaimKind

# As the script itself imports them: a class has one identity for a name of its module.
_MODULES = ("exact", "facts", "judges", "studies", "zoo")
exact, facts, judges, studies, zoo = (sys.modules[name] for name in _MODULES)


def test_no_kind_is_another_one() -> None:
    assert len(ClaimKind) == len(ClaimKind.__members__), "equal values would make one kind of two"


def test_the_benchmark_judges_every_kind() -> None:
    assert set(judges.RULES) == set(ClaimKind)
    assert set(facts.RULES) == set(facts.Fact)


def _verdicts(
    functions: Iterable[str],
    sizes: tuple[int, ...],
    seeds: int,
    folder: Path,
    samplers: tuple[str, ...] = ("random",),
    answers: tuple[str, ...] = ("importances",),
) -> list[Any]:
    plan = claims.Plan(tuple(functions), samplers, sizes, seeds, answers, folder / "studies")
    claims.run(plan, folder / "answers.jsonl", seconds=3600.0)
    return [one for verdicts in claims.read(folder / "answers.jsonl").values() for one in verdicts]


def test_what_is_claimed_of_two_functions_is_seldom_false(tmp_path: Path) -> None:
    """In 6 studies of a sum and of a XOR: of all claims 5 % and two standard errors at most."""
    verdicts = _verdicts(["sum of 3, 2 idle", "XOR + linear"], (60, 150), 3, tmp_path)
    rate = claims.Rate.of(verdicts)
    assert rate.rate <= 0.05 + 2 * rate.error
    said = [(v.key[0], v.kind) for v in verdicts if not v.is_false]
    assert ("XOR + linear", "JOINT") in said
    assert ("sum of 3, 2 idle", "MATTERS_MOST") in said
    assert not any(v.key[0] != "XOR + linear" and v.kind == "JOINT" for v in verdicts)


def test_what_is_claimed_of_chosen_trials_is_seldom_false(tmp_path: Path) -> None:
    """By PED-ANOVA and by HSIC: at most one claim of twenty or so."""
    names = ["sum of 3, 2 idle"]
    verdicts = _verdicts(names, (80,), 1, tmp_path, ("TPE", "CMA-ES"), ("importances", "HSIC"))
    assert len(verdicts) > 10
    assert sum(verdict.is_false for verdict in verdicts) <= 1
    kinds = {verdict.kind for verdict in verdicts}
    assert "CHOSEN" in kinds, "a warning says who chose the trials"
    assert "UNREAD" not in kinds, "each warning is one that facts.py can read"
    assert not kinds & {"MATTERS", "INTERVAL", "LEADS", "JOINT"}


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    path, plan = (
        tmp_path / "answers.jsonl",
        claims.Plan(
            ("all explained",), ("random",), (40,), 1, ("importances",), tmp_path / "studies"
        ),
    )
    claims.run(plan, path, seconds=0.0)
    assert claims.read(path) == {}, "no time, no answer"
    claims.run(plan, path, seconds=3600.0)
    text = path.read_text()
    claims.run(plan, path, seconds=3600.0)
    assert text == path.read_text()
    (key,) = claims.read(path)
    assert key == ("all explained", "random", 40, 0, "importances")


def test_bounds_are_those_of_clopper_and_pearson() -> None:
    """Of independent claims; where those of a study are false together they count as fewer."""

    def verdicts(n_studies: int, n_claims: int, n_false: int) -> list[Any]:
        keys = [("f", "random", 60, seed, "importances") for seed in range(n_studies)]
        return [
            claims.Verdict(key, "MATTERS", (), (), seed < n_false)
            for seed, key in enumerate(keys)
            for _ in range(n_claims)
        ]

    assert claims.Rate.of(verdicts(59, 1, 0)).bound == pytest.approx(0.0495, abs=0.001)
    single, several = claims.Rate.of(verdicts(100, 1, 2)), claims.Rate.of(verdicts(100, 5, 2))
    assert single.rate == several.rate == 0.02
    assert single.bound == pytest.approx(0.0616, abs=0.001)
    assert several.bound == pytest.approx(single.bound, abs=0.005)


def test_the_judge_knows_what_is_false() -> None:
    judge = judges.Judge(zoo.by_name()["sum of 3, 2 idle"], 0.1)
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
    judge = judges.Judge(zoo.by_name()["choice and numbers"], 0.1)
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


def test_facts_are_read_from_warnings(tmp_path: Path) -> None:
    function = zoo.by_name()["all explained"]
    case = studies.Case(function, "random", 40, 0, tmp_path)
    report = PedAnovaImportanceEvaluator(seed=0).report(case.material.table)
    warnings = [
        "An adaptive sampler, or a person, chose these trials.",
        "3 trials repeat all values of an earlier one, as of workers with the same seed.",
        f"With {report.n_target} trials in the target set, the importances are very uncertain.",
        "Something else.",
    ]
    rulings = [(claim.kind.name, false) for claim, false in facts.facts_of(case, report, warnings)]
    assert rulings == [("CHOSEN", True), ("REPEATED", True), ("FEW", False), ("UNREAD", False)]


@pytest.mark.parametrize("n_changes", [5, 14])
def test_changes_of_a_sum_are_worth_their_terms(n_changes: int, tmp_path: Path) -> None:
    """By all sets of changes, and by orders where there are too many."""
    weights = 0.5 ** np.arange(n_changes)
    function = zoo._cube("sum", n_changes, lambda u: u @ weights)
    case = studies.Case(function, "random", 30, 0, tmp_path)
    path = exact.ExactPath(function, case.study)
    before, after = path._ends
    steps = [before[name] - after[name] for name in before]
    worth = dict(zip(before, weights * steps, strict=True))
    assert path.shapley == pytest.approx(worth)
    assert path.total == pytest.approx(sum(worth.values()))
    gain = worth["x1"]

    def is_true(kind: AnswerKind, *figures: float) -> bool:
        return bool(exact.is_true_of_path(path, Claim(kind, ("x1",), figures)))

    assert is_true(AnswerKind.CHANGE, gain - 0.1, gain + 0.1)
    assert not is_true(AnswerKind.CHANGE, gain + 0.1, gain + 0.2)
    assert is_true(AnswerKind.HELPS) == (gain > 0.0)
    assert is_true(AnswerKind.NOT_SEEN)
    assert not is_true(AnswerKind.TOTAL, path.total + 0.1, path.total + 0.2)


def test_effects_are_judged_by_the_exact_curve() -> None:
    function = zoo.by_name()["just inside a bound"]  # |x1 - 0.12| + ...
    curve = exact.exact_curve(function, "x1", (0.02, 0.12, 0.5, 0.9))
    assert np.diff(curve) == pytest.approx([-0.1, 0.38, 0.4])

    def is_true(kind: AnswerKind, *places: float) -> bool:
        return bool(exact.is_true_of_effect(curve, Claim(kind, ("x1",), places)))

    assert is_true(AnswerKind.BEST_VALUES, 0, 1)
    assert not is_true(AnswerKind.BEST_VALUES, 0)
    assert is_true(AnswerKind.LOWER, 1)
    assert not is_true(AnswerKind.LOWER, 0), "the best is not at the bound"
    assert not is_true(AnswerKind.HIGHER, 3)
    assert is_true(AnswerKind.ENDS_BETTER, 2)
    assert not is_true(AnswerKind.ENDS_BETTER, 1)
    assert is_true(AnswerKind.NOT_SEEN)


def test_comparisons_are_judged_by_both_importances() -> None:
    function = zoo.by_name()["sum of 3, 2 idle"]

    def is_true(name: str, more: str, less: str) -> bool:
        claim = Claim(AnswerKind.MATTERS_MORE, (name, f"objective {more}", f"objective {less}"))
        return bool(exact.is_true_of_comparison(function, 0.1, claim))

    assert is_true("x1", "0", "1"), "idle in the mirror image, where x5 has its place"
    assert is_true("x5", "1", "0")
    assert not is_true("x1", "1", "0")
    assert not is_true("x3", "0", "1"), "the middle one is its own image"


@pytest.mark.slow
@pytest.mark.parametrize("functions", [zoo.DESIGN, zoo.HELD], ids=["design", "held"])
@pytest.mark.parametrize("samplers", [("random", "QMC"), ("TPE", "CMA-ES")], ids=" ".join)
def test_no_kind_of_sentence_is_false_too_often(
    functions: Any, samplers: tuple[str, ...], tmp_path: Path
) -> None:
    """No kind is beyond 5 % by more than two standard errors."""
    names = [function.name for function in functions]
    verdicts = _verdicts(names, (60, 100, 200), 3, tmp_path, samplers)
    for row in {verdict.row for verdict in verdicts}:
        rate = claims.Rate.of(verdict for verdict in verdicts if verdict.row == row)
        assert rate.rate <= 0.05 + 2 * rate.error, row
