"""QT03: garbage is collected in the thread of the window and nowhere else."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest

from tests.bridge.helpers import LONG, outcome, program
from workbench.bridge.process.interpreter import InterpreterSettings


class Node:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.me = self


def test_automatic_collection_is_off_in_between_and_garbage_goes(qtbot):
    gc.enable()  # as at the start of the program
    switch_interval = sys.getswitchinterval()
    for _ in range(3):
        keeper = InterpreterSettings()
        keeper.start()
        keeper.start()
        assert not gc.isenabled()
        garbage = weakref.ref(Node())
        gc.enable()  # a library may do so
        qtbot.waitUntil(lambda garbage=garbage: garbage() is None and not gc.isenabled(), timeout=LONG)
        keeper.stop()
        keeper.stop()
        assert gc.isenabled()
        assert sys.getswitchinterval() == switch_interval


def test_old_garbage_goes_too(qtbot, monkeypatch):
    monkeypatch.setattr("workbench.bridge.process.interpreter._FULL_EVERY", 2)
    keeper = InterpreterSettings()
    keeper.start()
    node = Node()
    gc.collect()
    gc.collect()
    garbage: Any = weakref.ref(node)
    assert any(each is node for each in gc.get_objects(generation=2))
    del node
    qtbot.waitUntil(lambda: garbage() is None, timeout=LONG)
    keeper.stop()


def test_between_runs_everything_goes(qtbot):
    keeper = InterpreterSettings()
    keeper.start()
    node = Node()
    gc.collect()
    garbage = weakref.ref(node)
    del node
    keeper.collect_all(None)
    assert garbage() is None
    keeper.stop()


def test_what_was_imported_is_not_looked_at_again():
    frozen, young = gc.get_freeze_count(), Node()
    InterpreterSettings.freeze_after_import()
    assert gc.get_freeze_count() > frozen and not any(each is young for each in gc.get_objects())


@pytest.mark.parametrize("seconds", ["2", pytest.param("60", marks=[pytest.mark.full, pytest.mark.timeout(200)])])
def test_dialogs_open_and_close_while_the_worker_litters(seconds):
    code, lines = outcome(program("collect_garbage", seconds), 150)
    print(*lines, sep="\n")
    assert "collected by the window's thread only: True" in lines
    assert "garbage is bounded: True" in lines
    assert lines[-1] == "exit 0"
    assert code == 0
