"""How good the network is on labelled data: figures, and the pictures behind each of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QFileDialog, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.bridge.session import Session
from workbench.bridge.use.inspect_desk import InspectDesk, Inspection
from workbench.bridge.use.network_slot import NetworkChoice, NetworkSlot
from workbench.bridge.use.small_pictures import SmallPictures
from workbench.engine.core.text import counted, percent, short
from workbench.views.use.count_plot import CountPlot
from workbench.views.use.examples_pane import ExamplesPane, cell_words
from workbench.views.use.figures_table import ClassFigures, PairsTable
from workbench.views.use.matrix_view import MatrixView
from workbench.views.use.reliability_plot import ReliabilityPlot
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, rhythm

if TYPE_CHECKING:
    from workbench.engine.evaluation.evaluation_data import Data, MeasuredPart
    from workbench.engine.inspection.judged import Judged

_HELD_BACK: Final = "Validation examples of the network's own run"
_PARTS: Final[dict[MeasuredPart, str]] = {
    "validation": "Data of the settings: validation",
    "train": "Data of the settings: training",
    "test": "Data of the settings: test (each look is counted)",
}
_OTHER: Final = "Other data…"
_LIVE_TIP: Final = "Inspect the current run again when it has saved better weights, once a second at most."
_NO_TEMPERATURE: Final = "A temperature is fitted to validation examples: inspect those."


class InspectTab(QWidget):
    """Figures are those of the page's network: they go when another is chosen, or when it is refused."""

    train_again = Signal()  #: the user trains with the corrections

    def __init__(
        self,
        desk: InspectDesk,
        slot: NetworkSlot,
        pictures: SmallPictures,
        session: Session,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_help(self, "use", "Inspect")
        self.desk, self.slot, self._session = desk, slot, session
        self._found: Inspection | None = None
        self._shown: Judged | None = None
        self._choice: NetworkChoice | None = None  # what was inspected
        self._make_figures()
        self.examples = ExamplesPane(desk, pictures, session)
        self._make_choices()
        self._lay_out()
        self._connect()
        self._show_state()

    def _make_figures(self) -> None:
        self.matrix, self.pairs, self.classes = MatrixView(), PairsTable(), ClassFigures()
        self.reliability, self.counts = ReliabilityPlot(), CountPlot()
        self.figures = QComboBox()
        self.figures.setAccessibleName("The numbers in the cells")
        self.figures.addItem("Counts", False)
        self.figures.addItem("Per cent", True)
        self.is_sorted = Check("Sort &by confusion")
        self.is_sorted.setToolTip(plain_tip("Classes that are taken for each other lie side by side."))
        self.has_temperature = Check("Temperature s&caling")
        self.temperature_words = Words(tone=MUTED)

    def _make_choices(self) -> None:
        self.data = QComboBox()
        self.data.setAccessibleName("Labelled data")
        self.data.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.data.setMinimumContentsLength(24)
        self.data.addItem(_HELD_BACK, (None, "validation"))
        for part, words in _PARTS.items():
            self.data.addItem(words, ("settings", part))
        self.data.addItem(_OTHER, (None, ""))
        self._chosen_row = 0
        self.live = Check("&After each epoch")
        self.live.setToolTip(plain_tip(_LIVE_TIP))
        self.bar = StartBar("inspection")
        self.words = Words(tone=MUTED)

    def _lay_out(self) -> None:
        head = Box(margins=(2, 2, 2, 0), spacing=2, horizontal=True)
        head.add(self.data, 2)
        head.add(self.live)
        head.add(self.bar, 1)
        said = Box(margins=(2, 0, 2, 0))
        said.add(self.words)
        matrix, calibration = Box(spacing=1), Box(spacing=1)
        tools = Box(matrix, spacing=2, horizontal=True)
        tools.add(self.figures)
        tools.add(self.is_sorted)
        tools.box.addStretch(1)
        matrix.add(tools)
        matrix.add(self.matrix, 1)
        calibration.add(self.has_temperature)
        calibration.add(self.temperature_words)
        calibration.add(self.reliability, 1)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (matrix, "Confusion"),
            (self.pairs, "Pairs"),
            (self.classes, "Classes"),
            (calibration, "Calibration"),
            (self.counts, "By examples"),
        ):
            self.tabs.addTab(widget, title)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tabs)
        splitter.addWidget(self.examples)
        splitter.setSizes([rhythm(self, 160), rhythm(self, 105)])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(rhythm(self, 1))
        for widget in (head, said):
            column.addWidget(widget)
        column.addWidget(splitter, 1)

    def _connect(self) -> None:
        desk = self.desk
        desk.changed.connect(self._show_state)
        desk.inspected.connect(self._on_inspected)
        self.slot.changed.connect(self._show_state)
        self.slot.renewed.connect(self._show_state)
        self.data.activated.connect(self._on_data)
        self.live.toggled.connect(self._on_live)
        self.bar.start_button.clicked.connect(self.begin)
        self.bar.cancel_button.clicked.connect(desk.cancel)
        self.figures.activated.connect(self._on_figures)
        self.is_sorted.toggled.connect(self._show_matrix)
        self.has_temperature.toggled.connect(self._on_temperature)
        self.matrix.chosen.connect(self.open_cell)
        self.pairs.chosen.connect(self.open_cell)
        self.classes.chosen.connect(self.open_class)
        self.reliability.chosen.connect(self._on_bin)
        self.counts.chosen.connect(self._on_point)
        self.examples.train_again.connect(self.train_again)

    # --- What is inspected ---------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Inspect the network on the data that are chosen."""
        if self._why_not():
            return
        data, part = self._chosen()
        self._choice = self.slot.choice
        self.desk.ask(self.slot.paths, data, part)

    def _chosen(self) -> tuple[Data, MeasuredPart]:
        data, part = self.data.itemData(self._chosen_row)
        return (self._session.store.spec.data if data == "settings" else data), part

    @Slot(int)
    def _on_data(self, row: int) -> None:
        if self.data.itemText(row) != _OTHER:
            self._chosen_row = row
            return
        self.data.setCurrentIndex(self._chosen_row)
        chosen = QFileDialog.getExistingDirectory(self, "A folder with a folder of pictures for each class")
        if chosen:
            self.choose_folder(Path(chosen))

    def choose_folder(self, folder: Path) -> None:
        """Inspect on all labelled examples of this folder from now on."""
        row = self.data.count() - 1
        self.data.insertItem(row, f"{folder.name}: all examples", (folder, "all"))
        self.data.setCurrentIndex(row)
        self._chosen_row = row

    @Slot(bool)
    def _on_live(self, on: bool) -> None:
        self.desk.is_live = on
        if on and not self.desk.request.is_pending:
            self.begin()

    # --- What came of it -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_inspected(self, found: Inspection) -> None:
        self._found = found
        self.has_temperature.setEnabled(found.temperature is not None)
        tip = "" if found.temperature is not None else _NO_TEMPERATURE
        self.has_temperature.setToolTip(plain_tip(tip))
        self._show(found)
        judged = self._judged(found)
        self.examples.show_inspection(found, judged)
        self._show_state()

    def _clear(self) -> None:
        self._found = self._shown = None
        self.desk.forget()
        for figure in (self.matrix, self.pairs, self.classes, self.reliability, self.counts, self.examples):
            figure.clear()
        self.temperature_words.setText("")

    def _judged(self, found: Inspection) -> Judged:
        """At the temperature, where that is wanted."""
        return found.cooled if self.has_temperature.isChecked() and found.cooled is not None else found.judged

    def _show(self, found: Inspection) -> None:
        judged = self._shown = self._judged(found)
        self._show_matrix()
        self.pairs.show_pairs(judged.confusion, judged.classes)
        self.classes.show_figures(found.judged.by_class, judged.classes)
        self.reliability.show_calibration(judged.calibration)
        self.counts.show_judged(found.judged)
        self._say_temperature(found, judged)

    def _say_temperature(self, found: Inspection, judged: Judged) -> None:
        before, now = found.judged.calibration, judged.calibration
        said = f"Expected calibration error {percent(before.error)}"
        if judged is not found.judged and found.temperature is not None:
            said += (
                f", {percent(now.error)} at the temperature {short(found.temperature, 3)} (fitted to these examples)"
            )
        self.temperature_words.setText(f"{said}. {_sureness(now.overconfident)}")

    @Slot()
    def _show_matrix(self) -> None:
        found, judged = self._found, self._shown
        if found is not None and judged is not None:
            order = found.order if self.is_sorted.isChecked() else np.arange(len(judged.classes))
            self.matrix.show_confusion(judged.confusion, judged.classes, order)

    @Slot(int)
    def _on_figures(self, _row: int) -> None:
        self.matrix.show_rates(bool(self.figures.currentData()))

    @Slot()
    def _on_temperature(self) -> None:
        if self._found is not None:
            self._show(self._found)
            assert self._shown is not None
            self.examples.show_judged(self._shown)

    # --- The pictures behind a figure ----------------------------------------------------------------------------

    @Slot(int, int)
    def open_cell(self, true: int, answer: int) -> None:
        """Show the examples of a cell of the matrix."""
        if (judged := self._shown) is not None:
            self.examples.show_examples(judged.of_cell(true, answer), cell_words(judged, true, answer))

    @Slot(int)
    def open_class(self, label: int) -> None:
        """Show the examples of a class, the highest loss first."""
        if (judged := self._shown) is not None:
            self.examples.show_examples(judged.of_class(label), f"{judged.classes[label]}, the highest loss first")

    @Slot(int)
    def _on_bin(self, number: int) -> None:
        if (judged := self._shown) is not None:
            self.examples.show_examples(judged.of_bin(self.reliability.bins[number]), self.reliability.words(number))

    @Slot(int)
    def _on_point(self, number: int) -> None:
        self.open_class(self.counts.classes[number])

    # --- State ---------------------------------------------------------------------------------------------------

    def _why_not(self) -> str:
        return self.slot.trouble or ("" if self.slot.network is not None else "The network is still being loaded.")

    @Slot()
    def _show_state(self) -> None:
        request, is_other = self.desk.request, self._choice not in (None, self.slot.choice)
        if is_other:
            self._choice = None
            request.forget()
        if self._found is not None and (is_other or request.trouble):
            self._clear()
        self.bar.show_state(request.is_pending, request.fraction, self._why_not(), False)
        self.bar.start_button.setText("&Inspect again" if self._found is not None else "&Inspect")
        is_current = self.slot.choice is not None and self.slot.choice.is_current
        self.live.setEnabled(is_current)
        if request.trouble:
            self._say(request.trouble, ERROR)
        elif request.is_pending and self._found is None:
            self._say(f"{request.words}…")
        elif self._found is not None:
            self._say(_summary(self._found), WARNING if self._found.judged.doubt else MUTED)
        else:
            self._say(self._why_not() or "Inspect says where the network is wrong, and shows the pictures behind it.")

    def _say(self, words: str, tone: QPalette.ColorRole = MUTED) -> None:
        self.words.setForegroundRole(tone)
        self.words.setText(words)


def _sureness(overconfident: float) -> str:
    """``overconfident`` (mean confidence − accuracy) as a sentence."""
    by = percent(abs(overconfident))
    if by == percent(0.0):
        return "On average the network is as sure as it is right."
    how = "surer than it is right" if overconfident > 0 else "less sure than it is right"
    return f"On average the network is {how} by {by}."


def _summary(found: Inspection) -> str:
    judged = found.judged
    counts = counted(len(judged.labels), "example")
    words = judged.examples.words.replace(f"of {judged.name}", "of its own run")
    said = f"{percent(judged.accuracy)} of {counts} right ({words})"
    doubt = judged.doubt[:1].upper() + judged.doubt[1:]
    return ". ".join((said, *filter(None, (doubt,)), *(note.rstrip(".") for note in judged.notes)))
