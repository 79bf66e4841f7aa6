"""Reading a TOML file as a table: size and depth are capped before it is parsed, and what is wrong is said in words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.text import quoted
from workbench.engine.core.toml_names import MAX_DOTS, has_long_name

MAX_BYTES = 64 * 1024


def read_text(path: Path, what: str = "settings file") -> str:
    """The text of a file; ``what`` it is meant to be, for the sentence of an error.

    Raises WorkbenchError if it cannot be read, SpecError if it is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _too_large(what)
        return data.decode("utf-8-sig")  # some editors of Windows begin a text with a byte order mark
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"Cannot read {path}: it is not a text file in UTF-8.") from None


def table_of(text: str, what: str = "settings file") -> dict[str, Any]:
    """The table that ``text`` is. Raises SpecError with a sentence."""
    _refuse_absurd(text, what)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SpecError([Problem("", f"This is not a readable {what}: it is nested too deeply.")]) from None
    except ValueError as error:  # a decode error, or a number of thousands of digits
        words = f"This is not a readable {what}: {error}.{_hint(str(error), text)}"
        raise SpecError([Problem("", words)]) from None


def wrong_version(version: object, newest: int, what: str = "settings file") -> Problem | None:
    """The problem of a file of the format ``version`` where ``newest`` is the newest known; None if there is none."""
    if type(version) is not int or version < 1:
        return Problem("version", f"is not a known version of a {what}: {quoted(version)}")
    if version > newest:
        text = "This file was written by a newer version of the program"
        return Problem("version", f"{text} (format {quoted(version)}; this one reads {newest}).")
    return None


def _hint(error: str, text: str) -> str:
    """What the writer of the file most likely has to change."""
    if "hex value" in error or "Unescaped" in error:
        return " A backslash in double quotes begins an escape: write the path in single quotes, or with / instead."
    if re.search(r"^[\w.]+\s*=\s*\d+,\d+\s*$", text, re.MULTILINE):
        return " Numbers have a point and no comma: 0.01."
    return ""


def _refuse_absurd(text: str, what: str) -> None:
    if len(text) > MAX_BYTES:
        raise _too_large(what)
    if has_long_name(text):
        raise SpecError(
            [Problem("", f"This file has a name with more than {MAX_DOTS} parts; no setting has that many.")]
        )


def _too_large(what: str) -> SpecError:
    return SpecError([Problem("", f"This file is larger than {MAX_BYTES // 1024} KB; no {what} is that large.")])
