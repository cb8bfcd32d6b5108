"""The demonstrations: small models that are really tuned, each for one or two of the questions."""

from __future__ import annotations

from optuna_hpx.page.demo._demonstrations import DEMONSTRATIONS, Demo
from optuna_hpx.page.demo._workers import run, url_of

__all__ = ["DEMONSTRATIONS", "Demo", "run", "url_of"]
