"""What the runs take on the disk, how much they may, and old runs thinned to their curves and best weights."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QMessageBox,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.runs.disk_desk import DiskDesk
from workbench.engine.core.text import counted, size_text
from workbench.engine.shelf.disk import DiskUse, ThinPlan
from workbench.views.widgets.basics import Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import MUTED, WARNING, grow_to_words, rhythm

#: What runs may take until the user says something else, in gigabytes; and from how many days on a run is old.
LIMIT_GB: Final = 20
MOST_GB: Final = 100_000
OLD_DAYS: Final = 30
FINAL: Final = (
    "Curves, layers, settings, notes and the best weights stay. The states to go on from and all other weights are "
    "removed for good: not to the trash, which would free nothing. These runs cannot be gone on with or forked from a "
    "kept state afterwards."
)


class DiskDialog(QDialog):
    """Measures while it is open. Gone when it is closed."""

    limit_changed = Signal(int)  #: gigabytes

    def __init__(self, desk: DiskDesk, limit: int, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "runs", "Keep order")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Disk use of the runs")
        self._desk = desk
        self._plan: ThinPlan | None = None
        self._use: DiskUse | None = None
        self.use, self.old = Words("Measuring…"), Words()
        self.use.setAccessibleName("What the runs take")
        self.old.setAccessibleName("What thinning old runs would free")
        self.limit, self.days = QSpinBox(), QSpinBox()
        self.limit.setRange(1, MOST_GB)
        self.limit.setValue(limit)
        self.limit.setSuffix(" GB")
        self.days.setRange(0, 3650)
        self.days.setValue(OLD_DAYS)
        self.days.setSuffix(" days")
        self._lay_out()
        self.limit.valueChanged.connect(self._on_limit)
        self.days.valueChanged.connect(desk.measure)
        desk.measured.connect(self._on_measured)
        desk.outdated.connect(self._on_outdated)
        desk.measure(OLD_DAYS)

    def _lay_out(self) -> None:
        column, grid = QVBoxLayout(self), QGridLayout()
        rows = (
            ("&Warn when they take more than", self.limit),
            ("&Old are runs that began more than this long ago, and are not pinned", self.days),
        )
        for at, (words, field) in enumerate(rows):
            label = QLabel(words)
            label.setBuddy(field)
            field.setAccessibleName(words.replace("&", ""))
            grid.addWidget(label, at, 0)
            grid.addWidget(field, at, 1)
        grid.setColumnStretch(0, 1)
        final = Words(FINAL, tone=MUTED)
        self.use.setMinimumWidth(rhythm(self, 120))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.thin = self.buttons.addButton("&Thin old runs…", QDialogButtonBox.ButtonRole.ActionRole)
        self.thin.setEnabled(False)
        self.thin.setAutoDefault(False)
        self.thin.clicked.connect(self._on_thin)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.use)
        column.addLayout(grid)
        column.addWidget(self.old)
        column.addWidget(final)
        column.addStretch(1)
        column.addWidget(self.buttons)

    @Slot(int)
    def _on_limit(self, limit: int) -> None:
        self.limit_changed.emit(limit)
        self._write()

    @Slot(object, object)
    def _on_measured(self, use: DiskUse, plan: ThinPlan) -> None:
        self._use, self._plan = use, plan
        self._write()

    @Slot()
    def _on_outdated(self) -> None:
        self._desk.measure(self.days.value())

    def _write(self) -> None:
        use, plan = self._use, self._plan
        if use is None or plan is None:
            return
        is_over = use.used > 1e9 * self.limit.value()
        self.use.say(f"{use.words}{' That is more than they may take.' if is_over else ''}")
        self.use.setForegroundRole(WARNING if is_over else QPalette.ColorRole.WindowText)
        nothing = "No old run has anything to thin."
        self.old.say(f"Old runs that can be thinned: {plan.words}" if plan.records else nothing)
        self.thin.setEnabled(bool(plan.records))
        grow_to_words(self)

    @Slot()
    def _on_thin(self) -> None:
        if self._plan is not None:
            confirm_thinning(self._desk, self._plan, self)


def confirm_thinning(desk: DiskDesk, plan: ThinPlan, parent: QWidget) -> QMessageBox:
    """Ask whether the runs of ``plan`` are to be thinned, with the sizes before and after; not yet done on return."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Thin runs")
    box.setText(f"Thin {counted(len(plan.records), 'run')}? That frees {size_text(plan.freed)}.")
    box.setInformativeText(f"{plan.words} {FINAL}")
    thin = box.addButton("&Thin for good", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))

    def answered() -> None:
        if box.clickedButton() is thin:
            desk.thin(plan)

    box.finished.connect(answered)
    box.open()
    return box
