"""Files dragged over a widget and dropped there, as the events that the system sends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl, qVersion
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

_ACTION = Qt.DropAction.CopyAction
_BUTTON = Qt.MouseButton.LeftButton
_NO_KEY = Qt.KeyboardModifier.NoModifier
#: Qt before 6.12 takes whole pixels only; from 6.12 on that constructor is deprecated.
_Place = QPointF if tuple(map(int, qVersion().split(".")[:2])) >= (6, 12) else QPoint


def files(paths: Sequence[Path]) -> QMimeData:
    """What the system gives along with files; keep it as long as the events made with it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def entering(place: QPoint, data: QMimeData) -> QDragEnterEvent:
    """The pointer comes in at `place` with `data`."""
    return QDragEnterEvent(_Place(place), _ACTION, data, _BUTTON, _NO_KEY)


def moving(place: QPoint, data: QMimeData) -> QDragMoveEvent:
    """The pointer moves to `place` with `data`."""
    return QDragMoveEvent(_Place(place), _ACTION, data, _BUTTON, _NO_KEY)


def dropping(place: QPoint, data: QMimeData) -> QDropEvent:
    """`data` is let go at `place`."""
    return QDropEvent(QPointF(place), _ACTION, data, _BUTTON, _NO_KEY)
