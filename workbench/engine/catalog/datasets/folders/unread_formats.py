"""Formats that hold whole sets and are not read: what a file of such a name or beginning is, and the way out."""

from __future__ import annotations

from typing import Final

_FOLDERS: Final = "write its pictures into one folder for each class"
_ARCHIVE: Final = (
    "save its pictures and labels as arrays in one .npz (train_images, train_labels, test_images, …) and open that"
)
_SPREADSHEETS: Final = (".xlsx", ".xlsm", ".xls", ".ods")
_Kinds = tuple[tuple[tuple[str, ...], str, str], ...]
#: What a file is by the end of its name, without what packs it, and the way out.
_ENDS: Final[_Kinds] = (
    (_SPREADSHEETS, "a spreadsheet", "save it as CSV there and open that"),
    ((".tfrecord", ".tfrecords", ".tfrec"), "a TFRecord file", _FOLDERS),
    (("data.mdb", ".lmdb"), "an LMDB", _FOLDERS),
)
#: The same of files that are the set only where they are opened by themselves: beside pictures they may be anything.
_ALONE: Final[_Kinds] = (
    ((".mat",), "a MATLAB file", _ARCHIVE),
    ((".h5", ".hdf5", ".hdf", ".he5"), "an HDF5 file", _ARCHIVE),
    ((".parquet",), "a Parquet file", _FOLDERS),
    ((".arrow", ".feather"), "an Arrow file", _FOLDERS),
    ((".sqlite", ".sqlite3"), "a database", "write a table (CSV) with the columns file and class and open that"),
    ((".nii", ".mha", ".mhd", ".nrrd"), "a volume of many slices", "save these as PNG, in one folder for each class"),
    ((".mp4", ".avi", ".mov", ".mkv", ".webm"), "a video", "save its frames as PNG, in one folder for each class"),
)
#: The same by the first bytes, whatever the file is called.
_HEADS: Final = (
    (b"MATLAB 5.0 MAT-file", ".mat"),
    (b"\x89HDF\r\n\x1a\n", ".h5"),
    (b"PAR1", ".parquet"),
    (b"ARROW1\0\0", ".arrow"),
    (b"FEA1", ".feather"),
    (b"SQLite format 3\0", ".sqlite"),
)
_PACKED: Final = (".gz", ".xz", ".bz2")


def unread_format(name: str, head: bytes = b"") -> str:
    """What a file of this ``name`` is and how it can be used; empty for others.

    ``head``: the first bytes of a file that is opened by itself. As the end of a sentence: ``a spreadsheet, which is
    not read: save it as CSV there and open that``.
    """
    found = _of(_unpacked(name.lower()), (*_ENDS, *_ALONE) if head else _ENDS)
    found = found or next((_of(suffix, _ALONE) for start, suffix in _HEADS if head.startswith(start)), None)
    return f"{found[0]}, which is not read: {found[1]}" if found else ""


def is_spreadsheet(name: str) -> bool:
    """Whether a file of this name is written by a spreadsheet program."""
    return name.lower().endswith(_SPREADSHEETS)


def _unpacked(name: str) -> str:
    name = next((name.removesuffix(end) for end in _PACKED if name.endswith(end)), name)
    return ".tfrecord" if ".tfrecord-" in name else name  # ``train.tfrecord-00000-of-00010``


def _of(name: str, kinds: _Kinds) -> tuple[str, str] | None:
    return next(((what, way) for ends, what, way in kinds if name.endswith(ends)), None)
