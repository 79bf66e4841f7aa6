"""Processes of a run: start, commands, signals, kills, and going on with another number of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.distributed.together import WITHIN, Trained, differences, trained, two_processes
from tests.engine.helpers import small_spec
from workbench.engine.core.events import Command, Event, Resumed, Stepped
from workbench.engine.distributed import joining
from workbench.engine.distributed.workers import Workers
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save

ROOT = Path(__file__).parents[3]
#: Each test starts processes that import torch, which may take long beside other tests.
pytestmark = pytest.mark.timeout(300)


def spec_of(**edits: Any) -> ExperimentSpec:
    base = {"data__examples_per_class": 10, "loop__batch_size": 29, "loop__epochs": 4}
    return small_spec(**{**base, "optimizer": {"kind": "momentum", "lr": 0.02}, **edits})


def gone_on(run: Trained, epochs: int, processes: int) -> Trained:
    """``run``, which has ended, trained until it has ``epochs`` epochs by ``processes`` processes."""
    spec, folder, start = reopened(run.folder, [("loop.epochs", epochs), ("loop.processes", processes)])
    return trained(spec, run.folder.parent, processes, start=(folder, start))


def files_of(run: Trained) -> list[Path]:
    return sorted(each.relative_to(run.folder) for each in run.folder.rglob("*"))


def test_any_number_of_processes_goes_on_with_a_run(tmp_path: Path) -> None:
    whole = trained(spec_of(), tmp_path / "whole")
    by_one = trained(spec_of(loop__epochs=2), tmp_path / "one")
    with two_processes():
        by_two = trained(spec_of(loop__epochs=2), tmp_path / "two", processes=2)
        assert files_of(by_one) == files_of(by_two)
        by_one = gone_on(by_one, 4, processes=2)
        assert differences(whole, by_one) == []
        assert said_at_resume(by_one).startswith(
            "The run goes on after 8 steps. Trained again, the loss of step 1 is the same"
        )
        assert "With another number of processes (2, was 1) the last bits may differ" in said_at_resume(by_one)
    by_two = gone_on(by_two, 4, processes=1)
    assert differences(whole, by_two) == []
    assert "No batch is compared: several processes have trained" in said_at_resume(by_two)


def said_at_resume(run: Trained) -> str:
    return str(run.recorder.of(Resumed)[0].words)


def at_step(step: int, act: Callable[[], object]) -> Callable[[Event], Command | None]:
    """Calls ``act`` once the run has made ``step`` steps."""

    def commands(event: Event) -> Command | None:
        if isinstance(event, Stepped) and event.step == step:
            act()
        return None

    return commands


def test_a_killed_process_ends_the_run_which_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Workers] = []

    class Noted(Workers):
        def __init__(self, size: int, port: int) -> None:
            super().__init__(size, port)
            made.append(self)

    monkeypatch.setattr(joining, "Workers", Noted)
    kill = at_step(6, lambda: os.kill(made[0].numbers[0], signal.SIGKILL))
    killed = trained(spec_of(), tmp_path, processes=2, commands=kill)
    assert killed.ended.reason == "failed"
    assert killed.ended.code == "process_lost"
    assert "Process 2 of 2 has ended (code -9)" in killed.ended.message
    assert killed.ended.step == 6
    monkeypatch.undo()
    whole = trained(spec_of(), tmp_path / "whole")
    assert differences(whole, gone_on(killed, 4, processes=1)) == []


FAULT = """
from workbench.engine.training.shared_step import SharedStep

own_share = SharedStep._own_share
def broken(self, indices):
    if self._state.progress.step == 3:
        raise {error}
    return own_share(self, indices)
SharedStep._own_share = broken
"""


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        ("RuntimeError('the processor is too hot')", "Process 2 of 2 has failed: Training stopped because of an unex"
         "pected error: the processor is too hot. What was trained is kept", "process_lost"),
        ("MemoryError()", "Out of memory at step 4: 29 examples at a time do not fit. In 2 parts", "out_of_memory"),
    ],
)  # fmt: skip
def test_what_goes_wrong_in_another_process_is_said_by_the_first(
    error: str, said: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAULT.format(error=error))  # for processes that start from now on
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ended = trained(spec_of(), tmp_path, processes=2).ended
    assert ended.reason == "failed"
    assert ended.message.startswith(said)
    assert (ended.code, ended.step) == (code, 3)


@pytest.mark.skipif(
    sys.platform == "win32", reason="the program refuses several processes on Windows (NCCL exists for Linux only)"
)
def test_torchrun_is_stopped_by_ctrl_c_and_one_process_goes_on(tmp_path: Path) -> None:
    spec = spec_of(loop__epochs=4000, loop__threads=1, loop__device="cpu")
    save(spec, tmp_path / "spec.toml")
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "workbench.engine"]
    with subprocess.Popen(
        [*command, str(tmp_path / "spec.toml"), "--runs", str(tmp_path / "runs")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("epoch 2/"):
                process.send_signal(signal.SIGINT)
        process.wait()
    assert any(line.startswith("Stopped after ") for line in said), said
    (run,) = (tmp_path / "runs").iterdir()
    first, rows = read_steps_from(run)
    epochs = -(-len(rows) // 4)
    spec, folder, start = reopened(run, [("loop.epochs", epochs), ("loop.processes", 1)])
    ended = trained(spec, tmp_path, start=(folder, start))
    whole = trained(spec_of(loop__epochs=epochs), tmp_path / "whole")
    assert ended.ended.reason == "completed"
    assert np.abs(ended.steps[:, 0] - whole.steps[:, 0]).max() < WITHIN
    assert first == 0
