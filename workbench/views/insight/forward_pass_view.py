"""One forward pass: what training drops at random, beside the same pass at test time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from workbench.engine.core.text import counted, grouped
from workbench.engine.diagnostics.forward_pass import Inside
from workbench.views.insight.forward_pass_drawing import LayerDrawing
from workbench.views.widgets.basics import Box, Words, plain_tip, show_tip
from workbench.views.widgets.collapsible_header import draw_focus
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import ERROR, MUTED, rhythm


class ForwardPassView(Box):
    """The example, its pass in training and at test time, and buttons; or a sentence why there is nothing to show."""

    rerolled = Signal()  #: draw other random numbers
    stepped = Signal(int)  #: show another example: the offset to its number
    watched = Signal(bool)  #: whether the view is visible

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._title = Words("Forward pass")
        font = QFont()  # only the weight is set: the rest follows the application's font
        font.setBold(True)
        self._title.setFont(font)
        self._caption = Words(tone=MUTED)
        self._trouble = Words(tone=ERROR)
        self.canvas = _Canvas()
        self._buttons = QWidget()
        line = FlowLayout(self._buttons, rhythm(self, 1))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._buttons.setSizePolicy(policy)
        self.roll = self._button("Draw again", "Draws other random numbers for what is dropped in this pass.")
        self.previous = self._button("Previous", "Shows the forward pass of the previous example.")
        self.next = self._button("Next", "Shows the forward pass of the next example.")
        for button in (self.roll, self.previous, self.next):
            line.addWidget(button)
        self.previous.setAccessibleName("Previous example")
        self.next.setAccessibleName("Next example")
        self.roll.clicked.connect(self._on_roll)
        self.previous.clicked.connect(self._on_previous)
        self.next.clicked.connect(self._on_next)
        self.canvas.rolled.connect(self._on_roll)
        self.canvas.stepped.connect(self.stepped)
        for part in (self._title, self._caption, self._trouble, self._buttons, self.canvas):
            self.add(part)
        self.setAccessibleName("Forward pass")
        self.show_waiting()

    def _button(self, text: str, description: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleDescription(description)
        button.setToolTip(plain_tip(description))
        return button

    @Slot(object)
    def show_inside(self, inside: Inside) -> None:
        """Show the pass, or the reason why there is none."""
        self.canvas.set_inside(inside)
        self._say(inside.reason or _caption(inside))
        self._buttons.setVisible(not inside.reason)

    @Slot()
    def show_waiting(self) -> None:
        """Show that the pass is being computed; the old one stays visible."""
        self._say("The forward pass is being computed…")
        self._buttons.setVisible(self.canvas.has_layers)

    @Slot(str)
    def show_error(self, message: str) -> None:
        """Show an error message."""
        self.canvas.set_inside(Inside())
        self._say("", message)
        self._buttons.hide()

    def _say(self, caption: str, trouble: str = "") -> None:
        self._caption.say(caption)
        self._trouble.say(trouble)

    @Slot()
    def _on_roll(self) -> None:
        self.rerolled.emit()

    @Slot()
    def _on_previous(self) -> None:
        self.stepped.emit(-1)

    @Slot()
    def _on_next(self) -> None:
        self.stepped.emit(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.watched.emit(False)


def _caption(inside: Inside) -> str:
    weights = "the last weights that the run saved" if inside.trained else "the initial weights"
    more = f" {counted(inside.left_out, 'more layer is', 'more layers are')} not shown." if inside.left_out else ""
    return (
        f"Example {grouped(inside.number + 1)} of {grouped(inside.of)}, class {inside.classes[inside.label]}, "
        f"with {weights}. Dark and crossed out: dropped. Click the picture to draw again.{more}"
    )


class _Canvas(QWidget):
    """Paints the example and its layers: training on the left, test on the right."""

    rolled = Signal()
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = Inside()
        self._drawings: list[LayerDrawing] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("The layers of one forward pass, in training and at test time")
        self.hide()

    @property
    def has_layers(self) -> bool:
        """Whether there are layers to show."""
        return bool(self._drawings)

    def set_inside(self, inside: Inside) -> None:
        self._inside = inside
        self._drawings = [LayerDrawing(layer, inside.classes, inside.label, self) for layer in inside.layers]
        self.setAccessibleDescription(". ".join(layer.words for layer in inside.layers))
        self.setVisible(self.has_layers)
        self.updateGeometry()
        self.update()

    # --- Geometry -----------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return places[-1][1].bottom() + rhythm(self, 2) if places else 0

    def sizeHint(self) -> QSize:
        width = rhythm(self, 60)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), 0)

    def _side(self, width: int) -> int:
        """The width of a side."""
        return max(1, (width - rhythm(self, 4)) // 2)

    def _head(self, width: int) -> QRect:
        """Where the example is drawn; no height for points."""
        picture = self._inside.picture
        if picture is None:
            return QRect()
        height = rhythm(self, 14)
        return QRect(0, 0, min(width, round(height * picture.shape[1] / picture.shape[0])), height)

    def _places(self, width: int) -> list[tuple[QRect, QRect]]:
        """For each layer the rectangles of its text and of its left side."""
        metrics = QFontMetrics(self.font())
        head = self._head(width)
        y = (head.bottom() + 1 + rhythm(self, 2) if head.height() else 0) + metrics.height() + rhythm(self, 2)
        places = []
        for drawing in self._drawings:
            box = QRect(0, 0, width, 10_000)
            words = metrics.boundingRect(box, Qt.TextFlag.TextWordWrap, drawing.layer.words)
            label = QRect(0, y, width, words.height())
            side = QRect(0, label.bottom() + 1 + rhythm(self, 1), self._side(width), drawing.height(self._side(width)))
            places.append((label, side))
            y = side.bottom() + 1 + rhythm(self, 3)
        return places

    # --- Drawing ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        places = self._places(self.width())
        if places:
            self._draw_head(painter, places[0][0].top())
        across = self.width() - self._side(self.width())
        for drawing, (label, side) in zip(self._drawings, places, strict=True):
            if not event.rect().intersects(label.united(side).adjusted(0, 0, self.width(), 0)):
                continue
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(label, Qt.TextFlag.TextWordWrap, drawing.layer.words)
            drawing.draw(painter, drawing.layer.train, side)
            drawing.draw(painter, drawing.layer.test, side.translated(across, 0))
        if self.hasFocus():
            draw_focus(painter, self.rect(), self.palette())
        painter.end()

    def _draw_head(self, painter: QPainter, bottom: int) -> None:
        head, picture = self._head(self.width()), self._inside.picture
        if picture is not None:
            image = image_of(picture)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > head.width())
            painter.drawImage(head, image)
        line = QFontMetrics(self.font()).height()
        top = bottom - line - rhythm(self, 2)
        painter.setPen(self.palette().color(MUTED))
        side = self._side(self.width())
        painter.drawText(QRect(0, top, side, line), Qt.AlignmentFlag.AlignLeft, "Training")
        painter.drawText(QRect(self.width() - side, top, side, line), Qt.AlignmentFlag.AlignLeft, "Test")

    # --- Mouse and keyboard -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.rolled.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.rolled.emit()
        elif event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self.words_at) or super().event(event)

    def words_at(self, place: QPoint) -> str:
        """What the layer at a point does on that side; empty between the layers."""
        for drawing, (label, side) in zip(self._drawings, self._places(self.width()), strict=True):
            if label.united(side).adjusted(0, 0, self.width(), 0).contains(place):
                if place.x() < self.width() // 2:
                    return f"Training. {drawing.layer.words}"
                return f"Test. {drawing.layer.name}: {_TEST_WORDS[drawing.layer.kind]}"
        return ""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()


_TEST_WORDS = {
    "units": "all units are used",
    "maps": "all activations are used",
    "weights": "all weights are used",
    "pooling": "fixed regions",
    "branches": "all branches are used",
    "answer": "the prediction at test time",
}
