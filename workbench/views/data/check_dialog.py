"""The check of the data: counts, sizes, and every problem as a sentence with buttons that do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHeaderView,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.data.check_data import Checking
from workbench.engine.core.text import counted, grouped, size_text
from workbench.engine.data.findings import Action, Finding, Report
from workbench.views.data.check_line import tally
from workbench.views.widgets.basics import Box, Sign, SignName, Words, drop, keep_room
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, rhythm, theme

_HEADS: Final = ("Class", "Train", "Val", "Test", "")
_BARS: Final = Qt.ItemDataRole.UserRole
#: At most this many sizes and files are listed; the rest is counted.
_SIZES: Final = 4
_FILES: Final = 1_000
#: At most this many lines of a list of files are shown at once.
_LINES: Final = 8
_SIGNS: Final[dict[str, SignName]] = {"error": "error", "warning": "warning", "info": "none"}
_SEVERITIES: Final = {"error": "Error", "warning": "Warning", "info": "Information"}


class CheckDialog(QDialog):
    """Stays open beside the window and follows the check."""

    #: An Action of the kind "stop": the user wants to fix it by hand.
    stopped = Signal(object)

    def __init__(self, checking: Checking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "own-data", "Check")
        self._checking = checking
        self._shown: Report | None = None
        self.setWindowTitle("Check the data")
        self.head, self.details, self.words = Words(), Words(tone=MUTED), Words(tone=MUTED)
        self.table = plain_table(_HEADS, "Examples of each class")
        self.table.setItemDelegateForColumn(len(_HEADS) - 1, _Bars(self.table))
        self.findings = Box(margins=(1, 1, 2, 1), spacing=3)
        self.bar = ProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the check")
        keep_room(self.bar)
        header = self.table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_HEADS) - 1, QHeaderView.ResizeMode.Stretch)
        self.again, self.cancel = QPushButton("Check &again"), QPushButton("&Stop")
        self._lay_out()
        self.again.clicked.connect(checking.check)
        self.cancel.clicked.connect(checking.cancel)
        checking.changed.connect(self.refresh)
        checking.acted.connect(self._on_acted)
        set_size(self, 230, 145)
        self.refresh()

    def _lay_out(self) -> None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(area)
        area.setWidget(self.findings)
        left = Box(spacing=2)
        left.add(self.table, 1)
        left.add(self.details)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(left)
        parts.addWidget(area)
        parts.setSizes([rhythm(self, 95), rhythm(self, 135)])
        parts.setChildrenCollapsible(False)
        below = Box(self, spacing=2, horizontal=True)
        below.add(self.bar, 1)
        below.add(self.cancel)
        below.add(self.again)
        column = QVBoxLayout(self)
        for widget in (self.head, parts, self.words, below):
            column.addWidget(widget)
        column.setStretchFactor(parts, 1)
        for button in (self.again, self.cancel):
            button.setAutoDefault(False)

    def open_check(self) -> None:
        """Show it; what was never checked is checked now."""
        if self._checking.report is None and not self._checking.is_busy:
            self._checking.check()
        if self.isVisible():
            self.raise_()
        self.show()
        self.activateWindow()

    # --- What was found --------------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show how far the check is, or what it found."""
        busy, (share, words), report = self._checking.is_busy, self._checking.progress, self._checking.report
        self.bar.setVisible(busy)
        self.bar.setRange(0, 1000 if share else 0)
        self.bar.setValue(round(1000 * share))
        self.cancel.setEnabled(busy)
        self.again.setEnabled(not busy)
        if report is not self._shown:
            self._show_report(report)
        if busy:
            self._head(f"{words}…" if words and not words.endswith("?") else words or "Checking the data…")
        elif self._checking.trouble:
            self._head(self._checking.trouble, wrong=True)
        elif report is None:
            stopped = "The check was stopped. Nothing was changed." if self._checking.was_stopped else ""
            self._head(stopped or "This data has not been checked yet.")
        else:
            self._head(_head_words(report))

    def _head(self, words: str, wrong: bool = False) -> None:
        self.head.setForegroundRole(ERROR if wrong else self.foregroundRole())
        self.head.say(words)

    def _show_report(self, report: Report | None) -> None:
        self._shown = report
        self.table.clear()
        for card in self.findings.findChildren(_Card):
            drop(card)
        while self.findings.box.count():
            self.findings.box.takeAt(0)
        self.details.say(_details(report) if report is not None else "")
        if report is None:
            return
        self._fill_table(report)
        for finding in report.findings:
            actions = [action for action in finding.actions if self._checking.can(action)]
            card = _Card(finding, self._checking.shortened(finding.sentence), actions)
            card.chosen.connect(self._on_action)
            self.findings.add(card)
        self.findings.box.addStretch(1)

    def _fill_table(self, report: Report) -> None:
        most = max((train + val + test for _, train, val, test in report.counts), default=0)
        has_test = any(test for *_, test in report.counts)
        for name, *counts in report.counts:
            item = QTreeWidgetItem([name, *(grouped(count) for count in counts)])
            item.setData(len(_HEADS) - 1, _BARS, [count / max(1, most) for count in counts])
            for column in (1, 2, 3):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.addTopLevelItem(item)
        self.table.setColumnHidden(3, not has_test)
        colours = theme().colours
        for column, colour in enumerate((colours.train_text, colours.val_text, colours.muted), 1):
            self.table.headerItem().setForeground(column, QColor(colour))  # the bars have no other legend

    @Slot(object)
    def _on_action(self, action: Action) -> None:
        self.words.say("")
        if action.kind == "stop":
            self.stopped.emit(action)
        else:
            self._checking.act(action)

    @Slot(str, bool)
    def _on_acted(self, words: str, wrong: bool) -> None:
        self.words.setForegroundRole(ERROR if wrong else MUTED)
        self.words.say(words)


def _head_words(report: Report) -> str:
    if report.is_asked:
        return "Nothing is checked before it is chosen how the data is read."
    total = sum(train + val + test for _, train, val, test in report.counts)
    examples = counted(total, "example is", "examples are")
    there = f"{examples} used, of {counted(len(report.counts), 'class', 'classes')}. " if total else ""
    start = "" if report.can_start else " Training cannot start with this data."
    return f"{there}Found: {tally(report)}{start}"


def _of(readable: int, used: int) -> str:
    """What is counted, where that is not exactly what is used."""
    return f" of all {grouped(readable)} readable" if readable != used else ""


def _details(report: Report) -> str:
    lines = []
    total = sum(train + val + test for _, train, val, test in report.counts)
    sized, stored = sum(count for *_, count in report.sizes), sum(count for _, count in report.modes)
    if report.sizes:
        shown = [f"{width}×{height} ({grouped(count)})" for width, height, count in report.sizes[:_SIZES]]
        more = f" and {counted(len(report.sizes) - _SIZES, 'other size')}" if len(report.sizes) > _SIZES else ""
        lines.append(f"Sizes{_of(sized, total)}: {', '.join(shown)}{more}")
    if report.modes:
        modes = ", ".join(f"{words} ({grouped(count)})" for words, count in report.modes)
        lines.append(f"Stored as{_of(stored, total)}: {modes}")
    if report.needed:
        lines.append(f"Memory: {size_text(report.needed)} needed, {size_text(report.free)} free")
    return "\n".join(lines)


class _Card(Box):
    """One finding: a sign, its sentence, its buttons, its files."""

    chosen = Signal(object)  #: an Action

    def __init__(self, finding: Finding, sentence: str, actions: Sequence[Action]) -> None:
        super().__init__(spacing=1)
        self._finding = finding
        line = Box(self, spacing=2, horizontal=True)
        if finding.severity != "info":
            sign = Sign(_SIGNS[finding.severity], _SEVERITIES[finding.severity])
            line.box.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        self.sentence = Words(sentence, tone=MUTED if finding.severity == "info" else self.foregroundRole())
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line.add(self.sentence, 1)
        self.add(line)
        self.buttons = [_ActionButton(action, self) for action in actions]
        count = len(finding.files)
        self.list_button = QPushButton("Show the file" if count == 1 else f"List {grouped(count)} files", self)
        self.list_button.setCheckable(True)
        self.list_button.setAutoDefault(False)
        self.list_button.toggled.connect(self._on_listed)
        self._list: QPlainTextEdit | None = None
        self.list_button.setVisible(_names_files(finding))
        self.add(self._row([*self.buttons, self.list_button]))
        rule = QFrame(self)
        rule.setFrameShape(QFrame.Shape.HLine)
        rule.setFrameShadow(QFrame.Shadow.Plain)
        rule.setForegroundRole(rule.palette().ColorRole.Mid)
        self.add(rule)

    def _row(self, buttons: Sequence[QPushButton]) -> QWidget:
        """The buttons that are shown, in several lines where there is no room."""
        row = QWidget(self)
        flow = FlowLayout(row, rhythm(self, 2))
        for button in buttons:
            if not button.isHidden():
                flow.addWidget(button)
        policy = row.sizePolicy()
        policy.setHeightForWidth(True)
        row.setSizePolicy(policy)
        row.setVisible(flow.count() > 0)
        return row

    @Slot(bool)
    def _on_listed(self, on: bool) -> None:
        if self._list is None:
            self._list = QPlainTextEdit(_file_list(self._finding))
            self._list.setReadOnly(True)
            self._list.setTabChangesFocus(True)
            self._list.setAccessibleName("Files")
            self._list.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            lines = min(_LINES, max(1, len(self._finding.files)))
            self._list.setFixedHeight((lines + 2) * self._list.fontMetrics().height())  # with room for a scroll bar
            self.box.insertWidget(self.box.count() - 1, self._list)
        self._list.setVisible(on)


_TIPS: Final = {
    "skip": "They are left out from now on; the files stay as they are. The data browser takes them back.",
    "edit": "Changes this setting. It can be undone.",
    "stop": "Changes nothing: shows what it is about, so that you can mend it.",
}


class _ActionButton(QPushButton):
    def __init__(self, action: Action, card: _Card) -> None:
        super().__init__(action.label.replace("&", "&&"), card)
        self._action, self._card = action, card
        self.setAutoDefault(False)
        self.setToolTip(_TIPS[action.kind])
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        self._card.chosen.emit(self._action)


class _Bars(QStyledItemDelegate):
    """Draws how many of a class train, validate and test, one behind the other."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        shares = index.data(_BARS)
        if not shares:
            return
        area = QRectF(option.rect).adjusted(4, 3, -4, -3)
        colours = theme().colours
        left = area.left()
        for share, colour in zip(shares, (colours.train, colours.val, colours.muted), strict=False):
            painter.fillRect(QRectF(left, area.top(), share * area.width(), area.height()), QColor(colour))
            left += share * area.width()


def _names_files(finding: Finding) -> bool:
    """Whether its files are worth a list: paths, not names of classes."""
    return bool(finding.files) and finding.code not in ("empty_class", "few", "hidden", "unvalidated")


def _file_list(finding: Finding) -> str:
    reasons = finding.reasons or ("",) * len(finding.files)
    pairs = list(zip(finding.files, reasons, strict=True))[:_FILES]
    lines = [f"{file} ({reason})" if reason else file for file, reason in pairs]
    more = len(finding.files) - len(lines)
    return "\n".join([*lines, f"and {grouped(more)} more"] if more > 0 else lines)
