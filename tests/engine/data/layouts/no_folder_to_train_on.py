"""Folders for testing beside others whose names say no part; tables whose names recur in class folders of the parts."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

_LETTERS = {"images_background/alpha": 6, "images_background/beta": 6, "images_evaluation/gamma": 4}
_LETTERS |= {"images_evaluation/delta": 4}
_SHARED = {f"{part}/{name}": count for part, count in (("others", 6), ("eval", 3)) for name in ("cat", "dog")}


def _cars(root: Path) -> Path:
    """Names that are numbered from 0 in train and in test, in folders of classes."""
    for part, count in (("train", 12), ("test", 6)):
        for row in range(count):
            pictures(root, {f"car_data/{part}/{('Audi', 'BMW')[row % 2]}": 1}, f"{row:05}.png")
        lines = (f"{row:05}.png,10,20,{row % 2 + 1}\n" for row in range(count))
        texts(root, {f"anno_{part}.csv": f"file,x1,x2,class\n{''.join(lines)}"})
    return root / "anno_train.csv"


LAYOUTS = [
    Layout(
        "background and evaluation, as in Omniglot",
        of(_LETTERS),
        refused='parts = "train: images_background | images_evaluation"',
        doubt="no folder to train on by its name; images_background may be that",
        readings=({"alpha": 6, "beta": 6, "delta": 4, "gamma": 4}, {"alpha": 6, "beta": 6}),
    ),
    Layout(
        "others and eval",
        of(_SHARED),
        {"cat": 9, "dog": 9},
        refused='parts = "train: others; validation: eval"',
        doubt="others may be that",
        readings=({"cat": 9, "dog": 9}, {"cat": 9, "dog": 9}, {"cat": 6, "dog": 6}),
    ),
    Layout(
        "class folders beside the test",
        of({"cat": 6, "dog": 6, "test/cat": 3, "test/dog": 3}),
        {"cat": 6, "dog": 6},
        (10, 2, 6),
    ),
    Layout("names that recur in train and test, as of Stanford's cars", _cars, {"1": 6, "2": 6}, (10, 2, 6)),
]
