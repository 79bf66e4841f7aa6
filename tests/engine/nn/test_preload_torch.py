"""A failure to load torch's libraries early is left to the import; test_fresh_process.py sees them load."""

from __future__ import annotations

import sys

import pytest

from workbench.engine.nn import preload_torch
from workbench.engine.nn.preload_torch import load_torch_libraries


def test_what_goes_wrong_is_left_to_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch  # noqa: F401 - then there is nothing to do

    assert not load_torch_libraries()
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(preload_torch, "_folder", lambda: None)
    assert not load_torch_libraries()
    monkeypatch.undo()
    monkeypatch.setattr(preload_torch, "_LIBRARIES", (("libno_such_thing.so", "RTLD_LOCAL"),))
    monkeypatch.delitem(sys.modules, "torch")
    assert not load_torch_libraries()
