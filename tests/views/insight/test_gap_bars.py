"""The two bars of the insight panel pixel by pixel, and what the panel says of early evaluations and edits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.engine.report.curves import run
from tests.engine.report.test_verdict import FALLING, OVERFIT_ACCURACY, OVERFIT_VAL
from workbench.engine.core.events import Edited
from workbench.engine.report.generalization_gap import LossGap
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.views.insight.gap_view import GapView, SplitBars

Pixel = Callable[[float, float], QColor]


@pytest.fixture
def bars(qtbot: QtBot) -> SplitBars:
    made = SplitBars()
    qtbot.addWidget(made)
    made.resize(302, made.sizeHint().height())
    return made


def painted(bars: SplitBars, split: LossGap) -> tuple[Pixel, str, str]:
    """A function from (x, lines below the top) to the colour there; the gap's colour, the writing's."""
    bars.show_split(split)
    image, line = bars.grab().toImage(), bars.fontMetrics().height()
    colours = DARK if bars.palette().window().color().lightness() < 128 else LIGHT
    writing = bars.palette().windowText().color().name()
    return lambda x, lines: QColor(image.pixel(round(x), round(lines * line))), QColor(colours.gap).name(), writing


def test_a_gap_and_its_margin(bars: SplitBars) -> None:
    """A scale of 0.75 over 300 pixels: the bar ends at 200, the line reaches from 100 to 300."""
    pixel, gap, writing = painted(bars, LossGap(0.5, 0.25, 0.0, None, 0.0))
    middle, beside = 1.5, 1.3
    assert [pixel(x, beside).name() for x in (10, 100, 190)] == [gap] * 3
    assert pixel(210, beside).name() != gap
    assert [pixel(x, middle).name() == writing for x in (50, 90, 110, 150, 250, 290)] == [False] * 2 + [True] * 4


def test_a_negative_gap_stands_left_of_its_zero(bars: SplitBars) -> None:
    """A quarter of the width is kept for what lies below zero."""
    pixel, gap, _ = painted(bars, LossGap(-0.1, 0.4, 0.0, 0.2, 0.1))
    unit, zero = (302 - 75.5 - 2) / 0.5, 75.5
    assert [pixel(zero - share * 0.1 * unit, 1.3).name() == gap for share in (0.2, 0.8, 1.2)] == [True, True, False]
    assert pixel(zero + 10, 1.3).name() != gap


@pytest.mark.parametrize(("epochs", "words"), [(1, "validation –"), (2, "epoch 1"), (5, "epoch 4")])
def test_where_the_best_validation_was(qtbot: QtBot, epochs: int, words: str) -> None:
    view = GapView()
    qtbot.addWidget(view)
    view.set_history(run(FALLING[:epochs], FALLING[:epochs], [0.1 * (k + 1) for k in range(epochs)]))
    assert view.best.text().endswith(words)


def test_an_edit_is_news(qtbot: QtBot) -> None:
    """What is suggested goes by the rate of now."""
    view = GapView()
    qtbot.addWidget(view)
    flat = [2.3, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    history = run(flat, [x + 0.2 for x in flat], [0.1, 0.5, 0.8] + [0.79] * 6)
    view.set_history(history)
    assert "0.005" in view.button.text()
    history.fold(Edited(3, "optimizer.lr", 0.05, 0.3))
    view.refresh()
    assert "0.03" in view.button.text()


def test_the_best_of_an_overfitted_run_is_not_its_last(qtbot: QtBot) -> None:
    view = GapView()
    qtbot.addWidget(view)
    view.set_history(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY))
    assert view.best.text().endswith("epoch 4")
