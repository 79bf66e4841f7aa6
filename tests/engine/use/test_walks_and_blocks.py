"""Which files are predicted, in which order and how many at a time; what the command says of what it could not do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.engine.use.made import digit_files, trained
from workbench.engine.__main__ import main
from workbench.engine.core.progress import Loading, finished
from workbench.engine.use.command import _nothing_found
from workbench.engine.use.network import used_network
from workbench.engine.use.picture_walk import PictureWalk
from workbench.engine.use.predict import FILES, Predicted, Prediction, predicting_files
from workbench.engine.use.prediction_table import prediction_file


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


def sizes(run: Path, folder: Path) -> list[int]:
    """How many predictions are given at a time."""
    taken: list[int] = []

    def take(some: Sequence[Prediction]) -> None:
        taken.append(len(some))

    finished(predicting_files(used_network([run]), PictureWalk([folder]), take))
    return taken


def test_folders_are_walked_in_the_order_given_and_files_first(tmp_path: Path) -> None:
    for name in ("b/y", "b/x", "a"):
        digit_files(tmp_path / name, 1)
    (single,) = digit_files(tmp_path / "single", 1)
    found = [path.relative_to(tmp_path).as_posix() for path in PictureWalk([tmp_path / "b", single, tmp_path / "a"])]
    assert found == ["single/000.png", "b/x/000.png", "b/y/000.png", "a/000.png"]


def test_a_suffix_counts_in_either_case(tmp_path: Path) -> None:
    """An empty file is a picture that cannot be read by its suffix alone, and is said to be."""
    for name in ("a.PNG", "b.png", "c.TXT"):
        (tmp_path / name).touch()
    walk = PictureWalk([tmp_path])
    assert [path.name for path in walk] == ["a.PNG", "b.png"] and walk.passed_over == 1


def test_predictions_are_given_a_block_at_a_time(run: Path, tmp_path: Path) -> None:
    digit_files(tmp_path / "many", 2 * FILES + 10)
    assert sizes(run, tmp_path / "many") == [FILES, FILES, 10]


def test_files_that_cannot_be_read_do_not_pile_up(run: Path, tmp_path: Path) -> None:
    for number in range(4 * FILES + 10):
        (tmp_path / f"{number:03}.png").touch()
    assert sizes(run, tmp_path) == [4 * FILES, 10]


def test_how_many_there_are_is_said_once_all_folders_are_listed(run: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        digit_files(tmp_path / name, FILES)
    said: list[Loading] = []
    finished(predicting_files(used_network([run]), PictureWalk([tmp_path]), lambda some: None), said.append)
    assert {each.total for each in said} <= {0, 2 * FILES}, "never the number of those found so far"
    assert said[-1].total == 2 * FILES


def test_a_second_class_with_the_number_0_is_written(tmp_path: Path) -> None:
    with prediction_file(tmp_path / "out.csv", ("cat", "dog")) as table:
        table.add([Prediction(Path("a"), 1, 0.75, 0, 0.25), Prediction(Path("b"), 0, 1.0)])
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["a,dog,0.75,cat,0.25,", "b,cat,1,,,"]


def test_a_folder_that_cannot_be_listed_is_said_and_counts_as_a_failure(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digit_files(tmp_path / "in", 2)
    (tmp_path / "in" / "closed").mkdir()
    scandir = os.scandir

    def listed(path: Path) -> Iterator[os.DirEntry[str]]:
        if path == tmp_path / "in" / "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", listed)
    assert main(["predict", str(run), str(tmp_path / "in")]) == 2
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert f"Cannot read {tmp_path / 'in' / 'closed'}: Permission denied." in said.err


def test_where_no_picture_can_be_read_the_rows_say_why(run: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert main(["predict", str(run), str(tmp_path / "a.png"), "--csv", str(tmp_path / "out.csv")]) == 2
    assert "not a picture in a known format" in (tmp_path / "out.csv").read_text()


def test_at_most_three_places_are_named() -> None:
    nothing = Predicted(0, 0, 2, 0.0, ("Cannot read c.",))
    said = [_nothing_found([Path(name) for name in "abcd"[:count]], nothing) for count in (3, 4)]
    over = "; 2 files of other kinds passed over. Cannot read c."
    assert said == [f"There are no pictures in a and b and c{over}", f"There are no pictures in a and b and c …{over}"]
