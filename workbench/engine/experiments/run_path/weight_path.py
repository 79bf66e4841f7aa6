"""States of a network's parameters along a run, in bounded memory, and a run trained once more to collect them."""

from __future__ import annotations

import copy
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import load_file
from torch import nn

from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event, RunEnded, Stepped
from workbench.engine.core.progress import Job, Loading, translated
from workbench.engine.core.seal import is_intact
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted, grouped, size_text
from workbench.engine.data.loading import read
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.resumable import started_as
from workbench.engine.run_store.run_folder import read_tape
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import made
from workbench.engine.training.run_data import RunData, prepare_data

#: Maximum and minimum number of states of a path, and the maximum of their bytes.
MOST: Final = 64
_LEAST: Final = 8
BUDGET: Final = 1 << 30
#: Number of steps between two progress reports.
_SAYING: Final = 20

Floats = npt.NDArray[np.float32]


class WeightPath:
    """Collects the parameters of ``network``: all its floating-point parameters one after the other, float32 (P,).

    Each of the kept states is whole and exact. At first every step is kept; whenever there would be more than ``most``
    (fewer for a large network), every other one is left out and the distance between two is doubled. Raises
    WorkbenchError for a network of which eight states do not fit into the memory allowed.
    """

    def __init__(self, network: nn.Module, most: int = MOST) -> None:
        self._parameters = floats_of(network)
        self.size = sum(parameter.numel() for parameter in self._parameters)
        self._most = min(most, BUDGET // max(1, 4 * self.size))
        if self._most < min(_LEAST, most):
            takes = size_text(4 * self.size * _LEAST)
            words = f"The network has {grouped(self.size)} parameters: {_LEAST} states of it take {takes}, too much."
            raise WorkbenchError(words)
        self.steps: list[int] = []
        self.rows: list[Floats] = []
        self.every = 1

    def look(self, step: int) -> None:
        """Keep the parameters after ``step`` steps if it is their turn."""
        if step % self.every:
            return
        if len(self.steps) == self._most:
            self.every *= 2
            kept = [place for place, at in enumerate(self.steps) if at % self.every == 0]
            self.steps, self.rows = [self.steps[p] for p in kept], [self.rows[p] for p in kept]
            if step % self.every:
                return
        self._keep(step)

    def end(self, step: int) -> None:
        """Keep the parameters at the end, whether or not it is their turn. States that are not finite are left out."""
        if not self.steps or self.steps[-1] != step:
            self._keep(step)
        good = [place for place, row in enumerate(self.rows) if np.isfinite(row).all()]
        self.steps, self.rows = [self.steps[p] for p in good], [self.rows[p] for p in good]

    def _keep(self, step: int) -> None:
        row = np.empty(self.size, dtype=np.float32)
        at = 0
        with torch.no_grad():
            for parameter in self._parameters:
                row[at : at + parameter.numel()] = parameter.detach().float().cpu().reshape(-1).numpy()
                at += parameter.numel()
        self.steps.append(step)
        self.rows.append(row)


def floats_of(network: nn.Module) -> list[nn.Parameter]:
    """The floating-point parameters of a network, in the order of ``named_parameters``."""
    return [parameter for parameter in network.parameters() if parameter.is_floating_point()]


@dataclass(frozen=True, eq=False)
class Retraced:
    """A run that was trained once more. ``network`` is a copy of it as it ended, ``data`` that of the run.

    ``is_same``: its last weights are those of the kept run to the last bit; None if that has kept none to compare.
    """

    spec: ExperimentSpec
    network: nn.Module
    data: RunData
    path: WeightPath
    is_same: bool | None

    @property
    def proof(self) -> str:
        """A sentence that says whether the repeated run is the kept one."""
        if self.is_same is None:
            return "The run has kept no last weights to compare with."
        if self.is_same:
            return "Trained once more: it ended in the weights of the run, to the last bit."
        return "Trained once more: it ended in other weights than the run, which was trained elsewhere or otherwise."


def retraced(folder: Path, data: DataStore | None = None) -> Job[Retraced]:
    """Train the run in ``folder`` once more, with its settings and its live changes, and collect its path.

    Nothing is written, and a kept run is not touched. Of an ensemble or folds it is the first member. Raises
    WorkbenchError if the run cannot be repeated from its first step.
    """
    begun = started_as(folder)
    if begun is not None and begun.parent:
        parent = Path(begun.parent).name
        raise WorkbenchError(f"It branched off {parent}: only a run that began at its first step can be repeated.")
    spec, edits = read_tape(folder)
    dataset = yield from translated(read(spec, data or DataStore()), lambda each: Loading(0, 0, each.words))
    threads = torch.get_num_threads()
    try:
        training = made(spec, dataset, None, None, StepStore())
        path = WeightPath(training.first.network.module)
        total = spec.loop.epochs * training.first.batches.per_epoch
        yield from _driven(training.run(), Tape(edits), path, total)
    finally:
        torch.set_num_threads(threads)
    if len(path.rows) < 3:
        raise WorkbenchError(f"A path needs at least two steps; this run has {counted(len(path.rows) - 1, 'step')}.")
    device = training.first.where.device
    network = copy.deepcopy(training.first.network.module)
    return Retraced(spec, network, prepare_data(spec, device, dataset), path, _is_same(folder, network))


def _driven(run: Run, tape: Tape, path: WeightPath, total: int) -> Generator[Loading, None, None]:
    """Send the tape's edits to ``run`` until its end; raises WorkbenchError if it fails and does not just diverge."""
    path.look(0)
    event: Event = next(run)
    step = 0
    try:
        while not isinstance(event, RunEnded):
            if isinstance(event, Stepped):
                step = event.step
                path.look(step)
                if step % _SAYING == 0:
                    yield Loading(step, total, "Training the run once more")
            event = run.send(tape(event))
    finally:
        run.close()
    if event.reason == "failed" and event.code != "diverged":
        raise WorkbenchError(event.message)
    path.end(step)


def _is_same(folder: Path, network: nn.Module) -> bool | None:
    """Whether ``last.safetensors`` has the parameters of ``network``; None if it is missing or damaged."""
    own = folder / "last.safetensors"
    place = own if own.is_file() else folder / "member-1" / own.name
    if not place.is_file() or is_intact(place) is False:
        return None
    kept = load_file(place)
    named = [(name, each) for name, each in network.named_parameters() if each.is_floating_point()]
    if any(name not in kept for name, _ in named):
        return None
    return all(np.array_equal(kept[name], each.detach().cpu().numpy()) for name, each in named)
