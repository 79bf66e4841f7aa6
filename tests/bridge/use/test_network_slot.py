"""The chosen network: loaded behind the window, and again when the run that goes on has better weights."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from workbench.bridge.runner import Runner
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.use import network_slot
from workbench.bridge.use.network_slot import NetworkChoice, NetworkSlot

LONG = 60_000


@pytest.fixture
def slot(runner: Runner, tasks: Tasks, workbench_home: Path, monkeypatch: pytest.MonkeyPatch) -> NetworkSlot:
    monkeypatch.setattr(network_slot, "RENEW_MS", 20)
    spec = small_spec(loop__epochs=100_000, model={"kind": "mlp", "hidden": [16]})
    return NetworkSlot(Session(SpecStore(spec), runner), tasks)


def test_the_current_run_is_used_while_it_goes_on_and_is_paused(
    slot: NetworkSlot, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engine.training.checkpointer.SAVE_EVERY", 0.2)
    session = slot._session
    slot.choose(NetworkChoice())
    assert "No run has been trained" in slot.trouble and slot.network is None
    with qtbot.waitSignal(slot.renewed, timeout=LONG):
        session.train()
    first = slot.network
    assert first is not None and first.classes == tuple("0123456789")
    with qtbot.waitSignal(slot.renewed, timeout=LONG):
        pass
    assert slot.network is not first
    session.pause_or_resume()
    slot.reload()
    qtbot.waitUntil(lambda: not slot.is_loading, timeout=LONG)
    assert slot.network is not None
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)


def test_a_run_that_has_kept_no_weights_yet_is_said_to_train(slot: NetworkSlot, qtbot: QtBot) -> None:
    """Its evaluations come long before: the first weights are kept after seconds, here at its end."""
    session = slot._session
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.engine.training.checkpointer.SAVE_EVERY", 1e9)
        slot.choose(NetworkChoice())
        session.train()
        assert slot.trouble == "The run is training; its weights are kept in a few seconds."
        qtbot.waitUntil(lambda: bool(session.folder) and len(session.history.evaluations) > 1, timeout=LONG)
        slot.reload()
        qtbot.waitUntil(lambda: not slot.is_loading, timeout=LONG)
        assert slot.network is None and slot.trouble.startswith("The run is training") and not slot.is_wrong
        session.stop()
        qtbot.waitUntil(lambda: not session.is_active and slot.network is not None, timeout=LONG)


def test_a_missing_file_is_reported(slot: NetworkSlot, qtbot: QtBot, tmp_path: Path) -> None:
    slot.choose(NetworkChoice((tmp_path / "gone.safetensors",)))
    qtbot.waitUntil(lambda: not slot.is_loading, timeout=LONG)
    assert "gone.safetensors" in slot.trouble and slot.network is None


def test_choices_are_named() -> None:
    assert NetworkChoice().is_current and "current run" in NetworkChoice().title
    assert NetworkChoice((Path("a/b.pt"),)).title == "b.pt"
    assert NetworkChoice((Path("a"), Path("b"))).title == "The average of 2 networks"
