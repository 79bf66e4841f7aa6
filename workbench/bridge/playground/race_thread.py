"""Races and pictures of surfaces on a thread of their own, beside the training thread and the queue of tasks."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.playground.requests import Drawn, Laid, PictureRequest, RaceRequest, Trouble
from workbench.bridge.threads.event_batcher import EventBatcher
from workbench.bridge.threads.worker_thread import WorkerThread
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.playground.relief import relief

if TYPE_CHECKING:
    from workbench.engine.playground.race import Race
    from workbench.engine.playground.trail import Trail

#: Seconds between two looks at whether something newer is wanted, and of rest after each: the window needs Python too.
_CHUNK, _REST = 0.004, 0.001
#: Paths that are this many updates longer than what is shown leave the window more time: half a second of the fastest
#: play, in which the next paths are delivered.
_AHEAD: Final = 600
_LONG_REST = 0.006
#: Seconds that painting a frame takes at most; when both need Python, each waits for the other at every call.
_PAINTING: Final = 0.005
#: Updates between two looks at the clock.
_FEW: Final = 4
#: Seconds after which paths that are not yet as long as the shown ones are shown; a newer request then takes over.
PATIENCE: Final = 0.12
#: Seconds between two deliveries of paths: of those that are not yet as long as the shown ones, and of longer ones.
_EVERY, _SELDOM = 0.05, 0.3


class RaceThread(QObject):
    """Lives in the GUI thread. The newest request for paths wins as soon as the older one was shown once.

    So paths follow a mouse that never rests, and are never queued.
    """

    delivered = Signal(object)  #: a Laid, a Drawn or a Trouble
    _asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._batcher = EventBatcher(_replaces)
        self._batcher.delivered.connect(self._on_delivered)
        self._worker = _Worker(self._batcher)
        self._thread = WorkerThread(self._worker, self._worker.interrupt, "playground", is_low=False)
        self._thread.ended.connect(self._on_ended)
        self._asked.connect(self._worker.work)
        self._on_shutdown: list[Callable[[], None]] = []
        self._is_closing = False

    def race(self, request: RaceRequest) -> None:
        """Lay the paths of ``request``; those of an older request that are not shown yet are given up soon."""
        self._ask(lambda: self._worker.want(request))

    def draw(self, request: PictureRequest) -> None:
        """Compute a picture; an older request of the same name that waits is dropped."""
        self._ask(lambda: self._worker.draw(request))

    def follow(self, shown: int) -> None:
        """The window is about to show this update: the thread lets it paint, and hurries if its paths end soon."""
        self._worker.shown, self._worker.paints_until = shown, time.monotonic() + _PAINTING

    def rest(self) -> None:
        """Give up what is wanted; for a page that is hidden."""
        self._worker.interrupt()

    def shutdown(self, done: Callable[[], None]) -> None:
        """End the thread for good, then call ``done`` from the event loop. Does not block."""
        self._is_closing = True
        self._on_shutdown.append(done)
        self._worker.interrupt()
        self._thread.end()

    def _ask(self, put: Callable[[], None]) -> None:
        if not self._is_closing:
            put()
            self._thread.start()
            self._asked.emit()

    @Slot(object)
    def _on_delivered(self, items: list[Any]) -> None:
        for item in items:
            self.delivered.emit(item)

    @Slot()
    def _on_ended(self) -> None:
        self._batcher.flush()
        callbacks, self._on_shutdown = self._on_shutdown, []
        for done in callbacks:
            done()


def _replaces(older: Any, newer: Any) -> bool:
    return isinstance(older, Laid) and isinstance(newer, Laid)


class _Worker(QObject):
    """Lives in the thread; ``want``, ``draw`` and ``interrupt`` may be called from any thread."""

    def __init__(self, batcher: EventBatcher) -> None:
        super().__init__()
        self._batcher = batcher
        self._lock = threading.Lock()
        self._newest: RaceRequest | None = None
        self._pictures: dict[str, PictureRequest] = {}
        self._request: RaceRequest | None = None
        self._race: Race | None = None
        self._began = self._gave = 0.0
        self._gave_all = False
        #: Written by the window; a number needs no lock. Until that moment the window paints, and needs Python.
        self.shown, self.paints_until = 0, 0.0

    def want(self, request: RaceRequest) -> None:
        with self._lock:
            self._newest, self.shown = request, request.shown

    def draw(self, request: PictureRequest) -> None:
        with self._lock:
            self._pictures[request.name] = request

    def interrupt(self) -> None:
        with self._lock:
            self._newest, self._request = None, None
            self._pictures.clear()

    @Slot()
    def work(self) -> None:
        """Do all that is wanted, in pieces of some milliseconds."""
        while self._do_a_piece():
            pass

    def _do_a_piece(self) -> bool:
        """Urgent pictures go first, then paths until they are shown, other pictures, and the rest of the paths.

        False if nothing is left to do.
        """
        picture = self._next_picture(urgent=not self._gave_all)
        if picture is None and self._take_race():
            self._lay()
            return True
        picture = picture or self._next_picture(urgent=False)
        if picture is None:
            return False
        shape = (picture.columns, picture.rows)
        self._batcher.put(Drawn(picture, relief(picture.surface, picture.view, *shape)))
        return True

    def _next_picture(self, *, urgent: bool) -> PictureRequest | None:
        with self._lock:
            name = next((n for n, each in self._pictures.items() if each.is_urgent or not urgent), None)
            return self._pictures.pop(name) if name is not None else None

    def _take_race(self) -> bool:
        """Whether paths are to be laid further; takes over a newer request where the present one was shown."""
        with self._lock:
            newest, present = self._newest, self._request
            if newest is not None and (present is None or self._was_shown()):
                self._newest, self._request = None, newest
                self._began, self._gave, self._gave_all = time.monotonic(), 0.0, False
                if self._race is not None and self._race.spec != newest.spec:
                    self._race = None
            return self._request is not None

    def _was_shown(self) -> bool:
        return self._gave > 0.0 or time.monotonic() - self._began > PATIENCE

    def _lay(self) -> None:
        """Lay a chunk of the paths; deliver them when they are as long as the shown ones, then now and then."""
        request = self._request
        if request is None:  # interrupted in the meantime
            return
        try:
            race = self._race = self._race or _begun(request)
            self._advance(race, request.until)
        except Exception as error:
            self._fail(request, error)
            return
        now, is_done = time.monotonic(), race.updates >= request.until
        if is_done or self._is_due(race.updates >= request.shown, now):
            self._gave, self._gave_all = now, race.updates >= request.shown
            self._batcher.put(Laid(request.spec, _counted(race), race.updates))
        if is_done:
            self._end(request)

    def _is_due(self, is_long: bool, now: float) -> bool:
        """Whether paths that are long enough for the cursor, or not yet, are to be delivered now."""
        if not self._gave:
            return is_long or now - self._began > PATIENCE
        return (is_long and not self._gave_all) or now - self._gave > (_SELDOM if is_long else _EVERY)

    def _advance(self, race: Race, until: int) -> None:
        """Advance for some milliseconds, then rest."""
        end = time.monotonic() + _CHUNK
        while race.updates < until and max(time.monotonic(), self.paints_until) < end:
            race.advance(min(_FEW, until - race.updates))
        rest = _REST if race.updates < self.shown + _AHEAD else _LONG_REST
        time.sleep(max(rest, self.paints_until - time.monotonic()))

    def _fail(self, request: RaceRequest, error: Exception) -> None:
        says = error.message if isinstance(error, WorkbenchError) else f"The race ended with an error: {error}"
        details = "" if isinstance(error, WorkbenchError) else traceback.format_exc()
        self._race = None
        self._batcher.put(Trouble(request.spec, says, details))
        self._end(request)

    def _end(self, request: RaceRequest) -> None:
        with self._lock:
            if self._request is request:
                self._request = None


def _counted(race: Race) -> tuple[Trail, ...]:
    """The paths with all that is read from them already worked out, which the window then need not do."""
    from workbench.engine.playground.measures import work_out

    trails = race.trails()
    for trail in trails:
        work_out(trail)
    return trails


def _begun(request: RaceRequest) -> Race:
    from workbench.engine.playground.race import Race  # imports torch, which the window does not wait for

    return Race(request.spec)
