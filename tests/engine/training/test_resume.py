"""CK10, CK11, CK12: a run that was killed goes on to the same bits as if it had never stopped."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import (
    Edits,
    assert_same,
    gone_on,
    killed,
    killed_again,
    killed_everywhere,
    left_out,
    log_of,
    measured,
    saved_each_step,
    whole,
)
from tests.golden.cases import SPECS
from workbench.engine.core.drive import drive
from workbench.engine.core.events import EpochEnded, EvalProgress, Event, RunEnded, Stepped, Stop
from workbench.engine.run_store.history import History
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.resumable import resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load
from workbench.engine.train import train
from workbench.engine.training import checkpointer


@pytest.fixture(autouse=True)
def _each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    saved_each_step(monkeypatch)


def everything() -> ExperimentSpec:
    return small_spec(
        averaging=[{"kind": "ema", "decay": 0.9}],
        ensemble={"kind": "snapshots"},
        schedule={"kind": "cosine_restarts", "period": 1, "growth": 1},
        model={"kind": "mlp", "hidden": [16], "batch_norm": "before"},
        augmentations=[{"kind": "rotation"}, {"kind": "mixup"}],
    )


def moved_line() -> ExperimentSpec:
    spec = load(SPECS / "transfer_line.toml")
    return spec.edited("data.examples_per_class", 8).edited("loop.epochs", 3)


def second_order() -> ExperimentSpec:
    return small_spec(optimizer={"kind": "lbfgs"}, augmentations=[], regularization=[], loop__epochs=4)


def plateau() -> ExperimentSpec:
    return small_spec(schedule={"kind": "plateau", "patience": 0, "threshold": 0.3, "drop": 0.5}, loop__epochs=4)


def ensemble() -> ExperimentSpec:
    return small_spec(
        ensemble={"kind": "independent", "members": 2}, augmentations=[], regularization=[], averaging=[{"kind": "ema"}]
    )


def folds() -> ExperimentSpec:
    return small_spec(data__folds=2, loop__epochs=2)


#: At the end of an epoch, behind its evaluation, and between two steps.
EDITS: Edits = ((3, "optimizer.lr", 0.02), (-7, "regularization.0.p", 0.5), (15, "optimizer.lr", 0.03))

#: What is trained, and its live edits.
CASES: dict[str, tuple[Callable[[], ExperimentSpec], Edits]] = {
    "everything": (everything, ()),
    "moved line": (moved_line, ((2, "model.freezing.line", 0), (5, "model.freezing.line", 1))),
    "L-BFGS": (second_order, ((2, "optimizer.lr", 0.5),)),
    "plateau and edits": (plateau, EDITS),
    "ensemble": (ensemble, ((9, "optimizer.lr", 0.003),)),
    "folds": (folds, ((9, "optimizer.lr", 0.003),)),
}


def after(step: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Stepped) and event.step == step


def after_epoch(epochs: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, EpochEnded) and event.epochs_done == epochs


POSITIONS = ("batch 1", "mid-epoch", "last batch", "epoch boundary", "after the last epoch")


def position(name: str, per_epoch: int, epochs: int) -> Callable[[Event], bool]:
    return {
        "batch 1": after(1),
        "mid-epoch": after(per_epoch + max(1, per_epoch // 2)),
        "last batch": after(2 * per_epoch),
        "epoch boundary": after_epoch(1),
        "after the last epoch": lambda event: isinstance(event, RunEnded) or after_epoch(epochs)(event),
    }[name]


Kept = tuple[Path, History]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kept]:
    known: dict[str, Kept] = {}

    def found(name: str) -> Kept:
        if name not in known:
            made, edits = CASES[name]
            known[name] = whole(made(), tmp_path_factory.mktemp("whole"), edits)
        return known[name]

    return found


@pytest.fixture(scope="module")
def killed_at(
    tmp_path_factory: pytest.TempPathFactory, uninterrupted: Callable[[str], Kept]
) -> Callable[[str, str], Path]:
    """The folder of a case as it is left by a kill at a position. One run of each case is copied at all of them."""
    known: dict[str, dict[str, Path]] = {}

    def found(name: str, where: str) -> Path:
        if name not in known:
            (made, edits), started = CASES[name], uninterrupted(name)[1].started
            assert started is not None
            spec = made()
            untils = {each: position(each, started.steps_per_epoch, spec.loop.epochs) for each in POSITIONS}
            known[name] = killed_everywhere(spec, tmp_path_factory.mktemp("killed"), untils, edits)
        return known[name][where]

    return found


@pytest.mark.parametrize("where", POSITIONS)
@pytest.mark.parametrize("name", CASES)
def test_a_killed_run_goes_on_to_the_same_bits(
    name: str, where: str, uninterrupted: Callable[[str], Kept], killed_at: Callable[[str, str], Path]
) -> None:
    edits, (want, history) = CASES[name][1], uninterrupted(name)
    path = killed_at(name, where)
    done = _made(path)
    resumed, got = gone_on(path, edits[done:])
    assert resumed.proof != "differs" and (resumed.step > 1) <= (resumed.proof == "equal")
    assert_same(path, want, got, history)


def _made(path: Path) -> int:
    """How many edits the log has: those are made again by themselves."""
    return sum(line["event"] == "Edited" for line in log_of(path))


def test_an_edit_behind_the_kept_state_is_made_again_at_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last state that was kept is of step 0; the log has what happened since. Killed again before and behind it."""
    edits = ((3, "optimizer.lr", 0.02), (-7, "regularization.0.p", 0.5), (9, "optimizer.lr", 0.03))
    want, history = whole(plateau(), tmp_path / "whole", edits)
    monkeypatch.setattr(checkpointer, "SAVE_EVERY", math.inf)
    monkeypatch.setattr(checkpointer, "SAVE_WITHIN", math.inf)
    path = killed(plateau(), tmp_path, after(11), edits)
    path = killed_again(path, after(2))
    path = killed_again(path, after(8))
    resumed, got = gone_on(path)
    assert resumed.step == 0 and [edit.step for edit in resumed.edits] == [3, 7, 9]
    assert_same(path, want, got, history)


@pytest.mark.parametrize("make", [everything, ensemble])
def test_whole_files_of_weights_are_those_of_an_uninterrupted_run(
    make: Callable[[], ExperimentSpec], tmp_path: Path
) -> None:
    """With threads and device "auto": the metadata of a run that went on names no machine either."""
    spec = make().edited("loop.threads", None).edited("loop.device", "auto")
    want, _ = whole(spec, tmp_path / "whole")
    path = killed(spec, tmp_path / "killed", after(9))
    gone_on(path)
    names = sorted(each.relative_to(want) for each in want.rglob("*.safetensors"))
    assert names == sorted(each.relative_to(path) for each in path.rglob("*.safetensors")) and names
    assert [name for name in names if (want / name).read_bytes() != (path / name).read_bytes()] == []


def test_five_resumes_in_a_chain(uninterrupted: Callable[[str], Kept], tmp_path: Path) -> None:
    want, history = uninterrupted("everything")
    path = killed(everything(), tmp_path, after(2))
    for step in (5, 7, 12, 15):
        path = killed_again(path, after(step))
    resumed, got = gone_on(path)
    assert resumed.proof == "equal" and resumed.step == 14
    assert_same(path, want, got, history)


@pytest.mark.parametrize("where", [after(3), after_epoch(2)])
def test_a_stopped_run_goes_on(
    where: Callable[[Event], bool], uninterrupted: Callable[[str], Kept], tmp_path: Path
) -> None:
    want, history = uninterrupted("everything")
    folder = RunFolder.create(everything(), tmp_path)
    drive(train(everything(), folder), lambda event: Stop() if where(event) else None, lambda event: None)
    _, got = gone_on(folder.path)
    assert_same(folder.path, want, got, history)


def test_killed_in_the_middle_of_a_full_batch_step(uninterrupted: Callable[[str], Kept], tmp_path: Path) -> None:
    want, history = uninterrupted("L-BFGS")
    edits = CASES["L-BFGS"][1]

    def within_step(event: Event) -> bool:
        is_step = isinstance(event, EvalProgress) and event.words == "Computing the step"
        return is_step and (event.step, event.done) == (1, 4 * 32)

    path = killed(second_order(), tmp_path, within_step, edits)
    kept = kept_state(path)
    assert kept is not None and kept.state["companions"]["full_batch"]["done"] == 3 * 32  # in the step, not before it
    resumed, got = gone_on(path, edits)
    assert resumed.step == 1
    assert_same(path, want, got, history)


def test_killed_before_a_state_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run begins at its first step again, in the same folder, with the edits that were made."""
    want, history = whole(plateau(), tmp_path / "whole", ((3, "optimizer.lr", 0.02),))
    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "save", lambda self, copy: ())
        path = killed(plateau(), tmp_path, after(9), ((3, "optimizer.lr", 0.02),))
    assert resumable(path) == 0
    resumed, got = gone_on(path)
    assert (resumed.step, resumed.proof, resumed.checkpoint) == (0, "nothing", "")
    assert_same(path, want, got, history)


def stacked() -> ExperimentSpec:
    return ensemble().edited("averaging", [])


@pytest.mark.parametrize("spec", [small_spec, ensemble, stacked, folds])
def test_more_epochs_extend_a_run_to_what_it_had_become_with_them(
    spec: Callable[[], ExperimentSpec], tmp_path: Path
) -> None:
    """Also one of several networks, all of which had ended."""
    more = spec().loop.epochs + 1
    want, history = whole(spec().edited("loop.epochs", more), tmp_path / "whole")
    path, _ = whole(spec(), tmp_path)
    _, got = gone_on(path, changes=[("loop.epochs", more)])
    assert got.ended is not None and history.ended is not None
    assert (got.ended.step, got.ended.message) == (history.ended.step, history.ended.message)
    assert measured(got)[:3] == measured(history)[:3]
    for file in want.rglob("last.safetensors"):
        assert tensors_of(path / file.relative_to(want)) == tensors_of(file)


def tensors_of(path: Path) -> dict[str, bytes]:
    return {name: each.numpy().tobytes() for name, each in load_file(path).items()}


#: What comes behind the second edit is worse, so that the best weights are those of the first epoch.
WORSENED: Edits = ((3, "regularization.0.p", 0.4), (8, "optimizer.lr", 1.0))


@pytest.fixture(scope="module")
def worsened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kept]:
    """The folder of a run that was killed after 17 steps, and the same run uninterrupted.

    Made in a home of its own: a home counts how often the test part was looked at, by other tests of a session too.
    """
    spec = everything().edited("ensemble", {"kind": "snapshots", "every": 1}).edited("data.test_fraction", 0.1)
    spec = spec.edited("schedule", {"kind": "plateau", "patience": 0, "threshold": 0.3, "drop": 0.5})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        saved_each_step(patch)
        want, history = whole(spec, tmp_path_factory.mktemp("whole"), WORSENED)
        path = killed(spec, tmp_path_factory.mktemp("killed"), after(17), WORSENED)
    assert history.best is not None and history.best.epochs_done == 1
    return path, (want, history)


@pytest.mark.parametrize(
    "part",
    ["network", "optimizer", "progress", "best_weights", "companions.average.ema", "companions.snapshots", "spec",
     "progress.epoch", "progress.offset", "progress.batch", "progress.loss_sum", "progress.best_accuracy",
     "progress.memory", "progress.stale", "progress.measured_start"],
)  # fmt: skip
def test_each_part_of_the_state_is_needed(
    part: str, worsened: tuple[Path, Kept], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CK11."""
    aside, (want, history) = worsened
    path = shutil.copytree(aside, tmp_path / aside.name)
    with left_out(monkeypatch, part):
        assert not is_same(path, want, history)


def test_with_every_part_of_the_state_it_is_the_same(worsened: tuple[Path, Kept], tmp_path: Path) -> None:
    """So that the test above does not fail for another reason."""
    aside, (want, history) = worsened
    path = shutil.copytree(aside, tmp_path / aside.name)
    assert_same(path, want, gone_on(path)[1], history)


def is_same(path: Path, want: Path, history: History) -> bool:
    try:
        assert_same(path, want, gone_on(path)[1], history)
    except (AssertionError, IndexError):
        return False
    return True
