"""One run or several that are one, as the start of a run sees it: made, restored, set going."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from workbench.engine.core.drive import Run
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.forking import adapted
from workbench.engine.training.misfit import refuse_misfit
from workbench.engine.training.on_test import LoadTest
from workbench.engine.training.run_context import Origin, RunContext


class Trainable(Protocol):
    """What goes on from a state, and gives one."""

    @property
    def origin(self) -> Origin:
        """Where it begins."""

    @property
    def first(self) -> RunContext:
        """The run, or the first of several: their machine and their data are the same."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to train."""

    def run(self) -> Run:
        """Its events from wherever its state is."""

    def state(self) -> dict[str, Any]:
        """A copy of everything as plain data and tensors."""

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put back what ``state`` gave. Raises WorkbenchError if it is of other networks."""

    def branch_off(self, saved: Mapping[str, Any]) -> list[str]:
        """As ``restore``, with the settings that it was made with; returns sentences about what was begun anew."""


#: Makes one for a folder, whose steps go into a store.
Make = Callable[[RunFolder | None, StepStore], Trainable]


class SingleTraining:
    """A run of one network as a ``Trainable``; ``loop`` is the loop that trains it."""

    def __init__(
        self, loop: Callable[[RunContext, LoadTest | None], Run], run: RunContext, load_test: LoadTest | None
    ) -> None:
        self._loop, self.first, self._load_test = loop, run, load_test

    @property
    def origin(self) -> Origin:
        return self.first.origin

    @property
    def is_complete(self) -> bool:
        return self.first.is_complete

    def run(self) -> Run:
        return self._loop(self.first, self._load_test)

    def state(self) -> dict[str, Any]:
        return self.first.state.state()

    def restore(self, saved: Mapping[str, Any]) -> None:
        refuse_misfit(self.first, saved)
        self.first.state.restore(dict(saved))

    def branch_off(self, saved: Mapping[str, Any]) -> list[str]:
        refuse_misfit(self.first, saved)
        state, words = adapted(saved, self.first)
        self.first.state.restore(state)
        self.first.state.spec.optimizer.tune(self.first.state.optimizer)
        return words
