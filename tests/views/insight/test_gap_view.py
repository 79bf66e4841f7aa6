"""The insight panel says what the verdict says, as plain text, and offers its suggestion."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.engine.report.curves import SPEC, run
from tests.engine.report.test_verdict import FALLING, OVERFIT_ACCURACY, OVERFIT_VAL
from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.events import Edited, Notice
from workbench.engine.report.verdict import RULE, Judge
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.insight.gap_view import GapView


@pytest.fixture
def view(qtbot):
    widget = GapView()
    qtbot.addWidget(widget)
    widget.resize(260, 560)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def evidence(view: GapView) -> list[str]:
    return [label.text() for label in view.evidence if label.isVisible()]


def test_before_a_run(view):
    assert view.headline.text().startswith("Press Train")
    assert evidence(view) == []
    nothing_yet = (view.button, view.bars, view.best, view.accuracy)
    assert not any(part.isVisible() for part in nothing_yet), "no empty field, no dash"
    places = [part.geometry() for part in nothing_yet]
    view.set_history(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY))
    assert all(part.isVisible() for part in nothing_yet)
    assert [part.geometry().top() for part in nothing_yet][:3] == [place.top() for place in places][:3]


def test_overfitting_with_its_evidence_numbers_and_suggestion(view, qtbot):
    history = run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY)
    view.set_history(history)
    assert view.headline.text() == Judge(history).verdict().headline
    assert RULE in evidence(view) and "gap" in view.headline.text()
    assert view.best.text() == "★ Best validation 86.0\xa0%, epoch 4"
    assert "Generalization gap 0.69 ± 0.028" in view.bars.accessibleDescription()
    assert not view.grab().isNull()
    with qtbot.waitSignal(view.suggested) as said:
        qtbot.mouseClick(view.button, Qt.MouseButton.LeftButton)
    assert said.args[0].path == "regularization" and said.args[0].words == "Try dropout 0.2"
    assert not view.button.isVisible(), "what was applied is not offered again"


def test_the_second_bar_is_named_for_what_it_is(view):
    higher = [None, *[x + 0.1 for x in FALLING[1:]]]
    view.set_history(run(FALLING, FALLING, running=higher))
    assert "Running − train 0.10" in view.bars.accessibleDescription()
    assert "no random regularization" in view.bars.toolTip()
    spec = {**SPEC, "regularization": [{"kind": "dropout", "p": 0.5, "conv": False}]}
    view.set_history(run(FALLING, FALLING, running=higher, spec=spec))
    assert "Regularization effect 0.10" in view.bars.accessibleDescription()
    assert "dropout" in view.bars.toolTip() and "no random regularization" not in view.bars.toolTip()


def test_refresh_follows_and_is_idle_when_nothing_happened(view, monkeypatch):
    history = run(FALLING[:3], FALLING[:3])
    view.set_history(history)
    assert "Too early" in view.headline.text()
    for epoch in run(FALLING, FALLING).evaluations[3:6]:
        history.fold(epoch)
    view.refresh()
    assert "Still learning" in view.headline.text()
    monkeypatch.setattr(view._judge, "verdict", lambda: pytest.fail("nothing has happened"))
    view.refresh()


def test_texts_are_plain(view):
    history = run(FALLING, FALLING)
    history.fold(Notice(3, "diverged", "<b>bold</b> & broken", "error"))
    view.set_history(history)
    assert view.headline.text() == "<b>bold</b> & broken"
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in view.findChildren(QLabel))


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, -0.5, 1e9])
def test_any_number_can_be_painted(view, value):
    history = History()
    for epoch in run([1.0, 0.9, 0.8, 0.7], [1.0, 0.9, 0.8, 0.7]).evaluations:
        history.fold(replace(epoch, running_loss=value))
    view.set_history(history)
    assert not view.grab().isNull()
    view.set_history(run([1.0, 0.9, 0.8, value], [1.0, value, 0.8, value]))
    assert not view.grab().isNull()


def test_nothing_below_the_verdict_moves_when_it_changes(view):
    view.set_history(run(FALLING[:2], FALLING[:2]))
    place = view.button.y()
    view.set_history(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY))
    assert view.button.y() == place


def test_a_suggestion_leaves_with_the_value_it_is_about_and_comes_back_with_undo(view):
    store = SpecStore(ExperimentSpec())
    flat = [2.3, 1.0, *[0.5] * 7]
    history = run(flat, [x + 0.2 for x in flat], [0.1, 0.5, 0.8] + [0.79] * 6, spec=store.spec.model_dump(mode="json"))
    view.set_history(history)
    store.changed.connect(view.set_spec)
    words = view.button.text()
    assert view.button.isEnabled() and "learning rate" in words
    for rate in (0.005, 0.4):  # the value that is suggested, and another
        store.edit("optimizer.lr", rate)
        assert not view.button.isEnabled()
        history.fold(replace(history.evaluations[-1], epochs_done=history.evaluations[-1].epochs_done + 1))
        view.refresh()
        assert not view.button.isEnabled()
        store.undo()
        assert (view.button.isEnabled(), view.button.text()) == (True, words)
    store.edit("loop.epochs", 3)  # another setting
    assert view.button.isEnabled()
    store.edit("optimizer.lr", 0.01)
    history.fold(Edited(3, "optimizer.lr", 0.05, 0.01))  # a live edit: the run has this value now
    view.refresh()
    assert "0.001" in view.button.text()


def test_what_explains_the_curves_is_shown_with_its_evidence(view):
    view.set_history(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY))
    sentence, evidence = view.explained.words
    assert sentence.startswith("Overfitting since epoch ") and view.explained.isVisible()
    assert evidence.startswith("Validation loss rose from 0.61 (epoch 5) to 0.75 (epoch 10). Training loss fell from")
    view.set_history(run(FALLING, FALLING))
    assert view.explained.words == () and not view.explained.isVisible()
