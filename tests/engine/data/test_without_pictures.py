"""A folder beside class folders that holds a readme or a PDF alone is found, not only listed as left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.checks import Finding, preflight
from workbench.engine.spec.experiment import ExperimentSpec


def found(root: Path) -> list[Finding]:
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root)})
    return [each for each in finished(preflight(spec)).findings if each.code == "without_pictures"]


@pytest.mark.parametrize("below", ["", "train/"])
@pytest.mark.parametrize("file", ["readme.txt", "about.pdf", "notes.md"])
def test_a_class_without_pictures(below: str, file: str, tmp_path: Path) -> None:
    pictures(tmp_path, {f"{below}cup": 6, f"{below}bowl": 6})
    if below:
        pictures(tmp_path, {"val/cup": 2, "val/bowl": 2})
    texts(tmp_path, {f"{below}jug/{file}": "%PDF-1.4"})
    (finding,) = found(tmp_path)
    assert finding.severity == "warning" and finding.files == (f"{below}jug",)
    assert f"without a picture: {below}jug ({file}). It is no class." in finding.sentence


@pytest.mark.parametrize("name", ["docs", "scripts", "_unused", "labels"])
def test_folders_of_something_else(name: str, tmp_path: Path) -> None:
    pictures(tmp_path, {"cup": 6, "bowl": 6})
    texts(tmp_path, {f"{name}/readme.txt": "hello", "cup/notes/readme.txt": "hello"})
    assert not found(tmp_path)
