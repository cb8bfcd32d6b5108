"""Optional dependencies: the error names the extra, and blames no other module."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optuna_hpx._imports import require


def test_a_module_that_is_there_is_returned() -> None:
    assert require("json", extra="plot") is json
    assert require("os.path", extra="plot").sep


@pytest.mark.parametrize("module", ["no_such_module", "no_such_module.part"])
def test_a_module_that_is_missing(module: str) -> None:
    with pytest.raises(ImportError) as caught:
        require(module, extra="torch")
    assert str(caught.value) == (
        f"{module} is needed here and is not installed: pip install 'optuna-hpx[torch]'"
    )
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_module_that_lacks_another_raises_its_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there_but_broken.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError) as caught:
        require("there_but_broken", extra="torch")
    assert caught.value.name == "no_such_module"
    assert "optuna-hpx[" not in str(caught.value)
