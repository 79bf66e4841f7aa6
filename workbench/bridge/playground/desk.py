"""The desk of the playground: its settings with undo, the paths, the cursor, and what is asked for on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.playground.cursor import Cursor
from workbench.bridge.playground.kept_settings import read_settings, write_settings
from workbench.bridge.playground.race_thread import RaceThread
from workbench.bridge.playground.requests import Drawn, Laid, PictureRequest, RaceRequest, Trouble
from workbench.bridge.playground.studies import Studies
from workbench.bridge.process.crash import LOG
from workbench.bridge.settings_store import SettingsStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.playground.spec import PlaygroundSpec

#: Updates that are computed beyond the shown one.
_AHEAD: Final = 1000
#: Decimals of a dragged coordinate, as a share of the view's size.
_DIGITS: Final = 1e4


class PlaygroundStore(SettingsStore[PlaygroundSpec]):
    """A race has no epochs and nobody changes its rate by hand; hills are sculpted on the picture."""

    unshown: ClassVar[frozenset[str]] = frozenset({"per", "by_hand", "bumps"})
    counted: ClassVar[str] = "updates"


class PlaygroundDesk(QObject):
    """Lives in the GUI thread. Nothing runs while the page is hidden (``set_shown``).

    The settings are kept in the folder ``home``; with None they begin as declared and are not kept.
    """

    laid = Signal()  #: ``paths`` are new
    drawn = Signal(object)  #: a Drawn
    troubled = Signal(str)  #: why there are no paths; empty if there are

    def __init__(self, home: Path | None, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        spec, self.greeting = read_settings(home) if home is not None else (PlaygroundSpec(), "")
        self.store = PlaygroundStore(spec, self)
        self.store.set_reset_point(PlaygroundSpec())
        self.cursor = Cursor(spec.updates, self)
        self.studies = Studies(tasks, self)
        self.paths: Laid | None = None
        self.trouble = ""
        self._is_shown = False
        self._asked: RaceRequest | None = None
        self._thread = RaceThread()
        self._thread.delivered.connect(self._on_delivered)
        self.store.changed.connect(self._on_changed)
        self.cursor.moved.connect(self._on_moved)

    @property
    def spec(self) -> PlaygroundSpec:
        """The present settings."""
        return self.store.spec

    def set_shown(self, shown: bool) -> None:
        """The page is shown, or hidden: then nothing moves, nothing is computed, and the settings are kept."""
        if shown == self._is_shown:
            return
        self._is_shown = shown
        if shown:
            self._lay()
        else:
            self.cursor.pause()
            self.studies.cancel()
            self._asked = None
            self._thread.rest()
            self.remember()

    def draw(self, request: PictureRequest) -> None:
        """Ask for the picture of a surface; ``drawn`` brings it."""
        self._thread.draw(request)

    def place_start(self, x: float, y: float, merge: bool = False) -> None:
        """Let all balls start at (x, y); a drag (``merge``) is one undo entry."""
        view = self.spec.surface.view
        grid = view.size / _DIGITS
        self.store.edit_all({"start_x": float(round(x / grid) * grid), "start_y": float(round(y / grid) * grid)}, merge)

    def choose_surface(self, kind: str) -> None:
        """Another surface, with its own start; the knobs of one that was there before come back."""
        self.store.edit_all({"surface": self.store.member("surface", kind), "start_x": None, "start_y": None})

    def take_best_rates(self) -> bool:
        """Give every racer its best rate, as one change that can be undone. False if no rate of any racer arrives."""
        from workbench.engine.playground.rates import NOT_ARRIVED  # imports torch, which has found the rates

        bands = self.studies.rates.value or ()
        rates = {f"racers.{i}.lr": band.best for i, band in enumerate(bands) if band.fewest < NOT_ARRIVED}
        if rates:
            self.store.edit_all(rates)
        return bool(rates)

    def remember(self) -> None:
        """Keep the settings for the next start. A failure is only logged."""
        if self._home is None:
            return
        try:
            write_settings(self._home, self.spec)
        except (OSError, ValueError, WorkbenchError) as error:
            LOG.warning("The settings of the playground could not be saved: %s", error)

    def shutdown(self, done: Any) -> None:
        """End the thread, then call ``done``. Does not block."""
        self.cursor.pause()
        self._thread.shutdown(done)

    @Slot(object)
    def _on_changed(self, spec: PlaygroundSpec) -> None:
        self.cursor.set_end(spec.updates)
        self.studies.forget(spec)
        self._lay()

    @Slot(int)
    def _on_moved(self, at: int) -> None:
        asked = self._asked
        self._thread.follow(at)
        if asked is None or (at + _AHEAD // 2 > asked.until and asked.until < self.spec.updates):
            self._lay()

    def _lay(self) -> None:
        if not self._is_shown:
            return
        spec, at = self.spec, self.cursor.at
        problems = spec.problems()
        if problems:
            self._thread.rest()
            self._asked = None
            self._say("\n".join(problem.message for problem in problems))
            return
        self._asked = RaceRequest(spec, at, min(spec.updates, at + _AHEAD))
        self._thread.race(self._asked)

    @Slot(object)
    def _on_delivered(self, item: Any) -> None:
        if isinstance(item, Drawn):
            self.drawn.emit(item)
        elif isinstance(item, Trouble):
            if item.details:
                LOG.error("%s\n%s", item.message, item.details)
            self._say(item.message)
        elif isinstance(item, Laid) and self._asked is not None:
            self.paths = item
            self.cursor.available = item.updates
            self._say("")
            self.laid.emit()

    def _say(self, trouble: str) -> None:
        if trouble:
            self.paths = None
        if trouble != self.trouble:
            self.trouble = trouble
            self.troubled.emit(trouble)
