"""The spec that the window shows: its run, and why Train is refused."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from PySide6.QtCore import QObject, Signal

from workbench.bridge.setting_names import name_settings
from workbench.bridge.settings_store import SettingsStore, differ
from workbench.bridge.spec_shape import same_owners
from workbench.engine.core.errors import Problem
from workbench.engine.spec.experiment import ExperimentSpec, live_paths


class SpecStore(SettingsStore[ExperimentSpec]):
    """The current experiment. Views read it and change it through this object only. Lives in the GUI thread.

    Train is refused while anything is wrong. While a run is active, ``running_spec`` holds that run's settings.
    """

    has_runs: ClassVar[bool] = True

    live_edit = Signal(str, object)  #: path and value of an edit that the active run must apply

    def __init__(self, spec: ExperimentSpec | None = None, parent: QObject | None = None) -> None:
        self._running: ExperimentSpec | None = None
        self._is_steered = True
        self._obstacle = ""
        self._doubts: tuple[Problem, ...] = ()
        self._opening = ""
        super().__init__(spec if spec is not None else ExperimentSpec(), parent)

    @property
    def running_spec(self) -> ExperimentSpec | None:
        """The active run's settings, including live edits; None if no run is active."""
        return self._running

    @property
    def is_steered(self) -> bool:
        """Whether a run is active that takes the form's edits of live settings."""
        return self._running is not None and self._is_steered

    def waits_for_next_run(self, path: str) -> bool:
        """Whether the active run has another value at ``path`` than the form. Of variants only kinds are compared."""
        if self._running is None or not self._is_steered or not same_owners(self._spec, self._running, path):
            return False  # where an owner differs, the owner's row shows it
        return differ(self._spec.at(path), self._running.at(path))

    def problems(self) -> tuple[Problem, ...]:
        """All problems: wrong text first, then doubts about the data, then the spec's errors and warnings."""
        outside = (Problem("", self._obstacle),) if self._obstacle else ()
        return (*outside, *self._typed_wrongly(), *self._doubts, *self._problems_of_spec())

    def set_obstacle(self, words: str) -> None:
        """Refuse Train for a reason outside of the settings, a sentence; empty if there is none any more."""
        if words != self._obstacle:
            self._obstacle = words
            self._emit_changes()

    def reason(self) -> str:
        """As in the base class; while data is being opened that alone, as the rest may be about the data before."""
        return self._opening or super().reason()

    @property
    def opening(self) -> str:
        """What is being opened, in a sentence: Train would train on what was chosen before. Empty if nothing."""
        return self._opening

    def set_opening(self, words: str) -> None:
        """Refuse Train while data is being opened, in a sentence; empty when it has ended."""
        if words != self._opening:
            self._opening = words
            self._emit_changes()

    def named(self, text: str) -> str:
        """A message of the engine with the settings' labels instead of their paths."""
        return name_settings(self._spec, text)

    @property
    def asked(self) -> str:
        """What the user has to answer of the data before anything is trained; empty if nothing."""
        return " ".join(problem.message for problem in self._doubts)

    def set_doubts(self, doubts: tuple[Problem, ...]) -> None:
        """Set the problems that were found in the data itself and that the user has to answer."""
        if doubts != self._doubts:
            self._doubts = doubts
            self.errors_changed.emit()
            self._emit_changes()

    def _prepared(self, new: ExperimentSpec) -> ExperimentSpec:
        """Title and note of a preset speak of its data: with another source they go, unless the user wrote them."""
        preset = self._reset_point
        if new.data.source.kind == self._spec.data.source.kind or (new.title, new.note) != (preset.title, preset.note):
            return new
        return new.edited("title", "").edited("note", "")

    def edit_running(self, path: str, value: Any) -> None:
        """Change a live setting of the active run, and of the form if it has the same field. Raises SpecError.

        A form that has other settings for the next run (another optimizer) is not changed.
        """
        if self._running is None:
            return
        if self._is_steered and same_owners(self._spec, self._running, path):
            self.edit(path, value)
        if self._running.at(path) != value:
            self._running = self._running.edited(path, value)
            self.live_edit.emit(path, value)
            self.marks_changed.emit()

    def set_running(self, spec: ExperimentSpec | None, is_steered: bool = True) -> None:
        """Set the spec that the active run was started with; None when the run has ended.

        Unless ``is_steered`` the form has nothing to do with the run: edits of it do not reach the run.
        """
        self._running, self._is_steered = spec, is_steered
        self.marks_changed.emit()

    def set_run_back(self, running: ExperimentSpec) -> None:
        """The active run has gone back to where it had these settings. So does the form, where it showed the run's."""
        before, new = self._running or running, self._spec
        for path in live_paths(new) if self._is_steered else ():
            if same_owners(before, new, path) and same_owners(running, new, path) and before.at(path) == new.at(path):
                new = new.edited(path, running.at(path))
        self._running = running
        if new != self._spec:
            self._record()
            self._merge_path = None
            self._move_to(new, live=False)
        self.marks_changed.emit()

    def _announce(self, old: ExperimentSpec, new: ExperimentSpec, live: bool) -> None:
        edits = self._apply_live(old, new) if live else []
        super()._announce(old, new, live)
        for path, value in edits:
            self.live_edit.emit(path, value)

    def _apply_live(self, old: ExperimentSpec, new: ExperimentSpec) -> list[tuple[str, Any]]:
        """The live edits between two specs, applied to ``running_spec`` as well.

        A field belongs to the run only if all its owners are of the same kind: not the rate of another optimizer.
        """
        edits: list[tuple[str, Any]] = []
        for path in live_paths(new) if self._running is not None and self._is_steered else ():
            if same_owners(old, new, path) and old.at(path) != new.at(path) and same_owners(self._running, new, path):
                self._running = cast(ExperimentSpec, self._running).edited(path, new.at(path))
                edits.append((path, new.at(path)))
        return edits
