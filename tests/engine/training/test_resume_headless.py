"""``--resume`` and ``--fork`` as a person types them, and processes that are really killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import log_of
from tests.engine.training.test_resume import everything
from tests.golden.digest import digest_of
from workbench.engine.__main__ import main
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.usefixtures("_signals_put_back")


@pytest.fixture
def _signals_put_back() -> Iterator[None]:
    """A headless run takes Ctrl-C for itself."""
    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def trained(spec: ExperimentSpec, place: Path) -> Path:
    """A whole run in a folder of its own."""
    place.mkdir()
    save(spec, place / "spec.toml")
    assert main([str(place / "spec.toml"), "--runs", str(place / "runs")]) == 0
    return only(place / "runs")


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_process_that_was_killed_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = small_spec(loop__epochs=60, loop__threads=1, averaging=[{"kind": "ema"}])
    want = trained(spec, tmp_path / "whole")
    save(spec, tmp_path / "spec.toml")
    runs = tmp_path / "runs"
    with subprocess.Popen(
        [sys.executable, "-m", "workbench.engine", str(tmp_path / "spec.toml"), "--runs", str(runs)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        next(line for line in process.stdout if line.startswith("epoch 4/"))
        process.kill()
    capsys.readouterr()
    assert main(["--resume", only(runs).name, "--runs", str(runs)]) == 0
    said = capsys.readouterr().out
    ways = "The run goes on after", "The run begins again at step 0."  # as late as it was killed
    assert any(way in said for way in ways) and "epoch 60/60" in said
    assert digest_of(only(runs)) == digest_of(want) and log_of(only(runs)) == log_of(want)
    assert not list(runs.rglob("*.tmp"))


def test_an_ended_run_says_so_and_is_extended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(small_spec(), tmp_path / "short")
    before = (run / "events.jsonl").read_bytes()
    for _ in range(2):
        assert main(["--resume", str(run)]) == 0
        said = capsys.readouterr().out
        assert "The run has ended: Finished." in said and "More epochs extend it." in said
    assert (run / "events.jsonl").read_bytes() == before
    assert main(["--resume", str(run), "--set", "loop.epochs=5"]) == 0
    said = capsys.readouterr().out
    assert "step 21: loop.epochs 3 -> 5" in said and "epoch 5/5" in said
    longer = trained(small_spec(loop__epochs=5), tmp_path / "long")
    assert (
        read_steps_from(run)[1][:, :4].tobytes() == read_steps_from(longer)[1][:, :4].tobytes()
    )  # the rate is constant
    assert sum(line["event"] == "RunEnded" for line in log_of(run)) == 1


def test_what_cannot_go_on_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--resume", "nothing"]) == 2
    assert f"There is no run nothing: neither this path nor {runs_folder() / 'nothing'}" in capsys.readouterr().err
    run = trained(small_spec(ensemble={"kind": "independent", "members": 2}, loop__epochs=1), tmp_path / "ensemble")
    assert main(["--resume", str(run / "member-1")]) == 2
    assert f"{run.name} goes on as a whole" in capsys.readouterr().err
    assert main(["--resume", str(run), "--set", "loop.batch_size=7"]) == 2
    assert "cannot change in a run that goes on" in capsys.readouterr().err


def test_a_run_whose_states_are_all_damaged_says_that_alone_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not said that its log is incomplete, or that room has to be made."""
    run = trained(small_spec(loop__epochs=1), tmp_path / "runs")
    for state in (run / "checkpoints").glob("*.pt"):
        state.write_bytes(state.read_bytes()[:100])
    before = {file.name: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    assert main(["--resume", str(run), "--set", "loop.epochs=2"]) == 1
    said = "".join(capsys.readouterr())
    assert "are damaged. Its settings can be trained again." in said
    assert "incomplete" not in said and "Make room" not in said
    assert {file.name: file.read_bytes() for file in run.rglob("*") if file.is_file()} == before


def test_a_run_in_a_folder_that_cannot_be_written_says_how_to_go_on_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(small_spec(loop__epochs=1), tmp_path / "runs")

    def read_only(*_: object) -> None:
        raise CannotWrite(run / "run.lock", 0, OSError(errno.EROFS, "Read-only file system"))

    monkeypatch.setattr(RunLock, "take", read_only)
    assert main(["--resume", str(run), "--set", "loop.epochs=2"]) == 2
    assert capsys.readouterr().err.strip() == (
        f"Cannot write {run / 'run.lock'}: Read-only file system. --fork {run} --runs FOLDER goes on in another folder."
    )


def test_a_fork_lies_beside_its_parent_and_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(everything(), tmp_path / "parent")
    assert main(["--fork", f"{run}@9", "--set", "optimizer.lr=0.001"]) == 0
    said = capsys.readouterr().out
    assert f"A fork of {run.name} after 9 steps" in said and "epoch 3/3" in said
    (fork,) = (path for path in run.parent.iterdir() if path != run)
    assert len(read_steps_from(fork)[1]) == 12 and log_of(fork)[0]["parent"] == run.name
    assert main(["--fork", str(run), "--set", "loop.epochs=4", "--runs", str(tmp_path / "other")]) == 0
    assert len(read_steps_from(only(tmp_path / "other"))[1]) == 7
    assert main(["--fork", f"{run}@many"]) == 2
    assert "'many' is no number of steps" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="Windows has no fork, by which this test makes the process that it kills"
)
def test_300_runs_are_killed_and_end_as_if_they_had_not_been(tmp_path: Path) -> None:
    """CK01 with real runs: 175 that are killed, those that have begun a second time as they go on."""
    spec = everything().edited("loop.threads", 1).edited("loop.epochs", 12)
    want = trained(spec, tmp_path / "whole")
    trials = 175
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_child.py")), str(tmp_path / "whole" / "spec.toml"),
         str(tmp_path / "runs"), str(trials), "2"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    said = [line.split() for line in child.stdout.splitlines()]
    assert all(proof in ("equal", "nothing") for _, _, proof in said), child.stdout
    runs = [only(path) for path in (tmp_path / "runs").iterdir() if any(path.iterdir())]
    different = [run for run in runs if digest_of(run) != digest_of(want) or log_of(run) != log_of(want)]
    steps = {int(step) for _, step, _ in said}
    print(f"{len(runs)} runs, gone on {len(said)} times from {len(steps)} different steps")
    assert different == [] and len(runs) > trials // 2 and len(steps) > 20
