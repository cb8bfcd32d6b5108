"""How often the verdict on two random searches is false: a small version of the benchmark."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

_SCRIPT = Path(__file__).parents[2] / "benchmarks" / "page" / "compare.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmarks_page_compare", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_alike_searches_are_not_told_apart(benchmark: ModuleType) -> None:
    counts = benchmark.count_false(benchmark.PAIRS["alike: normal"], 40, 25)
    assert counts.n == 25
    assert counts.n_false <= 2
    assert counts.n_says <= 2


def test_different_ones_are(benchmark: ModuleType) -> None:
    counts = benchmark.count_false(benchmark.PAIRS["small space, then large"], 100, 10)
    assert counts.n_false == 0
    assert counts.n_says >= 9


def test_a_false_claim_would_be_counted(benchmark: ModuleType) -> None:
    """The judge itself: a claim with its sides exchanged is false."""
    a, b = benchmark.PAIRS["A better by 1 sd"]
    claim = benchmark.Claim(benchmark.ComparisonKind.BETTER, ("A", "B"), (1.0, 9.0))
    assert benchmark.is_true(claim, {"A": a, "B": b})
    assert not benchmark.is_true(claim, {"A": b, "B": a})
    within = benchmark.Claim(benchmark.ComparisonKind.WITHIN, ("A", "B"), (3.0, 0.9, 1.1))
    assert benchmark.is_true(within, {"A": a, "B": b})
    assert not benchmark.is_true(within, {"A": b, "B": a})
