"""The stack of live plots alone."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from workbench.views.plots.train_plots import TrainPlots


@pytest.fixture
def plots(qtbot: QtBot) -> TrainPlots:
    widget = TrainPlots()
    qtbot.addWidget(widget)
    widget.resize(620, 600)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget
