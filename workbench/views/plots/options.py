"""The row above the plots: logarithmic loss, unit of the x axis, smoothing, reset of the zoom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLayout, QMenu, QSlider, QToolButton, QWidget

from workbench.engine.core.text import grouped
from workbench.views.plots.series import SUBPLOTS, StepSeries, SubplotSpec
from workbench.views.plots.smoothing import steps_averaged
from workbench.views.widgets.check_box import Check

#: Slider positions and their weights: no smoothing, then averages over 2 … 1000 steps.
WEIGHTS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)

_SMOOTHING_TIP = (
    "Draws an exponential moving average over about this many steps. The raw curve stays visible behind it; "
    "measured train and validation curves are never smoothed."
)


class OptionsBar(QWidget):
    """Emits the user's choices and changes nothing itself. In a narrow window labels are hidden before controls."""

    log_changed = Signal(bool)
    x_changed = Signal(str)
    smoothing_changed = Signal(float)
    reset_requested = Signal()
    full_screen_requested = Signal()
    subplot_switched = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None, specs: Sequence[SubplotSpec] = SUBPLOTS) -> None:
        super().__init__(parent)
        self._specs = specs
        self.log = Check("Log loss", self)
        self.log.setToolTip("Logarithmic loss axis")
        self.x_axis = QComboBox(self)
        for text, mode in (("Steps", "step"), ("Epochs", "epoch"), ("Time", "time")):
            self.x_axis.addItem(text, mode)
        self.x_axis.setAccessibleName("Unit of the x axis")
        self.x_axis.setToolTip("Unit of the x axis")
        self._make_smoothing()
        self.reset = self._button("Fit", "Show the whole run (or double-click a plot)")
        self.reset.setEnabled(False)
        self.subplots = self._button("Plots", "Choose which plots are shown")
        self._make_subplot_menu()
        self.full = self._button("Full screen", "Show only the plots, on the full screen")
        has_steps = any(isinstance(series, StepSeries) for spec in specs for series in spec.series)
        self._left_out: tuple[QWidget, ...] = ()
        if not has_steps:
            self._left_out = (self.full, self._label, self._words, self.smoothing)
        self._lay_out()
        self.log.toggled.connect(self.log_changed)
        self.x_axis.currentIndexChanged.connect(self._on_x)
        self.smoothing.valueChanged.connect(self._on_smoothing)
        self.reset.clicked.connect(self.reset_requested)
        self.full.clicked.connect(self.full_screen_requested)
        self._on_smoothing(0)

    @property
    def weight(self) -> float:
        """The smoothing weight chosen."""
        return WEIGHTS[self.smoothing.value()]

    @property
    def words(self) -> str:
        """The smoothing as text."""
        return self._words.text()

    def leave_out_full_screen(self) -> None:
        """These plots have no full screen."""
        self._left_out = (*self._left_out, self.full)
        self._make_room()

    def choices(self) -> dict[str, str]:
        """The choices, to be saved for the next start."""
        hidden = [str(action.data()) for action in self.subplots.menu().actions() if not action.isChecked()]
        return {
            "log": "yes" if self.log.isChecked() else "no",
            "x": str(self.x_axis.currentData()),
            "smoothing": str(self.weight),
            "hidden": " ".join(hidden),
        }

    def choose(self, kept: Mapping[str, str]) -> None:
        """Restore what ``choices`` returned; unknown and missing values are ignored."""
        self.log.setChecked(kept.get("log") == "yes")
        self.x_axis.setCurrentIndex(max(0, self.x_axis.findData(kept.get("x", ""))))
        weights = [str(weight) for weight in WEIGHTS]
        if kept.get("smoothing") in weights:
            self.smoothing.setValue(weights.index(kept["smoothing"]))
        hidden = kept.get("hidden", "").split()
        actions = self.subplots.menu().actions()
        for action in actions if len(hidden) < len(actions) else ():
            if action.isChecked() == (action.data() in hidden):
                action.trigger()

    def fit_font(self) -> None:
        """Set fixed widths for the present font, so that nothing moves when a number changes."""
        metrics = self.fontMetrics()
        self._words.setFixedWidth(metrics.horizontalAdvance("1 000 steps "))
        self.smoothing.setMinimumWidth(3 * metrics.height())
        self.smoothing.setMaximumWidth(9 * metrics.height())
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        needed = (self.log, self.x_axis, self.subplots)
        return QSize(sum(each.sizeHint().width() for each in needed) + 24, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """In a narrow row hide what can also be done with a key or a double-click."""
        margins, spacing = 24, 6
        dispensable = (self.full, self._label, self.reset, self._words, self.smoothing)
        everything = (self.log, self.x_axis, self.subplots, *dispensable)
        kept = [each for each in everything if each not in self._left_out]
        for least in dispensable:
            if sum(_width(each) + spacing for each in kept) + margins > self.width():
                kept = [each for each in kept if each is not least]
        for each in everything:
            each.setVisible(each in kept)

    def _make_smoothing(self) -> None:
        self.smoothing = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing.setRange(0, len(WEIGHTS) - 1)
        self.smoothing.setPageStep(1)
        self.smoothing.setAccessibleName("Smoothing")
        self._label = QLabel("Smooth", self)
        self._label.setBuddy(self.smoothing)
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        for each in (self._label, self.smoothing, self._words):
            each.setToolTip(_SMOOTHING_TIP)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _make_subplot_menu(self) -> None:
        menu = QMenu(self.subplots)
        for subplot in self._specs:
            action = QAction(subplot.title, menu)
            action.setData(subplot.name)
            action.setCheckable(True)
            action.setChecked(True)
            menu.addAction(action)
        menu.triggered.connect(self._on_subplot)
        self.subplots.setMenu(menu)
        self.subplots.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(6)
        row.addWidget(self.log)
        row.addWidget(self.x_axis)
        row.addWidget(self._label)
        row.addWidget(self.smoothing, 1)
        row.addWidget(self._words)
        row.addStretch(1)
        for button in (self.reset, self.subplots, self.full):
            row.addWidget(button)

    @Slot(int)
    def _on_x(self, index: int) -> None:
        self.x_changed.emit(str(self.x_axis.itemData(index)))

    @Slot(int)
    def _on_smoothing(self, position: int) -> None:
        steps = grouped(steps_averaged(self.weight))
        self._words.setText("off" if position == 0 else f"{steps} steps")
        self.smoothing_changed.emit(self.weight)

    @Slot(QAction)
    def _on_subplot(self, action: QAction) -> None:
        self.subplot_switched.emit(str(action.data()), action.isChecked())


def _width(widget: QWidget) -> int:
    return max(widget.minimumWidth(), widget.minimumSizeHint().width()) or widget.sizeHint().width()
