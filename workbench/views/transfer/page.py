"""What the wizard's pages share: a draft to show, room for words, and a bar for what takes time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget, QWizardPage

from workbench.bridge.asked import Asked
from workbench.bridge.transfer_draft import TransferDraft
from workbench.views.blocks import Box, Words
from workbench.views.quiet_scroll_bar import keep_room
from workbench.views.theme import ERROR, MUTED, rhythm


class Page(QWizardPage):
    """A page of the wizard. ``column`` takes its parts from the top."""

    def __init__(self, draft: TransferDraft, title: str, words: str) -> None:
        super().__init__()
        self.draft = draft
        self.setTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.column = QVBoxLayout(self)
        self.lead = Words(words, tone=MUTED)
        self.column.addWidget(self.lead)
        self._keep_rhythm()

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

    def _keep_rhythm(self) -> None:
        self.column.setSpacing(rhythm(self, 2))
        self.column.setContentsMargins(0, 0, 0, 0)


class Waiting(Box):
    """How far something is that takes time, with a button to leave off; and why it failed, with a button to retry."""

    def __init__(self, asked: Asked, doing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self._asked, self._doing = asked, doing
        self.words = Words(tone=MUTED)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)  # never the style's endless movement: it takes time from what it waits for
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(doing)
        self.leave_off = QPushButton("Leave off")
        self.leave_off.setAutoDefault(False)
        self.leave_off.setAccessibleName(f"Leave off: {doing}")
        self.leave_off.clicked.connect(asked.cancel)
        self.add(self.words, 1)
        self.add(self.bar)
        self.add(self.leave_off)
        asked.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show where it stands; nothing is shown when there is an answer."""
        pending, trouble = self._asked.is_pending, self._asked.trouble
        self.bar.setMaximumWidth(rhythm(self, 40))
        self.words.setForegroundRole(ERROR if trouble else MUTED)
        said = f"{self._doing}: {self._asked.words}" if self._asked.words else f"{self._doing}…"
        self.words.say(trouble or (said if pending else ""))
        self.bar.setValue(round(100 * self._asked.fraction))
        self.bar.setVisible(pending and self._asked.fraction > 0)
        self.leave_off.setVisible(pending)
        self.setVisible(pending or bool(trouble))


class Scrolled(QScrollArea):
    """A column that scrolls where the window is too low for it; never narrower than what is in it."""

    def __init__(self, inside: QWidget, name: str) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_room(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self._inside = inside
        self.setWidget(inside)

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self._inside.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width(), rhythm(self, 20)
        )


def scrolled(inside: QWidget, name: str) -> Scrolled:
    """``inside`` in an area that scrolls."""
    return Scrolled(inside, name)
