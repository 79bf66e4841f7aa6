"""Two processes that train run after run, and what to compare with one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tests.engine.helpers import Recorder, nothing
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, EpochEnded, Event, RunEnded
from workbench.engine.core.progress import finished
from workbench.engine.core.step_store import Floats
from workbench.engine.data.store import DataStore
from workbench.engine.distributed.joining import GroupOfRun, belong_to, started
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Start
from workbench.engine.spec.experiment import ExperimentSpec, LoopSpec
from workbench.engine.train import train

#: Sums are formed in another order, so losses and weights differ by rounding.
WITHIN = 1e-5
_DATA = DataStore()


@dataclass
class Trained:
    """A run that has ended: its log, its folder and its state."""

    recorder: Recorder
    folder: Path

    @property
    def ended(self) -> RunEnded:
        return self.recorder.of(RunEnded)[0]

    @property
    def steps(self) -> Floats:
        """Loss, accuracy, rate and gradient norm of each step."""
        return self.recorder.steps.read(0)[1][:, :4]

    @property
    def network(self) -> dict[str, torch.Tensor]:
        kept = kept_state(self.folder)
        assert kept is not None
        return dict(kept.state["network"])


@contextmanager
def two_processes() -> Iterator[GroupOfRun]:
    """This process and another one, which is started once for all runs within it."""
    made = finished(started(LoopSpec(processes=2, device="cpu")))
    belong_to(made.group)
    try:
        yield made
    finally:
        belong_to(None)
        made.close()


def trained(
    spec: ExperimentSpec,
    place: Path,
    processes: int = 1,
    commands: Callable[[Event], Command | None] = nothing,
    start: tuple[RunFolder, Start] | None = None,
) -> Trained:
    """Train ``spec`` to its end by ``processes`` processes, in a folder below ``place``."""
    spec = spec.edited("loop.processes", processes).edited("loop.device", "cpu").edited("loop.threads", 1)
    folder, begin = start if start is not None else (RunFolder.create(spec, place), None)
    recorder = Recorder()
    drive(train(spec, folder, recorder.steps, _DATA, begin), commands, recorder.events.append)
    return Trained(recorder, folder.path)


def differences(one: Trained, two: Trained) -> list[str]:
    """What differs by more than rounding: steps, evaluations, weights and buffers, the end; empty if nothing."""
    found = []
    if one.ended.reason != two.ended.reason or one.steps.shape != two.steps.shape:
        return [f"ends: {one.ended.message} / {two.ended.message} {two.ended.details}"]
    for name, column in (("loss", 0), ("accuracy", 1), ("rate", 2)):
        off = float(np.abs(one.steps[:, column] - two.steps[:, column]).max())
        found += [f"{name} of steps: {off}"] if off > WITHIN else []
    others = {each.step: each for each in two.recorder.of(EpochEnded)}  # not those of before it went on
    assert others
    for mine in (each for each in one.recorder.of(EpochEnded) if each.step in others):
        other = others[mine.step]
        for part in ("train_eval", "val"):
            a, b = getattr(mine, part), getattr(other, part)
            if a is not None and (abs(a.loss - b.loss) > WITHIN or a.n != b.n):
                found.append(f"{part} loss after {mine.step} steps: {a.loss} / {b.loss}")
        if set(mine.averages) != set(other.averages):
            found.append(f"averages: {set(mine.averages)} / {set(other.averages)}")
    weights = two.network
    for name, weight in one.network.items():
        off = float((weight.double() - weights[name].double()).abs().max())
        if off > WITHIN * max(1.0, float(weight.double().abs().max())):
            found.append(f"{name}: {off}")
    return found
