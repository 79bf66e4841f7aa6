"""Runs and races as scenes: trained again they have the same bits, and where they do not the first step is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.lessons.plan.scenes import edited_run, run_folder, small_race, small_spec
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.lessons.plan.own import scene_of_run
from workbench.engine.lessons.plan.plan import PlanScene
from workbench.engine.lessons.plan.record import Comparison, Record, compared
from workbench.engine.lessons.play import play
from workbench.engine.run_store.start import Fork
from workbench.engine.train import train


def replayed(scene: PlanScene, seed: int = 0) -> Comparison:
    assert scene.record is not None
    return compared(scene.record, finished(play(scene.lesson, seed)))


def test_a_run_with_an_edit_and_a_stop_has_the_same_bits() -> None:
    scene = edited_run()
    assert scene.record is not None
    (losses,) = scene.record.losses
    assert len(losses.losses) == 30
    found = finished(play(scene.lesson))
    assert found.holds and np.array_equal(found.losses[0].losses, losses.losses)
    assert replayed(scene).words == "The same as recorded, to the last bit: 1 number, 30 steps of 1 run."


@pytest.mark.parametrize("at", [3, 17])
def test_another_edit_differs_from_the_step_behind_it(at: int) -> None:
    """The loss of the step after an update with another rate is the first that can differ."""
    scene = edited_run()
    tape = [{"step": at, "path": "optimizer.lr", "value": 0.2}]
    found = replayed(
        replace(scene, lesson=scene.lesson.edited("quantity.tape", tape).edited("quantity.stop_after", 30))
    )
    first = min(at, 10) + 2  # without the recorded edit it differs at the latest behind that
    assert not found.same and found.step == first
    assert f"first at step {first}: loss " in found.words and " instead of " in found.words


def test_another_seed_differs_from_the_first_step() -> None:
    assert replayed(edited_run(), seed=1).step == 1


def test_a_race_with_its_changes_has_the_same_bits() -> None:
    scene = small_race()
    assert scene.record is not None
    assert [len(each.losses) for each in scene.record.losses] == [46, 12]
    assert [each.name for each in scene.record.losses] == ["As it is", "High {rate}"]
    assert "58 steps of 2 runs" in replayed(scene).words
    assert "High (rate): mean loss of its last steps" in scene.lesson.also[0].conclusion, "dropped before an evaluation"


def test_a_race_with_another_change_says_which_racer_differs() -> None:
    lesson = small_race().lesson
    tape = [change.model_dump() for change in lesson.quantity.tape]  # type: ignore[attr-defined]
    tape[0]["value"] = 0.03
    found = replayed(replace(small_race(), lesson=lesson.edited("quantity.tape", tape)))
    assert (found.step, found.run) == (7, "As it is")


def test_the_playing_thread_keeps_its_number_of_threads() -> None:
    import torch

    before = torch.get_num_threads()
    scene = edited_run()
    finished(play(scene.lesson.edited("experiment.loop.threads", before + 1)))
    assert torch.get_num_threads() == before


def test_what_cannot_be_repeated_is_refused_with_the_reason(tmp_path: Path) -> None:
    from workbench.engine.core.drive import drive
    from workbench.engine.run_store.run_folder import RunFolder

    parent = run_folder(small_spec(), tmp_path, stop=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.engine.lessons.plan.own.MOST_STEPS", 4)
        with pytest.raises(WorkbenchError, match="at most"):
            scene_of_run(parent)
    fork = RunFolder.create(small_spec(), tmp_path)
    drive(train(small_spec(), fork, start=Fork(parent, None)), lambda event: None, lambda event: None)
    with pytest.raises(WorkbenchError, match="A fork begins at a later step of another run"):
        scene_of_run(fork.path)
    (parent / "events.jsonl").write_text("".join((parent / "events.jsonl").read_text().splitlines(True)[:-1]))
    with pytest.raises(WorkbenchError, match="has not ended"):
        scene_of_run(parent)


def test_a_run_without_validation_is_judged_by_its_loss(tmp_path: Path) -> None:
    folder = run_folder(small_spec(data__validation_fraction=0.0), tmp_path, stop=8)
    scene = scene_of_run(folder)
    assert scene.lesson.quantity.kind == "kept_loss" and replayed(scene).same
    assert finished(play(scene.lesson)).holds


def test_a_difference_in_curves_or_numbers_alone_is_said() -> None:
    scene = edited_run()
    found = finished(play(scene.lesson))
    record = Record.of(found)
    other = replace(record, numbers=(np.nextafter(record.numbers[0], 0.0),))
    words = compared(other, found).words
    assert words.startswith("Differs from the record in the number: ")
    one, other_number = words.split(": ")[1].rstrip(".").split(" instead of ")
    assert one != other_number
    assert record.picture is not None
    panel = record.picture.panels[1]
    changed = replace(panel.lines[0], y=panel.lines[0].y + 1)
    picture = replace(record.picture, panels=(record.picture.panels[0], replace(panel, lines=(changed,))))
    assert compared(replace(record, picture=picture), found).same, "curves of known steps are drawn from these"
    words = compared(replace(record, picture=picture, losses=()), replace(found, losses=())).words
    assert "in the curve of “Validation accuracy” at Step 23: " in words
    elsewhere = compared(replace(other, machine="PyTorch 1.0, Elsewhere"), found).words
    assert "Recorded with PyTorch 1.0, Elsewhere; here PyTorch 2" in elsewhere
    assert compared(
        replace(record, numbers=(float("nan"),)), replace(found, main=replace(found.main, measured=float("nan")))
    ).same
