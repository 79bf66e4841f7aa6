"""The transfer wizard in the real window, end to end: by mouse, and by the keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget, QWizard
from pytestqt.qtbot import QtBot

from tests.views.helpers import finished, parts, services, texts
from tests.views.transfer.helpers import LONG, activate, click, items, on_page, opened, press
from workbench.bridge.transfer.draft import TransferDraft
from workbench.engine.catalog.freezing.head_first import HeadFirst
from workbench.engine.catalog.freezing.line import FrozenBelow
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.events import Certified, Edited, Notice
from workbench.engine.experiments.step_timing import Expected, Phase
from workbench.engine.spec.toml import load
from workbench.engine.transfer.certificate import digest
from workbench.views.window.main_window import MainWindow


def type_into(field: Any, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def proof(window: MainWindow) -> str:
    return parts(window).transfer.view.proof.words.text()


def test_a_person_clicks_through_and_the_proof_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    store = services(window).store
    store.edit("data.examples_per_class", 5)
    qtbot.waitUntil(lambda: services(window).tasks.current is None, timeout=LONG)
    before = store.spec
    wizard = opened(qtbot, window)
    assert "all " in wizard.backbone.about.verdict.text() and "match" in wizard.backbone.about.verdict.text()
    press(wizard, QWizard.WizardButton.NextButton)
    on_page(qtbot, wizard, 1)
    page = wizard.freezing
    assert "5 examples per class are few" in page.why.text() and "Head only" in page.advice.text()
    assert page.control.spec.model.freezing == FrozenBelow()  # the suggestion was filled in
    assert not page.use_button.isEnabled()
    QTest.mouseClick(page.stack.rows[1].lock, Qt.MouseButton.LeftButton)
    assert page.stack.rows[1].exception and page.use_button.isEnabled()
    click(page.use_button)
    assert not page.stack.rows[1].exception and not page.use_button.isEnabled()

    press(wizard, QWizard.WizardButton.NextButton)
    on_page(qtbot, wizard, 2)
    type_into(wizard.head.dropout, "0.2")
    assert wizard.currentId() == 2  # Enter took the number over and did not turn the page
    assert [row.text(3) for row in items(wizard.head.checks)][:2] == ["Unchanged.", "Unchanged."]
    press(wizard, QWizard.WizardButton.NextButton)
    on_page(qtbot, wizard, 3)
    epochs = wizard.plan.form.row("loop.epochs").editor.field
    type_into(epochs, "3")
    assert wizard.plan.phases.lines()[0].startswith("Epochs 1 to 3: the head only: ")
    assert "epochs = 3" in wizard.plan.text.toPlainText() and 'weights = "letters"' in wizard.plan.text.toPlainText()
    qtbot.waitUntil(lambda: wizard.plan.time.text().startswith("Expected time about"), timeout=LONG)
    assert store.spec == before  # nothing was touched so far

    press(wizard, QWizard.WizardButton.CustomButton1)
    assert parts(window).transfer.wizard is None
    ended = finished(qtbot, window)
    assert ended.reason == "completed", ended.message
    assert isinstance(store.spec.model, Transfer) and wizard_regularization(window) == [0.2]
    qtbot.waitUntil(lambda: bool(proof(window)), timeout=LONG)
    run = Path(services(window).session.history.started.folder).name  # type: ignore[union-attr]
    assert proof(window).startswith(f"Run {run}: Proven: ") and parts(window).docks.frozen.isVisible()
    changed = items(parts(window).transfer.view.proof.table)
    assert [row.text(0) for row in changed] == ["New head"] and changed[0].text(1) == "from 0"
    folder = Path(services(window).session.folder)
    assert frozen_tensors_are_the_shipped_ones(folder)
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.spec == before  # one undo brings all the old settings back
    assert parts(window).transfer.view.proof.isHidden()  # the proof was of other data or another network


def wizard_regularization(window: MainWindow) -> list[float]:
    return [getattr(each, "p", -1.0) for each in services(window).store.spec.regularization]


def frozen_tensors_are_the_shipped_ones(folder: Path) -> bool:
    """The program's proof, repeated from the files: every tensor of the shipped body is in the run's weights."""
    from safetensors.torch import load_file

    from workbench.engine.weights.find_weights import SHIPPED

    shipped = {digest(t) for n, t in load_file(SHIPPED / "letters.safetensors").items() if t.dim() > 1 and "conv" in n}
    run = {digest(tensor) for tensor in load_file(folder / "last.safetensors").values()}
    return bool(shipped) and shipped <= run


def test_the_keyboard_alone_is_enough(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """No mouse anywhere: keys go to what has the focus, letters with Alt to the buttons."""
    services(window).store.edit("data.examples_per_class", 5)
    wizard = opened(qtbot, window)

    def key(name: str, *, alt: bool = False, shift: bool = False) -> None:
        modifier = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else modifier
        QTest.keyClick(QApplication.focusWidget() or wizard, Qt.Key[f"Key_{name}"], modifier)

    def focus() -> QWidget | None:
        return QApplication.focusWidget()

    assert focus() is wizard.backbone.list
    key("End")  # a network that is not here: its words say which file to bring
    qtbot.waitUntil(lambda: "are not on this computer" in wizard.backbone.about.verdict.text(), timeout=LONG)
    assert not wizard.button(QWizard.WizardButton.NextButton).isEnabled()
    key("Home")
    qtbot.waitUntil(lambda: wizard.backbone.isComplete(), timeout=LONG)
    key("N", alt=True)
    on_page(qtbot, wizard, 1)
    assert focus() is wizard.freezing.stack.line
    key("Home")
    assert wizard.draft.model.freezing.line == 0  # type: ignore[attr-defined]
    key("Up")
    assert wizard.draft.model.freezing.line == 1  # type: ignore[attr-defined]
    key("Tab")
    key("Tab")  # the head's lock and rate cannot be changed, so this is the rate of the block above the line
    QTest.keyClicks(focus(), "0.02")
    key("Return")
    assert wizard.draft.model.rates == ((2, 0.02),)
    key("N", alt=True)
    on_page(qtbot, wizard, 2)
    assert focus() is wizard.head.dropout
    key("N", alt=True)
    on_page(qtbot, wizard, 3)
    for _ in range(40):
        if focus() is wizard.plan.form.row("loop.epochs").editor.field:
            break
        key("Tab")
    assert focus() is wizard.plan.form.row("loop.epochs").editor.field
    QTest.keyClicks(focus(), "2")
    key("Return")
    assert wizard.draft.spec.loop.epochs == 2
    key("T", alt=True)
    ended = finished(qtbot, window)
    assert ended.reason == "completed", ended.message
    qtbot.waitUntil(lambda: bool(proof(window)), timeout=LONG)
    names = [row.text(0) for row in items(parts(window).transfer.view.proof.table)]
    assert "New head" in names and len(names) >= 2


def test_cancel_leaves_everything_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    store = services(window).store
    before, undo = store.spec, store.can_undo
    wizard = opened(qtbot, window)
    press(wizard, QWizard.WizardButton.NextButton)
    on_page(qtbot, wizard, 1)
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    assert parts(window).transfer.wizard is None
    assert store.spec == before and store.can_undo == undo
    qtbot.waitUntil(lambda: services(window).tasks.current is None, timeout=LONG)


def test_use_these_settings_fills_the_form_and_the_file_is_the_same(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    wizard = opened(qtbot, window)
    for number in (1, 2, 3):
        press(wizard, QWizard.WizardButton.NextButton)
        on_page(qtbot, wizard, number)
    wizard.plan.save_file(tmp_path / "mine")
    assert "Saved in" in wizard.plan.saved.text()
    press(wizard, QWizard.WizardButton.FinishButton)
    assert load(tmp_path / "mine.toml") == services(window).store.spec
    assert "wizard" in parts(window).pages.banner.message
    assert not services(window).session.is_active


def test_a_file_that_is_no_network_is_refused_in_words(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    wizard = opened(qtbot, window)
    bad = tmp_path / "page.pth"
    bad.write_text("<!DOCTYPE html><html>not found</html>")
    wizard.backbone.take_file(bad)
    qtbot.waitUntil(lambda: bool(wizard.draft.description.trouble), timeout=LONG)
    assert wizard.draft.description.trouble in texts(wizard)
    assert not wizard.button(QWizard.WizardButton.NextButton).isEnabled()
    import torch

    strange = tmp_path / "strange.pt"
    torch.save({"layer.weight": torch.zeros(3, 4)}, strange)
    wizard.backbone.take_file(strange)
    qtbot.waitUntil(lambda: "no network that this program knows" in texts(wizard), timeout=LONG)
    assert [row.text(1) for row in items(wizard.backbone.about.table)] == ["layer.weight"]
    assert not wizard.button(QWizard.WizardButton.NextButton).isEnabled()
    wizard.reject()


def test_points_are_no_pictures(qtbot: QtBot, window: MainWindow) -> None:
    services(window).store.edit("data.source", {"kind": "spirals"})
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    wizard = parts(window).transfer.wizard
    assert wizard is not None
    assert "needs pictures" in texts(wizard)
    assert not wizard.button(QWizard.WizardButton.NextButton).isEnabled()
    draft = wizard.draft  # the pages behind the first one follow it too
    qtbot.waitUntil(lambda: draft.description.value is not None and draft.summary is not None, timeout=LONG)
    assert services(window).crash.count() == 0
    wizard.reject()


def test_the_line_moves_while_it_trains(qtbot: QtBot, window: MainWindow) -> None:
    """The dock's line is a live edit: on the tape, in the form, and in the proof."""
    store = services(window).store
    store.edit("model", Transfer())
    store.edit("preprocessing", {"kind": "none"})
    store.edit("loop.epochs", 100_000)
    parts(window).docks.frozen.show()
    parts(window).docks.frozen.raise_()
    view = parts(window).transfer.view
    qtbot.waitUntil(lambda: bool(view.stack.blocks), timeout=LONG)
    run_button = parts(window).run_bar.widgetForAction(parts(window).actions["train"])
    QTest.mouseClick(run_button, Qt.MouseButton.LeftButton)
    history = services(window).session.history
    qtbot.waitUntil(lambda: services(window).session.history.steps.count > 5, timeout=LONG)
    history = services(window).session.history
    view.stack.line.setFocus()
    QTest.keyClick(view.stack.line, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: [e.path for e in history.edits] == ["model.freezing.line"], timeout=LONG)
    assert history.edits[0].new == len(view.stack.blocks) - 1
    assert store.spec.at("model.freezing.line") == len(view.stack.blocks) - 1
    done = history.steps.count
    qtbot.waitUntil(lambda: history.steps.count > done + 20, timeout=LONG)
    stop = parts(window).run_bar.widgetForAction(parts(window).actions["stop"])
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    finished(qtbot, window)
    qtbot.waitUntil(lambda: bool(proof(window)), timeout=LONG)
    assert "Proven: " in proof(window)
    names = [row.text(0) for row in items(view.proof.table)]
    assert "New head" in names and view.stack.blocks[-1].name.split()[-1] in names


def test_a_failed_proof_is_an_error(qtbot: QtBot, window: MainWindow) -> None:
    bad = Certified(
        9, False, 3, ("net.conv1.weight",), ("head",), (0.5,), "", "The proof has failed: net.conv1.weight."
    )
    services(window).session.updated.emit([bad])
    assert "The proof has failed" in parts(window).pages.banner.message
    parts(window).docks.frozen.show()
    assert proof(window) == bad.words


def test_the_dock_of_frozen_layers_closes_with_its_content(qtbot: QtBot, window: MainWindow) -> None:
    """It comes back with the next one, unless the user closed it."""
    store, dock = services(window).store, parts(window).docks.frozen
    store.edit("model", Transfer())
    assert dock.isHidden()  # it was never opened
    parts(window).docks.show_frozen()
    store.undo()
    assert dock.isHidden()
    store.redo()
    assert not dock.isHidden()
    dock.toggleViewAction().trigger()
    store.undo()
    store.redo()
    assert dock.isHidden()
    store.undo()
    dock.toggleViewAction().trigger()  # opened empty: it says what it would show
    assert not dock.isHidden()
    bad = Certified(9, False, 3, ("net.conv1.weight",), ("head",), (0.5,), "", "The proof has failed.")
    services(window).session.updated.emit([bad])
    store.redo()
    store.undo()
    assert not dock.isHidden()  # the proof stays until the next run


@pytest.mark.parametrize("kind", ["line", "head_first", "gradual"])
def test_the_line_reaches_both_ends_with_every_way_of_freezing(qtbot: QtBot, kind: str) -> None:
    """Only one of them has a word for "all blocks"; the line must not be refused by the others."""
    from workbench.bridge.spec_store import SpecStore
    from workbench.engine.spec.experiment import ExperimentSpec
    from workbench.views.transfer.freeze_control import FreezeControl
    from workbench.views.transfer.freeze_stack import FreezeStack
    from workbench.views.transfer.stack_state import StackBlock

    spec = ExperimentSpec().edited("model", Transfer()).edited("model.freezing", {"kind": kind})
    store, stack = SpecStore(spec), FreezeStack()
    qtbot.addWidget(stack)
    control = FreezeControl(stack, store)
    stack.set_blocks([StackBlock(str(n), f"{n}", 10) for n in (1, 2, 3)], StackBlock("", "New head", 5))
    control.refresh()
    for key, line in ((Qt.Key.Key_End, 3), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Up, 1)):
        QTest.keyClick(stack.line, key)
        assert stack.state.line == line and stack._trouble.text() == ""
    QTest.mouseClick(stack.rows[0].lock, Qt.MouseButton.LeftButton)
    QTest.mouseClick(stack.rows[2].lock, Qt.MouseButton.LeftButton)
    model = store.spec.model
    assert isinstance(model, Transfer) and (model.trainable, model.frozen) == ((1,), (3,))
    assert model.frozen_in(10**6, 3) == {3}
    QTest.mouseClick(stack.rows[0].lock, Qt.MouseButton.LeftButton)
    QTest.mouseClick(stack.rows[2].lock, Qt.MouseButton.LeftButton)
    assert store.spec.model == model.model_copy(update={"trainable": (), "frozen": ()})


def test_what_is_not_the_suggestion_is_said_beside_the_button(qtbot: QtBot, window: MainWindow) -> None:
    store = services(window).store
    store.edit_all({"data.examples_per_class": 5, "preprocessing": {"kind": "none"}, "title": "An older one"})
    store.edit("model", Transfer(freezing=HeadFirst(epochs=3)))
    wizard = opened(qtbot, window)
    for number in (1, 2, 3):
        press(wizard, QWizard.WizardButton.NextButton)
        on_page(qtbot, wizard, number)
    for page in (wizard.plan, wizard.freezing):
        assert page.other.text().startswith(
            "Differs from the suggestion: head first, then fine-tune (head for 3) instead of "
        )
        assert "epochs 15 instead of 100" in page.other.text() and page.use_button.isEnabled()
    assert wizard.draft.result.title == "An older one"  # nothing was changed
    click(wizard.plan.use_button)
    assert wizard.plan.other.isHidden() and wizard.plan.use_button.isHidden() and wizard.freezing.other.isHidden()
    assert wizard.draft.model.freezing == FrozenBelow()
    assert 'title = "Digits with letters"' in wizard.plan.text.toPlainText()
    wizard.reject()


def test_a_plan_does_not_keep_the_title_and_note_of_an_older_experiment(qtbot: QtBot, window: MainWindow) -> None:
    store = services(window).store
    store.edit_all({"title": "First steps", "note": "Watch the small CNN.", "data.examples_per_class": 5})
    wizard = opened(qtbot, window)
    for number in (1, 2, 3):
        press(wizard, QWizard.WizardButton.NextButton)
        on_page(qtbot, wizard, number)
    press(wizard, QWizard.WizardButton.FinishButton)
    assert store.spec.title == "Digits with letters" and store.spec.note.startswith("5 examples per class are few")
    store.undo()
    assert (store.spec.title, store.spec.note) == ("First steps", "Watch the small CNN.")


def test_the_new_head_is_not_called_random_and_zeros_do_not_frighten(qtbot: QtBot, window: MainWindow) -> None:
    wizard = opened(qtbot, window)
    assert "random" not in wizard.head.lead.text()
    words = texts(wizard.head.form)
    assert "cannot learn" not in words
    wizard.reject()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "less than 1 ms"), (4e-4, "less than 1 ms"), (0.0123, "12.3 ms"), (1.5, "1.5 s")]
)
def test_no_step_takes_nothing(qtbot: QtBot, window: MainWindow, seconds: float, words: str) -> None:
    draft = TransferDraft(services(window).store, services(window).tasks, services(window).loaded, window)
    draft.plan.value = Expected((Phase(0, 9, (1, 2), True, seconds, 0.2),), 0.3)
    assert f"A step took {words} on cached features" in draft.plan_words()


def test_what_was_said_of_the_blocks_goes_when_the_line_is_moved(qtbot: QtBot, window: MainWindow) -> None:
    session, banner = services(window).session, parts(window).pages.banner
    session.noticed.emit(Notice(9, "freezing", "From epoch 6 on blocks 1 to 4 learn too.", "info"))
    assert "learn too" in banner.message
    session.updated.emit([Edited(10, "optimizer.lr", 0.1, 0.2)])
    assert "learn too" in banner.message
    session.updated.emit([Edited(11, "model.freezing.line", 0, 3)])
    assert "learn too" not in banner.message
