"""Pictures in no class folders whose names end with numbers that are no classes: of tiles, days, shots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, picture


def _called(names: Sequence[str]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for number, name in enumerate(names):
            (root / f"{name}.png").write_bytes(picture(number))

    return make


NONE = "no class folders"
LAYOUTS = [
    Layout("tiles", _called([f"{i:04}_{tile}" for i in range(6) for tile in range(3)]), refused=NONE),
    Layout("days", _called([f"2023-{month:02}-{day:02}" for month in (1, 2, 3) for day in (1, 8, 15)]), refused=NONE),
    Layout("cameras", _called([f"{i:05}_c{i % 3}" for i in range(12)]), refused=NONE),
    Layout("shots", _called([f"IMG_{i:04}_{i + 7000}" for i in range(12)]), refused=NONE),
]
