"""Real runs, each killed by its parent at a random moment and gone on with; started as a program that loads torch once.

``python killed_child.py SPEC PLACE TRIALS SEED`` prints a line for each trial: its step when it went on, and its proof.
The parent never computes with torch, so that its children may.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from workbench.engine.core.drive import drive
from workbench.engine.core.events import Event, Resumed
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.toml import load
from workbench.engine.train import train
from workbench.engine.training import checkpointer


def begin(spec: Path, place: Path) -> None:
    """Train into a new folder."""
    settings = load(spec)
    drive(train(settings, RunFolder.create(settings, place)), lambda event: None, lambda event: None)


def go_on(path: Path) -> None:
    """Train to the end."""

    def say(event: Event) -> None:
        if isinstance(event, Resumed):
            print(f"{path.parent.name} {event.step} {event.proof}", flush=True)

    settings, folder, start = reopened(path)
    ended = drive(train(settings, folder, start=start), lambda event: None, say)
    if ended.reason != "completed":
        print(f"{path.parent.name} {ended.reason}: {ended.message}", flush=True)


def in_child(work: object) -> int:
    """The process that does ``work``."""
    child = os.fork()
    if not child:
        try:
            assert callable(work)
            work()
        finally:
            sys.stdout.flush()
            os._exit(0)
    return child


def main() -> None:
    """Kill every run twice: as it begins, and as it goes on; then let it end."""
    spec, place, trials, rng = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), random.Random(int(sys.argv[4]))
    checkpointer.SAVE_EVERY = checkpointer.SAVE_WITHIN = 0.02
    assert torch.get_num_threads() >= 1
    for trial in range(trials):
        runs = place / str(trial)
        killed(in_child(lambda runs=runs: begin(spec, runs)), rng.uniform(0.05, 1.5))
        for path in list(runs.iterdir()) if runs.is_dir() else []:
            if (path / "spec.toml").is_file():
                killed(in_child(lambda path=path: go_on(path)), rng.uniform(0.05, 1.5))
                os.waitpid(in_child(lambda path=path: go_on(path)), 0)


def killed(child: int, after: float) -> None:
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
