"""Previews follow the spec: only what changed is computed, in the background, and the newest request wins."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.bridge.helpers import LONG
from workbench.bridge import previews as previews_module
from workbench.bridge.previews import Previews
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.store import DataStore
from workbench.engine.report import augmentation_sheet, data_summary
from workbench.engine.report.augmentation_sheet import VARIANTS
from workbench.engine.spec.experiment import ExperimentSpec

ROTATION = [{"kind": "rotation"}]


class Said:
    """What the previews said, in order: ("data", value), ("failed data", words), ("waiting", section)."""

    def __init__(self, previews: Previews) -> None:
        self.words: list[tuple[str, Any]] = []
        self.threads: set[int] = set()
        previews.data_ready.connect(lambda value: self._note("data", value))
        previews.sheet_ready.connect(lambda value: self._note("augmentations", value))
        previews.model_ready.connect(lambda value: self._note("model", value))
        previews.failed.connect(lambda section, words: self._note(f"failed {section}", words))
        previews.waiting.connect(lambda section: self._note("waiting", section))

    def _note(self, what: str, value: Any) -> None:
        self.words.append((what, value))
        self.threads.add(threading.get_ident())

    def of(self, what: str) -> list[Any]:
        return [value for name, value in self.words if name == what]

    def counts(self) -> tuple[int, int, int]:
        return len(self.of("data")), len(self.of("augmentations")), len(self.of("model"))


@pytest.fixture(autouse=True)
def _gathered_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews_module, "GATHER_MS", 100)  # a tenth of a second is several edits of a drag


@pytest.fixture
def store(qtbot: Any) -> SpecStore:
    return SpecStore(ExperimentSpec().edited("augmentations", ROTATION))


@pytest.fixture
def previews(store: SpecStore, tasks: Tasks) -> Previews:
    return Previews(store, tasks, DataStore())


@pytest.fixture
def said(previews: Previews) -> Said:
    return Said(previews)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were called, in order, with the thread they ran in checked."""
    calls: list[str] = []
    for name in ("summarizing", "contact_sheet", "model_table"):
        monkeypatch.setattr(previews_module, name, _noting(calls, name))
    return calls


def _noting(calls: list[str], name: str) -> Any:
    function = getattr(previews_module, name)
    window = threading.get_ident()

    def noting(*arguments: Any) -> Any:
        assert threading.get_ident() != window
        calls.append(name)
        return function(*arguments)

    return noting


def settle(qtbot: Any, previews: Previews, tasks: Tasks) -> None:
    """Until nothing is gathered, waited for or computed."""
    sections = (previews._data, previews._sheet, previews._model)

    def idle() -> bool:
        return not previews._gather.isActive() and tasks.current is None and not any(s.is_pending for s in sections)

    qtbot.waitUntil(idle, timeout=LONG)


def test_nothing_is_computed_before_the_start(qtbot, store, previews, said, computed):
    store.edit("loop.seed", 3)
    previews.reroll()
    qtbot.wait(2 * previews_module.GATHER_MS)
    assert computed == []
    assert previews.data is previews.sheet is previews.model is None


def test_all_three_arrive_in_the_thread_of_the_window(qtbot, previews, tasks, said, computed):
    previews.start()
    settle(qtbot, previews, tasks)
    assert computed == ["summarizing", "contact_sheet", "model_table"]
    assert said.counts() == (1, 1, 1)
    assert said.threads == {threading.get_ident()}
    assert (previews.data, previews.sheet, previews.model) == tuple(
        said.of(name)[0] for name in ("data", "augmentations", "model")
    )


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("optimizer.lr", 0.3, []),
        ("loop.epochs", 3, []),
        ("loop.seed", 9, ["contact_sheet"]),
        ("augmentations.0.degrees", 90.0, ["contact_sheet"]),
        ("model.channels", (4,), ["model_table"]),
        ("regularization", [{"kind": "dropout"}], ["model_table"]),
        ("data.split_seed", 4, ["contact_sheet", "summarizing"]),
        ("data.source", {"kind": "moons"}, ["contact_sheet", "model_table", "summarizing"]),
    ],
)
def test_only_what_depends_on_the_change_is_computed(qtbot, store, previews, tasks, computed, path, value, expected):
    previews.start()
    settle(qtbot, previews, tasks)
    computed.clear()
    store.edit(path, value)
    settle(qtbot, previews, tasks)
    assert sorted(computed) == expected


def test_a_drag_asks_a_few_times_and_ends_with_the_last_value(qtbot, store, previews, tasks, said, computed):
    previews.start()
    settle(qtbot, previews, tasks)
    computed.clear()
    began = time.monotonic()
    for step in range(60):
        store.edit("augmentations.0.degrees", float(step), merge=True)
        qtbot.wait(5)
    at_most = (time.monotonic() - began) / (previews_module.GATHER_MS / 1000) + 2
    settle(qtbot, previews, tasks)
    assert 2 <= len(computed) <= at_most
    assert (
        previews.sheet.pictures == augmentation_sheet.contact_sheet(store.spec, previews_module.ROWS, 0).pictures
    ).all()


def test_a_new_roll_shows_later_epochs(qtbot, previews, tasks, said, computed):
    previews.start()
    settle(qtbot, previews, tasks)
    previews.reroll()
    settle(qtbot, previews, tasks)
    first, second = said.of("augmentations")
    assert second.epochs[0] == first.epochs[0] + VARIANTS
    assert (second.pictures != first.pictures).any()
    assert said.counts() == (1, 2, 1)


def test_an_answer_to_an_older_question_is_not_shown(qtbot, store, previews, tasks, said, monkeypatch):
    entered, gate = threading.Event(), threading.Event()
    load = Digits.load

    def slow(self: Digits) -> Any:
        entered.set()
        assert gate.wait(30)
        return load(self)

    monkeypatch.setattr(Digits, "load", slow)
    previews.start()
    qtbot.waitUntil(entered.is_set, timeout=LONG)
    store.edit("data.source", {"kind": "moons"})
    qtbot.wait(2 * previews_module.GATHER_MS)
    gate.set()
    settle(qtbot, previews, tasks)
    assert [summary.title for summary in said.of("data")] == ["Moons"]
    assert len(said.of("augmentations")) == 1


def test_slow_work_is_announced_and_what_did_not_change_comes_back(qtbot, store, previews, tasks, said, monkeypatch):
    previews.start()
    settle(qtbot, previews, tasks)
    summary, gate = data_summary.summarizing, threading.Event()

    def slow(spec: ExperimentSpec, loaded: DataStore) -> Any:
        gate.wait(30)
        return summary(spec, loaded)

    monkeypatch.setattr(previews_module, "summarizing", slow)
    store.edit("data.split_seed", 5)
    qtbot.waitUntil(lambda: len(said.of("waiting")) == 3, timeout=LONG)
    assert said.of("waiting") == ["data", "augmentations", "model"]
    gate.set()
    settle(qtbot, previews, tasks)
    # The model is the same, but whoever showed "waiting" has to show it again.
    assert said.counts() == (2, 2, 2)
    assert said.of("model")[0] is said.of("model")[1]


def test_quick_work_is_not_announced(qtbot, store, previews, tasks, said):
    previews.start()
    settle(qtbot, previews, tasks)
    said.words.clear()
    previews._slow.setInterval(60_000)  # whatever else this machine does, the work is quicker
    store.edit("data.split_seed", 5)
    qtbot.waitUntil(previews._slow.isActive, timeout=LONG)
    settle(qtbot, previews, tasks)
    assert not previews._slow.isActive()
    assert said.of("waiting") == []


def test_data_that_cannot_be_read_fails_everything_once_and_can_be_tried_again(
    qtbot, store, previews, tasks, said, computed, tmp_path
):
    folder = tmp_path / "pictures"
    store.edit("data.source", {"kind": "folder", "folder": str(folder), "size": 8})
    previews.start()
    settle(qtbot, previews, tasks)
    assert computed == ["summarizing"]
    assert said.counts() == (0, 0, 0)
    for section in ("data", "augmentations", "model"):
        assert len(said.of(f"failed {section}")) == 1
        assert str(folder) in said.of(f"failed {section}")[0]
    store.edit("augmentations.0.degrees", 3.0)
    settle(qtbot, previews, tasks)
    assert computed == ["summarizing"]
    _write_pictures(folder)
    previews.refresh()
    settle(qtbot, previews, tasks)
    assert said.counts() == (1, 1, 1)


def _write_pictures(folder: Any) -> None:
    from PIL import Image

    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (8, 8), 40 * number).save(folder / name / f"{number}.png")


def test_back_to_data_that_works(qtbot, store, previews, tasks, said, tmp_path):
    previews.start()
    settle(qtbot, previews, tasks)
    store.edit("data.source", {"kind": "folder", "folder": str(tmp_path / "none")})
    settle(qtbot, previews, tasks)
    store.undo()
    settle(qtbot, previews, tasks)
    assert [name for name, _ in said.words if name != "waiting"] == [
        "data",
        "augmentations",
        "model",
        "failed data",
        "failed augmentations",
        "failed model",
        "data",
        "augmentations",
        "model",
    ]


def test_a_model_that_does_not_fit_fails_alone(qtbot, store, previews, tasks, said):
    store.edit("data.source", {"kind": "moons"})
    previews.start()
    settle(qtbot, previews, tasks)
    assert said.counts() == (1, 1, 0)
    assert "choose the MLP" in said.of("failed model")[0]
    assert previews.model is None
    store.edit("model", {"kind": "mlp"})
    settle(qtbot, previews, tasks)
    assert said.counts() == (1, 1, 1)


def test_an_unexpected_failure_is_a_sentence_too(qtbot, store, previews, tasks, said, monkeypatch):
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(previews_module, "contact_sheet", broken)
    previews.start()
    settle(qtbot, previews, tasks)
    assert "division by zero" in said.of("failed augmentations")[0]
    assert said.counts() == (1, 0, 1)


def test_an_outdated_failure_is_not_shown(qtbot, store, previews, tasks, said, monkeypatch):
    entered, gate = threading.Event(), threading.Event()

    def fails(self: Digits) -> Any:
        entered.set()
        assert gate.wait(30)
        raise WorkbenchError("No.")

    monkeypatch.setattr(Digits, "load", fails)
    previews.start()
    qtbot.waitUntil(entered.is_set, timeout=LONG)
    store.edit("data.source", {"kind": "moons"})
    qtbot.wait(2 * previews_module.GATHER_MS)
    gate.set()
    settle(qtbot, previews, tasks)
    assert said.of("failed data") == []


def test_closing_while_it_computes(qtbot, store):
    tasks = Tasks()
    previews = Previews(store, tasks, DataStore())
    previews.start()
    ended: list[bool] = []
    tasks.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)
    previews.reroll()
    store.edit("data.split_seed", 8)
    qtbot.wait(previews_module.GATHER_MS + previews_module.SLOW_MS + 100)
