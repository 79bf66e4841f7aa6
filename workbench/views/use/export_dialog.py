"""The export: a network, what it is exported as, where to; and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.use.export_desk import ExportDesk
from workbench.engine.catalog.path_settings import typed_path
from workbench.engine.export.formats import FORMATS, Exported
from workbench.engine.export.options import INPUTS, Options
from workbench.views.use.network_bar import NetworkBar
from workbench.views.use.paths_line import PathsLine
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.open_folder import open_folder
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED, grow_to_words, rhythm

if TYPE_CHECKING:
    from workbench.engine.export.report.contents import Report

_COMPARED: Final = "Compared on these pictures; empty: on those that the run held back for validation."


class ExportDialog(QDialog):
    """A non-modal dialog; it stays open during a run."""

    def __init__(self, desk: ExportDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "export")
        self.desk = desk
        self.setWindowTitle("Export")
        self.network = NetworkBar(desk.slot, desk.quick, "Network")
        self.formats, self.inputs = QComboBox(), QComboBox()
        self.about, self.words = Words(tone=MUTED), Words(tone=MUTED)
        self.pictures, self.on_paper = PathsLine(), QCheckBox("Also as &PDF")
        self.folder, self.browse = QLineEdit(), QPushButton("&Browse…")
        self.open_button = QPushButton("Open fol&der")
        self.bar = StartBar("export")
        self._made: set[Path] = set()
        self._last: Path | None = None
        self._is_own_name = False
        self._fill()
        self._lay_out()
        self._join()
        set_size(self, 200, 110)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.bar.start_button.setDefault(True)  # Enter in a field exports
        self.formats.setFocus()
        self._on_format()

    @property
    def format(self) -> str:
        """The name of the chosen format."""
        return str(self.formats.currentData())

    @property
    def out(self) -> Path | None:
        """The folder to make; None while nothing is typed."""
        text = typed_path(self.folder.text())
        return Path(text).expanduser() if text else None

    def _fill(self) -> None:
        for name, each in FORMATS.items():
            self.formats.addItem(f"{name}: {each.title}", name)
        for kind, words in INPUTS.items():
            self.inputs.addItem(f"{kind}: {words}", kind)
        for widget, name in (
            (self.formats, "Format"),
            (self.inputs, "What the network takes"),
            (self.folder, "Folder to make"),
        ):
            widget.setAccessibleName(name)
        for box in (self.formats, self.inputs):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.on_paper.setToolTip(plain_tip("The same page for printing, in light colours."))
        self.pictures.setToolTip(plain_tip(_COMPARED))
        self.pictures.field.setPlaceholderText(_COMPARED)
        self.folder.setToolTip(plain_tip("A folder that is not there yet: nothing is written over."))

    def _lay_out(self) -> None:
        where = Box(spacing=2, horizontal=True)
        where.add(self.folder, 1)
        where.add(self.browse)
        head, self.form = QFormLayout(), QFormLayout()  # words that wrap have too little room within a form
        for form in (head, self.form):
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        head.addRow("&Format:", self.formats)
        self.form.addRow("Network ta&kes:", self.inputs)
        self.form.addRow(self.pictures)
        self.form.addRow("", self.on_paper)
        self.form.addRow("Ne&w folder:", where)
        label = self.form.labelForField(where)
        assert label is not None
        label.setBuddy(self.folder)  # type: ignore[attr-defined]
        column = QVBoxLayout(self)
        column.setSpacing(rhythm(self, 3))
        column.addWidget(self.network)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addLayout(self.form)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        last = Box(horizontal=True)
        last.add(self.open_button)
        last.box.addStretch(1)
        column.addWidget(last)
        column.addStretch(1)

    def _join(self) -> None:
        desk = self.desk
        self.bar.start_button.clicked.connect(self.start)
        self.bar.cancel_button.clicked.connect(self.cancel)
        self.browse.clicked.connect(self._on_browse)
        self.open_button.clicked.connect(self._on_open)
        self.formats.currentIndexChanged.connect(self._on_format)
        self.folder.textEdited.connect(self._on_typed)
        desk.slot.changed.connect(self._on_network)
        desk.slot.renewed.connect(self.show_state)
        desk.changed.connect(self.show_state)
        desk.exported.connect(self._on_exported)
        desk.failed.connect(self._on_failed)

    def choose(self, name: str) -> None:
        """Choose the format ``name``."""
        self.formats.setCurrentIndex(self.formats.findData(name))

    @Slot()
    def _on_format(self) -> None:
        chosen, missing = FORMATS[self.format], self.desk.why_no(self.format)
        self.about.setForegroundRole(ERROR if missing else MUTED)
        self.about.setText(missing or f"{chosen.purpose} Whoever uses it needs {chosen.needs}.")
        self.form.setRowVisible(self.inputs, chosen.has_inputs)
        self.form.setRowVisible(self.pictures, chosen.is_compared)
        self.form.setRowVisible(self.on_paper, chosen.has_pages)
        self._suggest()
        self.show_state()

    @Slot()
    def _on_network(self) -> None:
        self._suggest()
        self.show_state()

    @Slot()
    def _on_typed(self) -> None:
        self._is_own_name = bool(self.folder.text())
        self.show_state()

    def _suggest(self) -> None:
        """A name below the folder of the last export, unless one was typed."""
        name = self.desk.network_name
        if self._is_own_name or not name:
            return
        first = out = self.desk.folder / f"{name}-{self.format}"
        number = 2
        while out in self._made:
            out, number = first.with_name(f"{first.name}-{number}"), number + 1
        with QSignalBlocker(self.folder):
            self.folder.setText(str(out))

    @Slot()
    def _on_browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "The new folder is made in", str(self.desk.folder))
        if chosen:
            self.desk.folder = Path(chosen)
            self._is_own_name = False
            self._suggest()
            self.show_state()

    @Slot()
    def start(self) -> None:
        """Export what is chosen."""
        chosen, out = FORMATS[self.format], self.out
        if out is None or self._why_not():
            return
        self._last = None
        self._say("")
        options = Options(
            pictures=self.pictures.paths if chosen.is_compared else (),
            inputs=self.inputs.currentData() if chosen.has_inputs and self.inputs.currentIndex() else None,
            pages=_write_pages if chosen.has_pages and self.on_paper.isChecked() else None,
        )
        self.desk.export(self.format, out, options)

    @Slot()
    def cancel(self) -> None:
        """End the export; nothing of it is left."""
        self.desk.request.cancel()
        self._say("Stopped. Nothing was exported.")

    @Slot(object)
    def _on_exported(self, made: Exported) -> None:
        self._last = made.folder
        self._made.add(made.folder)
        self._is_own_name = False
        self._say(f"Exported to {made.folder}. {made.words}")
        self._suggest()
        self.show_state()
        grow_to_words(self)

    @Slot(str)
    def _on_failed(self, why: str) -> None:
        self._say(why, is_wrong=True)
        self.show_state()
        grow_to_words(self)

    @Slot()
    def _on_open(self) -> None:
        if self._last is not None and (trouble := open_folder(self._last)):
            self._say(trouble, is_wrong=True)

    def _say(self, words: str, is_wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.setText(words)

    def _why_not(self) -> str:
        why = self.desk.why_not or self.desk.why_no(self.format)
        return why or ("" if self.out is not None else "Name the folder that is to be made.")

    @Slot()
    def show_state(self) -> None:
        """Follow the work and what is chosen."""
        request, why_not = self.desk.request, self._why_not()
        self.bar.show_state(request.is_pending, request.fraction, why_not, False)
        self.bar.start_button.setText("E&xport")
        self.open_button.setEnabled(self._last is not None)
        if request.is_pending:
            self._say(f"{request.words}…" if request.words else "Exporting…")


def _write_pages(report: Report, file: Path) -> None:
    """In the thread of the export, where torch is loaded: the window is there before it."""
    from workbench.views.use.report_pages import write_pages

    write_pages(report, file)
