"""Reading lessons: what is wrong with a file is said with its field, and the others play."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.core.toml_table import MAX_BYTES
from workbench.engine.lessons.lesson_file import FOLDER, load_lessons

GOOD = (FOLDER / "08-saddle.toml").read_text(encoding="utf-8")


def _without(*starts: str) -> str:
    return "\n".join(text for text in GOOD.splitlines() if not text.startswith(starts))


def _with_experiment(place: str) -> str:
    return f"{GOOD}\n[experiment.data.source]\nkind = 'npz'\nfile = '{place}'\n"


_DIGITS = f"{GOOD}\n[experiment.data.source]\nkind = 'digits'\n"
_RUN = "\n[[runs]]\nname = 'One'\nedits = {}\n"
BAD = {
    "unknown surface": (GOOD.replace('kind = "saddle" }', 'kind = "sadle" }'), "playground.surface: must be one of"),
    "unknown field": (GOOD.replace("drag =", "drags ="), "drags: is not a known setting"),
    "a field is missing": (_without("drag"), "drag: is missing"),
    "unknown field of a racer": (
        GOOD.replace("lr = 0.1 }", "rate = 0.1 }"),
        "playground.racers.0.rate: is not a known",
    ),
    "unknown quantity": (GOOD.replace('kind = "saddle_time"\n', 'kind = "x"\n'), "quantity: must be one of"),
    "unknown field of a quantity": (
        GOOD.replace('time"\n', 'time"\nball = 1\n'),
        "quantity.ball: is not a known setting",
    ),
    "unknown control": (GOOD.replace("surface.bend", "surface.bent"), "controls.0: names 'playground.surface.bent'"),
    "no end of the band": (GOOD.replace("low = 90.0\nhigh = 160.0", ""), "band: needs a low or a high end"),
    "an empty band": (
        GOOD.replace("low = 90.0", "low = 900.0"),
        "band: is empty: its low end 900 is above its high end",
    ),
    "no number as an end": (GOOD.replace("low = 90.0", "low = '90'"), "band.low: must be a number"),
    "newer": (GOOD.replace("version = 1", "version = 2"), "version: This file was written by a newer version"),
    "no version": (GOOD.replace("version = 1", "version = 'x'"), "version: is not a known version of a lesson"),
    "number 0": (GOOD.replace("number = 8", "number = 0"), "number: must be from 1 to 99"),
    "no toml": ("question to the class", "This is not a readable lesson"),
    "too large": (GOOD + "# " + "x" * MAX_BYTES, "larger than 64 KB; no lesson is that large"),
    "deep": ("x" + ".x" * 400 + " = 1", "has a name with more than 16 parts"),
    "no place for the number": (GOOD.replace("{measured}", "many"), "conclusion: must have the places {measured} and"),
    "no title": (GOOD.replace('title = "Saddle points and local minima"', 'title = " "'), "title: must not be empty"),
    "counter of nothing": (
        GOOD.replace('edits = { "playground.racers.0" =', 'edits = { "x" ='),
        "counter.edits: x: is",
    ),
    "counter is the lesson": (
        GOOD.replace('"playground.racers.0" = { kind = "adam", lr = 0.1 }', '"playground.noise" = 0.0'),
        "counter.edits: changes nothing",
    ),
    "counter cannot race": (
        GOOD.replace(
            '"playground.racers.0" = { kind = "adam", lr = 0.1 }', '"playground.racers.0" = { kind = "muon" }'
        ),
        "counter.edits: playground.racers.0: Muon",
    ),
    "no stage": (
        _without("[playground", "updates", "surface", "racers", "    {", "]", "controls", "answers"),
        "[playground], and",
    ),
    "a race that cannot begin": (GOOD.replace('kind = "sgd"', 'kind = "muon"'), "playground.racers.0: Muon"),
    "files above": (
        _with_experiment("../secret.npz"),
        "experiment.data.source.file: names '../secret.npz', which is out",
    ),
    "files elsewhere": (_with_experiment("/etc/data.npz"), "experiment.data.source.file: names '/etc/data.npz'"),
    "files of the counter-example": (
        _with_experiment("").replace(
            'edits = { "playground.racers.0" =',
            'edits = { "experiment.data.source" = { kind = "npz", file = "/x/y.npz" }, "playground.racers.0" =',
        ),
        "counter.edits: experiment.data.source.file: names '/x/y.npz', which is outside",
    ),
    "an edit of a run that cannot be made": (
        _DIGITS + _RUN.format('{ "optimizer.rate" = 1.0 }'),
        "runs.0.edits: optimizer.rate: is not a known setting",
    ),
    "a run that cannot be trained": (
        _DIGITS + _RUN.format('{ "model" = { kind = "mlp", hidden = [0] } }'),
        "runs.0.edits: model.hidden",
    ),
    "files of a run": (
        _DIGITS + _RUN.format('{ "data.source" = { kind = "npz", file = "/x/y.npz" } }'),
        "runs.0.edits: data.source.file: names '/x/y.npz', which is outside",
    ),
    "runs of nothing": (GOOD + _RUN.format("{}"), "runs: change a table [experiment], and the lesson has none"),
    "fewer runs than are compared": (
        _DIGITS.replace('kind = "saddle_time"\n', 'kind = "steps_to_loss"\n'),
        "quantity: Steps to the target loss, against the other run needs 2 runs, and the lesson has fewer",
    ),
    "files at home": (_with_experiment("~/data.npz"), "experiment.data.source.file: names '~/data.npz'"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_lesson_is_said_and_the_others_are_there(name: str, tmp_path: Path) -> None:
    text, words = BAD[name]
    assert text != GOOD
    (tmp_path / "a-bad.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b-good.toml").write_text(GOOD, encoding="utf-8")
    lessons, problems = load_lessons(tmp_path)
    assert [lesson.number for lesson in lessons] == [8]
    assert f"a-bad.toml: {words}" in "\n".join(map(str, problems)) or words in str(problems[0])
    assert {problem.file for problem in problems} == {"a-bad.toml"}
    assert all("\n" not in str(problem) for problem in problems)


def test_bytes_that_are_no_text_and_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.toml").mkdir()
    lessons, problems = load_lessons(tmp_path)
    assert lessons == ()
    assert "not a text file in UTF-8" in str(problems[0]) and "Cannot read" in str(problems[1])


def test_of_two_lessons_with_one_number_the_first_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("Saddle points and", "Other"), encoding="utf-8")
    lessons, problems = load_lessons(tmp_path)
    assert [lesson.title for lesson in lessons] == ["Saddle points and local minima"]
    assert str(problems[0]) == "b.toml: number: another file of the folder has the lesson 8"


def test_a_folder_that_is_not_there_has_no_lessons(tmp_path: Path) -> None:
    assert load_lessons(tmp_path / "none") == ((), ())


def test_files_beside_the_lessons_are_found_there(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(_with_experiment("own.npz"), encoding="utf-8")
    (tmp_path / "own.npz").write_bytes(b"")
    lessons, problems = load_lessons(tmp_path)
    assert problems == ()
    assert lessons[0].experiment is not None
    assert lessons[0].experiment.at("data.source.file") == str(tmp_path / "own.npz")


def test_the_lessons_of_the_program_are_all_right() -> None:
    lessons, problems = load_lessons()
    assert problems == ()
    assert [f"{lesson.number:02}" for lesson in lessons] == sorted(path.name[:2] for path in FOLDER.glob("*.toml"))
