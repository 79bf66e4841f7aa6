"""Runs that have ended, and what their folders hold."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.core.events import RunEnded
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.finish import finish
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.saved_part import SavedRun


def only(folder: Path) -> Path:
    (each,) = folder.iterdir()
    return each


def ended_in(folder: RunFolder, run: RunContext) -> RunEnded:
    """How ``run``, which is trained, ends in a folder that has the beginning of its log."""
    run.folder, run.channel = folder, CommandChannel(run.live, folder)
    *_, ended = finish(run, Checkpointer(SavedRun(run)), "completed")
    folder.close()
    assert isinstance(ended, RunEnded)
    return ended
