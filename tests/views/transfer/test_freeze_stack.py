"""The stack of blocks: the line is dragged and moved by keys, locks make exceptions, rates are typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.views.transfer.block_row import RATE, BlockRow
from workbench.views.transfer.freeze_stack import FreezeStack
from workbench.views.transfer.stack_state import StackBlock, StackState

BLOCKS = [StackBlock(f"b{i}", f"Stage {i}", 1000 * (i + 1), 4000, (8, 4, 4), "two convolutions") for i in range(4)]
HEAD = StackBlock("", "New head", 130, 520, (10,), "10 classes")


class Owner:
    """Does what the stack asks for, as the settings do."""

    def __init__(self, stack: FreezeStack) -> None:
        self.stack, self.state = stack, StackState(2, frozenset(), {"b3": 0.1})
        self.asked: list[tuple[Any, ...]] = []
        stack.set_blocks(BLOCKS, HEAD, "8×8 gray")
        stack.set_state(self.state)
        stack.line_moved.connect(self.move)
        stack.block_toggled.connect(self.toggle)
        stack.rate_changed.connect(self.rate)
        stack.norms_toggled.connect(self.norms)

    def take(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.stack.set_state(self.state)

    def move(self, line: int, continues: bool) -> None:
        self.asked.append(("line", line, continues))
        self.take(line=line)

    def toggle(self, key: str) -> None:
        self.asked.append(("toggle", key))
        self.take(exceptions=self.state.exceptions ^ {key})

    def rate(self, key: str, value: float, continues: bool) -> None:
        self.asked.append(("rate", key, value))
        self.take(rates={**self.state.rates, key: value})

    def norms(self, on: bool) -> None:
        self.asked.append(("norms", on))
        self.take(norms_frozen=on)


@pytest.fixture
def owner(qtbot: QtBot) -> Owner:
    stack = FreezeStack()
    qtbot.addWidget(stack)
    stack.resize(800, 500)
    made = Owner(stack)
    with qtbot.waitExposed(stack):
        stack.show()
    stack.activateWindow()
    return made


def frozen(owner: Owner) -> list[bool]:
    return [row.frozen for row in owner.stack.rows]


def row(owner: Owner, key: str) -> BlockRow:
    return next(each for each in owner.stack.rows if each.block.key == key)


def test_the_input_is_at_the_bottom_and_the_head_always_learns(owner: Owner) -> None:
    tops = [each.geometry().top() for each in owner.stack.rows]
    assert tops == sorted(tops, reverse=True) and owner.stack.rows[-1].block is HEAD
    assert frozen(owner) == [True, True, False, False, False]
    line = owner.stack.line.geometry()
    assert row(owner, "b2").geometry().bottom() < line.top() and line.bottom() < row(owner, "b1").geometry().top()
    assert not row(owner, "").lock.isEnabled() and not row(owner, "").rate.isEnabled()
    assert "2 of 4 blocks frozen: 3\u202f000 parameters are frozen, 7\u202f130 are trained." in owner.stack.summary()


def test_keys_move_the_line(owner: Owner) -> None:
    line = owner.stack.line
    line.setFocus()
    for key, wanted in (("Up", 3), ("Up", 4), ("Up", 4), ("Home", 0), ("Down", 0), ("End", 4), ("Down", 3)):
        QTest.keyClick(line, Qt.Key[f"Key_{key}"])
        assert owner.state.line == wanted and frozen(owner)[:4] == [i < wanted for i in range(4)]
    assert [asked[1] for asked in owner.asked] == [3, 4, 0, 4, 3]  # a key that changes nothing asks for nothing


def test_the_mouse_drags_the_line(owner: Owner) -> None:
    line, pile = owner.stack.line, owner.stack.line.parentWidget()
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=line.rect().center())
    for key in ("b1", "b0"):
        target = line.mapFrom(pile, row(owner, key).geometry().center() + QPoint(0, 2))
        QTest.mouseMove(line, target)
        QApplication.processEvents()
    assert owner.state.line == 0
    top = line.mapFrom(pile, row(owner, "b3").geometry().center() - QPoint(0, 2))
    QTest.mouseMove(line, top)
    QApplication.processEvents()
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton)
    assert owner.state.line == 4 and frozen(owner) == [True] * 4 + [False]
    assert owner.asked[0][2] is False and all(asked[2] for asked in owner.asked[1:])


def test_a_lock_makes_an_exception_by_click_and_by_space(owner: Owner) -> None:
    QTest.mouseClick(row(owner, "b0").lock, Qt.MouseButton.LeftButton)
    assert frozen(owner) == [False, True, False, False, False] and row(owner, "b0").exception
    assert "an exception" in row(owner, "b0").lock.accessibleName()
    row(owner, "b3").lock.setFocus()
    QTest.keyClick(row(owner, "b3").lock, Qt.Key.Key_Space)
    assert frozen(owner) == [False, True, False, True, False]
    QTest.keyClick(owner.stack.line, Qt.Key.Key_End)  # exceptions stay against the line
    assert frozen(owner) == [False, True, True, False, False]
    QTest.mouseClick(row(owner, "b0").lock, Qt.MouseButton.LeftButton)
    assert owner.state.exceptions == {"b3"}


def test_rates_are_typed_and_wrong_ones_are_refused_in_words(owner: Owner) -> None:
    field = row(owner, "b2").rate
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0,05")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert owner.asked[-1] == ("rate", "b2", 0.05)
    field.selectAll()
    QTest.keyClicks(field, "-1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    said = owner.stack._trouble.text()
    assert "Stage 2" in said and RATE.range_text in said and owner.state.rates["b2"] == 0.05
    assert not row(owner, "b0").rate.isEnabled() and row(owner, "b0").rate.text() == "–"


def test_tab_reaches_everything_in_the_order_of_the_eye(owner: Owner) -> None:
    owner.stack.line.setFocus()
    reached = []
    for _ in range(10):
        QTest.keyClick(QApplication.focusWidget() or owner.stack, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.append(focused)
        if focused is owner.stack.norms:
            break
    wanted = [row(owner, key) for key in ("b3", "b2", "b1", "b0")]
    assert reached == [
        wanted[0].lock, wanted[0].rate, wanted[1].lock, wanted[1].rate, wanted[2].lock, wanted[3].lock,
        owner.stack.norms,
    ]  # fmt: skip
    QTest.keyClick(owner.stack.norms, Qt.Key.Key_Space)
    assert owner.asked[-1] == ("norms", True)


def test_names_for_those_who_hear_it(owner: Owner) -> None:
    line = QAccessible.queryAccessibleInterface(owner.stack.line)
    assert line.role() == QAccessible.Role.Slider
    assert "Freeze line" in owner.stack.line.accessibleName() and "2 of 4" in owner.stack.line.accessibleDescription()
    assert row(owner, "b0").lock.accessibleName() == "Stage 0: frozen"
    assert "Rate of Stage 3" in row(owner, "b3").rate.accessibleName()


def test_a_narrow_stack_leaves_columns_out_and_keeps_the_names(owner: Owner) -> None:
    from workbench.views.transfer.block_row import columns_of

    widget = row(owner, "b0")
    assert set(columns_of(widget, 800)) == {"name", "output", "parameters", "memory", "rate"}
    narrow = columns_of(widget, 300)
    assert set(narrow) == {"name", "rate"} and narrow["name"].width() > 60


def test_another_network_has_other_rows(owner: Owner) -> None:
    owner.stack.set_blocks(BLOCKS[:2], HEAD)
    owner.stack.set_state(StackState(1))
    assert len(owner.stack.rows) == 3 and owner.stack.line.maximum() == 2
    owner.stack.set_blocks([], HEAD)
    owner.stack.set_state(StackState())
    assert owner.stack.summary() == "" and not owner.stack.line.isEnabled()


@pytest.mark.parametrize("wide", [110, 150, 200, 300, 800])
@pytest.mark.parametrize("line", [0, 2, 4])
def test_words_on_the_line_and_below_fit_at_every_width(owner: Owner, wide: int, line: int) -> None:
    from workbench.views.widgets.theme import rhythm

    owner.move(line, False)
    handle, pile = owner.stack.line, owner.stack._pile
    owner.stack.setMinimumWidth(1)
    owner.stack.resize(wide, 500)
    QApplication.processEvents()
    arrows = 8 * rhythm(handle, 1)
    wide = handle.width()
    assert handle.fontMetrics().horizontalAdvance(handle.shown()) + arrows <= wide
    assert pile._input.sizeHint().width() <= wide and pile._input.text().startswith("▲")
    assert "Input picture: 8×8 gray" in pile._input.toolTip()
    if wide >= 180:
        assert handle.shown() and "8×8 gray" in pile._input.text()


@pytest.mark.parametrize("size", [0, 1, 296, 999, 1000, 99_949, 999_900_000, 2**40])
def test_every_memory_fits_its_column(owner: Owner, size: int) -> None:
    from workbench.views.transfer.block_row import _memory, columns_of

    widget = row(owner, "b0")
    assert widget.fontMetrics().horizontalAdvance(_memory(size)) <= columns_of(widget, 800)["memory"].width()
