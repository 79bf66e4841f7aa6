"""The settings by which a user says how a folder is read, and the folders that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import quoted

Level = Literal[
    "auto",
    "folders",
    "second_level",
    "third_level",
    "both_levels",
    "innermost",
    "paths",
    "file_names",
    "name_ends",
    "name_numbers",
    "name_words",
]
NameRule = Literal["auto", "exact", "ignore_case"]
#: The same, and the names in a file beside folders that are numbered.
FolderNames = Literal["auto", "exact", "ignore_case", "from_file"]
#: Between several names in one setting: no file system of Windows allows it in a name.
BETWEEN: Final = "|"
#: How the names of lists of pictures end.
LISTS: Final = (".txt", ".lst")
#: The same, and tables of one column.
LISTED: Final = (*LISTS, ".csv", ".tsv")
#: The value of ``parts`` by which the names of files say them.
IN_NAMES: Final = "file_names"
PARTS: Final = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings of a folder source that say how it is read; each may be ``auto``."""

    classes: Level = "auto"
    parts: str = "auto"
    left_out: str = "auto"
    class_names: FolderNames = "auto"

    @property
    def has_parts(self) -> bool:
        """Whether the settings name the folders of the parts."""
        return self.parts.strip().lower() not in ("", "auto", "none", IN_NAMES)

    @property
    def has_part_lists(self) -> bool:
        """Whether the settings name lists of pictures for the parts, and no folders. Raises WorkbenchError."""
        names = [name for each in self.part_folders().values() for name in each] if self.has_parts else []
        return bool(names) and all(name.lower().endswith(LISTED) for name in names)

    @property
    def no_parts(self) -> bool:
        """Whether the settings say that no folder is a part."""
        return self.parts.strip().lower() == "none"

    @property
    def parts_in_names(self) -> bool:
        """Whether the settings say that the names of files give the parts."""
        return self.parts.strip().lower() == IN_NAMES

    @property
    def parts_are_no_folders(self) -> bool:
        """Whether no folder is a part: lists or the names of files say the parts, or none is. Raises WorkbenchError."""
        return self.no_parts or self.parts_in_names or self.has_part_lists

    @property
    def leaves_masks_out(self) -> bool:
        """Whether masks beside pictures are left out without being named."""
        return "none" not in map(str.lower, _names(self.left_out))

    @property
    def left_out_names(self) -> tuple[str, ...]:
        """The names that the settings leave out."""
        return tuple(name for name in _names(self.left_out) if name.lower() not in ("auto", "none"))

    def is_left_out(self, relative: str, name: str) -> bool:
        """Whether the settings leave out the file or folder ``name`` at the ``relative`` path."""
        return any(_fits(relative, each) or _fits(name, each) for each in self.left_out_names)

    def part_folders(self) -> dict[str, tuple[str, ...]]:
        """The folders of each part that ``parts`` names, relative to the data's folder. Raises WorkbenchError."""
        found: dict[str, tuple[str, ...]] = {}
        for clause in filter(str.strip, self.parts.split(";")):
            part, colon, names = clause.partition(":")
            if not colon or part.strip().lower() not in PARTS or part.strip().lower() in found:
                known = f"auto, none, {IN_NAMES} or {parts_text(EXAMPLE)}"
                text = f"The parts {quoted(self.parts)} are not understood: write {known}."
                raise WorkbenchError(text, "data.source.parts")
            found[part.strip().lower()] = _names(names)
        return found


EXAMPLE: Final = (("train", ("FOLDER", "FOLDER")), ("validation", ("FOLDER",)), ("test", ("FOLDER",)))


def parts_text(parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The setting ``parts`` that names these folders: ``train: a | b; test: c``."""
    return "; ".join(f"{part}: {names_text(names)}" for part, names in parts if names)


def names_text(names: Sequence[str]) -> str:
    """Several names as one setting."""
    return f" {BETWEEN} ".join(names)


def _names(text: str) -> tuple[str, ...]:
    return tuple(_names_in(text))


def _names_in(text: str) -> Iterator[str]:
    for name in text.split(BETWEEN):
        if name.strip():
            yield name.strip().replace("\\", "/").strip("/")


def _fits(name: str, pattern: str) -> bool:
    """Equal, or a pattern with * and ? in it; brackets are letters, as in ``photos [new]``."""
    if name == pattern:
        return True
    return ("*" in pattern or "?" in pattern) and fnmatchcase(name, pattern.replace("[", "[[]"))
