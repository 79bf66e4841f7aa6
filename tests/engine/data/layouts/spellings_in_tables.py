"""Tables and arrays that write one class in several ways: asked about, and joined as the answer says; labels that are
numbers with a decimal comma."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.numpy_files import RGB, npz
from tests.engine.data.layouts.odd_class_columns import table

_ONE = 'data.source.class_names = "ignore_case"'


def _labels(*names: str) -> Callable[[Path], None]:
    return table("file,label", [(names[i % len(names)],) for i in range(24)])


def _semicolons(root: Path) -> None:
    pictures(root, {"img": 24})
    rows = (f"img/{i}.png;{('3,7', '4,2', '4,9')[i % 3]}" for i in range(24))
    texts(root, {"labels.csv": "\n".join(("file;ph_value", *rows))})


_COMMAS = {"3,7": 8, "4,2": 8, "4,9": 8}
LAYOUTS = [
    Layout(
        "underscores, hyphens and two blanks",
        _labels("red_fox", "red fox", "red-fox", "red  fox", "Red Fox", "owl"),
        {"red_fox": 20, "owl": 4},
        refused=_ONE,
        doubt="only in how they are written: 'Red Fox' and 'red  fox' and 'red fox' and 'red-fox' and 'red_fox'",
        readings=(
            {"red_fox": 20, "owl": 4},
            {"red_fox": 4, "red fox": 4, "red-fox": 4, "red  fox": 4, "Red Fox": 4, "owl": 4},
        ),
    ),
    Layout(
        "a character that is not seen",
        _labels("red fox", "red fox\u200b", "owl", "owl"),
        {"red fox": 12, "owl": 12},
        refused=_ONE,
        doubt="'red fox' and 'red fox\\u200b'",
        readings=({"red fox": 12, "owl": 12}, {"red fox": 6, "red fox\u200b": 6, "owl": 12}),
    ),
    Layout(
        "a dash for a hyphen, and a stop",
        _labels("T-shirt", "T\u2013shirt", "shoe", "shoe."),
        {"T-shirt": 12, "shoe": 12},
        refused=_ONE,
        doubt="'T-shirt' and 'T\u2013shirt', 'shoe' and 'shoe.'",
        readings=({"T-shirt": 12, "shoe": 12}, {"T-shirt": 6, "T\u2013shirt": 6, "shoe": 6, "shoe.": 6}),
    ),
    Layout("grades with a minus", _labels("A-", "A"), {"A": 12, "A-": 12}),
    Layout(
        "texts of an array",
        npz(x=np.concatenate([RGB, 255 - RGB]), y=np.array(["Cat", "cat", "cat ", "dog"])[np.arange(24) % 4]),
        {"cat": 18, "dog": 6},
        refused=_ONE,
        doubt="only in how they are written: 'Cat' and 'cat' and 'cat '",
        readings=({"cat": 18, "dog": 6}, {"Cat": 6, "cat": 6, "cat ": 6, "dog": 6}),
    ),
    Layout(
        "measures with a decimal comma",
        _semicolons,
        _COMMAS,
        refused='data.source.class_column = "ph_value"',
        doubt="numbers with a decimal comma, or two classes in each ('3,7', '4,2', '4,9')",
        readings=(_COMMAS,),
    ),
    Layout(
        "the same in an array",
        npz(x=np.concatenate([RGB, 255 - RGB]), y=np.array(["3,7", "4,2", "4,9"])[np.arange(24) % 3]),
        _COMMAS,
        notes="The array of labels has numbers with a decimal comma",
    ),
]
