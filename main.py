"""Open the Training Workbench: ``uv run main.py``."""

from __future__ import annotations

import sys

from workbench.startup import refuse_if_unfit


def main() -> int:
    """Check the machine, open the window, return the exit code."""
    refuse_if_unfit()
    from workbench.views.application import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
