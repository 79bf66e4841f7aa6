"""Several splits of the same pictures as tables; a table as a spreadsheet saves it; names nearly those of training."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

_ALL = {"cat": 10, "dog": 10}


def _folds(root: Path) -> None:
    pictures(root, {"images": 20})
    for fold in range(3):
        for part in ("train", "val"):
            rows = [i for i in range(20) if (i % 3 == fold) == (part == "val")]
            lines = (f"images/{i}.png,{('cat', 'dog')[i // 2 % 2]}" for i in rows)
            texts(root, {f"fold{fold}_{part}.csv": "\n".join(("filename,label", *lines))})


def _validation_opened(root: Path) -> Path:
    _folds(root)
    return root / "fold1_val.csv"


def _numbered_years(root: Path) -> None:
    """One split alone, whose names have numbers."""
    pictures(root, {"images": 20})
    for part, rows in (("train2017", range(14)), ("val2017", range(14, 20))):
        lines = (f"images/{i}.png,{('cat', 'dog')[i % 2]}" for i in rows)
        texts(root, {f"{part}.csv": "\n".join(("filename,label", *lines))})


def _unicode_text(root: Path) -> None:
    pictures(root, {"bilder": 20}, "img{}.png")
    rows = (f"img{i}.png\t{('cat', 'dog')[i % 2]}" for i in range(20))
    (root / "Liste.txt").write_bytes("\r\n".join(("Datei\tKlasse", *rows)).encode("utf-16"))


def _unicode_text_opened(root: Path) -> Path:
    _unicode_text(root)
    return root / "Liste.txt"


LAYOUTS = [
    Layout(
        "three folds as tables",
        _folds,
        _ALL,
        refused='data.source.validation_table = "fold0_val.csv"',
        doubt="3 splits as tables, to train on fold0_train.csv, fold1_train.csv, fold2_train.csv",
        readings=(_ALL, {"cat": 7, "dog": 6}),
    ),
    Layout(
        "the validation table of a fold",
        _validation_opened,
        _ALL,
        refused='data.source.validation_table = "fold1_val.csv"',
        doubt="fold1_train.csv, which is open, goes with fold1_val.csv",
    ),
    Layout("one split with numbers", _numbered_years, _ALL, (14, 6, 0)),
    Layout("a folder with a Unicode text of a spreadsheet", _unicode_text, _ALL),
    Layout("a Unicode text of a spreadsheet", _unicode_text_opened, _ALL),
    Layout(
        "classes of validation in the plural",
        of({"train/cat": 6, "train/dog": 6, "val/cats": 3, "val/dogs": 3}),
        {"cat": 6, "dog": 6},
        refused='data.source.left_out = "val/cats | val/dogs"',
        doubt="Perhaps 'cats' is 'cat', 'dogs' is 'dog': write it in one way.",
        readings=({"cat": 6, "dog": 6},),
    ),
]
