"""Where the program keeps runs, settings and caches."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Where the program keeps runs and settings: ``WORKBENCH_HOME`` if set, else the user's data folder."""
    import platformdirs

    chosen = os.environ.get("WORKBENCH_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("training-workbench", appauthor=False))


def runs_folder() -> Path:
    """Where new runs go."""
    return home() / "runs"
