"""Names of numbered classes in a file beside a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.catalog.datasets.tables.names_beside import names_fact
from workbench.engine.pictures.folder_scans import FolderScans


def said(folder: Path, name: str, text: str, labels: tuple[str, ...] = ("0", "1")) -> str:
    (folder / "train.csv").write_text("x")
    (folder / name).write_text(text)
    return " ".join(fact.sentence for fact in names_fact(folder / "train.csv", labels, FolderScans()))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.json", '["cat", "dog"]'),
        ("classes.json", '{"0": "cat", "1": "dog"}'),
        ("class_to_idx.json", '{"cat": 0, "dog": 1}'),
        ("label_map.txt", "0 cat\n1 dog\n"),
        ("label_map.txt", "cat: 0\ndog: 1\n"),
        ("labels.csv", "id,name\n0,cat\n1,dog\n"),
        ("classes.txt", "cat\ndog\n"),
    ],
)
def test_the_file_is_named_with_the_names(name: str, text: str, tmp_path: Path) -> None:
    assert f"{name} may have their names (0 cat, 1 dog)" in said(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [
        ("classes.json", '["cat", "dog"]', ("0", "2")),  # in whichever way it counts, one has no name
        ("classes.json", '["cat", "cat"]', ("0", "1")),
        ("classes.json", '["cat", "dog"]', ("cat", "dog")),
        ("classes.json", "{broken", ("0", "1")),
        ("notes.txt", "cat\ndog\n", ("0", "1")),
    ],
)
def test_nothing_is_said_of_other_files(name: str, text: str, labels: tuple[str, ...], tmp_path: Path) -> None:
    assert said(tmp_path, name, text, labels) == ""
