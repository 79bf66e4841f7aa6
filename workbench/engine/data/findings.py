"""What a check of data finds, and the actions it offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

#: The label of the ``stop`` action for files that the user repairs or replaces outside the program.
FIX_FILES: Final = "Fix the files first"


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done: ``skip`` these files, ``edit`` the setting at ``path`` to ``value``, or ``stop``.

    A ``skip`` with a ``path`` is both: without these files the setting has to be so.
    """

    kind: Literal["skip", "stop", "edit"]
    label: str
    files: tuple[str, ...] = ()
    path: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``error``: the run cannot start so; ``warning``: it can, but should it?; ``info``: good to know.

    ``code`` names the kind for views and tests; ``files`` are all files concerned, with the reason of each in
    ``reasons`` where there is one.
    """

    code: str
    severity: Literal["error", "warning", "info"]
    sentence: str
    files: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What the data is, in numbers, and what was found. Counts are of the split that the run would use.

    ``counts``: (class, training, validation, test). ``sizes``: (width, height, files), the most frequent first;
    ``modes``: (words, files). ``needed`` and ``free`` are bytes of memory.
    """

    findings: tuple[Finding, ...]
    counts: tuple[tuple[str, int, int, int], ...] = ()
    sizes: tuple[tuple[int, int, int], ...] = ()
    modes: tuple[tuple[str, int], ...] = ()
    needed: int = 0
    free: int = 0

    @property
    def is_asked(self) -> bool:
        """Whether nothing was checked, since it is open how the data is read."""
        return any(finding.code == "asked" for finding in self.findings)

    @property
    def can_start(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)
