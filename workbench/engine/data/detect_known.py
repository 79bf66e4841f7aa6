"""The own files of well-known sets: opened as the data source that reads them, or how they have to lie for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.torchvision_sets import TorchvisionSet
from workbench.engine.data.own_data import NotData, OwnData

#: A file of the set as torchvision keeps it, below the folder that it is given.
_MARKS: Final = {
    "CIFAR10": "cifar-10-batches-py/data_batch_1",
    "CIFAR100": "cifar-100-python/train",
    "STL10": "stl10_binary/train_X.bin",
    "SVHN": "train_32x32.mat",
    "Flowers102": "flowers-102/imagelabels.mat",
}
#: A second file or folder of the set, where the first could be of something else.
_BESIDE: Final = {
    "CIFAR10": "batches.meta",
    "CIFAR100": "meta",
    "STL10": "train_y.bin",
    "Flowers102": "jpg",
}
#: Files of a set as it is published for other programs.
_BINARY: Final = {
    "CIFAR10": ("data_batch_1.bin", "test_batch.bin"),
    "CIFAR100": ("train.bin", "test.bin", "fine_label_names.txt"),
}


def known_set(folder: Path) -> OwnData | None:
    """The set whose files are in ``folder``, or that it holds; None if they are of none. Raises NotData for a set in a
    folder of another name than it must have, or in a form that is not read."""
    for name, mark in _MARKS.items():
        for root in (folder, folder.parent):
            if (root / mark).is_file() and (root == folder or mark.startswith(f"{folder.name}/")):
                note = f"These are the files of {name} as it is published: they are read as a {TorchvisionSet.title}."
                settings = (("name", name), ("folder", str(root)))
                return OwnData(folder.name, TorchvisionSet.kind, settings, note=note)
        place, _, file = mark.rpartition("/")
        beside = _BESIDE.get(name, "")
        if beside and (folder / file).is_file() and (folder / beside).exists():
            text = f"{folder} holds {file} and {beside} of {name}, which is read as Data set > {TorchvisionSet.title}"
            raise NotData(f"{text} if they lie in a folder {place}: rename {folder.name}, or move them there.")
    if of := next((name for name, files in _BINARY.items() if all((folder / file).is_file() for file in files)), ""):
        way = f"bring the Python version, whose files lie in a folder {_MARKS[of].partition('/')[0]}"
        raise NotData(f"{folder} holds the binary version of {of}, which is not read: {way}.")
    return None
