"""Numbers that are no classes: at the ends of names of pictures, of tiles, days, shots; of folders, of objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, picture


def _called(names: Sequence[str]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for number, name in enumerate(names):
            (root / f"{name}.png").write_bytes(picture(number))

    return make


NONE = "no class folders"
_OBJECTS = {f"kos{number:02}": 3 for number in range(1, 6)}
_TYPES = {f"Type_{number}": 3 for number in range(1, 6)}
_MANY = {f"kos{number:02}": 6 for number in range(1, 6)}
LAYOUTS = [
    Layout("tiles", _called([f"{i:04}_{tile}" for i in range(6) for tile in range(3)]), refused=NONE),
    Layout("days", _called([f"2023-{month:02}-{day:02}" for month in (1, 2, 3) for day in (1, 8, 15)]), refused=NONE),
    Layout("cameras", _called([f"{i:05}_c{i % 3}" for i in range(12)]), refused=NONE),
    Layout(
        "objects with the same few pictures each, as of KolektorSDD",
        of(_OBJECTS, "Part{}.png"),
        _OBJECTS,
        refused='data.source.classes = "folders"',
        doubt="say only numbers, and all hold pictures of the same names (Part0.png, Part1.png, Part2.png)",
        readings=(_OBJECTS,),
    ),
    Layout("numbered types with the same few pictures each", of(_TYPES, "Part{}.png"), _TYPES),
    Layout("more pictures in each folder than folders", of(_MANY, "Part{}.png"), _MANY),
    Layout("shots", _called([f"IMG_{i:04}_{i + 7000}" for i in range(12)]), refused=NONE),
]
