"""Errors for the user: one sentence and the setting, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Mend:
    """A change that removes a problem: the setting at ``path`` becomes ``value``, written as in a settings file.

    ``{"kind": …}`` alone chooses a member. ``label`` is the text of a button.
    """

    label: str
    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence about one setting. ``path`` is dotted (``optimizer.lr``), empty for the whole.

    ``mends`` are the changes of which each removes it; none where only the user can know.
    """

    path: str
    message: str
    severity: Literal["error", "warning"] = "error"
    mends: tuple[Mend, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class WorkbenchError(Exception):
    """An expected failure with words for the user; ``path`` names the setting at fault, if any."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class NoTestPart(WorkbenchError):
    """The data keep no test part."""


class SpecError(WorkbenchError):
    """Every problem of a spec at once; nothing was applied."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems), self.problems[0].path if self.problems else "")
