"""Predictions as a CSV file, written incrementally to a temporary file that replaces the target when it is complete."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from workbench.engine.core.atomic_write import CannotWrite, writing_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import for_file
from workbench.engine.shelf.export import harmless
from workbench.engine.use.predict import Prediction

COLUMNS: Final = ("path", "class", "probability", "second_class", "second_probability", "reason")
_HELD: Final = "Close it where it is open, or choose another name."


class PredictionTable:
    """Writes rows to ``stream``. Names that a spreadsheet would compute get a mark in front."""

    def __init__(self, stream: BinaryIO, classes: Sequence[str]) -> None:
        self._stream, self._classes = stream, tuple(map(harmless, classes))
        self._write([COLUMNS])

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Append a row for each of them. Raises OSError."""
        self._write([self._row(each) for each in predictions])

    def _row(self, each: Prediction) -> tuple[str, ...]:
        path = harmless(os.fspath(each.path))
        if each.reason:
            return (path, "", "", "", "", each.reason)
        second = ("", "")
        if each.second >= 0:
            second = (self._classes[each.second], for_file(each.second_probability, 7))
        return (path, self._classes[each.first], for_file(each.probability, 7), *second, "")

    def _write(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._stream.write(text.getvalue().encode("utf-8", "backslashreplace"))


@contextlib.contextmanager
def prediction_file(path: Path, classes: Sequence[str]) -> Iterator[PredictionTable]:
    """A table that becomes the file ``path`` when the ``with`` block ends without an error.

    Raises WorkbenchError, before the block for a place that cannot be written.
    """
    _refuse(path)
    try:
        with writing_whole(path) as stream:
            yield PredictionTable(stream, classes)
    except CannotWrite as error:
        if error.code in (errno.EACCES, errno.EPERM, errno.EBUSY):
            raise WorkbenchError(f"{error.message} {_HELD}") from None
        raise


def _refuse(path: Path) -> None:
    """Raise WorkbenchError for a folder, and for a file that may not be written or that another program holds."""
    if path.is_dir():
        raise WorkbenchError(f"{path} is a folder; give the name of a file in it, such as {path / 'predictions.csv'}.")
    if not path.parent.is_dir():
        raise WorkbenchError(f"Cannot write {path}: there is no folder {path.parent}.")
    if path.exists():
        try:
            os.close(os.open(path, os.O_WRONLY))  # nothing is cut off
        except OSError as error:
            raise WorkbenchError(f"Cannot write {path}: {error.strerror or error}. {_HELD}") from None
