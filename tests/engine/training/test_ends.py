"""CK22: what the last sentence of a run says is true of the disk, and the network is never thrown away."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.engine.failing_os import failing
from tests.engine.helpers import record, small_spec
from tests.engine.training.ended_runs import ended_in, only
from workbench.engine.__main__ import main
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, Edit, EpochEnded, Event, Notice, RunEnded
from workbench.engine.run_store.finished_runs import finished_runs, members
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.toml import load, save
from workbench.engine.train import train, train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up, started
from workbench.engine.training.train_step import TorchStep


def assert_whole(path: Path, run: RunContext) -> None:
    """All files of the run are in ``path``, with its numbers."""
    last, best = (load_file(path / f"{which}.safetensors") for which in ("last", "best"))
    network = run.state.network.state_dict()
    assert all(torch.equal(last[name], each) for name, each in network.items())
    assert all(torch.equal(best[name], each) for name, each in run.state.best_weights.items())
    assert (
        torch.load(path / "checkpoints" / "last.pt", weights_only=True)["progress"]["step"] == run.state.progress.step
    )
    assert len(read_steps_from(path)[1]) == run.steps.count and load(path / "spec.toml") == run.initial


def test_the_last_sentence_is_true_whichever_call_fails(trained: RunContext, tmp_path: Path) -> None:
    """CK03 at the end of a run: for every n and reason it is kept whole, or said not to be and kept elsewhere."""
    outcomes = set()
    for number in (errno.EIO, errno.ENOSPC, errno.EACCES):
        for nth in itertools.count(1):
            folder = RunFolder.create(trained.initial, tmp_path / "runs")
            folder.log(started(trained))
            with failing(nth, number) as calls:
                ended = ended_in(folder, trained)
            outcomes.add(bool(ended.not_kept))
            if ended.not_kept:
                assert folder.unsaved is not None and ended.not_kept in ended.message
                reason = "The disk is full" if number == errno.ENOSPC else os.strerror(number)
                assert reason in ended.message
                assert_whole(folder.unsaved.keep_in(tmp_path / "other"), trained)
            else:
                assert_whole(folder.path, trained)
                assert folder.unsaved is None and "Finished." in ended.message
            assert not list(tmp_path.rglob("*.tmp"))
            shutil.rmtree(tmp_path / "runs")
            shutil.rmtree(tmp_path / "other", ignore_errors=True)
            if len(calls) < nth:
                break
        assert nth > 30 and not ended.not_kept
    assert outcomes == {True, False}


def without(folder: Path) -> None:
    shutil.rmtree(folder)


def without_space(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing more can be written below ``folder``."""
    real = os.open

    def full(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if str(path).startswith(str(folder)) and flags & os.O_WRONLY:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", full)


@pytest.fixture
def _signals_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def during_training(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Call ``act`` when the first epoch of the next headless run has ended."""
    from workbench.engine import __main__ as command

    class Watching(command.ProgressLine):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            if isinstance(event, EpochEnded) and event.epochs_done == 1:
                act()

    monkeypatch.setattr(command, "ProgressLine", Watching)


@pytest.mark.usefixtures("_signals_put_back")
@pytest.mark.parametrize("fault", ["gone", "full"])
def test_headless_a_run_that_loses_its_place_is_kept_in_another(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1; the sentence says where it is now and what to do; the run there is a run like any other."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    save(small_spec(loop__epochs=2), tmp_path / "spec.toml")
    place = tmp_path / "place"
    act = (lambda: without(place)) if fault == "gone" else (lambda: without_space(place, monkeypatch))
    during_training(monkeypatch, act)
    assert main([str(tmp_path / "spec.toml"), "--runs", str(place)]) == 1
    said = capsys.readouterr()
    kept = only(tmp_path / "home" / "runs")
    assert "Not kept: best.safetensors, last.safetensors" in said.out and "Finished." in said.out
    assert f"Run kept in {kept} instead." in said.err and "pass --runs OTHER" in said.err
    assert ("Free " in said.err) == (fault == "full")
    assert ("is gone" if fault == "gone" else "The disk is full") in said.out
    (found,) = finished_runs(kept.parent)
    assert found.folder == kept and found.weights.exists()
    *_, ended = read_events(kept)
    assert isinstance(ended, RunEnded) and ended.not_kept
    assert len(read_steps_from(kept)[1]) == ended.step


@pytest.mark.usefixtures("_signals_put_back")
def test_headless_nothing_is_trained_where_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CK04: refused before training, exit code 2, and nothing is left there."""
    save(small_spec(), tmp_path / "spec.toml")
    without_space(tmp_path / "place", monkeypatch)
    assert main([str(tmp_path / "spec.toml"), "--runs", str(tmp_path / "place")]) == 2
    said = capsys.readouterr()
    assert "The disk is full" in said.err and "epoch" not in said.out
    assert not list((tmp_path / "place").iterdir())


def raising_at(step: int, error: Exception, where: str) -> Callable[[RunContext], None]:
    """Fails once ``step`` steps are done: in the forward pass, or during an update."""

    def prepare(run: RunContext) -> None:
        def fail(*_: Any) -> None:
            if run.state.network.training and run.state.progress.step == step:
                raise error

        if where == "forward":
            run.state.network.register_forward_pre_hook(fail)
        else:
            assert isinstance(run.step, TorchStep)
            update = run.step._move
            run.step._move = lambda rate: (fail(), update(rate))[1]  # type: ignore[method-assign,func-returns-value]

    return prepare


@pytest.mark.parametrize("error", [ValueError("odd numbers"), OSError(errno.EIO, "Input/output error")])
def test_an_unexpected_error_ends_the_run_and_keeps_it(error: Exception, tmp_path: Path) -> None:
    """QT07: before the first save too; what is kept goes on from the last whole step."""
    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    raising_at(9, error, "forward")(run)
    ended = drive(train_loop(run), lambda event: None, lambda event: None)
    assert ended.reason == "failed" and str(error) in ended.message and type(error).__name__ in ended.details
    assert (ended.step, ended.not_kept, ended.best_epoch) == (9, "", 1)
    assert_whole(only(tmp_path), run)
    again = set_up(small_spec())
    again.state.restore(torch.load(only(tmp_path) / "checkpoints" / "last.pt", weights_only=True))
    list(train_loop(again))
    whole = record(small_spec())
    assert again.steps.read(0)[1][:, :4].tobytes() == whole.steps.read(9)[1][:, :4].tobytes()


def test_a_network_between_two_steps_is_not_called_the_last(tmp_path: Path) -> None:
    """An error during an update: some of its weights are new, some old. The best ones are whole."""
    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    raising_at(9, MemoryError(), "update")(run)
    ended = drive(train_loop(run), lambda event: None, lambda event: None)
    assert ended.reason == "failed" and ended.not_kept == ""
    assert sorted(path.name for path in only(tmp_path).glob("*.safetensors")) == ["best.safetensors"]
    kept = kept_state(only(tmp_path))
    assert kept is not None and kept.step in (0, 7)  # at the start, or after the first epoch


def test_a_run_that_fails_before_its_first_step_leaves_no_folder(tmp_path: Path) -> None:
    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    raising_at(0, ValueError("at once"), "forward")(run)
    ended = drive(train_loop(run), lambda event: None, lambda event: None)
    assert ended.reason == "failed" and not list(tmp_path.iterdir())


def test_an_ensemble_is_kept_elsewhere_with_all_its_members(tmp_path: Path) -> None:
    spec = small_spec(ensemble={"kind": "independent", "members": 2}, loop__epochs=1)
    folder = RunFolder.create(spec, tmp_path / "place")
    ended: list[Event] = []
    for event in train(spec, folder):
        ended.append(event)
        if isinstance(event, EpochEnded) and event.epochs_done == 1:
            without(tmp_path / "place")
    last = ended[-1]
    assert isinstance(last, RunEnded) and "Not kept: " in last.not_kept and "is gone" in last.not_kept
    assert folder.unsaved is not None
    kept = folder.unsaved.keep_in(tmp_path / "other")
    assert (kept / "checkpoints" / "last.pt").exists() and len(members(kept)) == 2
    assert [run.folder for run in finished_runs(kept.parent)] == [*members(kept)]


def test_no_memory_for_a_run_is_a_sentence() -> None:
    """TR10: numpy's and Python's own errors have no words."""

    def run() -> Any:
        raise MemoryError
        yield

    ended = drive(run(), lambda event: None, lambda event: None)
    assert "not enough memory" in ended.message and ended.details


@pytest.mark.parametrize("model", [{"kind": "small_cnn"}, {"kind": "mlp", "hidden": [16], "batch_norm": True}])
@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("rate", [1e3, 1e5, 1e7])
def test_a_huge_rate_ends_as_diverged_and_best_is_from_before(
    model: dict[str, Any], optimizer: str, rate: float, tmp_path: Path
) -> None:
    """TR24: batch norm keeps the loss finite; such a network is never the best, whatever its accuracy."""
    edits = {"model": model, "optimizer": {"kind": optimizer, "lr": rate}, "regularization": [], "augmentations": []}
    run = record(small_spec(**edits), folder=tmp_path)
    ended = run.events[-1]
    assert isinstance(ended, RunEnded) and (ended.reason, ended.code) == ("failed", "diverged")
    assert "Training diverged" in ended.message and "No evaluation before that counts as best." in ended.message
    assert ended.best_epoch is None and not any(epoch.is_best for epoch in run.of(EpochEnded))
    assert not (only(tmp_path) / "best.safetensors").exists()


def test_the_best_network_of_a_run_that_diverges_later_is_from_before(tmp_path: Path) -> None:
    """TR24 with a rate that is raised in mid-run: what was good stays, in the sentence and on the disk."""

    def raise_rate(event: Event) -> Command | None:
        is_third = isinstance(event, EpochEnded) and event.epochs_done == 2
        return Edit("optimizer.lr", 1e7) if is_third else None

    run = record(small_spec(loop__epochs=5), raise_rate, tmp_path)
    ended = run.events[-1]
    assert isinstance(ended, RunEnded) and (ended.reason, ended.code) == ("failed", "diverged")
    assert ended.best_epoch in (1, 2) and f"after epoch {ended.best_epoch} is from before" in ended.message
    best = load_file(only(tmp_path) / "best.safetensors")
    assert all(float(each.abs().max()) < 100 for name, each in best.items() if "weight" in name)


def test_a_run_that_recovers_has_not_diverged() -> None:
    """A rate that is lowered in time: the later, better network counts."""
    done = False

    def lower(event: Event) -> Command | None:
        nonlocal done
        if isinstance(event, Notice) and event.code == "diverged" and not done:
            done = True
            return Edit("optimizer.lr", 0.01)
        return None

    spec = small_spec(model={"kind": "mlp", "hidden": [16], "batch_norm": True}, regularization=[], loop__epochs=60)
    run = record(spec.edited("optimizer", {"kind": "adam", "lr": 1e3}).edited("augmentations", []), lower)
    ended = run.events[-1]
    assert isinstance(ended, RunEnded)
    loss = run.of(EpochEnded)[-1].val.loss
    assert done and (ended.reason == "completed") == (loss < 2.3)
