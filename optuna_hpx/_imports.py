"""Optional dependencies, imported when first needed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from typing import Any


def require(module: str, *, extra: str) -> Any:
    """Import a module that belongs to an extra of this package.

    Args:
        module: Its name, with dots.
        extra: What to install for it.

    Raises:
        ImportError: If it is not installed; the error names the extra. A module that is there, but
            lacks something else, raises its own error.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # the module is there, but something that it needs is not
        raise ImportError(_missing(module, extra)) from error


def ensure(modules: Iterable[str], *, extra: str) -> None:
    """Refuse to begin without the modules of an extra; none of them is imported.

    Args:
        modules: Their names, without dots.
        extra: What to install for them.

    Raises:
        ImportError: If one is not installed; the error names the extra.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise ImportError(_missing(module, extra))


def _missing(module: str, extra: str) -> str:
    return f"{module} is needed here and is not installed: pip install 'optuna-hpx[{extra}]'"
