"""What the fork dialog says of a step is where the fork really begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.shelf.made_runs import make_run as made
from tests.engine.shelf.made_runs import started
from workbench.engine.run_store.fork_point import ForkPoint, fork_point
from workbench.engine.run_store.manifest import write_manifest


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has kept states after 200 and after 400 steps."""
    folder = made(tmp_path)
    (folder / "checkpoints").mkdir()
    for name in ("last.pt", "best.pt"):
        (folder / "checkpoints" / name).write_bytes(b"x")
    write_manifest(folder, {}, 400, {"last.pt": 400, "best.pt": 200, "previous.pt": 390})
    return folder


@pytest.mark.parametrize(
    ("step", "kept", "words"),
    [
        (400, 400, "A state was kept after step 400: the fork begins there at once."),
        (390, 200, "kept after step 200: 190 steps are trained again"),  # previous.pt is not there any more
        (201, 200, "1 step is trained again"),
        (200, 200, "at once"),
        (60, 0, "No state was kept before it: 60 steps are trained again from the start"),
        (0, 0, "before the first step"),
    ],
)
def test_the_nearest_state_before_it(run: Path, step: int, kept: int, words: str) -> None:
    found = fork_point(run, step)
    assert isinstance(found, ForkPoint) and found.kept == kept and found.again == step - kept and words in found.words


def test_a_fork_cannot_be_forked_before_its_own_states(tmp_path: Path) -> None:
    folder = made(tmp_path, events=[started_as_fork()])
    said = fork_point(folder, 90)
    assert isinstance(said, str) and "80 steps of the-parent" in said and "fork that one" in said


def started_as_fork() -> dict[str, object]:
    from workbench.engine.run_store.event_lines import line_of_event

    return {**line_of_event(started()), "parent": "the-parent", "parent_step": 80}


def test_an_older_run_that_does_not_say_its_steps(run: Path) -> None:
    (run / "checkpoints" / "manifest.json").unlink()
    found = fork_point(run, 390)
    assert isinstance(found, ForkPoint) and found.kept is None and "kept state" in found.words
