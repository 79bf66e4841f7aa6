"""The user's own training examples beside what augmentation makes of them in the first epochs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from workbench.engine.report.augmentation_sheet import Sheet
from workbench.views.widgets.basics import Box, Words, show_tip
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import ERROR, MUTED, rhythm


class AugmentationPreview(Box):
    """Contact sheet, a button that shows later epochs, and notes on labels; or words about why there is nothing."""

    #: Show the same examples in the next epochs.
    rerolled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._caption = Words(tone=MUTED)
        self._pictures = _Pictures()
        self._notes = Words(tone=MUTED)
        self._trouble = Words(tone=ERROR)
        self._button = QPushButton("Show the next epochs")
        self._button.setAccessibleDescription("Draws other random augmentations of the same examples.")
        self._button.clicked.connect(self._on_clicked)
        for part in (self._caption, self._trouble, self._pictures, self._button, self._notes):
            self.add(part)
        self.setAccessibleName("Augmented examples")
        self.show_waiting()

    @Slot(object)
    def show_sheet(self, sheet: Sheet) -> None:
        """Show the pictures, or the reason why there are none."""
        self._pictures.set_sheet(sheet)
        self._say(caption=sheet.reason or _caption(sheet), notes="\n".join(sheet.notes))
        self._button.setVisible(not sheet.reason)

    @Slot()
    def show_waiting(self) -> None:
        """Say that the pictures are on their way; the old ones stay."""
        self._say(caption="Preparing the pictures…")
        self._button.setVisible(self._pictures.has_pictures)

    @Slot(str)
    def show_error(self, message: str) -> None:
        """Say in a sentence why there are no pictures."""
        self._pictures.clear()
        self._say(trouble=message)
        self._button.hide()

    def _say(self, caption: str = "", trouble: str = "", notes: str = "") -> None:
        self._caption.say(caption)
        self._trouble.say(trouble)
        self._notes.say(notes)

    @Slot()
    def _on_clicked(self) -> None:
        self.rerolled.emit()


def _caption(sheet: Sheet) -> str:
    first, last = sheet.epochs[0] + 1, sheet.epochs[-1] + 1
    words = f"On the left the original example, beside it what the model sees in epochs {first} to {last}."
    return words + " Point at a picture to read its mixed label." * bool(sheet.mixtures)


class _Pictures(QWidget):
    """Paints a sheet: small pictures in sharp pixels, large ones smoothly reduced. A tooltip names class and epoch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet: Sheet | None = None
        self._images: list[QImage] = []
        self._scaled: tuple[QSize, list[QImage]] = (QSize(), [])
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Contact sheet")
        self.hide()

    @property
    def has_pictures(self) -> bool:
        """Whether there is something to see."""
        return bool(self._images)

    def set_sheet(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._images = [image_of(picture) for picture in sheet.pictures]
        self._scaled = (QSize(), [])
        classes = ", ".join(dict.fromkeys(sheet.names))
        self.setAccessibleDescription(f"Examples of the classes {classes}" if classes else "")
        self.setVisible(self.has_pictures)
        self.updateGeometry()
        self.update()

    def clear(self) -> None:
        self._sheet, self._images = None, []
        self.hide()

    # --- Geometry -----------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        if self._sheet is None or not self._images:
            return 0
        gap = rhythm(self, 1)
        return self._sheet.rows * (self._cell(width).height() + gap) - gap

    def sizeHint(self) -> QSize:
        width = rhythm(self, 60)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), 0)

    def _name_width(self, width: int) -> int:
        """Room for the class names at the left: as wide as they are, at most a fifth."""
        if self._sheet is None:
            return 0
        widest = max(self.fontMetrics().horizontalAdvance(name) for name in self._sheet.names)
        return min(widest, width // 5) + rhythm(self, 1)

    def _cell(self, width: int) -> QSize:
        """One picture in logical pixels, at most ten lines high."""
        if self._sheet is None:
            return QSize()
        columns, gap = self._sheet.columns, rhythm(self, 1)
        room = (width - self._name_width(width) - columns * gap) // columns
        height, wide = self._images[0].height(), self._images[0].width()
        factor = min(room / wide, rhythm(self, 40) / height)
        return QSize(max(1, int(wide * factor)), max(1, int(height * factor)))

    def _place(self, index: int) -> QRect:
        """Where the picture ``index`` is drawn; the original is a little apart."""
        assert self._sheet is not None
        row, column = divmod(index, self._sheet.columns)
        cell, gap = self._cell(self.width()), rhythm(self, 1)
        left = self._name_width(self.width()) + column * (cell.width() + gap) + (gap if column else 0)
        return QRect(QPoint(left, row * (cell.height() + gap)), cell)

    # --- Drawing ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._sheet is None:
            return
        painter = QPainter(self)
        for index, image in enumerate(self._fitting()):
            painter.drawImage(self._place(index), image)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        width = self._name_width(self.width()) - rhythm(self, 1)
        for row, name in enumerate(self._sheet.names):
            beside = self._place(row * self._sheet.columns)
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
            box = QRect(0, beside.top(), width, beside.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _fitting(self) -> list[QImage]:
        """The pictures in device pixels; kept until the size changes."""
        size = self._cell(self.width()) * self.devicePixelRatioF()
        if self._scaled[0] != size:
            self._scaled = (size, [_resized(image, size) for image in self._images])
        return self._scaled[1]

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self.words_at) or super().event(event)

    def words_at(self, place: QPoint) -> str:
        """Class and epoch of the picture at ``place``; empty beside the pictures."""
        if self._sheet is None:
            return ""
        for index in range(len(self._images)):
            if self._place(index).contains(place):
                row, column = divmod(index, self._sheet.columns)
                what = f"epoch {self._sheet.epochs[column - 1] + 1}" if column else "the original"
                mixture = self._sheet.mixtures[index] if column and self._sheet.mixtures else ""
                return f"Class {self._sheet.names[row]}, {what}" + f", label {mixture}" * bool(mixture)
        return ""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()


def _resized(image: QImage, size: QSize) -> QImage:
    """Enlarged in sharp pixels, reduced smoothly."""
    grows = size.width() >= image.width()
    mode = Qt.TransformationMode.FastTransformation if grows else Qt.TransformationMode.SmoothTransformation
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
