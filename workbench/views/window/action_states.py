"""Which actions are possible now, and what their tooltips say where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from workbench.bridge.runner import State
from workbench.bridge.services import Services
from workbench.engine.core.text import counted, short
from workbench.views.window.actions import ENTRIES, Entry
from workbench.views.window.undo_target import UndoTarget

_STEPS: Final = (State.STARTING, State.RUNNING, State.PAUSED, State.PAUSING)
_ENTRIES: Final = {entry.name: entry for entry in ENTRIES}


class ActionStates(QObject):
    """Enables and disables ``actions`` as settings, run and data change."""

    def __init__(
        self, services: Services, actions: Mapping[str, QAction], undoing: UndoTarget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._services, self._actions, self._undoing = services, actions, undoing
        store, checking, previews = services.store, services.checking, services.previews
        for changed in (
            store.reason_changed,
            undoing.changed,
            services.runner.state_changed,
            services.runner.waiting_changed,
            store.marks_changed,
            services.decay_now.changed,
            services.steps_back.changed,
        ):
            changed.connect(self._on_changed)
        for changed in (previews.failed, previews.data_ready, checking.changed, store.changed):
            changed.connect(self._on_data)
        services.session.ghost_changed.connect(self._on_ghost)
        services.session.noticed.connect(self._on_changed)
        actions["clear_ghost"].setEnabled(False)
        self._on_changed()

    @Slot()
    @Slot(object)
    def _on_changed(self, _news: object = None) -> None:
        self._enable("undo", self._undoing.store.can_undo)
        self._enable("redo", self._undoing.store.can_redo)
        self._enable_running()
        self._explain_data()
        self._enable_steering()
        has_run = bool(self._services.session.folder)
        self._enable("show_run", has_run)
        active = self._services.runner.is_active
        self._enable("path", has_run and not active, "A run is still training." if active else "There is no run yet.")
        is_over = has_run and not active
        self._enable("scene", is_over, "A run can be a scene when it has ended." if has_run else "There is no run yet.")
        self._enable("fork", has_run, "There is no run yet in this window; the Runs page has the kept ones.")

    def _enable_running(self) -> None:
        runner, reason = self._services.runner, self._services.store.reason()
        state, active = runner.state, runner.is_active
        self._enable("train", not reason and not active, reason or ("A run is still training." if active else ""))
        job = self._services.session.job_words.partition(",")[0].lower()
        why_no_restart = f"A {job} is on: stop it first." if job else reason
        self._enable("restart", active and not why_no_restart and state is not State.STOPPING, why_no_restart)
        why_not_on = self._services.session.why_not_on
        self._enable("pause", state in _STEPS and not why_not_on, why_not_on)
        can_step = not why_not_on and (state in _STEPS or not (active or reason))
        self._enable("step", can_step, why_not_on or reason)
        self._enable_step_back()
        self._enable("stop", active and state is not State.STOPPING, runner.waiting_for)

    def _enable_step_back(self) -> None:
        back = self._services.steps_back
        self._enable("step_back", not back.why_not, back.why_not)
        self._actions["step_back"].setText(f"Step &back: {counted(back.steps, 'step')}")
        self._actions["step_back"].setIconText("Back")

    def _enable_steering(self) -> None:
        decay_now = self._services.decay_now
        self._enable("decay", decay_now.can_decay, "Lowers the learning rate of a run; there is none now.")
        self._actions["decay"].setText(f"&Decay here: rate × {short(decay_now.factor)}")
        self._actions["decay"].setIconText("Decay")
        self._enable("save_schedule", not decay_now.why_not_save, decay_now.why_not_save)

    @Slot(object, str)
    def _on_ghost(self, history: object, title: str) -> None:
        self._actions["clear_ghost"].setEnabled(history is not None)

    @Slot(object)
    @Slot(str, str)
    @Slot()
    def _on_data(self, _news: object = None, _words: str = "") -> None:
        self._explain_data()

    def _explain_data(self) -> None:
        """Train stays possible where only the data is at fault: it reads the files again, which may have been fixed."""
        action, why_not = self._actions["train"], self._services.checking.why_not_train
        if not action.isEnabled():
            return
        entry = _ENTRIES["train"]
        again = f"Training cannot start like this: {why_not}\nTrain reads the data again{_key(entry)}."
        action.setToolTip(again if why_not else entry.help + _key(entry))

    def _enable(self, name: str, possible: bool, why_not: str = "") -> None:
        action, entry = self._actions[name], _ENTRIES[name]
        action.setEnabled(possible)
        action.setToolTip(why_not if why_not and not possible else entry.help + _key(entry))


def _key(entry: Entry) -> str:
    return f" ({entry.keys[0]})" if entry.keys else ""
