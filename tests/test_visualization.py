"""The index of figures."""

from __future__ import annotations

import subprocess
import sys

import pytest

import optuna_hpx
from optuna_hpx import visualization


def test_it_lists_every_figure_of_the_package() -> None:
    figures = {name for name in optuna_hpx.__all__ if name.startswith("plot_")}
    assert set(visualization.__all__) == figures
    assert set(dir(visualization)) >= figures
    for name in figures:
        assert getattr(visualization, name) is getattr(optuna_hpx, name)
    with pytest.raises(AttributeError, match="no attribute 'plot_nothing'"):
        _ = visualization.plot_nothing


def test_importing_it_loads_no_wing() -> None:
    code = (
        "import sys, optuna_hpx.visualization;"
        "print([m for m in sys.modules if m.startswith('optuna_hpx.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['optuna_hpx.visualization']"
