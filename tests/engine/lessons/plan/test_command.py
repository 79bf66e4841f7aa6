"""``plan FILE``: for each scene whether its numbers hold, and whether they are those of the record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.lessons.plan.scenes import bowl, edited_run, plan, small_race
from workbench.engine.__main__ import main
from workbench.engine.lessons.plan.file import load, save
from workbench.engine.lessons.plan.plan import LessonPlan, Need
from workbench.engine.lessons.run_cache import StepLosses

pytestmark = pytest.mark.usefixtures("workbench_home")


def test_a_plan_that_holds_says_so_for_people_and_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(plan(), tmp_path / "a.plan")
    assert main(["plan", str(tmp_path / "a.plan")]) == 0
    said = capsys.readouterr().out
    assert "3 scenes: 3 hold, 3 of 3 recorded are the same to the last bit." in said
    assert "30 steps of 1 run" in said and "Two rates" in said
    assert main(["plan", str(tmp_path / "a.plan"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["holds"] and [scene["own"] for scene in found["scenes"]] == [False, True, True]
    assert all(scene["recorded"]["same"] and scene["recorded"]["first_step"] is None for scene in found["scenes"])


def test_the_first_step_that_differs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = edited_run()
    assert scene.record is not None
    losses = scene.record.losses[0].losses.copy()
    losses[20] = np.nextafter(losses[20], 9.0)
    other = replace(scene, record=replace(scene.record, losses=(StepLosses("", losses),)))
    missing = replace(small_race(), needs=(Need("data.source.folder", "pets", "abc123"),))
    save(LessonPlan("Differs").with_scenes(other), tmp_path / "a.plan")
    assert main(["plan", str(tmp_path / "a.plan"), "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["scenes"]
    assert found["holds"] and found["recorded"]["first_step"] == 21 and not found["recorded"]["same"]
    assert missing.trouble.startswith("This scene was made with “pets” (hash abc123), which is not on this computer")


def test_a_record_is_written_and_scenes_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = replace(bowl(), record=None)
    save(LessonPlan("Bare").with_scenes(bare, edited_run()), tmp_path / "a.plan")
    assert main(["plan", str(tmp_path / "a.plan"), "--scene", "1", "--record", str(tmp_path / "b.plan")]) == 0
    assert "Nothing was recorded of it." in capsys.readouterr().out
    first, second = load(tmp_path / "b.plan").scenes
    assert first.record is not None and bowl().record is not None and second.record is not None
    assert first.record.numbers == bowl().record.numbers


def test_wrong_files_and_numbers_have_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.plan").write_text("{}")
    assert main(["plan", str(tmp_path / "a.plan")]) == 2
    assert "This is not a lesson plan." in capsys.readouterr().err
    assert main(["plan", str(tmp_path / "none.plan")]) == 2
    assert "Cannot read" in capsys.readouterr().err
    assert main(["plan", "lecture", "--scene", "98"]) == 2
    assert "The plan has no scene 98." in capsys.readouterr().err
