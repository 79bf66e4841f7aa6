"""One window from its opening to its closing, with a monkey or with cycles in between."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from tests.soak.gauges import Gauges, read
from tests.soak.heartbeat import STALL_MS, Heartbeat
from tests.soak.soak_monkey import SoakMonkey
from tests.views.monkey import DIALOGS, Trouble
from tests.views.monkey_hands import no_blocking
from tests.views.monkey_inputs import inputs, small_experiment
from workbench.bridge.runner import State
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

#: Events between two looks at memory and threads, and between two lines of progress.
_LOOK: Final = 2_000
_PATIENCE: Final = 60.0  #: seconds for what should take one


def sitting(seed: int, folder: Path, minutes: float, events: int | None) -> int:
    """Let the monkey work on a small run for ``minutes``, or for ``events`` events; 0 if all went well."""
    with _open_window() as window, _beating() as heart:
        workspace = _parts(window)
        workspace.services.store.load(small_experiment())
        monkey = SoakMonkey(window, seed, inputs(folder), small_experiment())
        workspace.services.session.train()
        seen, done, trouble, began = [read()], 0, "", time.monotonic()
        try:
            while done < events if events is not None else time.monotonic() - began < 60 * minutes:
                count = _LOOK if events is None else min(_LOOK, events - done)
                monkey.run(count, done)
                done += count
                seen.append(read())
                heart.skip()
                print(f"{done:9,} events, {time.monotonic() - began:7.0f} s: {seen[-1].words()}", flush=True)
        except Trouble as error:
            trouble = str(error)
        _say(monkey, heart, seen, done)
    print(trouble or "no exception, no warning")
    return 1 if trouble else 0


def cycles(count: int) -> int:
    """Start and stop a run ``count`` times, and open and close each dialog as often; 0 if nothing piles up."""
    with _open_window() as window, no_blocking():
        workspace = _parts(window)
        workspace.services.store.load(small_experiment())
        piles = False
        for name in ("run", *_dialogs(workspace)):
            act = _one_run if name == "run" else _one_dialog(name)
            for _ in range(5):  # what is made once and kept is there now
                act(workspace)
            before = read()
            for _ in range(count):
                act(workspace)
            after = read()
            left = [
                f"{what} {now - then:+.1f}"
                for (what, then), (_, now) in zip(before.items(), after.items(), strict=True)
            ]
            grew = after.widgets - before.widgets >= count or after.wrappers - before.wrappers >= count
            piles = piles or grew or after.threads > before.threads + 2
            print(f"{name:14} {count} times: {', '.join(left)}{'   PILES UP' if grew else ''}", flush=True)
    return 1 if piles else 0


def _say(monkey: SoakMonkey, heart: Heartbeat, seen: list[Gauges], done: int) -> None:
    print(f"events               {done:,}")
    print(f"heartbeat p50, p99   {heart.percentile(50):.1f}, {heart.percentile(99):.1f} ms late")
    print(f"longest              {heart.longest_ms:.0f} ms, {heart.stalls} over {STALL_MS:.0f} ms")
    print(f"at the start         {seen[0].words()}")
    print(f"at the end           {seen[-1].words()}")
    for story, times in heart.stories.most_common(20):
        print(f"  {times:4} × {story}")
    print(monkey.report())


@contextmanager
def _open_window() -> Iterator[MainWindow]:
    """The whole window, furnished; closed as the program closes it."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    window, ready, gone = MainWindow(), list[bool](), list[bool]()
    window.furnished.connect(lambda: ready.append(True))
    window.closed.connect(lambda: gone.append(True))
    window.resize(1280, 720)
    window.show()
    _until(lambda: bool(ready) and _parts(window).services.tasks.current is None)
    try:
        yield window
    finally:
        for dialog in [each for each in app.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]:
            dialog.close()
        _parts(window).say_goodbye()
        _parts(window).services.shutdown.begin()
        _until(lambda: bool(gone))
        window.dispose()


@contextmanager
def _beating() -> Iterator[Heartbeat]:
    heart = Heartbeat()
    heart.start()
    yield heart
    heart.stop()


def _parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("the window did not come so far in a minute")
        loop = QEventLoop()  # QTest.qWait keeps the GIL, and the import of torch beside it took 45 s
        QTimer.singleShot(5, loop.quit)
        loop.exec()


def _dialogs(workspace: Workspace) -> tuple[str, ...]:
    return tuple(name for name in DIALOGS if workspace.actions[name].isEnabled())


def _one_run(workspace: Workspace) -> None:
    workspace.services.session.train()
    _until(lambda: workspace.services.session.history.steps.count > 0)
    workspace.services.session.stop()
    _until(lambda: workspace.services.runner.state is State.IDLE)


def _one_dialog(name: str) -> Callable[[Workspace], None]:
    def act(workspace: Workspace) -> None:
        workspace.actions[name].trigger()
        _until(lambda: any(isinstance(each, QDialog) and each.isVisible() for each in QApplication.topLevelWidgets()))
        for each in QApplication.topLevelWidgets():
            if isinstance(each, QDialog) and each.isVisible():
                each.close()
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    return act
