"""Parts in the names of some files alone: ``cat_test_0.jpg`` beside ``cat_0.jpg``, which is to train on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures
from tests.engine.data.layouts.parts_in_names import ALL, TRAINED, named


def beside(test: str, trained: str, where: str = ".") -> Callable[[Path], None]:
    """Three pictures of each class for a test, and six that are named without a part."""

    def make(root: Path) -> None:
        named(test, where, {"test": 3})(root)
        named(trained, where, {"": 6})(root)

    return make


def _test_has_no_class(root: Path) -> None:
    named("{1}_{0}_{2}", ".", {"train": 6, "val": 3})(root)
    pictures(root, {".": 4}, "test_{:03}.png")


LAYOUTS = [
    Layout(
        "pictures of the test say no class",
        _test_has_no_class,
        ALL,
        left_out=("test_000.png",),
        refused='data.source.parts = "file_names"',
        doubt="say a class (cat, dog) and may say a part (test, train, val)",
        readings=(ALL, {"test": 4, "train_cat": 6, "train_dog": 6, "val_cat": 3, "val_dog": 3}),
    ),
    Layout(
        "behind the class",
        beside("{0}_{1}_{2}", "{0}_{2}"),
        ALL,
        refused="may say a part (test; the others train)",
        doubt="say a class (cat, dog) and may say a part (test; the others train)",
        readings=(TRAINED, {"cat": 6, "cat_test": 3, "dog": 6, "dog_test": 3}),
    ),
    Layout(
        "in class folders",
        beside("test-{0}-{2}", "{0}.{2}", "{}"),
        ALL,
        refused='data.source.parts = "file_names"',
        doubt="may give the parts of a split: 'test' (6), the 12 others are to train on",
        readings=(TRAINED, ALL),
    ),
    Layout("a word of a part in names unlike the others", beside("a {1} drive {2}", "{0}_{2}", "{}"), ALL),
]
