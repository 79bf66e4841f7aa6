"""The export, clicked through: a network, a format, a folder; what came of it, and what is refused, at its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.use.made import trained
from tests.views.use.made import LONG, shown_page
from workbench.bridge.use import export_desk
from workbench.engine.core import extras
from workbench.engine.core.progress import Job, Loading
from workbench.engine.export.formats import FORMATS, Exported
from workbench.engine.export.new_folder import new_folder
from workbench.views.use.export_dialog import ExportDialog
from workbench.views.use.use_page import UsePage
from workbench.views.widgets.theme import ERROR, theme


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def page(qtbot: QtBot, workbench_home: Path) -> Iterator[UsePage]:
    with shown_page(qtbot, workbench_home) as shown:
        yield shown


@pytest.fixture
def dialog(page: UsePage, qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    desk = page.services.export
    desk.folder = tmp_path
    made = ExportDialog(desk, page)
    desk.wanted.connect(made.network.choose)
    with qtbot.waitExposed(made):
        made.show()
    return made


def click(button: Any) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(dialog: ExportDialog, qtbot: QtBot, run: Path) -> None:
    dialog.desk.want_run(run)
    qtbot.waitUntil(lambda: dialog.desk.slot.network is not None, timeout=LONG)


def test_an_open_dialog_grows_with_large_letters(dialog: ExportDialog, qtbot: QtBot) -> None:
    before, line = dialog.size(), dialog.fontMetrics().height()
    screen = dialog.screen().availableSize()
    try:
        theme().set_large(True)
        wide = min(before.width() * dialog.fontMetrics().height() // line, screen.width() * 24 // 25)
        qtbot.waitUntil(lambda: abs(dialog.width() - wide) <= 1, timeout=LONG)
        layout = dialog.layout()
        assert layout is not None
        needed = min(layout.totalHeightForWidth(dialog.width()), screen.height() * 9 // 10)
        assert dialog.height() >= needed > before.height() // 2
    finally:
        theme().set_large(False)
    qtbot.waitUntil(lambda: abs(dialog.width() - before.width()) <= 8, timeout=LONG)


def test_without_a_network_it_says_what_to_do(dialog: ExportDialog) -> None:
    assert not dialog.bar.start_button.isEnabled() and not dialog.open_button.isEnabled()
    assert "Choose a network" in dialog.bar.start_button.toolTip()


def test_an_export_says_what_came_of_it_and_the_next_gets_another_name(
    dialog: ExportDialog, qtbot: QtBot, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(dialog, qtbot, run)
    dialog.formats.setFocus()
    QTest.keyClicks(dialog.formats, "card")
    first = tmp_path / f"{run.name}-card"
    assert dialog.format == "card" and dialog.out == first and "To publish" in dialog.about.text()
    with qtbot.waitSignal(dialog.desk.exported, timeout=LONG):
        click(dialog.bar.start_button)
    assert [each.name for each in first.iterdir()] == ["model_card.md"]
    assert dialog.words.text().startswith(f"Exported to {first}. model_card.md")
    assert dialog.out == tmp_path / f"{run.name}-card-2"
    opened: list[Path] = []
    monkeypatch.setattr("workbench.views.use.export_dialog.open_folder", lambda folder: opened.append(folder) or "")
    click(dialog.open_button)
    assert opened == [first]


def test_enter_in_a_field_exports_and_the_format_has_the_focus(
    dialog: ExportDialog, qtbot: QtBot, run: Path, tmp_path: Path
) -> None:
    assert dialog.focusWidget() is dialog.formats
    choose(dialog, qtbot, run)
    dialog.choose("card")
    dialog.folder.setFocus()
    dialog.folder.selectAll()
    QTest.keyClicks(dialog.folder, str(tmp_path / "by key"))
    QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.open_button.isEnabled(), timeout=LONG)
    assert (tmp_path / "by key" / "model_card.md").is_file()


def test_each_format_shows_its_own_options(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: object())  # as if every extra were installed
    for name, each in FORMATS.items():
        dialog.choose(name)
        assert dialog.inputs.isVisible() == each.has_inputs == (name == "onnx")
        assert dialog.pictures.isVisible() == each.is_compared and dialog.on_paper.isVisible() == each.has_pages
        assert each.needs in dialog.about.text()


def test_a_folder_that_is_there_is_refused_at_its_place(
    dialog: ExportDialog, qtbot: QtBot, run: Path, tmp_path: Path
) -> None:
    choose(dialog, qtbot, run)
    (tmp_path / "mine").mkdir()
    dialog.folder.setFocus()
    dialog.folder.selectAll()
    QTest.keyClicks(dialog.folder, str(tmp_path / "mine"))
    dialog.choose("data")  # what was typed stays
    with qtbot.waitSignal(dialog.desk.failed, timeout=LONG):
        click(dialog.bar.start_button)
    assert "is there already" in dialog.words.text() and dialog.words.foregroundRole() == ERROR
    dialog.folder.selectAll()
    QTest.keyClick(dialog.folder, Qt.Key.Key_Delete)
    assert "Name the folder that is to be made." in dialog.bar.start_button.toolTip()


def test_without_the_extra_the_command_is_said(
    dialog: ExportDialog, qtbot: QtBot, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    choose(dialog, qtbot, run)
    dialog.choose("onnx")
    assert not dialog.bar.start_button.isEnabled() and "uv sync --extra onnx" in dialog.about.text()
    dialog.choose("card")
    assert dialog.bar.start_button.isEnabled() and "onnx" not in dialog.about.text()


def test_a_report_is_also_pages_of_paper(dialog: ExportDialog, qtbot: QtBot, run: Path, tmp_path: Path) -> None:
    choose(dialog, qtbot, run)
    dialog.choose("report")
    dialog.on_paper.setFocus()
    QTest.keyClick(dialog.on_paper, Qt.Key.Key_Space)
    with qtbot.waitSignal(dialog.desk.exported, timeout=LONG) as made:
        click(dialog.bar.start_button)
    folder = made.args[0].folder
    assert sorted(each.name for each in folder.iterdir()) == ["report.html", "report.pdf"]
    data = (folder / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") >= 1 and data.count(b"/Subtype /Image") >= 5


def test_stop_leaves_nothing(
    dialog: ExportDialog, qtbot: QtBot, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(path: Path, to: str, out: Path, *_more: object) -> Job[Exported]:
        with new_folder(out):
            while True:
                yield Loading(1, 2, "Writing pictures")

    monkeypatch.setattr(export_desk, "exporting", endless)
    choose(dialog, qtbot, run)
    click(dialog.bar.start_button)
    qtbot.waitUntil(lambda: dialog.bar.bar.value() == 500 and "Writing pictures" in dialog.words.text(), timeout=LONG)
    click(dialog.bar.cancel_button)
    assert dialog.words.text() == "Stopped. Nothing was exported." and not dialog.bar.bar.isVisible()
    qtbot.waitUntil(lambda: list(tmp_path.iterdir()) == [], timeout=LONG)


def test_the_page_of_use_exports_its_network(dialog: ExportDialog, page: UsePage, qtbot: QtBot, run: Path) -> None:
    page.network.take([run])
    click(page.export_button)
    qtbot.waitUntil(lambda: dialog.desk.slot.paths == (run,), timeout=LONG)
    page.network.take([run, run])
    click(page.export_button)
    assert "exported one by one" in dialog.bar.start_button.toolTip()
