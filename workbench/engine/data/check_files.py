"""Checks of picture files: unreadable, ignored, of odd sizes or colour modes."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_shapes import MUCH, cut_share
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import counted, grouped, paths_text, percent
from workbench.engine.data.findings import FIX_FILES, Action, Finding
from workbench.engine.pictures.ignored import Ignored, ignored_in
from workbench.engine.pictures.request import Entry

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject
    from workbench.engine.data.store import DataStore
    from workbench.engine.spec.experiment import ExperimentSpec

#: A picture that loses this share of its area to the centre crop is worth a word.
_CUT: Final = 0.2
#: A picture is small if its shorter side is enlarged at least this many times, and large with more than _LARGE pixels.
BLOWN_UP: Final = 4
_LARGE: Final = 40_000_000


def unreadable(names: Sequence[str], entries: Sequence[Entry], skipped: bool) -> Iterator[Finding]:
    """Files that cannot be read: an error, or only said where they are ``skipped`` by the settings."""
    bad = [(name, entry.reason) for name, entry in zip(names, entries, strict=True) if entry.reason]
    if not bad:
        return
    files = tuple(name for name, _ in bad)
    why = "; ".join(
        f"{grouped(count)} {reason}" for reason, count in Counter(reason for _, reason in bad).most_common(3)
    )
    sentence = (
        f"{grouped(len(bad))} of {grouped(len(names))} files cannot be read ({why}), e.g. {paths_text(files, 2)}."
    )
    actions = (
        Action("skip", _leave_label([reason for _, reason in bad]), files),
        Action("edit", "Leave unreadable files out", files, "data.source.skip_unreadable", True),
        Action("stop", FIX_FILES, files),
    )
    severity: Literal["info", "error"] = "info" if skipped else "error"
    yield Finding(
        "unreadable",
        severity,
        sentence,
        files,
        tuple(why for _, why in bad),
        () if skipped else _usable(actions, len(bad) == len(names)),
    )


def _leave_label(reasons: Sequence[str]) -> str:
    """What leaving out files is called that cannot be read for these ``reasons``: those that are gone are rows."""
    if set(reasons) == {os.strerror(errno.ENOENT)}:
        return f"Leave {'this row' if len(reasons) == 1 else 'these rows'} out"
    return f"Leave {'it' if len(reasons) == 1 else 'them'} out"


def _usable(actions: tuple[Action, ...], are_all: bool) -> tuple[Action, ...]:
    """Leaving out every file would leave nothing."""
    return tuple(each for each in actions if each.kind == "stop") if are_all else actions


def ignored_files(spec: ExperimentSpec, data: DataStore) -> Job[tuple[Finding, ...]]:
    """What lies in the folder and is no example; a drive that is silent is named."""
    source = spec.data.source
    if not isinstance(source, PictureFolder):
        return ()
    words = "Looking for what else lies in the folder"
    try:
        ignored = yield from in_daemon_thread(lambda: ignored_in(source.tree(data.scans)), source.folder, words)
    except WorkbenchError:
        return ()
    return tuple(_passed_over(ignored))


def _passed_over(ignored: Ignored) -> Iterator[Finding]:
    if ignored.hidden:
        text = f"Hidden folders are left out: {paths_text(ignored.hidden, 3)}."
        yield Finding("hidden", "info", text, ignored.hidden)
    if ignored.others:
        kinds = ", ".join(f"{grouped(count)} {suffix}" for suffix, count in ignored.others[:5])
        yield Finding("others", "info", f"Files that are not named as pictures are left out: {kinds}.")
    if ignored.loose:
        text = f"{grouped(ignored.loose)} pictures lie outside the class folders and have no class; they are left out."
        yield Finding("loose", "warning", text)


def picture_sizes(entries: Sequence[Entry], dataset: Dataset) -> tuple[tuple[int, int, int], ...]:
    """(width, height, files) as they are stored, the most frequent first."""
    if not entries:
        channels_last = dataset.shape[1:] if dataset.is_image else ()
        return ((channels_last[1], channels_last[0], len(dataset.labels)),) if channels_last else ()
    counted = Counter((entry.width, entry.height) for entry in entries if not entry.reason)
    return tuple((width, height, count) for (width, height), count in counted.most_common())


def odd_sizes(subject: Subject) -> Iterator[Finding]:
    """Pictures that would mostly be made up, and those that take long to read."""
    source = subject.spec.data.source
    if isinstance(source, PictureFiles):
        read = [pair for pair in zip(subject.files, subject.entries, strict=True) if not pair[1].reason]
        yield from _cut_away(source, read)
        yield from _blown_up(source, read)
        yield from _large(read)


def _cut_away(source: PictureFiles, read: Sequence[tuple[str, Entry]]) -> Iterator[Finding]:
    """Long pictures of which the crop leaves the centre only."""
    shares = {file: cut_share(entry.width, entry.height) for file, entry in read} if source.squared_by == "crop" else {}
    cut = {file: share for file, share in shares.items() if share >= _CUT}
    if not cut:
        return
    worst = max(cut, key=cut.__getitem__)
    are, is_much = "is" if len(cut) == 1 else "are", cut[worst] >= MUCH
    text = (
        f"{grouped(len(cut))} of {counted(len(read), 'picture')} {are} not square: only the centre is used, "
        f"which cuts away {percent(sum(cut.values()) / len(cut), 0)} of them on average, "
        f"{percent(cut[worst], 0)} of {paths_text([worst], 1)}."
    )
    actions = (
        Action("edit", "Pad with black", path="data.source.fit", value="pad"),
        Action("edit", "Squeeze to a square", path="data.source.fit", value="squeeze"),
    )
    reasons = tuple(f"{percent(share, 0)} cut away" for share in cut.values())
    yield Finding("cut", "warning" if is_much and source.fit == "auto" else "info", text, tuple(cut), reasons, actions)


def _blown_up(source: PictureFiles, read: Sequence[tuple[str, Entry]]) -> Iterator[Finding]:
    side = max if source.fit == "pad" else min  # the side that becomes as long as the square's
    small = [(file, entry) for file, entry in read if side(entry.width, entry.height) * BLOWN_UP <= source.size]
    if not small:
        return
    names = tuple(file for file, _ in small)
    are = counted(len(small), "picture is", "pictures are")
    least = min((entry for _, entry in small), key=lambda entry: min(entry.width, entry.height))
    text = (
        f"{are} far smaller than {source.size}×{source.size} and enlarged, "
        f"the smallest from {least.width}×{least.height}, e.g. {paths_text(names, 2)}."
    )
    leave = Action("skip", f"Leave {'it' if len(small) == 1 else 'them'} out", names)
    few = len(small) * 2 < len(read)
    actions = (leave,) if few else (Action("stop", "Choose a smaller picture size"),)
    yield Finding("small", "warning", text, names, tuple(f"{e.width}×{e.height}" for _, e in small), actions)


def _large(read: Sequence[tuple[str, Entry]]) -> Iterator[Finding]:
    large = [(file, entry) for file, entry in read if entry.width * entry.height > _LARGE]
    if large:
        names = tuple(file for file, _ in large)
        have = counted(len(large), "picture has", "pictures have")
        text = f"{have} more than {_LARGE // 1_000_000} million pixels, e.g. {paths_text(names, 2)}."
        text = f"{text} Reading takes long the first time."
        yield Finding("large", "info", text, names, tuple(f"{e.width}×{e.height}" for _, e in large))


def memory(subject: Subject) -> Iterator[Finding]:
    """Pictures that do not fit into the memory that is free."""
    needed, free = subject.needed, subject.free
    if needed > free:
        sentence = (
            f"The pictures need {grouped(needed / 1e9, 1)} GB of memory and {grouped(free / 1e9, 1)} GB are free."
        )
        action = Action("stop", "Choose a smaller picture size")
        yield Finding("memory", "warning", f"{sentence} Training will wait for the disk.", actions=(action,))


_MODE_WORDS = {
    "1": "black and white",
    "L": "gray",
    "LA": "gray with transparency",
    "P": "palette",
    "PA": "palette with transparency",
    "RGB": "colour",
    "RGBA": "colour with transparency",
    "RGB;16": "16-bit colour",
    "RGBA;16": "16-bit colour with transparency",
    "LA;16": "16-bit gray with transparency",
}


def color_modes(entries: Sequence[Entry], dataset: Dataset) -> tuple[tuple[str, int], ...]:
    """(words, files) of how colours are stored, the most frequent first."""
    if not entries:
        return (("gray" if dataset.shape[0] == 1 else "colour", len(dataset.labels)),) if dataset.is_image else ()
    words = (("16-bit gray" if e.mode.startswith("I") else _MODE_WORDS.get(e.mode, e.mode)) for e in entries if e.mode)
    return tuple(Counter(words).most_common())
