"""The run bar: buttons, the speed, and how far the run is. Nothing in it moves when a run starts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from workbench.bridge.pace import Pace
from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.engine.core.events import EvalProgress, Event, RunEnded
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.icons import icon
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.window.run_progress import progress_of
from workbench.views.window.speed_button import SpeedButton

#: How often the numbers are written; four times a second can be read.
REFRESH_MS = 250
#: The names of the labels that may be left out, the most important one first.
_OPTIONAL = ("Time left", "Device", "Time since Train, without pauses", "Speed")
_BUTTONS = ("train", "pause", "step_back", "step", "stop", "restart", "decay")
#: The buttons whose words may be left out, the least important one first.
_WORDS_GO = ("decay", "step_back", "restart")


class RunBar(QToolBar):
    """Shows the session's run; the actions belong to the window."""

    def __init__(
        self, session: Session, pace: Pace, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__("Run bar", parent)
        self.speed = SpeedButton(pace)
        self.setObjectName("run_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._session = session
        self._actions = actions
        self._evaluating: EvalProgress | None = None
        self._label_actions: dict[str, QAction] = {}
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._add_parts()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        pace.changed.connect(self._on_pace)
        session.runner.state_changed.connect(self._on_state)
        session.updated.connect(self._on_events)
        session.began.connect(self._on_began)
        session.ended.connect(self._on_ended)
        session.job_ended.connect(self._on_ended)
        self._fit()
        self._tint()
        self.refresh()

    def _add_parts(self) -> None:
        for name in _BUTTONS:
            self.addAction(self._actions[name])
            self.widgetForAction(self._actions[name]).setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(self.speed)
        self.addSeparator()
        self._epoch = self._label("Epoch", "Epoch 000 of 000")
        self._bar = ProgressBar()
        self._bar.setAccessibleName("Progress of the run")
        self._bar.setTextVisible(True)
        self._bar.setMinimumWidth(60)
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self._bar)
        self._rate = self._label("Speed", "000 k img/s")
        self._elapsed = self._label("Time since Train, without pauses", "0:00:00")
        self._left = self._label("Time left", "ETA 0:00:00")
        self._device = self._label("Device", "CPU · 00 threads")
        self._optional = [self._label_actions[name] for name in _OPTIONAL]

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
        for label in self._labels:
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(str(label.property("widest"))) + 8)
        button = self.widgetForAction(self._actions["pause"])
        if button is not None:
            shown, widths = self._actions["pause"].text(), []
            for text in ("&Pause", "Resu&me"):
                self._actions["pause"].setText(text)
                widths.append(button.sizeHint().width())
            self._actions["pause"].setText(shown)
            button.setFixedWidth(max(widths))

    def _make_room(self, epoch: str) -> None:
        """Widen the label of the epoch for a run of very many; it stays so, that its numbers move nothing."""
        label = self._epoch
        metrics, widest = label.fontMetrics(), str(label.property("widest"))
        last = epoch.rpartition(" of ")[2] if " of " in epoch else ""
        needed = f"Epoch {last} of {last}" if last else epoch
        if metrics.horizontalAdvance(needed) > metrics.horizontalAdvance(widest):
            label.setProperty("widest", needed)
            self._fit()
            self._leave_out()

    @property
    def _labels(self) -> tuple[QLabel, ...]:
        return self._epoch, self._rate, self._elapsed, self._left, self._device

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        """Where not everything has room, words of some buttons go, then the least important labels."""
        spare = 3 * self.fontMetrics().height()
        shrinking = self._shrinking()
        for button in (self.speed, *shrinking):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for button in shrinking:
            if self._needed() + spare > self.width():
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        needed = self._needed()
        for action in self._optional:
            width = self.widgetForAction(action).minimumWidth()
            action.setVisible(needed + width + 3 * self.fontMetrics().height() <= self.width())
            needed += width

    def _shrinking(self) -> list[QToolButton]:
        """The buttons whose words may go; that of the speed stays while it is not full."""
        found = [self.widgetForAction(self._actions[name]) for name in _WORDS_GO]
        speed = [] if self.speed.is_slow else [self.speed]
        return [*speed, *(button for button in found if isinstance(button, QToolButton))]

    def _needed(self) -> int:
        """The width of everything that stays."""
        return sum(self.widgetForAction(a).sizeHint().width() for a in self.actions() if a not in self._optional)

    def _tint(self) -> None:
        size = round(self.fontMetrics().height() * 1.1)
        self.setIconSize(self.iconSize().scaled(size, size, Qt.AspectRatioMode.IgnoreAspectRatio))
        for name in _BUTTONS:
            self._actions[name].setIcon(icon(name, self.palette()))
        self.speed.setIcon(icon("speed", self.palette()))
        self._show_pause()

    def _show_pause(self) -> None:
        held = self._session.runner.state in (State.PAUSED, State.PAUSING)
        self._actions["pause"].setText("Resu&me" if held else "&Pause")
        self._actions["pause"].setIcon(icon("resume" if held else "pause", self.palette()))

    @Slot()
    def _on_pace(self) -> None:
        self._leave_out()
        self.refresh()

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
    def _on_ended(self, ended: RunEnded) -> None:
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
        now = progress_of(self._session, self._evaluating)
        self._bar.setRange(0, now.total)
        self._bar.setValue(now.done)
        self._bar.brief = now.brief
        self._bar.setFormat(now.words)
        self._make_room(now.epoch)
        self._device.setToolTip(plain_tip(now.machine))
        for label, text in zip(self._labels, (now.epoch, now.speed, now.elapsed, now.left, now.device), strict=True):
            label.setText(text)
