"""The main job in the real window: clicked and typed as a person does it, with the real engine behind."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener
from tests.views.helpers import finished, long_run, parts, press, row, services, texts, type_into, wait_for_steps
from workbench.bridge.runner import State
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.core.events import EpochEnded, RunEnded
from workbench.engine.run_store.run_folder import read_events, read_tape
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.main_window import MainWindow


def test_pressing_train_on_the_default_shows_the_gap(qtbot: QtBot, window: MainWindow) -> None:
    """The end-to-end test: real digits, the default network, curves and a gap with a number."""
    press(window, "train")
    ended = finished(qtbot, window)
    assert ended.reason == "completed" and ended.best_accuracy is not None and ended.best_accuracy > 0.9
    workspace = parts(window)
    workspace.gap_view.refresh()
    gap = services(window).session.history.gap("loss")[-1]
    assert f"{gap:.2f}" in texts(workspace.gap_view) or f"{gap:.3f}" in texts(workspace.gap_view)
    assert workspace.page.plots.frames_drawn > 0
    assert "Best validation accuracy" in workspace.status.text


def test_the_headless_engine_gives_the_same_bits_as_the_window(qtbot: QtBot, window: MainWindow) -> None:
    from tests.engine.helpers import record

    services(window).store.edit("loop.epochs", 3)
    press(window, "train")
    finished(qtbot, window)
    mine = services(window).session.history.steps.read(0)[1][:, :4].tobytes()
    assert mine == record(services(window).store.spec).numbers()[0]


def test_a_typed_rate_acts_at_the_next_batch(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    type_into(window, "optimizer.lr", "1e-3")
    history = services(window).session.history
    qtbot.waitUntil(lambda: bool(history.edits), timeout=20_000)
    edit = history.edits[0]
    assert (edit.path, edit.new) == ("optimizer.lr", 0.001)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(history.edits) == 2, timeout=20_000)
    press(window, "stop")
    finished(qtbot, window)
    assert [e.new for e in read_tape(Path(services(window).session.folder))[1]] == [0.001, 0.05]


def test_pause_one_batch_resume_stop(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    press(window, "pause")
    runner, history = services(window).runner, services(window).session.history
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=20_000)
    assert parts(window).actions["pause"].text().replace("&", "") == "Resume"
    before = history.steps.count
    press(window, "step")
    qtbot.waitUntil(lambda: history.steps.count == before + 1 and runner.state is State.PAUSED, timeout=20_000)
    press(window, "pause")
    qtbot.waitUntil(lambda: history.steps.count > before + 5, timeout=20_000)
    press(window, "stop")
    assert finished(qtbot, window).reason == "stopped"
    assert (Path(services(window).session.folder) / "last.safetensors").exists()


def test_bad_input_is_said_at_its_place_and_train_says_why(qtbot: QtBot, window: MainWindow) -> None:
    type_into(window, "optimizer.lr", "-1")
    train = parts(window).actions["train"]
    assert not train.isEnabled()
    assert "Learning rate" in train.toolTip()
    assert "must be" in row(window, "optimizer.lr").error_text.lower()
    assert services(window).store.spec.optimizer.lr == 0.05
    type_into(window, "optimizer.lr", "0,02")
    assert train.isEnabled() and services(window).store.spec.optimizer.lr == 0.02


def test_other_fields_wait_for_the_next_run_and_restart_takes_them(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    type_into(window, "loop.batch_size", "32")
    assert "next run" in row(window, "loop.batch_size").notes.next_run.text().lower()
    first = services(window).session.history
    assert not first.edits
    services(window).store.edit("loop.epochs", 1)
    parts(window).actions["restart"].trigger()
    qtbot.waitUntil(lambda: services(window).session.history is not first, timeout=60_000)
    finished(qtbot, window)
    started = services(window).session.history.started
    assert started is not None and started.spec["loop"]["batch_size"] == 32


def test_a_diverged_run_pauses_and_offers_the_way_out(qtbot: QtBot, window: MainWindow) -> None:
    """TR01 in the window."""
    type_into(window, "optimizer.lr", "1e6")
    press(window, "train")
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=60_000)
    banner = parts(window).pages.banner
    qtbot.waitUntil(lambda: "diverged" in banner.message, timeout=60_000)
    first = services(window).session.history
    button = next(b for b in banner.offers if "Restart" in b.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: services(window).session.history is not first, timeout=60_000)
    assert services(window).store.spec.optimizer.lr == 0.05
    services(window).session.stop()
    finished(qtbot, window)


def test_a_diverged_run_goes_back_by_a_click(qtbot: QtBot, window: MainWindow) -> None:
    """TR01: back to step N with the default rate, which is lower than a tenth, in the same folder and with the curves
    up to there."""
    type_into(window, "optimizer.lr", "1e6")
    press(window, "train")
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=60_000)
    first, folder = services(window).session.history, services(window).session.folder
    banner = parts(window).pages.banner
    qtbot.waitUntil(
        lambda: bool(banner.offers) and banner.offers[0].text().startswith("Back to step 0"), timeout=60_000
    )
    button = banner.offers[0]
    assert "learning rate 0.05, the default" in button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: services(window).session.history is not first, timeout=60_000)
    qtbot.waitUntil(lambda: services(window).session.folder == folder, timeout=60_000)
    assert services(window).store.spec.optimizer.lr == 0.05
    services(window).session.stop()
    finished(qtbot, window)


def test_a_run_that_holds_at_nan_cannot_be_resumed_into_its_end(qtbot: QtBot, window: MainWindow) -> None:
    """Resume and One batch say why not, and the way back stays."""
    services(window).store.edit("model", {"kind": "mlp", "hidden": [16], "batch_norm": "off"})
    services(window).store.edit("optimizer", {"kind": "sgd", "lr": 0.01})
    type_into(window, "optimizer.lr", "1e7")
    press(window, "train")
    runner, banner, actions = services(window).runner, parts(window).pages.banner, parts(window).actions
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=60_000)
    qtbot.waitUntil(lambda: bool(banner.offers) and banner.offers[0].text().startswith("Back to step"), timeout=60_000)
    assert actions["pause"].isEnabled()  # a loss that is only large may come down again
    press(window, "pause")
    qtbot.waitUntil(lambda: not actions["pause"].isEnabled(), timeout=60_000)
    for name in ("pause", "step"):
        assert not actions[name].isEnabled() and "no step can follow" in actions[name].toolTip()
    services(window).session.pause_or_resume()
    services(window).session.step_one()
    qtbot.waitUntil(lambda: bool(banner.offers), timeout=60_000)
    assert runner.state is State.PAUSED and banner.offers[0].text().startswith("Back to step")
    first = services(window).session.history
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: services(window).session.history is not first, timeout=60_000)
    services(window).session.stop()
    finished(qtbot, window)


def test_advice_is_tried_in_a_fork_by_two_clicks(qtbot: QtBot, window: MainWindow) -> None:
    """The advice of a finished run is set, and trained from the step where its evidence begins."""
    store, session = services(window).store, services(window).session
    store.edit("data.source", {"kind": "moons", "noise": 0.4})
    store.edit("model", {"kind": "mlp", "hidden": [64, 64]})
    store.edit("data.examples_per_class", 20)
    store.edit("optimizer.lr", 0.1)
    store.edit("loop.epochs", 60)
    press(window, "train")
    finished(qtbot, window)
    first, view = session.folder, parts(window).gap_view
    assert view.button.text() == "Try dropout 0.2"
    QTest.mouseClick(view.button, Qt.MouseButton.LeftButton)
    offer = next(b for b in parts(window).pages.banner.offers if b.text() == "Try it in a fork")
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.folder not in ("", first), timeout=60_000)
    finished(qtbot, window)
    begun = session.history.started
    assert begun is not None and begun.parent == Path(first).name and begun.parent_step == 13
    assert begun.spec["regularization"][0]["kind"] == "dropout" and session.history.steps.count == 60


def test_the_previous_run_stays_as_a_ghost_until_cleared(qtbot: QtBot, window: MainWindow) -> None:
    services(window).store.edit("loop.epochs", 2)
    press(window, "train")
    finished(qtbot, window)
    type_into(window, "optimizer.lr", "0.01")
    press(window, "train")
    finished(qtbot, window)
    plots = parts(window).page.plots
    assert plots.ghost_titles == ["Learning rate 0.05"]
    parts(window).actions["clear_ghost"].trigger()
    assert plots.ghost_titles == []
    assert not parts(window).actions["clear_ghost"].isEnabled()


def test_closing_while_training_asks_stops_and_saves(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    window.close()
    assert window.isVisible()
    boxes = window.findChildren(QMessageBox)
    stay = next(b for b in boxes[-1].buttons() if "Keep" in b.text())
    QTest.mouseClick(stay, Qt.MouseButton.LeftButton)
    assert services(window).session.is_active
    window.close()
    stop = next(b for b in window.findChildren(QMessageBox)[-1].buttons() if "Stop" in b.text())
    folder = Path(services(window).session.folder)
    with qtbot.waitSignal(window.closed, timeout=60_000):
        QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    last = list(read_events(folder))[-1]
    assert isinstance(last, RunEnded) and last.reason == "stopped"
    window.dispose()
    window.deleteLater()


def test_the_plane_is_shown_for_points_only(qtbot: QtBot, window: MainWindow) -> None:
    page = parts(window).page
    assert page.boundary.isHidden()
    store = services(window).store
    store.load(store.spec.edited("data.source", {"kind": "spirals"}).edited("model", {"kind": "mlp", "hidden": [32]}))
    qtbot.waitUntil(lambda: not page.boundary.isHidden(), timeout=30_000)
    press(window, "train")
    finished(qtbot, window)
    assert "epoch" in page.boundary.title
    store.load(ExperimentSpec())
    qtbot.waitUntil(page.boundary.isHidden, timeout=30_000)


def test_large_and_plots_on_full_screen(qtbot: QtBot, window: MainWindow) -> None:
    size = QApplication.font().pointSizeF()
    parts(window).actions["large"].trigger()
    # Widgets take the application's font while its own event loop runs, which is not so in a test.
    assert QApplication.font().pointSizeF() == pytest.approx(1.8 * size)
    QTest.keyClick(window, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(window.isFullScreen, timeout=10_000)
    assert parts(window).page.plots.isVisible() and not parts(window).docks.settings.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not window.isFullScreen(), timeout=10_000)
    assert parts(window).docks.settings.isVisible() and window.menuBar().isVisible()


def test_every_action_has_words_help_and_a_menu(window: MainWindow) -> None:
    inside = {a for menu in window.menuBar().findChildren(QMenu) for a in menu.actions()}
    for name, action in parts(window).actions.items():
        assert action in inside, name
        assert action.text() and action.toolTip()
    keys = [key.toString() for action in parts(window).actions.values() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))


def write_idx(folder: Path, examples: int = 60) -> None:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (examples, 12, 12), np.uint8)
    labels = (np.arange(examples) % 3).astype(np.uint8)
    for name, magic, array in (("images-idx3", 2051, pixels), ("labels-idx1", 2049, labels)):
        head = np.array([magic, *array.shape], ">i4").tobytes()
        (folder / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))


def test_an_idx_folder_is_chosen_in_the_form_and_trains(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    write_idx(tmp_path)
    services(window).store.choose("data.source", "idx")
    assert not parts(window).actions["train"].isEnabled(), "an empty folder cannot be trained on"
    type_into(window, "data.source.folder", str(tmp_path))
    assert parts(window).actions["train"].isEnabled()
    services(window).store.edit("loop.epochs", 2)
    press(window, "train")
    assert finished(qtbot, window).reason == "completed"
    started = services(window).session.history.started
    assert started is not None and started.input_shape == (1, 12, 12)


@pytest.fixture
def new_optimizer() -> Iterator[type[Optimizer]]:
    class Signed(Optimizer):
        kind: ClassVar[str] = "signed_in_a_test"
        title: ClassVar[str] = "Signed"
        summary: ClassVar[str] = "A new member."
        friction: Annotated[float, Knob("Friction", "How much velocity is lost.", low=0, high=1, live=True)] = 0.1

        def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
            return torch.optim.SGD

        def hyper(self) -> dict[str, Any]:
            return {"momentum": 1 - self.friction}

    yield Signed
    Signed.kind = ""


def test_a_new_optimizer_is_in_the_form_and_trains(
    qtbot: QtBot, new_optimizer: type[Optimizer], open_window: Opener
) -> None:
    window = open_window()
    parts(window).panels.open("optimizer")
    form = parts(window).panels.panel("optimizer").form
    assert form is not None
    combo = next(c for c in form.findChildren(QComboBox) if c.findText("Signed") >= 0)
    combo.setFocus()
    while combo.currentText() != "Signed":
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert isinstance(services(window).store.spec.optimizer, new_optimizer)
    type_into(window, "optimizer.friction", "0.25")
    services(window).store.edit("loop.epochs", 1)
    press(window, "train")
    assert finished(qtbot, window).reason == "completed"
    services(window).store.load(ExperimentSpec())


def test_the_tooltip_of_stop_follows_what_is_waited_for(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """TR18: weights are written after the last step, without a change of the state."""
    runner, stop = services(window).runner, parts(window).actions["stop"]
    monkeypatch.setattr(type(runner), "is_active", True)
    for words in ("finishing the current step", "writing weights"):
        runner._show(State.STOPPING, words)
        assert stop.toolTip() == words
    monkeypatch.undo()
    runner._show(State.IDLE, "")


def test_epochs_are_on_the_record(qtbot: QtBot, window: MainWindow) -> None:
    services(window).store.edit("loop.epochs", 2)
    press(window, "train")
    finished(qtbot, window)
    events = list(read_events(Path(services(window).session.folder)))
    assert [e.epochs_done for e in events if isinstance(e, EpochEnded)] == [0, 1, 2]


def test_the_list_of_keys_keeps_keys_and_words_apart(qtbot: QtBot, window: MainWindow) -> None:
    """A tab stop is too narrow for “Ctrl+Shift+O”: each stands in a column of its own."""
    parts(window).actions["keys"].trigger()
    (box,) = window.findChildren(QMessageBox)
    assert "Ctrl+Shift+O</td><td>Open data folder" in box.text() and "\t" not in box.text()
    box.close()
