"""The examples that tune over tasks, with few of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("plotly")

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module", params=["interpolated_activation", "polynomial_kernel_gcn"])
def example(request: pytest.FixtureRequest) -> ModuleType:
    spec = importlib.util.spec_from_file_location(request.param, EXAMPLES / f"{request.param}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_runs_from_tuning_to_page(
    example: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    certificate, fresh = example.main(
        n_tasks=6, n_trials=4, n_fresh=3, n_curves=2, n_alphas=4, page=page
    )
    assert 0.0 <= certificate.bound < certificate.observed <= 1.0
    assert certificate.n_tasks == 6
    assert certificate.baseline.params == example.default
    assert fresh.shape == (3,)
    printed = capsys.readouterr().out
    assert "Counting needs fewer tasks." in printed
    # What is declared to the count of capacity is what the certificate counts.
    assert f"chosen among {certificate.n_configs:.0f} configurations" in printed
    assert f"structure  {certificate.n_configs:.0f} configurations" in printed
    assert page.read_text("utf-8").count("plotly-graph-div") == 3


def test_a_task_and_its_utility_are_reproducible(example: ModuleType) -> None:
    first, again = (example.draw_task(np.random.default_rng(1)) for _ in range(2))
    assert example.utility(0.5, first) == example.utility(0.5, again)
