"""The desks of use given events and answers by hand: what is loaded again, kept, reverted and said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.engine.use.made import digit_files, trained
from workbench.bridge.data.corrections_desk import CorrectionsDesk
from workbench.bridge.runner import Runner
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.use.inspect_desk import InspectDesk, Inspection
from workbench.bridge.use.network_slot import NetworkChoice, NetworkSlot
from workbench.bridge.use.use_desk import UseDesk
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.events import WeightsSaved
from workbench.engine.data.store import DataStore
from workbench.engine.evaluation.evaluation_data import EvaluationExamples
from workbench.engine.inspection.examples import catalogue_of
from workbench.engine.inspection.judged import Judged

LONG = 60_000
RUN = Path("runs/one")


@pytest.fixture
def session(qtbot: QtBot, runner: Runner, workbench_home: Path) -> Session:
    return Session(SpecStore(small_spec()), runner)


@pytest.fixture
def desk(session: Session, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> Iterator[InspectDesk]:
    """Of a session whose run is in RUN."""
    session.folder = str(RUN)
    made = InspectDesk(session, tasks, CorrectionsDesk(tasks), DataStore())
    monkeypatch.setattr(made, "_begin", lambda: begun.append(1))
    begun: list[int] = []
    made.begun = begun  # type: ignore[attr-defined]
    yield made
    made._soon.stop()


def saved(which: Any = "best") -> WeightsSaved:
    return WeightsSaved(3, which, "best.safetensors")


# --- inspections -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_live", "path", "part", "is_soon"),
    [
        (True, RUN, "validation", True),
        (True, RUN, "train", True),
        (True, RUN, "test", False),
        (True, Path("runs/other"), "validation", False),
        (False, RUN, "validation", False),
    ],
)
def test_only_the_run_that_goes_on_is_inspected_again_and_never_on_its_test_part(
    desk: InspectDesk, is_live: bool, path: Path, part: Any, is_soon: bool
) -> None:
    """Each look at the test part makes its next number a little too good."""
    desk.ask([path], None, part)
    desk.is_live = is_live
    desk._on_events([saved()])
    assert desk._soon.isActive() is is_soon


def test_an_inspection_that_is_no_longer_wanted_is_not_begun(desk: InspectDesk) -> None:
    desk.ask([RUN], None, "validation")
    desk.begun.clear()  # type: ignore[attr-defined]
    desk.is_live = False
    desk._inspect_again()
    assert desk.begun == [] and not desk._soon.isActive()  # type: ignore[attr-defined]
    desk.is_live = True
    desk._inspect_again()
    assert desk.begun == [1]  # type: ignore[attr-defined]


def test_at_the_end_of_the_run_what_waits_is_inspected_at_once(desk: InspectDesk) -> None:
    desk.ask([RUN], None, "validation")
    desk.begun.clear()  # type: ignore[attr-defined]
    desk._on_ended(None)
    assert desk.begun == []  # type: ignore[attr-defined]
    desk.is_live = True
    desk._on_events([saved()])
    desk._on_ended(None)
    assert desk.begun == [1] and not desk._soon.isActive()  # type: ignore[attr-defined]


def inspection(source: Any = None, files: tuple[str, ...] = ("/d/a", "/d/b")) -> Inspection:
    dataset = Dataset(np.zeros((2, 1, 4, 4), np.uint8), np.array([0, 1]), ("cat", "dog"), files=files)
    examples = EvaluationExamples(dataset, np.arange(2), "", source)
    judged = Judged("net", examples, np.log(np.full((2, 2), 0.5, np.float32)))
    return Inspection(judged, catalogue_of(judged), np.arange(2))


@pytest.fixture
def folder() -> Any:
    from workbench.engine.catalog.datasets.folder import PictureFolder

    return PictureFolder(folder="/d")


def labels(desk: InspectDesk) -> list[int]:
    assert desk.catalogue is not None
    return desk.catalogue.labels.tolist()


def test_a_change_that_is_refused_is_taken_back(
    desk: InspectDesk, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(desk._writing, "change", lambda source, act, what: written.append(what))
    said: list[str] = []
    desk.refused.connect(said.append)
    desk._on_answered(inspection(folder))
    desk.relabel([0], "dog")
    assert labels(desk) == [1, 1] and "dog" in written[0]
    desk._on_refused("The folder is read-only.")
    assert labels(desk) == [0, 1] and said == ["The folder is read-only."]
    desk._on_refused("Once more.")
    assert labels(desk) == [0, 1], "there is no further change"


def test_changes_of_the_inspection_before_are_not_undone_into_the_next(
    desk: InspectDesk, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk._writing, "change", lambda source, act, what: None)
    desk._on_answered(inspection(folder))
    desk.relabel([0], "dog")
    other = inspection(folder, ("/d/c", "/d/d"))
    desk._on_answered(other)
    desk.undo()
    assert desk.catalogue is other.catalogue


def test_what_is_fixed_is_not_changed(desk: InspectDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(desk._writing, "change", lambda source, act, what: written.append(what))
    for found, examples in ((inspection(None), [0]), (inspection(), [])):
        desk._on_answered(found)
        desk.relabel(examples, "dog")
        desk.leave_out(examples, True)
        assert labels(desk) == [0, 1] and desk.catalogue is found.catalogue
    assert written == []


@pytest.mark.parametrize("part", ["validation", "test", "train", "all"])
def test_a_temperature_is_fitted_on_validation_examples_alone(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.bridge.use.inspect_desk import _inspect

    made = inspection().judged
    examples = EvaluationExamples(made.examples.dataset, np.arange(2), "", None, part=part)
    monkeypatch.setattr(
        "workbench.engine.inspection.judged.judged", lambda *given, **named: Judged("net", examples, made.logs)
    )
    found = _inspect((RUN,), None, part, DataStore(), lambda share, words: None, lambda: False)
    assert (found.temperature is not None) is (found.cooled is not None) is (part == "validation")


# --- the network -----------------------------------------------------------------------------------------------------


@pytest.fixture
def slot(session: Session, tasks: Tasks) -> Iterator[NetworkSlot]:
    made = NetworkSlot(session, tasks)
    yield made
    made._soon.stop()


@pytest.mark.parametrize(("which", "is_soon"), [("best", True), ("last", True), ("snapshot-1", False)])
def test_weights_that_are_used_are_loaded_again(slot: NetworkSlot, which: str, is_soon: bool) -> None:
    slot.choose(NetworkChoice())
    slot._on_events([saved(which)])
    assert slot._soon.isActive() is is_soon


def test_a_file_that_was_chosen_is_not_touched_by_the_run_that_goes_on(
    slot: NetworkSlot, qtbot: QtBot, tmp_path: Path
) -> None:
    run = trained(tmp_path)
    slot.choose(NetworkChoice((run,)))
    qtbot.waitUntil(lambda: slot.network is not None and not slot.is_loading, timeout=LONG)
    first = slot.network
    slot._on_events([saved()])
    slot._on_began(None)
    assert slot.network is first and not slot._soon.isActive()
    slot.reload()
    qtbot.waitUntil(lambda: slot.network is not None and not slot.is_loading, timeout=LONG)
    assert slot.network is not first, "read again, though the path is the same"
    slot.choose(NetworkChoice((tmp_path / "gone.safetensors",)))
    qtbot.waitUntil(lambda: not slot.is_loading, timeout=LONG)
    assert slot.network is None and slot.is_wrong, "the network before is not that of the other choice"


def test_a_new_run_forgets_the_weights_of_the_one_before(slot: NetworkSlot) -> None:
    slot.choose(NetworkChoice())
    slot._request.value = SimpleNamespace()
    assert slot.network is not None
    slot._on_began(None)
    assert slot.network is None


# --- pictures and folders --------------------------------------------------------------------------------------------


def test_a_picture_that_is_forgotten_is_not_answered_any_more(
    session: Session, tasks: Tasks, qtbot: QtBot, tmp_path: Path
) -> None:
    desk, answers = UseDesk(session, tasks, tasks), list[Any]()
    desk.answered.connect(answers.append)
    desk.slot.choose(NetworkChoice((trained(tmp_path),)))
    qtbot.waitUntil(lambda: desk.slot.network is not None and not desk.slot.is_loading, timeout=LONG)
    (file,) = digit_files(tmp_path / "pictures", 1)
    desk.ask(file)
    desk.forget()
    assert not desk.has_picture
    tasks_done: list[Any] = []
    tasks.submit("After it", lambda progress, is_cancelled: 1).done.connect(tasks_done.append)
    qtbot.waitUntil(lambda: bool(tasks_done), timeout=LONG)
    assert answers == []


def test_a_table_says_which_folders_could_not_be_read(
    session: Session, tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.bridge.use.use_desk import _table
    from workbench.engine.use.network import used_network

    digit_files(tmp_path / "in", 2)
    network = used_network([trained(tmp_path / "runs")])
    (tmp_path / "in" / "closed").mkdir()
    scandir = os.scandir

    def listed(path: Path) -> Iterator[os.DirEntry[str]]:
        if path == tmp_path / "in" / "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def write() -> tuple[str, bool]:
        return _table(network, (tmp_path / "in",), tmp_path / "out.csv", lambda share, words: None, lambda: False)

    assert write()[1]
    monkeypatch.setattr(os, "scandir", listed)
    said, is_whole = write()
    assert "Permission denied" in said and not is_whole
