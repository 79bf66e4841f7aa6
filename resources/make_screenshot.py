"""Make resources/screenshot.png: the real window after a real run. ``uv run python resources/make_screenshot.py``.

Needs a display (``xvfb-run -a …`` is one).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def main() -> int:
    """Train an experiment that overfits a little, and picture the window when it has finished."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_HOME"] = home
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        from workbench.engine.core.events import RunEnded
        from workbench.engine.spec.toml import load
        from workbench.views.window.main_window import MainWindow

        app = QApplication(sys.argv)
        app.setQuitOnLastWindowClosed(False)
        window = MainWindow()
        target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "screenshot.png"

        def train() -> None:
            services = window.workspace.services
            if services.tasks.current is not None:
                QTimer.singleShot(100, train)
                return
            services.store.load(load(HERE / "presets" / "2-overfit.toml"))
            services.session.ended.connect(picture)
            services.session.train()

        def picture(ended: RunEnded) -> None:
            QTimer.singleShot(1500, save)

        def save() -> None:
            window.grab().save(str(target))
            window.workspace.services.shutdown.begin()

        window.furnished.connect(train)
        window.closed.connect(app.quit)
        window.show()
        code = app.exec()
        window.dispose()
        return code


if __name__ == "__main__":
    sys.exit(main())
