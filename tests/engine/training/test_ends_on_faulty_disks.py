"""Places that take no run, bytes that the disk has changed, data that is gone: what a run then says and keeps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.engine.failing_os import failing
from tests.engine.helpers import record, save_run, small_spec
from tests.engine.training.ended_runs import ended_in, only
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Notice, Stepped, Stop
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.run_store.unsaved_run import UnsavedRun, keep_anywhere
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load
from workbench.engine.training.failure import OutOfMemory, failure_of
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up, started


def spec_of(folder: Path) -> ExperimentSpec:
    return load(folder / "spec.toml")


def test_a_place_that_takes_nothing_is_a_sentence_and_leaves_nothing(trained: RunContext, tmp_path: Path) -> None:
    folder = RunFolder.create(trained.initial, tmp_path / "runs")
    folder.log(started(trained))
    with failing(1, errno.EIO):
        ended_in(folder, trained)
    assert folder.unsaved is not None
    with failing(12, errno.EIO), pytest.raises(WorkbenchError, match="Input/output error"):
        folder.unsaved.keep_in(tmp_path / "other")
    assert not list((tmp_path / "other").iterdir())
    assert spec_of(folder.unsaved.keep_in(tmp_path / "other")) == trained.initial


def test_steps_after_the_file_was_removed_are_all_written_again(trained: RunContext, tmp_path: Path) -> None:
    folder = RunFolder.create(trained.initial, tmp_path)
    folder.log(started(trained))
    save_run(folder, trained)
    for name in ("steps.bin", "events.jsonl"):
        (folder.path / name).unlink()
    assert {path.name for path in folder.missing()} == {"steps.bin", "events.jsonl"}
    folder.log(Notice(1, "data_note", "…"))
    save_run(folder, trained)
    assert not folder.missing() and len(read_steps_from(folder.path)[1]) == trained.steps.count
    assert [type(event).__name__ for event in read_events(folder.path)] == ["RunStarted", "Notice"]


def test_a_byte_that_the_disk_changed_is_found_when_it_is_read_back(trained: RunContext, tmp_path: Path) -> None:
    folder = RunFolder.create(trained.initial, tmp_path)
    save_run(folder, trained)
    data = bytearray((folder.path / "best.safetensors").read_bytes())
    data[-1] ^= 1
    (folder.path / "best.safetensors").write_bytes(data)
    assert [path.name for path in folder.missing()] == ["best.safetensors"]


def test_a_step_before_stop_is_kept(tmp_path: Path) -> None:
    """A stop before the first evaluation ends is no failure: the network of that moment is there."""
    record(small_spec(), lambda event: Stop() if isinstance(event, Stepped) else None, tmp_path)
    assert (only(tmp_path) / "last.safetensors").exists()


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """CK23: temporary files go; a state that was whole but not in place takes it; a run that still writes is let be."""
    killed = RunFolder.create(small_spec(), tmp_path).path
    (killed / "checkpoints").mkdir()
    temporary = [killed / ".best.safetensors.abcd.tmp", killed / "checkpoints" / ".next.pt.abcd.tmp"]
    state, fresh = killed / "checkpoints" / "next.pt", tmp_path / "other" / "checkpoints" / "next.pt"
    fresh.parent.mkdir(parents=True)
    for path in (*temporary, state, fresh):
        path.touch()
    for path in (*temporary, state):
        os.utime(path, (0, 0))
    RunFolder.create(small_spec(), tmp_path)
    assert not list(tmp_path.rglob("*.tmp")) and not state.exists()
    assert (killed / "checkpoints" / "last.pt").exists() and fresh.exists()


def test_data_that_is_gone_is_named_and_nothing_is_to_be_skipped(tmp_path: Path) -> None:
    """EN10: a drive is unplugged while it trains; "skip unreadable files" would harm."""
    run, folder = set_up(small_spec()), tmp_path / "drive"
    run.state.spec = run.spec.edited("data.source", {"kind": "folder", "folder": str(folder)})
    error = WorkbenchError("4,101 of 15,000 pictures cannot be read.", "data.source.skip_unreadable")
    failure = failure_of(error, run)
    assert failure.path == "data.source" and failure.message.startswith(f"{folder} is gone")
    folder.mkdir()
    assert failure_of(error, run).path == "data.source.skip_unreadable"


def test_without_memory_the_way_out_is_said_also_if_the_data_is_gone(tmp_path: Path) -> None:
    run = set_up(small_spec())
    run.state.spec = run.spec.edited("data.source", {"kind": "folder", "folder": str(tmp_path / "gone")})
    failure = failure_of(OutOfMemory("Out of memory.", "loop.accumulate"), run)
    assert (failure.code, failure.path) == ("out_of_memory", "loop.accumulate")


def test_the_place_that_failed_is_not_tried_again_under_another_name(tmp_path: Path, workbench_home: Path) -> None:
    """The usual folder of runs is the place that failed, reached by a link."""
    runs_folder().mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(runs_folder(), target_is_directory=True)
    tried: list[Path] = []

    class Kept(UnsavedRun):
        def keep_in(self, parent: Path) -> Path:
            tried.append(parent)
            return parent

    folder = RunFolder.create(small_spec(), tmp_path / "link")
    keep_anywhere(Kept(folder, lambda made: None, ()), tmp_path / "link")
    assert len(tried) == 1 and tried[0].resolve() != runs_folder().resolve()


def test_a_run_that_another_place_does_not_hold_either_is_not_called_kept(trained: RunContext, tmp_path: Path) -> None:
    """A file there is changed by a fault of the drive: found when it is read back, and nothing is left."""
    folder = RunFolder.create(trained.initial, tmp_path / "runs")

    def write(made: RunFolder) -> None:
        save_run(made, trained)
        (made.path / "best.safetensors").write_bytes(b"other")

    with pytest.raises(WorkbenchError, match=r"best\.safetensors is not what was written"):
        UnsavedRun(folder, write, ()).keep_in(tmp_path / "other")
    assert not list((tmp_path / "other").iterdir())
