"""Plots saved, copied, and written as a table."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from tests.engine.report.curves import fresh, run, with_steps
from tests.views.plots.helpers import labels, shown
from workbench.engine.run_store.history import History
from workbench.views.plots.export import PICTURES


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_pictures_are_saved(plots, tmp_path, suffix):
    shown(plots, with_steps(run([2.0, 1.0, 0.6], [2.1, 1.2, 0.9]), 60))
    path = tmp_path / f"curves{suffix}"
    plots.export(path)
    content = path.read_bytes()
    if suffix == ".png":
        assert QImage(str(path)).width() == 2 * plots.stack.width()
    elif suffix == ".svg":
        text = content.decode()
        assert "<svg" in text and "Accuracy" in text and "<image" not in text and text.count("<polyline") > 100
    else:
        assert content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")
    assert not any(subplot.view.item.vector for subplot in plots.stack.subplots)


def test_the_table_has_every_step_and_evaluation(plots, tmp_path):
    history = run([2.0], [2.1])
    with_steps(history, 30)
    history.steps.append(math.nan, 0.5, 0.1, math.inf, 1.0)
    shown(plots, history)
    path = tmp_path / "curves.csv"
    plots.export(path)
    lines = [line.split(",") for line in path.read_text().splitlines()]
    assert lines[0][:4] == ["step", "epoch", "seconds", "running_loss"]
    assert [line[0] for line in lines[1:]] == [str(k) for k in range(32)]
    assert lines[1][lines[0].index("val_loss")] == "2.1"
    assert lines[24][lines[0].index("val_loss")] and not lines[23][lines[0].index("val_loss")]
    assert lines[-1][3] == "nan" and lines[-1][6] == "inf"


def test_copy_puts_a_picture_on_the_clipboard(plots, qapp):
    shown(plots, with_steps(fresh(), 30))
    plots.copy()
    assert not qapp.clipboard().pixmap().isNull()
    qapp.clipboard().clear()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", "copy"])
def test_files_show_the_final_values_without_the_crosshair(plots, tmp_path, monkeypatch, suffix, qapp):
    shown(plots, with_steps(run([2.0, 1.0, 0.6], [2.1, 1.2, 0.9]), 60))
    last = {name: labels(plots, name) for name in ("loss", "accuracy", "lr")}
    subplot = plots.subplot("loss")
    subplot.hovered.emit(float(subplot.viewport.x(10.0)))
    seen = []

    def look(*arguments):
        at_rest = {name: labels(plots, name) for name in last}
        title = plots.stack.shown()[-1].view.bottom.title
        crosses = [each.view.item.cross for each in plots.stack.subplots]
        plain = all(entry.is_for_file for entry in subplot.header.entries.values())
        seen.append((at_rest, title, set(crosses), plain))
        return QImage(1, 1, QImage.Format.Format_RGB32)

    if suffix == "copy":
        monkeypatch.setattr("workbench.views.plots.train_plots.picture", look)
        plots.copy()
        qapp.clipboard().clear()
    else:
        monkeypatch.setitem(PICTURES, suffix, look)
        plots.export(tmp_path / f"curves{suffix}")
    assert seen == [(last, "step", {None}, True)]
    assert subplot.view.item.cross is not None and labels(plots, "loss") != last["loss"]  # the mouse is still there


def test_what_cannot_be_saved_is_said(plots, tmp_path, qtbot):
    with pytest.raises(ValueError, match="png, svg, pdf or csv"):
        plots.export(tmp_path / "curves.bmp")
    with qtbot.waitSignal(plots.told) as said:
        plots._try_export(tmp_path / "missing" / "curves.csv")
    assert "could not be saved" in said.args[0] and said.args[1] == "error"


def test_a_file_has_the_plots_for_which_the_window_has_no_room(plots, tmp_path, monkeypatch):
    shown(plots, with_steps(run([2.0, 1.0], [2.1, 1.2]), 46))
    names = lambda: [each.spec.name for each in plots.stack.shown()]  # noqa: E731
    every, seen = names(), []
    plots.resize(plots.width(), plots.minimumSizeHint().height())
    size, few = plots.stack.size(), names()
    assert len(few) < len(every)
    monkeypatch.setitem(PICTURES, ".png", lambda stack, path: seen.append(names()))
    plots.export(tmp_path / "curves.png")
    assert seen == [every] and (plots.stack.size(), names()) == (size, few)


def test_where_plots_are_saved_is_said(plots, tmp_path, qtbot):
    with qtbot.waitSignal(plots.told) as said:
        plots._try_export(tmp_path / "curves.csv")
    assert said.args == [f"Plots saved in {tmp_path / 'curves.csv'}.", "info"]


def test_a_figure_is_named_after_its_run_and_goes_where_the_last_one_went(plots, monkeypatch, tmp_path):
    history = fresh()
    history.started = replace(history.started, folder=str(tmp_path / "runs" / "2026-11-28 digits"))
    shown(plots, history)
    asked = []
    monkeypatch.setattr("workbench.views.plots.train_plots.ask", lambda menu, place: menu.deleteLater() or ".csv")
    monkeypatch.setattr(
        "workbench.views.plots.train_plots.ask_path",
        lambda parent, suffix, proposed: asked.append(proposed) or tmp_path / "my.csv",
    )
    for _ in range(2):
        plots.subplot("loss").view.customContextMenuRequested.emit(QPoint(5, 5))
    assert asked == [Path("2026-11-28 digits"), tmp_path / "2026-11-28 digits"]
    plots.show_history(History())
    assert plots.proposed_path == tmp_path / "curves"
