"""The racers of the playground's page: added, changed, removed, lost, and their numbers beside the picture."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.playground.conftest import raced
from tests.views.playground.page_parts import LEFT, Key, picture
from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.playground_page import PlaygroundPage


def test_a_racer_is_added_copied_changed_and_removed(qtbot: QtBot, page: PlaygroundPage) -> None:
    panel = page.settings.racers
    panel.menu.aboutToShow.emit()
    next(a for a in panel.menu.actions() if a.data() == "nesterov").trigger()
    assert page.desk.spec.racers[-1].title == "Nesterov momentum"
    assert page.chosen == 5
    QTest.mouseClick(panel.items[5].copy, LEFT)
    assert [item.name for item in panel.items[-2:]] == ["Nesterov momentum 1", "Nesterov momentum 2"]
    item = panel.items[6]
    QTest.mouseClick(item.head, LEFT)
    assert item.fields is not None
    field = next(row for row in item.fields.rows() if row.ref.path == "racers.6.lr").editor.main
    assert field is not None
    field.setFocus()
    QTest.keyClick(field, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "0,005")
    QTest.keyClick(field, Key.Key_Return)
    assert page.desk.spec.racers[6].lr == 0.005
    raced(qtbot, page)
    QTest.mouseClick(panel.items[6].remove, LEFT)
    QTest.mouseClick(panel.items[5].remove, LEFT)
    assert len(page.desk.spec.racers) == 5
    assert page.chosen == 4
    assert page.numbers.table.topLevelItemCount() == 5


def test_without_a_racer_the_picture_says_what_to_do(page: PlaygroundPage) -> None:
    for _ in range(5):
        QTest.mouseClick(page.settings.racers.items[0].remove, LEFT)
    assert "at least one optimizer" in page.settings.racers.problem.text()
    assert "at least one optimizer" in page.desk.trouble
    picture(page)


def test_muon_is_grey_with_its_reason_and_lbfgs_is_while_there_is_noise(page: PlaygroundPage) -> None:
    panel = page.settings.racers

    def choice(kind: str) -> Any:
        panel.menu.aboutToShow.emit()
        return next(a for a in panel.menu.actions() if a.data() == kind)

    muon = choice("muon")
    assert not muon.isEnabled()
    assert "matrices" in muon.text()
    assert "matrices" in muon.toolTip()
    assert choice("lbfgs").isEnabled()
    page.desk.store.edit("noise", 1.0)
    assert not choice("lbfgs").isEnabled()
    assert "noise" in choice("lbfgs").text()


def test_the_table_and_the_formula_follow_the_cursor_and_the_chosen_racer(qtbot: QtBot, page: PlaygroundPage) -> None:
    page.desk.cursor.go(0)
    page.desk.cursor.go(1)
    table = page.numbers.table
    qtbot.waitUntil(lambda: table.topLevelItem(4).text(5) == "1", timeout=10_000)  # Adam's first step is the rate
    table.setCurrentItem(table.topLevelItem(4))
    assert page.chosen == 4
    head = page.numbers._formula_head
    qtbot.waitUntil(lambda: head.text() == "Adam, update 2", timeout=10_000)
    page.desk.cursor.go(7)
    qtbot.waitUntil(lambda: head.text() == "Adam, update 8", timeout=10_000)


def test_a_lost_ball_has_a_tombstone_and_the_others_go_on(qtbot: QtBot, page: PlaygroundPage) -> None:
    page.desk.store.load(PlaygroundSpec(racers=(SGD(lr=0.03), SGD(lr=0.2)), updates=60))
    raced(qtbot, page)
    lost = int(page.desk.paths.trails[1].lost[0])  # type: ignore[union-attr]
    assert 0 < lost < 60
    table = page.numbers.table
    qtbot.waitUntil(lambda: table.topLevelItem(1).text(1) == f"† {lost}", timeout=10_000)
    assert table.topLevelItem(0).text(1) == "–" or int(table.topLevelItem(0).text(1)) > 0
    picture(page)
    places = dict(page.landscape.marks._balls)
    assert set(places) == {0, 1}
    page.choose_racer(1)
    page.desk.cursor.go(page.desk.cursor.end)
    head = page.numbers._formula_head
    qtbot.waitUntil(lambda: head.text() == f"SGD 2, lost at update {lost}", timeout=10_000)
    page.desk.cursor.go(lost - 2)
    qtbot.waitUntil(lambda: head.text() == f"SGD 2, update {lost - 1}", timeout=10_000)


def test_fair_rates_are_applied_as_one_change_and_drawn(qtbot: QtBot, page: PlaygroundPage) -> None:
    page.desk.store.load(PlaygroundSpec(surface=Bowl(condition=5), racers=(SGD(lr=1e-3),), updates=60))
    page.below.setCurrentWidget(page.rates)
    QTest.mouseClick(page.rates.begin, LEFT)
    assert page.rates.give_up.isVisible()
    qtbot.waitUntil(lambda: page.desk.studies.rates.value is not None, timeout=120_000)
    assert page.desk.spec.racers[0].lr == page.desk.studies.rates.value[0].best
    assert "updates" in page.rates.words.text()
    assert page.rates.chart.bands
    page.undo_store.undo()
    assert page.desk.spec.racers[0].lr == 1e-3


def test_a_search_can_be_cancelled(qtbot: QtBot, page: PlaygroundPage) -> None:
    page.below.setCurrentWidget(page.rates)
    QTest.mouseClick(page.rates.begin, LEFT)
    QTest.mouseClick(page.rates.give_up, LEFT)
    assert page.rates.begin.isVisible()
    assert not page.desk.studies.rates.is_pending
