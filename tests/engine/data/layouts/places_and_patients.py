"""Folders that are places or patients, with a table of what is there beside them; bursts told apart by a letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def _places(root: Path) -> None:
    rows = []
    for place in range(3):
        for row in range(8):
            pictures(root, {f"images/loc{place}": 1}, f"{place}{row}.png")
            species = ("deer", "fox")[row // 2 % 2]
            rows.append(f"loc{place}/{place}{row}.png,{species},loc{place},{place}-{row // 2}\n")
    texts(root, {"annotations.csv": f"filename,species,location,seq_id\n{''.join(rows)}"})


def _bursts(root: Path) -> None:
    for place, kind in enumerate(("fox", "hare")):
        for burst in range(4):
            for letter in "abc":
                pictures(root, {kind: 1}, f"RCNX{10 * place + burst:04}{letter}.jpg")


def _of_folders(head: str) -> Callable[[Path], None]:
    """Six folders of numbered names, and a table with a row and two kinds of text for each."""

    def make(root: Path) -> None:
        pictures(root, {f"P{number:02}": 3 for number in range(6)})
        rows = "".join(f"P{number:02},{('AD', 'CN')[number % 2]}\n" for number in range(6))
        texts(root, {"table.csv": f"{head}\n{rows}"})

    return make


_PATIENTS = {f"P{number:02}": 3 for number in range(6)}


def _tracks(root: Path) -> None:
    for kind in ("00000", "00001", "00002"):
        for track in range(3):
            pictures(root, {kind: 4}, f"{track:05}_{{:05}}.ppm")


LAYOUTS = [
    Layout("species in a table beside folders of places", _places, {"deer": 12, "fox": 12}, (20, 4, 0)),
    Layout(
        "a table with a row for each patient",
        _of_folders("participant_id,group"),
        _PATIENTS,
        left_out=("table.csv",),
        refused='classes = "folders"',
        doubt="a row for each of the folders (“participant_id”, “group”)",
        readings=(_PATIENTS,),
    ),
    Layout("a table with a row for each class", _of_folders("class_id,superclass"), _PATIENTS),
    Layout("bursts of three", _bursts, {"fox": 12, "hare": 12}, notes="begin alike in groups (RCNX0000, "),
    Layout("few tracks of each class", _tracks, {"00000": 12, "00001": 12, "00002": 12}, notes="begin alike in groups"),
]
