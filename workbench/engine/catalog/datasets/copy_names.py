"""Names that desktops and browsers give to the copy of a file or a folder: ``dog - Copy``, ``dog (1)``."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = r"(?:copy|kopie|copie|copia|cópia|kopia)"
#: As Windows, macOS, Linux desktops and browsers name them; the first group is the name of the original.
COPIES: Final = (
    re.compile(rf"(.+?)(?:\s+-\s+|[ _-]){_WORD}(?:\s*\(?\d+\)?)?\Z", re.IGNORECASE),
    re.compile(r"(.+?)\s?\(\d+\)\Z"),
    re.compile(rf"{_WORD}\s+(?:of|von|de|di|van)\s+(.+)\Z", re.IGNORECASE),
)


def originals(name: str) -> list[str]:
    """The names, in lower case, of which ``name`` may be the copy."""
    return [found[1].strip().casefold() for pattern in COPIES if (found := pattern.match(name))]
