"""Camera traps: folders of places with a table of species beside them; bursts told apart by a letter."""

from __future__ import annotations

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


def _tracks(root: Path) -> None:
    for kind in ("00000", "00001", "00002"):
        for track in range(3):
            pictures(root, {kind: 4}, f"{track:05}_{{:05}}.ppm")


LAYOUTS = [
    Layout("species in a table beside folders of places", _places, {"deer": 12, "fox": 12}, (20, 4, 0)),
    Layout("bursts of three", _bursts, {"fox": 12, "hare": 12}, notes="begin alike in groups (RCNX0000, "),
    Layout("few tracks of each class", _tracks, {"00000": 12, "00001": 12, "00002": 12}, notes="begin alike in groups"),
]
