"""Everything that a user can do to the plots while a run streams into them (QT28)."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.engine.report.curves import fresh, run, with_steps
from workbench.engine.run_store.history import History
from workbench.views.plots.plot_view import Zoom
from workbench.views.plots.train_plots import TrainPlots


def streaming(plots: TrainPlots, steps: int = 46) -> History:
    history = with_steps(fresh(), steps)
    plots.show_history(history)
    plots.stack.redraw()
    return history


def grow(plots: TrainPlots, factor: float) -> None:
    font = plots.font()
    font.setPointSizeF(QApplication.font().pointSizeF() * factor)
    plots.setFont(font)
    plots.set_scale(factor)


def hide_all(plots: TrainPlots, subplot: str) -> None:
    for entry in plots.subplot(subplot).header.entries.values():
        entry.setChecked(False)


def test_a_size_that_changes_between_two_frames(plots: TrainPlots) -> None:
    """The plot area is laid out anew only when it is asked for, which a moving y range did in the middle of a frame."""
    history = streaming(plots)
    for level, (width, height) in enumerate(((480, 520), (900, 300), (300, 800), (620, 600)), 1):
        plots.resize(width, height)
        for _ in range(60):  # they leave every y range
            history.steps.append(30.0**level, 0.5, 3.0**level, 500.0**level, 2.0)
        plots.refresh()
        plots.stack.redraw()
        for subplot in plots.stack.shown():
            assert subplot.columns == subplot.steps.low.shape[1]


@pytest.mark.parametrize("subplot", ["loss", "accuracy", "gap", "lr", "grad_norm"])
def test_all_curves_hidden_while_epochs_end(plots: TrainPlots, subplot: str) -> None:
    history = streaming(plots)
    hide_all(plots, subplot)
    for _ in range(3):
        with_steps(history, 23)
        plots.stack._static_due._due = 0.0  # the next frame paints the epoch that has ended
        plots.refresh()
    assert plots.subplot(subplot).view.ends.labels == []
    plots.add_ghost(run([2.0, 1.0], [2.0, 1.1]), "before")
    plots.stack.redraw()
    assert not plots.grab().isNull()


def test_random_changes_while_a_run_streams(plots: TrainPlots, qtbot: QtBot) -> None:
    """No exception and no Qt warning: both fail a test."""
    dice = random.Random(3)
    history = streaming(plots)

    def toggle() -> None:
        entries = dice.choice(plots.stack.subplots).header.entries
        entries[dice.choice(list(entries))].toggle()

    def extreme() -> None:
        value = dice.choice([0.0, 1e-40, float("nan"), float("inf"), 1e9])
        history.steps.append(value, value, value, value, value if value < 10 else 1.0)

    changes: list[Callable[[], object]] = [
        lambda: plots.resize(dice.randrange(120, 1400), dice.randrange(90, 900)),
        lambda: grow(plots, dice.choice([1.0, 1.8])),
        lambda: hide_all(plots, dice.choice(plots.stack.subplots).spec.name),
        toggle,
        extreme,
        lambda: plots.options.log.toggle(),
        lambda: plots.options.x_axis.setCurrentIndex(dice.randrange(3)),
        lambda: plots.options.smoothing.setValue(dice.randrange(5)),
        lambda: plots.stack.set_wanted(dice.choice(plots.stack.subplots).spec.name, dice.random() < 0.6),
        lambda: plots.subplot("loss").view.box.zoomed.emit(Zoom((5.0, 40.0), (0.2, 2.0))),
        plots.stack.reset_zoom,
        lambda: plots.setVisible(dice.random() < 0.8),
        lambda: plots.subplot("accuracy").hovered.emit(dice.choice([None, 10.0, 200.0])),
        plots.copy,
        QApplication.processEvents,
    ]
    plots.start_live()
    for _ in range(400):
        dice.choice(changes)()
        with_steps(history, dice.choice([0, 1, 7, 23]))
        if dice.random() < 0.3:
            plots._on_frame()
        if dice.random() < 0.1:
            QApplication.processEvents()
    plots.stop_live()
    QApplication.clipboard().clear()
    plots.show()
    qtbot.waitUntil(lambda: plots.stack._drawn == history.steps.count)
