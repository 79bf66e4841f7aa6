"""The rows of the steps on the disk: a changed bit is noticed, and nothing else is taken for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.helpers import record, save_run, small_spec
from workbench.engine.__main__ import main
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event, Notice, StepBack, Stepped, Stop
from workbench.engine.core.progress import finished
from workbench.engine.run_store.checkpoints import Checkpoints
from workbench.engine.run_store.manifest import figures_of
from workbench.engine.run_store.partly_saved import PartlySaved
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.steps_file import NAME, figures_trouble
from workbench.engine.shelf.opened import opening
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up


def trouble(folder: Path) -> str:
    return figures_trouble(folder, figures_of(folder))


def trained(run: RunContext, steps: int) -> None:
    """Rows of ``steps`` further steps."""
    for _ in range(steps):
        run.steps.append(run.steps.count + 0.5, 0.5, 0.1, 1.0, 0.0)


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    """A run in a folder with 8 steps that are saved."""
    made = set_up(small_spec(), RunFolder.create(small_spec(), tmp_path))
    trained(made, 8)
    save_run(folder_of(made), made)
    return made


def folder_of(run: RunContext) -> RunFolder:
    assert run.folder is not None
    return run.folder


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.data())
def test_every_flipped_bit_is_noticed(run: RunContext, data: st.DataObject) -> None:
    file = folder_of(run).path / NAME
    whole = file.read_bytes()
    assert trouble(file.parent) == ""
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    try:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        assert NAME in trouble(file.parent)
    finally:
        file.write_bytes(whole)


def test_rows_behind_the_last_state_are_no_damage(run: RunContext) -> None:
    file = folder_of(run).path / NAME
    with file.open("ab") as rows:
        rows.write(b"torn")
    assert trouble(file.parent) == ""


def test_a_folder_of_an_older_program_says_nothing(run: RunContext) -> None:
    manifest = folder_of(run).path / "checkpoints" / "manifest.json"
    said = json.loads(manifest.read_bytes())
    del said["figures"]
    manifest.write_text(json.dumps(said))
    (folder_of(run).path / NAME).write_bytes(b"{}\n")
    assert trouble(manifest.parent.parent) == ""


def test_a_crash_after_rows_were_overwritten_is_no_damage(run: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(run)
    folder.go_back(folder.position, 3, has_best=False)
    run.steps.cut(3)
    trained(run, 9)

    def crash(*_: object) -> None:
        raise WorkbenchError("The power is gone.")

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoints, "write_last", crash)
        with pytest.raises(PartlySaved):
            save_run(folder, run)
    assert trouble(folder.path) == "" and figures_of(folder.path) is None
    save_run(folder, run)
    assert trouble(folder.path) == "" and figures_of(folder.path) is not None


def test_a_file_that_is_gone_is_written_anew(run: RunContext) -> None:
    folder = folder_of(run)
    (folder.path / NAME).unlink()
    trained(run, 2)
    save_run(folder, run)
    assert trouble(folder.path) == "" and figures_of(folder.path) is not None


def test_a_run_that_went_back_and_on_is_sound(tmp_path: Path) -> None:
    went_back: list[int] = []

    def back_once(event: Event) -> StepBack | None:
        if isinstance(event, Stepped) and event.step == 9 and not went_back:
            went_back.append(9)
            return StepBack(4)
        return None

    record(small_spec(), back_once, folder=tmp_path)
    (folder,) = tmp_path.glob("2*")
    assert went_back and figures_of(folder) is not None and trouble(folder) == ""


def test_a_changed_figure_is_said_where_the_run_is_opened_and_where_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(event: Event) -> Stop | None:
        return Stop() if isinstance(event, Stepped) and event.step == 9 else None

    record(small_spec(), stop, folder=tmp_path)
    (folder,) = tmp_path.glob("2*")
    data = bytearray((folder / NAME).read_bytes())
    data[-200] ^= 1
    (folder / NAME).write_bytes(data)
    history, _ = finished(opening(folder))
    assert [note.code for note in history.notices if isinstance(note, Notice)] == ["figures_changed"]
    assert main(["--resume", str(folder)]) == 0
    assert "The figures of the steps are not those that the run has written" in " ".join(capsys.readouterr())
    assert trouble(folder) != ""  # what is wrong does not become right by going on
