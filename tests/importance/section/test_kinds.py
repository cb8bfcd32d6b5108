"""Kinds of claims: each has a meaning of its own, and a judge."""

from __future__ import annotations

from benchmarks.page import claims
from optuna_hpx.importance.section.kinds import ClaimKind


def test_no_kind_is_another_one() -> None:
    assert len(ClaimKind) == len(ClaimKind.__members__), "equal values would make one kind of two"


def test_the_benchmark_judges_every_kind() -> None:
    assert set(claims.RULES) == set(ClaimKind)
