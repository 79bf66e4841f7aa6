"""A folder with IDX files, compressed or not: MNIST, Fashion-MNIST, KMNIST and others of their format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.datasets.base import Dataset, DataSource, Loadings
from workbench.engine.catalog.datasets.class_order import order_fact
from workbench.engine.catalog.datasets.idx_file import Bytes, read_idx, refuse
from workbench.engine.catalog.datasets.idx_parts import label_doubts
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading, Understanding
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import Folder, folder_problems, usable_folder
from workbench.engine.core.errors import NoTestPart, Problem, WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.left_beside import left_beside

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

_IMAGES = re.compile(r"^(?P<head>.*)images[-.]idx3[-.]ubyte(?P<gz>\.gz)?$", re.IGNORECASE)
_LABELS = re.compile(r"^(?P<head>.*)labels[-.]idx1[-.]ubyte(?P<gz>\.gz)?$", re.IGNORECASE)

#: Class names of published sets, by the name of the folder without its marks; nothing is guessed from the content.
NAMES = {
    "fashionmnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    "kmnist": ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
}


class IdxFolder(DataSource):
    """Pictures (N, 1, H, W) and labels from an ``idx3`` and an ``idx1`` file; the train pair if there are several."""

    kind: ClassVar[str] = "idx"
    title: ClassVar[str] = "IDX files (MNIST)"
    summary: ClassVar[str] = "A folder with MNIST, Fashion-MNIST or KMNIST as it was downloaded."
    order: ClassVar[int] = 20
    mirrors: ClassVar[bool] = False  # digits and signs may be in it
    can_hold_back: ClassVar[bool] = False

    folder: Folder = ""
    classes: Annotated[
        int,
        Knob(
            "Classes",
            "How many classes the labels count, from 0. MNIST, Fashion-MNIST and KMNIST have ten.",
            low=2,
            high=256,
        ),
    ] = 10
    set: Annotated[
        str,
        Knob(
            "Set",
            "How the file names begin if the folder contains several sets, e.g. emnist-letters-train; "
            "auto takes the only set.",
        ),
    ] = "auto"

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from folder_problems(self.folder, f"{path}.folder")

    def files(self) -> tuple[Path, ...]:
        return find_pair(usable_folder(self.folder), None, self.set)

    def load(self) -> Dataset:
        folder = usable_folder(self.folder)
        return self._read(folder, find_pair(folder, None, self.set))

    def understood(self, scans: FolderScans | None = None) -> Job[Understanding]:
        """See DataSource; only labels are read."""
        return (yield from in_daemon_thread(lambda: self._understood(scans), self.folder, "Reading the files"))

    def _understood(self, scans: FolderScans | None) -> Understanding:
        folder = usable_folder(self.folder)
        doubts = _several_sets(folder, scans) if self.set == "auto" else ()
        pair = find_pair(folder, scans, doubts[0].readings[0].settings[0][1] if doubts else self.set)
        labels = self._labels(pair[1])
        counts = np.bincount(labels, minlength=self.classes).tolist()
        classes = tuple(zip(self._class_names(folder), counts, strict=True))
        known, tested = self._tested(folder)
        left_out = left_beside(folder, (*pair, *tested), scans if scans is not None else FolderScans())
        said = f"Pictures are in {pair[0].name}, labels in {pair[1].name}."
        if "t10k" in pair[0].name.lower() or "test" in pair[0].name.lower():
            said = f"{said} That is a test part; it is split and trained on, for no other is there."
        sets = () if self.set == "auto" else _several_sets(folder, scans)
        others = tuple(each for doubt in sets for each in doubt.readings if pair[0].name not in each.label)
        order = order_fact([name for name, _ in classes], "")
        named = "The classes have the names of a published set, after the name of the folder."
        names = (Fact("classes", named),) if self._published_names(folder) else ()
        facts = (Fact("files", said, others), *names, *self._unseen(labels), order)
        if len(known) and not doubts:
            doubts = tuple(label_doubts(tested[1], labels, known, self.classes))
        return Understanding(classes, None, len(known), left_out, facts, doubts)

    def _tested(self, folder: Path) -> tuple[Bytes, tuple[Path, ...]]:
        """The labels of the test part and its files; none without one."""
        try:
            pair = find_test_pair(folder, self.set)
            return read_idx(pair[1], 1), pair
        except WorkbenchError:
            return np.empty(0, np.uint8), ()

    def _unseen(self, labels: Bytes) -> tuple[Fact, ...]:
        """What is said if some of the classes have no picture."""
        missing = [number for number in range(self.classes) if number not in np.unique(labels)]
        if not missing:
            return ()
        counts = dict.fromkeys((int(labels.max()) + 1, type(self).model_fields["classes"].default))
        others = (count for count in counts if labels.max() < count < self.classes)
        fewer = tuple(Reading(f"{count} classes, 0 to {count - 1}", (("classes", count),)) for count in others)
        text = f"No picture has the label {paths_text([str(number) for number in missing], 8)}"
        return (Fact("classes", f"{text}; there is an output for it.", fewer),)

    def loading(self) -> Loadings:
        return (yield from in_daemon_thread(self.load, self.folder, "Reading the files"))

    def loading_test(self) -> Loadings:
        def load() -> Dataset:
            folder = usable_folder(self.folder)
            return self._read(folder, find_test_pair(folder, self.set), least=1)

        return (yield from in_daemon_thread(load, self.folder, "Reading the files"))

    def _read(self, folder: Path, pair: tuple[Path, Path], least: int = 2) -> Dataset:
        """The examples of ``pair``, of this number of classes at least."""
        images_file, labels_file = pair
        labels = self._labels(labels_file, least)
        images = read_idx(images_file, 3)
        if len(images) != len(labels):
            refuse(
                labels_file,
                f"holds {grouped(len(labels))} labels, but {images_file.name} holds {grouped(len(images))} pictures",
            )
        return Dataset(images[:, None], labels.astype(np.int64), self._class_names(folder))

    def _labels(self, file: Path, least: int = 2) -> Bytes:
        """The labels, if they count the classes. Raises WorkbenchError."""
        labels = read_idx(file, 1)
        if labels.max() >= self.classes:
            where = int(np.argmax(labels >= self.classes))
            text = f"has the label {labels[where]} at example {grouped(where + 1)}"
            text += f", but {self.classes} classes count from 0 to {self.classes - 1}"
            refuse(
                file, f"{text}; set “Classes” to {int(labels.max()) + 1} or bring another file", "data.source.classes"
            )
        if least > 1 and labels.min() == labels.max():
            refuse(file, f"holds only the label {labels[0]}; learning needs at least two classes")
        return labels

    def _class_names(self, folder: Path) -> tuple[str, ...]:
        return self._published_names(folder) or tuple(map(str, range(self.classes)))

    def _published_names(self, folder: Path) -> tuple[str, ...]:
        """Those of a published set, if the folder has its name; "fashion" is that of its repository."""
        name = "".join(filter(str.isalnum, folder.name.lower()))
        known = "fashionmnist" if name == "fashion" else next((each for each in NAMES if each in name), "")
        names = NAMES.get(known, ())
        return names if len(names) == self.classes else ()

    def brief(self) -> str:
        return Path(self.folder).name


def find_pair(folder: Path, scans: FolderScans | None = None, name: str = "auto") -> tuple[Path, Path]:
    """The images and labels file to read: the train pair, or the only pair. Raises WorkbenchError.

    ``name`` is how the names of their files begin.
    """
    images, labels = _by_heads(folder, scans)
    pairs = {head: (images[head], labels[head]) for head in images if head in labels}
    if name != "auto":
        return _named_pair(folder, pairs, name)
    chosen = _chosen(pairs)
    if len(chosen) > 1:
        several = ", ".join(sorted(pairs[head][0].name for head in chosen))
        text = f"{folder} holds several sets: {several}. Choose one (set), or leave one of them there."
        raise WorkbenchError(text, "data.source.set")
    lonely = [file for head, file in (*images.items(), *labels.items()) if head not in pairs]
    if chosen and ("train" in chosen[0] or not any("train" in file.name.lower() for file in lonely)):
        return pairs[chosen[0]]
    found = f"It holds {', '.join(sorted(file.name for file in lonely)[:4])} without a partner. " if lonely else ""
    text = "Bring train-images-idx3-ubyte and train-labels-idx1-ubyte, with or without .gz."
    what = "no pair of IDX files to train on" if chosen else "no pair of IDX files"
    raise WorkbenchError(f"{folder} holds {what}. {found}{text}", "data.source.folder")


def _chosen(pairs: Mapping[str, tuple[Path, Path]]) -> list[str]:
    return [head for head in pairs if "train" in head] or list(pairs)


def _named_pair(folder: Path, pairs: Mapping[str, tuple[Path, Path]], name: str) -> tuple[Path, Path]:
    wanted = name.lower().rstrip("-_. ")
    found = [pair for head, pair in pairs.items() if head.rstrip("-_. ") == wanted]
    if len(found) == 1:
        return found[0]
    there = paths_text([repr(head.rstrip("-_. ")) for head in sorted(pairs)], 6) or "none"
    raise WorkbenchError(f"{folder} holds no set {name!r}; there is {there}.", "data.source.set")


def _several_sets(folder: Path, scans: FolderScans | None) -> tuple[Doubt, ...]:
    """The doubt where more than one pair may be trained on."""
    images, labels = _by_heads(folder, scans)
    heads = _chosen({head: (images[head], labels[head]) for head in images if head in labels})
    if len(heads) < 2:
        return ()
    readings = tuple(
        Reading(f"The set is {images[head].name}", (("set", head.rstrip("-_. ")),)) for head in sorted(heads)
    )
    names = paths_text([images[head].name for head in sorted(heads)], 6)
    return (Doubt("classes", f"{folder} holds several sets: {names}.", readings),)


def find_test_pair(folder: Path, name: str = "auto") -> tuple[Path, Path]:
    """The images and labels file of the test part beside the train pair. Raises NoTestPart if there is none."""
    train = find_pair(folder, None, name)[0]
    images, labels = _by_heads(folder, None)
    tests = [head for head in images if head in labels and ("t10k" in head or "test" in head)]
    if name != "auto":
        tests = [head for head in tests if head.replace("test", "train").rstrip("-_. ") == name.lower().rstrip("-_. ")]
    if len(tests) != 1 or "train" not in train.name.lower():
        text = f"{folder} holds no pair of IDX files for a test (t10k) beside a train pair."
        raise NoTestPart(text, "data.source.folder")
    return images[tests[0]], labels[tests[0]]


def _by_heads(folder: Path, scans: FolderScans | None) -> tuple[dict[str, Path], dict[str, Path]]:
    """The files of pictures and of labels by the beginnings of their names."""
    files = _files(folder, scans)
    return _by_head(files, _IMAGES), _by_head(files, _LABELS)


def _files(folder: Path, scans: FolderScans | None) -> list[Path]:
    try:
        items = (scans if scans is not None else FolderScans()).items(folder)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {folder}: {error.strerror or error}.", "data.source.folder") from None
    return [folder / item.name for item in items if item.is_file]


def _by_head(files: Sequence[Path], pattern: re.Pattern[str]) -> dict[str, Path]:
    """Of each head the first file: the name without .gz comes first, and need not be unpacked."""
    found: dict[str, Path] = {}
    for file in files:
        match = pattern.match(file.name)
        if match:
            found.setdefault(match["head"].lower(), file)
    return found
