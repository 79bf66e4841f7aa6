"""What the studies below the picture show of their numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPixmap

from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.catalog.surfaces.local_minima import LocalMinima
from workbench.engine.playground.rates import RateBand
from workbench.views.playground.playground_page import PlaygroundPage
from workbench.views.playground.study_panels import _groups
from workbench.views.plots import picture_menu


def test_balls_are_counted_by_the_height_of_their_minimum() -> None:
    surface = LocalMinima()
    heights = [float(surface.value(np.array(x), np.array(y))) for x, y in surface.minima()]
    lowest = int(np.argmin(heights))
    same = [place for place, height in enumerate(heights) if height == heights[lowest + 1]]
    assert len(same) > 1
    found = np.array([[lowest, same[0], same[1], -1], [same[0], same[0], -2, -2]])
    groups = dict(_groups(found, surface))
    assert next(iter(groups)) == "0"
    assert groups["0"] == [1, 0]
    assert sorted(map(tuple, groups.values())) == sorted([(1, 0), (2, 2), (1, 0), (0, 2)])
    assert groups["elsewhere"] == [1, 0] and groups["lost"] == [0, 2]


@pytest.mark.parametrize("name", ["rates", "restarts", "minima"])
def test_the_picture_of_a_study_can_be_saved(
    page: PlaygroundPage, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, told = getattr(page, name), list[str]()
    page.below.setCurrentWidget(panel)
    page.told.connect(lambda words, _tone: told.append(words))
    monkeypatch.setattr(picture_menu, "ask", lambda menu, _place: menu.deleteLater() or ".png")
    monkeypatch.setattr(picture_menu, "ask_path", lambda _, suffix, at: tmp_path / f"{at.name}{suffix}")
    panel.chart.customContextMenuRequested.emit(QPoint(5, 5))
    (path,) = tmp_path.iterdir()
    assert told == [f"Saved in {path}."] and not QPixmap(str(path)).isNull()


def test_a_chart_without_curves_has_no_numbers(page: PlaygroundPage) -> None:
    chart = page.rates.chart
    page.below.setCurrentWidget(page.rates)

    def numbers() -> int:
        """Colours at the left of the area, where the numbers of the vertical axis are."""
        left = chart.grab().toImage().copy(0, int(chart.area().top()), int(chart.area().left()) - 2, 40)
        return len({left.pixel(x, y) for x in range(left.width()) for y in range(left.height())})

    assert numbers() == 1
    rates = np.array([0.01, 0.1, 1.0])
    chart.show_bands((RateBand(SGD(), rates, np.array([90.0, 9.0, 99.0])),), 100)
    assert numbers() > 1
