"""The learning-rate finder: the range test's settings, its curve, and its suggestions as buttons."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from workbench.bridge.lr_finder import LrFinder, Stage
from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import SpecError
from workbench.engine.core.text import short
from workbench.engine.experiments.lr_finder import Sweep
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.views.learning_rate.lr_finder_plot import LrFinderPlot
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import ERROR, MUTED, Theme, rhythm

#: Milliseconds between two redraws of the curve.
REDRAW_MS = 200
FROM = Knob("From", "The first step's learning rate.", low=1e-9, high=1e6, scale="log")
TO = Knob("To", "The last step's learning rate. The sweep ends earlier if the loss diverges.", low=1e-9, high=1e7)
STEPS = Knob("Steps", "More steps give a smoother curve and take longer.", low=10, high=100_000)
EMPTY = (
    "A temporary copy of the model is trained while the learning rate rises from step to step. "
    "The plot shows its loss against the rate: flat where the rate is too low, falling where it is good, "
    "and rising where it is too high. Your model, its optimizer and the settings do not change."
)


class LrFinderDialog(QDialog):
    """Stays open beside the window. A line of text always shows the state of the test."""

    def __init__(self, tester: LrFinder, store: SpecStore, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "learning-rate", "Find one")
        self._tester, self._store, self._theme = tester, store, theme
        self.setWindowTitle("Find a learning rate")
        self.plot = LrFinderPlot()
        self._empty = Words(EMPTY, tone=MUTED)
        self._words = Words(tone=MUTED)
        self._message = Words()
        self._bar = ProgressBar()
        self._bar.setAccessibleName("Progress of the range test")
        self.start_button, self.cancel_button = QPushButton("&Start"), QPushButton("&Cancel")
        self.choices = Box(self, spacing=2, horizontal=True)
        self._fields = self._made_fields()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self._draw)
        self.start_button.clicked.connect(self.begin)
        self.cancel_button.clicked.connect(tester.cancel)
        self.plot.chosen.connect(self._on_chosen)
        self.plot.pointed.connect(self._on_pointed)
        tester.changed.connect(self._on_changed)
        store.changed.connect(self._on_changed)
        theme.changed.connect(self._on_theme)
        self.resize(rhythm(self, 190), rhythm(self, 130))
        self._on_theme()
        self._draw()

    def _made_fields(self) -> dict[str, NumberField]:
        sweep = Sweep()
        fields = {}
        for name, knob, value in (("low", FROM, sweep.low), ("high", TO, sweep.high), ("steps", STEPS, sweep.steps)):
            field = NumberField(knob, scale_for(knob, value, name == "steps"), self)
            field.setAccessibleName(knob.label)
            field.show_value(value)
            field.refused.connect(self._on_refused)
            field.submitted.connect(self._on_submitted)
            fields[name] = field
        return fields

    def _lay_out(self) -> None:
        top = Box(self, spacing=2, horizontal=True)
        for knob, name in ((FROM, "low"), (TO, "high"), (STEPS, "steps")):
            label = Words(knob.label, top, wrap=False)
            label.setBuddy(self._fields[name])
            top.add(label)
            top.add(self._fields[name])
        top.add(self._bar, 1)
        top.add(self.start_button)
        top.add(self.cancel_button)
        self._middle = QStackedLayout()
        ground = Box(self, margins=(8, 8, 8, 8))
        ground.add(self._empty)
        self._middle.addWidget(ground)
        self._middle.addWidget(self.plot)
        column = QVBoxLayout(self)
        column.addWidget(top)
        column.addLayout(self._middle, 1)
        column.addWidget(self._words)
        column.addWidget(self.choices)
        column.addWidget(self._message)

    # --- The test

    @Slot()
    def begin(self) -> None:
        """Start a test with the fields' values."""
        for field in self._fields.values():
            field.settle()
        low, high, steps = (self._fields[name].value() for name in ("low", "high", "steps"))
        if low is None or high is None or steps is None:
            return
        try:
            sweep = Sweep(float(low), float(high), int(steps))
        except SpecError as error:
            self._message.say(self._store.words_of(error))
            return
        self._message.say("")
        self._tester.start(sweep)

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        sender = self.sender()
        name = sender.accessibleName() if isinstance(sender, NumberField) else ""
        self._message.say(f"{name} {words}.")

    @Slot(object, bool)
    def _on_submitted(self, value: float, continues: bool) -> None:
        self._message.say("")

    @Slot()
    @Slot(object)
    def _on_changed(self, _news: object = None) -> None:
        if not self._timer.isActive():
            self._timer.start()
        self._show_state()

    def _show_state(self) -> None:
        tester = self._tester
        running, why_not = tester.is_running, tester.why_not
        self.start_button.setEnabled(not running and not why_not)
        self.start_button.setToolTip(plain_tip(why_not))
        self.start_button.setText("&Start" if tester.stage is Stage.EMPTY else "&Start again")
        self.cancel_button.setEnabled(running)
        self._bar.setMaximum(max(1, int(self._fields["steps"].value() or 1)))
        self._bar.setValue(len(tester.points) if running else 0)
        self._bar.setTextVisible(running)
        self._middle.setCurrentIndex(1 if tester.points else 0)
        self._words.setForegroundRole(ERROR if tester.stage is Stage.FAILED else MUTED)
        self._words.say(self._state_words(why_not))

    def _state_words(self, why_not: str) -> str:
        tester = self._tester
        if tester.stage is Stage.EMPTY:
            return why_not or "Press Start. The test takes a few seconds."
        whose = tester.whose
        if tester.stage is Stage.DONE:
            how = " Click a suggestion, or anywhere on the curve, to use that rate." if tester.points else ""
            return f"{tester.words} Measured on {whose}.{how}"
        return f"{tester.words} ({whose})" if tester.is_running else tester.words

    @Slot()
    def _draw(self) -> None:
        tester = self._tester
        self.plot.show_points(tester.points)
        self.plot.show_present(self._store.spec.optimizer.lr)
        self.plot.show_proposals(tester.proposals)
        self._show_choices()
        self._show_state()

    def _show_choices(self) -> None:
        wanted = [f"{each.name}: {short(each.rate, 2)}" for each in self._tester.proposals]
        if [button.text() for button in self.choices.findChildren(QPushButton)] == wanted:
            return
        for old in self.choices.findChildren(QPushButton):
            self.choices.box.removeWidget(old)
            old.setParent(None)
            old.deleteLater()
        for words, each in zip(wanted, self._tester.proposals, strict=True):
            button = QPushButton(words, self.choices)
            button.setToolTip(plain_tip(f"Use the rate {each.rule}."))
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._on_chosen, each.rate))
            self.choices.add(button)

    @Slot(float)
    def _on_chosen(self, rate: float, _checked: bool = False) -> None:
        self._message.say(self._tester.adopt(rate))

    @Slot(object)
    def _on_pointed(self, rate: float | None) -> None:
        self.plot.setToolTip(plain_tip(f"Click: learning rate {short(rate, 2)}") if rate is not None else "")

    # --- Style

    @Slot()
    def _on_theme(self) -> None:
        self.plot.set_colours(DARK if self._theme.colours.dark else LIGHT, self._theme.scale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tester.cancel()
