"""The predict command: its table, lines and JSON, what it passes over, and what it refuses."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.use.made import digit_files, trained
from workbench.engine.__main__ import main
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.use.network import used_network
from workbench.engine.use.picture_walk import PictureWalk
from workbench.engine.use.predict import Prediction, predicting_files
from workbench.engine.use.prediction_table import COLUMNS, prediction_file


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures, one of them in a folder below, a file that cannot be read, and files that are no pictures."""
    folder = tmp_path / "pictures"
    first, second, third = digit_files(folder, 3)
    (folder / "sub").mkdir()
    third.rename(folder / "sub" / "=1+1.png")
    (folder / "empty.png").touch()
    (folder / "about.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(first.read_bytes())
    (folder / "without_suffix").write_bytes(second.read_bytes())
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_row_for_each_picture(run: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    assert main(["predict", str(run), str(pictures), "--csv", str(out)]) == 2
    said = capsys.readouterr()
    assert "4 pictures predicted by" in said.out and "1 file could not be read. Their rows say why." in said.err
    found = rows(out)
    assert tuple(found[0]) == COLUMNS
    names = [Path(row["path"].removeprefix("'")).relative_to(pictures).as_posix() for row in found]
    assert names == ["000.png", "001.png", "empty.png", "without_suffix", "sub/=1+1.png"]
    assert found[2]["reason"] == "not a picture in a known format: empty" and found[2]["class"] == ""
    assert float(found[0]["probability"]) >= float(found[0]["second_probability"]) > 0
    assert found[1]["class"] == found[3]["class"] and found[1]["probability"] == found[3]["probability"]


def test_names_that_look_like_formulas_are_marked(
    run: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures / "sub")
    out, classes = tmp_path / "out.csv", tmp_path / "classes.txt"
    classes.write_text("\n".join(f"={name}" for name in "abcdefghij"))
    assert main(["predict", str(run), "=1+1.png", "--csv", str(out), "--classes", str(classes)]) == 0
    (row,) = rows(out)
    assert row["path"] == "'=1+1.png" and row["class"].startswith("'=") and row["second_class"].startswith("'=")


def test_lines_and_json(run: Path, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(run), str(pictures / "000.png")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert main(["predict", run.name, str(pictures), "--runs", str(run.parent), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    first = told["predictions"][0]
    assert line.startswith(f"{first['path']}: {first['class']} ") and told["classes"] == list("0123456789")
    assert (told["predicted"], told["unreadable"], told["passed_over"], told["csv"]) == (4, 1, 1, None)


def test_without_pictures_nothing_is_written(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "a.txt").touch()
    out = tmp_path / "out.csv"
    out.write_text("before")
    assert main(["predict", str(run), str(tmp_path / "none"), "--csv", str(out)]) == 2
    assert "There are no pictures in" in capsys.readouterr().err and out.read_text() == "before"
    assert main(["predict", str(run), str(tmp_path / "gone"), "--csv", str(out)]) == 2
    assert "there is no such file or folder" in capsys.readouterr().err
    assert main(["predict", str(tmp_path / "no run"), str(tmp_path)]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none", "out.csv"]


def test_a_table_that_is_open_elsewhere_or_may_not_be_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")

    def held(*_paths: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(WorkbenchError, match="Close it where it is open"), prediction_file(out, "a"):
        pass
    monkeypatch.undo()
    monkeypatch.setattr(os, "open", held)
    with pytest.raises(WorkbenchError, match="Close it where it is open"), prediction_file(out, "a"):
        raise AssertionError("nothing is predicted for a table that cannot be written")
    monkeypatch.undo()
    for wrong, said in ((tmp_path, "is a folder"), (tmp_path / "no" / "out.csv", "there is no folder")):
        with pytest.raises(WorkbenchError, match=said), prediction_file(wrong, "a"):
            pass
    assert out.read_text() == "before" and [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_what_is_cancelled_leaves_the_table_as_it_was(run: Path, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    network = used_network([run])

    def stop(_progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), prediction_file(out, network.classes) as table:
        finished(predicting_files(network, PictureWalk([pictures]), table.add), stop)
    assert out.read_text() == "before" and len(list(tmp_path.iterdir())) == 2


def test_folders_are_listed_lazily(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the folder that is read now is listed: a tree of a million files begins at once."""
    for name in ("a", "b", "c"):
        digit_files(tmp_path / name, 2)
    listed: list[str] = []
    scandir = os.scandir

    def seen(path: Path) -> Iterator[os.DirEntry[str]]:
        listed.append(path.name)
        return scandir(path)

    walk = PictureWalk([tmp_path])
    files = iter(walk)
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", seen)
        assert next(files) == tmp_path / "a" / "000.png"
    assert listed == [tmp_path.name, "a"] and walk.found == 2 and not walk.is_complete
    assert len(list(files)) == 5 and walk.found == 6 and walk.is_complete


def test_links_that_lead_back_are_walked_once(tmp_path: Path) -> None:
    digit_files(tmp_path / "a", 2)
    (tmp_path / "a" / "back").symlink_to(tmp_path, target_is_directory=True)
    assert len(list(PictureWalk([tmp_path, tmp_path / "a"]))) == 2


def test_predictions_keep_the_order_of_more_files_than_fit_a_block(run: Path, tmp_path: Path) -> None:
    files = digit_files(tmp_path / "many", 150)
    files[70].write_bytes(b"damaged")
    network, taken = used_network([run]), list[Prediction]()
    result = finished(predicting_files(network, PictureWalk([tmp_path / "many"]), taken.extend))
    assert [each.path for each in taken] == files and taken[70].reason and not taken[71].reason
    assert (result.count, result.unreadable) == (149, 1)


def test_a_dash_is_no_name_of_a_table(
    run: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["predict", str(run), str(pictures), "--csv", "-"]) != 0
    assert "--csv takes the name of a file" in capsys.readouterr().err and not Path("-").exists()
