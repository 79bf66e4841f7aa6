"""The states of a run on disk, in ``checkpoints/``: last, previous, best, good, each complete or not there at all.

``good.pt`` is the last one that was measured and had not diverged; it shares its bytes with ``last.pt`` where that is
the same. The newest one that a crash has left is found by ``kept_state``.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.atomic_write import CannotWrite, link_whole, sync_file, write_whole
from workbench.engine.core.seal import sealed_archive
from workbench.engine.run_store.digests import Digests
from workbench.engine.run_store.manifest import figures_of, steps_of, write_manifest

FOLDER = "checkpoints"
LAST, PREVIOUS, BEST, GOOD, NEXT = "last.pt", "previous.pt", "best.pt", "good.pt", "next.pt"
NAMES: Final = (NEXT, LAST, PREVIOUS, GOOD, BEST)


class Checkpoints:
    """Writes the states of the run in ``run``; ``digests`` get the SHA-256 of each."""

    def __init__(self, run: Path, digests: Digests) -> None:
        self._run, self.path, self._digests = run, run / FOLDER, digests
        self._steps: dict[str, int] = steps_of(run)
        #: What is known of the rows of the steps on the disk.
        self.figures = figures_of(run)

    @property
    def exist(self) -> bool:
        """Whether a state to go on from is here."""
        return (self.path / LAST).exists()

    def write_last(self, state: Mapping[str, Any], step: int, is_good: bool, besides: Sequence[Path] = ()) -> None:
        """Write the state after ``step`` steps; the one before becomes the previous one, unless it is of the same step.

        ``besides`` are files that it needs: they are flushed to the disk before it is there. Raises WorkbenchError.
        """
        name = f"{FOLDER}/{LAST}"
        previous = self._digests.written.get(name)
        data, digest = self._serialised(state, name)
        for path in besides:
            sync_file(path)
        write_whole(self.path / NEXT, *data)  # whole before the older ones move up
        try:
            settle(self.path, rotates=self._steps.get(LAST) != step)
        except OSError as error:
            raise CannotWrite(self.path / LAST, sum(map(len, data)), error) from None
        if previous is not None and self._steps.get(LAST) != step:
            self._wrote(PREVIOUS, previous, self._steps.get(LAST, 0))
        self._wrote(LAST, digest, step)
        if is_good:
            if not link_whole(self.path / LAST, self.path / GOOD):
                write_whole(self.path / GOOD, *data)
            self._wrote(GOOD, digest, step)
        self.write_manifest(step)

    def write_best(self, state: Mapping[str, Any], step: int) -> None:
        """Write the state at the best evaluation, after ``step`` steps. Raises WorkbenchError."""
        data, digest = self._serialised(state, f"{FOLDER}/{BEST}")
        write_whole(self.path / BEST, *data)
        self._wrote(BEST, digest, step)

    def write_manifest(self, step: int) -> None:
        """Write what is here by now. Raises WorkbenchError."""
        write_manifest(self._run, self._digests.written, step, self._steps, self.figures)

    def forget_figures(self) -> None:
        """The rows of the steps are about to be overwritten: a crash after that is no damage. Raises WorkbenchError."""
        self.figures = None
        self.write_manifest(self._steps.get(LAST, 0))

    def settle(self, step: int) -> None:
        """Finish what a killed run began: its newest state, after ``step`` steps, takes its place. Raises OSError."""
        settle(self.path)
        if LAST in self._steps:
            self._steps[PREVIOUS] = self._steps[LAST]
        self._steps[LAST] = step

    def forget_after(self, step: int) -> None:
        """Remove the states behind ``step``: the run has gone back to it."""
        with contextlib.suppress(OSError):
            (self.path / NEXT).unlink(missing_ok=True)
        for name in [name for name, at in self._steps.items() if at > step]:
            with contextlib.suppress(OSError):
                (self.path / name).unlink(missing_ok=True)
            del self._steps[name]
            for known in (self._digests.wanted, self._digests.written):
                known.pop(f"{FOLDER}/{name}", None)

    def discard(self) -> None:
        """Remove all of it. Raises OSError."""
        if self.path.is_dir():
            for name in (*NAMES, "manifest.json"):
                (self.path / name).unlink(missing_ok=True)
            self.path.rmdir()

    def _wrote(self, name: str, digest: str, step: int) -> None:
        self._digests.written[f"{FOLDER}/{name}"] = digest
        self._steps[name] = step

    def _serialised(self, state: Mapping[str, Any], name: str) -> tuple[tuple[memoryview, bytes], str]:
        """The file in pieces and its SHA-256; in memory first, so that a full disk reads as a full disk."""
        import torch

        self._digests.wanted[name] = "not known"  # until it is serialised
        try:
            self.path.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotWrite(self.path, 0, error) from None
        buffer = io.BytesIO()
        torch.save(state, buffer)
        # Not getbuffer(): a view of it in the frames of an error makes the garbage collector of CPython 3.12.1 crash.
        pieces, digest = sealed_archive(memoryview(buffer.getvalue()))
        self._digests.wanted[name] = digest
        return pieces, digest


def settle(folder: Path, rotates: bool = True) -> None:
    """The state in ``next.pt`` becomes the last one, and the last one the previous. Raises OSError.

    Unless it ``rotates`` the last one is replaced: it was of the same step.
    """
    if rotates and (folder / LAST).exists():
        os.replace(folder / LAST, folder / PREVIOUS)
    os.replace(folder / NEXT, folder / LAST)
