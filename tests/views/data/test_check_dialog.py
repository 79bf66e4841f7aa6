"""The check of own data at the window: begun by choosing it, said in the Data panel, acted on with buttons."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener, close
from tests.views.data.drops import class_folders, drop, picture, said
from tests.views.data.drops import settled as rested
from tests.views.data.test_browser import rested as browser_rested
from tests.views.data.test_own_data import idx_folder
from tests.views.helpers import parts, services, texts
from workbench.engine.core.progress import Loading
from workbench.views.data.check_dialog import CheckDialog
from workbench.views.window.main_window import MainWindow


def messy(root: Path) -> Path:
    """One unreadable file, one picture in both parts, one twice in training, uneven classes."""
    class_folders(root / "train", ("cats", "dogs"), each=8)
    class_folders(root / "validation", ("cats", "dogs"), each=0)
    for number in range(20):
        picture(root / "train" / "cats" / f"more {number}.png", seed=1000 + number)
    for index, name in enumerate(("cats", "dogs")):
        picture(root / "validation" / name / "v.png", seed=2000 + index)
    shutil.copy(root / "train" / "dogs" / "0.png", root / "validation" / "dogs" / "again.png")
    shutil.copy(root / "train" / "cats" / "1.png", root / "train" / "cats" / "copy.png")
    (root / "train" / "cats" / "broken.png").write_bytes(b"no picture")
    return root


def opened(qtbot: QtBot, window: MainWindow) -> CheckDialog:
    """Click Check… in the Data panel."""
    QTest.mouseClick(parts(window).checks.line.check, Qt.MouseButton.LeftButton)
    dialog = parts(window).checks.check_dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible, timeout=20_000)
    rested(qtbot, window)
    return dialog


def button(dialog: CheckDialog, words: str) -> QPushButton:
    found = [each for each in dialog.findChildren(QPushButton) if each.text() == words and each.isVisibleTo(dialog)]
    assert len(found) == 1, [each.text() for each in dialog.findChildren(QPushButton)]
    return found[0]


def codes(window: MainWindow) -> set[str]:
    report = services(window).checking.report
    assert report is not None
    return {finding.code for finding in report.findings if finding.severity != "info"}


@pytest.fixture
def checked(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> Path:
    root = messy(tmp_path / "messy")
    drop(window, root)
    qtbot.waitUntil(lambda: services(window).store.spec.data.source.kind == "folder", timeout=20_000)
    rested(qtbot, window)
    return root


def test_choosing_data_checks_it_and_says_so(qtbot: QtBot, window: MainWindow, checked: Path) -> None:
    line = parts(window).checks.line
    assert "1 error" in line.words.text() and "warning" in line.words.text()
    assert "1 error" in said(window)
    assert [each.text() for each in parts(window).pages.banner.offers] == ["Leave unreadable files out", "Show"]
    QTest.mouseClick(offer(window, "Show"), Qt.MouseButton.LeftButton)
    dialog = parts(window).checks.check_dialog
    assert dialog is not None and dialog.isVisible()
    shown = texts(dialog)
    assert (
        "broken.png" in shown
        and "also in training" in shown
        and "uneven" in shown
        and "cannot start with this data" in shown
    )
    assert "10×12" in dialog.details.text() and "colour" in dialog.details.text()
    rows = [dialog.table.topLevelItem(row).text(0) for row in range(2)]
    assert rows == ["cats", "dogs"]


def test_every_finding_can_be_acted_on(qtbot: QtBot, window: MainWindow, checked: Path) -> None:
    before = {file: file.read_bytes() for file in checked.rglob("*.png")}
    dialog = opened(qtbot, window)
    steps = (
        ("Leave it out", "unreadable"),
        ("Leave them out of validation", "leak_validation"),
        ("Keep one of each", "duplicates"),
        ("Weight the classes in the loss", "imbalance"),
    )
    for words, code in steps:
        assert code in codes(window)
        QTest.mouseClick(button(dialog, words), Qt.MouseButton.LeftButton)
        rested(qtbot, window)
        assert code not in codes(window)
    assert services(window).store.spec.data.class_weights
    summary = services(window).previews.data
    assert summary is not None and (summary.train, summary.val) == (36, 2)
    assert {file: file.read_bytes() for file in checked.rglob("*.png")} == before


def test_files_are_listed_by_name_with_the_reason(qtbot: QtBot, window: MainWindow, checked: Path) -> None:
    dialog = opened(qtbot, window)
    QTest.mouseClick(button(dialog, "Show the file"), Qt.MouseButton.LeftButton)
    (field,) = dialog.findChildren(QPlainTextEdit)
    assert str(checked / "train" / "cats" / "broken.png") in field.toPlainText()
    assert "not a picture" in field.toPlainText()


def test_stopping_to_mend_opens_the_folder_and_to_sort_the_browser(
    qtbot: QtBot, window: MainWindow, checked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url) or True)
    dialog = opened(qtbot, window)
    QTest.mouseClick(button(dialog, "Fix the files first"), Qt.MouseButton.LeftButton)
    assert [Path(url.toLocalFile()).name for url in asked] == ["cats"]
    QTest.mouseClick(button(dialog, "Show these pictures"), Qt.MouseButton.LeftButton)
    browser = parts(window).checks.browser
    assert browser is not None
    browser_rested(qtbot, window)
    found, shown = browser._found, browser.view.thumbnails.shown
    assert found is not None
    assert sorted(found.names[i] for i in shown.tolist()) == ["train/dogs/0.png", "validation/dogs/again.png"]


def test_good_data_has_no_problems(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    drop(window, class_folders(tmp_path / "good", each=10))
    qtbot.waitUntil(lambda: services(window).store.spec.data.source.kind == "folder", timeout=20_000)
    rested(qtbot, window)
    assert parts(window).checks.line.words.text() == "Checked: no problems."
    assert "checked" not in said(window)


def test_the_digits_are_not_checked_unless_asked(qtbot: QtBot, window: MainWindow) -> None:
    rested(qtbot, window)
    parts(window).panels.open("data")
    assert services(window).checking.report is None and not parts(window).checks.line.words.isVisible()
    dialog = opened(qtbot, window)
    assert services(window).checking.report is not None and dialog.table.topLevelItemCount() == 10


def test_without_files_nothing_can_be_left_out(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root = idx_folder(tmp_path / "numbers")
    file = root / "train-images-idx3-ubyte"
    data = bytearray(file.read_bytes())
    data[16 + 64 * 10 : 16 + 64 * 11] = data[16 : 16 + 64]  # the eleventh is the first again, of the same class
    file.write_bytes(data)
    drop(window, root)
    qtbot.waitUntil(lambda: services(window).store.spec.data.source.kind == "idx", timeout=20_000)
    rested(qtbot, window)
    dialog = opened(qtbot, window)
    assert {"duplicates", "leak_validation"} & codes(window)
    words = [each.text() for each in dialog.findChildren(QPushButton) if each.isVisibleTo(dialog)]
    assert not [text for text in words if "Leave" in text or "Keep one" in text]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A check that goes on, telling how far it is, until the event is set."""
    from workbench.bridge.data import check_data

    go_on = threading.Event()
    real = check_data.preflight

    def slow(spec: object, loaded: object) -> Iterator[Loading]:
        done = 0
        while not go_on.wait(0.02):
            done += 1
            yield Loading(min(done, 99), 100, "Reading pictures")
        return (yield from real(spec, loaded))  # type: ignore[arg-type]

    monkeypatch.setattr(check_data, "preflight", slow)
    yield go_on
    go_on.set()


def test_progress_is_shown_and_the_check_can_be_stopped(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, held: threading.Event
) -> None:
    drop(window, class_folders(tmp_path / "pets"))
    line = parts(window).checks.line
    qtbot.waitUntil(lambda: "of 100" in line.words.text(), timeout=20_000)
    assert line.bar.isVisible() and line.stop.isVisible()
    dialog = parts(window).checks
    QTest.mouseClick(line.check, Qt.MouseButton.LeftButton)
    assert dialog.check_dialog is not None and "of 100" in dialog.check_dialog.head.text()
    spec = services(window).store.spec
    QTest.mouseClick(dialog.check_dialog.cancel, Qt.MouseButton.LeftButton)
    assert not services(window).checking.is_busy and "stopped" in line.words.text()
    qtbot.waitUntil(lambda: services(window).inspecting.current is None, timeout=20_000)
    assert services(window).store.spec == spec and services(window).checking.report is None
    held.set()
    QTest.mouseClick(dialog.check_dialog.again, Qt.MouseButton.LeftButton)
    rested(qtbot, window)
    assert "no problems" in line.words.text()


def test_closing_the_window_ends_a_check(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, held: threading.Event
) -> None:
    drop(window, class_folders(tmp_path / "pets"))
    line = parts(window).checks.line
    qtbot.waitUntil(lambda: "of 100" in line.words.text(), timeout=20_000)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    window.dispose()
    window.deleteLater()


def test_the_next_start_does_not_check_again(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    """Reading everything at each start would cost time that nobody asked for; the panel's button does it."""
    first = open_window()
    drop(first, class_folders(tmp_path / "pets", each=8))
    qtbot.waitUntil(lambda: services(first).store.spec.data.source.kind == "folder", timeout=20_000)
    rested(qtbot, first)
    close(qtbot, first)
    second = open_window()
    rested(qtbot, second)
    assert services(second).store.spec.data.source.kind == "folder"
    assert services(second).checking.report is None and not services(second).checking.is_busy
    opened(qtbot, second)
    assert services(second).checking.report is not None


def test_by_keyboard_alone(qtbot: QtBot, window: MainWindow, checked: Path) -> None:
    """Tab to the first finding's button, press it with Space; open the browser with its key and leave one out."""
    dialog = opened(qtbot, window)
    wanted = button(dialog, "Leave it out")
    dialog.table.setFocus()
    for _ in range(40):
        if QApplication.focusWidget() is wanted:
            break
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is wanted
    QTest.keyClick(wanted, Qt.Key.Key_Space)
    rested(qtbot, window)
    assert "unreadable" not in codes(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    browser_rested(qtbot, window)
    browser = parts(window).checks.browser
    assert browser is not None
    for _ in range(20):
        if browser.view.hasFocus():
            break
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert browser.view.hasFocus()
    QTest.keyClick(browser.view, Qt.Key.Key_End)
    QTest.keyClick(browser.view, Qt.Key.Key_Delete)
    rested(qtbot, window)
    summary = services(window).previews.data
    assert summary is not None and summary.train + summary.val == 39


def damaged(root: Path) -> Path:
    """Sound, but for three files."""
    class_folders(root, each=12)
    for number in range(3):
        (root / sorted(each.name for each in root.iterdir() if each.is_dir())[0] / f"bad{number}.png").write_bytes(b"x")
    return root


def offer(window: MainWindow, words: str) -> QPushButton:
    found = [each for each in parts(window).pages.banner.offers if each.text() == words]
    assert found, [each.text() for each in parts(window).pages.banner.offers]
    return found[0]


def failed(qtbot: QtBot, window: MainWindow, root: Path) -> None:
    """Open ``root`` and press Train, which fails."""
    drop(window, root)
    qtbot.waitUntil(lambda: services(window).store.spec.data.source.kind == "folder", timeout=20_000)
    rested(qtbot, window)
    train = parts(window).actions["train"]
    assert train.isEnabled() and "cannot start like this" in train.toolTip() and "F5" in train.toolTip()
    assert "Training cannot start like this" in parts(window).status.text
    train.trigger()
    qtbot.waitUntil(lambda: services(window).session.failure is not None, timeout=60_000)
    assert parts(window).pages.banner.code == "failed"


def is_forgotten(window: MainWindow) -> bool:
    trained = "cannot start" in parts(window).actions["train"].toolTip()
    return "cannot" not in said(window) and "cannot" not in parts(window).status.text and not trained


def test_a_failure_of_the_data_goes_when_it_is_mended_by_its_button(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    failed(qtbot, window, damaged(tmp_path / "damaged"))
    assert "3 of 27 pictures" in said(window)
    assert offer(window, "Check the data…").isEnabled()
    QTest.mouseClick(offer(window, "Leave unreadable files out"), Qt.MouseButton.LeftButton)
    rested(qtbot, window)
    assert services(window).store.spec.data.source.skip_unreadable
    assert is_forgotten(window) and services(window).session.failure is None
    assert offer(window, "Train").isEnabled()


def test_a_failure_of_data_that_is_not_chosen_any_more_offers_no_change_of_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, damaged(tmp_path / "damaged"))
    rested(qtbot, window)
    parts(window).actions["train"].trigger()
    services(window).store.edit("data.source", {"kind": "moons"})  # before the run has found what it fails for
    qtbot.waitUntil(lambda: parts(window).pages.banner.code == "failed", timeout=60_000)
    assert "3 of 27 pictures" in said(window)
    assert [each.text() for each in parts(window).pages.banner.offers] == ["Copy details"]
    assert services(window).session.failure is None and "cannot start" not in parts(window).status.text


def test_a_failure_of_the_data_goes_when_files_are_left_out_or_other_data_is_chosen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    root = damaged(tmp_path / "damaged")
    failed(qtbot, window, root)
    QTest.mouseClick(offer(window, "Check the data…"), Qt.MouseButton.LeftButton)
    dialog = parts(window).checks.check_dialog
    assert dialog is not None
    rested(qtbot, window)
    QTest.mouseClick(button(dialog, "Leave them out"), Qt.MouseButton.LeftButton)
    rested(qtbot, window)
    assert is_forgotten(window)
    (root / ".workbench.toml").unlink()
    services(window).previews.refresh()
    rested(qtbot, window)
    parts(window).actions["train"].trigger()
    qtbot.waitUntil(lambda: services(window).session.failure is not None, timeout=60_000)
    services(window).store.edit("optimizer.lr", 0.01)  # not at fault
    assert parts(window).pages.banner.code == "failed"
    services(window).store.edit("data.source", {"kind": "digits"})
    rested(qtbot, window)
    assert is_forgotten(window)


def test_files_mended_elsewhere_are_read_again_when_somebody_comes_back(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    root = damaged(tmp_path / "damaged")
    failed(qtbot, window, root)
    for file in root.rglob("bad*.png"):
        file.unlink()
    parts(window).checks._on_application(Qt.ApplicationState.ApplicationActive)
    rested(qtbot, window)
    assert is_forgotten(window)


def test_empty_classes_can_be_left_out_from_the_banner(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "sparse", each=12)
    for name in ("leer", "rare"):
        (root / name).mkdir()
    failed(qtbot, window, root)
    assert "'leer', 'rare'" in said(window)
    QTest.mouseClick(offer(window, "Leave empty classes out"), Qt.MouseButton.LeftButton)
    rested(qtbot, window)
    assert is_forgotten(window) and services(window).checking.report is not None
    assert services(window).checking.report.can_start


def test_a_rare_class_is_left_out_with_one_button(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "rare", ("cats", "dogs"), each=12)
    class_folders(root, ("cats", "dogs", "emus"), each=2)
    drop(window, root)
    qtbot.waitUntil(lambda: services(window).store.spec.data.source.kind == "folder", timeout=20_000)
    rested(qtbot, window)
    dialog = opened(qtbot, window)
    assert "emus" in texts(dialog)
    QTest.mouseClick(button(dialog, "Leave the class out"), Qt.MouseButton.LeftButton)
    rested(qtbot, window)
    assert services(window).store.spec.data.source.skip_empty
    report = services(window).checking.report
    assert report is not None and [name for name, *_ in report.counts] == ["cats", "dogs"]
