"""Tables beside pictures that are not as they say: what is wrong, and a way out where there is one."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def _other_suffix(root: Path) -> None:
    pictures(root, {"img": 8})
    texts(root, {"labels.csv": "\n".join(["file,label", *(f"img/{i}.jpg,{('cat', 'dog')[i % 2]}" for i in range(8))])})


def _scores(root: Path) -> None:
    pictures(root, {"img": 24})
    texts(root, {"labels.csv": "\n".join(["file,MOS", *(f"img/{i}.png,{i + 0.5}" for i in range(24))])})


LAYOUTS = [
    Layout(
        "another suffix",
        _other_suffix,
        {"cat": 4, "dog": 4},
        refused='data.source.suffixes = "any"',
        doubt="labels.csv names img/0.jpg, which is not in its folder: img/0.png is",
        readings=({"cat": 4, "dog": 4},),
    ),
    Layout("scores alone", _scores, refused="The table beside them cannot be used either"),
]
