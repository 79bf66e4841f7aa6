"""Use the window at random: ``uv run python -m tests.soak [--minutes M | --events N] [--seed S]``.

The same seed does the same again. What it costs is printed as text: how late the window's event loop was, memory,
threads, Qt objects, each stall over 100 ms with its place in the code. Exit code 1 where something went wrong: an
exception, a warning of Qt, an error in the log, or a window that did not close. ``--cycles N`` starts and stops a run
and opens each dialog so often instead, and says what that leaves behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Parse the command line, prepare a home and a screen, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=(__doc__ or "").split("\n")[0])
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=5.0, help="how long; 5 if nothing else is said")
    length.add_argument("--events", type=int, help="so many events instead")
    length.add_argument("--cycles", type=int, help="start and stop a run, and open each dialog, so often instead")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-soak-") as home:
        for name in ("WORKBENCH_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[name] = home
        if "DISPLAY" not in os.environ and sys.platform == "linux":
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from tests.soak.sitting import cycles, sitting

        if wanted.cycles is not None:
            return cycles(wanted.cycles)
        return sitting(wanted.seed, Path(home) / "inputs", wanted.minutes, wanted.events)


if __name__ == "__main__":
    sys.exit(main())
