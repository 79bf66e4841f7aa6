"""Tables beside class folders that name fewer than half of the pictures: with other classes, or with other names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_ALL = {"cat": 10, "dog": 10}


def _table(words: Sequence[str], head: str = "file,label") -> Callable[[Path], None]:
    """Eight rows, four of cats and then four of dogs, with ``words`` in turn."""

    def make(root: Path) -> None:
        pictures(root, _ALL)
        rows = [f"{name}/{at}.png,{words[at % len(words)]}" for name in _ALL for at in range(4)]
        texts(root, {"labels.csv": "\n".join([head, *rows])})

    return make


def _named_otherwise(root: Path) -> None:
    pictures(root, _ALL)
    rows = [f"{name}/{at}.png,{word}" for name, word in (("cat", "kitten"), ("dog", "puppy")) for at in range(4)]
    texts(root, {"labels.csv": "\n".join(["file,label", *rows])})


LAYOUTS = [
    Layout(
        "other classes",
        _table(("fresh", "rotten")),
        _ALL,
        refused="labels.csv names these pictures, and its classes (“label”) are not those of the folders (cat, dog)",
        doubt="labels.csv",
        readings=(_ALL, {"fresh": 4, "rotten": 4}),
    ),
    Layout("what is not called the class", _table(("left", "right"), "file,eye"), _ALL, (16, 4, 0)),
    Layout("other names of the same classes", _named_otherwise, _ALL, (16, 4, 0)),
]
