"""``check``: one JSON object alone on standard output, exit code 2 with a sentence for whatever is no data."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.engine.__main__ import main
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import before_run, setting_lines
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save

KEYS = {"refused", "classes", "parts", "left_out", "doubts", "readings", "warnings", "facts", "notes"}


def pictures(root: Path, each: int = 5) -> Path:
    for number, name in enumerate(("cat", "dog")):
        (root / name).mkdir(parents=True)
        for index in range(each):
            Image.new("RGB", (6, 6), (40 * index, 90 * number, 7)).save(root / name / f"{index}.png")
    return root


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = main(["check", *map(str, arguments), "--json"])
    said = capsys.readouterr()
    assert said.err == "" and said.out.endswith("}\n") and said.out.count("\n") == 1
    found = json.loads(said.out)
    assert set(found) == KEYS and (code == 2) == (found["refused"] is not None)
    return code, found


def test_a_folder_and_a_settings_file_that_names_it_give_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = pictures(tmp_path / "pets")
    want = {"cat": 5, "dog": 5}, {"train": 8, "validation": 2, "test": 0}
    code, found = checked(capsys, root)
    assert code == 0 and (found["classes"], found["parts"]) == want
    save(ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root)}), tmp_path / "spec.toml")
    assert checked(capsys, tmp_path / "spec.toml")[1] == found
    _, changed = checked(capsys, root, "--set", "data.validation_fraction=0.4")
    assert changed["parts"] == {"train": 6, "validation": 4, "test": 0}


def test_pictures_that_lose_most_to_the_crop_are_in_doubt_until_a_shape_is_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(8):
        file = tmp_path / "wide" / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (64, 16), 30 * number).save(file)
    code, found = checked(capsys, tmp_path / "wide")
    (doubt,) = found["doubts"]
    assert code == 0 and "leaves away 75 % of them" in doubt
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(tmp_path / "wide")})
    (known,) = finished(spec.data.source.understood()).doubts
    assert [dict(reading.settings)["fit"] for reading in known.readings] == ["crop", "pad", "squeeze"]
    (readings,) = found["readings"]
    assert [each["settings"] for each in readings] == [{"data.source.fit": f} for f in ("crop", "pad", "squeeze")]
    for reading in known.readings:
        lines = [part for line in setting_lines(reading) for part in ("--set", line)]
        code, after = checked(capsys, tmp_path / "wide", *lines)
        assert code == 0 and {**after, "facts": found["facts"]} == {**found, "doubts": [], "readings": []}
    store = DataStore()
    assert finished(before_run(spec.data.source, store)).doubts == (known,)  # a line at the start of every run


def test_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(pictures(tmp_path / "pets"))]) == 0
    assert "2 classes (cat: 5, dog: 5)\nExamples: train 8, validation 2, test 0\n" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().out.startswith("Refused: There is no ")


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no line break in a name")
def test_a_line_break_in_the_name_of_a_class_is_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pictures(tmp_path / "pets") / "cat").rename(tmp_path / "pets" / "c\nat")
    assert main(["check", str(tmp_path / "pets")]) == 0
    assert "2 classes (c\\nat: 5, dog: 5)\n" in capsys.readouterr().out


def test_counts_of_classes_say_that_the_test_part_is_not_in_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("train", "test"):
        pictures(tmp_path / "pets" / part)
    assert main(["check", str(tmp_path / "pets")]) == 0
    said = "2 classes in training and validation (cat: 5, dog: 5)\nExamples: train 8, validation 2, test 10\n"
    assert said in capsys.readouterr().out


def archive(names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(names, b"\x80\x02.")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.zip", archive("cat/1.png"), "Unpack it"),
        ("a.tar", bytes(257) + b"ustar" + bytes(300), "Unpack it"),
        ("a.pt", archive("archive/data.pkl"), "weights of a network"),
        ("a.toml", b"[optimizer]\nlr = 'fast'\n", "optimizer"),
        ("b.toml", b"[data.source]\nkind = 'folder'\nfolder = '/nowhere/at/all'\n", "/nowhere/at/all"),
        ("c.toml", b"[data.source\n", "not a readable settings file"),
        ("a.txt", b"some words", "no data that the program knows"),
        ("empty", b"", "is empty"),
    ],
)
def test_what_is_no_data_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    code, found = checked(capsys, tmp_path / name)
    assert code == 2 and words in found["refused"]


def test_a_wrong_setting_on_the_command_line_is_refused_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = pictures(tmp_path / "pets")
    for assignment in ("data.nothing=1", "data.validation_fraction", "data.validation_fraction=7"):
        assert "data." in checked(capsys, root, "--set", assignment)[1]["refused"]


def test_the_example_counts_of_an_archive_are_those_of_its_arrays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", x=rng.integers(0, 255, (20, 4, 4), np.uint8), y=np.arange(20) % 2)
    _, found = checked(capsys, tmp_path / "a.npz")
    assert found["classes"] == {"0": 10, "1": 10} and found["parts"] == {"train": 16, "validation": 4, "test": 0}
