"""Questions answered in the background: the newest counts, cancel is quiet, trouble is words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from pytestqt.qtbot import QtBot
from safetensors.torch import save_file

from tests.engine.helpers import record, small_spec
from workbench.bridge.threads.background import IsCancelled, Progress, Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.weights.evaluation import evaluating
from workbench.bridge.weights.find_weights import Choice, describing, looking
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.results import EvaluationProgress
from workbench.engine.weights import open_with_progress

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
    asked, gate, answers = LatestRequest(tasks, "Asking"), threading.Event(), []
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
    asked, gate = LatestRequest(tasks, "Asking"), threading.Event()
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


@pytest.mark.parametrize("asking", ["what it is", "how good it is"])
def test_a_file_that_is_opened_for_long_is_left_at_once(
    qtbot: QtBot, tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asking: str
) -> None:
    """The first unknown file loads torchvision, which takes seconds; the next question does not wait for them."""
    file = tmp_path / "odd.safetensors"
    save_file({"odd": torch.zeros(3)}, file)
    goes_on = threading.Event()
    monkeypatch.setattr(open_with_progress, "recognise", lambda *about: goes_on.wait(60))
    work = describing(file) if asking == "what it is" else evaluating([file], small_spec().data.source, "all")
    asked, next_one = LatestRequest(tasks, "Opening"), LatestRequest(tasks, "Asking")
    asked.ask(1, work)

    def told() -> str:
        said: object = asked.words
        return said.words if isinstance(said, EvaluationProgress) else str(said)

    qtbot.waitUntil(lambda: told().startswith("Comparing odd.safetensors"), timeout=LONG)
    asked.cancel()
    next_one.ask(2, giving("answer"))
    qtbot.waitUntil(lambda: next_one.value == "answer", timeout=LONG)
    assert not goes_on.is_set() and asked.value is None and not asked.trouble
    goes_on.set()


def test_a_question_that_was_given_up_before_its_answer_can_be_asked_again(qtbot: QtBot, tasks: Tasks) -> None:
    """And news of the work that was given up changes nothing any more."""
    asked, gate, changes = LatestRequest(tasks, "Asking"), threading.Event(), []
    asked.changed.connect(lambda: changes.append(asked.words))
    asked.cancel()
    assert changes == [], "nothing was asked"
    asked.ask("q", giving("first", gate))
    qtbot.waitUntil(lambda: asked.words == "half", timeout=LONG)
    asked.cancel()
    count = len(changes)
    assert not asked.is_pending
    gate.set()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)
    assert asked.value is None and len(changes) == count
    asked.ask("q", giving("second"))
    assert asked.is_pending
    qtbot.waitUntil(lambda: asked.value == "second", timeout=LONG)
    asked.ask("r", failing)
    qtbot.waitUntil(lambda: asked.trouble != "", timeout=LONG)
    asked.cancel()
    assert asked.trouble == "No."
    asked.ask("r", giving("answered"))
    qtbot.waitUntil(lambda: asked.value == "answered", timeout=LONG)
    assert asked.trouble == ""


def failing(progress: Progress, is_cancelled: IsCancelled) -> Any:
    raise WorkbenchError("No.")
