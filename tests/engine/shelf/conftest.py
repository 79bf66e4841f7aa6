"""A queue of three cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.shelf.made_runs import SPEC
from workbench.engine.shelf.cards import new_card
from workbench.engine.shelf.queue import Queue


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """Three cards, a to c."""
    made = Queue(tmp_path / "queue.json")
    made.add([new_card(SPEC, title) for title in "abc"])
    return made
