"""What can be wrong with a run that is to go on: its files, its folder, the machine, its data, the disk."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.failing_os import failing
from tests.engine.helpers import small_spec
from tests.engine.training.resuming import assert_same, gone_on, killed, saved_each_step, whole
from tests.engine.training.test_resume import after, after_epoch
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Event, Notice, RunEnded, Stepped
from workbench.engine.run_store.history import History
from workbench.engine.run_store.kept_state import KEPT, kept_state
from workbench.engine.run_store.log_cut import log_cut
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.run_lock import FolderIsHeld, RunLock
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

Kept = tuple[Path, History]
STATES = ("last.pt", "previous.pt", "best.pt", "good.pt")


@pytest.fixture(autouse=True)
def _each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    saved_each_step(monkeypatch)


def simple() -> ExperimentSpec:
    return small_spec(augmentations=[], loop__epochs=2)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return whole(simple(), tmp_path_factory.mktemp("whole"))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Killed after 11 steps; its states are of the steps 10, 9 and 7."""
    return killed(simple(), tmp_path / "runs", after(11))


def flip(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at if at >= 0 else len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(("damaged", "step"), [(STATES[:1], 9), (STATES[:2], 7)])
def test_a_flipped_byte_is_named_and_the_next_older_state_is_taken(
    damaged: tuple[str, ...], step: int, run: Path, uninterrupted: Kept
) -> None:
    """CK08."""
    for name in damaged:
        flip(run / "checkpoints" / name)
    resumed, got = gone_on(run)
    assert resumed.step == step and all(name in resumed.words for name in damaged) and "damaged" in resumed.words
    assert_same(run, uninterrupted[0], got, uninterrupted[1])


def test_if_all_states_are_damaged_it_is_said(run: Path) -> None:
    for name in STATES:
        flip(run / "checkpoints" / name)
    before = (run / "events.jsonl").read_bytes()
    spec, folder, start = reopened(run)
    with pytest.raises(WorkbenchError, match=r"No state of the run in .* can be read: last\.pt, .* are damaged"):
        list(train(spec, folder, start=start))
    assert (run / "events.jsonl").read_bytes() == before


def test_where_the_good_state_is_damaged_the_best_one_comes_before_the_newest(run: Path) -> None:
    """The previous one may be of a step at which the run had begun to diverge."""
    flip(run / "checkpoints" / "good.pt")
    kept = kept_state(run, "good")
    assert kept is not None and (kept.name, kept.step, kept.damaged) == ("best.pt", 7, ("good.pt",))


def test_a_step_before_which_all_is_damaged_is_trained_from_the_start(run: Path) -> None:
    for name in ("good.pt", "best.pt"):
        flip(run / "checkpoints" / name)
    assert kept_state(run, below=8) is None
    assert kept_state(run, below=10).name == "previous.pt"  # type: ignore[union-attr]


def test_every_byte_of_a_state_is_watched(run: Path) -> None:
    size = (run / "checkpoints" / "last.pt").stat().st_size
    for at in np.linspace(0, size - 1, 40).astype(int).tolist():
        flip(run / "checkpoints" / "last.pt", at)
        kept = kept_state(run)
        assert kept is not None and (kept.name, kept.damaged) == ("previous.pt", ("last.pt",))
        flip(run / "checkpoints" / "last.pt", at)
    assert kept_state(run).name == "last.pt"  # type: ignore[union-attr]


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.full)])
def test_whichever_call_fails_the_run_can_still_go_on(every: int, tmp_path: Path, uninterrupted: Kept) -> None:
    """CK03: the n-th call fails while it goes on, for every n, and it is killed; then it goes on to the same bits."""
    run = killed(simple(), tmp_path / "runs", after(12))
    aside = shutil.copytree(run, tmp_path / "aside")
    for nth in itertools.count(1):
        shutil.rmtree(run)
        shutil.copytree(aside, run)
        with failing(nth, errno.ENOSPC if nth % 2 else errno.EIO) as calls:
            begun_and_killed(run)
        kept = kept_state(run)
        assert kept is not None and kept.step >= 11 and not log_cut(run, kept).trouble
        assert len(read_steps_from(run)[1]) >= kept.step
        if nth % every == 0 or len(calls) < nth:
            _, got = gone_on(run)
            assert_same(run, uninterrupted[0], got, uninterrupted[1])
        if len(calls) < nth:
            break
    assert nth > 12


def begun_and_killed(run: Path) -> None:
    """It goes on for two steps, if it can."""
    try:
        spec, folder, start = reopened(run)
        going = train(spec, folder, start=start)
        while not after(13)(next(going)):
            pass
        going.close()
    except (WorkbenchError, OSError):
        return


# --- what is said --------------------------------------------------------------------------------------------------


def test_a_settings_file_that_was_edited_by_hand_changes_nothing(run: Path, uninterrupted: Kept) -> None:
    text = (run / "spec.toml").read_text(encoding="utf-8")
    (run / "spec.toml").write_text(text.replace("lr = 0.01", "lr = 0.5"), encoding="utf-8")
    resumed, got = gone_on(run)
    assert "Its settings file was changed since. It goes on with the settings that it began with." in resumed.words
    assert_same(run, uninterrupted[0], got, uninterrupted[1])


@pytest.mark.parametrize("damage", ["lr = = 3", None])
def test_a_settings_file_that_is_broken_or_gone_is_no_obstacle(
    damage: str | None, run: Path, uninterrupted: Kept
) -> None:
    (run / "spec.toml").unlink()
    if damage is not None:
        (run / "spec.toml").write_text(damage, encoding="utf-8")
    resumed, got = gone_on(run)
    assert "Its settings file cannot be read" in resumed.words
    assert_same(run, uninterrupted[0], got, uninterrupted[1])


def test_a_log_that_is_longer_than_the_state(run: Path, uninterrupted: Kept) -> None:
    with (run / "events.jsonl").open("ab") as log:
        log.write(b'{"event": "EpochEnded", "step": 99}\nnonsense\n{"event": "torn')
    with (run / "steps.bin").open("ab") as steps:
        steps.write(b"x" * 333)
    _, got = gone_on(run)
    assert_same(run, uninterrupted[0], got, uninterrupted[1])


def test_a_log_and_steps_that_are_shorter_than_the_state(run: Path, uninterrupted: Kept) -> None:
    log = (run / "events.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for line in log if b'"EpochEnded"' not in line or b'"epochs_done": 0' in line]
    (run / "events.jsonl").write_bytes(b"".join(kept))
    steps = (run / "steps.bin").read_bytes()
    (run / "steps.bin").write_bytes(steps[: steps.index(b"\n") + 1 + 40 * 4])
    resumed, got = gone_on(run)
    assert "The log of the run was changed since; lines of it may be missing." in resumed.words
    assert "The figures of 6 steps before it are lost." in resumed.words
    rows, wanted = read_steps_from(run)[1][:, :4], uninterrupted[1].steps.read(0)[1][:, :4]
    assert np.isnan(rows[4:10]).all() and rows[10:].tobytes() == wanted[10:].tobytes()
    assert [event.step for event in got.evaluations] == [0, 14]


def test_without_log_and_steps_it_goes_on_with_what_is_left(run: Path) -> None:
    (run / "events.jsonl").unlink()
    (run / "steps.bin").unlink()
    resumed, _ = gone_on(run)
    assert resumed.step == 10 and resumed.proof == "nothing"


def test_a_state_of_a_newer_program_is_refused(run: Path) -> None:
    path = run / "checkpoints" / "last.pt"
    state = torch.load(path, weights_only=True)
    state[KEPT]["format"] = 99
    torch.save(state, path)
    (run / "checkpoints" / "manifest.json").unlink()
    spec, folder, start = reopened(run)
    with pytest.raises(WorkbenchError, match="was written by a newer version of this program"):
        list(train(spec, folder, start=start))


def test_another_number_of_threads_is_said(run: Path) -> None:
    """CK13."""
    resumed, got = gone_on(run, changes=[("loop.threads", 2)])
    assert "With another number of threads (2, was 1) the last bits may differ from here on." in resumed.words
    assert got.ended is not None and got.ended.reason == "completed"


def test_what_cannot_change_in_a_run_that_goes_on_is_refused(run: Path) -> None:
    with pytest.raises(SpecError, match="cannot change in a run that goes on; fork the run to change it"):
        reopened(run, [("loop.batch_size", 64)])


def test_a_run_that_another_process_trains_is_refused(run: Path) -> None:
    """CK16."""
    lock = RunLock.take(run)
    with pytest.raises(FolderIsHeld, match="is in use by"):
        reopened(run)
    lock.release()
    assert reopened(run)[1].path == run


# --- data ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for label, name in enumerate(("cat", "dog")):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(40):
            pixels = rng.integers(0, 120, (8, 8)).astype(np.uint8) + np.uint8(100 * label)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{number}.png")
    return tmp_path / "pictures"


def a_class_more(folder: Path) -> None:
    """Cows, that look like bright cats: equal files in two classes would be asked about."""
    (folder / "cow").mkdir()
    for file in (folder / "cat").iterdir():
        Image.open(file).point(lambda value: value + 1).save(folder / "cow" / file.name)


def on(pictures: Path) -> ExperimentSpec:
    return small_spec(data__source={"kind": "folder", "folder": str(pictures)}, loop__epochs=3)


def test_data_that_was_moved_is_found_again(pictures: Path, tmp_path: Path) -> None:
    want, history = whole(on(pictures), tmp_path / "whole")
    run = killed(on(pictures), tmp_path / "runs", after_epoch(1))
    moved = pictures.rename(tmp_path / "elsewhere")
    spec, folder, start = reopened(run)
    with pytest.raises(WorkbenchError):
        list(train(spec, folder, start=start))
    resumed, got = gone_on(run, changes=[("data.source.folder", str(moved))])
    assert "The data are read from their new place." in resumed.words and "changed" not in resumed.words
    assert got.steps.read(0)[1][:, :4].tobytes() == history.steps.read(0)[1][:, :4].tobytes()
    again, _ = gone_on(run, changes=[("loop.epochs", 4)])  # the new place is remembered
    assert "changed" not in again.words and want.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "cat" / "7.png").unlink(), "it has 39 instead of 40 in 'cat'"),
        (lambda folder: a_class_more(folder), "its classes are others (new 'cow')"),
        (lambda folder: (folder / "cat" / "7.png").rename(folder / "cat" / "x.png"), "have other names"),
        (lambda folder: Image.new("L", (8, 8)).save(folder / "cat" / "0.png"), "the contents of its examples"),
    ],
    ids=["one less", "a class more", "renamed", "painted over"],
)
def test_data_that_has_changed_is_said_in_words(
    change: Callable[[Path], Any], words: str, pictures: Path, tmp_path: Path
) -> None:
    run = killed(on(pictures), tmp_path / "runs", after_epoch(1))
    change(pictures)
    spec, folder, start = reopened(run)
    said = []
    try:
        said = [event.words for event in train(spec, folder, start=start) if hasattr(event, "words")]
    except WorkbenchError as error:  # a class more: another network
        said = [error.message]
    assert any(words in each for each in said) or any("another network" in each for each in said)


# --- the disk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A drive of 400 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a container without the right to mount gives this test no drive that is full")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a drive")
def test_a_drive_that_fills_up_keeps_what_was_kept(small_disk: Path) -> None:
    """CK02: training goes on, it is said with sizes, the last whole state stays, from which it goes on with room."""
    spec = small_spec(model={"kind": "mlp", "hidden": [64]}, regularization=[], augmentations=[], loop__epochs=3)
    folder, events = RunFolder.create(spec, small_disk), list[Event]()
    run = train(spec, folder)
    ballast = small_disk / "ballast"
    for event in run:
        events.append(event)
        if isinstance(event, Stepped) and event.step == 9:
            ballast.write_bytes(bytes(max(0, shutil.disk_usage(small_disk).free - 4096)))
        if isinstance(event, Stepped) and event.step == 16:
            break
    assert any(isinstance(e, Notice) and e.code == "save_failed" and "The disk is full" in e.message for e in events)
    run.close()
    ballast.unlink()
    step = resumable(folder.path)
    assert isinstance(step, int) and 0 < step <= 10
    resumed, got = gone_on(folder.path)
    assert resumed.proof == "equal" and isinstance(got.ended, RunEnded) and got.ended.reason == "completed"
