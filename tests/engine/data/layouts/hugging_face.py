"""Hugging Face's imagefolder: parts by name, and metadata.csv beside the pictures."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _with_metadata(root: Path) -> None:
    pictures(root, split(5, 2, 0, ("train", "validation", "")))
    texts(root, {"train/metadata.csv": "file_name,text\ncat/0.png,a cat"})


def _table_in_train(root: Path) -> Path:
    pictures(root, {"train": 6})
    rows = [f"{index}.png,{'cat' if index % 2 else 'dog'}" for index in range(6)]
    texts(root, {"train/metadata.csv": "\n".join(["file_name,label", *rows])})
    return root / "train"


def _table_and_examples(root: Path) -> None:
    """Three of the pictures are there twice under the same names."""
    pictures(root, {"images": 10, "Exemple Photo": 3})
    rows = "\n".join(f"{index}.png,{('cat', 'dog')[index % 2]}" for index in range(10))
    texts(root, {"labels.csv": f"file,label\n{rows}", "README.md": "", ".gitattributes": "", "LICENSE": ""})
    texts(root, {"docs/card.pdf": ""})


LAYOUTS = [
    Layout(
        "a few pictures for the card beside the classes",
        of({"cat": 5, "dog": 5, "Exemple Photo": 3}),
        {"cat": 5, "dog": 5, "Exemple Photo": 3},
        refused="'Exemple Photo' says only that pictures are there",
        doubt="'Exemple Photo'",
        readings=({"cat": 5, "dog": 5}, {"cat": 5, "dog": 5, "Exemple Photo": 3}),
    ),
    Layout(
        "the same beside a table and its pictures",
        _table_and_examples,
        {"cat": 5, "dog": 5},
        (8, 2, 0),
        left_out=("Exemple Photo", "docs", "README.md", ".gitattributes", "LICENSE"),
    ),
    Layout(
        "data with train and test",
        of({f"data/{k}": v for k, v in split(5, 0, 2).items()}),
        {"cat": 5, "dog": 5},
        (8, 2, 4),
    ),
    Layout("metadata beside class folders", _with_metadata, {"cat": 7, "dog": 7}, (10, 4, 0), ("train/metadata.csv",)),
    Layout("metadata gives the classes", _table_in_train, {"cat": 3, "dog": 3}, (4, 2, 0)),
    Layout("dev for validation", of(split(5, 2, 2, ("train", "dev", "test"))), {"cat": 7, "dog": 7}, (10, 4, 4)),
]
