"""Creates a folder atomically: complete, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from workbench.engine.core.atomic_write import CannotWrite, sync_folder
from workbench.engine.core.errors import WorkbenchError


def refuse_target(target: Path) -> None:
    """Raises WorkbenchError for a folder that is there already, or that nothing can be put into."""
    if target.exists() or target.is_symlink():
        text = f"{target} is there already, and nothing is written over. Choose another name, or remove it first."
        raise WorkbenchError(text)
    if not target.parent.is_dir():
        raise WorkbenchError(f"{target} cannot be made: there is no folder {target.parent}.")


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder beside ``target`` to write into, which becomes ``target`` at the end of the ``with`` block.

    Where the block raises (or is closed) nothing is left. Raises WorkbenchError for a ``target`` that is there, and
    CannotWrite with the reason where the drive is full or may not be written.
    """
    target = target.absolute()
    refuse_target(target)
    working = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(working)  # left by a killed process with the same process id
        working.mkdir()
        yield working
        refuse_target(target)  # it may exist by now: os.rename would replace an empty folder
        os.rename(working, target)
        sync_folder(target.parent)
    except OSError as error:
        raise CannotWrite(target, 0, error) from None
    finally:
        shutil.rmtree(working, ignore_errors=True)
