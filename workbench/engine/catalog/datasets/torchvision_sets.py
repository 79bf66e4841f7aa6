"""The well-known sets as torchvision keeps them in a folder. Loading never uses a network; only ``download`` does.

Files are found in the layout that torchvision makes, so a folder that another program has filled is read as it is.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np

from workbench.engine.catalog.datasets.base import Dataset, Loadings
from workbench.engine.catalog.datasets.idx_file import read_idx
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import folder_problems, usable_folder
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import grouped
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.folder_scans import FolderScans

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

Name = Literal[
    "MNIST",
    "FashionMNIST",
    "KMNIST",
    "CIFAR10",
    "CIFAR100",
    "SVHN",
    "STL10",
    "Flowers102",
    "OxfordIIITPet",
]
IDX = ("MNIST", "FashionMNIST", "KMNIST")
#: These are folders of photographs: the picture size counts for them.
PHOTOGRAPHS = ("Flowers102", "OxfordIIITPet")
_BLOCK = 1 << 18
#: File of the test part, whose hash torchvision checks, and its number of examples.
_TESTS: Final = {
    "CIFAR10": ("cifar-10-batches-py/test_batch", 10_000),
    "CIFAR100": ("cifar-100-python/test", 10_000),
    "SVHN": ("test_32x32.mat", 26_032),
    "STL10": ("stl10_binary/test_X.bin", 8_000),
}


class TorchvisionSet(PictureFiles):
    """The training part trains (and is split by the settings); the official test part is kept for ``loading_test``."""

    kind: ClassVar[str] = "torchvision_set"
    title: ClassVar[str] = "Well-known set"
    summary: ClassVar[str] = "MNIST, CIFAR, SVHN, STL-10, Flowers, Pets: from a folder where they already are."
    order: ClassVar[int] = 24
    mirrors: ClassVar[bool] = False  # digits and signs may be in it
    can_hold_back: ClassVar[bool] = False

    name: Annotated[
        Name,
        Knob(
            "Set",
            "Which of the sets that torchvision knows. It is looked for in the folder below.",
            options={
                "MNIST": "handwritten digits, 28×28 gray",
                "FashionMNIST": "pieces of clothing, 28×28 gray",
                "KMNIST": "Japanese letters, 28×28 gray",
                "CIFAR10": "ten kinds of things, 32×32 colour",
                "CIFAR100": "a hundred kinds of things, 32×32 colour",
                "SVHN": "house numbers, 32×32 colour",
                "STL10": "ten kinds of things, 96×96 colour",
                "Flowers102": "flowers, photographs",
                "OxfordIIITPet": "breeds of cats and dogs, photographs",
            },
        ),
    ] = "MNIST"
    folder: Annotated[
        str,
        Knob(
            "Folder",
            "The folder that torchvision was given as root when the set was downloaded. "
            "Nothing is downloaded by training; picture size and colour act on photographs (Flowers, Pets) only.",
            role="folder",
        ),
    ] = ""

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        yield from folder_problems(self.folder, f"{path}.folder")

    def brief(self) -> str:
        return self.name

    def place(self) -> Path:
        return usable_folder(self.folder)

    def loading(self) -> Loadings:
        if self.has_files:
            return (yield from super().loading())
        return (yield from self._reading(test=False))

    def beginning(self) -> Loadings:
        return (yield from super().beginning() if self.has_files else self.loading())

    def loading_test(self) -> Loadings:
        if self.has_files:
            return (yield from super().loading_test())
        return (yield from self._reading(test=True))

    def kept_for_test(self) -> int:
        """See DataSource: of IDX files as many as there are labels, of others as published; 0 if it is not there."""
        try:
            if self.name in IDX:
                file = _first(self.place() / self.name / "raw" / "t10k-labels-idx1-ubyte")
                return len(read_idx(file, 1)) if file is not None else 0
            mark, count = _TESTS.get(self.name, ("", 0))
            return count if mark and (self.place() / mark).is_file() else 0
        except WorkbenchError:
            return 0

    def preparing(self) -> Job[None]:
        yield from in_daemon_thread(lambda: _class_of(self.name), "", "Loading torchvision")

    def _reading(self, test: bool) -> Loadings:
        yield from self.preparing()
        return (yield from in_daemon_thread(lambda: self._arrays(test), self.folder, f"Reading {self.name}"))

    @property
    def has_files(self) -> bool:
        return self.name in PHOTOGRAPHS

    def found(self, test: bool, scans: FolderScans) -> ClassFolders:
        if not self.has_files:
            text = f"The pictures of {self.name} are in one file; they cannot be left out or renamed one by one."
            raise WorkbenchError(text, "data.source.name")
        made = self._made(test)
        files = tuple(Path(file) for file in (made._image_files if self.name == "Flowers102" else made._images))
        labels = np.asarray(made._labels, np.int64)
        classes = _class_names(made, 102 if self.name == "Flowers102" else 37)
        validation = None
        if self.name == "Flowers102" and not test:  # it comes with a validation part of its own
            held = self._made(test, split="val")
            files += tuple(Path(file) for file in held._image_files)
            validation = np.arange(len(files)) >= len(labels)
            labels = np.concatenate([labels, np.asarray(held._labels, np.int64)])
        return ClassFolders(self.place(), classes, files, labels, validation)

    def _arrays(self, test: bool) -> Dataset:
        if self.name in IDX:
            return self._idx(test)
        made = self._made(test)
        pictures = np.asarray(made.data)
        if self.name.startswith("CIFAR"):
            pictures = pictures.transpose(0, 3, 1, 2)
        labels = np.asarray(made.targets if hasattr(made, "targets") else made.labels, np.int64)
        classes = _class_names(made, int(labels.max()) + 1)
        return Dataset(np.ascontiguousarray(pictures, np.uint8), labels, classes)

    def _idx(self, test: bool) -> Dataset:
        """The files are read here: torchvision would believe their heads, and wants them unpacked."""
        head, folder = "t10k" if test else "train", self.place() / self.name / "raw"
        found = [_first(folder / f"{head}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1")]
        if None in found:
            raise self._absent()
        images, labels = (read_idx(file, dimensions) for file, dimensions in zip(found, (3, 1), strict=True) if file)
        if len(images) != len(labels):
            text = f"{folder} holds {grouped(len(images))} pictures and {grouped(len(labels))} labels of {self.name}."
            raise WorkbenchError(text, "data.source.folder")
        return Dataset(images[:, None], labels.astype(np.int64), _class_names(_class_of(self.name), 10))

    def _made(self, test: bool, split: str = "") -> Any:
        """torchvision's object; it reads the files that it finds and never downloads."""
        root, cls = os.fspath(self.place()), _class_of(self.name)
        if self.name.startswith("CIFAR"):
            chosen: dict[str, Any] = {"train": not test}
        elif self.name == "OxfordIIITPet":
            chosen = {"split": "test" if test else "trainval"}
        else:
            chosen = {"split": split or ("test" if test else "train")}
        try:
            return cls(root, download=False, **chosen)
        except (RuntimeError, FileNotFoundError):
            raise self._absent() from None
        except Exception as error:  # torchvision and SciPy raise anything for damaged files
            why = (str(error).splitlines() or [type(error).__name__])[0][:100].rstrip(".")
            text = f"{self.name} in {root} is damaged ({why}). Bring it again."
            raise WorkbenchError(text, "data.source.folder") from None

    def _absent(self) -> WorkbenchError:
        there = self.place() / _where(self.name)
        if there.exists():
            text = (
                f"{there} is there, but {self.name}'s files are incomplete, or others than those that are "
                "published (by the check of torchvision). Download them again. Pictures and labels of your own "
                "are read from one .npz (train_images, train_labels, test_images, …)."
            )
            return WorkbenchError(text, "data.source.folder")
        text = (
            f"{self.place()} does not hold {self.name} as torchvision keeps it ({_where(self.name)}). "
            f"Choose the folder that holds it, or download it."
        )
        return WorkbenchError(text, "data.source.folder")


def _class_of(name: str) -> Any:
    import torchvision.datasets

    return getattr(torchvision.datasets, name)


def _first(file: Path) -> Path | None:
    """The file, or its packed form."""
    return next((each for each in (file, file.with_name(f"{file.name}.gz")) if each.is_file()), None)


def _class_names(made: Any, count: int) -> tuple[str, ...]:
    """The names that torchvision gives, numbers without; "5 - five" is five's digit."""
    names = tuple(str(name).split(" - ")[0] for name in getattr(made, "classes", ()) or ())
    return names if len(names) >= count else tuple(map(str, range(count)))


def _where(name: str) -> str:
    folders = {
        **dict.fromkeys(("MNIST", "FashionMNIST", "KMNIST"), f"{name}/raw"),
        "CIFAR10": "cifar-10-batches-py",
        "CIFAR100": "cifar-100-python",
        "SVHN": "train_32x32.mat",
        "STL10": "stl10_binary",
        "Flowers102": "flowers-102",
        "OxfordIIITPet": "oxford-iiit-pet",
    }
    return folders[name]


# --- Downloading: on the user's click alone ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to bring: the first of ``urls`` that answers, into ``path`` below the folder, checked by ``md5``."""

    urls: tuple[str, ...]
    path: str
    md5: str


def wanted_files(name: Name) -> tuple[Wanted, ...]:
    """What ``download`` brings, as torchvision lists it."""
    cls = _class_of(name)
    if name in IDX:
        return tuple(
            Wanted(tuple(f"{mirror}{file}" for mirror in cls.mirrors), f"{name}/raw/{file}", md5)
            for file, md5 in cls.resources
        )
    if name.startswith("CIFAR"):
        return (Wanted((cls.url,), cls.filename, cls.tgz_md5),)
    if name == "SVHN":
        return tuple(Wanted((url,), file, md5) for url, file, md5 in (cls.split_list["train"], cls.split_list["test"]))
    if name == "STL10":
        return (Wanted((cls.url,), cls.filename, cls.tgz_md5),)
    if name == "Flowers102":
        files = cls._file_dict.values()
        return tuple(Wanted((cls._download_url_prefix + file,), f"flowers-102/{file}", md5) for file, md5 in files)
    return tuple(Wanted((url,), f"oxford-iiit-pet/{url.rpartition('/')[2]}", md5) for url, md5 in cls._RESOURCES)


def download(name: Name, root: Path, progress: Callable[[Loading], object]) -> None:
    """Bring a set into ``root`` from where torchvision has it. Called by the user's click and by nothing else.

    ``progress`` is told the bytes of the file under way, and ends it by raising; whole files are kept for the next
    try. A download that was ended may still wait for its server or unpack: the next one waits until it is gone.
    Raises WorkbenchError with a sentence.
    """
    with _turn(root, progress):
        wanted = wanted_files(name)
        for each in wanted:
            target = root / each.path
            if not (target.is_file() and _md5(target) == each.md5):
                _bring(each, target, progress)
        progress(Loading(0, 0, f"Unpacking {name}"))
        try:
            _unpack(name, [root / each.path for each in wanted], root)
        except Exception as error:  # torchvision raises anything while it unpacks
            why = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
            raise WorkbenchError(f"{name} was downloaded to {root} but cannot be unpacked: {why}.") from None


#: How often (seconds) a waiting download looks whether it is its turn.
_LOOK_UP = 0.1
#: One download into a folder at a time; the folders of a program's life are few.
_turns: dict[str, threading.Lock] = {}


@contextlib.contextmanager
def _turn(root: Path, progress: Callable[[Loading], object]) -> Iterator[None]:
    turn = _turns.setdefault(os.path.realpath(root), threading.Lock())
    while not turn.acquire(timeout=_LOOK_UP):
        progress(Loading(0, 0, f"Waiting for the download into {root} that was stopped to end"))
    try:
        yield
    finally:
        turn.release()


def _unpack(name: Name, archives: list[Path], root: Path) -> None:
    """As torchvision does, but what it does not look into again appears whole or not at all."""
    cls = _class_of(name)
    if name in IDX:
        for archive in archives:
            _unpack_file(archive, archive.with_suffix(""))
    for archive in archives if name in PHOTOGRAPHS else ():
        if archive.name.endswith("gz"):
            _unpack_folder(archive)
    for chosen in ({"split": "train"}, {"split": "test"}) if name == "SVHN" else ({},):
        cls(os.fspath(root), download=True, **chosen)


def _unpack_file(archive: Path, target: Path) -> None:
    if target.is_file():
        return
    part = _part_of(target)
    try:
        with gzip.open(archive) as packed, part.open("wb") as file:
            shutil.copyfileobj(packed, file)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _unpack_folder(archive: Path) -> None:
    from torchvision.datasets.utils import extract_archive

    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=archive.parent) as place:
        extract_archive(os.fspath(archive), place)
        for folder in Path(place).iterdir():
            if not (archive.parent / folder.name).exists():
                os.replace(folder, archive.parent / folder.name)


def _part_of(target: Path) -> Path:
    """A name beside ``target`` until it is whole, which another process does not use."""
    return target.with_name(f"{target.name}.{os.getpid()}.part")


def _bring(wanted: Wanted, target: Path, progress: Callable[[Loading], object]) -> None:
    """One file, under another name until it is whole and has its checksum."""
    reasons = []
    part = _part_of(target)
    for url in wanted.urls:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _fetch(url, part, f"Downloading {target.name}", progress)
            if _md5(part) != wanted.md5:
                raise ValueError("what came is not the file that was expected")
            os.replace(part, target)
            return
        except (urllib.error.URLError, OSError, ValueError) as error:
            reasons.append(str(getattr(error, "reason", "") or getattr(error, "strerror", "") or error))
        finally:
            part.unlink(missing_ok=True)
    where = target.parent
    text = f"Cannot download {target.name} ({reasons[-1]}). Without a network, copy it into {where} from elsewhere."
    raise WorkbenchError(text)


def _fetch(url: str, part: Path, words: str, progress: Callable[[Loading], object]) -> None:
    with urllib.request.urlopen(url, timeout=30) as answer, part.open("wb") as file:
        total, done = int(answer.headers.get("Content-Length") or 0), 0
        while block := answer.read1(_BLOCK):  # what has come: a slow server must not hold up Stop
            file.write(block)
            done += len(block)
            progress(Loading(done, total, words))


def _md5(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
