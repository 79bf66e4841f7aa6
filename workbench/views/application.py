"""Starting the application: a window first, everything else behind its first picture."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from workbench.views.window.main_window import MainWindow


def run(arguments: Sequence[str]) -> int:
    """Open the window and return the exit code when it is closed."""
    app = QApplication(list(arguments))
    app.setApplicationName("training-workbench")
    app.setApplicationDisplayName("Training Workbench")
    app.setQuitOnLastWindowClosed(False)  # the window says when everything is saved
    window = MainWindow()
    window.closed.connect(app.quit)
    window.show()
    code = app.exec()
    has_left_threads = window.has_left_threads
    window.dispose()
    if has_left_threads:  # Qt aborts a process whose threads still run
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(run(sys.argv))
