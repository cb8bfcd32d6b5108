"""Cells of equal counts, of choices, and tables whose cells are joined."""

from __future__ import annotations

import numpy as np

from optuna_hpx.importance.maths.cells import choice_cells, coarsen, fill, ordered_cells


def test_equal_values_share_a_cell() -> None:
    x = np.array([1.0, 2.0, 2.0, 2.0, 3.0, 3.0])
    codes = ordered_cells(np.argsort(x, kind="stable"), x, None).codes
    assert len(np.unique(codes)) == 3
    assert codes[1] == codes[2] == codes[3]
    assert (np.diff(codes) >= 0).all()


def test_rare_choices_share_a_cell() -> None:
    cells = choice_cells(np.repeat([0, 1, 2, 3], [20, 4, 30, 3]))
    assert cells.size == 3
    assert cells.codes[20] == cells.codes[-1]
    assert choice_cells(np.arange(100) % 40).size <= 32


def test_cells_of_equal_counts_within_each_stratum() -> None:
    values = np.random.default_rng(0).random(96)
    strata = np.repeat([0, 1], [64, 32])
    cells = ordered_cells(np.argsort(values), values, strata)
    for stratum, size in ((0, 2), (1, 1)):
        assert (np.bincount(cells.codes[strata == stratum], minlength=32) == size).all()
        inside = np.argsort(values[strata == stratum])
        assert (np.diff(cells.codes[strata == stratum][inside]) >= 0).all()


def test_coarse_cells_are_sums_of_neighbours() -> None:
    counts = np.arange(32.0 * 3).reshape(1, 32, 3)
    coarse = coarsen(counts, (True, False), 1)
    np.testing.assert_array_equal(
        coarse[0], [counts[0, k : k + 8].sum(axis=0) for k in range(0, 32, 8)]
    )
    np.testing.assert_array_equal(coarsen(counts, (False, False), 1), counts)


def test_filling_joins_the_rarest_choices_and_keeps_the_totals() -> None:
    n_c = np.diag([8.0, 4.0, 2.0, 1.0, 1.0])[None]
    m_c = n_c / 2
    filled_n, filled_m = fill(n_c, m_c, (False, False))
    assert filled_n.sum() == n_c.sum()
    np.testing.assert_array_equal(filled_m, filled_n / 2)
    sizes = np.sort(filled_n.sum(axis=2)[0])[::-1]
    assert sizes.tolist() == [8.0, 8.0, 0.0, 0.0, 0.0]  # 16 trials: two choices are left
