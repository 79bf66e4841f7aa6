"""The run bar: Train, Pause, One batch, Stop, and how far the run is. Nothing in it moves when a run starts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QProgressBar, QSizePolicy, QToolBar, QToolButton, QWidget

from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.engine.core.events import EvalProgress, Event
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import abbreviated, duration, grouped
from workbench.views.widgets.icons import icon

#: How often the numbers are written; four times a second can be read.
REFRESH_MS = 250
#: Images a second are measured over this much training time, so that the number does not jump.
RATE_SECONDS = 1.0


class RunBar(QToolBar):
    """Shows the session's run; the actions belong to the window."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Run bar", parent)
        self.setObjectName("run_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._session = session
        self._actions = actions
        self._evaluating: EvalProgress | None = None
        self._label_actions: dict[str, QAction] = {}
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in ("train", "pause", "step", "stop", "restart", "decay"):
            self.addAction(actions[name])
        self.addSeparator()
        self._epoch = self._label("Epoch", "Epoch 000 of 000")
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress of the run")
        self._bar.setTextVisible(True)
        self._bar.setMinimumWidth(60)
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self._bar)
        self._speed = self._label("Speed", "000 k img/s")
        self._elapsed = self._label("Elapsed training time", "0:00:00")
        self._left = self._label("Time left", "ETA 0:00:00")
        self._device = self._label("Device", "CPU · 00 threads")
        self._optional = [self._label_actions["Elapsed training time"], self._label_actions["Speed"]]
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        session.runner.state_changed.connect(self._on_state)
        session.updated.connect(self._on_events)
        session.began.connect(self._on_began)
        self._fit()
        self._tint()
        self.refresh()

    def add_menu(self, name: str, menu: QMenu) -> None:
        """Let the button of an action open ``menu`` at its side."""
        button = self.widgetForAction(self._actions[name])
        if isinstance(button, QToolButton):
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def _label(self, name: str, widest: str) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAccessibleName(name)
        label.setToolTip(name)
        label.setProperty("widest", widest)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label_actions[name] = self.addWidget(label)
        return label

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_timer"):
            self._fit()
            self._tint()
            self._leave_out()

    def _fit(self) -> None:
        """Widths for the widest text, so that changing numbers move nothing; Pause as wide as Resume."""
        for label in (self._epoch, self._speed, self._elapsed, self._left, self._device):
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(str(label.property("widest"))) + 8)
        button = self.widgetForAction(self._actions["pause"])
        if button is not None:
            shown, widths = self._actions["pause"].text(), []
            for text in ("&Pause", "&Resume"):
                self._actions["pause"].setText(text)
                widths.append(button.sizeHint().width())
            self._actions["pause"].setText(shown)
            button.setFixedWidth(max(widths))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        """Where not everything has room, the speed and then the elapsed time go, then Decay's word; the rest stays."""
        decay = self.widgetForAction(self._actions["decay"])
        spare = 3 * self.fontMetrics().height()
        if isinstance(decay, QToolButton):
            decay.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            if self._needed() + spare > self.width():
                decay.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        needed = self._needed()
        for action in self._optional:
            width = self.widgetForAction(action).minimumWidth()
            action.setVisible(needed + width + 3 * self.fontMetrics().height() <= self.width())
            needed += width

    def _needed(self) -> int:
        """The width of everything that stays."""
        return sum(self.widgetForAction(a).sizeHint().width() for a in self.actions() if a not in self._optional)

    def _tint(self) -> None:
        size = round(self.fontMetrics().height() * 1.1)
        self.setIconSize(self.iconSize().scaled(size, size, Qt.AspectRatioMode.IgnoreAspectRatio))
        for name in ("train", "step", "stop", "restart", "decay"):
            self._actions[name].setIcon(icon(name, self.palette()))
        self._show_pause()

    def _show_pause(self) -> None:
        held = self._session.runner.state in (State.PAUSED, State.PAUSING)
        self._actions["pause"].setText("&Resume" if held else "&Pause")
        self._actions["pause"].setIcon(icon("resume" if held else "pause", self.palette()))

    @Slot(object)
    def _on_state(self, state: State) -> None:
        self._show_pause()
        live = state in (State.STARTING, State.RUNNING, State.PAUSING, State.STOPPING)
        if live and not self._timer.isActive():
            self._timer.start()
        elif not live:
            self._timer.stop()
        self.refresh()

    @Slot(object)
    def _on_began(self, history: object) -> None:
        self._evaluating = None
        self.refresh()

    @Slot(object)
    def _on_events(self, events: list[Event]) -> None:
        for event in events:
            self._evaluating = event if isinstance(event, EvalProgress) else None
        if not self._timer.isActive():
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Write the numbers of this moment."""
        history = self._session.history
        started = history.started
        if started is None:
            starting = self._session.is_active
            if starting and history.loading is not None:
                self._write_loading(history.loading)
                return
            self._write("Starting…" if starting else "No run yet", 0, "", "", "", "")
            self._bar.setRange(0, 0 if starting else 1)
            return
        running = self._session.store.running_spec
        spec = running or self._session.trained
        epochs = spec.loop.epochs if spec else 1
        if history.ended is not None and not running:
            epochs = max(1, history.ended.epochs_done, -(-history.ended.step // started.steps_per_epoch))
        steps = history.steps.count
        total = max(1, epochs * started.steps_per_epoch)
        seconds, speed = self._speed_now()
        epoch = min(epochs, steps // started.steps_per_epoch + 1) if running else epochs
        self._bar.setRange(0, total)
        left = seconds / steps * (total - steps) if steps and running else 0.0
        self._write(
            f"Epoch {epoch} of {epochs}",
            min(steps, total),
            f"{abbreviated(speed)} img/s" if speed else "",
            duration(seconds),
            f"ETA {duration(left)}" if running and steps else "",
            f"{started.device.upper()} · {started.threads} thread{'s' if started.threads > 1 else ''}",
        )

    def _write_loading(self, loading: Loading) -> None:
        """The data is read before the run starts; without a count the bar only moves."""
        self._bar.setRange(0, loading.total)
        self._write("Reading…", loading.done, "", "", "", "")
        if self._session.runner.state is State.STARTING:
            self._bar.setFormat(f"{grouped(loading.done)} of {grouped(loading.total)} files" if loading.total else "")

    def _speed_now(self) -> tuple[float, float]:
        """Training seconds so far, and examples a second over the last moments."""
        history = self._session.history
        last = history.steps.count
        if not last or history.started is None:
            return 0.0, 0.0
        rows = history.steps.read(max(0, last - 512))[1]
        seconds = rows[:, 4]
        recent = rows[seconds >= seconds[-1] - RATE_SECONDS]
        span = recent[-1, 4] - recent[0, 4]
        examples = history.started.train_size / history.started.steps_per_epoch
        return float(seconds[-1]), float((len(recent) - 1) * examples / span) if span > 0 else 0.0

    def _write(self, epoch: str, done: int, speed: str, elapsed: str, left: str, device: str) -> None:
        state, waiting = self._session.runner.state, self._session.runner.waiting_for
        self._epoch.setText(epoch)
        self._bar.setValue(done)
        words = _words(state, waiting, self._evaluating, done, self._bar.maximum())
        reading = self._session.history.loading
        self._bar.setFormat(words if reading is None or state is not State.RUNNING else _reading_words(reading))
        for label, text in ((self._speed, speed), (self._elapsed, elapsed), (self._left, left), (self._device, device)):
            label.setText(text)


def _reading_words(reading: Loading) -> str:
    """While the first pictures are trained on, others are still read; a silent drive stands in the status line."""
    return f"Reading {100 * reading.done // reading.total} %" if reading.total else "Waiting for a file"


def _words(state: State, waiting: str, evaluating: EvalProgress | None, done: int, total: int) -> str:
    if state in (State.STOPPING, State.PAUSING):
        return f"{state.value.capitalize()}: {waiting}" if waiting else f"{state.value.capitalize()}…"
    if state is State.PAUSED:
        return f"Paused at step {grouped(done)} of {grouped(total)}"
    if state is State.RUNNING and evaluating is not None and evaluating.total > 5000:
        return f"Measuring {100 * evaluating.done // max(1, evaluating.total)} %"
    return "%p %"
