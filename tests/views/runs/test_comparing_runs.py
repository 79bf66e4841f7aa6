"""Runs ticked and compared: curves, dots, bands, files."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, curve, make_run
from tests.views.runs.helpers import click
from workbench.bridge.runs import run_desk
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.shelf.compare import Comparison
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.compare_pane import ComparePane
from workbench.views.runs.runs_page import RunsPage
from workbench.views.runs.scatter_plot import distance


def test_space_ticks_runs_into_the_comparison(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    assert not page.compare.isVisible()
    click(page, 2)
    QTest.keyClick(page.list.table, Qt.Key.Key_Space)
    click(page, 1)
    QTest.keyClick(page.list.table, Qt.Key.Key_Space)
    assert page.compare.isVisible() and list(page.list.model.ticked) == [three[0], three[1]]
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 2, timeout=20_000)
    differences = page.compare.differences.words
    qtbot.waitUntil(lambda: "Learning rate 0.05 → 0.005" in differences.text(), timeout=20_000)
    table = page.compare.differences.table
    assert [table.item(0, at).text() for at in range(3)] == ["Learning rate", "0.05", "0.005"]
    styles = [ghost.style for ghost in page.compare.plots.stack.ghosts]
    assert styles[0] is not None and styles[1] is not None
    assert styles[0].light != styles[1].light and styles[0].mark != styles[1].mark
    page.compare.plots.stack.redraw()
    assert page.compare.plots.stack._x_range.range[1] == pytest.approx(15 * 1.01)


def test_the_comparison_is_made_in_parts_before_the_first_tick(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    qtbot.waitUntil(lambda: len(page.findChildren(TrainPlots)) == 1, timeout=20_000)
    assert not page.findChildren(ComparePane)
    qtbot.waitUntil(lambda: len(page.findChildren(ComparePane)) == 1, timeout=20_000)
    assert not page.compare.isVisible() and not page.findChildren(TrainPlots)[0].isVisible()
    page.list.model.tick(three[:1], True)
    assert page.compare.isVisible() and page.findChildren(TrainPlots) == [page.compare.plots]


def test_comparing_does_not_hold_up_the_window(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, compare = threading.Event(), run_desk.compare

    def slowly(*runs: Any) -> Comparison:
        assert may_go_on.wait(20)
        return compare(*runs)

    page = open_page()
    pane, model = page.compare, page.list.model
    monkeypatch.setattr(run_desk, "compare", slowly)
    try:
        model.tick(three[:2], True)
        assert pane.title.text() == "Comparing 2 runs…" and pane.differences.words.text() == "Comparing…"
        assert not pane.export.isEnabled()
    finally:
        may_go_on.set()
    for _again in range(2):
        qtbot.waitUntil(lambda: pane.title.text() == "2 runs compared", timeout=20_000)
        assert "Learning rate 0.05 → 0.005" in pane.differences.words.text() and pane.export.isEnabled()
        model.tick([three[1]], False)
        assert pane.title.text() == "1 run compared" and not pane.differences.is_filled
        model.tick([three[1]], True)


def test_runs_that_cannot_be_compared_say_why(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    log = (three[1] / "events.jsonl").read_text("utf-8").replace('"momentum"', '"of_tomorrow"')
    (three[1] / "events.jsonl").write_text(log, "utf-8")
    page = open_page()
    page.list.model.tick(three[:2], True)
    qtbot.waitUntil(lambda: page.compare.title.text() == "2 runs compared", timeout=20_000)
    assert "is left out" in page.compare.differences.words.text() and page.compare.comparison is None


def test_names_of_runs_at_one_point_stand_below_each_other(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    same = make_run(runs_folder(), "2026-11-04_12-00-00_same", SPEC.edited("optimizer.lr", 0.5), accuracies=(0.5, 0.8))
    page = open_page()
    page.list.model.tick([three[0], same], True)
    page.compare.tabs.setCurrentWidget(page.compare.scatter)
    scatter = page.compare.scatter
    first, second = scatter.name_places()
    assert not first.intersects(second)
    high = scatter.fontMetrics().height()
    assert abs(first.center().y() - second.center().y()) <= 2 * high


def test_names_of_crowded_runs_stand_near_their_dots(
    qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk
) -> None:
    """More runs than fit as labels below each other beside the single point that they share."""
    for number in range(8):
        spec = SPEC.edited("optimizer.lr", 0.1 / (number + 1))
        make_run(runs_folder(), f"2026-11-01_12-00-0{number}_same", spec, accuracies=(0.5, 0.8))
    make_run(runs_folder(), "2026-11-02_12-00-00_other", accuracies=(0.5, 0.6))
    page = open_page()
    page.list.model.tick([record.folder for record in desk.runs.records], True)
    page.compare.tabs.setCurrentWidget(page.compare.scatter)
    scatter = page.compare.scatter
    qtbot.waitUntil(lambda: scatter.height() > 100, timeout=20_000)
    places = scatter.name_places()
    assert not any(one.intersects(other) for one, other in itertools.combinations(places, 2))
    high = scatter.fontMetrics().height()
    far = [distance(place, scatter._place(dot)) for place, dot in zip(places, scatter._named(), strict=True)]
    assert max(far) <= 5 * high


def test_runs_of_one_seed_are_not_called_seeds(qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk) -> None:
    for second in range(2):
        make_run(runs_folder(), f"2026-11-01_12-00-0{second}_s")
    page = open_page()
    page.list.model.tick([record.folder for record in desk.runs.records], True)
    qtbot.waitUntil(lambda: [g.title for g in page.compare.plots.stack.ghosts] == ["12:00:01, 2 runs"], timeout=20_000)


def test_repeats_are_one_band_until_they_are_wanted_apart(
    qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk
) -> None:
    for seed in range(3):
        make_run(
            runs_folder(),
            f"2026-11-01_12-00-0{seed}_s",
            SPEC.edited("loop.seed", seed),
            accuracies=(0.1 + 0.4 * seed, 0.6 + seed / 10),
        )
    page = open_page()
    page.list.model.tick([record.folder for record in desk.runs.records], True)
    plots = page.compare.plots
    qtbot.waitUntil(lambda: any("3 seeds" in ghost.title for ghost in plots.stack.ghosts), timeout=20_000)
    plots.stack.redraw()
    line = next(line for line in plots.subplot("accuracy").view.item.content.lines if line.band is not None)
    assert line.band is not None and line.y[-1] == pytest.approx(0.7)
    assert (line.band[0][-1], line.band[1][-1]) == (pytest.approx(0.6), pytest.approx(0.8))
    gap = plots.subplot("gap")
    line = next(line for line in gap.view.item.content.lines if line.band is not None)
    assert line.band is not None and float(line.y.max()) == pytest.approx(0.4)
    assert gap.y_range.range[1] > float(line.band[1].max()) == pytest.approx(0.8)  # the band is not cut off
    page.compare.seeds.click()
    assert len(plots.stack.ghosts) == 3


def test_ticked_runs_are_drawn_beside_the_one_that_trains_if_wanted(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    page.list.model.tick(three[:2], True)
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 2, timeout=20_000)
    with qtbot.waitSignal(desk.beside_changed) as changed:
        page.compare.beside.click()
    assert [ghost.title for ghost in changed.args[0]] == ["lr 0.05", "lr 0.005"]
    desk._session.folder = str(three[1])  # as if it were the one that trains: not beside itself
    with qtbot.waitSignal(desk.beside_changed) as changed:
        page.compare.refresh()
    assert [ghost.title for ghost in changed.args[0]] == ["lr 0.05"] and len(page.compare.plots.stack.ghosts) == 2


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".csv", ".md"])
def test_a_comparison_is_saved_in_every_format(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], tmp_path: Path, suffix: str
) -> None:
    page = open_page()
    told: list[tuple[str, str]] = []
    desk.told.connect(lambda *said: told.append(said))
    page.list.model.tick(three[:2], True)
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: page.compare.plots.stack.height() > 100, timeout=20_000)
    qtbot.waitUntil(page.compare.export.isEnabled, timeout=20_000)
    page.compare.save(tmp_path / f"all{suffix}")
    assert (tmp_path / f"all{suffix}").stat().st_size > 50
    what = "Differences" if suffix in (".csv", ".md") else "Curves"
    assert told == [(f"{what} saved in {tmp_path / f'all{suffix}'}.", "info")]
    if suffix in (".csv", ".md"):
        assert "Learning rate" in (tmp_path / f"all{suffix}").read_text("utf-8")


def test_ticked_runs_come_back_in_their_colours(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    page.list.model.tick([three[2], three[0], three[1]], True)
    page.list.model.tick([three[2]], False)
    words = page.choices()
    shutil.rmtree(three[1])
    again = open_page()
    again.choose(words)
    assert again.list.model.ticked == {three[0]: 1} and again.compare.isVisible()
    again.choose({**words, "ticked": "x:a/1/-1:b/99999999:c"})  # damaged
    assert not again.list.model.ticked


def test_a_ticked_run_that_grows_is_read_on_not_read_again(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine.shelf.made_runs import lines
    from workbench.bridge.runs import open_run

    page = open_page()
    page.list.model.tick([three[2]], True)
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 1, timeout=20_000)
    before = desk.opened.latest(desk.runs.records[0])
    monkeypatch.setattr(open_run, "opening", lambda _folder: pytest.fail("it was read whole again"))
    with (three[2] / "events.jsonl").open("ab") as file:
        file.write(lines(curve((0.4, 0.5))[2:]))
    desk.runs.refresh()
    qtbot.waitUntil(lambda: page.compare.plots.stack.ghosts[0].table.column("val_accuracy")[-1] == 0.5, timeout=20_000)
    assert desk.opened.latest(desk.runs.records[0]) is before
