"""Tables whose paths were written on another computer, by another program, or for another folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.tables import BOTH, ROWS, table


def _file_addresses(root: Path) -> Path:
    return table("path,label", lambda i, p, c: ((root / p).as_uri(), c))(root)


def _decomposed(root: Path) -> Path:
    for name in ("Äpfel", "Blüten"):
        pictures(root, {unicodedata.normalize("NFD", f"bilder/{name}"): 5})
    rows = [f"bilder/{name}/{index}.png;{name}" for name in ("Äpfel", "Blüten") for index in range(5)]
    texts(root, {"liste.csv": unicodedata.normalize("NFC", "\n".join(["datei;klasse", *rows]))})
    return root / "liste.csv"


def _by_part(root: Path) -> Path:
    """The same names in train and test: the part in the row says which is meant."""
    pictures(root, {"train": 6, "test": 4})
    rows = [f"{index}.png,{'ab'[index % 2]},train" for index in range(6)]
    rows += [f"{index}.png,{'ab'[index % 2]},test" for index in range(4)]
    texts(root, {"all.csv": "\n".join(["file,label,split", *rows])})
    return root / "all.csv"


LAYOUTS = [
    Layout("backslashes", table("path,label", lambda i, p, c: (p.replace("/", "\\"), c)), BOTH),
    Layout("both kinds of slashes", table("path,label", lambda i, p, c: (f".\\{p}", c)), BOTH),
    Layout("a drive letter", table("path,label", lambda i, p, c: (f"D:\\study\\{p}".replace("/", "\\"), c)), BOTH),
    Layout("another user's folder", table("path,label", lambda i, p, c: (f"/Users/someone/study/{p}", c)), BOTH),
    Layout("file addresses", _file_addresses, BOTH),
    Layout("other upper and lower case", table("path,label", lambda i, p, c: (p.upper(), c)), BOTH),
    Layout("names that a Mac wrote", _decomposed, {"Blüten": 5, "Äpfel": 5}),
    Layout("the part says the folder", _by_part, {"a": 3, "b": 3}, (4, 2, 4)),
    Layout(
        "nothing is where it was",
        table("path,label", lambda i, p, c: (f"/mnt/scans/{i:03}.png", c)),
        refused="none of them is there",
    ),
    Layout(
        "web addresses",
        table("path,label", lambda i, p, c: (f"https://example.org/{ROWS[i][0]}", c)),
        {"cat": 5, "dog": 5},
    ),
]
