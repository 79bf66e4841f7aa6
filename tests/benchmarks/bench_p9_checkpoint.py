"""P9: what a checkpoint of 11 M parameters + Adam costs the training: its pause against torch.save + fsync."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import torch

from workbench.engine.core.progress import finished
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.saved_part import SavedRun
from workbench.engine.training.set_up import set_up, started

ROUNDS = 7
#: 64 · 2200 + 2200 · 2200 · 2 + 2200 · 512 + 512 · 10 weights and their biases: 11 million.
HIDDEN = [2200, 2200, 2200, 512]


def main() -> None:
    """Print the medians, and how much slower steps are while it is written in the background."""
    spec = (
        ExperimentSpec()
        .edited("model", {"kind": "mlp", "hidden": HIDDEN})
        .edited("optimizer", {"kind": "adam", "lr": 1e-4})
        .edited("loop.threads", 1)
    )
    with tempfile.TemporaryDirectory() as place:
        folder = RunFolder.create(spec, Path(place))
        run = set_up(spec, folder)
        folder.log(started(run))
        _report(run, Path(place))


def _report(run: RunContext, place: Path) -> None:
    for _ in range(3):
        _step(run)
    plain = [_timed(lambda: _step(run)) for _ in range(ROUNDS)]
    reference, pauses, writes, beside = [], [], [], []
    checkpointer = Checkpointer(SavedRun(run))
    for _ in range(ROUNDS):
        reference.append(_timed(lambda: _saved_plainly(run, place / "reference.pt")))
        _step(run)
        pauses.append(_timed(checkpointer._begin))
        while not checkpointer._writer.has_news:
            beside.append(_timed(lambda: _step(run)))
        ended = checkpointer._writer.wait()
        assert ended is not None and not ended.trouble and folder_has_it(run)
        writes.append(ended.seconds)
    size = (place / "reference.pt").stat().st_size
    print(f"P9 parameters                 {run.network.parameters / 1e6:8.1f} M, {size / 1e6:.0f} MB on disk")
    print(f"P9 torch.save + fsync         {1e3 * median(reference):8.1f} ms")
    print(f"P9 pause of the training      {1e3 * median(pauses):8.1f} ms")
    print(f"P9 written in the background  {1e3 * median(writes):8.1f} ms")
    print(f"P9 a step, and one beside it  {1e3 * median(plain):8.1f} ms, {1e3 * median(beside):.1f} ms")
    print(f"P9 ratio                      {median(pauses) / median(reference):8.2f}   target <= 0.2")


def folder_has_it(run: RunContext) -> bool:
    """Whether a state was written at all."""
    return run.folder is not None and run.folder.has_checkpoint


def _step(run: RunContext) -> None:
    rate, progress = run.rate, run.state.progress
    if progress.batch == run.batches.per_epoch:
        progress.close_epoch(is_measured=False)
        progress.begin_epoch(0.0)
    run.record(finished(run.step(run.batches.next(), rate)), rate)


def _saved_plainly(run: RunContext, path: Path) -> None:
    state = {"network": run.state.network.state_dict(), "optimizer": run.state.optimizer.state_dict()}
    with path.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())


def _timed(work: object) -> float:
    assert callable(work)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
