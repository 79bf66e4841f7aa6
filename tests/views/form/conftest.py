"""The settings that a form shows."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from workbench.bridge.spec_store import SpecStore


@pytest.fixture
def store(qapp: QApplication) -> SpecStore:
    return SpecStore()
