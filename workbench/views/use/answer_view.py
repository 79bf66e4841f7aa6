"""The answer to a picture: its likeliest classes as bars, the picture, and what the network sees of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import percent, short, significant
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, rhythm

if TYPE_CHECKING:
    from workbench.engine.use.answer import Answer


#: Number of rows of bars that there is always room for.
_ALWAYS: Final = 5


class PictureBox(QWidget):
    """A picture as large as there is room; one that is enlarged shows its real pixels."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._name = name
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage | None) -> None:
        """Show ``image``; None shows what will be there."""
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 44), rhythm(self, 44))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 18), rhythm(self, 18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self.width(), self.height())
        area = QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)
        if self._image is None:
            painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
            painter.setPen(self.palette().color(MUTED))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._name)
        else:
            size = self._image.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, size.width(), size.height())
            place.moveCenter(area.center())
            is_reduced = self._image.width() > place.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_reduced)
            painter.drawImage(place, self._image)
        painter.end()


class Bars(QWidget):
    """A row for each class: its name, a bar, its probability."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The likeliest classes")
        self._rows: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def rows(self) -> tuple[tuple[str, float], ...]:
        """What is shown: classes with their probabilities."""
        return self._rows

    def show_rows(self, rows: tuple[tuple[str, float], ...]) -> None:
        """Show these classes with their probabilities (0–1)."""
        self._rows = rows
        self.setAccessibleDescription("; ".join(f"{name} {percent(share)}" for name, share in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 80), 8 * rhythm(self, 6))

    def minimumSizeHint(self) -> QSize:
        rows = min(max(len(self._rows), 3), _ALWAYS)
        return QSize(rhythm(self, 50), rows * rhythm(self, 4.5))

    @property
    def row_height(self) -> int:
        """The height of a row in pixels: less where all rows then have room."""
        needed = self.height() // max(1, len(self._rows))
        return min(rhythm(self, 6), max(rhythm(self, 4.5), needed))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        high, metrics = self.row_height, self.fontMetrics()
        figures = metrics.horizontalAdvance("100.0 %  ")
        names = round(self.width() * 0.35)
        line = Qt.AlignmentFlag.AlignVCenter
        for number, (name, share) in enumerate(self._rows):
            top = number * high
            if top + high > self.height():
                break
            font = self.font()
            font.setBold(number == 0)
            painter.setFont(font)
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, names - rhythm(self, 1))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(QRect(0, top, names, high), line | Qt.AlignmentFlag.AlignLeft, shown)
            track = QRectF(names, top + high * 0.25, self.width() - names - figures, high * 0.5)
            painter.fillRect(track, self.palette().color(QPalette.ColorRole.Button))
            filled = QRectF(track)
            filled.setWidth(track.width() * share)
            painter.fillRect(filled, self._colour(number))
            place = QRect(self.width() - figures, top, figures, high)
            painter.drawText(place, line | Qt.AlignmentFlag.AlignRight, percent(share))
        painter.end()

    def _colour(self, number: int) -> QColor:
        return self.palette().color(ACCENT if number == 0 else MUTED)


class AnswerView(Box):
    """Says what will be here before there is an answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self.given, self.seen = PictureBox("The picture"), PictureBox("What the network sees")
        self.bars = Bars()
        self.words = Words("Give a picture: what the network takes it for will be here.", tone=MUTED)
        pictures = Box(self, spacing=2, horizontal=True)
        self.given_column = _column(pictures, self.given, "Cut and resized")
        _column(pictures, self.seen, "As the network sees it")
        self.add(pictures, 3)
        self.add(self.bars, 2)
        self.add(self.words)
        self.box.addStretch(1)

    def show_answer(self, answer: Answer) -> None:
        """Show what the network takes a picture for."""
        self.given.show_image(image_of(answer.given))
        self.seen.show_image(image_of(answer.seen))
        self.bars.show_rows(answer.classes)
        self.words.setForegroundRole(MUTED)
        took = short(significant(answer.seconds * 1000, 2))
        self.words.setText(f"The network sees {answer.seen_words}. {took} ms for a picture.")

    def say(self, words: str, is_wrong: bool = True) -> None:
        """Instead of an answer there are ``words``."""
        self.given.show_image(None)
        self.seen.show_image(None)
        self.bars.show_rows(())
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.setText(words)


def _column(pictures: Box, box: PictureBox, words: str) -> Box:
    column = Box(pictures, spacing=1)
    column.add(box, 1)
    column.add(Words(words, tone=MUTED))
    pictures.add(column, 1)
    return column
