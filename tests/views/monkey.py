"""Random but replayable use of the whole window: clicks, keys, edits, dialogs, drops, sizes, themes, and runs.

Event ``i`` of a seed draws from a generator of its own, so one event that finds another state shifts no later one.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
)

from tests.views.dragging import dropping, entering, files, moving
from tests.views.monkey_hands import MOVES, Hands, name_of, no_blocking
from workbench.bridge.runner import State
from workbench.engine.core.errors import SpecError
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.main_window import MainWindow

DIALOGS = ("find_rate", "sanity", "transfer", "compare", "evaluate", "browse_data", "check_data", "keys", "about")
_SIZES = ((800, 600), (1024, 768), (1280, 720), (1366, 768), (1600, 900), (1920, 1080))
_LIVE = ("optimizer.lr", "optimizer.weight_decay", "optimizer.momentum", "loop.epochs", "loop.batch_size")


class Trouble(AssertionError):
    """An event was followed by an exception, a warning of Qt or an error in the log."""


class _Heard(logging.Handler):
    """What the program's log says from WARNING on; uncaught exceptions and Qt's messages are written there."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "This plugin does not support" not in message:  # the offscreen platform, of every raised window for example
            self.said.append(message)


class Monkey(Hands):
    """Acts on ``window`` as ``seed`` says. ``inputs`` are files and folders to drop; ``base`` is a small experiment."""

    @property
    def kinds(self) -> dict[str, float]:
        """How often each kind of event comes."""
        return KINDS

    def __init__(self, window: MainWindow, seed: int, inputs: list[Path], base: ExperimentSpec) -> None:
        super().__init__(window, base)
        self.seed, self._inputs = seed, inputs
        self._last: deque[str] = deque(maxlen=20)
        self._heard = _Heard()
        #: GUI-thread seconds, wall seconds and words of the longest event.
        self.longest: tuple[float, float, str] = (0.0, 0.0, "")
        self.counts: dict[str, int] = {}
        self.spent: dict[str, float] = {}  #: GUI-thread seconds of each kind
        self._kinds = {name: getattr(self, f"_{name}") for name in self.kinds}

    def run(self, events: int, first: int = 0) -> None:
        """Do ``events`` events. Raises Trouble, with the seed and the last 20, at the first thing that goes wrong."""
        with no_blocking(), self._listening():
            for index in range(first, first + events):
                self._one(index)

    def report(self) -> str:
        """What was done, how often, and the longest event."""
        own, wall, words = self.longest
        counts = ", ".join(f"{name} {count} in {self.spent[name]:.1f} s" for name, count in sorted(self.counts.items()))
        return f"seed {self.seed}: longest event {own:.2f} s of the thread, {wall:.2f} s in all: {words}\n{counts}"

    def _one(self, index: int) -> None:
        draw = random.Random(f"{self.seed}/{index}")
        kind = draw.choices(tuple(self.kinds), tuple(self.kinds.values()))[0]
        own, wall = time.thread_time(), time.perf_counter()
        self._last.append(f"{index} {kind}")
        try:
            words = self._kinds[kind](draw)
            self._last[-1] = f"{index} {kind} {words}"
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        except Exception as error:
            raise Trouble(self._story(repr(error))) from error
        self.counts[kind] = self.counts.get(kind, 0) + 1
        took = (time.thread_time() - own, time.perf_counter() - wall, self._last[-1])
        self.longest = max(self.longest, took)
        self.spent[kind] = self.spent.get(kind, 0.0) + took[0]
        if self._heard.said:
            raise Trouble(self._story("\n".join(self._heard.said)))

    def _story(self, what: str) -> str:
        return "\n".join((f"seed {self.seed}, after the last of these events:", *self._last, what))

    @contextmanager
    def _listening(self) -> Iterator[None]:
        log = logging.getLogger("workbench")
        log.addHandler(self._heard)
        try:
            yield
        finally:
            log.removeHandler(self._heard)

    # --- settings and runs -----------------------------------------------------------------------------------------

    def _panel(self, draw: random.Random) -> str:
        panel = draw.choice(list(self.parts.panels.panels.values()))
        if self._is_modal():
            return "nothing"
        panel.header.click()
        return panel.name

    def _setting(self, draw: random.Random) -> str:
        """A field of an open panel, wherever it is scrolled to."""
        forms = [panel.form for panel in self.parts.panels.panels.values() if panel.is_open and panel.form is not None]
        rows = [row for form in forms for row in form.rows() if row.isVisible() and row.editor.main is not None]
        if not rows or self._is_modal():
            return "nothing"
        row = draw.choice(rows)
        main, path = row.editor.main, row.ref.path
        if not main.isEnabled() or self._is_taboo(main):
            return "nothing"
        if isinstance(main, QLineEdit):
            return f"{path} {self._fill(draw, main)}"
        key = Qt.Key.Key_Space if isinstance(main, QAbstractButton) else draw.choice(MOVES)
        main.setFocus()
        QTest.keyClick(main, key)
        return f"{path} {key.name}"

    def _live(self, draw: random.Random) -> str:
        path = draw.choice(_LIVE)
        try:
            value = self.parts.services.store.spec.at(path)
        except KeyError:
            return f"no {path}"
        if isinstance(value, (int, float)):
            changed = value * draw.choice((0.5, 0.9, 1.1, 2))
            number = max(1, min(5000, round(changed))) if isinstance(value, int) else min(10.0, changed)
            with suppress(SpecError):  # over the limit of the setting
                self.parts.services.store.edit(path, number)
        return path

    def _act(self, draw: random.Random) -> str:
        return self._trigger(draw.choice(("undo", "redo", "undo", "pause", "step", "decay", "clear_ghost")))

    def _run(self, draw: random.Random) -> str:
        """Most of the time a run is active but paused, because curves that grow cost more than all events."""
        self._keep_small()
        choices = {
            State.PAUSED: ("pause", "stop", "restart", "step", "save_schedule"),
            State.IDLE: ("train",),
            State.FAILED: ("train",),
        }
        state = self.parts.services.runner.state
        return self._trigger(draw.choice(choices.get(state, ("pause", "pause", "pause", "stop", "restart"))))

    def _trigger(self, name: str) -> str:
        action = self.parts.actions[name]
        if self._is_modal() or not action.isEnabled():
            return f"{name}: not now"
        action.trigger()
        return name

    def _begin_again(self, draw: random.Random) -> str:
        self.parts.services.store.load(self._base)
        return "the small experiment"

    def _ask_to_close(self, draw: random.Random) -> str:
        """Closing while a run is active asks, and the monkey stays."""
        if self._is_modal() or not self.parts.services.session.is_active:
            return "not now"
        self.window.close()
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(each for each in box.buttons() if "Keep" in each.text()).click()
        return "and stay"

    # --- the window ------------------------------------------------------------------------------------------------

    def _open_dialog(self, draw: random.Random) -> str:
        return self._trigger(draw.choice(DIALOGS))

    def _close_dialog(self, draw: random.Random) -> str:
        top = self._top(draw)
        if not isinstance(top, QDialog):
            return "nothing"
        words = top.windowTitle()
        top.close() if draw.random() < 0.5 else QTest.keyClick(top, Qt.Key.Key_Escape)
        return words

    def _resize(self, draw: random.Random) -> str:
        top, size = self._top(draw), draw.choice(_SIZES)
        top.resize(*size)
        return f"{name_of(top)} to {size[0]} × {size[1]}"

    def _dock(self, draw: random.Random) -> str:
        dock = draw.choice(self.parts.docks.all)
        if self._is_modal():
            return "nothing"
        if draw.random() < 0.2:
            dock.setFloating(not dock.isFloating())
            return f"{dock.windowTitle()} floating {dock.isFloating()}"
        dock.toggleViewAction().trigger()
        return f"{dock.windowTitle()} hidden {dock.isHidden()}"

    def _look(self, draw: random.Random) -> str:
        return self._trigger(draw.choice(_LOOKS))

    def _plots(self, draw: random.Random) -> str:
        options = self.parts.page.plots.options
        what = draw.choice(("log", "x", "smoothing", "subplot"))
        if what == "log":
            options.log.click()
        elif what == "x":
            options.x_axis.setCurrentIndex(draw.randrange(options.x_axis.count()))
        elif what == "smoothing":
            options.smoothing.setValue(draw.randint(0, options.smoothing.maximum()))
        else:
            draw.choice(options.subplots.menu().actions()).trigger()
        return what

    def _drop(self, draw: random.Random) -> str:
        if self._is_modal():
            return "nothing"
        paths = draw.sample(self._inputs, draw.choice((1, 1, 1, 1, 2)))
        handle, place = self.window.windowHandle(), self.window.rect().center()
        data = files(paths)
        for event in (entering(place, data), moving(place, data), dropping(place, data)):
            QCoreApplication.sendEvent(handle, event)
        return ", ".join(path.name for path in paths)

    def _recent(self, draw: random.Random) -> str:
        menu = self.parts.recent.menu
        if self._is_modal() or not menu.isEnabled():
            return "nothing"
        menu.aboutToShow.emit()
        action = draw.choice([each for each in menu.actions() if each.text()])
        words = action.text()
        action.trigger()
        return words

    def _offer(self, draw: random.Random) -> str:
        """A button of the banner, of the line that says why Train is refused, of the data's readings, or of insight."""
        pages, data = self.parts.pages, self.parts.panels.panel("data")
        offers = [*pages.banner.offers, *pages.refusal.offers, self.parts.gap_view.button]
        offers += data.findChildren(QPushButton) if data.is_open else []
        usable = [each for each in offers if each.isVisible() and each.isEnabled() and not self._is_taboo(each)]
        if not usable or self._is_modal():
            return "nothing"
        self._keep_small()  # other settings may take offers away
        usable = [each for each in usable if each.isVisible()]
        if not usable:
            return "nothing any more"
        button = draw.choice(usable)
        words = name_of(button)
        button.click()
        return words

    def _wait(self, draw: random.Random) -> str:
        """Time for what runs in the background."""
        until = time.perf_counter() + draw.choice((0.002, 0.01, 0.03))
        while time.perf_counter() < until:
            QTest.qWait(2)
        return ""


#: Actions that change what is seen of the window.
_LOOKS = (
    "large",
    "full_screen",
    "projector",
    "system",
    "light",
    "dark",
    "reset_layout",
    "page_runs",
    "page_train",
    "page_train",
)
#: How often each kind of event comes. What lays out the whole window costs most and is rare.
KINDS: dict[str, float] = {
    "click": 16,
    "click_button": 8,
    "drag": 4,
    "wheel": 8,
    "key": 12,
    "type": 5,
    "choose": 3,
    "panel": 3,
    "setting": 8,
    "live": 3,
    "act": 6,
    "run": 5,
    "begin_again": 1,
    "ask_to_close": 0.3,
    "open_dialog": 1.5,
    "close_dialog": 5,
    "resize": 0.7,
    "dock": 0.8,
    "look": 0.8,
    "plots": 2,
    "drop": 2,
    "recent": 0.7,
    "offer": 4,
    "wait": 3,
}
