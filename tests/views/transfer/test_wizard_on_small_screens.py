"""The transfer wizard and the docks on small screens and with large letters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QPushButton, QWidget, QWizard
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener, close
from tests.views.helpers import parts, services
from tests.views.transfer.helpers import LONG, items, on_page, opened, press
from workbench.views.transfer.pages.page import Page
from workbench.views.widgets import fit_on_screen
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow

_Which = QWizard.WizardButton


BUTTONS = (_Which.BackButton, _Which.NextButton, _Which.CustomButton1, _Which.FinishButton, _Which.CancelButton)


@pytest.mark.parametrize("size", [(1280, 720), (1024, 700)])
def test_it_fits_small_screens(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    theme().set_large(size[0] == 1280)
    wizard = opened(qtbot, window)
    hint = wizard.minimumSizeHint()
    assert hint.width() <= size[0] and hint.height() <= size[1]
    wizard.resize(*size)
    buttons = wizard.findChildren(QPushButton)
    assert wizard.width() <= size[0] and wizard.height() <= size[1] and buttons
    wizard.reject()
    again = opened(qtbot, window)
    assert (again.width(), again.height()) == (size[0], size[1])  # the size is remembered
    again.reject()


def whole(widget: QWidget) -> bool:
    """Whether all of a widget is in sight: nothing of it scrolled away or cut off."""
    return widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect()


@pytest.fixture
def small_screen(monkeypatch: pytest.MonkeyPatch) -> QRect:
    room = QRect(0, 0, 1280, 720)
    monkeypatch.setattr(fit_on_screen, "room_of", lambda window: room)
    return room


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
def test_on_a_small_screen_every_page_shows_what_it_is_for(
    qtbot: QtBot, window: MainWindow, small_screen: QRect, large: bool
) -> None:
    services(window).store.edit("data.examples_per_class", 5)
    theme().set_large(large)
    wizard = opened(qtbot, window)
    assert wizard.width() >= (1240 if large else 1000) and wizard.height() >= 600  # as large as it wants to be
    seen = []
    for number in range(4):
        if number:
            press(wizard, QWizard.WizardButton.NextButton)
            on_page(qtbot, wizard, number)
        qtbot.wait(30)
        assert small_screen.contains(wizard.frameGeometry()), number
        buttons = [b for which in BUTTONS if (b := wizard.button(which)).isVisible()]
        assert len(buttons) >= 2 and all(map(whole, buttons)), number
        page = wizard.currentPage()
        assert isinstance(page, Page) and page.heading.x() == page.column.itemAt(2).geometry().x()
        seen.append(page.heading.text())
    assert seen[1] == ("Step 2 of 4: What to freeze?" if large else "What to freeze?")
    assert wizard.steps.isHidden() == large
    qtbot.waitUntil(lambda: wizard.plan.time.text().startswith("Expected time"), timeout=LONG)
    qtbot.wait(30)
    assert whole(wizard.plan.time)
    press(wizard, QWizard.WizardButton.BackButton)
    qtbot.wait(30)
    tree = wizard.head.checks
    columns = [tree.columnViewportPosition(3), tree.columnWidth(3)]
    assert columns[1] > 100 and sum(columns) <= tree.viewport().width() + 1
    metrics = tree.fontMetrics()
    for item in items(tree):
        assert metrics.horizontalAdvance(item.text(0)) < tree.columnWidth(0), "cut although there is room"
        room = QRect(0, 0, columns[1], 10_000)
        words = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, item.text(3))
        assert tree.visualItemRect(item).height() >= words.height(), item.text(3)
    press(wizard, QWizard.WizardButton.BackButton)
    qtbot.wait(30)
    page = wizard.freezing
    assert all(map(whole, (*page.stack.rows, page.stack.line, page.advice, page.use_button)))
    if not large:
        assert whole(page.why) and whole(page.rule)
    press(wizard, QWizard.WizardButton.BackButton)
    qtbot.wait(30)
    about = wizard.backbone.about
    assert whole(about.verdict) and about.verdict.width() > 200 and whole(wizard.backbone.file_button)
    wizard.reject()


def test_large_letters_and_back_leave_the_docks_as_they_were(qtbot: QtBot, window: MainWindow) -> None:
    workspace = parts(window)
    workspace.docks.frozen.show()
    workspace.docks.frozen.raise_()
    qtbot.wait(50)
    docks = (workspace.docks.settings, workspace.docks.frozen)
    workspace.train_frame.resizeDocks(list(docks), [260, 333], Qt.Orientation.Horizontal)
    qtbot.wait(50)
    before = [dock.geometry() for dock in docks]
    workspace.actions["large"].setChecked(True)  # then the window is too narrow for three columns
    qtbot.waitUntil(
        lambda: workspace.docks.insight in workspace.train_frame.tabifiedDockWidgets(workspace.docks.settings),
        timeout=20_000,
    )
    workspace.actions["large"].setChecked(False)
    qtbot.waitUntil(lambda: [dock.geometry() for dock in docks] == before, timeout=20_000)
    assert workspace.train_frame.tabifiedDockWidgets(workspace.docks.frozen) == [workspace.docks.insight]
    assert not workspace.docks.frozen.visibleRegion().isEmpty()
    workspace.actions["large"].setChecked(True)
    qtbot.wait(50)
    workspace.docks.frozen.hide()  # what is closed with large letters stays closed
    workspace.actions["large"].setChecked(False)
    qtbot.waitUntil(lambda: not workspace.train_frame.tabifiedDockWidgets(workspace.docks.settings), timeout=20_000)
    assert workspace.docks.frozen.isHidden() and workspace.docks.insight.isVisible()


def test_the_wizards_size_comes_back_in_the_next_window(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    wizard = opened(qtbot, first)
    wizard.resize(1007, 605)
    wizard.reject()
    close(qtbot, first)
    again = opened(qtbot, open_window())
    assert (again.width(), again.height()) == (1007, 605)
    again.reject()


def test_a_window_that_began_with_large_letters_has_its_docks_back_too(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    parts(first).docks.frozen.show()
    parts(first).docks.frozen.raise_()
    qtbot.wait(50)
    parts(first).actions["large"].setChecked(True)
    both = parts(first).docks.settings, parts(first).docks.insight
    qtbot.waitUntil(lambda: both[1] in parts(first).train_frame.tabifiedDockWidgets(both[0]), timeout=20_000)
    close(qtbot, first)
    second = open_window()
    workspace = parts(second)
    narrowed = [workspace.docks.insight]
    qtbot.waitUntil(
        lambda: workspace.train_frame.tabifiedDockWidgets(workspace.docks.settings) == narrowed, timeout=20_000
    )
    workspace.actions["large"].setChecked(False)
    qtbot.waitUntil(
        lambda: workspace.train_frame.tabifiedDockWidgets(workspace.docks.frozen) == narrowed, timeout=20_000
    )
    assert (
        workspace.train_frame.tabifiedDockWidgets(workspace.docks.settings) == []
        and not workspace.docks.frozen.isHidden()
    )
    assert 200 < workspace.docks.frozen.width() < 500
