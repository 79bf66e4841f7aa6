"""What is saved of an ensemble: the state of all members in one piece, and the steps and weights of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.engine.run_store.kept_state import KEPT
from workbench.engine.run_store.run_copy import RunCopy
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.saved_part import SavedRun, about_now

if TYPE_CHECKING:
    from workbench.engine.ensemble.training import EnsembleTraining


class SavedEnsemble:
    """An ensemble as the checkpointer sees it (see ``SavedPart``)."""

    def __init__(self, training: EnsembleTraining) -> None:
        self._training = training

    @property
    def folder(self) -> RunFolder | None:
        return self._training.folder

    @property
    def channel(self) -> CommandChannel:
        return self._training.channel

    @property
    def step(self) -> int:
        return self._training.progress.step

    @property
    def best_step(self) -> int:
        return self._training.best_step

    @property
    def is_sane(self) -> bool:
        return self._training.is_sane

    def state(self, into: Any = None) -> dict[str, Any]:
        training = self._training
        about = {
            "data": training.first.data.fingerprint,
            "log": self.folder.position if self.folder is not None else 0,
            "members": [m.context.folder.position if m.context.folder is not None else 0 for m in training.members],
        }
        return training.state(into) | {KEPT: about_now(training.first) | about}

    def copy(self, state: Mapping[str, Any]) -> RunCopy:
        training = self._training
        members = [
            (member.context.folder, SavedRun(member.context).copy(each["training"]))
            for member, each in zip(training.members, state["members"], strict=True)
            if member.context.folder is not None
        ]
        return RunCopy(step=self.step, steps=training.mean.steps, state=state, members=tuple(members))
