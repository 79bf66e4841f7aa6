"""What a checkpointer saves: one network, or several that are trained together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

import torch

import workbench
from workbench.engine.run_store.kept_state import FORMAT, KEPT
from workbench.engine.run_store.run_copy import RunCopy
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.divergence import has_diverged
from workbench.engine.training.evaluate import EVALUATION
from workbench.engine.training.run_context import RunContext


class SavedPart(Protocol):
    """What the checkpointer asks of it, in the training thread."""

    @property
    def folder(self) -> RunFolder | None:
        """Where it is kept."""

    @property
    def channel(self) -> CommandChannel:
        """To which notices go."""

    @property
    def step(self) -> int:
        """The finished steps."""

    @property
    def best_step(self) -> int:
        """The step of the best evaluation, −1 before it."""

    @property
    def is_sane(self) -> bool:
        """Whether it has not diverged, as far as is known."""

    def state(self, into: Any = None) -> dict[str, Any]:
        """A copy of everything; ``into`` is an earlier one whose memory is used again."""

    def copy(self, state: Mapping[str, Any]) -> RunCopy:
        """What is written, with ``state``, a copy of now, in it."""


class SavedRun:
    """A run of one network."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    @property
    def folder(self) -> RunFolder | None:
        return self._run.folder

    @property
    def channel(self) -> CommandChannel:
        return self._run.channel

    @property
    def step(self) -> int:
        return self._run.state.progress.step

    @property
    def best_step(self) -> int:
        return self._run.state.progress.best_step

    @property
    def is_sane(self) -> bool:
        return not has_diverged(self._run)

    def state(self, into: Any = None) -> dict[str, Any]:
        run = self._run
        return with_about(run, run.state.state(into), self.folder.position if self.folder is not None else 0)

    def copy(self, state: Mapping[str, Any]) -> RunCopy:
        run = self._run
        return RunCopy(
            step=self.step,
            steps=run.steps,
            state=None if run.state.is_torn or (self.folder is not None and self.folder.is_member) else state,
            weights=weights_of(run, state),
            standardizer=run.data.examples.standardizer,
        )


def with_about(run: RunContext, state: dict[str, Any], position: int) -> dict[str, Any]:
    """``state``, a copy of that of ``run`` when its log had ``position`` bytes, as it is written."""
    return state | {KEPT: about_now(run) | {"data": run.data.fingerprint, "log": position}}


def about_now(run: RunContext) -> dict[str, Any]:
    """What a state says of the program and the machine (see ``KeptState.about``)."""
    return {
        "format": FORMAT,
        "program": workbench.__version__,
        "torch": str(torch.__version__),
        "threads": run.where.threads,
        "device": run.where.device,
        "precision": run.network.arithmetic.precision,
        "memory_format": run.network.arithmetic.memory_format,
        "processes": run.spec.loop.processes,
        "evaluation": EVALUATION,
        "process": os.getpid(),
    }


def weights_of(run: RunContext, state: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The weights of ``run`` in the copy ``state``, by the name of their file."""
    named: dict[str, Mapping[str, Any]] = {"best": run.state.best_weights}
    if not run.state.is_torn:
        named["last"] = state["network"]
    for average in run.averages:
        if average.begun:
            named[f"average-{average.kind}"] = dict(state["companions"][average.name]["weights"])
    return named | {f"snapshot-{number}": each for number, each in enumerate(run.snapshots.weights, 1)}
