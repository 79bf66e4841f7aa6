"""The way back that is looked for in the background is that of the run of now, or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from workbench.bridge.runner import Runner
from workbench.bridge.runs import way_back as module
from workbench.bridge.runs.way_back import FindWayBack
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.run_store.recovery import WayBack


def looked_for(qtbot: QtBot, finder: FindWayBack, before_the_answer: Callable[[], None]) -> tuple[object, list[object]]:
    """What ``looked`` and ``found`` say; ``before_the_answer`` is done while the task runs."""
    found: list[object] = []
    finder.found.connect(found.append)
    with qtbot.waitSignal(finder.looked, timeout=30_000) as said:
        finder.look()
        before_the_answer()
    return said.args[0], found


@pytest.mark.parametrize("is_of_now", [True, False])
def test_the_way_back_of_another_run_is_none(
    is_of_now: bool, qtbot: QtBot, runner: Runner, tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run was kept in another folder while its log was read: there is no way back in the first one."""
    monkeypatch.setattr(module, "way_back", lambda folder: WayBack(folder, 3, 0.001, small_spec()))
    session = Session(SpecStore(small_spec()), runner)
    session.folder = str(tmp_path / "first")

    def move() -> None:
        session.folder = session.folder if is_of_now else str(tmp_path / "second")

    said, found = looked_for(qtbot, FindWayBack(session, tasks), move)
    assert found == ([said] if is_of_now else [])
    assert isinstance(said, WayBack) == is_of_now
