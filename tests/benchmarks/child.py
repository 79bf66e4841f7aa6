"""Running a piece of Python in a process of its own and reading the JSON it prints last."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]


def run(code: str, *arguments: str, window: bool = False, timeout: float = 300.0) -> dict[str, Any]:
    """Run ``code``; with ``window`` on a virtual X display if there is one to be had, else offscreen."""
    with tempfile.TemporaryDirectory() as home:
        command, environment = _command(code, home, arguments, window)
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=timeout, check=True
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def started(code: str, home: str, *arguments: str, window: bool = False) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start ``code`` and give the process and the number of its Python; whatever is left of it is killed at the end."""
    command, environment = _command(code, home, arguments, window)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process, _python_of(process)
    finally:
        for each in [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []:
            each.send_signal(signal.SIGKILL)
        process.kill()
        process.wait()


def _python_of(process: subprocess.Popen[str]) -> int:
    """The Python that runs the code: the process itself or a descendant (xvfb-run and a shell may stand between)."""
    while True:
        for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            if each.name().startswith("python") and "-c" in each.cmdline()[:2]:
                return each.pid
        time.sleep(0.05)


def _command(code: str, home: str, arguments: tuple[str, ...], window: bool) -> tuple[list[str], dict[str, str]]:
    # The last argument is the time at which Python itself is started: a virtual display takes seconds before that.
    stamped = 'exec "$@" "$(date +%s.%N)"'
    command = ["sh", "-c", stamped, "sh", sys.executable, "-c", code, *arguments]
    environment = {**os.environ, "WORKBENCH_HOME": home, "PYTHONPATH": str(ROOT)}
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):  # else every start compiles what a user's start only reads
        environment["PYTHONPYCACHEPREFIX"] = str(ROOT / ".pytest_cache" / "bytecode")
    if window:
        if shutil.which("xvfb-run"):
            command = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", *command]
            environment.pop("QT_QPA_PLATFORM", None)
        else:
            environment["QT_QPA_PLATFORM"] = "offscreen"
    return command, environment
