"""A run that branches off another one: the same without a change, other settings with one, refused where it cannot."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import gone_on, killed, killed_again, log_of, saved_each_step, steering, whole
from tests.engine.training.test_resume import after, ensemble, everything
from tests.engine.training.test_step_back import once
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Event, Notice, RunEnded, RunStarted, Stop, WeightsSaved
from workbench.engine.core.progress import Loading
from workbench.engine.data.examples import Examples
from workbench.engine.run_store.history import History
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.resumable import edited_spec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Fork
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training import checkpointer

EDITS = ((3, "optimizer.lr", 0.02), (9, "optimizer.lr", 0.005))
Kept = tuple[Path, History]


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return whole(everything(), tmp_path_factory.mktemp("runs"), EDITS)


def forked(start: Fork, spec: ExperimentSpec, place: Path) -> tuple[Path, History, list[Event]]:
    folder, history, events = RunFolder.create(spec, place), History(), []

    def fold(event: Event) -> None:
        history.fold(event)
        events.append(event)

    ended = drive(train(spec, folder, history.steps, start=start), steering(()), fold)
    assert ended.reason == "completed", ended.message + ended.details
    return folder.path, history, events


def figures(history: History, start: int) -> Any:
    """What is measured behind the step ``start``, without times."""
    first, rows = history.steps.read(start)
    measured = [(e.step, e.val, e.train_eval, e.averages) for e in history.evaluations if e.step > start]
    return first, rows[:, :4].tobytes(), measured


@pytest.mark.parametrize("step", [0, 2, 10, 14])
def test_without_a_change_a_fork_is_what_its_parent_became(step: int, parent: Kept, tmp_path: Path) -> None:
    """From any step, whether a state is kept there or it is trained again; edits behind it are not made."""
    path, history = parent
    spec = edited_spec(path, step)
    later = [edit for edit in EDITS if edit[0] >= step]
    folder, got = RunFolder.create(spec, tmp_path), History()
    drive(train(spec, folder, got.steps, start=Fork(path, step)), steering(later), got.fold)
    assert got.started is not None and (got.started.parent, got.started.parent_step) == (path.name, step)
    assert figures(got, step) == figures(history, step)
    first, rows = read_steps_from(folder.path)
    assert first == step and len(rows) == 21 - step and got.steps.first == step
    assert rows[:, :4].tobytes() == read_steps_from(path)[1][step:, :4].tobytes()


def test_from_the_first_weights_though_no_state_of_them_is_kept(parent: Kept, tmp_path: Path) -> None:
    path, history = parent
    copy = tmp_path / path.name
    shutil.copytree(path, copy, ignore=shutil.ignore_patterns("*.pt"))
    spec, got = edited_spec(copy, 0), History()
    folder = RunFolder.create(spec, tmp_path)
    drive(train(spec, folder, got.steps, start=Fork(copy, 0)), steering(EDITS), got.fold)
    assert got.started is not None and (got.started.parent, got.started.parent_step) == (path.name, 0)
    assert figures(got, 0) == figures(history, 0)


def test_more_epochs_let_every_network_of_a_fork_go_on(tmp_path: Path) -> None:
    path, _ = whole(ensemble(), tmp_path)
    folder, got, events = forked(Fork(path), edited_spec(path, None).edited("loop.epochs", 4), tmp_path / "forks")
    assert got.ended is not None and got.ended.step == 28
    assert [event.code for event in events if isinstance(event, Notice)] == []
    assert [len(read_steps_from(each)[1]) for each in sorted(folder.glob("member-*"))] == [7, 7]


def test_a_fork_without_more_epochs_keeps_the_networks_of_its_parent(tmp_path: Path) -> None:
    path, _ = whole(ensemble(), tmp_path)
    folder, _, events = forked(Fork(path), edited_spec(path, None), tmp_path / "forks")
    assert [event.code for event in events if isinstance(event, Notice)] == []
    assert len(list(folder.glob("member-*/last.safetensors"))) == 2


def test_from_the_best_state(parent: Kept, tmp_path: Path) -> None:
    path, history = parent
    assert history.best is not None
    _, got, events = forked(
        Fork(path, which="best"), edited_spec(path, history.best.step).edited("loop.epochs", 4), tmp_path
    )
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert started.parent_step == history.best.step and got.ended is not None and got.ended.step == 28


def test_with_a_tenth_of_the_rate_the_first_batch_is_the_same(parent: Kept, tmp_path: Path) -> None:
    path, history = parent
    spec = edited_spec(path, 10)
    made, got, _ = forked(Fork(path, 10), spec.edited("optimizer.lr", spec.optimizer.lr / 10), tmp_path)
    old, new = history.steps.read(10)[1], got.steps.read(10)[1]
    assert old[0, 0] == new[0, 0] and old[0, 2] == pytest.approx(10 * new[0, 2]) and old[1, 0] != new[1, 0]
    assert log_of(made)[0]["parent"] == path.name


def test_with_another_optimizer_and_batch_size_it_says_what_begins_anew(parent: Kept, tmp_path: Path) -> None:
    path, _ = parent
    spec = edited_spec(path, 10).edited("optimizer", {"kind": "sgd", "lr": 0.01}).edited("loop.batch_size", 50)
    _, got, events = forked(Fork(path, 10), spec, tmp_path)
    (said,) = (e.message for e in events if isinstance(e, Notice) and e.code == "fork")
    assert said == "SGD begins with nothing remembered. The epoch under way begins anew with other batches."
    assert got.ended is not None and got.ended.step == 10 + 4 + 4


def test_a_network_of_another_shape_is_refused_with_a_table(parent: Kept, tmp_path: Path) -> None:
    """CK14."""
    path, _ = parent
    spec = edited_spec(path, 14).edited("model", {"kind": "mlp", "hidden": [12], "batch_norm": "before"})
    folder = RunFolder.create(spec, tmp_path)
    with pytest.raises(WorkbenchError) as refused:
        list(train(spec, folder, start=Fork(path, 14)))
    lines = refused.value.message.splitlines()
    assert lines[1].split() == ["Layer", "Saved", "Expected"]
    assert lines[2].split(maxsplit=1)[1].split("  ") == ["16 × 64", "12 × 64"]
    assert not list(tmp_path.iterdir())


def test_behind_the_end_there_is_nothing_to_branch_off(parent: Kept, tmp_path: Path) -> None:
    path, _ = parent
    spec = edited_spec(path, 14)
    with pytest.raises(WorkbenchError, match="There is no step 99 to branch off: the run ends at 21"):
        list(train(spec, RunFolder.create(spec, tmp_path), start=Fork(path, 99)))


def test_training_again_up_to_a_step_counts_from_the_kept_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it leaves the examples, which the fork trains on next, as they are: of a folder they may still be read."""
    saved_each_step(monkeypatch)
    path = killed(small_spec(augmentations=[]), tmp_path / "killed", after(11))
    for name in ("last.pt", "previous.pt"):
        (path / "checkpoints" / name).unlink()
    kept = kept_state(path, below=10)
    assert kept is not None and kept.step == 7
    closed: list[Examples] = []
    monkeypatch.setattr(Examples, "close", lambda self: closed.append(self))
    step, spec = kept.step + 3, edited_spec(path, kept.step + 3)
    run = train(spec, RunFolder.create(spec, tmp_path), start=Fork(path, step))
    said = []
    for event in run:
        if isinstance(event, Loading) and event.words == f"Training again up to step {step}":
            said.append((event.done, event.total))
        if isinstance(event, RunStarted):
            break
    assert {total for _, total in said} == {3} and max(done for done, _ in said) == 2 and not closed
    run.close()
    assert len(closed) == 1


def test_a_killed_fork_goes_on(parent: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved_each_step(monkeypatch)
    path, _ = parent
    spec = edited_spec(path, 10).edited("optimizer.lr", 0.001)
    want, history, _ = forked(Fork(path, 10), spec, tmp_path / "whole")
    folder = RunFolder.create(spec, tmp_path / "killed")
    run = train(spec, folder, start=Fork(path, 10))
    while not after(13)(next(run)):
        pass
    run.close()
    again = killed_again(folder.path, after(16))
    resumed, got = gone_on(again)
    assert resumed.proof == "equal" and got.started is not None and got.started.parent_step == 10
    assert figures(got, 10) == figures(history, 10)
    assert read_steps_from(again)[1][:, :4].tobytes() == read_steps_from(want)[1][:, :4].tobytes()
    with pytest.raises(WorkbenchError, match=f"begins after 10 steps of {path.name}; fork that one"):
        list(train(spec, RunFolder.create(spec, tmp_path / "other"), start=Fork(again, 3)))


def test_the_proof_trains_with_an_edit_that_was_made_at_the_step_of_the_state(
    parent: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state that a fork begins with is written before its first edit, and dropout changes the very next batch."""
    saved_each_step(monkeypatch)
    monkeypatch.setattr(checkpointer, "SAVE_EVERY", math.inf)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", math.inf)
    spec = edited_spec(parent[0], 10)
    edited = once(lambda event: isinstance(event, WeightsSaved), Edit("regularization.0.p", 0.8))
    folder = RunFolder.create(spec, tmp_path)

    def steer(event: Event) -> Command | None:
        return Stop() if after(13)(event) else edited(event)

    drive(train(spec, folder, start=Fork(parent[0], 10)), steer, lambda event: None)
    (folder.path / "checkpoints" / "last.pt").write_bytes(b"damaged")
    resumed, _ = gone_on(folder.path)
    assert (resumed.step, resumed.proof, [edit.step for edit in resumed.edits]) == (10, "equal", [10])


def test_an_ensemble_branches_off(tmp_path: Path) -> None:
    path, history = whole(ensemble(), tmp_path / "whole")
    folder, got = RunFolder.create(ensemble(), tmp_path), History()
    ended = drive(train(ensemble(), folder, got.steps, start=Fork(path, 9)), steering(()), got.fold)
    assert ended.reason == "completed", ended.message
    assert figures(got, 9)[:2] == figures(history, 9)[:2]
    single = small_spec()
    ended = drive(train(single, RunFolder.create(single, tmp_path), start=Fork(path)), steering(()), lambda event: None)
    assert isinstance(ended, RunEnded) and "another kind of run" in ended.message
