"""The window of help: contents and search on the left, the page on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QKeySequence, QTextBlock, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from workbench.engine.help.pages import CONTENTS, HelpPage, search
from workbench.engine.help.places import Place
from workbench.views.widgets.theme import rhythm

_PLACE = Qt.ItemDataRole.UserRole
_MOST_FOUND = 60


class HelpWindow(QDialog):
    """Shows ``pages``, the contents first. Escape hides it; it comes back where it was."""

    def __init__(self, pages: Sequence[HelpPage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        self.setSizeGripEnabled(True)
        self._pages = {page.name: page for page in pages}
        self._written = sum(not page.name.startswith("settings/") for page in pages)
        self._been: list[Place] = []
        self._at = -1
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search")
        self.words.setAccessibleName("Search in the help")
        self.words.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Pages of the help, or what was found")
        self.list.setWordWrap(True)
        self.text = QTextBrowser()
        self.text.setAccessibleName("Help page")
        self.text.setOpenLinks(False)
        self.back = self._button("Back", "Alt+Left")
        self.forward = self._button("Forward", "Alt+Right")
        self.text.viewport().installEventFilter(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._scroll)
        self._lay_out()
        self.words.textChanged.connect(self._on_words)
        self.list.itemActivated.connect(self._on_item)
        self.list.itemClicked.connect(self._on_item)
        self.text.anchorClicked.connect(self._on_link)
        self.back.clicked.connect(self._on_back)
        self.forward.clicked.connect(self._on_forward)
        self._fill_contents()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 220), rhythm(self, 150))

    def show_place(self, place: Place) -> None:
        """Open a page at its heading; a page that is not there is the contents."""
        if self.current != place:
            del self._been[self._at + 1 :]
            self._been.append(place)
            self._at += 1
        self._render()

    @property
    def current(self) -> Place | None:
        """The place that is shown."""
        return self._been[self._at] if self._been else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.current is not None:
            self._later.start()  # the text is laid out anew, so its headings move
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange) and self.current is not None:
            self._render()

    def _button(self, words: str, keys: str) -> QPushButton:
        button = QPushButton(words)
        button.setShortcut(QKeySequence(keys))
        button.setToolTip(f"{words} ({keys})")
        button.setAutoDefault(False)
        button.setEnabled(False)
        return button

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.addWidget(self.words)
        column.addWidget(self.list, 1)
        page = QVBoxLayout(right)
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addWidget(self.forward)
        row.addStretch(1)
        page.addLayout(row)
        page.addWidget(self.text, 1)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 3)
        for layout in (column, page):
            layout.setContentsMargins(0, 0, 0, 0)
        QVBoxLayout(self).addWidget(splitter)

    def _fill_contents(self) -> None:
        self.list.clear()
        for page in self._pages.values():
            self._add(page.title, Place(page.name))
            if page is list(self._pages.values())[self._written - 1]:
                self._add_header("Settings")

    def _add_header(self, words: str) -> None:
        item = QListWidgetItem(words)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = self.font()
        font.setBold(True)
        item.setFont(font)
        self.list.addItem(item)

    def _add(self, words: str, place: Place) -> None:
        item = QListWidgetItem(words)
        item.setData(_PLACE, place)
        self.list.addItem(item)

    @Slot(str)
    def _on_words(self, words: str) -> None:
        if not words.strip():
            self._fill_contents()
            return
        self.list.clear()
        for number, found in enumerate(search(tuple(self._pages.values()), words)):
            if number == _MOST_FOUND:
                break
            where = " › ".join((found.page.title, *found.headings[1:]))
            self._add(where, Place(found.page.name, found.headings[1:]))
        if not self.list.count():
            self.list.addItem(QListWidgetItem(f"Nothing found for “{words.strip()[:40]}”"))

    @Slot(QListWidgetItem)
    def _on_item(self, item: QListWidgetItem) -> None:
        place = item.data(_PLACE)
        if place is not None:
            self.show_place(place)

    @Slot(QUrl)
    def _on_link(self, url: QUrl) -> None:
        self.show_place(Place(url.toString().removesuffix(".md")))

    @Slot()
    def _on_back(self) -> None:
        self._go(self._at - 1)

    @Slot()
    def _on_forward(self) -> None:
        self._go(self._at + 1)

    def _go(self, at: int) -> None:
        if 0 <= at < len(self._been):
            self._at = at
            self._render()

    def _render(self) -> None:
        place = self.current
        assert place is not None
        page = self._pages.get(place.page, self._pages[CONTENTS])
        self.text.setMarkdown(page.text)
        self.text.document().setDocumentMargin(rhythm(self, 3))
        self._scroll()
        self.back.setEnabled(self._at > 0)
        self.forward.setEnabled(self._at < len(self._been) - 1)
        if not self.words.text().strip():
            self._choose(page.name)

    def _choose(self, name: str) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(_PLACE) == Place(name):
                self.list.setCurrentRow(row)

    @Slot()
    def _scroll(self) -> None:
        """Bring the heading of the place to the top of the view."""
        headings = self.current.headings if self.current is not None else ()
        block = self.text.document().begin()
        for heading in headings:
            found = _heading_from(block, heading)
            block = block if found is None else found
        self.text.setTextCursor(QTextCursor(block))
        top = self.text.document().documentLayout().blockBoundingRect(block).top()
        self.text.verticalScrollBar().setValue(int(top) if headings else 0)


def _heading_from(block: QTextBlock, words: str) -> QTextBlock | None:
    while block.isValid():
        if block.blockFormat().headingLevel() and block.text() == words:
            return block
        block = block.next()
    return None
