"""What the window shows of an ensemble: members, average, cost; and that its members are offered for evaluation."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.report.curves import run
from tests.views.conftest import Opener
from tests.views.helpers import finished, parts, press, services
from workbench.engine.core.drive import drive
from workbench.engine.core.events import EnsembleMeasured, FoldsMeasured, Measured
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.views.insight.ensemble_view import EnsembleView
from workbench.views.insight.gap_view import GapView


def measured(*members: float, average: float = 0.9, seconds: tuple[float, ...] = (6.0,)) -> EnsembleMeasured:
    return EnsembleMeasured(3, 69, members, Measured(0.3, average, 360, 0.01, 0.01), seconds, 12_345)


@pytest.fixture
def view(qtbot: QtBot) -> EnsembleView:
    widget = EnsembleView()
    qtbot.addWidget(widget)
    return widget


def test_it_says_members_average_and_cost(view: EnsembleView) -> None:
    view.show_measured(measured(0.8, 0.86, 0.83), of_members=True)
    assert view.head.text() == "Ensemble of 3: 90.0\xa0%, mean member 83.0\xa0%, best member 86.0\xa0%"
    assert view.cost.text() == "Cost: 12\u202f345 parameters per prediction; training 6.0 s in total."
    assert view.dots.toolTip().splitlines()[1] == "Member 2: 86.0\xa0%"
    assert "means over the members" in view.legend.text()
    view.show_measured(measured(0.8, 0.86, 0.83, seconds=(1.0, 2.0, 6.0)), of_members=True)
    assert "training 9.0 s, 3.0 s per member." in view.cost.text()
    view.show_measured(measured(0.8, 0.86, 0.83))
    assert "mean snapshot 83.0\xa0%" in view.head.text() and "those of the run itself" in view.legend.text()


def test_it_is_painted_at_any_accuracy(view: EnsembleView) -> None:
    for accuracies in ((1.0, 1.0), (0.0, 0.0), (0.1, 0.97), (0.5, 0.5)):
        view.show_measured(measured(*accuracies, average=accuracies[0]))
        view.resize(200, 160)
        assert not view.grab().toImage().isNull()


def test_only_a_run_with_an_ensemble_shows_it(qtbot: QtBot) -> None:
    widget = GapView()
    qtbot.addWidget(widget)
    history = run([1.0, 0.5], [1.0, 0.6])
    widget.set_history(history)
    assert widget.ensemble.isHidden()
    history = run([1.0, 0.5], [1.0, 0.6])
    history.fold(measured(0.8, 0.9))
    widget.set_history(history)
    assert not widget.ensemble.isHidden() and "Ensemble of 2" in widget.ensemble.head.text()
    widget.set_history(run([1.0], [1.0]))
    assert widget.ensemble.isHidden()


def test_an_ensemble_in_the_window_and_then_the_pot(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    store = services(window).store
    for path, value in (
        ("model", {"kind": "mlp", "hidden": [8]}),
        ("ensemble", {"kind": "independent", "members": 3}),
        ("loop.epochs", 3),
        ("averaging", [{"kind": "ema"}]),
    ):
        store.edit(path, value)
    press(window, "train")
    ended = finished(qtbot, window)
    assert ended.reason == "completed" and "Average of 3 models" in ended.message
    history = services(window).session.history
    assert len(history.ensemble) == 4 and set(history.evaluations[-1].averages) == {"ema", "ensemble"}
    assert "Ensemble of 3" in parts(window).gap_view.ensemble.head.text()
    assert parts(window).gap_view.best.text().endswith("mean of 3 members")
    assert "first member" in parts(window).formula_view.text() and "Agrees" in parts(window).formula_view.text()
    assert history.layers is not None
    assert {each.header.note for each in parts(window).page.plots.stack.subplots} == {"mean of 3 members"}
    subplot = parts(window).page.plots.subplot("accuracy")
    assert not subplot.header.entries["ensemble"].isHidden() and not subplot.header.entries["ema"].isHidden()
    parts(window).actions["evaluate"].trigger()
    dialog = parts(window).commands.evaluation_dialog
    assert dialog is not None and dialog.isVisible()
    dialog.choose_runs()
    # Each of the three members is followed by its average of the weights.
    qtbot.waitUntil(lambda: dialog.runs_dialog.runs.topLevelItemCount() == 6, timeout=30_000)
    dialog.runs_dialog.reject()
    dialog.close()
    store.edit("ensemble", {"kind": "single"})
    press(window, "train")
    finished(qtbot, window)
    assert {each.header.note for each in parts(window).page.plots.stack.subplots} == {""}
    assert "member" not in parts(window).gap_view.best.text() + parts(window).formula_view.text()


def test_folds_are_dots_with_their_mean_and_spread(view: EnsembleView) -> None:
    view.show_folds(FoldsMeasured(3, 30, (1, 2, 4), (0.8, 0.9, 0.85), (0.5, 0.4, 0.45)))
    assert (
        view.head.text()
        == "3 folds: mean 85.0\xa0% ± 5.0\xa0% (standard deviation), lowest 80.0\xa0%, highest 90.0\xa0%"
    )
    assert view.dots.toolTip().endswith("Fold 4: 85.0\xa0%") and view.cost.isHidden()
    view.dots.resize(200, 60)
    view.dots.grab()
    view.show_folds(FoldsMeasured(3, 30, (1,), (0.8,), (0.5,)))
    assert view.head.text().startswith("1 fold: 80.0\xa0%")


def test_insight_shows_folds_and_the_test_part_apart_from_validation(qtbot: QtBot) -> None:
    history = History()
    spec = ExperimentSpec().edited("data.folds", 2).edited("loop.epochs", 1).edited("data.test_fraction", 0.1)
    spec = spec.edited("data.examples_per_class", 5).edited("model", {"kind": "mlp", "hidden": [8]})
    drive(train(spec), lambda event: None, history.fold)
    gap = GapView()
    qtbot.addWidget(gap)
    gap.set_history(history)
    assert not gap.ensemble.isHidden() and gap.ensemble.head.text().startswith("2 folds: mean ")
    assert "mean of 2 folds" in gap.best.text()
    assert gap.tested.text().startswith("Mean test accuracy of 2 folds") and gap.tested.text().endswith("1st look)")
    gap.set_history(History())
    assert gap.tested.isHidden() and gap.ensemble.isHidden()
