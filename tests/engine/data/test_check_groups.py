"""Groups that a table's own parts divide: they are said by their own names, headless as in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.checks import preflight
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import Understood, run_warnings, understand_path


def opened(root: Path, part_of: dict[str, str]) -> Understood:
    """24 pictures of four patients, in the part that ``part_of`` gives for a patient's first and second half."""
    pictures(root, {"scans": 24})
    rows = []
    for index in range(24):
        part = part_of[f"{index // 6}{'ab'[index % 6 // 3]}"]
        rows.append(f"scans/{index}.png,{('cat', 'dog')[index % 2]},Meyer {index // 6},{part}")
    texts(root, {"list.csv": "\n".join(["file,label,patient,split", *rows])})
    found: Understood = finished(understand_path(root / "list.csv", []))
    return found


HELD = {f"{patient}{half}": "train" for patient in range(4) for half in "ab"}


def test_patients_on_both_sides_are_named_and_not_said_to_belong_together(tmp_path: Path) -> None:
    found = opened(tmp_path, HELD | {"1b": "val", "2b": "val"})
    divided = [text for text in found.warnings if "on both sides" in text]
    assert len(divided) == 1 and "2 groups are on both sides: 'Meyer 1', 'Meyer 2'." in divided[0]
    facts = [fact.sentence for fact in found.facts]
    assert any("The data's own parts divide 2 of 4 groups in “patient”" in text for text in facts)
    assert not any("belong together" in text for text in facts)
    assert found.spec is not None
    assert divided[0] in finished(run_warnings(found.spec, DataStore()))


def test_whole_patients_are_said_to_belong_together(tmp_path: Path) -> None:
    found = opened(tmp_path, HELD | {"1a": "val", "1b": "val"})
    assert not any("on both sides" in text for text in found.warnings)
    assert any("Pictures of one group belong together: 4 groups" in fact.sentence for fact in found.facts)


def test_divided_groups_of_an_archive_are_named(tmp_path: Path) -> None:
    pixels = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (24, 6, 6), np.uint8)
    patients = np.array([f"Meyer {index // 6}" for index in range(24)])
    split = np.array([("train", "val")[index in (9, 10, 11)] for index in range(24)])
    np.savez(tmp_path / "scans.npz", images=pixels, labels=np.arange(24) % 2, patient=patients, split=split)
    found: Understood = finished(understand_path(tmp_path / "scans.npz", []))
    assert any("1 group is on both sides: 'Meyer 1'." in text for text in found.warnings)
    assert not any("belong together" in fact.sentence for fact in found.facts)


def test_patients_in_training_and_in_the_test_part_are_named(tmp_path: Path) -> None:
    found = opened(tmp_path, HELD | {"0b": "test", "3a": "test", "3b": "test"})
    assert [text for text in found.warnings if "test part is kept, and 1 group is on both sides: 'Meyer 0'." in text]
    assert found.spec is not None
    report = finished(preflight(found.spec))
    assert [each.sentence for each in report.findings if each.code == "divided_groups"] == [
        text for text in found.warnings if "both sides" in text
    ]


def test_patients_in_validation_and_in_the_test_part_are_named(tmp_path: Path) -> None:
    """The weights are chosen on them."""
    found = opened(tmp_path, HELD | {"1a": "val", "1b": "test"})
    assert [text for text in found.warnings if "test part is kept, and 1 group is on both sides: 'Meyer 1'." in text]


def test_patients_in_the_tables_of_two_parts_are_named_and_rows_without_one_are_not(tmp_path: Path) -> None:
    pictures(tmp_path, {"scans": 36})
    for name, rows in (("train", range(12)), ("val", range(12, 24)), ("test", range(24, 36))):
        lines = [f"scans/{i}.png,{('cat', 'dog')[i % 2]},{f'Meyer {i // 8 - i // 24}' if i % 4 else ''}" for i in rows]
        texts(tmp_path, {f"{name}.csv": "\n".join(["file,label,patient", *lines])})
    found: Understood = finished(understand_path(tmp_path / "train.csv", []))
    said = [text for text in found.warnings if "both sides" in text]
    assert [text.partition(":")[2] for text in said] == [
        " 'Meyer 1'. Validation is then too good for new groups.",
        " 'Meyer 2'. Test is then too good for new groups.",
    ]


@pytest.mark.parametrize(("first", "said"), [(2, ["test", "'patient02'"]), (4, [])])
def test_names_of_files_that_say_the_same_patients_in_two_folders(tmp_path: Path, first: int, said: list[str]) -> None:
    for part, numbers in (("train", range(4)), ("test", range(first, first + 1))):
        for name in ("cat", "dog"):
            for number in numbers:
                pictures(tmp_path, {f"{part}/{name}": 3}, f"patient{number:02}_{{}}_{name}.png")
    found: Understood = finished(understand_path(tmp_path, []))
    texts_of_groups = [text for text in found.warnings if "say the same groups" in text]
    assert len(texts_of_groups) == bool(said) and all(word in texts_of_groups[0] for word in said)
