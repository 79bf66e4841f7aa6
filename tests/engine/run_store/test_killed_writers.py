"""CK01: SIGKILL at a random moment of the write leaves a run that can be read, and that knows where it stood."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from workbench.engine.run_store.kept_state import KEPT, kept_state
from workbench.engine.run_store.log_cut import log_cut
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.run_store.tidy import tidy

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("writing_child.py")
STATES = 12
TRIALS = 100

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="Windows has no fork, by which this test makes the process that it kills"
)


def state(step: int, line: int) -> bytes:
    """A small state after ``step`` steps, of which each log line has ``line`` bytes: about 300 kB of numbers."""
    made = {
        "progress": {"step": step},
        "network": {"w": torch.full((75_000,), float(step))},
        KEPT: {"format": 2, "log": line},
    }
    buffer = io.BytesIO()
    torch.save(made, buffer)
    return buffer.getvalue()


def test_a_killed_writer_leaves_a_whole_run(tmp_path: Path) -> None:
    states, place = tmp_path / "states", tmp_path / "runs"
    states.mkdir()
    place.mkdir()
    position = 0
    for step in range(1, STATES + 1):
        head = f'{{"event": "Notice", "step": {step}, "code": "data_note", "message": "{"x" * 50}"}}\n'
        position += len(head)
        (states / f"{step}.pt").write_bytes(state(step, position))
    subprocess.run(
        [sys.executable, str(CHILD), str(states), str(place), str(TRIALS), "0"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=120,
    )  # fmt: skip
    runs = [place / str(trial) for trial in range(TRIALS)]
    found = [step_of(run) for run in runs if run.exists()]
    assert len(set(found)) > 3  # it was killed at many moments
    for run in runs:
        if (run / "checkpoints").is_dir():
            os.utime(run / "checkpoints", (0, 0))
            for path in (run / "checkpoints").glob("next.pt"):
                os.utime(path, (0, 0))
    before = {run: step_of(run) for run in runs if run.exists()}
    tidy(place)
    for run in sorted(before, reverse=True)[:50]:  # as many as are tidied
        assert step_of(run) == before[run] and not list(run.rglob("*.tmp"))


def step_of(run: Path) -> int:
    """The step of its newest state, which is whole, with all that belongs to it; 0 without one."""
    kept = kept_state(run)
    if kept is None:
        return 0
    assert kept.damaged == () and bool((kept.state["network"]["w"] == kept.step).all())
    cut, (first, rows) = log_cut(run, kept), read_steps_from(run)
    assert cut.trouble == "" and [getattr(event, "step", 0) for event in cut.events] == [*range(1, kept.step + 1)]
    assert first == 0 and rows[: kept.step, 0].tolist() == [*map(float, range(1, kept.step + 1))]
    return kept.step
