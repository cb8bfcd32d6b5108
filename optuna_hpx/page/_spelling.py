"""Advice as a reader can follow it: what a notebook takes as an argument is an option here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from optuna_hpx.canvas.section import Action, Section
from optuna_hpx.page._arguments import CSV_OPTIONS

__all__ = ["as_options", "option_names", "with_options"]

_NAMES = "space|sampling|target_quantile|region_quantile|target_value"
_ARGUMENT = re.compile(rf"(?<![\w.`])({_NAMES})=(['\"]?)([\w.]+\b)\2")
_QUOTED_ARGUMENT = re.compile(rf"`({_NAMES})=(['\"]?)([\w.]+)\2`")
_NAME = re.compile(r"`(region_quantile|target_quantile|target_value)`")  # bare: a user's own
_SAMPLER = re.compile(r"`sampler=(?:RandomSampler\(\))?`")
_OF_TABLES = re.compile(rf"`({'|'.join(CSV_OPTIONS)})`")
_ONLY_IN_PYTHON = "TrialTable."  # advice on a table that no option can follow


def as_options(text: str) -> str:
    """Spell arguments of Python as the options of the command that do the same."""
    if _ONLY_IN_PYTHON in text:
        return text
    text = _SAMPLER.sub("--sampling independent", text)
    for pattern in (_QUOTED_ARGUMENT, _ARGUMENT):
        text = pattern.sub(lambda match: f"{_option(match[1])} {match[3]}", text)
    return _NAME.sub(lambda match: _option(match[1]), text)


def option_names(error: str) -> str:
    """Name the options in an error of a reader of tables, which names its arguments."""
    return _OF_TABLES.sub(lambda match: _option(match[1]), error)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def with_options(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Spell the advice in all that sections say; lines of code stay Python."""
    return tuple(
        replace(
            section,
            warnings=tuple(map(as_options, section.warnings)),
            answer=as_options(section.answer),
            basis=as_options(section.basis),
            how_to_read=as_options(section.how_to_read),
            verdict=as_options(section.verdict),
            actions=tuple(map(_action, section.actions)),
            parts=with_options(section.parts),
        )
        for section in sections
    )


def _action(action: Action) -> Action:
    return replace(
        action,
        deed=as_options(action.deed),
        reason=as_options(action.reason),
        confidence=as_options(action.confidence),
    )
