"""Settings of the split: what cannot be combined, and how a group is read from a file's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from workbench.engine.catalog.ensembles.single import Single
from workbench.engine.core.errors import Problem

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

GroupBy = Literal["auto", "folder", "name", "none"]


def split_problems(spec: ExperimentSpec, path: str) -> Iterator[Problem]:
    """The problems of the settings below ``path`` that concern groups, folds and the test part."""
    yield from _group_problems(spec, path)
    yield from _fold_problems(spec, path)
    data = spec.data
    if data.test_fraction + (0 if data.folds is not None else data.validation_fraction) > 0.95:
        text = "leaves nothing to train on beside the validation share; together they may be at most 0.95"
        yield Problem(f"{path}.test_fraction", text)


def _group_problems(spec: ExperimentSpec, path: str) -> Iterator[Problem]:
    data = spec.data
    if data.group_by in ("folder", "name") and not getattr(data.source, "has_files", False):
        text = f"needs a picture file for each example, and {data.source.title} has none; choose auto or none"
        yield Problem(f"{path}.group_by", text)
    if data.group_by == "name":
        wrong = _wrong_pattern(data.group_pattern)
        if wrong:
            yield Problem(f"{path}.group_pattern", wrong)


def _wrong_pattern(pattern: str) -> str:
    """What is wrong with it, in words; empty if nothing is."""
    if not pattern:
        return "is empty; write the sign at which the group's name ends, e.g. _"
    if "(" not in pattern:
        return ""
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"is no regular expression: {error}"
    return "" if groups else "has no group; put parentheses around what names the group, e.g. (patient\\d+)"


def group_reader(pattern: str) -> Callable[[str], str]:
    """What names the group in a file's name; it returns an empty text for a name without one.

    ``pattern`` must have no problem: a text that ends the group's name, or a regular expression with parentheses.
    """
    if "(" not in pattern:
        return lambda name: name.partition(pattern)[0] if pattern in name else ""
    search = re.compile(pattern).search

    def read(name: str) -> str:
        found = search(name)
        return (found[1] or "") if found else ""

    return read


def _fold_problems(spec: ExperimentSpec, path: str) -> Iterator[Problem]:
    data = spec.data
    if data.folds is None:
        if data.fold is not None:
            yield Problem(f"{path}.fold", "has no effect while Folds is off", "warning")
        return
    if data.fold is not None and data.fold > data.folds:
        yield Problem(f"{path}.fold", f"must be at most the number of folds, {data.folds}")
    if data.fold is None and not isinstance(spec.ensemble, Single):
        text = f"cannot be combined with the ensemble {spec.ensemble.title}; choose One model, or only one fold"
        yield Problem(f"{path}.folds", text)
