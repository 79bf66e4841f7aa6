"""``runs``, ``show`` and ``compare`` of the headless command."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import record as trained
from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import SPEC, curve, ended, evaluated, make_run, started
from workbench.engine.__main__ import main
from workbench.engine.core.events import Edited, Measured, RunEnded
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.about import About, write_about
from workbench.engine.spec.experiment import plain

ROOT = Path(__file__).parents[3]
#: What programs may rely on.
PROMISED = {"name", "folder", "status", "best_accuracy", "best_epoch", "last", "seconds", "settings", "data"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The usual folder of runs, with two of them."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    make_run(tmp_path / "runs", "2026-11-01_12-00-00_a")
    spec = SPEC.edited("optimizer.lr", 0.1)
    steered = [started(spec), Edited(5, "optimizer.lr", 0.1, 0.03), *curve((0.5, 0.9)), ended("stopped", 2)]
    make_run(tmp_path / "runs", "2026-11-02_12-00-00_b", spec, steered)
    return tmp_path / "runs"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert main(arguments) == code
    return json.loads(capsys.readouterr().out)


def test_runs_as_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newest, oldest = said(capsys, "runs", "--json")
    assert newest.keys() == oldest.keys() >= PROMISED
    assert {name: oldest[name] for name in PROMISED - {"last", "settings", "data"}} == {
        "name": "2026-11-01_12-00-00_a",
        "folder": str(place / "2026-11-01_12-00-00_a"),
        "status": "finished",
        "best_accuracy": 0.8,
        "best_epoch": 2,
        "seconds": 4.5,
    }
    assert oldest["last"]["train"] == {"accuracy": 0.9, "loss": pytest.approx(0.1)}
    assert oldest["last"]["validation"] == {"accuracy": 0.7, "loss": pytest.approx(0.3)}
    assert oldest["settings"] == json.loads(json.dumps(plain(SPEC))) and "igits" in oldest["data"]
    assert newest["status"] == "stopped" and newest["changes"] == [
        {"step": 5, "path": "optimizer.lr", "old": 0.1, "new": 0.03}
    ]


def test_a_real_run_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a run has logged is what the command says of it."""
    (end,) = trained(small_spec(loop__evaluate_every=2), folder=tmp_path).of(RunEnded)
    (found,) = said(capsys, "runs", "--json", "--folder", str(tmp_path))
    assert found["best_accuracy"] == end.best_accuracy and found["best_epoch"] == end.best_epoch
    assert found["status"] == "finished" and found["seconds"] == end.seconds and found["step"] == end.step
    assert found["settings"] == json.loads(json.dumps(plain(small_spec(loop__evaluate_every=2))))
    assert found["resumable"] is False  # it has come to its end


def test_json_has_no_nan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = replace(evaluated(1, 0.5), val=Measured(math.nan, 0.1, 359, math.inf, 0.1))
    make_run(tmp_path, events=[started(), broken, ended("failed", 1, code="diverged")])
    (found,) = said(capsys, "runs", "--json", "--folder", str(tmp_path))
    assert found["status"] == "diverged" and found["last"]["validation"]["loss"] is None


def test_a_run_that_has_measured_nothing_has_the_same_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_run(tmp_path, events=[started()])
    lock = RunLock.take(folder)
    (found,) = said(capsys, "runs", "--json", "--folder", str(tmp_path))
    lock.release()
    assert found["status"] == "running" and found["best_accuracy"] is None and found["best_epoch"] is None
    assert found["last"]["train"] == found["last"]["validation"] == {"accuracy": None, "loss": None}


def test_without_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    assert said(capsys, "runs", "--json") == []
    assert main(["runs"]) == 0 and "No runs in" in capsys.readouterr().out
    assert main(["runs", "--tensorboard", str(tmp_path / "out")]) == 2 and not (tmp_path / "out").exists()
    assert main(["runs", "--folder", str(tmp_path / "nothing")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_runs_for_people(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_about(place / "2026-11-01_12-00-00_a", About("The first"))
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "Best accuracy" in lines[0] and "90.0 %" in lines[1] and lines[2].startswith("The first")
    assert "2 runs take" in lines[3]


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        (["first"], ["a"]),
        (["status:stopped"], ["b"]),
        (["--sort", "best_accuracy"], ["a", "b"]),
        (["--sort", "best_accuracy", "--descending"], ["b", "a"]),
    ],
)
def test_runs_are_chosen_and_sorted(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], want: list[str]
) -> None:
    write_about(place / "2026-11-01_12-00-00_a", About("The first"))
    assert [each["folder"][-1] for each in said(capsys, "runs", "--json", *arguments)] == want


def test_show(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_about(place / "2026-11-02_12-00-00_b", About("Steered"))
    assert main(["show", "Steered"]) == 0
    text = capsys.readouterr().out
    assert "Stopped" in text or "stopped" in text
    assert "step 5: optimizer.lr 0.1" in text and "90.0 %" in text
    found = said(capsys, "show", str(place / "2026-11-02_12-00-00_b"), "--json")
    assert found.keys() >= PROMISED and [each["epoch"] for each in found["evaluations"]] == [0, 1, 2]
    assert [each["best"] for each in found["evaluations"]] == [False, True, True]
    assert main(["show", "nothing"]) == 2 and "There is no run" in capsys.readouterr().err


def test_compare(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["2026-11-01_12-00-00_a", "2026-11-02_12-00-00_b"]
    assert main(["compare", *names]) == 0
    text = capsys.readouterr().out
    assert "Learning rate 0.05" in text and "at step 5; same data" in text
    assert "+10.0 points, which says little: it was stopped after 2 of 3 epochs." in text
    found = said(capsys, "compare", *names, "--json")
    assert [each["name"] for each in found["runs"]] == names and found["runs"][0].keys() >= PROMISED
    assert found["differences"][0] == {"path": "optimizer.lr", "label": "Learning rate", "values": ["0.05", "0.1"]}
    (other,) = found["against_first"]
    assert other["accuracy"]["difference"] == pytest.approx(0.1) and other["accuracy"]["more_than_noise"] is None
    assert main(["compare", names[0]]) == 2 and "two runs" in capsys.readouterr().err


def test_columns_are_chosen(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = ["--columns", "status,settings.optimizer.lr", "--sort", "settings.optimizer.lr", "--descending"]
    assert main(["runs", "--csv", *columns]) == 0
    assert capsys.readouterr().out == "status,settings.optimizer.lr\nstopped,0.1\nfinished,0.05\n"
    assert main(["runs", *columns]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["stopped", "0.1"]
    with pytest.raises(SystemExit):
        main(["runs", "--columns", "nothing"])
    assert "nothing is no column" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["--csv", "--markdown"])
def test_tables(place: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert main(["runs", form]) == 0 and "2026-11-02" in capsys.readouterr().out
    assert main(["compare", "2026-11-01_12-00-00_a", "2026-11-02_12-00-00_b", form]) == 0
    assert "Learning rate" in capsys.readouterr().out


def test_the_list_loads_neither_torch_nor_qt_and_any_terminal_shows_it(tmp_path: Path) -> None:
    make_run(tmp_path, os.fsdecode(b"2026-11-09_12-00-00_\xe9t\xe9"))
    code = (
        "import sys\nfrom workbench.engine.__main__ import main\n"
        "assert main(['runs', '--folder', sys.argv[1]]) == 0\n"
        "assert not {'torch', 'sklearn', 'PySide6'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "finished" in done.stdout, done.stderr
