"""Running a piece of Python in a process of its own and reading the JSON it prints last."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def run(code: str, *arguments: str, window: bool = False, timeout: float = 300.0) -> dict[str, Any]:
    """Run ``code``; with ``window`` on a virtual X display if there is one to be had, else offscreen."""
    # The last argument is the time at which Python itself is started: a virtual display takes seconds before that.
    stamped = 'exec "$@" "$(date +%s.%N)"'
    command = ["sh", "-c", stamped, "sh", sys.executable, "-c", code, *arguments]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "WORKBENCH_HOME": home, "PYTHONPATH": str(ROOT)}
        if window:
            if shutil.which("xvfb-run"):
                command = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", *command]
                environment.pop("QT_QPA_PLATFORM", None)
            else:
                environment["QT_QPA_PLATFORM"] = "offscreen"
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=timeout, check=True
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
