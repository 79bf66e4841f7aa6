"""``--to data``: the pictures of a run in folders of parts and classes, with corrections and split applied."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.core.atomic_write import CannotWrite, write_whole
from workbench.engine.core.errors import NoTestPart, WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import counted, grouped, plain
from workbench.engine.data.browse import Catalogue, Part, catalogue
from workbench.engine.data.store import DataStore
from workbench.engine.evaluation.trained_on import TrainedOn
from workbench.engine.export.subject import Provenance

#: The folder of each part that is written.
FOLDERS: Final = {Part.TRAINING: "train", Part.VALIDATION: "validation", Part.TEST: "test"}
#: File with the classes in the order of the outputs, one a line.
CLASSES: Final = "classes.txt"
#: Characters and names that file names must not contain on Windows.
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_NO_LINKS: Final = (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EACCES, errno.ENOSYS)


def writing_data(origin: Provenance, folder: Path, store: DataStore | None = None) -> Job[str]:
    """Write the folders of parts into ``folder``; returns sentences.

    Examples that are files become further names of the files (hard links), or copies where the drives cannot; others
    become PNG files. Raises WorkbenchError for points, data that are gone or have changed, and CannotWrite.
    """
    trained = origin.trained
    if trained is None:
        raise WorkbenchError(f"{origin.name} does not say on which data it was trained, so there are none to export.")
    store = store if store is not None else DataStore()
    found = yield from catalogue(trained.spec, store)
    _refuse_changed(found, trained)
    rows = [row for row in range(len(found)) if found.parts[row] in FOLDERS]
    names = folder_names(found.classes)
    writer = _Writer(folder)
    for done, row in enumerate(rows):
        if done % 64 == 0:
            yield Loading(done, len(rows), "Writing pictures")
        part = Part(found.parts[row])
        writer.write(found, row, Path(FOLDERS[part]) / names[found.labels[row]])
    own = yield from _own_test(trained, found, writer, names)
    write_whole(folder / CLASSES, "".join(f"{name}\n" for name in trained.classes).encode("utf-8", "backslashreplace"))
    return _words(found, len(rows) + own, writer)


def folder_names(classes: Sequence[str]) -> list[str]:
    """A folder for each class that every system can have, no two of them alike whatever the case."""
    made: list[str] = []
    for name in classes:
        plain_name = _FORBIDDEN.sub("_", name).strip(" .") or "_"
        plain_name = f"_{plain_name}" if _RESERVED.fullmatch(plain_name) else plain_name
        made.append(_free(plain_name, {each.casefold() for each in made}))
    return made


def _free(name: str, taken: Iterable[str]) -> str:
    """``name``, or with a number behind its stem."""
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, f"{dot}{suffix}") if stem else (name, "")
    made, number = name, 2
    while made.casefold() in taken:
        made, number = f"{stem}_{number}{suffix}", number + 1
    return made


def _refuse_changed(found: Catalogue, trained: TrainedOn) -> None:
    """Raises WorkbenchError where the parts are unknown, or differ in size from those of the run."""
    if Part.UNKNOWN in found.parts or (found.files and not len(found)):
        raise WorkbenchError(" ".join(found.notes) or "Which examples train is not known.", "data.source")
    sizes = tuple(int((found.parts == part).sum()) for part in (Part.TRAINING, Part.VALIDATION))
    if trained.sizes is not None and sizes != trained.sizes:
        now, then = (" and ".join(map(str, each)) for each in (sizes, trained.sizes))
        text = f"The data has changed since {trained.name} was trained: {now} examples would train and validate now"
        raise WorkbenchError(f"{text}, then {then}. Train again with the data as it is, and export that run.")


def _own_test(trained: TrainedOn, found: Catalogue, writer: _Writer, names: Sequence[str]) -> Job[int]:
    """The test part of data that come as arrays; that of files is in the catalogue."""
    if found.pictures is None:
        return 0
    try:
        part = yield from trained.spec.data.source.loading_test()
    except NoTestPart:
        return 0
    index = {name: number for number, name in enumerate(found.classes)}
    for row, (picture, label) in enumerate(zip(part.inputs, part.labels, strict=True)):
        writer.write_array(picture, Path("test") / names[index[part.classes[label]]], row)
    return len(part.labels)


class _Writer:
    """Writes examples into folders below ``root`` and counts what became of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taken: dict[Path, set[str]] = {}
        self.linked = self.copied = self.drawn = 0

    def write(self, found: Catalogue, row: int, below: Path) -> None:
        """One example of ``found``."""
        if found.pictures is None:
            self._write_file(Path(found.files[row]), below)
        else:
            self.write_array(found.pictures[found.rows[row]], below, int(found.rows[row]))

    def write_array(self, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], below: Path, number: int) -> None:
        """Pixels, uint8 (1 or 3, H, W), as a PNG file named by their place among all examples."""
        from PIL import Image

        target = self._place(below, f"{number:06}.png")
        pixels = picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)
        try:
            Image.fromarray(np.ascontiguousarray(pixels)).save(target)
        except OSError as error:
            raise CannotWrite(target, picture.nbytes, error) from None
        self.drawn += 1

    def _write_file(self, source: Path, below: Path) -> None:
        target = self._place(below, source.name)
        try:
            real = source.resolve(strict=True)
        except OSError as error:
            raise WorkbenchError(f"Cannot read {source}: {error.strerror or error}.") from None
        try:
            os.link(real, target)
            self.linked += 1
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise CannotWrite(target, 0, error) from None
            self._copy(real, target)

    def _copy(self, source: Path, target: Path) -> None:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise CannotWrite(target, source.stat().st_size if source.exists() else 0, error) from None
        self.copied += 1

    def _place(self, below: Path, name: str) -> Path:
        """A free name in the folder ``below``, which is made where it is not there."""
        folder = self._root / below
        if below not in self._taken:
            folder.mkdir(parents=True, exist_ok=True)
        taken = self._taken.setdefault(below, set())
        free = _free(name, taken)
        taken.add(free.casefold())
        return folder / free


def _words(found: Catalogue, count: int, writer: _Writer) -> str:
    kinds = (
        (writer.linked, "linked (they take no room; change them and the originals change)"),
        (writer.copied, "copied"),
        (writer.drawn, "written as PNG"),
    )
    how = ", ".join(f"{grouped(number)} {words}" for number, words in kinds if number)
    left = int((found.parts == Part.LEFT_OUT).sum())
    unused = int((found.parts == Part.UNUSED).sum())
    moved = int((found.labels != found.own).sum())
    said = [f"{counted(count, 'picture')} in folders of parts and classes: {how}."]
    said += [f"{counted(left, 'picture is', 'pictures are')} left out by corrections."] if left else []
    said += [f"{counted(moved, 'picture is', 'pictures are')} in another class by corrections."] if moved else []
    said += [f"{counted(unused, 'picture')} that the run did not use stay out."] if unused else []
    return plain(" ".join(said))
