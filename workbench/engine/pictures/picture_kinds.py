"""What kind of picture a file is: by its suffix where that is a known one, else by its first bytes."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Final

#: Files with these suffixes are taken for pictures; reading one says what is wrong with it.
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".apng"}
)
#: How archives and videos end.
PACKED: Final = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")
VIDEOS: Final = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".m4v")
#: Files with these suffixes are no pictures; they are not opened.
NO_PICTURES: Final = frozenset(
    {".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".md", ".rst", ".html", ".htm"}
    | {".py", ".pyc", ".ipynb", ".sh", ".bat", ".exe", ".url", ".lnk", ".log", ".cfg", ".ini", ".db", ".lock", ".aae"}
    | {".pt", ".pth", ".ckpt", ".h5", ".hdf5", ".keras", ".onnx", ".safetensors", ".pkl", ".npy", ".npz", ".parquet"}
    | {".arrow", ".tfrecord", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".xmp", ".cache", ".m", ".r"}
    | {".ovr", *PACKED, *VIDEOS}
)
#: What other files that may hold pictures or classes are called, and why they are left out.
_UNREAD: Final = {
    **dict.fromkeys((".csv", ".tsv", ".jsonl", ".parquet"), "a table, not read"),
    **dict.fromkeys((".xls", ".xlsx", ".xlsm", ".ods"), "a spreadsheet, not read: save it as CSV"),
    **dict.fromkeys(PACKED, "an archive, not unpacked"),
    **dict.fromkeys(VIDEOS, "a video, not read"),
    **dict.fromkeys((".npy", ".npz", ".mat", ".h5", ".hdf5", ".arrow", ".tfrecord"), "arrays, not read"),
    **dict.fromkeys((".txt", ".lst"), "a text, not read"),
    ".json": "a JSON file, not read",
    ".ovr": "smaller copies of a picture (overviews of GDAL)",
}
_RAW: Final = frozenset({".nef", ".cr2", ".cr3", ".arw", ".dng", ".orf", ".rw2", ".raf"})
#: Number of bytes at the start of a file that show its format.
HEAD: Final = 160
#: Number of bytes among which the mark of its end is, also where a program has written a few more.
_TAIL: Final = 64
#: By content; no format that starts another program (EPS) is among them.
_READ: Final = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF", "HEIF")
_STARTS: Final = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"GIF8[79]a", "GIF"),
    (rb"BM....\0\0\0\0", "BMP"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb"P[1-6]\s[\s#\d]", "PPM"),
    (rb"....ftypavi[fs]", "AVIF"),
    (rb"....ftyp(hei[cfmsx]|hev[cx]|mif1|msf1)", "HEIC"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
    (rb"\0\0\0\x0cJXL |\xff\x0a", "JPEG XL"),
    (rb"8BPS", "Photoshop"),
    (rb"(?s).{128}DICM", "DICOM"),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg", "SVG"),
    (rb"\s*(<!--.*?-->\s*)?<(!DOCTYPE html|html|head)", "a web page (HTML)"),
    (rb"version https://git-lfs\.github\.com/spec/", "a Git LFS pointer"),
)
_PATTERNS: Final = tuple((re.compile(start, re.DOTALL | re.IGNORECASE), kind) for start, kind in _STARTS)
#: Kinds of pictures that are not read, and what to do with them.
_ADVICE: Final = {
    "HEIC": "save it as JPEG",
    "AVIF": "save it as JPEG",
    "JPEG 2000": "save it as PNG",
    "JPEG XL": "save it as PNG",
    "Photoshop": "save it as PNG",
    "DICOM": "export it as PNG",
    "camera raw": "develop it to JPEG",
    "SVG": "export it as PNG",
}


def unread_words(name: str, other: str) -> str:
    """Why a file that is no picture is left out, by its suffix; ``other`` where that says nothing."""
    return _UNREAD.get(os.path.splitext(name)[1].lower(), other)


@cache
def formats() -> tuple[str, ...]:
    """The formats that are read, by Pillow's names; AVIF and HEIC where this Pillow can."""
    from PIL import Image, features

    Image.init()
    return tuple(name for name in _READ if name in Image.OPEN and (name != "AVIF" or features.check("avif")))


def kind_of_head(head: bytes) -> str:
    """The kind of file that begins with ``head``: Pillow's name of a format that may be read, or another word."""
    return next((kind for pattern, kind in _PATTERNS if pattern.match(head)), "")


def first_bytes(file: Path) -> bytes:
    """The first bytes of ``file``; none if it cannot be opened."""
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD)
    except OSError:
        return b""


def both_ends(file: Path) -> tuple[bytes, bytes]:
    """The first and the last bytes of ``file``, which may overlap; none if it cannot be opened."""
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD)
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
            return head, stream.read()
    except OSError:
        return b"", b""


def kind_of(file: Path) -> str:
    """What ``file`` is by its first bytes: a kind of picture, or empty if it is none or cannot be opened."""
    suffix = os.path.splitext(file.name)[1].lower()
    kind = kind_of_head(first_bytes(file))
    return "camera raw" if kind == "TIFF" and suffix in _RAW else kind


def is_read(kind: str) -> bool:
    """Whether pictures of this ``kind`` can be decoded here."""
    return bool(kind) and ("HEIF" if kind == "HEIC" else kind) in formats()


def is_unread_picture(kind: str) -> bool:
    """Whether it is a picture that cannot be decoded here."""
    return kind in _ADVICE and not is_read(kind)


def advice(kind: str) -> str:
    """Why a picture of a kind that is not read is left out, and the way out: ``HEIC, which is not read: …``."""
    return f"{kind}, which is not read here; {_ADVICE[kind]}" if kind in _ADVICE else kind
