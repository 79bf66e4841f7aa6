"""Sets as they are published for other programs, or in folders of another name: named, with the way out."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, texts


def _scans(root: Path) -> None:
    texts(root, {f"images/{index}.dcm": "\0" * 128 + "DICM" for index in range(6)})
    texts(root, {"labels.csv": "patientId,Target\n" + "".join(f"{index},{index % 2}\n" for index in range(6))})


def _binary(root: Path) -> None:
    texts(root, dict.fromkeys(("batches.meta.txt", "data_batch_1.bin", "test_batch.bin"), "x"))


def _stl(root: Path) -> None:
    texts(root, {f"{part}_{what}.bin": "x" for part in ("train", "test") for what in "Xy"})


LAYOUTS = [
    Layout("DICOM beside a table", _scans, refused="all 6 are as images/0.dcm (DICOM, which is not read here"),
    Layout("CIFAR-10 for other programs", _binary, refused="binary version of CIFAR10, which is not read: bring the"),
    Layout("STL-10 in a folder of another name", _stl, refused="if they lie in a folder stl10_binary: rename pets"),
]
