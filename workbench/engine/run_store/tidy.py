"""What killed runs have left in their folders: temporary files, and a state that was written but not yet in place."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

from workbench.engine.core.atomic_write import remove_stale
from workbench.engine.run_store.checkpoints import NEXT, settle

#: The number of the newest runs that are searched.
_TIDIED: Final = 50
#: A state that is this old (seconds) waits for nobody.
_SETTLED_AFTER: Final = 60.0


def tidy(parent: Path) -> None:
    """Remove the temporary files that killed runs have left in the newest folders of ``parent``."""
    with contextlib.suppress(OSError):
        for run in sorted((path for path in parent.iterdir() if path.is_dir()), reverse=True)[:_TIDIED]:
            for folder in (run, *run.glob("member-*")):
                remove_stale(folder)
                remove_stale(folder / "checkpoints")
                _settle(folder / "checkpoints")


def _settle(checkpoints: Path) -> None:
    """Finish what a killed run began: its newest state is whole, but has not taken the place of the last one."""
    new = checkpoints / NEXT
    if new.exists() and time.time() - new.stat().st_mtime > _SETTLED_AFTER:
        settle(checkpoints)
