"""Subspaces of which only what matters to a test is given."""

from __future__ import annotations

from typing import Any

from optuna_hpx.importance._subspace import Subspace


def subspace(**options: Any) -> Subspace:
    """Return the subspace of the default options but for these."""
    return Subspace(
        **{
            "target_quantile": 0.1,
            "region_quantile": 1.0,
            "target_value": None,
            "region": None,
            "target_direction": "minimize",
            **options,
        }
    )
