"""Playing lessons: frames, conclusion, the counter-example, and the command that does the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from workbench.engine.__main__ import main
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.command import as_object, command
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import FOLDER, read_lesson
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.play import Conclusion, finding, play
from workbench.engine.lessons.quantities import Measuring, Quantity, Stage
from workbench.engine.spec.experiment import ExperimentSpec


@pytest.fixture
def lesson() -> Lesson:
    return read_lesson(FOLDER / "08-saddle.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(FOLDER / "08-saddle.toml", tmp_path)
    return tmp_path


def test_frames_come_first_and_the_last_picture_stays(lesson: Lesson) -> None:
    frames: list[Frame] = []
    found = finished(play(lesson), frames.append)
    assert frames[0].words == lesson.question
    own = [frame.picture for frame in frames[:3] if frame.picture]
    assert found.picture is own[-1], "of the measured quantity, not of the further ones"
    assert found.claim == 8 and found.holds and len(found.also) == 2


def test_a_frame_without_a_picture_leaves_the_last_one(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Picture()

    def measure(self: Quantity, stage: Stage) -> Measuring:
        yield Frame(0, 2, "Rolling", shown)
        yield Frame(1, 2, "Counting")
        return 126.0

    monkeypatch.setattr(type(lesson.quantity), "measure", measure)
    assert finished(play(lesson, counter=True)).picture is shown


def test_the_sentence_has_the_number_and_the_band_as_they_are_shown(lesson: Lesson) -> None:
    found = finished(play(lesson)).main
    assert found.number == "126" and found.text == (
        "Gradient descent needs 126 updates to leave the saddle (expected: 90 to 160)."
    )
    assert finding(lesson.quantity, Band(high=100.0), "{measured}; {band}", 126.0).text == (
        "Does not hold: 126; at most 100"
    )


def test_a_further_number_outside_its_band_is_enough_not_to_hold(lesson: Lesson) -> None:
    wrong = lesson.edited("also.0.band", {"low": 1000.0})
    found = finished(play(wrong))
    assert found.main.holds and not found.also[0].holds and not found.holds


def test_the_counter_example_is_measured_alone_and_fails(lesson: Lesson) -> None:
    found = finished(play(lesson, counter=True))
    assert not found.main.holds and found.also == () and found.is_counter


def test_the_same_seed_gives_the_same_number_and_another_one_another(lesson: Lesson) -> None:
    first, again, other = (finished(play(lesson, seed)).also[1].measured for seed in (3, 3, 4))
    assert first == again != other


def test_data_weights_noise_and_start_follow_the_seed(lesson: Lesson) -> None:
    both = lesson.edited("experiment", ExperimentSpec())
    for seed in (0, 5):
        stage = both.stage(seed)
        assert (stage.run.loop.seed, stage.run.data.split_seed, stage.race.seed, stage.seed) == (seed,) * 4
    assert both.stage(0).race.start() == lesson.stage(0).race.start() == lesson.stage(1).race.surface.begin_at()
    assert both.stage(5).race.start() != both.stage(0).race.start()


def test_a_ball_that_has_not_left_the_saddle_is_said_to_need_more(lesson: Lesson) -> None:
    picture = finished(play(lesson.edited("playground.updates", 100))).picture
    assert picture is not None and picture.table is not None
    assert picture.table.rows[0] == ("SGD", "more than 100")
    assert picture.table.rows[1][1].isdecimal()


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_what_is_no_seed_is_refused(lesson: Lesson, seed: int) -> None:
    with pytest.raises(WorkbenchError, match="A seed is a number from 0 to"):
        finished(play(lesson, seed))


def test_closing_ends_it(lesson: Lesson) -> None:
    playing = play(lesson)
    next(playing)
    next(playing)
    playing.close()
    assert list(playing) == []


@pytest.mark.parametrize(
    ("band", "inside", "outside", "words"),
    [
        (Band(low=1.0), 1.0, 0.99, "at least 1"),
        (Band(high=1.0), 1.0, 1.01, "at most 1"),
        (Band(low=-0.5, high=0.5), -0.5, float("nan"), "−0.5 to 0.5"),
    ],
)
def test_bands(band: Band, inside: float, outside: float, words: str) -> None:
    assert band.holds(inside) and not band.holds(outside) and band.text == words


def test_the_command_says_what_the_window_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["8", "--json", "--seed", "2"], folder) == 0
    said = json.loads(capsys.readouterr().out)
    found = finished(play(read_lesson(folder / "08-saddle.toml"), 2))
    assert (said["claim"], said["holds"], said["seed"], said["counter"]) == (8, True, 2, False)
    assert (said["measured"], said["number"], said["text"]) == (found.measured, found.main.number, found.text)
    assert said["band"] == [90.0, 160.0]
    assert [more["text"] for more in said["also"]] == [more.text for more in found.also]


@pytest.mark.parametrize("measured", [float("inf"), float("nan")])
def test_a_number_that_is_none_is_null_for_programs(lesson: Lesson, measured: float) -> None:
    main = finding(lesson.quantity, lesson.band, "{measured}; {band}", measured)
    said = json.dumps(as_object(lesson, Conclusion(8, 0, main, (main,), None, False)), allow_nan=False)
    found = json.loads(said)
    assert found["measured"] is None and found["also"][0]["measured"] is None and not found["holds"]


def test_the_command_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["8"], folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "claim     8: Saddle points and local minima",
        "measured  126",
        "band      90 to 160",
        "holds     yes",
    ]
    assert lines[-3].split() == ["SGD", "126"]


def test_the_counter_example_exits_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["8", "--counter"], folder) == 1
    assert "counter   Adam instead of gradient descent" in capsys.readouterr().out


def test_a_claim_that_does_not_hold_exits_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "08-saddle.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("low = 90.0", "low = 150.0"), encoding="utf-8")
    assert command(["8"], folder) == 1
    assert "Does not hold: Gradient descent needs 126" in capsys.readouterr().out


def test_without_a_number_they_are_listed_and_bad_files_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.toml").write_text("x", encoding="utf-8")
    assert command([], folder) == 0
    out, err = capsys.readouterr()
    assert out == "8  Saddle points and local minima\n"
    assert err.startswith("bad.toml: This is not a readable lesson")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["98"], "There is no scene 98; there are: "), (["8", "--seed", "-1"], "A seed is a number from 0 to")],
)
def test_what_cannot_be_played_is_said(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scene", *arguments]) == 2
    assert words in capsys.readouterr().err
