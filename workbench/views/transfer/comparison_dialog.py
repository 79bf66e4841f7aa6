"""The dialog that compares transfer with training from scratch, with random frozen weights and the head only."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.transfer.comparison import ComparisonStage, TransferComparison
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import duration, grouped
from workbench.engine.experiments.transfer_comparison import ARMS, STAGE_SHOTS, TITLES, WorthRow
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.views.transfer.comparison_plot import ComparisonPlot
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.number_field import LineField, NumberField
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, Theme, rhythm

DRAWS: Final = Knob(
    "Draws",
    "How many times the comparison is repeated with other examples and other random weights. "
    "The spread over the draws shows which differences are reliable.",
    low=1,
    high=10,
)
EMPTY: Final = (
    "Four networks are trained on the same few examples in the same order: one from scratch, one with random frozen "
    "weights, one that trains only its head, and one with the blocks frozen as you chose. "
    "Their validation accuracy appears here, and below it the final table with the spread over the draws."
)
#: More examples per class than these are no few-shot comparison any more.
_MOST_SHOTS: Final = 100_000


class ComparisonDialog(QDialog):
    """Stays open beside the window. Closing it does not end the comparison; Stop does."""

    def __init__(self, tester: TransferComparison, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "transfer", "Was it worth it")
        self._tester, self._theme = tester, theme
        self.setWindowTitle("Compare with training from scratch")
        self.plot = ComparisonPlot()
        self.table = QTreeWidget()
        self.shots = LineField()
        self.draws = NumberField(DRAWS, scale_for(DRAWS, 2, True))
        self.which = QComboBox()
        self.start_button, self.stop_button = QPushButton("&Start"), QPushButton("S&top")
        self.bar = ProgressBar()
        self.words, self.notes, self._wrong = Words(tone=MUTED), Words(tone=WARNING), Words(tone=ERROR)
        self._set_up()
        self._lay_out()
        self.start_button.clicked.connect(self.begin)
        self.stop_button.clicked.connect(tester.cancel)
        self.which.currentIndexChanged.connect(self._draw)
        self.shots.settled.connect(self._on_typed)
        self.draws.submitted.connect(self._on_typed)
        self.draws.refused.connect(self._on_refused)
        tester.changed.connect(self.refresh)
        theme.changed.connect(self._on_theme)
        self.resize(rhythm(self, 200), rhythm(self, 150))
        self._on_theme()
        self.refresh()

    def _set_up(self) -> None:
        self.shots.setText(", ".join(map(str, STAGE_SHOTS)))
        self.shots.setAccessibleName("Examples per class")
        self.shots.setToolTip(plain_tip("Training examples per class: one or more numbers separated by commas"))
        self.draws.show_value(2)
        self.draws.setAccessibleName(DRAWS.label)
        self.draws.setAccessibleDescription(DRAWS.help)
        self.which.setAccessibleName("Curves of")
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of the comparison")
        self.table.setAccessibleName("Results")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.header().setStretchLastSection(True)
        self.start_button.setDefault(True)
        self.stop_button.setAutoDefault(False)

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.addWidget(self._made_middle())
        parts.addWidget(self.table)
        parts.setSizes([700, 300])  # in proportion
        parts.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.addWidget(self._made_top())
        column.addWidget(parts, 1)
        for widget in (self.words, self.notes, self._wrong):
            column.addWidget(widget)
        self._wrong.say("")

    def _made_top(self) -> QWidget:
        """The fields, the progress, and the buttons."""
        top = Box(self, spacing=2, horizontal=True)
        for words, field in (("&Examples per class", self.shots), ("&Draws", self.draws)):
            label = Words(words, top, wrap=False)
            label.setBuddy(field)
            top.add(label)
            top.add(field)
        top.add(self.bar, 1)
        top.add(self.start_button)
        top.add(self.stop_button)
        return top

    def _made_middle(self) -> QWidget:
        """The explanation before the first curve, then the curves."""
        ground = Box(self, margins=(8, 8, 8, 8))
        ground.add(Words(EMPTY, tone=MUTED))
        curves = Box(self, spacing=1)
        pick = Box(curves, spacing=2, horizontal=True)
        label = Words("&Curves with", pick, wrap=False)
        label.setBuddy(self.which)
        pick.add(label)
        pick.add(self.which)
        pick.box.addStretch(1)
        curves.add(pick)
        curves.add(self.plot, 1)
        middle = QWidget(self)
        self._middle = QStackedLayout(middle)
        self._middle.addWidget(ground)
        self._middle.addWidget(curves)
        return middle

    # --- the comparison ------------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Start with the fields' values; wrong ones are refused in words."""
        self.shots.settle()
        self.draws.settle()
        draws, shots = self.draws.value(), numbers(self.shots.text())
        if not shots:
            self._wrong.say("Examples per class must be whole numbers of at least 1, such as 5, 20, 80.")
            return
        if draws is not None:
            self._wrong.say("")
            self._tester.start(shots, int(draws))

    @Slot()
    @Slot(str)
    @Slot(object, bool)
    def _on_typed(self, *_news: object) -> None:
        self._wrong.say("")
        self.refresh()

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self._wrong.say(f"Draws {words}.")

    @Slot()
    def refresh(self) -> None:
        """Show the state of the comparison."""
        tester = self._tester
        running, why_not = tester.is_running, tester.why_not
        self._look_at_time()
        self.start_button.setEnabled(not running and not why_not)
        self.start_button.setText("&Start" if tester.stage is ComparisonStage.EMPTY else "&Start again")
        self.start_button.setToolTip(plain_tip("" if running else why_not))
        self.stop_button.setEnabled(running)
        for field in (self.shots, self.draws):
            field.setEnabled(not running)
        self.bar.setValue(round(1000 * tester.fraction) if running else 0)
        self.bar.setTextVisible(running)
        self.words.setForegroundRole(ERROR if tester.stage is ComparisonStage.FAILED else MUTED)
        self.words.say(self._state_words(why_not))
        self.notes.say("\n".join(tester.notes))
        self._fill_which()
        self._draw()
        self._fill_table()

    def _look_at_time(self) -> None:
        """Ask how long the comparison would take, as long as there is none."""
        draws, shots = self.draws.value(), numbers(self.shots.text())
        if self.isVisible() and self._tester.stage is ComparisonStage.EMPTY and draws is not None and shots:
            self._tester.look_at_time(shots, int(draws))

    def _state_words(self, why_not: str) -> str:
        tester = self._tester
        if tester.is_running:
            left = tester.seconds / tester.fraction * (1 - tester.fraction) if tester.fraction > 0.02 else 0.0
            until = f" About {duration(left)} left." if left else ""
            return f"{tester.words}. {duration(tester.seconds)} so far.{until}"
        if tester.stage is ComparisonStage.EMPTY:
            return why_not or f"Press Start. {tester.time_words}"
        if tester.stage is ComparisonStage.DONE:
            return "\n".join(tester.sentences)
        return tester.words

    def _fill_which(self) -> None:
        known = sorted({point.shots for point in self._tester.points})
        if [self.which.itemData(i) for i in range(self.which.count())] == known:
            return
        follows = self.which.currentIndex() in (-1, self.which.count() - 1)
        before = self.which.currentData()
        self.which.blockSignals(True)
        self.which.clear()
        for shots in known:
            self.which.addItem(f"{shots} examples per class", shots)
        self.which.setCurrentIndex(len(known) - 1 if follows else max(0, self.which.findData(before)))
        self.which.blockSignals(False)

    @Slot()
    def _draw(self) -> None:
        shots = self.which.currentData()
        self._middle.setCurrentIndex(1 if shots is not None else 0)
        if shots is not None and self.isVisible():
            self.plot.show_points(self._tester.points, int(shots))

    def _fill_table(self) -> None:
        """The final rows; while it runs, what has ended so far, marked as such."""
        rows = self._tester.rows or self._so_far()
        shots = sorted({row.shots for row in rows})
        self.table.setVisible(bool(rows))
        self.table.setColumnCount(1 + len(shots))
        self.table.setHeaderLabels(["", *(f"{n} per class" for n in shots)])
        self.table.clear()
        best = {n: max((r.mean for r in rows if r.shots == n and r.mean is not None), default=None) for n in shots}
        bold = QFont(self.font())
        bold.setBold(True)
        for arm in (arm for arm in ARMS if any(row.arm == arm for row in rows)):
            item = QTreeWidgetItem([TITLES[arm]])
            for column, n in enumerate(shots, 1):
                row = next((each for each in rows if each.arm == arm and each.shots == n), None)
                item.setText(column, _cell(row))
                if row is not None and row.mean is not None and row.mean == best[n]:
                    item.setFont(column, bold)
            self.table.addTopLevelItem(item)
        for column in range(len(shots) + 1):
            self.table.resizeColumnToContents(column)

    def _so_far(self) -> tuple[WorthRow, ...]:
        made = []
        for shots in sorted({run.shots for run in self._tester.runs}):
            for arm in (arm for arm in ARMS if any(run.arm == arm for run in self._tester.runs)):
                runs = [r for r in self._tester.runs if r.arm == arm and r.shots == shots and r.accuracy is not None]
                found = tuple(run.accuracy for run in runs if run.accuracy is not None)
                made.append(WorthRow(arm, shots, found, sum(found) / len(found) if found else None, None))
        return tuple(made)

    @Slot()
    def _on_theme(self) -> None:
        self.plot.set_colours(DARK if self._theme.colours.dark else LIGHT, self._theme.scale)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "table"):
            self._fill_table()


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas, spaces or semicolons; empty if anything else is there."""
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    good = all(part.isascii() and part.isdigit() and 1 <= int(part[:9]) <= _MOST_SHOTS for part in parts)
    return tuple(dict.fromkeys(int(part[:9]) for part in parts)) if good else ()


def _cell(row: WorthRow | None) -> str:
    if row is None or row.mean is None:
        return "–"
    spread = f" ± {grouped(100 * row.spread, 1)}" if row.spread is not None else ""
    return f"{grouped(100 * row.mean, 1)}{spread} %"
