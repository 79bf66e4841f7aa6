"""A run on disk: spec, event log, step columns, weights and the state to go on from. Never a pickle of objects."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.atomic_write import CannotWrite, append_whole, write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Boundary,
    Copied,
    Edited,
    EvalProgress,
    Event,
    LayerStats,
    Looked,
    RunStarted,
    Stepped,
    Watched,
    WeightsSaved,
)
from workbench.engine.core.progress import Loading
from workbench.engine.core.seal import OPEN, SEAL, sealed_archive, sealed_safetensors
from workbench.engine.core.step_store import COLUMNS, Floats, StepStore
from workbench.engine.run_store.event_lines import event_of_line, line_of_event
from workbench.engine.run_store.event_log import EventLog
from workbench.engine.run_store.manifest import write_manifest
from workbench.engine.run_store.partly_saved import PartlySaved, collected
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.run_store.tidy import tidy
from workbench.engine.run_store.unsaved_run import UnsavedRun
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain
from workbench.engine.spec.toml import load, save

if TYPE_CHECKING:
    from workbench.engine.catalog.preprocessing import Standardizer
    from workbench.engine.training.state import TrainState


class RunFolder:
    """One run's folder, open for writing by the training thread."""

    def __init__(self, path: Path, spec: ExperimentSpec | None = None) -> None:
        self.path, self.spec = path, spec
        self._log = EventLog(path / "events.jsonl")
        self._written = 0
        self._steps_size = 0
        self._steps_due = False
        #: The SHA-256 of what each file should hold, by its name.
        self._digests: dict[str, str] = {}
        #: The SHA-256 of what was written, which is older where the last write has failed.
        self._on_disk: dict[str, str] = {}
        #: Metadata of the weight files, so that their network can be built from them alone.
        self._about: dict[str, str] = {}
        #: The run, if it has ended and could not be kept here.
        self.unsaved: UnsavedRun | None = None
        self._lock: RunLock | None = None

    @classmethod
    def create(cls, spec: ExperimentSpec, parent: Path | None = None, now: datetime | None = None) -> RunFolder:
        """Make a new folder named by time, data and model, with the spec in it.

        Raises WorkbenchError before training starts if the place cannot be written; nothing is left there then.
        """
        parent = parent or runs_folder()
        tidy(parent)
        stamp = (now or datetime.now()).strftime("%Y-%m-%d_%H-%M-%S")
        name = f"{stamp}_{_slug(spec.title) or f'{spec.data.source.kind}_{spec.model.kind}_{spec.optimizer.kind}'}"
        made = cls(_fresh(parent, name), spec)
        try:
            made.hold()
            made._save_spec()
        except WorkbenchError:
            made.discard()
            raise
        return made

    def hold(self) -> None:
        """Keep other processes from training into this folder until it is closed.

        Raises FolderIsHeld if another one does, CannotWrite if the folder cannot be written.
        """
        self._lock = RunLock.take(self.path)

    def mark_paused(self, is_paused: bool) -> None:
        """Let others see that the run is paused, or goes on."""
        if self._lock is not None:
            self._lock.mark_paused(is_paused)

    def renewed(self, parent: Path) -> RunFolder:
        """An empty folder of this name in another place. Raises WorkbenchError."""
        return RunFolder(_fresh(parent, self.path.name), self.spec)

    def member(self, number: int, spec: ExperimentSpec) -> RunFolder:
        """The folder of an ensemble's member (from 1), with its own settings in it: a run like any other."""
        made = RunFolder(self.path / f"member-{number}", spec)
        try:
            made.path.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotWrite(made.path, 0, error) from None
        made._save_spec()
        return made

    @property
    def trouble(self) -> str:
        """The error of the event log, for the user; empty if there is none."""
        return self._log.trouble

    @property
    def has_checkpoint(self) -> bool:
        """Whether a state to go on from is here."""
        return (self.path / "checkpoints" / "last.pt").exists()

    def log(self, event: Event) -> None:
        """Append one event as a JSON line (steps, progress, boundaries, layers and the watched number are not logged).

        A disk that is full or gone does not end the run: ``trouble`` then says so.
        """
        if isinstance(event, (Loading, Stepped, Copied, Looked, EvalProgress, Boundary, LayerStats, Watched)):
            return
        if isinstance(event, RunStarted):
            self._about = _about(event)
        self._log.append(json.dumps(line_of_event(event), allow_nan=False))

    def take_log_of(self, other: RunFolder) -> None:
        """Write the log of ``other`` here. Raises WorkbenchError."""
        self._about = other._about
        write_whole(self.path / "events.jsonl", other._log.lines())

    def save(
        self,
        state: TrainState,
        standardizer: Standardizer,
        steps: StepStore,
        more: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> tuple[WeightsSaved, ...]:
        """Write weights, steps and state, each one completely or not at all. A state with NaN, or between two
        steps, is never written.

        ``more`` are other weights by the name of their file: averages, snapshots.
        Raises PartlySaved with the reasons if some could not be written; what was there before stays.
        """
        from workbench.engine.nn.tensors import all_finite

        saved: list[WeightsSaved] = []
        failed: list[WorkbenchError] = []
        step, weights = state.progress.step, state.network.state_dict()
        is_good = not state.is_torn and all_finite(weights)
        named = {"best": state.best_weights, "last": weights if is_good else {}, **more}
        for name, each in named.items():
            if each and all_finite(each):
                with collected(failed, self.path / f"{name}.safetensors"):
                    saved.append(self._write_weights(name, each, standardizer, step))
        with collected(failed, self.path / "steps.bin"):
            self._append_steps(steps)
        if is_good:
            with collected(failed, self.path / "checkpoints" / "last.pt"):
                self._write_checkpoint(state.state(), step)
        self._log.write_pending()
        if failed:
            raise PartlySaved(failed, tuple(saved))
        return tuple(saved)

    def keep(self, state: Mapping[str, Any], steps: StepStore, step: int) -> None:
        """Write the steps and the state of a run that has no weights of its own: an ensemble. Raises WorkbenchError."""
        self._append_steps(steps)
        self._write_checkpoint(state, step)

    def missing(self) -> tuple[Path, ...]:
        """The files that do not hold what was to be written last: each is read back and its SHA-256 compared."""
        wrong = [self.path / name for name, digest in self._digests.items() if _digest(self.path / name) != digest]
        if self._steps_due or (self._steps_size and _size(self.path / "steps.bin") != self._steps_size):
            wrong.append(self.path / "steps.bin")
        return tuple(wrong) if self._log.is_whole else (*wrong, self.path / "events.jsonl")

    def close(self) -> None:
        """Write what is left of the log, nothing else, and let others train into the folder."""
        self._log.write_pending()
        self._let_go()

    def close_unless_empty(self) -> None:
        """Close a run's folder; one without a single step and without weights is removed."""
        if self._digests or self._steps_size:
            self.close()
        else:
            self.discard()

    def discard(self) -> None:
        """Remove what was made here, unless something else lies there too."""
        self._let_go()
        with contextlib.suppress(OSError):
            for name in ("spec.toml", "events.jsonl"):
                (self.path / name).unlink(missing_ok=True)
            self.path.rmdir()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _save_spec(self) -> None:
        assert self.spec is not None
        save(self.spec, self.path / "spec.toml")

    def _append_steps(self, steps: StepStore) -> None:
        if _size(self.path / "steps.bin") < self._steps_size:  # the file is gone
            self._steps_size = self._written = 0
        self._steps_due = True
        first, rows = steps.read(self._written)
        head = json.dumps({"columns": COLUMNS, "dtype": "<f8"}).encode() + b"\n" if not self._steps_size else b""
        self._steps_size = append_whole(self.path / "steps.bin", self._steps_size, head + rows.astype("<f8").tobytes())
        self._written, self._steps_due = first + len(rows), False

    def _write_checkpoint(self, state: Mapping[str, Any], step: int) -> None:
        import torch

        folder = self.path / "checkpoints"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotWrite(folder, 0, error) from None
        # Serialised in memory first, so that a full disk reads as a full disk.
        buffer = io.BytesIO()
        torch.save(state, buffer)
        data = sealed_archive(buffer.getvalue())
        previous = self._on_disk.get("checkpoints/last.pt")
        self._digests["checkpoints/last.pt"] = digest = hashlib.sha256(data).hexdigest()
        write_whole(folder / "next.pt", data)  # whole before the older ones move up
        try:
            if (folder / "last.pt").exists():
                os.replace(folder / "last.pt", folder / "previous.pt")
            os.replace(folder / "next.pt", folder / "last.pt")
        except OSError as error:
            raise CannotWrite(folder / "last.pt", len(data), error) from None
        self._on_disk |= {"checkpoints/last.pt": digest}
        self._on_disk |= {} if previous is None else {"checkpoints/previous.pt": previous}
        write_manifest(self.path, self._on_disk, step)

    def _write_weights(
        self, which: str, weights: Mapping[str, Any], standardizer: Standardizer, step: int
    ) -> WeightsSaved:
        from workbench.engine.core.safetensors_file import safetensors_bytes
        from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN

        named = {**weights, MEAN: standardizer.mean, INVERSE_STD: standardizer.inverse_std}
        path = self.path / f"{which}.safetensors"
        data = sealed_safetensors(safetensors_bytes(named, {**self._about, SEAL: OPEN}))
        self._digests[path.name] = digest = hashlib.sha256(data).hexdigest()
        write_whole(path, data)
        self._on_disk[path.name] = digest
        return WeightsSaved(step, which, str(path))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _about(started: RunStarted) -> dict[str, str]:
    from workbench.engine.run_store.weights_metadata import metadata_of

    sizes = started.train_size, started.val_size
    return metadata_of(_as_read(started), started.classes, started.input_shape, sizes)


def _as_read(started: RunStarted) -> ExperimentSpec:
    """The settings with the range of values that "auto" has become: it is the same when the weights are used."""
    from workbench.engine.pictures.value_range import range_text

    spec = spec_from_plain(started.spec)
    if started.value_range is None:
        return spec
    return spec.edited("data.source.value_range", range_text(started.value_range))


def read_events(folder: Path) -> Iterator[Event]:
    """The events of a run folder in order; a torn last line is dropped. Raises WorkbenchError."""
    try:
        text = (folder / "events.jsonl").read_text(encoding="utf-8")
    except OSError as error:
        raise WorkbenchError(f"Cannot read {folder / 'events.jsonl'}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"Cannot read {folder / 'events.jsonl'}: it is not a text file.") from None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            yield event_of_line(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WorkbenchError(f"{folder / 'events.jsonl'} is damaged in line {number}.") from None


def read_tape(folder: Path) -> tuple[ExperimentSpec, tuple[Edited, ...]]:
    """The spec of a run, with "auto" resolved, and its steer tape: together they reproduce the run.

    Raises WorkbenchError, SpecError.
    """
    spec, events = load(folder / "spec.toml"), tuple(read_events(folder))
    for started in (e for e in events if isinstance(e, RunStarted)):
        spec = spec.edited("loop.threads", started.threads).edited("loop.device", started.device)
    return spec, tuple(e for e in events if isinstance(e, Edited))


def read_steps(folder: Path) -> Floats:
    """The step columns of a run, shape (steps, len(COLUMNS)). Raises WorkbenchError."""
    try:
        data = (folder / "steps.bin").read_bytes()
    except OSError as error:
        raise WorkbenchError(f"Cannot read {folder / 'steps.bin'}: {error.strerror or error}.") from None
    head, _, body = data.partition(b"\n")
    columns = len(json.loads(head)["columns"])
    whole = len(body) // (8 * columns)
    return np.frombuffer(body[: whole * 8 * columns], "<f8").reshape(whole, columns).astype(np.float64)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]


def _fresh(parent: Path, name: str) -> Path:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for n in range(1, 1000):
            path = parent / (name if n == 1 else f"{name}_{n}")
            try:
                path.mkdir()
                return path
            except FileExistsError:
                continue
    except OSError as error:
        raise WorkbenchError(
            f"Cannot keep runs in {parent}: {error.strerror or error}. Choose another folder."
        ) from None
    raise WorkbenchError(f"Cannot keep runs in {parent}: too many of this name.")
