"""Classes in the names of files: the text before the number in ``cat.12.jpg``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: The text before a number at the end of a file's name: ``cat`` in ``cat.12.jpg``.
_NAMED = re.compile(r"(.*[^\W\d_])[\s._-]*[(\[]?\d+[)\]]?\Z")
#: Such names come from cameras and programs.
_OF_CAMERAS: Final = frozenset({"img", "dsc", "dscn", "dscf", "pxl", "image", "photo", "frame", "screenshot", "pic"})


def name_in_file(file: Path) -> str:
    """The text before the number at the end of the file's name; empty if there is none."""
    found = _NAMED.match(file.stem)
    return found[1] if found else ""


def names_in_files(files: Sequence[Path]) -> list[str]:
    """The classes that the names of nearly all ``files`` begin with, sorted; empty if they say none."""
    names = Counter(filter(None, map(name_in_file, files)))
    is_named = sum(names.values()) * 10 >= len(files) * 9 and not any(name.lower() in _OF_CAMERAS for name in names)
    are_numbers = len({re.sub(r"\d", "", name) for name in names}) < len(names)  # ``00012_c`` of ``00012_c3``
    is_class = is_named and not are_numbers and 1 < len(names) <= len(files) // 2 and min(names.values()) > 1
    return sorted(names) if is_class else []
