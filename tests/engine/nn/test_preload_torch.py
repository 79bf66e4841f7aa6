"""torch's libraries are loaded before torch is imported, without Python's lock, and the import is the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.engine.nn import preload_torch
from workbench.engine.nn.preload_torch import load_torch_libraries

#: Run in a process of its own, where torch has not been imported.
PROGRAM = """
import sys
from workbench.engine.nn.preload_torch import load_torch_libraries
assert load_torch_libraries()
assert "torch" not in sys.modules
loaded = open("/proc/self/maps").read()
assert "libtorch_cpu.so" in loaded and "libtorch_python.so" not in loaded
import torch
x = (torch.eye(3) * 2).requires_grad_()
(x @ x).sum().backward()
assert (x @ x).sum().item() == 12 and x.grad.tolist() == [[4.0] * 3] * 3
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the import loads them")
def test_they_are_there_before_torch_and_torch_works() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=100)


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
