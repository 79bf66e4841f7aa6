"""The window is furnished before torch is there: nothing on its thread loads what takes seconds."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import views

#: Furnishes the window and says which slow packages its own thread has asked for. Torch's own thread is just beginning.
CODE = """
import os, sys, threading
asked = []
class Listener:
    def find_spec(self, name, path=None, target=None):
        if name in SLOW and threading.current_thread() is threading.main_thread():
            asked.append(name)
SLOW = "torch", "torchvision", "sklearn", "scipy"
sys.meta_path.insert(0, Listener())
from PySide6.QtWidgets import QApplication
from workbench.views.window.main_window import MainWindow
app = QApplication([])
window = MainWindow()
window.furnish()
print(asked, window.workspace is not None, flush=True)
os._exit(0)
"""


def test_furnishing_waits_for_no_slow_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "[] True\n"


@pytest.mark.parametrize("name", ["application", "window/main_window", "widgets/fit_on_screen"])
def test_the_first_picture_waits_for_no_enumerations(name: str) -> None:
    """Those of ``Qt`` and ``QStyle`` take PySide a tenth of the time to the first picture."""
    code = ast.parse((Path(views.__file__).parent / f"{name}.py").read_text())
    names = {alias.name for node in ast.walk(code) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert "QSize" in names or name == "application"
    assert not names & {"Qt", "QStyle"}
