"""Studies on one page, and the command ``optuna-hpx`` (extra: report).

- :func:`build_page`: the page of a study, as a string of HTML that needs nothing else
- :func:`build_comparison`: the page of two studies, side by side
- :func:`render`: the same of any sections
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna_hpx.page._compare import build_comparison
    from optuna_hpx.page._page import build_page
    from optuna_hpx.page._render import render

__all__ = ["build_comparison", "build_page", "render"]

_HOME = {"build_comparison": "_compare", "build_page": "_page", "render": "_render"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: what the command refuses, it refuses soon.

    All wings and scikit-learn come with a page, and take seconds.
    """
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"optuna_hpx.page.{_HOME[name]}"), name)
