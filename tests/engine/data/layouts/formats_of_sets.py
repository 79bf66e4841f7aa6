"""A file that holds a whole set in a form that is not read, opened by itself: it is named, with the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures


def _file(name: str, head: bytes) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        pictures(root, {"other": 2})
        (root / name).write_bytes(head.ljust(200, b"\0"))
        return root / name

    return make


LAYOUTS = [
    Layout("MATLAB", _file("digits.mat", b"MATLAB 5.0 MAT-file, Platform: GLNXA64"), refused="in one .npz"),
    Layout("HDF5", _file("signs.h5", b"\x89HDF\r\n\x1a\n"), refused="signs.h5 is an HDF5 file, which is not read"),
    Layout("HDF5 by its content", _file("signs.data", b"\x89HDF\r\n\x1a\n"), refused="signs.data is an HDF5 file"),
    Layout("Parquet", _file("train-00000-of-00001.parquet", b"PAR1"), refused="is a Parquet file, which is not read"),
    Layout("Arrow", _file("data-00000-of-00001.arrow", b"ARROW1\0\0"), refused="is an Arrow file, which is not read"),
    Layout("TFRecord", _file("flowers.tfrecord-00000-of-00002", b"\x80"), refused="is a TFRecord file"),
    Layout("slices of a volume, packed", _file("scan.nii.gz", b"\x1f\x8b"), refused="is a volume of many slices"),
    Layout("DICOM", _file("IM0001", b"\0" * 128 + b"DICM"), refused="IM0001 is DICOM, which is not read"),
    Layout("a video", _file("cats.mp4", b"\0\0\0\x18ftypmp42"), refused="save its frames as PNG"),
]
