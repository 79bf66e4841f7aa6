"""What a data source understood of its files, before anything is trained: classes, parts, what is left out, doubts.

A source whose files can be read in more than one way has a setting for each way, with the default ``"auto"``. What is
sure is a ``Fact``. What ``"auto"`` cannot decide is a ``Doubt``; choosing a ``Reading`` of it sets the setting, and the
doubt is gone. What no reading makes usable is refused by the source with a WorkbenchError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

#: Where the source's settings are in a spec.
SOURCE: Final = "data.source"

#: What a doubt or a fact is about. Headless, a doubt about classes or parts is a refusal; any other is a note.
Subject = Literal["classes", "parts", "columns", "values", "shapes", "files"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the same files: ``settings`` are fields of the source and their values; one with a dot in it
    is the path of a setting elsewhere (``data.group_by``).

    ``label`` is what a button says ("Classes are the folders one level below").
    """

    label: str
    settings: tuple[tuple[str, Any], ...]

    @property
    def edits(self) -> dict[str, Any]:
        """The settings by their paths in a spec."""
        return {name if "." in name else f"{SOURCE}.{name}": value for name, value in self.settings}


@dataclass(frozen=True, slots=True)
class Fact:
    """How the files are read, in a sentence; ``readings`` are the other ways, if there are any."""

    subject: Subject
    sentence: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the files do not decide, in a sentence that names what speaks for either side, and the ways to choose from.

    The first of ``readings`` is what is advised.
    """

    subject: Subject
    sentence: str
    readings: tuple[Reading, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether no run starts before a reading is chosen."""
        return self.subject in ("classes", "parts")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a source says of its files.

    ``classes``: name and number of training and validation examples together, in the order of the labels. ``test``:
    number of examples of the test part, 0 without. ``validation``: number of examples the source itself holds back,
    None where the settings split. ``left_out``: file or folder, relative to the data's root, and the reason.
    ``refused``: a sentence why no run can use the files with these settings, where more is known than that (else the
    source raises WorkbenchError); empty if one can.
    """

    classes: tuple[tuple[str, int], ...] = ()
    validation: int | None = None
    test: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    refused: str = ""
