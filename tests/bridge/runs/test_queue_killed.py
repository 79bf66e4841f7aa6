"""Killed with kill -9 within a card: the next start offers it, it goes on to the same bits, and no card is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bridge.helpers import ROOT
from tests.bridge.runs.queue_child import ended, save_often
from tests.engine.helpers import small_spec
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.run_store.checkpoints import FOLDER, LAST
from workbench.engine.run_store.manifest import steps_of
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.shelf.queue import Queue
from workbench.engine.spec.toml import save

_PATIENCE = 90.0


def program(*arguments: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bridge.runs.queue_child", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_within_a_card(process: subprocess.Popen[str]) -> None:
    """When the first card is finished, and a state of the second run before its end is kept."""
    until = time.monotonic() + _PATIENCE
    while not (len(kept := sorted(runs_folder().glob("*"))) == 2 and _steps_kept(kept[1])):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.communicate()


@pytest.mark.usefixtures("qapp", "no_collection")
def test_a_kill_within_a_card_loses_nothing_and_changes_no_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next start is in this process, which has torch."""
    short, spec = tmp_path / "short.toml", tmp_path / "a.toml"
    save(small_spec(loop__epochs=1, loop__threads=1, loop__device="cpu"), short)
    save(small_spec(loop__epochs=40, loop__threads=1, loop__device="cpu"), spec)  # as a run that goes on says them
    first = program(short, spec, spec)
    kill_within_a_card(first)
    done, killed, waiting = Queue().cards
    assert (done.state, killed.state, waiting.state) == ("done", "running", "waiting") and Path(killed.run).is_dir()
    save_often(monkeypatch.setattr)
    assert ended([]) == 0
    # The report is about the card that was finished before the kill too.
    assert capsys.readouterr().out.splitlines() == ["lost 1 off", "resumed equal", "3 cards: 3 finished."]
    _, gone_on, whole = Queue().cards
    assert gone_on.run == killed.run and len(list(runs_folder().iterdir())) == 3
    for name in ("best.safetensors", "last.safetensors", "steps.bin"):
        one, other = (Path(card.run, name) for card in (gone_on, whole))
        assert one.read_bytes()[:1] and _same(name, one, other), name


def _steps_kept(folder: Path) -> int:
    return steps_of(folder).get(LAST, 0) if (folder / FOLDER / LAST).is_file() else 0


def _same(name: str, one: Path, other: Path) -> bool:
    """Weights to the byte; of the steps what was trained, not how long it took."""
    if name != "steps.bin":
        return one.read_bytes() == other.read_bytes()
    (_, rows), (_, others) = (read_steps_from(path.parent) for path in (one, other))
    return bool((rows[:, :4] == others[:, :4]).all())
