"""Tables with one row for each patient, and tables with several rows for each picture named without its suffix."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_PATIENTS = {f"Patient_{number:02}": 3 for number in range(1, 9)}


def _folders(root: Path) -> Path | None:
    pictures(root, _PATIENTS, "b{}.png")
    rows = (f"{name};{40 + row};{('gesund', 'krank')[row % 2]}" for row, name in enumerate(_PATIENTS))
    texts(root, {"Befunde.csv": "\n".join(("Patient;Alter;Diagnose", *rows))})
    return None


def _findings(root: Path) -> Path:
    _folders(root)
    return root / "Befunde.csv"


def _beginnings(root: Path) -> None:
    for number in range(8):
        pictures(root, {"images": 3}, f"P{number:03}_{{}}.png")
    rows = (f"P{number:03},{40 + number},{('healthy', 'ill')[number % 2]}" for number in range(8))
    texts(root, {"table.csv": "\n".join(("patient,age,diagnosis", *rows))})


def _annotators(root: Path) -> None:
    pictures(root, {"images": 8}, "img{}.png")
    rows = (f"img{number},{who},{('cat', 'dog')[number % 2]}" for number in range(8) for who in "AB")
    texts(root, {"labels.csv": "\n".join(("image,annotator,label", *rows))})


LAYOUTS = [
    Layout(
        "folders of patients",
        _folders,
        _PATIENTS,
        refused="write a table with one row for each picture (file, class, patient or group)",
        doubt="Befunde.csv has one row for each of these folders (“Patient”, “Diagnose”)",
    ),
    Layout("the table beside folders of patients", _findings, refused="has one row for each “Patient”, which names"),
    Layout("beginnings of names", _beginnings, refused="has one row for each “patient”, which names the folders of"),
    Layout(
        "names without suffix, twice",
        _annotators,
        refused="which needs a setting of its own: it names pictures without their suffix in “image”, and some several",
    ),
]
