"""Check boxes, radio buttons for up to three options, and a combo box with descriptions for more options."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPalette, QPen, QPolygonF, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.engine.catalog.settings import Setting
from workbench.views.form.editors.base import Editor, SettingRef
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.check_box import Check, Radio
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

MOST_RADIOS = 3
_WORDS_ROLE = Qt.ItemDataRole.UserRole + 1
_SKETCH_ROLE = Qt.ItemDataRole.UserRole + 2


class SwitchEditor(Editor):
    """A check box whose text is the label."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self.box = Check(parent=row)
        self.box.clicked.connect(self._on_clicked)
        self.box.setToolTip(plain_tip(f"{setting.knob.label}: {setting.knob.help}"))
        self.name(self.box)
        self.main = self.title = self.box

    def refresh(self) -> None:
        self.box.setChecked(bool(self.ref.value))

    @Slot(bool)
    def _on_clicked(self, on: bool) -> None:
        self.submit(on)


class RadioBox(Box):
    """Radio buttons side by side, or one below the other in a narrow column."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, spacing=3, horizontal=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        buttons = self.findChildren(Radio)
        needed = sum(button.sizeHint().width() + rhythm(self, 3) for button in buttons)
        side_by_side = needed <= event.size().width()
        self.box.setDirection(QBoxLayout.Direction.LeftToRight if side_by_side else QBoxLayout.Direction.TopToBottom)

    def minimumSizeHint(self) -> QSize:
        widths = [button.sizeHint().width() for button in self.findChildren(Radio)]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())


class RadioEditor(Editor):
    """Two or three options, and the description of the chosen one."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self.group = QButtonGroup(row)
        self.below = Box(row, spacing=0)
        radios = RadioBox(self.below)
        self.name(radios)
        for index, value in enumerate(setting.values):
            radios.add(self._radio(index, value, radios))
        radios.box.addStretch(1)
        self._words = Words(parent=self.below, tone=MUTED)
        self.below.add(radios)
        self.below.add(self._words)
        self.main = self.group.buttons()[0]
        self.group.idClicked.connect(self._on_clicked)

    def _radio(self, index: int, value: str, parent: QWidget) -> QAbstractButton:
        title = self.setting.knob.title_of(value)
        radio = Radio(title.replace("&", "&&"), parent)
        self.name(radio, title)
        radio.setToolTip(plain_tip(self.setting.knob.options.get(value, "")))
        self.group.addButton(radio, index)
        return radio

    def refresh(self) -> None:
        value = str(self.ref.value)
        if value in self.setting.values:
            self.group.button(self.setting.values.index(value)).setChecked(True)
        self._words.say(self.setting.knob.options.get(value, ""))

    @Slot(int)
    def _on_clicked(self, index: int) -> None:
        self.submit(self.setting.values[index])


class OptionDelegate(QStyledItemDelegate):
    """Draws an option: its title, below it the description in a muted colour, and a sketch if it has one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        metrics = QFontMetrics(option.font)
        words = str(index.data(_WORDS_ROLE) or "")
        title = metrics.horizontalAdvance(str(index.data()))
        height = metrics.height() * (2 if words else 1) + metrics.height() // 2
        picture = self._picture_room(metrics) if index.data(_SKETCH_ROLE) else 0
        return QSize(max(title, metrics.horizontalAdvance(words)) + metrics.height() + picture, height)

    def _picture_room(self, metrics: QFontMetrics) -> int:
        return 4 * metrics.height()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole
        margin = option.fontMetrics.height() // 4
        area = option.rect.adjusted(2 * margin, margin, -2 * margin, -margin)
        painter.save()
        painter.setFont(option.font)
        painter.fillRect(option.rect, option.palette.color(role.Highlight if chosen else role.Base))
        if sketch := index.data(_SKETCH_ROLE):
            room = self._picture_room(option.fontMetrics)
            picture = QRectF(area.x(), area.y(), room - 4 * margin, area.height()).adjusted(0, margin, 0, -margin)
            painter.setPen(QPen(option.palette.color(role.HighlightedText if chosen else ACCENT), 0.5 * margin))
            _draw_sketch(painter, picture, sketch)
            area.setLeft(area.left() + room)
        painter.setPen(option.palette.color(role.HighlightedText if chosen else role.Text))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, str(index.data()))
        painter.setPen(option.palette.color(role.HighlightedText if chosen else MUTED))
        words = option.fontMetrics.elidedText(
            str(index.data(_WORDS_ROLE) or ""), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, words)
        painter.restore()


def _draw_sketch(painter: QPainter, area: QRectF, values: Sequence[float]) -> None:
    """A curve as a line that fills ``area``; zero is at the bottom and the highest value at the top."""
    top = max(values) or 1.0
    points = [
        QPointF(area.left() + area.width() * at / max(1, len(values) - 1), area.bottom() - area.height() * value / top)
        for at, value in enumerate(values)
    ]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPolyline(QPolygonF(points))


class Options(QComboBox):
    """A combo box whose list describes each option. The wheel changes it only with the focus."""

    opening = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(9)
        self.setItemDelegate(OptionDelegate(self))

    def offer(self, options: list[tuple[str, str, str]]) -> None:
        """Fill the list with (title, description, value)."""
        blocked = self.blockSignals(True)
        self.clear()
        for index, (title, words, value) in enumerate(options):
            self.addItem(title, value)
            self.setItemData(index, words, _WORDS_ROLE)
            self.setItemData(index, words, Qt.ItemDataRole.AccessibleDescriptionRole)
        self.blockSignals(blocked)

    def set_sketch(self, value: str, curve: Sequence[float]) -> None:
        """Draw a curve beside an option."""
        self.setItemData(self.findData(value), list(curve), _SKETCH_ROLE)

    def show_choice(self, value: str) -> None:
        """Show an option as chosen, without emitting a signal."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(self.findData(value))
        self.blockSignals(blocked)

    def words(self) -> str:
        """The description of the chosen option."""
        return str(self.currentData(_WORDS_ROLE) or "")

    def sizeHint(self) -> QSize:
        """As wide as its longest title; it can be narrower."""
        least = super().sizeHint()
        metrics = QFontMetrics(self.font())
        widest = max((metrics.horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)
        return QSize(max(least.width(), widest + 3 * metrics.height()), least.height())

    def showPopup(self) -> None:
        self.opening.emit()
        widest = max((self.itemDelegate().sizeHint(*self._hint(i)).width() for i in range(self.count())), default=0)
        room = self.screen().availableGeometry().width() if self.screen() is not None else widest
        self.view().setMinimumWidth(min(max(widest, self.width()), room))
        super().showPopup()

    def _hint(self, index: int) -> tuple[QStyleOptionViewItem, QModelIndex]:
        option = QStyleOptionViewItem()
        option.font = self.font()
        return option, self.model().index(index, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ComboEditor(Editor):
    """More than three options: a combo, and under it what the chosen one means."""

    def __init__(self, ref: SettingRef, setting: Setting, row: QWidget) -> None:
        super().__init__(ref, setting, row)
        self.combo = Options(row)
        off = [("Off", "", "")] if setting.optional else []
        knob = setting.knob
        self.combo.offer(off + [(knob.title_of(value), knob.options.get(value, ""), value) for value in setting.values])
        self.combo.activated.connect(self._on_activated)
        self.name(self.combo)
        self.main = self.beside = self.combo
        self.below = self._words = Words(parent=row, tone=MUTED)

    def refresh(self) -> None:
        self.combo.show_choice(self.ref.value or "")
        self._words.say(self.combo.words())

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self.submit(self.combo.itemData(index) or None)
