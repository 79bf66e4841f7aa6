"""Runs of a scene: bit for bit those of the headless command, beside each other, cancelled, trained once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.engine.helpers import Recorder, nothing, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EnsembleMeasured
from workbench.engine.core.progress import finished
from workbench.engine.lessons import real_runs
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities import NamedSpec, Stage
from workbench.engine.lessons.real_runs import RealRun, best_accuracy, gap, here, side_by_side, smoothed, steps_to
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

FIRST, OTHER = small_spec(), small_spec(loop__epochs=2, optimizer={"kind": "sgd", "lr": 0.1}, regularization=[])


def stage(*specs: ExperimentSpec) -> Stage:
    return Stage(None, specs[0], 0, tuple(NamedSpec(f"run {number}", spec) for number, spec in enumerate(specs)))


def blank(_runs: Sequence[RealRun]) -> Picture:
    return Picture()


def beside(*specs: ExperimentSpec) -> tuple[RealRun, ...]:
    return finished(side_by_side(stage(*specs), blank))


def headless(spec: ExperimentSpec, folder: RunFolder | None = None) -> Recorder:
    """The run as the headless command trains it."""
    recorder = Recorder()
    drive(train(here(spec), folder, recorder.steps), nothing, recorder.events.append)
    return recorder


def numbers(run: RealRun) -> Any:
    recorder = Recorder()
    recorder.events, recorder.steps = list(run.events), run.steps
    return recorder.numbers()


def test_runs_beside_each_other_have_the_bits_of_headless_ones(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    first, other = beside(FIRST, OTHER)
    assert numbers(other) == headless(OTHER).numbers()
    assert numbers(first) == headless(FIRST, RunFolder.create(FIRST, tmp_path)).numbers()
    (file,) = tmp_path.glob("*/last.safetensors")
    saved, own = load_file(file), first.network.state_dict()
    assert all(torch.equal(saved[name], own[name]) for name in own)
    assert torch.get_num_threads() == threads


def test_an_ensemble_is_a_run_like_any_other() -> None:
    spec = OTHER.edited("ensemble", {"kind": "independent", "members": 2})
    (run,) = beside(spec)
    assert numbers(run) == headless(spec).numbers()
    assert len(run.of(EnsembleMeasured)) == 3 and run.share == 1.0


def test_runs_advance_together_and_each_frame_has_all_of_them() -> None:
    seen: list[list[float]] = []

    def draw(runs: Sequence[RealRun]) -> Picture:
        seen.append([run.share for run in runs])
        return Picture()

    frames: list[Frame] = []
    finished(side_by_side(stage(FIRST, OTHER), draw), frames.append)
    assert max(abs(a - b) for a, b in seen) < 0.15 and seen[-1] == [1.0, 1.0]
    counted = [frame.done for frame in frames if frame.total]
    assert counted == sorted(counted) and counted[-1] == frames[-1].total == 7 * 2 + 7 * 3


def test_a_run_that_is_known_is_not_trained_again() -> None:
    place = stage(FIRST)
    (run,) = finished(side_by_side(place, blank))
    again = Stage(None, FIRST, 0, (NamedSpec("again", FIRST),), place.trained)
    frames: list[Frame] = []
    assert finished(side_by_side(again, blank), frames.append) == (run,)
    assert not [frame for frame in frames if frame.total]


def test_closing_aborts_the_runs() -> None:
    training = side_by_side(stage(FIRST, OTHER), blank)
    assert next(frame for frame in training if frame.picture is not None)
    training.close()
    assert list(training) == []


def test_one_that_diverges_ends_and_the_others_go_on() -> None:
    wild, tame = beside(OTHER.edited("optimizer.lr", 1e5).edited("model", {"kind": "mlp", "hidden": [16, 16]}), OTHER)
    assert wild.diverged_at == 2 and wild.steps.count < wild.total and wild.share == 1.0
    assert tame.diverged_at is None and numbers(tame) == headless(OTHER).numbers()


def test_a_run_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("workbench.engine.train._stepped", broken)
    with pytest.raises(WorkbenchError, match="no such thing"):
        beside(FIRST)


def test_recording_numbers_does_not_change_the_run() -> None:
    def look(run: Any) -> dict[str, float]:
        return {"norm": float(run.network.module.fc1.weight.norm())}

    (run,) = finished(side_by_side(stage(FIRST), blank, look))
    assert numbers(run) == headless(FIRST).numbers()
    assert next(iter(run.looks)) == 0 and list(run.looks)[-1] == run.total
    assert run.looks[run.total]["norm"] == float(run.network.get_parameter("fc1.weight").detach().norm())


def test_numbers_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    (run,) = beside(OTHER)
    losses = np.array([4.0, 2.0, 3.0, 1.0])
    monkeypatch.setattr(real_runs.RealRun, "column", lambda self, name: losses)
    steps, means = smoothed(run, 2)
    assert steps.tolist() == [2, 3, 4] and means.tolist() == pytest.approx([3.0, 2.5, 2.0])
    assert smoothed(run, 5)[0].size == 0
    assert (steps_to(run, 2.6, 2), steps_to(run, 1.5, 2)) == (3, None)
    evaluations = run.evaluations
    assert [event.epochs_done for event in evaluations] == [0, 1, 2]
    assert best_accuracy(run) == max(event.val.accuracy for event in evaluations[1:])
    assert gap(run) == evaluations[-1].val.loss - evaluations[-1].train_eval.loss
