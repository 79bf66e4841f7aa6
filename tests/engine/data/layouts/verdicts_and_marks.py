"""Columns of several people beside their verdict, of marks without a 0, of the class by number; words of refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.engine.data.layouts.classes_in_cells import cells
from tests.engine.data.layouts.json_tables import ALL, file_of, lines
from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.tables_of_parts import NAMES

_VOTES = ["yes,yes,yes", "no,yes,no", "yes,no,yes", "no,no,no"]
_BOTH = {"no": 6, "yes": 6}


def _manifest(index: int) -> dict[str, Any]:
    """As SageMaker writes it for a job that is called ``animal``."""
    about = {"class-name": NAMES[index], "confidence": 0.9, "type": "groundtruth/image-classification"}
    number = int(NAMES[index] == "dog")
    return {"source-ref": f"s3://bucket/images/{index}.png", "animal": number, "animal-metadata": about}


def _dicom_in_one(root: Path) -> None:
    pictures(root, {"malignant": 6})
    for number in range(6):
        texts(root, {f"benign/{number}.dcm": f"{chr(0) * 128}DICM{chr(0) * 200}"})


def _classes_by_part(root: Path) -> Path:
    parts = {"train": {"images/0.png": "a"}, "test": {"images/1.png": "b"}}
    file_of("t.json", json.dumps(parts))(root)
    return root / "t.json"


LAYOUTS = [
    Layout(
        "two people and the majority, which one of them always joins",
        cells("annotator1,annotator2,majority", _VOTES),
        refused='one of: data.source.class_column = "majority"',
        doubt="several columns that may be the class: “majority” (2: no, yes), “annotator2” (2: no, yes)",
        readings=(_BOTH, _BOTH),
    ),
    Layout(
        "findings of which one is never denied",
        cells("No Finding,Edema,Pneumonia", ["1.0,,0.0", ",1.0,1.0", "1.0,-1.0,0.0", ",,1.0"]),
        refused='Choose with data.source.class_column = "Pneumonia"',
        doubt="Choose one with 1 and 0, to learn whether a picture has it",
        readings=({"0": 6, "1": 6},),
    ),
    Layout(
        "findings none of which is ever denied",
        cells("No Finding,Edema,Pneumonia", ["1.0,,", ",1.0,1.0", "1.0,-1.0,", ",,1.0"]),
        refused="has no column with the class of each picture",
    ),
    Layout(
        "SageMaker's manifest of a job that is called as animals are",
        file_of("out.manifest", lines(map(_manifest, range(20)))),
        ALL,
        (16, 4, 0),
    ),
    Layout(
        "Label Studio, short JSON with several choices of some pictures",
        file_of(
            "min.json",
            json.dumps(
                [{"image": f"images/{i}.png", "choice": {"choices": ["a", "b"]} if i % 2 else "a"} for i in range(20)]
            ),
        ),
        {"a": 10, "a | b": 10},
        refused="seems to hold several classes a picture ('a | b')",
        doubt="several classes a picture",
    ),
    Layout(
        "JSON that gives the class of each file by part",
        _classes_by_part,
        refused="holds an object with the class of each file in 'train', 'test'",
    ),
    Layout(
        "a class of DICOM files beside one of PNG",
        _dicom_in_one,
        refused="There are pictures that cannot be read: benign/0.dcm is DICOM, which is not read here",
    ),
]
