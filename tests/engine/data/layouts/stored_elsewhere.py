"""Classes and parts whose pictures are still packed, in videos or to be fetched; masks in the folder of one class."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, picture, pictures, split

_BOTH = {"cat": 8, "dog": 8}
_VIDEO = b"\0\0\0\x18ftypmp42" + bytes(50)


def _archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("0.png", picture(0))
    return stream.getvalue()


def _with(files: Mapping[str, bytes], counts: Mapping[str, int] = _BOTH) -> Callable[[Path], None]:
    """Class folders, and files at the paths of ``files``."""

    def make(root: Path) -> None:
        pictures(root, counts)
        for name, data in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)

    return make


def _of_videos(root: Path) -> None:
    _with({f"{name}/{index}.mp4": _VIDEO for name in ("run", "walk") for index in range(3)}, {})(root)


LAYOUTS = [
    Layout(
        "a class that is still packed",
        _with({"bird/bird.zip": _archive()}),
        _BOTH,
        refused='left_out = "bird"',
        doubt="bird holds an archive (bird/bird.zip): unpack it there",
        readings=(_BOTH,),
    ),
    Layout(
        "a class of videos",
        _with({f"bird/{index}.webm": _VIDEO for index in range(3)}),
        _BOTH,
        refused='left_out = "bird"',
        doubt="bird holds videos (bird/0.webm, bird/1.webm and 1 more): save their frames",
        readings=(_BOTH,),
    ),
    Layout(
        "a class of addresses",
        _with({"bird/urls.txt": b"http://example.org/1.jpg\n"}),
        _BOTH,
        refused='left_out = "bird"',
        doubt="bird holds addresses (bird/urls.txt): fetch",
        readings=(_BOTH,),
    ),
    Layout("notes and downloads are no class", _with({"notes/a.txt": b"see me", "downloads/a.zip": _archive()}), _BOTH),
    Layout("nothing but videos", _of_videos, refused="holds no pictures, but videos (run/0.mp4"),
    Layout(
        "nothing but a pickle",
        _with({"data_batch_1": pickle.dumps({"data": [1, 2], "labels": [0, 1]})}, {}),
        refused="holds no pictures, but pickles (data_batch_1), which are not opened",
    ),
    Layout(
        "a test part that is still packed",
        _with({"train.zip": _archive(), "test.zip": _archive()}, split(8)),
        _BOTH,
        refused='left_out = "test.zip"',
        doubt="test.zip is still packed",
        readings=(_BOTH,),
    ),
    Layout(
        "masks of the defect class alone, beside its pictures",
        of({"ok/images": 12, "nok/images": 8, "nok/ground_truth": 8}),
        {"nok": 8, "ok": 12},
        left_out=("nok/ground_truth",),
    ),
    Layout(
        "masks of the defect class alone, below its pictures",
        of({"ok": 12, "nok": 8, "nok/masks": 8}),
        {"nok": 8, "ok": 12},
        left_out=("nok/masks",),
    ),
    Layout(
        "a tree of masks beside that of pictures",
        of({f"{kind}/{name}": 5 for kind in ("images", "masks") for name in _BOTH}),
        refused="the folder 'masks' holds masks of its pictures; open",
    ),
]
