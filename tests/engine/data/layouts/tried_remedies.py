"""Tables beside pictures that nothing makes usable: they are not offered, and the reason says what is wrong."""

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
    Layout("another suffix", _other_suffix, refused="img/0.png is: write the suffixes into the table"),
    Layout("scores alone", _scores, refused="The table beside them cannot be used either"),
]
