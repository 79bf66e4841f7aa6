"""QT26: a run that a crash has cut off is offered at the next start, goes on by a click, and shows its proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import killed, saved_each_step
from tests.engine.training.test_resume import after
from tests.views.conftest import Opener, close
from tests.views.helpers import finished, parts, press, services
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.run_store.resumable import last_event
from workbench.engine.shelf.lost_run import LostRun
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.runs.runs_page import RunsPage
from workbench.views.window.main_window import MainWindow


def cut_off(monkeypatch: pytest.MonkeyPatch, spec: ExperimentSpec | None = None) -> Path:
    """The folder of a run that was killed after nine steps."""
    with monkeypatch.context() as patch:
        saved_each_step(patch)
        return killed(spec or small_spec(), runs_folder(), after(9))


def offers(qtbot: QtBot, window: MainWindow) -> list[str]:
    """The buttons of the offer, once it is there."""
    banner = parts(window).pages.banner
    qtbot.waitUntil(lambda: "ended without being closed" in banner.message, timeout=60_000)
    return [button.text() for button in banner.offers]


def click(window: MainWindow, words: str) -> None:
    button = next(each for each in parts(window).pages.banner.offers if each.text().startswith(words))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def looked(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until it is known whether there is one."""
    qtbot.waitUntil(lambda: services(window).shelving.current is None, timeout=60_000)
    qtbot.wait(50)


def test_it_goes_on_by_a_click_and_proves_itself(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cut_off(monkeypatch)
    window = open_window()
    first, *others = offers(qtbot, window)
    assert first in ("Go on from step 8", "Go on from step 9") and others == ["Show in Runs", "Dismiss"]
    record = read_record(folder)
    assert record is not None and parts(window).pages.banner.message.startswith(f"“{record.shown_name}” ended")
    click(window, "Go on")
    sign = parts(window).status.proof
    qtbot.waitUntil(sign.isVisible, timeout=60_000)
    banner = parts(window).pages.banner
    assert "is the same to the last bit" in banner.message and "is the same to the last bit" in sign.toolTip()
    assert sign.words.text() == "Resumed, same to the bit" and sign.sign.isVisible()
    assert sign.sign.accessibleName() == "Resumed, same to the bit"
    assert finished(qtbot, window).reason == "completed"
    assert services(window).session.folder == str(folder) and last_event(folder)["reason"] == "completed"
    services(window).store.edit("loop.epochs", 1)
    press(window, "train")
    assert not sign.isVisible()  # it was said of the other run
    finished(qtbot, window)


def test_another_message_is_left_alone(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is offered at the next start then."""
    window = open_window()
    looked(qtbot, window)
    record = read_record(cut_off(monkeypatch))
    assert record is not None
    lost, banner = LostRun(record, 9, 1.0, 9), parts(window).pages.banner
    banner.say("Something else.", "info", (), "other")
    parts(window).lost_offer.offer(lost)
    assert banner.message == "Something else."
    banner.clear()
    parts(window).lost_offer.offer(lost)
    assert banner.message == lost.words


def test_a_run_that_was_begun_with_train_is_offered_with_its_step(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cut_off(monkeypatch)
    queue = Queue()
    queue.started_directly(small_spec(), folder)  # as the window notes each run
    queue.release()
    window = open_window()
    first, *_ = offers(qtbot, window)
    assert first.startswith("Go on from step ")
    click(window, "Go on")
    assert finished(qtbot, window).reason == "completed"
    assert services(window).session.is_of_form and Queue().cards[0].state == "done"


def test_it_is_offered_once(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch)
    window = open_window()
    offers(qtbot, window)
    click(window, "Dismiss")
    assert not parts(window).pages.banner.message
    close(qtbot, window)
    again = open_window()
    looked(qtbot, again)
    assert not parts(again).pages.banner.message


def test_it_is_shown_among_the_runs(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cut_off(monkeypatch)
    window = open_window()
    offers(qtbot, window)
    click(window, "Show in Runs")
    page = parts(window).pages.page("runs")
    assert isinstance(page, RunsPage) and page.isVisible()
    assert page.opened.record is not None and page.opened.record.folder == folder
    looked(qtbot, window)


def test_a_damaged_one_says_why_it_cannot_go_on(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for state in (cut_off(monkeypatch) / "checkpoints").glob("*.pt"):
        state.write_bytes(b"not a state")
    window = open_window()
    assert offers(qtbot, window) == ["Show in Runs", "Dismiss"]
    assert "can be read" in parts(window).pages.banner.message


def test_one_that_was_stopped_is_not_offered(qtbot: QtBot, open_window: Opener, workbench_home: Path) -> None:
    window = open_window()
    press(window, "step")
    qtbot.waitUntil(lambda: services(window).session.history.steps.count == 1, timeout=60_000)
    press(window, "stop")
    finished(qtbot, window)
    close(qtbot, window)
    again = open_window()
    looked(qtbot, again)
    assert not parts(again).pages.banner.message


def test_another_machine_is_said_and_its_proof_too(
    qtbot: QtBot, open_window: Opener, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CK13: a state that says it comes from another version of torch."""
    from workbench.engine.training import saved_part

    about = saved_part.about_now
    with monkeypatch.context() as patch:
        patch.setattr(saved_part, "about_now", lambda run: about(run) | {"torch": "0.1"})
        cut_off(patch)
    window = open_window()
    offers(qtbot, window)
    click(window, "Go on")
    qtbot.waitUntil(parts(window).status.proof.isVisible, timeout=60_000)
    said = parts(window).pages.banner.message
    assert "another version of torch" in said and "the last bits may differ" in said
    finished(qtbot, window)
