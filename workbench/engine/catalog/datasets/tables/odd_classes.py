"""Whether a column that is taken for the class holds something else: measures, boxes, a different text in each row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from workbench.engine.catalog.datasets.tables.cells import NUMBER
from workbench.engine.catalog.datasets.tables.grid import Grid, words
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import natural

#: Words in names of columns of numbers that measure something.
_MEASURES: Final = words(
    "age ages score scores mos rating ratings price cost weight height width length distance angle temperature "
    "spacing count counts number value volume speed depth area size iq bmi year"
)
#: More whole numbers than these are hardly the grades of a scale, where the name is that of a measure.
_GRADES: Final = 10
#: In tables of fewer rows a class may well have one picture.
_FEWEST_ROWS: Final = 8
#: Of fewer different numbers it is not asked whether they measure something.
_FEWEST_NUMBERS: Final = 8
_COMMA: Final = re.compile(r"[-+]?\d+,\d+\Z")
#: A text or nothing, then four numbers or more.
_BOX: Final = re.compile(r"\W*([^\s\d]\S*[\s,;]+)?([-+]?[\d.]+[\s,;]+){3,}[-+]?[\d.]+\W*")


def boxes_words(grid: Grid, column: int) -> str:
    """Why a column cannot be the class that has four numbers or more in most cells; empty for others."""
    cells = [cell for cell in grid.values(column) if cell]
    boxes = [cell for cell in cells if _BOX.fullmatch(cell)]
    if 2 * len(boxes) <= len(cells) or 2 * len(set(cells)) <= len(cells):
        return ""
    what = "boxes" if boxes[0][:1].isdigit() else "boxes beside the class"
    text = f"has {what} in {grid.name(column)} ({boxes[0]!r}), which belong to object detection"
    return f"{text}; write a column with the class of each picture"


def odd_classes(grid: Grid, column: int, values: Sequence[str]) -> list[Doubt]:
    """A doubt if the ``values`` of ``column`` are hardly classes."""
    counts = Counter(filter(None, values))
    are_numbers = all(NUMBER.match(value) for value in counts)
    why = _measured(grid, column, counts) if are_numbers else ""
    why = why or with_commas(counts) or _alone(counts)
    if not why:
        return []
    name = grid.name(column)
    label = f"Each different value of {name} is a class of its own ({grouped(len(counts))})"
    reading = Reading(label, (("class_column", grid.setting(column)),))
    return [Doubt("classes", f"{name} {why}.", (reading,))]


def _measured(grid: Grid, column: int, counts: Counter[str]) -> str:
    """Why numbers may measure something (regression, which is not supported); empty if they do not seem so."""
    if len(counts) < 3:
        return ""
    numbers = {float(value) for value in counts}
    has_name = bool(_MEASURES & set(grid.key(column).split("_")))
    are_grades = all(number.is_integer() for number in numbers) and not (has_name and len(counts) > _GRADES)
    are_sparse = max(numbers) - min(numbers) >= 2 * len(counts) and sum(counts.values()) < 3 * len(counts)
    if are_grades and not (are_sparse and len(counts) >= _FEWEST_NUMBERS):
        return ""
    span = f"{min(counts, key=float)} to {max(counts, key=float)}"
    text = f"has {grouped(len(counts))} different numbers, from {span}, which may measure something and be no classes"
    return f"{text} (regression is not supported)"


def with_commas(values: Collection[str]) -> str:
    """Why texts that are all two numbers with a comma between (``3,7``) are hardly classes; empty for others."""
    if not values or not all(map(_COMMA.match, values)):
        return ""
    shown = paths_text([repr(value) for value in sorted(values, key=natural)], 3)
    text = f"has numbers with a decimal comma, or two classes in each ({shown})"
    return f"{text}: neither a quantity (regression) nor several labels a picture is supported"


def _alone(counts: Counter[str]) -> str:
    """Why values that are mostly those of one row each are hardly classes; empty for others."""
    rows, alone = sum(counts.values()), sum(count == 1 for count in counts.values())
    if rows < _FEWEST_ROWS or 2 * alone <= rows:
        return ""
    text = f"has {grouped(len(counts))} different values in {grouped(rows)} rows, most of them in one row only"
    return f"{text}: hardly classes, of which each needs several pictures"
