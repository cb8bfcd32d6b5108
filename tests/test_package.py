"""The package as a whole: its index, what importing it costs, and what the README says."""

from __future__ import annotations

import ast
import copy
import doctest
import pickle
import re
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

import optuna_hpx
from optuna_hpx import PedAnovaImportanceEvaluator

PUBLIC = {
    "AblationPath",
    "AsymptoticLaw",
    "AsymptoticLawCallback",
    "Certificate",
    "Checkpoint",
    "CheckpointError",
    "DualCurve",
    "Forecast",
    "GPBTScheduler",
    "HsicImportanceEvaluator",
    "HsicSampler",
    "HypervolumeOutlook",
    "ImportanceComparison",
    "ImportanceProfile",
    "ImportanceReport",
    "Improvement",
    "InterleavedSampler",
    "MarginalEffect",
    "MultiTaskObjective",
    "NoCertificateError",
    "NoLawError",
    "NoSurrogateError",
    "PedAnovaImportanceEvaluator",
    "ReplayError",
    "SamplerBeliefs",
    "Schedule",
    "TaskRacingPruner",
    "TrialTable",
    "TuningCurveBand",
    "TuningCurveComparison",
    "ablation_path",
    "certify",
    "compare_importances",
    "compare_tuning_curves",
    "hypervolume_outlook",
    "importance_profile",
    "marginal_effect",
    "noise_tolerance",
    "plot_ablation_path",
    "plot_beliefs",
    "plot_certificate",
    "plot_cost",
    "plot_densities",
    "plot_dual_curve",
    "plot_genealogy",
    "plot_history",
    "plot_hypervolume_outlook",
    "plot_importance_comparison",
    "plot_importance_profile",
    "plot_importances",
    "plot_interactions",
    "plot_marginal_effect",
    "plot_outlook",
    "plot_schedule",
    "plot_task_racing",
    "plot_tuning_curve",
    "plot_tuning_curve_comparison",
    "refine_jumps",
    "sampler_beliefs",
    "task_matrix",
    "tasks_needed",
    "tuning_curve_band",
}


def test_public_names() -> None:
    assert set(optuna_hpx.__all__) == PUBLIC
    assert set(dir(optuna_hpx)) >= PUBLIC
    for name in PUBLIC:
        assert getattr(optuna_hpx, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = optuna_hpx.nothing


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_has_an_example(name: str) -> None:
    """Which runs: the tests collect the examples in the package's docstrings."""
    public = getattr(optuna_hpx, name)
    tests = doctest.DocTestFinder(recurse=False).find(public, name)
    assert any(test.examples for test in tests)


TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "optuna_hpx"


def _definitions(file: Path) -> set[str]:
    """Names of the functions and classes of a file, and of their methods."""
    kinds = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, kinds)}


def _test_file(module: Path) -> Path:
    """``test_<module>.py`` in the same folder of tests/; a package's is named by its folder."""
    folder = TESTS / module.parent.relative_to(PACKAGE)
    if module == PACKAGE / "__init__.py":
        return Path(__file__)
    name = folder.name if module.name == "__init__.py" else module.stem
    return folder / f"test_{name.lstrip('_')}.py"


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_has_a_test_file(module: Path) -> None:
    """But for an ``__init__.py`` that only names what its package has."""
    if module.name == "__init__.py" and not _definitions(module):
        return
    file = _test_file(module)
    assert file.exists(), f"write {file.relative_to(TESTS.parent)}"
    assert any(name.startswith("test_") for name in _definitions(file)), f"{file} holds no test"


def test_no_two_modules_share_a_test_file() -> None:
    """As ``_law.py`` and ``law.py`` of one folder would."""
    files = [_test_file(module) for module in MODULES if module.name != "__init__.py"]
    assert len(files) == len(set(files))


def test_importing_loads_nothing_heavy() -> None:
    heavy = ["optuna", "numpy", "sklearn", "torch", "plotly", "pandas", "jinja2"]
    code = f"import sys, optuna_hpx; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_evaluator_needs_no_optional_dependency() -> None:
    code = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('plotly', 'pandas', 'jinja2', 'torch'):\n"
        "            raise ModuleNotFoundError(name, name=name.partition('.')[0])\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "import optuna\n"
        "from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable, plot_importances\n"
        "study = optuna.create_study()\n"
        "study.optimize(lambda t: t.suggest_float('x', 0, 1), n_trials=20)\n"
        "report = PedAnovaImportanceEvaluator().report(study)\n"
        "for call in (report.to_frame, lambda: plot_importances(report)):\n"
        "    try:\n"
        "        call()\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pandas, plotly = done.stdout.splitlines()
    assert "pip install 'optuna-hpx[report]'" in pandas
    assert "pip install 'optuna-hpx[plot]'" in plotly


def test_an_evaluator_can_be_copied_and_sent() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=30)
    evaluator = PedAnovaImportanceEvaluator(region={"x": (0.0, 0.9)})
    for other in (copy.deepcopy(evaluator), pickle.loads(pickle.dumps(evaluator))):
        assert other.evaluate(study) == evaluator.evaluate(study)


README = Path(__file__).parents[1].joinpath("README.md").read_text()


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_readme_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(block, {})
