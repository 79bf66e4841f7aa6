"""Headers of columns that say a patient, a subject or an animal; and cells with a bar between several classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

TWO = {"cat": 12, "dog": 12}


def _table(head: str, *cells: str) -> Callable[[Path], Path]:
    """24 pictures and a table whose rows have each of the ``cells``, in which {} is one of six numbers."""

    def make(root: Path) -> Path:
        pictures(root, {"images": 24})
        rows = [f"{i}.png,{cells[i % len(cells)].format(100 + i // 4)}" for i in range(24)]
        texts(root, {"list.csv": "\n".join([f"image,{head}", *rows])})
        return root / "list.csv"

    return make


LAYOUTS = [
    Layout("a column of patients in German", _table("PatientenNr,label", "{},cat", "{},dog"), TWO, (20, 4, 0)),
    Layout("a column animal that is the class", _table("animal,camera", "cat,{}", "dog,{}"), TWO, notes="“camera”"),
    Layout(
        "nothing but a patient",
        _table("patient", "P{}"),
        {f"P{number}": 4 for number in range(100, 106)},
        refused='class_column = "patient"',
        doubt="has no column that seems to be the class: “patient”",
        readings=({f"P{number}": 4 for number in range(100, 106)},),
    ),
    Layout(
        "a bar between classes that do not occur alone",
        _table("finding", "Edema|Effusion", "No Finding", "Mass"),
        {"Edema|Effusion": 8, "Mass": 8, "No Finding": 8},
        refused="seems to hold several classes a picture ('Edema|Effusion')",
        doubt="several classes a picture",
        readings=({"Edema|Effusion": 8, "Mass": 8, "No Finding": 8},),
    ),
]
