"""Cells that are drawn: the run with its colour and pin, the status with its shape, the curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPalette, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from workbench.bridge.runs.listing import mean_curve
from workbench.engine.shelf.choose import Group
from workbench.engine.shelf.record import RunRecord
from workbench.views.plots.run_styles import RunStyle, draw_mark
from workbench.views.runs.runs_model import ROW, STYLE
from workbench.views.runs.status_icons import status_pixmap
from workbench.views.widgets.check_box import draw_indicator
from workbench.views.widgets.row_delegate import RowDelegate, icon_as_drawn
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, WARNING, theme

_Index = QModelIndex | QPersistentModelIndex
#: Curves that stay within this many per cent points are drawn flat, not stretched to the cell.
_LEAST_SPAN = 0.05


class NameDelegate(RowDelegate):
    """Check box, the mark of a ticked run, a pin, the name; a group is bold, a hidden run is muted."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        state = index.data(Qt.ItemDataRole.CheckStateRole)
        if state is None:
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = _on_selection(option.palette) if selected else option.palette
        draw_indicator(painter, self.check_box(option, index), palette, state)
        painter.restore()

    def check_box(self, option: QStyleOptionViewItem, index: _Index) -> QRectF:
        """Where the check box is drawn and clicked. The style's own does not grow with the font, and cannot be seen on
        a dark ground: in its place the decoration begins with room for this one."""
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        room = shown.widget.style().subElementRect(QStyle.SubElement.SE_ItemViewItemDecoration, shown, shown.widget)
        side = _box_side(shown)
        return QRectF(room.left(), room.center().y() - side / 2 + 0.5, side, side)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """A click on the check box; a second one within a double click counts as well."""
        is_mouse = isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton
        if not (is_mouse and self.check_box(option, index).contains(cast("QMouseEvent", event).position())):
            return bool(super().editorEvent(event, model, option, index))
        if event.type() == QEvent.Type.MouseButtonRelease:
            is_on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            wanted = Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked
            model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)
        return True

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        row = index.data(ROW)
        if isinstance(row, Group):
            font = QFont(option.font)
            font.setBold(True)
            option.font = font
        elif isinstance(row, RunRecord) and row.about.hidden:
            option.palette.setColor(QPalette.ColorRole.Text, option.palette.color(MUTED))
        style, pinned = index.data(STYLE), isinstance(row, RunRecord) and row.about.pinned
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        side = option.fontMetrics.height()
        left = _box_side(option) + (side // 4 if isinstance(style, RunStyle) or pinned else 0)
        option.decorationSize = QSize(left + side * (isinstance(style, RunStyle) + pinned), side)
        option.icon = icon_as_drawn(_marks_pixmap(style, pinned, option, left))


def _box_side(option: QStyleOptionViewItem) -> int:
    return round(0.8 * option.fontMetrics.height())


def _on_selection(palette: QPalette) -> QPalette:
    """Colours that can be seen on the colour of the selection."""
    other = QPalette(palette)
    on, under = palette.color(QPalette.ColorRole.HighlightedText), palette.color(QPalette.ColorRole.Highlight)
    for role, colour in (
        (ACCENT, on),
        (MUTED, on),
        (QPalette.ColorRole.Base, under),
        (QPalette.ColorRole.HighlightedText, under),
    ):
        other.setColor(QPalette.ColorGroup.All, role, colour)
    return other


def _marks_pixmap(style: object, pinned: bool, option: QStyleOptionViewItem, left: int) -> QPixmap:
    """The marks of a row, ``left`` pixels from the edge."""
    size, ratio = option.decorationSize, 2.0
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side, x = size.height(), float(left)
    if isinstance(style, RunStyle):
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colour = option.palette.color(QPalette.ColorRole.HighlightedText) if selected else None
        shown = colour or QColor(style.colour(theme().colours.dark))
        draw_mark(painter, style.mark, QPointF(x + side / 2, side / 2), side * 0.28, shown)
        x += side
    if pinned:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.color(QPalette.ColorRole.HighlightedText if selected else MUTED)
        painter.setPen(QPen(ink, side / 9, c=Qt.PenCapStyle.RoundCap))
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(x + side * 0.5, side * 0.33), side * 0.17, side * 0.17)
        painter.drawLine(QPointF(x + side * 0.5, side * 0.45), QPointF(x + side * 0.5, side * 0.88))
    painter.end()
    return pixmap


class StatusDelegate(RowDelegate):
    """A shape and a word."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        row = index.data(ROW)
        if isinstance(row, RunRecord):
            side = round(0.9 * option.fontMetrics.height())
            palette = QPalette(option.palette)
            if option.state & QStyle.StateFlag.State_Selected:
                for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
                    for role in (ACCENT, MUTED, ERROR, WARNING, QPalette.ColorRole.Text):
                        palette.setColor(group, role, option.palette.color(QPalette.ColorRole.HighlightedText))
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.decorationSize = QSize(side, side)
            option.icon = icon_as_drawn(status_pixmap(row.status, palette, side, 2.0))


class CurveDelegate(RowDelegate):
    """A sparkline; of a group the mean of its runs in the band between least and most."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bands: dict[int, tuple[object, tuple[list[float], list[float], list[float]]]] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        row = index.data(ROW)
        mean, low, high = list[float](), list[float](), list[float]()
        if isinstance(row, RunRecord):
            mean = list(row.sparkline)
        elif isinstance(row, Group):
            mean, low, high = self._band(row)
        else:
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colour = option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(option.rect).adjusted(4, 3, -4, -3)
        draw_sparkline(painter, inside, mean, low, high, colour, 1.2 * theme().scale)
        painter.restore()

    def _band(self, group: Group) -> tuple[list[float], list[float], list[float]]:
        kept = self._bands.get(id(group))
        if kept is None or kept[0] is not group:
            if len(self._bands) > 500:
                self._bands.clear()
            kept = self._bands[id(group)] = (group, mean_curve(group.records))
        return kept[1]


def draw_sparkline(
    painter: QPainter,
    box: QRectF,
    mean: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    colour: QColor,
    width: float,
) -> None:
    """Draw values from left to right in ``box``, its band behind; nothing for less than two values."""
    if len(mean) < 2:
        return
    bottom, top = min((*mean, *low)), max((*mean, *high))
    middle, span = (bottom + top) / 2, max(top - bottom, _LEAST_SPAN)

    def points(values: Sequence[float]) -> list[QPointF]:
        step = box.width() / (len(values) - 1)
        places = ((middle + span / 2 - value) / span * box.height() for value in values)
        return [QPointF(box.left() + at * step, box.top() + y) for at, y in enumerate(places)]

    if low and high:
        faint = QColor(colour)
        faint.setAlphaF(0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint)
        painter.drawPolygon(QPolygonF([*points(high), *reversed(points(low))]))
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points(mean)))
