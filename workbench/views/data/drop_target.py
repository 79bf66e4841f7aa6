"""Files and folders can be dropped anywhere on the window; while something is dragged over it, it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QMimeData, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWindow,
)
from PySide6.QtWidgets import QWidget

from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

_WHAT = "A folder with one folder of pictures for each class, IDX files, an .npz, a .csv, or a settings file"


@runtime_checkable
class TakesFiles(Protocol):
    """A page for which files that are dropped on the window are meant while it is shown."""

    def drop_words(self, paths: Sequence[Path]) -> tuple[str, str]:
        """What will become of ``paths``, and what can be dropped."""

    def take_dropped(self, paths: Sequence[Path]) -> None:
        """These were dropped."""


class DropTarget(QWidget):
    """Lies over the whole window while files are dragged over it, so that no field or plot below takes them."""

    dropped = Signal(object)  #: a tuple of Paths; empty if nothing of it is on this computer

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        #: The page that is shown, if it takes files itself.
        self.taker: Callable[[], TakesFiles | None] = lambda: None
        self.setAcceptDrops(True)
        self.setAccessibleName("Drop data here")
        self._window = window
        self._words = self._what = ""
        self._handle: QWindow | None = None
        self.hide()

    def watch(self, handle: QWindow | None) -> None:
        """Appear when files are dragged over the window behind ``handle``."""
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Before the window asks which widget is below the pointer: from now on it is this one.
        if isinstance(event, QDragEnterEvent) and event.mimeData().hasUrls():
            self._appear(paths_of(event.mimeData()))
        return False

    @property
    def words(self) -> str:
        """What it says while it is shown."""
        return self._words

    def _appear(self, paths: Sequence[Path]) -> None:
        taker = self.taker()
        self._words, self._what = (_drop_words(paths), _WHAT) if taker is None or not paths else taker.drop_words(paths)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        _accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        _accept(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.hide()
        _accept(event)
        paths, taker = paths_of(event.mimeData()), self.taker()
        if taker is not None and paths:
            taker.take_dropped(paths)
        else:
            self.dropped.emit(paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self.palette().color(QPalette.ColorRole.Window))
        ground.setAlphaF(0.92)
        painter.fillRect(self.rect(), ground)
        margin = rhythm(self, 4)
        painter.setPen(QPen(self.palette().color(ACCENT), rhythm(self, 0.5), Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(margin, margin, -margin, -margin), margin, margin)
        self._draw_words(painter, self.rect().adjusted(3 * margin, margin, -3 * margin, -margin))
        painter.end()

    def _draw_words(self, painter: QPainter, area: QRect) -> None:
        font = QFont(self.font())
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * 1.6)
        line = round(self.fontMetrics().height() * 1.6)
        wrapped = int(Qt.TextFlag.TextWordWrap)
        upper = area.adjusted(0, 0, 0, -area.height() // 2 - line // 4)
        lower = area.adjusted(0, area.height() // 2 + line // 4, 0, 0)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.setFont(font)
        painter.drawText(
            upper, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom) | wrapped, self._words
        )
        painter.setFont(self.font())
        painter.setPen(self.palette().color(MUTED))
        painter.drawText(lower, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | wrapped, self._what)


def _accept(event: QDropEvent) -> None:
    """Nothing is moved from where it is: the data is only read."""
    if event.mimeData().hasUrls():
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()


def paths_of(data: QMimeData) -> tuple[Path, ...]:
    """The files and folders of this computer among what is dragged."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile())


def _drop_words(paths: Sequence[Path]) -> str:
    if not paths:
        return "These files are not on this computer"
    if len(paths) > 1:
        return f"Drop {len(paths)} files or folders here"
    return f"Drop “{paths[0].name or paths[0]}” here to use it"
