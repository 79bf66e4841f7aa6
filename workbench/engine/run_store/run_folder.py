"""A run on disk: spec, event log, step columns, weights and the state to go on from. Never a pickle of objects."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Boundary,
    Certified,
    Copied,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    EvalProgress,
    Event,
    LayerStats,
    Looked,
    Measured,
    MeasuredOnTest,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Watched,
    WeightsSaved,
)
from workbench.engine.core.progress import Loading
from workbench.engine.core.seal import OPEN, SEAL, sealed_archive, sealed_safetensors
from workbench.engine.core.step_store import COLUMNS, Floats, StepStore
from workbench.engine.run_store.manifest import Manifest
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain
from workbench.engine.spec.toml import load, save

if TYPE_CHECKING:
    from workbench.engine.catalog.preprocessing import Standardizer
    from workbench.engine.training.state import TrainState
from workbench.engine.core.app_folders import runs_folder

_LOGGED = {
    cls.__name__: cls
    for cls in (
        RunStarted,
        EpochEnded,
        EnsembleMeasured,
        MeasuredOnTest,
        Certified,
        WeightsSaved,
        Edited,
        Notice,
        RunEnded,
    )
}


class RunFolder:
    """One run's folder, open for writing by the training thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._manifest = Manifest(path)
        self._log: IO[str] | None = None
        self._written = 0
        self._steps_size = 0
        #: The error of the event log, for the user; empty if there is none.
        self.trouble = ""
        #: Metadata of the weight files, so that their network can be built from them alone.
        self._about: dict[str, str] = {}

    @classmethod
    def create(cls, spec: ExperimentSpec, parent: Path | None = None, now: datetime | None = None) -> RunFolder:
        """Make a new folder named by time, data and model, with the spec in it.

        Raises WorkbenchError before training starts if the place cannot be written.
        """
        parent = parent or runs_folder()
        stamp = (now or datetime.now()).strftime("%Y-%m-%d_%H-%M-%S")
        name = f"{stamp}_{_slug(spec.title) or f'{spec.data.source.kind}_{spec.model.kind}_{spec.optimizer.kind}'}"
        path = _fresh(parent, name)
        save(spec, path / "spec.toml")
        return cls(path)

    def member(self, number: int, spec: ExperimentSpec) -> RunFolder:
        """The folder of an ensemble's member (from 1), with its own settings in it: a run like any other."""
        path = self.path / f"member-{number}"
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise WorkbenchError(f"Cannot make {path}: {error.strerror or error}.") from None
        save(spec, path / "spec.toml")
        return RunFolder(path)

    def log(self, event: Event) -> None:
        """Append one event as a JSON line (steps, progress, boundaries, layers and the watched number are not logged).

        A disk that is full or gone does not end the run: ``trouble`` then says so.
        """
        if isinstance(event, (Loading, Stepped, Copied, Looked, EvalProgress, Boundary, LayerStats, Watched)):
            return
        if isinstance(event, RunStarted):
            self._about = _about(event)
        line = line_of_event(event)
        try:
            if self._log is None:
                self._log = (self.path / "events.jsonl").open("a", encoding="utf-8")
            self._log.write(json.dumps(line, allow_nan=False) + "\n")
            self._log.flush()
        except OSError as error:
            self.trouble = f"Cannot write the run's log in {self.path}: {error.strerror or error}."

    def save(
        self,
        state: TrainState,
        standardizer: Standardizer,
        steps: StepStore,
        more: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> tuple[WeightsSaved, ...]:
        """Write steps, state and weights, each one completely or not at all. A state with NaN is never written.

        ``more`` are other weights by the name of their file: averages, snapshots.
        Raises WorkbenchError with the reason; what was there before stays.
        """
        from workbench.engine.nn.tensors import all_finite

        self._append_steps(steps)
        saved: list[WeightsSaved] = []
        step = state.progress.step
        weights = state.network.state_dict()
        if all_finite(weights):
            self._write_checkpoint(state.state(), step)
            saved.append(self._write_weights("last", weights, standardizer, step))
        if state.best_weights:
            saved.append(self._write_weights("best", state.best_weights, standardizer, step))
        for name, others in more.items():
            if all_finite(others):
                saved.append(self._write_weights(name, others, standardizer, step))
        self._manifest.write(step)
        return tuple(saved)

    def keep(self, state: Mapping[str, Any], steps: StepStore, step: int) -> None:
        """Write the steps and the state of a run that has no weights of its own: an ensemble. Raises WorkbenchError."""
        self._append_steps(steps)
        self._write_checkpoint(state, step)
        self._manifest.write(step)

    def close(self) -> None:
        """Close the files; nothing else is written."""
        if self._log is not None:
            with contextlib.suppress(OSError):  # a full disk: said before, nothing more to save here
                self._log.close()
        self._log = None

    def _append_steps(self, steps: StepStore) -> None:
        first, rows = steps.read(self._written)
        try:
            with (self.path / "steps.bin").open("ab") as file:
                file.truncate(self._steps_size)  # a full disk may have left a part of the rows
                if self._steps_size == 0:
                    file.write(json.dumps({"columns": COLUMNS, "dtype": "<f8"}).encode() + b"\n")
                file.write(rows.astype("<f8").tobytes())
                file.flush()
                self._steps_size = file.tell()
        except OSError as error:
            raise WorkbenchError(f"Cannot write {self.path / 'steps.bin'}: {error.strerror or error}.") from None
        self._written = first + len(rows)

    def _write_checkpoint(self, state: Mapping[str, Any], step: int) -> None:
        import torch

        folder = self.path / "checkpoints"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise WorkbenchError(f"Cannot write {folder}: {error.strerror or error}.") from None
        # Serialised in memory first, so that a full disk reads as a full disk.
        buffer = io.BytesIO()
        torch.save(state, buffer)
        data = sealed_archive(buffer.getvalue())
        write_whole(folder / "next.pt", data)  # whole before the older ones move up
        try:
            if (folder / "last.pt").exists():
                os.replace(folder / "last.pt", folder / "previous.pt")
            os.replace(folder / "next.pt", folder / "last.pt")
        except OSError as error:
            raise WorkbenchError(f"Cannot write {folder / 'last.pt'}: {error.strerror or error}.") from None
        self._manifest.replaced("last.pt", "previous.pt", data)

    def _write_weights(
        self, which: str, weights: Mapping[str, Any], standardizer: Standardizer, step: int
    ) -> WeightsSaved:
        from workbench.engine.core.safetensors_file import safetensors_bytes
        from workbench.engine.run_store.weights_metadata import INVERSE_STD, MEAN

        named = {**weights, MEAN: standardizer.mean, INVERSE_STD: standardizer.inverse_std}
        path = self.path / f"{which}.safetensors"
        data = sealed_safetensors(safetensors_bytes(named, {**self._about, SEAL: OPEN}))
        write_whole(path, data)
        self._manifest.written(path.name, data)
        return WeightsSaved(step, which, str(path))


def _about(started: RunStarted) -> dict[str, str]:
    from workbench.engine.run_store.weights_metadata import metadata_of

    sizes = started.train_size, started.val_size
    return metadata_of(spec_from_plain(started.spec), started.classes, started.input_shape, sizes)


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
            yield _event(json.loads(line))
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


def line_of_event(event: Event) -> dict[str, Any]:
    """A logged event as plain data, as a line of the log holds it."""
    return {"event": type(event).__name__, **_plain(event)}


def event_of_line(line: Mapping[str, Any]) -> Event:
    """The event that ``line_of_event`` gave."""
    return _event(dict(line))


def _plain(event: Any) -> dict[str, Any]:
    return {f.name: _json_value(getattr(event, f.name)) for f in dataclasses.fields(event)}


def _json_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain(value)
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}  # JSON has no NaN
    if isinstance(value, Mapping):
        return {name: _json_value(each) for name, each in value.items()}
    return value


def _event(line: dict[str, Any]) -> Event:
    cls = _LOGGED[line.pop("event")]
    values = {name: _value(value) for name, value in line.items()}
    made: Event = cls(**values)
    return made


def _value(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"float"}:
        return float(value["float"])
    if _is_measured(value):
        return Measured(**{name: _value(v) for name, v in value.items()})
    if isinstance(value, dict) and value and all(map(_is_measured, value.values())):
        return {name: _value(each) for name, each in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _is_measured(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == Measured.__dataclass_fields__.keys()


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
