"""What the wizard's pages share: a draft to show, room for words, and a bar for what takes time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.transfer.draft import TransferDraft
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED, rhythm


class Page(QWizardPage):
    """A page of the wizard. ``column`` takes its parts from the top."""

    def __init__(self, draft: TransferDraft, title: str, words: str) -> None:
        super().__init__()
        self.draft = draft
        self.name = title
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.column = QVBoxLayout(self)
        self.heading = Words(title)  # the wizard's own title would be to the right of what is below it
        self.heading.setToolTip(plain_tip(words))
        self.lead = Words(words, tone=MUTED)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.lead)
        self._keep_rhythm()

    def show_step(self, words: str) -> None:
        """Say before the heading at which step one is; empty where the steps are in sight."""
        self.heading.setText(f"{words}: {self.name}" if words else self.name)

    def minimumSizeHint(self) -> QSize:
        """The same for all pages, so that no page widens the window: what has too little room scrolls."""
        return QSize(rhythm(self, 110), rhythm(self, 60))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """A page that is low has its introduction as the heading's tooltip only."""
        self.lead.setVisible(self.height() >= rhythm(self, 110))

    @property
    def why_not(self) -> str:
        """Why the wizard cannot go on from here; empty if it can."""
        return ""

    def isComplete(self) -> bool:
        return not self.why_not

    def take_focus(self) -> None:
        """The page is shown: put the focus where one begins. The wizard has its own idea, and says so before this."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_rhythm()
            self._make_room()

    def _keep_rhythm(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        font.setPointSizeF(1.3 * font.pointSizeF())
        self.heading.setFont(font)
        self.column.setSpacing(rhythm(self, 2))
        self.column.setContentsMargins(0, 0, 0, 0)


class Waiting(Box):
    """How far something is that takes time, with a button to leave off; and why it failed, with a button to retry."""

    def __init__(self, asked: LatestRequest, doing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self._asked, self._doing = asked, doing
        self.words = Words(tone=MUTED)
        self.bar = ProgressBar()
        self.bar.setRange(0, 100)  # never the style's endless movement: it takes time from what it waits for
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(doing)
        self.leave_off = QPushButton("Cancel")
        self.leave_off.setAutoDefault(False)
        self.leave_off.setAccessibleName(f"Cancel: {doing}")
        self.leave_off.clicked.connect(asked.cancel)
        self.add(self.words, 1)
        self.add(self.bar)
        self.add(self.leave_off)
        asked.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the progress; nothing is shown when there is an answer."""
        pending, trouble = self._asked.is_pending, self._asked.trouble
        self.bar.setMaximumWidth(rhythm(self, 40))
        self.words.setForegroundRole(ERROR if trouble else MUTED)
        said = f"{self._doing}: {self._asked.words}" if self._asked.words else f"{self._doing}…"
        self.words.say(trouble or (said if pending else ""))
        self.bar.setValue(round(100 * self._asked.fraction))
        self.bar.setVisible(pending and self._asked.fraction > 0)
        self.leave_off.setVisible(pending)
        self.setVisible(pending or bool(trouble))


def shared_widths(tree: QTreeWidget, least: float) -> None:
    """Columns as wide as what is in them; the last one takes the rest, at least the share ``least`` of the tree.

    Where the others want more than there is, the widest give way; in a tree that wraps words the rows grow. Call it
    when the tree's viewport has another size: the tree itself gets its resize event earlier.
    """
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    tree.header().setStretchLastSection(True)
    room, last = tree.viewport().width(), tree.columnCount() - 1
    wanted = []
    for column in range(last):
        tree.resizeColumnToContents(column)
        wanted.append(tree.columnWidth(column) + rhythm(tree, 2))
    left, widths = int((1 - least) * room), list(wanted)
    for rest, column in enumerate(sorted(range(last), key=wanted.__getitem__)):
        widths[column] = max(1, min(wanted[column], left // (last - rest)))  # the narrow ones first
        left -= widths[column]
    for column, wide in enumerate(widths):
        tree.setColumnWidth(column, wide)
    if tree.wordWrap():
        _wrap_rows(tree, [*widths, room - sum(widths)])


def _wrap_rows(tree: QTreeWidget, widths: Sequence[int]) -> None:
    """A tree wraps words, but makes its rows no higher for that."""
    metrics, pad = tree.fontMetrics(), rhythm(tree, 2)
    for item in (tree.topLevelItem(row) for row in range(tree.topLevelItemCount())):
        if item is None:
            continue
        high = 0
        for column, wide in enumerate(widths):
            room = QRect(0, 0, max(1, wide - pad), 100_000)
            high = max(high, metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, item.text(column)).height())
        item.setSizeHint(tree.columnCount() - 1, QSize(0, high + rhythm(tree, 0.5)))
