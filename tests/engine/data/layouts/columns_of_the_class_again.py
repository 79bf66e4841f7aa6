"""Columns beside that of the class which say the same once more, or name a part."""

from __future__ import annotations

from tests.engine.data.layouts.columns_of_other_things import EACH, NAMES, table
from tests.engine.data.layouts.layout import Layout

LAYOUTS = [
    Layout(
        "a number and a text of the class",
        table("label_idx,label_text", lambda n: f"{n % 3},{NAMES[n % 3]}"),
        EACH,
    ),
    Layout(
        "a column test of 0 and 1",
        table("label,test", lambda n: f"{NAMES[n % 3]},{int(n > 8)}"),
        dict.fromkeys(NAMES, 3),
        (6, 3, 3),
    ),
]
