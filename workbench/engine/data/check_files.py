"""Checks of picture files: unreadable, ignored, of odd sizes or colour modes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.picture_files import PictureFiles, paths_text
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading
from workbench.engine.core.responsive_io import patiently
from workbench.engine.pictures.class_folders import Ignored, find_ignored
from workbench.engine.pictures.request import Entry

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.data.findings import FIX_FILES, Action, Finding

#: A picture is small if its shorter side would be blown up so many times, and large with so many pixels.
BLOWN_UP: Final = 4


_LARGE: Final = 40_000_000


def _unreadable(names: Sequence[str], entries: Sequence[Entry], skipped: bool) -> Iterator[Finding]:
    bad = [(name, entry.reason) for name, entry in zip(names, entries, strict=True) if entry.reason]
    if not bad:
        return
    files = tuple(name for name, _ in bad)
    why = "; ".join(f"{count:,} {reason}" for reason, count in Counter(reason for _, reason in bad).most_common(3))
    sentence = f"{len(bad):,} of {len(names):,} files cannot be read ({why}), e.g. {paths_text(files, 2)}."
    actions = (
        Action("skip", f"Leave {'it' if len(bad) == 1 else 'them'} out", files),
        Action("edit", "Skip unreadable files", files, "data.source.skip_unreadable", True),
        Action("stop", FIX_FILES, files),
    )
    severity: Literal["info", "error"] = "info" if skipped else "error"
    yield Finding("unreadable", severity, sentence, files, tuple(why for _, why in bad), () if skipped else actions)


def _ignored(spec: ExperimentSpec) -> Generator[Loading, None, tuple[Finding, ...]]:
    """What lies in the folder and is no example; a drive that is silent is named."""
    source = spec.data.source
    if not isinstance(source, PictureFolder):
        return ()
    words = "Looking for what else lies in the folder"
    try:
        ignored = yield from patiently(lambda: find_ignored(source.place()), source.folder, words)
    except WorkbenchError:
        return ()
    return tuple(_passed_over(ignored))


def _passed_over(ignored: Ignored) -> Iterator[Finding]:
    if ignored.hidden:
        text = f"Hidden folders are no classes and were passed over: {paths_text(ignored.hidden, 3)}."
        yield Finding("hidden", "info", text, ignored.hidden)
    if ignored.others:
        kinds = ", ".join(f"{count:,} {suffix}" for suffix, count in ignored.others[:5])
        yield Finding("others", "info", f"Files that are not named as pictures were passed over: {kinds}.")
    if ignored.loose:
        text = f"{ignored.loose:,} pictures lie beside the class folders and belong to no class; they are not used."
        yield Finding("loose", "warning", text)


def _sizes(entries: Sequence[Entry], dataset: Dataset) -> tuple[tuple[int, int, int], ...]:
    if not entries:
        channels_last = dataset.shape[1:] if dataset.is_image else ()
        return ((channels_last[1], channels_last[0], len(dataset.labels)),) if channels_last else ()
    counted = Counter((entry.width, entry.height) for entry in entries if not entry.reason)
    return tuple((width, height, count) for (width, height), count in counted.most_common())


def _odd_sizes(spec: ExperimentSpec, files: Sequence[str], entries: Sequence[Entry]) -> Iterator[Finding]:
    """Pictures that would mostly be made up, and those that take long to read."""
    source = spec.data.source
    if not isinstance(source, PictureFiles):
        return
    read = [(file, entry) for file, entry in zip(files, entries, strict=True) if not entry.reason]
    small = [(file, entry) for file, entry in read if min(entry.width, entry.height) * BLOWN_UP <= source.size]
    if small:
        names = tuple(file for file, _ in small)
        least = min((entry for _, entry in small), key=lambda entry: min(entry.width, entry.height))
        few = len(small) * 2 < len(read)
        are = "picture is" if len(small) == 1 else "pictures are"
        text = (
            f"{len(small):,} {are} far smaller than {source.size}×{source.size} and blown up to it, "
            f"the smallest from {least.width}×{least.height}, e.g. {paths_text(names, 2)}."
        )
        it = "it" if len(small) == 1 else "them"
        leave = Action("skip", f"Leave {it} out", names)
        actions = (leave,) if few else (Action("stop", "Choose a smaller picture size"),)
        yield Finding("small", "warning", text, names, tuple(f"{e.width}×{e.height}" for _, e in small), actions)
    large = [(file, entry) for file, entry in read if entry.width * entry.height >= _LARGE]
    if large:
        names = tuple(file for file, _ in large)
        are = "picture has" if len(large) == 1 else "pictures have"
        text = f"{len(large):,} {are} more than {_LARGE // 1_000_000} million pixels, e.g. {paths_text(names, 2)}."
        text = f"{text} Reading takes long the first time."
        yield Finding("large", "info", text, names, tuple(f"{e.width}×{e.height}" for _, e in large))


_MODE_WORDS = {
    "1": "black and white",
    "L": "gray",
    "LA": "gray with transparency",
    "P": "palette",
    "PA": "palette with transparency",
    "RGB": "colour",
    "RGBA": "colour with transparency",
}


def _modes(entries: Sequence[Entry], dataset: Dataset) -> tuple[tuple[str, int], ...]:
    if not entries:
        return (("gray" if dataset.shape[0] == 1 else "colour", len(dataset.labels)),) if dataset.is_image else ()
    words = (("16-bit gray" if e.mode.startswith("I") else _MODE_WORDS.get(e.mode, e.mode)) for e in entries if e.mode)
    return tuple(Counter(words).most_common())
