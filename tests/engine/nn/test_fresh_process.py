"""What shows only in a process that has not imported torch yet: what is loaded before it, and what never is.

One process for all of it, because to import torch takes two seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]

PROGRAM = """
import json, sys
from workbench.engine.nn.preload_torch import load_torch_libraries

def heavy():
    names = ("torch._dynamo", "torch._inductor", "sympy", "sklearn", "scipy")
    return [name for name in names if name in sys.modules]

found = {"preloaded": load_torch_libraries(), "torch was there": "torch" in sys.modules}
if sys.platform.startswith("linux"):
    found["maps"] = open("/proc/self/maps").read()

import torch
x = (torch.eye(3) * 2).requires_grad_()
(x @ x).sum().backward()
found["sum"], found["gradient"] = (x @ x).sum().item(), x.grad.tolist()

from workbench.engine.report.model_summary import model_table
from workbench.engine.spec.experiment import ExperimentSpec
model_table(ExperimentSpec())
found["after counting"] = heavy()

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.train import train
for kind in members_of(Optimizer):
    spec = ExperimentSpec().edited("data.examples_per_class", 5).edited("loop.epochs", 1)
    for event in train(spec.edited("optimizer", {"kind": kind})):
        pass
found["after training"] = heavy()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What PROGRAM has found in its process."""
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the libraries are loaded ahead of torch on Linux only"
)
def test_torchs_libraries_are_there_before_torch(found: dict[str, Any]) -> None:
    assert found["preloaded"] and not found["torch was there"]
    assert "libtorch_cpu.so" in found["maps"] and "libtorch_python.so" not in found["maps"]


def test_torch_works_behind_them(found: dict[str, Any]) -> None:
    assert found["sum"] == 12 and found["gradient"] == [[4.0] * 3] * 3


def test_counting_a_model_loads_nothing_heavy(found: dict[str, Any]) -> None:
    """A forward pass on the meta device would import sympy: seconds in which the window stutters."""
    assert found["after counting"] == []


def test_training_imports_no_compiler(found: dict[str, Any]) -> None:
    """A new torch may ask for it elsewhere; then the first step takes seconds again, and this test says so."""
    assert found["after training"] == []
