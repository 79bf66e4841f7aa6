"""Questions answered in the background: the newest counts, cancel is quiet, trouble is words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record, small_spec
from workbench.bridge.asked import Asked
from workbench.bridge.tasks import IsCancelled, Progress, Tasks, Work
from workbench.bridge.weights_shelf import Choice, looking
from workbench.engine.problems import WorkbenchError

LONG = 30_000


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made, ended = Tasks(), []
    yield made
    made.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


def giving(value: Any, gate: threading.Event | None = None) -> Work:
    def work(progress: Progress, is_cancelled: IsCancelled) -> Any:
        progress(0.5, "half")
        if gate is not None:
            gate.wait(10)
        return value

    return work


def test_a_new_question_replaces_the_old_one(qtbot: QtBot, tasks: Tasks) -> None:
    asked, gate, answers = Asked(tasks, "Asking"), threading.Event(), []
    asked.answered.connect(answers.append)
    asked.ask(1, giving("old", gate))
    qtbot.waitUntil(lambda: asked.words == "half", timeout=LONG)
    asked.ask(2, giving("new"))
    assert asked.is_pending and asked.words == ""
    gate.set()
    qtbot.waitUntil(lambda: asked.value == "new", timeout=LONG)
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)
    assert answers == ["new"] and not asked.is_pending
    asked.ask(2, giving("again"))  # known already
    assert not asked.is_pending and asked.value == "new"


def test_cancel_can_be_asked_again_and_trouble_is_words(qtbot: QtBot, tasks: Tasks) -> None:
    asked, gate = Asked(tasks, "Asking"), threading.Event()
    asked.ask(1, giving("never", gate))
    asked.cancel()
    gate.set()
    assert not asked.is_pending
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)
    assert asked.value is None

    def failing(progress: Progress, is_cancelled: IsCancelled) -> None:
        raise WorkbenchError("The file is gone.")

    asked.ask(1, failing)
    qtbot.waitUntil(lambda: asked.trouble == "The file is gone.", timeout=LONG)
    asked.ask(1, giving("there"))
    assert asked.trouble == ""
    qtbot.waitUntil(lambda: asked.value == "there", timeout=LONG)


def test_runs_of_this_program_can_be_used_again(tmp_path: Path) -> None:
    """Pictures only: a network of points has nothing to offer to one of pictures."""
    runs = tmp_path / "runs"
    pictures = small_spec(model={"kind": "small_cnn"}, loop__epochs=1, title="Mine", regularization=[])
    record(pictures, folder=runs)
    points = small_spec(data__source={"kind": "spirals"}, augmentations=[], loop__epochs=1)
    record(points, folder=runs)
    found: tuple[Choice, ...] = looking(None, runs)(lambda share, words: None, lambda: False)
    assert found[0].name == "letters" and found[0].key == "letters"
    mine = [each for each in found if each.where == "trained here"]
    assert [each.what.startswith("Mine on Digits, best ") for each in mine] == [True]
    assert Path(mine[0].key).name == "best.safetensors" and Path(mine[0].key).is_file()
    missing = [each for each in found if not each.key]
    assert {"resnet18", "ResNet-20 for 32×32"} <= {each.name for each in missing}
    assert all(each.model is not None and each.path is None for each in missing)
