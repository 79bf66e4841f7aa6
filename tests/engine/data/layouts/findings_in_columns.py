"""Columns that mark several findings of a picture, some of them uncertain; a test folder of what no class is known."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts


def _xrays(root: Path) -> None:
    """As CheXpert: nothing, 1, 0 or -1 (uncertain) for each finding."""
    rows = []
    for number in range(24):
        file = f"train/patient{number // 2:05}/study1/view{number}.png"
        pictures(root, {str(Path(file).parent): 1}, Path(file).name)
        sex = ("Male", "Female")[number // 2 % 2]
        none, heart = ("1.0", "", "", "")[number % 4], ("", "1.0", "0.0", "-1.0")[number % 4]
        edema = ("", "0.0", "1.0", "1.0", "-1.0")[number % 5]
        rows.append(f"{file},{sex},{30 + number},{none},{heart},{edema}")
    texts(root, {"train.csv": "\n".join(("Path,Sex,Age,No Finding,Cardiomegaly,Edema", *rows))})


LAYOUTS = [
    Layout(
        "CheXpert",
        _xrays,
        refused='one of: data.source.class_column = "Cardiomegaly"',
        doubt="marks several findings of a picture in its columns “No Finding”, “Cardiomegaly”, “Edema”",
        readings=({"0": 6, "1": 6}, {"0": 5, "1": 10}, {"Female": 12, "Male": 12}),
    ),
    Layout(
        "unknown pictures as the test part",
        of({"train/cat": 6, "train/dog": 6, "val/cat": 6, "val/dog": 6, "test/unknown": 8}),
        {"cat": 12, "dog": 12},
        (12, 12, 0),
        left_out=("test/unknown",),
        notes="The test part has classes that training has not: 'unknown'",
    ),
]
