"""What commands do to one run: a live setting changes between two steps, or the state is copied."""

from __future__ import annotations

from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Copied, Copy, Edit, Edited, Event, Looked
from workbench.engine.spec.experiment import live_paths, plain
from workbench.engine.training.network import Network
from workbench.engine.training.state import Progress, TrainState


class LiveEdits:
    """The command target of one run (see ``CommandTarget``): changes its spec, optimizer, layers and callbacks."""

    def __init__(self, state: TrainState, network: Network) -> None:
        self._state, self._network = state, network
        #: All that were made, in order.
        self.made: list[Edited] = []

    @property
    def progress(self) -> Progress:
        """The run's numbers."""
        return self._state.progress

    def refusal(self, edit: Edit) -> str:
        """Why the run cannot take ``edit`` now, as a sentence; empty if it can."""
        spec = self._state.spec
        if edit.path not in live_paths(spec):
            return f"{edit.path} cannot change during a run; it takes effect in the next one."
        try:
            edited = spec.edited(edit.path, edit.value)
        except SpecError as error:
            return str(error)
        return self._network.reuse.refusal(edited, self.progress.epoch)

    def apply(self, edit: Edit) -> Edited:
        """Change the setting for the next step on."""
        state, old = self._state, self._state.spec.at(edit.path)
        state.spec = edited = state.spec.edited(edit.path, edit.value)
        edited.optimizer.tune(state.optimizer)
        self._network.tune(edited)
        self._network.reuse.apply(state)
        for callback in state.callbacks:
            callback.edited(edited)
        step, is_measured = self.progress.step, self.progress.measured_step == self.progress.step
        self.made.append(Edited(step, edit.path, plain(old), plain(edited.at(edit.path)), is_measured))
        return self.made[-1]

    def copy(self, copy: Copy) -> Copied:
        """Give ``copy.take`` a deep copy of the state."""
        copy.take(self._state.state())
        return Copied(self.progress.step)

    def look(self) -> Event:
        """The last step that was done, or Looked."""
        return self._state.look() or Looked(self.progress.step)
