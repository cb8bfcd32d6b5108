"""What each sampler is known to do, wrapped or not."""

from __future__ import annotations

import warnings

import pytest
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GridSampler,
    NSGAIISampler,
    PartialFixedSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)

from optuna_hpx import HsicSampler, InterleavedSampler
from optuna_hpx.trials.drawer import Drawer, drawer_of, innermost


@pytest.mark.parametrize(
    ("sampler", "kind"),
    [
        (RandomSampler(), "random"),
        (QMCSampler(), "even"),
        (GridSampler({"x": [1]}), "even"),
        (BruteForceSampler(), "even"),
        (TPESampler(), "learning"),
        (HsicSampler(), "learning"),
        (NSGAIISampler(), "other"),
        (CmaEsSampler(), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_kinds(sampler: BaseSampler, kind: str) -> None:
    drawer = drawer_of(sampler, 1)
    assert drawer is not None
    assert (drawer.kind, drawer.name) == (kind, type(sampler).__name__)


def test_tpe_marks_what_it_chooses_together() -> None:
    expected = Drawer("TPESampler", "learning", 7, counts_pruned=True, leaves_marks=True)
    assert drawer_of(TPESampler(n_startup_trials=7), 1) == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = TPESampler(multivariate=False)
    for sampler, n_objectives in [(alone, 1), (TPESampler(), 2)]:
        drawer = drawer_of(sampler, n_objectives)
        assert drawer is not None
        assert not drawer.leaves_marks


def test_the_innermost_sampler() -> None:
    inner = TPESampler()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fixed = PartialFixedSampler({"x": 1}, RandomSampler())
    assert innermost(InterleavedSampler(InterleavedSampler(inner))) is inner
    assert innermost(fixed) is fixed
    fixed_drawer = drawer_of(fixed, 1)
    assert fixed_drawer is not None
    assert fixed_drawer.kind == "other"
    assert innermost(inner) is inner
    assert innermost(None) is None
    assert drawer_of(None, 1) is None
