"""Previous runs drawn behind the present one."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from tests.engine.report.curves import fresh, run, with_steps
from tests.views.plots.helpers import labels, shown
from workbench.engine.core.events import RunEnded
from workbench.engine.run_store.history import History
from workbench.views.plots.train_plots import TrainPlots


def last_tick(plots: TrainPlots) -> str:
    return plots.stack.shown()[-1].view.bottom.ticks()[-1][1]


def test_the_last_tick_is_where_the_run_is_planned_to_end_and_then_where_it_ended(plots):
    before = with_steps(fresh(epochs=8), 184)
    before.fold(RunEnded("completed", 184, 8, 1.0, ""))
    shown(plots, before)
    assert last_tick(plots) == "184"
    shown(plots, History())
    plots.set_ghost(before, "the run before")
    plots.stack.redraw()
    history = with_steps(fresh(epochs=8), 2)
    shown(plots, history)
    assert last_tick(plots) == "184"  # the axis was as long already, for the ghost
    plots.clear_ghost()
    with_steps(history, 44)
    history.fold(RunEnded("stopped", 46, 2, 1.0, ""))
    plots.stack.redraw()
    assert last_tick(plots) == "46"


def test_names_of_previous_runs_give_way_to_those_of_curves(plots):
    history = with_steps(fresh(), 46)
    shown(plots, history)
    plots.set_ghost(history, "Momentum and friends")
    header = plots.subplot("loss").header
    ghost, others = header.entries["ghost0"], [header.entries[name] for name in ("running", "train", "val")]
    plots.resize(1200, 600)
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    assert ghost.width() >= ghost.sizeHint().width()
    plots.resize(420, 600)
    QApplication.processEvents()
    assert ghost.width() < ghost.sizeHint().width()
    assert all(each.width() >= each.sizeHint().width() for each in others if not each.isHidden())


def test_a_ghost_stays_until_it_is_cleared(plots):
    first = completed = with_steps(fresh(), 115)
    completed.fold(RunEnded("completed", 115, 5, 1.0, ""))
    shown(plots, with_steps(fresh(), 46))
    plots.set_ghost(first, "Momentum <b>& friends</b>")
    plots.stack.redraw()
    ghosts = [line for line in plots.subplot("loss").view.item.content.lines if line.ghost]
    assert [line.style for line in ghosts] == ["solid", "dashed"]
    assert plots.subplot("loss").header.entries["ghost0"].label == "previous: Momentum <b>& friends</…"
    assert "previous" in labels(plots, "loss") and plots.stack._x_range.range[1] >= 115
    plots.subplot("loss").header.entries["ghost0"].click()
    plots.stack.redraw()
    assert not [line for line in plots.subplot("loss").view.item.content.lines if line.ghost]
    plots.clear_ghost()
    plots.stack.redraw()
    assert "ghost0" not in plots.subplot("loss").header.entries and plots.ghost_titles == []


def test_three_ghosts_at_most_and_set_replaces(plots):
    for name in "abcd":
        plots.add_ghost(run([2.0, 1.0], [2.0, 1.0]), name)
    assert plots.ghost_titles == ["b", "c", "d"]
    plots.set_ghost(run([2.0, 1.0], [2.0, 1.0]), "e")
    assert plots.ghost_titles == ["e"]
    plots.set_ghost(History(), "empty")
    plots.stack.redraw()
    assert not plots.grab().isNull()
