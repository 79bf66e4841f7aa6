"""Sets as challenges and hospitals publish them, with columns, arrays and folders that are easily misread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, of, pictures, texts
from tests.engine.data.layouts.numpy_files import npz

RNG = np.random.Generator(np.random.PCG64(8))
RGB = RNG.integers(0, 256, (20, 6, 6, 3), np.uint8)
NIH = "Image Index,Finding Labels,View,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
#: Two spacings, so that either column may seem to be the class.
SPACING = ("0.143,0.143", "0.168,0.168")
META = [f"{i},{4 + i // 5:03},{3000 + i},{i % 2},{i // 10}" for i in range(20)]


def _table(head: str, rows: Sequence[str], folder: str = "images") -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        pictures(root, {folder: len(rows)}, "{}.png")
        texts(root, {"list.csv": "\n".join([head, *rows])})
        return root / "list.csv"

    return make


def _nih(findings: Sequence[str]) -> Callable[[Path], Path]:
    rows = [f"{i}.png,{findings[i % len(findings)]},PA,2682,2749,{SPACING[i // 3 % 2]}," for i in range(12)]
    return _table(NIH, rows)


def _patients(root: Path) -> None:
    """As Camelyon17: folders of patients, and a table whose rows name no file."""
    pictures(root, {f"patches/patient_{4 + i:03}_node_1": 5 for i in range(4)})
    texts(root, {"metadata.csv": "\n".join([",patient,x_coord,tumor,split", *META])})


def _only_tables(root: Path) -> None:
    """Arrays in a format that is not read, and a table about them."""
    (root / "x.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    texts(root, {"meta.csv": "\n".join(["a,b,c", *(f"{i},{i % 2},False" for i in range(8))])})


LAYOUTS = [
    Layout("a header with x and y in it", _nih(["No Finding", "Effusion"]), {"Effusion": 6, "No Finding": 6}),
    Layout(
        "findings with a mark between",
        _nih(["No Finding", "Edema", "Edema|Effusion"]),
        {"Edema": 4, "Edema|Effusion": 4, "No Finding": 4},
        refused="“Finding Labels” seems to hold several classes a picture ('Edema|Effusion')",
        doubt="several classes a picture",
    ),
    Layout(
        "a class and boxes in one column",
        _table("ImageId,PredictionString", [f"{i}.png,n0{i % 2} {i} 60 206 245 " for i in range(12)]),
        refused="has boxes beside the class in “PredictionString” ('n00 0 60 206 245')",
    ),
    Layout(
        "another word in each row",
        _table("file,label", [f"{i}.png,word{i}" for i in range(12)]),
        refused="has another value of “label” in each of its rows ('word0'): no class to learn",
    ),
    Layout(
        "folders of patients beside a table",
        _patients,
        {f"patient_{4 + i:03}_node_1": 5 for i in range(4)},
        refused="say whose pictures they are, and no class, which may be in metadata.csv",
        doubt="say whose pictures they are",
        readings=({f"patient_{4 + i:03}_node_1": 5 for i in range(4)},),
    ),
    Layout(
        "arrays that are held out",
        npz(
            **{
                f"{name}_{part}": values[start:end]
                for name, values in (("X", RGB), ("y", np.arange(20) % 2))
                for part, start, end in (("train", 0, 10), ("dev", 10, 14), ("holdout", 14, 20))
            }
        ),
        {"0": 7, "1": 7},
        (10, 4, 6),
    ),
    Layout(
        "arrays of no part beside those of parts",
        npz(X_train=RGB[:10], y_train=np.arange(10) % 2, X_more=RGB[10:], y_more=np.arange(10) % 2),
        {"0": 5, "1": 5},
        (8, 2, 0),
        left_out=("array 'X_more'", "array 'y_more'"),
        refused='test_array = "X_more"',
        doubt="'X_more' with 'y_more' (10), and no known word",
        readings=({"0": 5, "1": 5}, {"0": 10, "1": 10}, {"0": 5, "1": 5}),
    ),
    Layout(
        "arrays for validation beside others",
        npz(x=RGB[:14], y=np.arange(14) % 2, x_val=RGB[14:], y_val=np.arange(6) % 2),
        {"0": 10, "1": 10},
        (14, 6, 0),
    ),
    Layout(
        "a part whose name says how much it is",
        of({"train_mini/a": 6, "train_mini/b": 6, "val/a": 2, "val/b": 2}),
        {"a": 8, "b": 8},
        (12, 4, 0),
    ),
    Layout("a table about arrays that are not read", _only_tables, refused="save them so and open that file."),
]
