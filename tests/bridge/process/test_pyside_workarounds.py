"""Workarounds for PySide6: each test fails when its workaround is no longer needed or no longer works."""

from __future__ import annotations

import builtins
import subprocess
import sys
from typing import Any

from tests.bridge.helpers import LONG
from workbench.bridge.process.interpreter import InterpreterSettings
from workbench.bridge.process.pyside_workarounds import restore_import

IMPORT_PYSIDE = """
import builtins
before = builtins.__import__
import PySide6.QtCore
print(builtins.__import__ is builtins.__feature_import__ is not before)
from workbench.bridge.process.pyside_workarounds import restore_import
restore_import()
print(builtins.__import__ is builtins.__orig_import__ is not builtins.__feature_import__)
"""


def test_pyside_replaces_the_import_and_the_workaround_restores_it():
    """The first line is False when PySide6 no longer replaces it: the workaround can go then."""
    command = [sys.executable, "-c", IMPORT_PYSIDE]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.split() == ["True", "True"]


def test_the_import_is_restored_again_while_the_window_is_open(qtbot, monkeypatch):
    feature = vars(builtins)["__feature_import__"]
    monkeypatch.setattr(builtins, "__import__", feature)
    keeper = InterpreterSettings()
    keeper.start()
    assert builtins.__import__ is vars(builtins)["__orig_import__"]
    monkeypatch.setattr(builtins, "__import__", feature)  # as an import in another thread does
    qtbot.waitUntil(lambda: builtins.__import__ is not feature, timeout=LONG)
    keeper.stop()

    def other(*args: Any, **kwargs: Any) -> Any:
        return feature(*args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", other)
    restore_import()
    assert builtins.__import__ is other, "only PySide's own is taken out"
