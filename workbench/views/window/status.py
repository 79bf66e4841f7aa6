"""The status line: what the program is doing, on what data, and how much memory it uses."""

from __future__ import annotations

import psutil
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QLabel, QStatusBar

from workbench.bridge.pace import speed_words
from workbench.bridge.runner import State
from workbench.bridge.services import Services
from workbench.engine.core.events import Event, RunEnded, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped
from workbench.engine.report.data_summary import DataSummary
from workbench.views.widgets.elided_label import ElidedLabel
from workbench.views.window.proof_sign import ProofSign
from workbench.views.window.run_progress import arithmetic_of

#: Asking for the memory costs little, but it is a number nobody reads more often.
MEMORY_MS = 2000

_WORDS = {
    State.IDLE: "Ready",
    State.STARTING: "Starting: loading the data and building the model…",
    State.RUNNING: "Training",
    State.PAUSING: "Pausing…",
    State.PAUSED: "Paused: settings can be changed, F7 trains one batch",
    State.STOPPING: "Stopping…",
    State.FAILED: "The run failed",
}


class Status(QObject):
    """Writes into a window's status bar."""

    def __init__(self, bar: QStatusBar, services: Services) -> None:
        super().__init__(bar)
        self._services = services
        self._process = psutil.Process()
        self._data = ""
        self._shows_reading = False
        self._ended: RunEnded | None = None
        self._left, self._right = ElidedLabel(), QLabel()
        for label, name in ((self._left, "State"), (self._right, "Memory")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAccessibleName(name)
        self.proof = ProofSign(services.session)
        bar.addWidget(self._left, 1)
        bar.addPermanentWidget(self.proof)
        bar.addPermanentWidget(self._right)
        self._timer = QTimer(self)
        self._timer.setInterval(MEMORY_MS)
        self._timer.timeout.connect(self._write_memory)
        self._timer.start()
        services.previews.data_ready.connect(self._on_data)
        services.previews.failed.connect(self._on_failed)
        services.previews.reading.connect(self._on_reading)
        services.runner.state_changed.connect(self._on_state)
        services.runner.waiting_changed.connect(self._write)
        services.session.ended.connect(self._on_ended)
        services.session.failure_cleared.connect(self._on_failure_cleared)
        services.session.updated.connect(self._on_updated)
        services.checking.changed.connect(self._write)
        services.understanding.changed.connect(self._write)
        services.store.changed.connect(self._write)
        services.store.errors_changed.connect(self._write)
        services.store.reason_changed.connect(self._write)
        services.tasks.changed.connect(self._write)
        services.pace.changed.connect(self._write)
        services.run_desk.runs.changed.connect(self._write)
        self._write()
        self._write_memory()

    @property
    def text(self) -> str:
        """What the line says."""
        return self._left.text()

    @Slot()
    @Slot(object)
    def _write(self, _changed: object = None) -> None:
        store = self._services.store
        data = "" if store.asked or store.opening else self._data  # the data that would be measured is not chosen yet
        parts = self._state(), self._slowed(), self._doubt(), data, self._device()
        self._left.setText(" · ".join(part for part in parts if part))

    def _state(self) -> str:
        runner, loading = self._services.runner, self._services.torch_loading
        if runner.waiting_for:
            return f"{runner.state.value.capitalize()}: {runner.waiting_for}"
        if loading is not None and loading is self._services.tasks.current and not runner.is_active:
            return "PyTorch is loading… you can already set things up"
        if runner.state in (State.IDLE, State.FAILED):
            if opening := self._services.store.opening:
                return opening
            if asked := self._services.store.asked:
                return f"Training waits for an answer in the Data panel: {asked}"
            why_not = self._services.checking.why_not_train
            if why_not and self._services.session.failure is None:
                return f"Training cannot start like this: {why_not}"
            if self._ended is not None and not self._services.session.other_settings:
                return self._end_words(self._ended)
            return self._services.understanding.reading or _WORDS[State.IDLE]
        reading = self._services.session.history.loading
        self._shows_reading = reading is not None and runner.state in (State.STARTING, State.RUNNING)
        if reading is not None and self._shows_reading:
            return reading.words
        card = self._services.run_desk.worker.trains_card
        return _WORDS[runner.state] if card is None else f"{_WORDS[runner.state]} · card of the queue: {card.title}"

    def _slowed(self) -> str:
        """That a run goes slower than it could."""
        interval = self._services.runner.interval if self._services.runner.is_active else 0.0
        return f"slowed to {speed_words(round(1 / interval))}" if interval else ""

    def _doubt(self) -> str:
        """That the settings normalize the pictures otherwise than their weights want it."""
        store = self._services.store
        found = next((p for p in store.problems() if p.path == "model.normalization"), None)
        return store.named(str(found)) if found is not None else ""

    def _device(self) -> str:
        """What is to be known of the device, and of how the run computes."""
        started = self._services.session.history.started
        return " · ".join(filter(None, (started.device_note, arithmetic_of(started)))) if started is not None else ""

    @Slot(object)
    def _on_updated(self, events: list[Event]) -> None:
        if self._shows_reading or any(isinstance(event, RunStarted | Loading) for event in events):
            self._write()

    @Slot(object)
    def _on_data(self, summary: DataSummary) -> None:
        self._data = summary.sentence
        self._write()

    @Slot(object, object)
    def _on_reading(self, _fraction: float, words: str) -> None:
        self._data = words
        self._write()

    @Slot(str, str)
    def _on_failed(self, section: str, message: str) -> None:
        if section == "data":  # what was there before is not what would be trained on
            self._data = ""
            self._write()

    @Slot(object)
    def _on_state(self, state: State) -> None:
        if state not in (State.IDLE, State.FAILED):
            self._ended = None
        self._write()

    @Slot()
    def _on_failure_cleared(self) -> None:
        """What the last run failed for is no longer so."""
        self._ended = None
        self._write()

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        self._ended = ended
        self._write()

    def _end_words(self, ended: RunEnded) -> str:
        words, name = self._services.store.named(ended.message), self._services.run_desk.name_on_train_page
        return f"{name}: {words}" if name else words

    @Slot()
    def _write_memory(self) -> None:
        self._right.setText(f"{grouped(self._process.memory_info().rss / 1e6)} MB")
