"""Run folders: what is in them, what survives, headless against in-process."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.engine.helpers import record, save_run, small_spec
from workbench.engine.__main__ import main
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Edit,
    Edited,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunEnded,
    Stepped,
    Stop,
    WeightsSaved,
)
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.run_store import weight_files
from workbench.engine.run_store.partly_saved import PartlySaved
from workbench.engine.run_store.run_folder import RunFolder, read_events, read_tape
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.toml import load, save
from workbench.engine.train import train, train_loop
from workbench.engine.training.set_up import set_up

ROOT = Path(__file__).parents[3]


def only_run(folder: Path) -> Path:
    (run,) = folder.iterdir()
    return run


def test_a_run_leaves_spec_events_steps_and_weights(tmp_path: Path) -> None:
    spec = small_spec()
    run = record(spec, folder=tmp_path)
    folder = only_run(tmp_path)
    assert load(folder / "spec.toml") == spec
    logged = [e for e in run.events if not isinstance(e, (Stepped, EvalProgress, LayerStats, Watched))]
    assert repr(list(read_events(folder))) == repr(logged)
    assert np.array_equal(read_steps_from(folder)[1], run.steps.read(0)[1])
    assert {e.which for e in run.of(WeightsSaved)} == {"last", "best"}
    assert "preprocessing.mean" in load_file(folder / "best.safetensors")


def test_the_best_weights_score_what_was_measured(tmp_path: Path) -> None:
    spec = small_spec(loop__epochs=6, optimizer={"kind": "adam", "lr": 0.05})
    run = record(spec, folder=tmp_path)
    weights = load_file(only_run(tmp_path) / "best.safetensors")
    training = set_up(spec)
    training.state.network.load_state_dict({k: v for k, v in weights.items() if not k.startswith("preprocessing.")})
    training.state.network.eval()
    x, y = training.data.examples.batch(training.data.split.val)
    with torch.no_grad():
        accuracy = (training.state.network(x).argmax(1) == y).double().mean().item()
    assert accuracy == pytest.approx(run.events[-1].best_accuracy)


def test_the_saved_state_goes_on_exactly(tmp_path: Path) -> None:
    """A run stopped in mid-epoch: its checkpoint loads with weights_only and continues to the same numbers."""
    spec = small_spec()

    def stop(event: Event) -> Stop | None:
        return Stop() if isinstance(event, Stepped) and event.step == 9 else None

    record(spec, stop, folder=tmp_path)
    saved = torch.load(only_run(tmp_path) / "checkpoints" / "last.pt", weights_only=True)
    resumed = set_up(spec)
    resumed.state.restore(saved)
    list(train_loop(resumed))
    whole = record(spec)
    assert resumed.steps.read(0)[1][:, :4].tobytes() == whole.steps.read(9)[1][:, :4].tobytes()


def test_a_tape_read_from_disk_replays(tmp_path: Path) -> None:
    from workbench.engine.run_store.replay import Tape

    def steer(event: Event) -> Edit | None:
        return Edit("optimizer.lr", 0.003) if isinstance(event, Stepped) and event.step == 5 else None

    steered = record(small_spec(), steer, folder=tmp_path)
    spec, tape = read_tape(only_run(tmp_path))
    assert len(tape) == 1 and isinstance(tape[0], Edited)
    assert record(spec, Tape(tape)).numbers() == steered.numbers()


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    record(small_spec(), folder=tmp_path)
    log = only_run(tmp_path) / "events.jsonl"
    whole = list(read_events(only_run(tmp_path)))
    log.write_text(log.read_text()[:-20])
    assert len(list(read_events(only_run(tmp_path)))) == len(whole) - 1


def test_nan_survives_the_log(tmp_path: Path) -> None:
    folder = RunFolder.create(small_spec(), tmp_path)
    folder.log(EpochEnded(1, 5, 1.0, 0.1, float("nan"), 0.1, None, None, False, 0, 10.0))
    folder.close()
    (event,) = read_events(folder.path)
    assert isinstance(event, EpochEnded) and event.running_loss != event.running_loss


def test_a_diverged_network_is_never_saved(tmp_path: Path) -> None:
    spec = small_spec(
        optimizer={"kind": "sgd", "lr": 1e7}, model={"kind": "mlp", "hidden": [16, 16]}, regularization=[]
    )
    record(spec, folder=tmp_path)
    for file in only_run(tmp_path).glob("*.safetensors"):
        assert all(bool(t.isfinite().all()) for t in load_file(file).values())


def test_a_place_that_cannot_be_written_is_said_before_the_start(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(WorkbenchError, match="Cannot keep runs"):
        RunFolder.create(small_spec(), blocked)


def test_a_full_disk_at_a_checkpoint_is_a_notice_and_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CK02: said once with the sizes, tried again, and said when it works again; the end has everything."""
    from workbench.engine.training import checkpointer

    monkeypatch.setattr(checkpointer, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(checkpointer, "_SHARE", math.inf)
    run = train_loop(set_up(small_spec(loop__epochs=10_000), RunFolder.create(small_spec(), tmp_path)))
    events: list[Event] = []
    event = next(run)
    with contextlib.suppress(StopIteration):
        while True:
            events.append(event)
            code = event.code if isinstance(event, Notice) else ""
            if isinstance(event, EpochEnded) and event.epochs_done == 1:
                monkeypatch.setattr(os, "fsync", raising(OSError(errno.ENOSPC, "No space left on device")))
            elif code == "save_failed":
                monkeypatch.setattr(os, "fsync", FSYNC)
            event = run.send(Stop() if code == "saved_again" else None)
    notices = [each for each in events if isinstance(each, Notice)]
    assert [each.code for each in notices] == ["save_failed", "saved_again"]
    assert re.search(
        r"The disk is full: .*\w+.safetensors needs \d+ kB, .* are free\. .*Training goes on;", notices[0].message
    )
    ended = events[-1]
    assert isinstance(ended, RunEnded) and ended.reason == "stopped" and not ended.not_kept
    assert len(read_steps_from(only_run(tmp_path))[1]) == ended.step
    assert not list(tmp_path.rglob("*.tmp"))


FSYNC = os.fsync


def raising(error: Exception) -> Callable[..., Any]:
    def fails(*_: object) -> None:
        raise error

    return fails


def test_a_save_that_fails_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails, fsync or either replacement: a whole checkpoint stays, it is a notice, and the next one works."""
    from workbench.engine.core import atomic_write

    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    assert run.folder is not None
    checkpoints = run.folder.path / "checkpoints"
    save_run(run.folder, run)
    real = {"fsync": os.fsync, "replace": os.replace}
    for name, nth in (("fsync", 1), ("replace", 1), ("replace", 2), ("replace", 3)):
        calls = itertools.count(1)

        def fails(*args: Any, name: str = name, nth: int = nth, calls: Any = calls) -> Any:
            if next(calls) == nth:
                raise OSError(errno.EIO, "Input/output error")
            return real[name](*args)

        monkeypatch.setattr(atomic_write.os, name, fails)
        run.steps.append(1.0, 0.5, 0.1, 1.0, 0.0)
        with pytest.raises(WorkbenchError, match="Input/output error"):
            save_run(run.folder, run)
        monkeypatch.setattr(atomic_write.os, name, real[name])
        whole = [f for f in (checkpoints / "last.pt", checkpoints / "previous.pt") if f.exists()]
        assert whole and all("network" in torch.load(f, weights_only=True) for f in whole)
    save_run(run.folder, run)
    assert len(read_steps_from(run.folder.path)[1]) == run.steps.count == 4


def test_steps_are_whole_after_a_disk_was_full(tmp_path: Path) -> None:
    """What was cut off is written again, not appended to."""
    run = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    assert run.folder is not None
    for n in range(3):
        run.steps.append(float(n), 0.5, 0.1, 1.0, 0.0)
        save_run(run.folder, run)
        with (run.folder.path / "steps.bin").open("ab") as file:
            file.write(b"torn" * n)
    save_run(run.folder, run)
    assert read_steps_from(run.folder.path)[1][:, 0].tolist() == [0.0, 1.0, 2.0]


def test_a_damaged_log_is_a_sentence(tmp_path: Path) -> None:
    folder = RunFolder.create(small_spec(), tmp_path)
    for damage in (b"{}", b"[1]", b'{"event": "Nothing"}', b"\xff\xfe", b'{"event": "Edited"}', b"nonsense"):
        (folder.path / "events.jsonl").write_bytes(damage + b"\n")
        with pytest.raises(WorkbenchError, match=r"events\.jsonl"):
            list(read_events(folder.path))


def test_two_runs_in_one_second_get_two_folders(tmp_path: Path) -> None:
    from datetime import datetime

    now = datetime(2026, 1, 1)
    first, second = (RunFolder.create(small_spec(), tmp_path, now) for _ in range(2))
    assert first.path != second.path


def headless(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench.engine", *arguments], cwd=cwd, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def _signals_put_back() -> Iterator[None]:
    """A headless run takes Ctrl-C for itself."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_put_back")
def test_headless_gives_the_same_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In this process, because importing torch takes seconds; tests/test_no_network.py sees that no Qt is asked for."""
    runs = tmp_path / "runs"
    save(small_spec(loop__threads=1), tmp_path / "spec.toml")
    assert main([str(tmp_path / "spec.toml"), "--set", "loop.epochs=2", "--runs", str(runs)]) == 0
    said = capsys.readouterr().out
    assert "epoch 2/2" in said and "Finished." in said
    mine = record(small_spec(loop__threads=1, loop__epochs=2))
    assert read_steps_from(only_run(runs))[1][:, :4].tobytes() == mine.steps.read(0)[1][:, :4].tobytes()


def test_headless_lists_every_error_and_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('[optimizer]\nkind = "sgd"\nlr = nan\n[loop]\nepochs = 1000000000000\nfoo = 1\n')
    result = headless(str(file), "--runs", str(tmp_path / "runs"))
    assert result.returncode == 2
    assert all(word in result.stderr for word in ("optimizer.lr", "loop.epochs", "loop.foo"))
    assert not (tmp_path / "runs").exists() and "Traceback" not in result.stderr


@pytest.mark.usefixtures("_signals_put_back")
def test_headless_sets_replays_and_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(small_spec(), tmp_path / "spec.toml")
    assert main([str(tmp_path / "spec.toml"), "--set", "loop.epochs=1", "--runs", str(tmp_path / "a")]) == 0
    assert "epoch 1/1" in capsys.readouterr().out
    assert main(["--replay", str(only_run(tmp_path / "a")), "--runs", str(tmp_path / "b")]) == 0
    first, again = (read_steps_from(only_run(tmp_path / name))[1][:, :4] for name in ("a", "b"))
    assert np.array_equal(first, again) and len(first) == record(small_spec(loop__epochs=1)).steps.count
    assert main([str(tmp_path / "spec.toml"), "--set", "loop.epochs=0", "--runs", str(tmp_path / "c")]) == 2
    assert "must be" in capsys.readouterr().err and not (tmp_path / "c").exists()
    assert main(["--settings"]) == 0
    page = capsys.readouterr().out
    assert "optimizer.lr: Learning rate" in page and "live" in page


def test_ctrl_c_saves_and_exits_0(tmp_path: Path) -> None:
    """EN-relative: an interrupted headless run is stopped, saved and says so."""
    import time

    save(small_spec(loop__epochs=100_000), tmp_path / "spec.toml")
    with subprocess.Popen(
        [sys.executable, "-m", "workbench.engine", str(tmp_path / "spec.toml"), "--runs", str(tmp_path / "runs")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("epoch 2"):
                break
        process.send_signal(signal.SIGINT)
        rest, deadline = process.stdout.read(), time.monotonic() + 60
        assert process.wait(deadline - time.monotonic()) == 0
    assert "Stopped after" in rest
    last = json.loads((only_run(tmp_path / "runs") / "events.jsonl").read_text().splitlines()[-1])
    assert last["event"] == "RunEnded" and last["reason"] == "stopped"


@pytest.mark.skipif(
    getattr(signal, "SIGHUP", None) is None or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN,
    reason="the system has no terminals that hang up, or these tests were told to outlive theirs",
)
def test_a_closed_terminal_saves_and_exits_0(tmp_path: Path) -> None:
    """EN11, EN12: its output leads nowhere from then on."""
    save(small_spec(loop__epochs=100_000), tmp_path / "spec.toml")
    with subprocess.Popen(
        [sys.executable, "-m", "workbench.engine", str(tmp_path / "spec.toml"), "--runs", str(tmp_path / "runs")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        next(line for line in process.stdout if line.startswith("epoch 2"))
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        assert process.stderr.read() == "" and process.wait(60) == 0
    *_, ended = read_events(only_run(tmp_path / "runs"))
    assert isinstance(ended, RunEnded) and ended.reason == "stopped"
    assert (only_run(tmp_path / "runs") / "last.safetensors").exists()


def test_a_start_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    from workbench.engine.core.drive import drive

    spec = small_spec(data__source={"kind": "folder", "folder": str(tmp_path / "gone")})
    folder = RunFolder.create(spec, tmp_path / "runs")
    ended = drive(train(spec, folder), lambda event: None, lambda event: None)
    assert ended.reason == "failed" and "gone" in ended.message
    assert not list((tmp_path / "runs").iterdir())


def test_a_replay_keeps_what_auto_meant(tmp_path: Path) -> None:
    run = record(small_spec(loop__epochs=1), folder=tmp_path)
    spec, _ = read_tape(only_run(tmp_path))
    assert (spec.loop.threads, spec.loop.device) == (run.events[0].threads, run.events[0].device)


def test_weight_decay_and_l2_together_deserve_a_word() -> None:
    spec = small_spec(optimizer={"kind": "sgd", "weight_decay": 1e-3})
    assert [p.path for p in spec.problems() if p.severity == "warning"] == ["optimizer.weight_decay"]


def test_the_manifest_names_what_is_on_the_disk_where_a_write_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(small_spec(), tmp_path)
    run = set_up(small_spec(), folder)
    save_run(folder, run)
    real = weight_files.write_whole

    def full(path: Path, data: bytes) -> None:
        if path.suffix == ".safetensors":
            raise CannotWrite(path, len(data), OSError(errno.ENOSPC, "full"))
        real(path, data)

    monkeypatch.setattr(weight_files, "write_whole", full)
    run.state.progress.step = 1
    with torch.no_grad():
        next(run.state.network.parameters()).add_(1)
    with pytest.raises(PartlySaved):
        save_run(folder, run)
    said = json.loads((folder.path / "checkpoints" / "manifest.json").read_bytes())
    for name in ("last.safetensors", "checkpoints/last.pt", "checkpoints/previous.pt"):
        path = folder.path / name
        assert said[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert folder.missing() == (folder.path / "last.safetensors",)
