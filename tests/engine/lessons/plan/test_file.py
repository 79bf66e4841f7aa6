"""The file of a plan: it comes back as it was, holds no path, and hostile ones are refused with a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.lessons.plan.scenes import bowl, edited_run, plan, run_folder, small_race, small_spec
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.packed_numbers import packed, unpacked
from workbench.engine.core.progress import finished
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.engine.lessons.plan import file, needs
from workbench.engine.lessons.plan.file import dumps, is_plan, load, loads, save
from workbench.engine.lessons.plan.own import scene_of_run
from workbench.engine.lessons.plan.plan import LessonPlan, PlanScene
from workbench.engine.lessons.plan.record import Record, compared
from workbench.engine.lessons.play import play
from workbench.engine.lessons.run_cache import StepLosses

HERE = Path("/")
floats = st.floats(allow_nan=True, width=64)
columns = st.lists(floats, max_size=30).map(np.array).map(lambda each: each.astype(np.float64))


@given(columns)
def test_packed_numbers_come_back_to_the_bit(numbers: np.ndarray) -> None:
    found = unpacked(packed(numbers), len(numbers))
    assert numbers.tobytes() == found.tobytes()


@given(st.binary(max_size=40), st.integers(0, 5))
def test_other_bytes_are_no_packed_numbers(data: bytes, count: int) -> None:
    if data != packed(np.zeros(count)):
        with pytest.raises(ValueError):
            unpacked(data + b"\0", count)


def test_a_bomb_is_not_unpacked() -> None:
    import zlib

    bomb = zlib.compress(bytes(1 << 24), 9)
    with pytest.raises(ValueError, match="not as many numbers as it says"):
        unpacked(bomb, 10)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    str.strip
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    def curve() -> Any:
        y = draw(columns)
        return line(draw(words), np.arange(len(y)), y, draw(st.sampled_from(["solid", "dashed", "dots"])))

    panels = tuple(
        Panel(
            draw(words),
            draw(words),
            "y",
            tuple(curve() for _ in range(draw(st.integers(0, 2)))),
            *draw(st.tuples(*[st.booleans()] * 3)),
        )
        for _ in range(draw(st.integers(0, 2)))
    )
    table = draw(st.none() | st.just(Table(("a", "b"), (("1", "2"), ("3", "4")))))
    picture = draw(st.none() | st.just(Picture(panels, table)))
    losses = tuple(StepLosses(draw(words), draw(columns)) for _ in range(draw(st.integers(0, 2))))
    return Record((draw(floats), draw(floats)), losses, picture, tuple(draw(st.lists(words, max_size=2))), draw(words))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(records(), max_size=3),
    words,
    st.text(max_size=30).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)),
)
def test_a_plan_comes_back_as_it_was(found: list[Record], title: str, note: str) -> None:
    lesson = bowl().lesson.edited("also", bowl().lesson.also[:1])
    made = LessonPlan(title, note=note).arranged([PlanScene(lesson, seed, (), each) for seed, each in enumerate(found)])
    again = loads(dumps(made), HERE)
    assert (again.title, again.note, again.lessons) == (made.title, made.note, made.lessons)
    assert [scene.seed for scene in again.scenes] == [scene.seed for scene in made.scenes]
    assert dumps(again) == dumps(made)  # records compare by their bytes: they hold NaN
    for scene, record in zip(again.scenes, found, strict=True):
        assert scene.record is not None
        assert np.array(scene.record.numbers).tobytes() == np.array(record.numbers).tobytes()
        assert [each.losses.tobytes() for each in scene.record.losses] == [
            each.losses.tobytes() for each in record.losses
        ]


def test_own_scenes_and_those_of_the_program_replay_from_a_file(tmp_path: Path) -> None:
    save(plan(), tmp_path / "monday.plan")
    assert is_plan(tmp_path / "monday.plan") and not is_plan(Path(__file__))
    again = load(tmp_path / "monday.plan")
    assert [lesson.number for lesson in again.lessons] == [1, 2, 3]
    assert [lesson.is_own for lesson in again.lessons] == [False, True, True]
    assert again.lessons[0].claim == 12 and not again.lessons[0].is_beyond_the_lecture
    for scene in again.scenes:
        assert scene.record is not None
        assert compared(scene.record, finished(play(scene.lesson, scene.seed))).same


def test_the_lecture_is_a_plan_like_others() -> None:
    lecture = LessonPlan.lecture(load_lessons()[0])
    own = lecture.arranged(lecture.scenes)
    assert own.title == "The lecture (own)" and not own.is_lecture
    again = loads(dumps(own), HERE)
    assert again.lessons == own.lessons
    assert all(one.counter == other.counter for one, other in zip(again.lessons, lecture.lessons, strict=True))


# --- Data -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_data(tmp_path: Path, workbench_home: Path) -> tuple[PlanScene, Path]:
    """A scene of a run on a file of one's own, and the file."""
    place = tmp_path / "mine" / "shapes.npz"
    place.parent.mkdir()
    numbers = np.random.default_rng(0)
    np.savez(place, x=numbers.integers(0, 256, (120, 6, 6), np.uint8), y=np.arange(120) % 3)
    spec = small_spec(data__source={"kind": "npz", "file": str(place)})
    return scene_of_run(run_folder(spec, tmp_path, stop=6)), place


def test_data_are_named_by_their_hash_and_no_path_is_written(with_data: tuple[PlanScene, Path], tmp_path: Path) -> None:
    scene, place = with_data
    (need,) = scene.needs
    assert need.name == "shapes.npz" and need.mark and need.place == str(place)
    data = dumps(LessonPlan("Own data").with_scenes(scene))
    assert str(tmp_path).encode() not in data and need.mark.encode() in data
    (missing,) = loads(data, tmp_path).scenes
    assert missing.missing and "shapes.npz" in missing.trouble and need.mark in missing.trouble
    assert "Find data" in missing.trouble


@pytest.mark.parametrize("way", ["beside the plan", "in a folder that is named", "remembered"])
def test_data_are_found(way: str, with_data: tuple[PlanScene, Path], tmp_path: Path) -> None:
    scene, place = with_data
    data = dumps(LessonPlan("Own data").with_scenes(scene))
    folder, beside = tmp_path, None
    if way == "beside the plan":
        folder = place.parent
    elif way == "in a folder that is named":
        beside = place.parent
    else:
        needs.remember(scene.needs)
    (again,) = loads(data, folder, beside).scenes
    assert not again.trouble and scene.record is not None
    assert compared(scene.record, finished(play(again.lesson))).same


def test_other_data_of_the_same_name_are_said(with_data: tuple[PlanScene, Path]) -> None:
    scene, place = with_data
    data = dumps(LessonPlan("Own data").with_scenes(scene))
    numbers = np.random.default_rng(1)
    np.savez(place, x=numbers.integers(0, 256, (120, 6, 6), np.uint8), y=np.arange(120) % 3)
    (again,) = loads(data, place.parent).scenes
    assert scene.record is not None
    found = compared(scene.record, finished(play(again.lesson)))
    assert not found.same and "The data are not those of the record." in found.words


def test_a_damaged_list_of_places_is_no_list(workbench_home: Path) -> None:
    for text in ("", "[1]", '{"a": 1}', "[" * 5000):
        workbench_home.mkdir(exist_ok=True, parents=True)
        needs.places_file().write_text(text)
        assert needs.known_places() == {}


def test_a_plan_that_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = edited_run()
    assert scene.record is not None
    record = replace(scene.record, losses=(StepLosses("", np.random.default_rng(0).normal(size=10_000)),))
    monkeypatch.setattr(file, "MAX_BYTES", 80_000)
    with pytest.raises(WorkbenchError, match=r"a plan has at most 80 kB\. Remove a scene of a long run"):
        save(LessonPlan("Large").with_scenes(replace(scene, record=record)), tmp_path / "large.plan")
    assert not (tmp_path / "large.plan").exists()


def test_a_racers_own_file_is_refused() -> None:
    lesson = small_race().lesson.edited("runs.1.edits", {"data.source": {"kind": "npz", "file": "/mine/x.npz"}})
    with pytest.raises(WorkbenchError, match="names a file of its own"):
        needs.parted(lesson)
