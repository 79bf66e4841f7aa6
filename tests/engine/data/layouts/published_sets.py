"""What published sets have beside their pictures: a card, a split by number or flag, columns that number rows."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, pictures, texts

_TWO = ("cat", "dog")


def _card(root: Path) -> None:
    """A download of Hugging Face's hub: the card beside the folder of the data."""
    for part, count in (("train", 12), ("test", 4)):
        pictures(root, {f"data/{part}": count})
        rows = [{"file_name": f"{i}.png", "text": f"number {i}", "label": _TWO[i % 2]} for i in range(count)]
        texts(root, {f"data/{part}/metadata.jsonl": "\n".join(map(json.dumps, rows))})
    texts(root, {"README.md": "---\nlicense: mit\n---\n"})


def _pixels_with_index(root: Path) -> Path:
    """The numbers of its rows are the names of pictures that lie nearby."""
    pictures(root, {"photos": 12})
    rows = [",".join(map(str, [i, *range(100, 164), i % 2])) for i in range(12)]
    texts(root, {"pixels.csv": "\n".join([",".join(["", *(f"p{i}" for i in range(64)), "digit"]), *rows])})
    return root / "pixels.csv"


def _split_by_number(root: Path) -> None:
    """As WILDS writes it: 0 trains, 1 validates, 2 tests."""
    pictures(root, {"img": 20})
    of = [*[0] * 12, *[1] * 4, *[2] * 4]
    texts(root, {"metadata.csv": "\n".join(["path,y,split", *(f"img/{i}.png,{i % 2},{of[i]}" for i in range(20))])})


def _flags(root: Path) -> None:
    """As CUB-200-2011: the split is a number and a flag for each picture."""
    pictures(root, {"images/001.cat": 10, "images/002.dog": 10})
    named = [f"00{k}.{_TWO[k - 1]}/{i}.png" for k, i in product((1, 2), range(10))]
    texts(root, {"images.txt": "\n".join(f"{n} {name}" for n, name in enumerate(named, 1))})
    texts(root, {"train_test_split.txt": "\n".join(f"{n} {int(n % 5 > 0)}" for n in range(1, 21))})


def _flags_written_out(root: Path) -> None:
    """The same split as two lists beside the flags."""
    _flags(root)
    lists: dict[str, list[str]] = {"train.txt": [], "test.txt": []}
    for name, i in product(("001.cat", "002.dog"), range(10)):
        lists["test.txt" if i % 5 == 4 else "train.txt"].append(f"{name}/{i}.png")
    texts(root, {name: "\n".join(lines) for name, lines in lists.items()})


def _row_without_class(root: Path) -> None:
    pictures(root, {"img": 10})
    texts(
        root, {"labels.csv": "\n".join(["file,label", *(f"{i}.png,{_TWO[i % 2] if i < 9 else ''}" for i in range(10))])}
    )


def _names_from_one(root: Path) -> Path:
    pixels = np.zeros((12, 8, 8), np.uint8)
    pixels[:, 0, 0] = 255 - np.arange(12)  # with white in it
    np.savez(root / "set.npz", data=pixels, target=np.arange(12) % 2 + 1, target_names=np.array(_TWO))
    return root / "set.npz"


def _patients_and_sites(root: Path) -> None:
    """Fewer sites than patients: the patients are what a split may not divide."""
    pictures(root, {"images": 24})
    rows = [f"{i}.png,P{i // 3},{('arm', 'leg')[i % 2]},{_TWO[i % 3 == 0]}" for i in range(24)]
    texts(root, {"metadata.csv": "\n".join(["file,patient_id,site,label", *rows])})


LAYOUTS = [
    Layout("a card beside the data", _card, {"cat": 6, "dog": 6}, (10, 2, 4)),
    Layout("pixels with an index, beside pictures", _pixels_with_index, refused="8 × 8 pixels in a row"),
    Layout(
        "CVAT's folder of pictures without a label",
        lambda root: pictures(root, {"cat": 6, "dog": 6, "no_label": 3}),
        {"cat": 6, "dog": 6, "no_label": 3},
        refused="'no_label' says that their pictures have none",
        doubt="'no_label' says that their pictures have none",
        readings=[{"cat": 6, "dog": 6}, {"cat": 6, "dog": 6, "no_label": 3}],
    ),
    Layout(
        "a split by three numbers",
        _split_by_number,
        {"0": 10, "1": 10},
        refused="“split” may say which rows train",
        doubt="“split” may say which rows train",
        readings=[
            {"0": 10, "1": 10},
            *[{"0": 8, "1": 8}, {"0": 4, "1": 4}],
            *[{"0": 8, "1": 8}, {"0": 4, "1": 4}],
            *[{"0": 8, "1": 8}, {"0": 8, "1": 8}],
            *[{"0": 10, "1": 10}] * 3,
        ],
    ),
    Layout("a split by flags", _flags, {"001.cat": 8, "002.dog": 8}, (12, 4, 4)),
    Layout("the same written as lists", _flags_written_out, {"001.cat": 8, "002.dog": 8}, (12, 4, 4)),
    Layout(
        "a row without a class",
        _row_without_class,
        {"cat": 5, "dog": 4},
        refused='data.source.without_class = "leave_out"',
        doubt="labels.csv has no class in 1 row of 10 (10)",
        readings=[{"cat": 5, "dog": 4}],
    ),
    Layout("names for labels from 1 on", _names_from_one, {"1": 6, "2": 6}, (10, 2, 0)),
    Layout("patients and sites", _patients_and_sites, {"cat": 16, "dog": 8}, notes="“patient_id”, “site”; the first"),
]
