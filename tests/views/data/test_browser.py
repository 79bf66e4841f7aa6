"""The data browser: pictures by class, searched, counted, left out, renamed, used again; and what it says it cannot."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.data.drops import class_folders, drop, picture, settled
from tests.views.helpers import parts, services
from workbench.engine.data.browse import Catalogue, Part
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.views.data import thumbnails
from workbench.views.data.browser import DataBrowser
from workbench.views.window.main_window import MainWindow


def opened(qtbot: QtBot, window: MainWindow) -> DataBrowser:
    """Open it with its key and wait until everything in sight is drawn."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    browser = parts(window).checks.browser
    assert browser is not None
    qtbot.waitUntil(browser.isVisible, timeout=20_000)
    rested(qtbot, window)
    return browser


def rested(qtbot: QtBot, window: MainWindow) -> None:
    browser = parts(window).checks.browser
    assert browser is not None
    timers = (browser.view._look, browser._typing)
    for _ in range(2):
        settled(qtbot, window)
        qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers), timeout=60_000)


def found_in(browser: DataBrowser) -> Catalogue:
    assert browser._found is not None
    return browser._found


def choose_class(browser: DataBrowser, name: str) -> None:
    """Click the class in the table."""
    (item,) = browser.classes.findItems(name, Qt.MatchFlag.MatchExactly)
    place = browser.classes.visualItemRect(item).center()
    QTest.mouseClick(browser.classes.viewport(), Qt.MouseButton.LeftButton, pos=place)


def click_row(browser: DataBrowser, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    place = browser.view.visualRect(browser.view.thumbnails.index(row)).center()
    QTest.mouseClick(browser.view.viewport(), Qt.MouseButton.LeftButton, keys, place)


def shown_names(browser: DataBrowser) -> list[str]:
    model = browser.view.thumbnails
    return [found_in(browser).names[example] for example in model.shown.tolist()]


def table(browser: DataBrowser) -> dict[str, list[str]]:
    items = [browser.classes.topLevelItem(row) for row in range(browser.classes.topLevelItemCount())]
    columns = range(1, browser.classes.columnCount())
    return {item.text(0): [item.text(column) for column in columns] for item in items if item is not None}


@pytest.fixture
def pets(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> Path:
    root = class_folders(tmp_path / "pets", each=10)
    drop(window, root)
    settled(qtbot, window)
    return root


def test_pictures_stand_by_class_with_the_split_of_a_run(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    browser = opened(qtbot, window)
    found = found_in(browser)
    assert found.classes == ("cats", "dogs") and len(found) == 20
    assert (np.diff(found.labels) >= 0).all()
    spec = services(window).store.spec
    dataset = DataStore().loaded(spec.data.source)
    held = {dataset.files[index] for index in split(dataset, spec.data).val}
    assert {found.files[i] for i in np.flatnonzero(found.parts == Part.VALIDATION)} == held and len(held) == 4
    assert table(browser) == {"All classes": ["16", "4"], "cats": ["8", "2"], "dogs": ["8", "2"]}
    rows = browser.view.in_sight()
    assert all(
        isinstance(browser.view.thumbnails.picture(browser.view.thumbnails.example(row)), QImage) for row in rows
    )


def test_another_share_shows_another_split(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    browser = opened(qtbot, window)
    services(window).store.edit("data.validation_fraction", 0.5)
    rested(qtbot, window)
    assert table(browser)["All classes"] == ["10", "10"]


def test_search_class_and_part_narrow_what_is_shown(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    browser = opened(qtbot, window)
    QTest.keyClick(browser, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert browser.search.hasFocus()
    QTest.keyClicks(browser.search, "/7")
    rested(qtbot, window)
    assert shown_names(browser) == ["cats/7.png", "dogs/7.png"] and "2 of 20" in browser.count.text()
    choose_class(browser, "dogs")
    assert shown_names(browser) == ["dogs/7.png"]
    QTest.keyClicks(browser.search, "nothing")
    rested(qtbot, window)
    assert shown_names(browser) == [] and browser.count.text() == "Nothing matches"
    browser.search.clear()
    rested(qtbot, window)
    browser.parts.setFocus()
    QTest.keyClicks(browser.parts, "Val")
    browser.parts.activated.emit(browser.parts.currentIndex())
    assert len(shown_names(browser)) == 2


def test_delete_leaves_out_and_undo_takes_back(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    before = {file: file.read_bytes() for file in pets.rglob("*.png")}
    browser = opened(qtbot, window)
    choose_class(browser, "dogs")
    click_row(browser, 0)
    click_row(browser, 2, Qt.KeyboardModifier.ShiftModifier)
    names = [found_in(browser).names[example] for example in browser.view.chosen()]
    assert len(names) == 3
    QTest.keyClick(browser.view, Qt.Key.Key_Delete)
    rested(qtbot, window)
    assert table(browser)["dogs"][-1] == "3" and "3 pictures are left out" in browser.words.text()
    summary = services(window).previews.data
    assert summary is not None and summary.train + summary.val == 17
    written = tomllib.loads((pets / ".workbench.toml").read_text())
    assert written["excluded"] == sorted(names)
    QTest.keyClick(browser, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    rested(qtbot, window)
    assert table(browser)["dogs"] == ["8", "2"] and not browser.edits.undo.isEnabled()
    assert {file: file.read_bytes() for file in pets.rglob("*.png")} == before


def test_a_number_key_gives_another_class(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    browser = opened(qtbot, window)
    choose_class(browser, "dogs")
    click_row(browser, 0)
    QTest.keyClick(browser.view, Qt.Key.Key_1)
    rested(qtbot, window)
    assert tomllib.loads((pets / ".workbench.toml").read_text())["relabelled"] == {"dogs/0.png": "cats"}
    summary = services(window).previews.data
    assert summary is not None and (summary.class_train[0] + summary.class_val[0]) == 11
    assert browser.parts.findText("Relabelled (1)") > 0
    choose_class(browser, "cats")
    row = shown_names(browser).index("dogs/0.png")
    click_row(browser, row)
    QTest.keyClick(browser.view, Qt.Key.Key_9)  # there is no ninth class
    browser.edits.relabel.setCurrentIndex(browser.edits.relabel.count() - 1)
    browser.edits.relabel.activated.emit(browser.edits.relabel.count() - 1)
    rested(qtbot, window)
    assert tomllib.loads((pets / ".workbench.toml").read_text())["relabelled"] == {}


def test_the_menu_does_what_the_buttons_do(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    browser = opened(qtbot, window)
    click_row(browser, 1)
    menu = browser.edits.made_menu()
    words = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert "Leave &out" in words and "Use a&gain" not in words and any("dogs" in text for text in words)
    next(action for action in menu.actions() if action.text() == "Leave &out").trigger()
    rested(qtbot, window)
    assert table(browser)["cats"][-1] == "1"
    menu.deleteLater()
    choose_class(browser, "cats")
    browser.parts.setCurrentIndex(browser.parts.findText("Left out (1)"))
    browser.parts.activated.emit(browser.parts.currentIndex())
    click_row(browser, 0)
    QTest.mouseClick(browser.edits.use_again, Qt.MouseButton.LeftButton)
    rested(qtbot, window)
    assert table(browser)["cats"] == ["8", "2"]


def test_show_in_folder_opens_the_file_manager(
    qtbot: QtBot, window: MainWindow, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(asked.append(url)))
    browser = opened(qtbot, window)
    assert not browser.edits.show_file.isEnabled()
    click_row(browser, 0)
    QTest.mouseClick(browser.edits.show_file, Qt.MouseButton.LeftButton)
    assert [Path(url.toLocalFile()) for url in asked] == [pets / "cats"]
    assert str(pets / "cats") in browser.words.text()  # no file manager answered


def test_a_set_without_files_is_shown_and_says_what_is_not_possible(qtbot: QtBot, window: MainWindow) -> None:
    browser = opened(qtbot, window)
    assert len(found_in(browser)) == 1797 and table(browser)["All classes"] == ["1\u202f438", "359"]
    click_row(browser, 0)
    assert isinstance(browser.view.thumbnails.picture(browser.view.thumbnails.example(0)), QImage)
    for button in (browser.edits.leave_out, browser.edits.use_again, browser.edits.show_file, browser.edits.relabel):
        assert not button.isEnabled()
    QTest.keyClick(browser.view, Qt.Key.Key_Delete)
    rested(qtbot, window)
    assert "Save them as pictures" in browser.words.text() and len(found_in(browser)) == 1797


def test_points_have_no_pictures(qtbot: QtBot, window: MainWindow) -> None:
    services(window).store.choose("data.source", "spirals")
    browser = opened(qtbot, window)
    assert "points and no pictures" in browser.trouble.text() and browser.trouble.isVisible()
    services(window).store.undo()
    rested(qtbot, window)
    assert len(found_in(browser)) == 1797 and not browser.trouble.isVisible()


def test_unreadable_files_are_marked_and_the_rest_is_shown(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    (pets / "cats" / "0.png").write_bytes(b"no picture")
    services(window).previews.refresh()
    browser = opened(qtbot, window)
    assert "0.png" in browser.notes.text()  # why the split is not known
    example = found_in(browser).names.index("cats/0.png")
    assert isinstance(browser.view.thumbnails.picture(example), str)
    tip = browser.view.thumbnails.index(example).data(Qt.ItemDataRole.ToolTipRole)
    assert "Cannot be read: not a picture" in tip
    click_row(browser, example)
    QTest.keyClick(browser.view, Qt.Key.Key_Delete)
    rested(qtbot, window)
    assert table(browser)["All classes"][-1] == "1" and services(window).previews.data is not None


def test_a_change_that_cannot_be_written_is_taken_back_on_the_screen(
    qtbot: QtBot, window: MainWindow, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.core.errors import WorkbenchError
    from workbench.engine.pictures import corrections

    def full(path: Path, data: bytes) -> None:
        raise WorkbenchError(f"Cannot write {path}: No space left on device.")

    monkeypatch.setattr(corrections, "write_whole", full)
    browser = opened(qtbot, window)
    click_row(browser, 0)
    QTest.keyClick(browser.view, Qt.Key.Key_Delete)
    rested(qtbot, window)
    assert "No space left" in browser.words.text() and table(browser)["cats"] == ["8", "2"]


def test_closing_and_opening_again(qtbot: QtBot, window: MainWindow, pets: Path) -> None:
    browser = opened(qtbot, window)
    QTest.keyClick(browser, Qt.Key.Key_Escape)
    assert not browser.isVisible()
    picture(pets / "dogs" / "new.png", seed=77)
    assert opened(qtbot, window) is browser
    assert browser.classes.topLevelItemCount() == 3


def test_only_what_is_looked_at_is_decoded(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of pictures: a screenful and the next are decoded, and after a jump to the end those there."""
    root = class_folders(tmp_path / "many", each=400)
    drop(window, root)
    settled(qtbot, window)
    browser = opened(qtbot, window)
    model = browser.view.thumbnails
    known = [row for row in range(len(model.shown)) if model.picture(model.example(row)) is not None]
    assert known == list(browser.view.in_sight()) and len(known) < 200
    browser.view.verticalScrollBar().setValue(browser.view.verticalScrollBar().maximum())
    rested(qtbot, window)
    last = model.example(len(model.shown) - 1)
    assert isinstance(model.picture(last), QImage)
    assert browser.view.indexAt(QPoint(20, 20)).row() in browser.view.in_sight()


def test_a_cell_is_drawn_again_from_what_was_made_ready(
    qtbot: QtBot, window: MainWindow, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred cells are drawn at each step of scrolling: laying their words out anew made the window late."""
    browser = opened(qtbot, window)
    choose_class(browser, "dogs")  # words of each file
    rested(qtbot, window)
    made: list[str] = []

    def counted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        return lambda *arguments: (made.append(name), function(*arguments))[1]

    for name in ("rhythm", "theme", "QStaticText"):
        monkeypatch.setattr(thumbnails, name, counted(name, getattr(thumbnails, name)))
    before = browser.view.grab().toImage()
    assert made == ["theme"]
    assert browser.view.grab().toImage() == before and made == ["theme", "theme"]


def test_pictures_that_come_draw_their_own_cells_anew_and_no_others(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    browser = opened(qtbot, window)
    view = browser.view
    painted = Painted()
    view.viewport().installEventFilter(painted)
    view.take(found_in(browser), {view.thumbnails.example(3): np.zeros((8, 8, 3), np.uint8)})
    qtbot.waitUntil(lambda: bool(painted.regions), timeout=20_000)
    assert {region.boundingRect() for region in painted.regions} == {view.visualRect(view.thumbnails.index(3))}


class Painted(QObject):
    """What is painted of a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.regions: list[QRegion] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.regions.append(event.region())
        return False
