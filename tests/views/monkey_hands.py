"""What the monkey does with pointer and keys, wherever they happen to be."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from tests.views.monkey_inputs import RUBBISH
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.data.download_line import DownloadLine
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space)
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
_NO_KEY, _SHIFT, _CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
_WITH = (_NO_KEY, _NO_KEY, _CTRL, _SHIFT)
#: More weights or examples in a step would make the runs, not the window, take the time.
_MOST = 300


class Hands:
    """Clicks, drags, types and chooses at random places of ``window``. ``base`` is a small experiment."""

    def __init__(self, window: MainWindow, base: ExperimentSpec) -> None:
        assert window.workspace is not None
        self.window, self._base = window, base
        self.parts: Workspace = window.workspace

    def _keep_small(self) -> None:
        """A button or key may start a run, so the experiment must be one that costs little."""
        spec = self.parts.services.store.spec
        model = spec.model
        width = max(getattr(model, "hidden", ()) or getattr(model, "channels", ()) or (0,))
        members = int(getattr(spec.ensemble, "members", 1) or 1)
        if not isinstance(model, (MLP, SmallCNN)) or width > _MOST or spec.loop.batch_size > _MOST or members > 5:
            self.parts.services.store.load(self._base)

    # --- where -----------------------------------------------------------------------------------------------------

    def _top(self, draw: random.Random) -> QWidget:
        """A window that takes input now: the modal one, or any that is visible."""
        modal = QApplication.activeModalWidget()
        if modal is not None:
            return modal
        dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]
        return draw.choice([self.window, self.window, *sorted(dialogs, key=lambda each: each.windowTitle())])

    def _target(self, draw: random.Random, wanted: type[QWidget] = QWidget, tries: int = 4) -> QWidget | None:
        """An enabled widget of a kind at a random place, that the monkey may use."""
        top = self._top(draw)
        for _ in range(tries):
            found = top.childAt(QPoint(draw.randrange(max(1, top.width())), draw.randrange(max(1, top.height()))))
            if found is not None and isinstance(found, wanted) and found.isEnabled() and not self._is_taboo(found):
                return found
        return None

    def _is_taboo(self, widget: QWidget) -> bool:
        """Whether it would use the network, open a menu that blocks, close the window, or train what is large."""
        if isinstance(widget, (QToolButton, QPushButton)) and widget.menu() is not None:
            return True
        if isinstance(widget, QAbstractButton) and any(w in widget.text().lower() for w in ("download", "stop and")):
            return True
        return self.parts.run_bar.isAncestorOf(widget) or isinstance(widget.parentWidget(), DownloadLine)

    def _is_modal(self) -> bool:
        return QApplication.activeModalWidget() is not None

    # --- pointer and keys ------------------------------------------------------------------------------------------

    def _click(self, draw: random.Random) -> str:
        return self._press(draw, self._target(draw))

    def _click_button(self, draw: random.Random) -> str:
        return self._press(draw, self._target(draw, QAbstractButton, 12))

    def _press(self, draw: random.Random, target: QWidget | None) -> str:
        if target is None:
            return "nothing"
        if isinstance(target, QAbstractButton):
            self._keep_small()
        words, place = name_of(target), _place(draw, target)
        button = draw.choices((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton), (9, 1))[0]
        how = QTest.mouseDClick if draw.random() < 0.1 else QTest.mouseClick
        how(target, button, draw.choice((_NO_KEY, _NO_KEY, _NO_KEY, _SHIFT, _CTRL)), place)
        self._close_popup(draw)
        return f"{words} at {place.x()}, {place.y()}"

    def _close_popup(self, draw: random.Random) -> None:
        """A list of choices or a menu that a click has opened is left, the list now and then with another choice."""
        popup = QApplication.activePopupWidget()
        if popup is None:
            return
        if not isinstance(popup, QMenu) and draw.random() < 0.7:
            for _ in range(draw.randrange(6)):
                QTest.keyClick(popup, draw.choice(MOVES))
            QTest.keyClick(popup, Qt.Key.Key_Return)
        if QApplication.activePopupWidget() is not None:
            popup.close()

    def _drag(self, draw: random.Random) -> str:
        target = self._target(draw)
        if target is None:
            return "nothing"
        words, start, end = name_of(target), _place(draw, target), _place(draw, target)
        QTest.mousePress(target, Qt.MouseButton.LeftButton, _NO_KEY, start)
        QTest.mouseMove(target, end)
        QTest.mouseRelease(target, Qt.MouseButton.LeftButton, _NO_KEY, end)
        self._close_popup(draw)
        return f"{words} from {start.x()}, {start.y()} to {end.x()}, {end.y()}"

    def _wheel(self, draw: random.Random) -> str:
        target = self._target(draw)
        if target is None:
            return "nothing"
        place, turn = QPointF(_place(draw, target)), QPoint(0, draw.choice((-240, -120, 120, 240)))
        where, phase = QPointF(target.mapToGlobal(place)), Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(place, where, QPoint(), turn, Qt.MouseButton.NoButton, draw.choice(_WITH), phase, False)
        QCoreApplication.sendEvent(target, event)
        return name_of(target)

    def _key(self, draw: random.Random) -> str:
        target = QApplication.focusWidget() or self._top(draw)
        if self._is_taboo(target):
            return "nothing"
        self._keep_small()
        key = draw.choice((*_KEYS, *MOVES))
        words = f"{key.name} in {name_of(target)}"
        QTest.keyClick(target, key)
        self._close_popup(draw)
        return words

    def _type(self, draw: random.Random) -> str:
        field = self._target(draw, QLineEdit, 20)
        return self._fill(draw, field) if isinstance(field, QLineEdit) else "nothing"

    def _fill(self, draw: random.Random, field: QLineEdit) -> str:
        words, text = name_of(field), draw.choice(RUBBISH)
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        if len(text) > 20 or not text.isascii():
            field.insert(text)  # pasted
        else:
            QTest.keyClicks(field, text)
        QTest.keyClick(field, draw.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape)))
        return f"{text[:20]!r} in {words}"

    def _choose(self, draw: random.Random) -> str:
        box = self._target(draw, QComboBox, 20)
        if not isinstance(box, QComboBox):
            return "nothing"
        words = name_of(box)
        box.setFocus()
        for _ in range(draw.randint(1, 4)):
            QTest.keyClick(box, draw.choice(MOVES))
        return words


def name_of(widget: QWidget) -> str:
    """A widget in a few words."""
    text = getattr(widget, "text", None)
    words = widget.accessibleName() or (str(text())[:40] if callable(text) else "") or widget.objectName()
    return f"{type(widget).__name__} {words!r} of {widget.window().windowTitle()!r}"


def _place(draw: random.Random, widget: QWidget) -> QPoint:
    return QPoint(draw.randrange(max(1, widget.width())), draw.randrange(max(1, widget.height())))


def _leave_what_blocks() -> None:
    """``QMenu.exec`` cannot be replaced: instances have a method of their own besides the static one."""
    popup = QApplication.activePopupWidget()
    if isinstance(popup, QMenu):
        popup.close()
    if QApplication.platformName() != "offscreen":  # which drags nothing
        QDrag.cancel()


@contextmanager
def no_blocking() -> Iterator[None]:
    """File dialogs and context menus that block are cancelled at once; no file manager is started.

    So is the drag of selected text: on X11 it would wait for the release of a real mouse.
    """
    nothing: dict[str, Callable[..., object]] = {
        "getOpenFileName": lambda *_, **__: ("", ""),
        "getOpenFileNames": lambda *_, **__: ([], ""),
        "getSaveFileName": lambda *_, **__: ("", ""),
        "getExistingDirectory": lambda *_, **__: "",
        "open": lambda dialog, *_: dialog.deleteLater(),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, answer in nothing.items():
            patch.setattr(QFileDialog, name, answer)
        patch.setattr("workbench.views.widgets.open_folder.QDesktopServices.openUrl", lambda _: True)
        impatience = QTimer()
        impatience.timeout.connect(_leave_what_blocks)
        impatience.start(20)
        yield
        impatience.stop()
        theme().set_large(False)
