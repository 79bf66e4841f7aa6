"""EN09: everything works with no network, and no socket is opened; the engine needs no Qt. In processes of their own,
where nothing is patched.

Inside this process ``conftest`` refuses every address outside the machine, in every test.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Ends the process at once when a socket of the internet families is made or a name is looked up.
GUARD = """
import os, socket, sys

def watch(event, arguments):
    internet = event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)
    if internet or event == "socket.getaddrinfo":
        os.write(2, f"socket: {event} {arguments}".encode())
        os._exit(9)

sys.addaudithook(watch)
"""
#: Ends the process at once when a module of Qt is asked for, installed or not, whoever would catch its absence.
NO_QT = """
import importlib, pkgutil

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            os.write(2, f"import: {name}".encode())
            os._exit(8)

sys.meta_path.insert(0, Watch())
"""
#: Trains, and imports what of the engine the training has not.
HEADLESS = """
import workbench.engine
from workbench.engine.__main__ import main
code = main(["--set", "loop.epochs=1", "--runs", sys.argv[1]])
for module in pkgutil.walk_packages(workbench.engine.__path__, "workbench.engine."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
sys.exit(code)
"""
WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.views.window.main_window import MainWindow

app = QApplication([])
app.setQuitOnLastWindowClosed(False)
window = MainWindow()
window.closed.connect(app.quit)

def train():
    services = window.workspace.services
    services.store.edit("loop.epochs", 1)
    services.session.ended.connect(window.close)
    services.session.train()

window.furnished.connect(train)
window.show()
app.exec()
ended = window.workspace.services.session.history.ended
window.dispose()
sys.exit(0 if ended.reason == "completed" else 1)
"""


def guarded(code: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", GUARD + code, str(tmp_path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)


@pytest.mark.parametrize("code", [NO_QT + HEADLESS, WINDOW], ids=["headless", "window"])
def test_a_run_opens_no_socket_and_a_headless_one_asks_for_no_qt(code: str, tmp_path: Path) -> None:
    result = guarded(code, tmp_path)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("use", "code"),
    [("socket.socket()", 9), ("socket.getaddrinfo('localhost', 80)", 9), ("import PySide6.QtCore", 8)],
)
def test_the_guards_would_see_it(use: str, code: int, tmp_path: Path) -> None:
    assert guarded(NO_QT + use, tmp_path).returncode == code
