"""Tables with rows about themselves, a title or a sum, and those that hold nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

BOTH = {"cat": 5, "dog": 5}
ROWS = [f"{index}.png;{('cat', 'dog')[index % 2]}" for index in range(10)]


def table(above: str, head: str = "file;class", below: str = "", mark: str = ";") -> Callable[[Path], Path]:
    """A maker of a table with lines ``above`` its header and ``below`` its rows."""

    def make(root: Path) -> Path:
        pictures(root, {"": 10})
        texts(root, {"labels.csv": "\n".join([above, head, *ROWS, below]).replace(";", mark)})
        return root / "labels.csv"

    return make


def alone(text: str) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        texts(root, {"labels.csv": text})
        return root / "labels.csv"

    return make


LAYOUTS = [
    Layout("a title in cells", table("Export of 2024-01-02;;;\n"), BOTH, (8, 2, 0)),
    Layout("a title alone in its line", table("Export of 2024-01-02\n"), BOTH),
    Layout("a title with the mark of the columns", table("Animals in the garden, 2024", mark=","), BOTH),
    Layout("remarks", table("# by x\nProject;Zoo\n% on 2024; by me"), BOTH),
    Layout("a title above names that are not known", table("Export;;", "Aufnahme;Befund"), BOTH),
    Layout("a sum at the end", table("", below="Total;10"), BOTH),
    Layout("a row of units", table("", "file;class\n;mm"), refused="has no path in its row 1"),
    Layout("a title alone", alone("Export of 2024-01-02;;;\n"), refused="has one row alone, and that names no picture"),
    Layout("a header alone", alone("file,class\n"), refused="has a header and no row below it"),
    Layout("a log of training", alone("epoch,loss,acc\n0,1,0.1\n1,0.5,0.4\n"), refused="is a log of training"),
]
