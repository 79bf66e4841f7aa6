"""The whole window under random use with a run active: no exception, no warning of Qt, and it closes as always."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.views.helpers import services
from tests.views.monkey import KINDS, Monkey
from tests.views.monkey_inputs import inputs, small_experiment
from workbench.views.window.main_window import MainWindow

#: Seconds of the GUI thread for one event, in the long run only; the aim is 1 s on a machine that does nothing else.
SLOWEST = 3.0


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("events", "seed", "is_timed"), [(500, 2, False), pytest.param(20_000, 1, True, marks=pytest.mark.full)]
)
def test_a_monkey_finds_no_fault(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, events: int, seed: int, is_timed: bool
) -> None:
    services(window).store.load(small_experiment())
    monkey = Monkey(window, seed, inputs(tmp_path / "inputs"), small_experiment())
    services(window).session.train()
    monkey.run(events)
    print(monkey.report())
    assert set(monkey.counts) == set(KINDS), "a kind of event that never came"
    assert services(window).crash.count() == 0
    assert not is_timed or monkey.longest[0] < SLOWEST, monkey.report()
