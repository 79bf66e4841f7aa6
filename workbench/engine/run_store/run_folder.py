"""A run on disk: spec, event log, step columns, weights and the states to go on from. Never a pickle of objects."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.atomic_write import CannotWrite, write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Copied,
    Edited,
    EvalProgress,
    Event,
    Looked,
    RunStarted,
    Stepped,
    SteppedBack,
    WeightsSaved,
)
from workbench.engine.core.observed import Boundary, LayerStats, Watched
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import Floats
from workbench.engine.run_store.checkpoints import BEST, LAST, NEXT, Checkpoints
from workbench.engine.run_store.digests import Digests
from workbench.engine.run_store.event_lines import event_of_line, line_of_event
from workbench.engine.run_store.event_log import EventLog
from workbench.engine.run_store.layers_file import NAME as LAYERS
from workbench.engine.run_store.layers_file import LayersFile
from workbench.engine.run_store.log_cut import lines_up_to
from workbench.engine.run_store.manifest import figures_of, hashes_of
from workbench.engine.run_store.partly_saved import PartlySaved, collected
from workbench.engine.run_store.run_copy import RunCopy
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.run_store.steps_file import StepsFile
from workbench.engine.run_store.tidy import tidy
from workbench.engine.run_store.unsaved_run import UnsavedRun
from workbench.engine.run_store.weight_files import WeightFiles
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load, save

_NOT_LOGGED = (Loading, Stepped, Copied, Looked, SteppedBack, EvalProgress, Boundary, LayerStats, Watched)


class RunFolder:
    """One run's folder, open for writing by the training thread. ``save`` may be called in another one."""

    def __init__(
        self, path: Path, spec: ExperimentSpec | None = None, log: bytes | None = None, steps: int = 0
    ) -> None:
        """``log`` are the lines that stay of the log of a run that goes on after ``steps`` steps."""
        self.path, self.spec = path, spec
        self._log = EventLog(path / "events.jsonl", log)
        self._steps = StepsFile(path) if log is None else StepsFile.reopened(path, steps, figures_of(path))
        self._digests = Digests()
        self._is_new, self._has_result = log is None, False
        #: The steps after which a run goes on; 0 for a new one.
        self.goes_on_at = steps
        if log is not None:
            self._digests.written |= hashes_of(path)
        self._checkpoints = Checkpoints(path, self._digests)
        self._weights = WeightFiles(path, self._digests)
        self._layers = LayersFile(path)
        self._writing = threading.RLock()
        #: What is known of its members, where it goes on: the lines of the log of each, and its steps.
        self._members: tuple[tuple[bytes, int], ...] = ()
        #: Settings that are written into it as soon as the run goes on: its data was moved.
        self.settings_now: ExperimentSpec | None = None
        #: Whether it is the folder of one of several networks that are trained together.
        self.is_member = False
        #: Whether its run can go back some steps; a racer, which shares the time with others, cannot.
        self.goes_back = True
        #: The run, if it has ended and could not be kept here.
        self.unsaved: UnsavedRun | None = None
        self._lock: RunLock | None = None

    @classmethod
    def create(
        cls,
        spec: ExperimentSpec,
        parent: Path | None = None,
        now: datetime | None = None,
        tell: Callable[[Path], object] | None = None,
    ) -> RunFolder:
        """Make a new folder named by time, data and model, with the spec in it; ``tell`` gets its path before.

        Raises WorkbenchError before training starts if the place cannot be written; nothing is left there then.
        """
        parent = parent or runs_folder()
        tidy(parent)
        made = cls(_fresh(parent, _name(spec, now or datetime.now()), tell), spec)
        try:
            made.hold()
            made._save_spec()
        except WorkbenchError:
            made.discard()
            raise
        return made

    @staticmethod
    def place_of(spec: ExperimentSpec, parent: Path, now: datetime) -> Path:
        """The folder that ``create`` makes with the same arguments, unless another program makes it first."""
        return next(path for path in _places(parent, _name(spec, now)) if not os.path.lexists(path))

    @classmethod
    def existing(cls, path: Path, spec: ExperimentSpec) -> RunFolder:
        """The folder of a run that is to go on, held for this process; nothing in it is changed before that.

        Raises FolderIsHeld, CannotWrite.
        """
        made = cls(path, spec, b"")
        made.hold()
        return made

    def go_on(self, log: bytes, steps: int, members: tuple[tuple[bytes, int], ...] = ()) -> None:
        """The run goes on after ``steps`` steps with these lines of its log; ``members`` are those of its members.

        Nothing is changed yet: the log is cut with the first event that is written to it, all at once.
        """
        self._log = EventLog(self.path / "events.jsonl", log)
        self._steps = StepsFile.reopened(self.path, steps, figures_of(self.path))
        self.goes_on_at, self._members = steps, members

    def went_on(self, checkpoint: str, steps: int) -> None:
        """The run has gone on from the file ``checkpoint``, which becomes the last one; later ones are removed."""
        with contextlib.suppress(OSError):
            if checkpoint == NEXT:
                self._checkpoints.settle(steps)
        self._checkpoints.forget_after(steps)
        if self.settings_now is not None:
            save(self.settings_now, self.path / "spec.toml")

    def settle(self, spec: ExperimentSpec) -> None:
        """The settings of a new run are ``spec`` from now on: something was measured. Raises CannotWrite."""
        self.spec = spec
        self._save_spec()

    def hold(self) -> None:
        """Keep other processes from training into this folder until it is closed.

        Raises FolderIsHeld if another one does, CannotWrite if the folder cannot be written.
        """
        self._lock = RunLock.take(self.path)

    def mark_paused(self, is_paused: bool) -> None:
        """Let others see that the run is paused, or goes on."""
        if self._lock is not None:
            self._lock.mark_paused(is_paused)

    @property
    def kept_steps(self) -> tuple[int, Floats]:
        """The rows of a run that goes on, which are on the disk, and the step of the first; see ``read_steps_from``."""
        return self._steps.rows

    def renewed(self, parent: Path) -> RunFolder:
        """An empty folder of this name in another place. Raises WorkbenchError."""
        return RunFolder(_fresh(parent, self.path.name), self.spec)

    def member(self, number: int, spec: ExperimentSpec) -> RunFolder:
        """The folder of an ensemble's member (from 1), with its own settings in it: a run like any other."""
        log, steps = self._members[number - 1] if self._members else (None, 0)
        made = RunFolder(self.path / f"member-{number}", spec, log, steps)
        made.is_member = True
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
    def position(self) -> int:
        """The size of the log in bytes, by which a state knows where it was made."""
        return self._log.position

    @property
    def has_checkpoint(self) -> bool:
        """Whether a state to go on from is here."""
        return self._checkpoints.exist

    def log(self, event: Event) -> None:
        """Append one event as a JSON line (steps, progress, boundaries and the watched number are not logged, of the
        layers the newest are kept in a file of their own).

        The start of a run that goes on is in the log already. A disk that is full or gone does not end the run:
        ``trouble`` then says so.
        """
        if isinstance(event, LayerStats):
            self._layers.take(event)
        if isinstance(event, _NOT_LOGGED):
            return
        if isinstance(event, RunStarted):
            self._weights.begin(_with_machine_of(self._log.start, event))
            if self._log.has_start:
                return
        self._log.append(json.dumps(line_of_event(event), allow_nan=False))

    def take_log_of(self, other: RunFolder) -> None:
        """Write the log of ``other`` here. Raises WorkbenchError."""
        self._weights.about = other._weights.about
        self._layers.latest = other._layers.latest
        write_whole(self.path / "events.jsonl", other._log.lines())

    def go_back(self, position: int, steps: int, has_best: bool) -> None:
        """What came behind ``steps`` steps has never been. The first ``position`` bytes of the log stay in any case.

        ``has_best``: whether a best network is left.
        """
        with self._writing:
            self._log.cut(lines_up_to(self._log.lines(), position, steps))
            self._steps.cut(steps)
            self._layers.forget_after(steps)
            self._checkpoints.forget_after(steps)
            if not has_best:
                self._weights.forget("best")

    def save(self, copy: RunCopy) -> tuple[WeightsSaved, ...]:
        """Write weights, steps and states, each one completely or not at all. Numbers with NaN are never written.

        Raises PartlySaved with the reasons if some could not be written; what was there before stays.
        """
        failed: list[WorkbenchError] = []
        self._has_result = self._has_result or copy.is_last
        with self._writing:
            for folder, each in copy.members:
                with collected(failed, folder.path):
                    folder.save(each)
            saved = tuple(self._weights.write_changed(copy, failed))
            self._save_states(copy, failed)
            self._layers.write(copy.is_last)
        if failed:
            raise PartlySaved(failed, saved)
        return saved

    def write_log(self) -> None:
        """Try again to write what could not be written of the log."""
        self._log.write_pending()

    def missing(self) -> tuple[Path, ...]:
        """The files that do not hold what was to be written last: each is read back and its SHA-256 compared.

        None where a run was to go on and could not.
        """
        if self._log.is_untouched:
            return ()
        wrong = self._digests.differing(self.path)
        if not self._steps.is_whole:
            wrong.append(self._steps.path)
        return tuple(wrong) if self._log.is_whole else (*wrong, self.path / "events.jsonl")

    def close(self) -> None:
        """Write what is left of the log, nothing else, and let others train into the folder."""
        self._log.write_pending()
        self._let_go()

    def close_unless_empty(self) -> None:
        """Close a run's folder; one without a single step is removed, unless the run has come to its end."""
        if self._is_new and self._steps.is_empty and not self._has_result:
            self.discard()
        else:
            self.close()

    def discard(self) -> None:
        """Remove what was made here, unless something else lies there too."""
        self._let_go()
        with contextlib.suppress(OSError):
            self._checkpoints.discard()
            for name in ("spec.toml", "events.jsonl", LAYERS):
                (self.path / name).unlink(missing_ok=True)
            self.path.rmdir()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _save_spec(self) -> None:
        assert self.spec is not None
        save(self.spec, self.path / "spec.toml")

    def _save_states(self, copy: RunCopy, failed: list[WorkbenchError]) -> None:
        """The steps, then the states: what these need of the log and the steps is on the disk before them."""
        if not self._save_steps(copy, failed):
            return
        if copy.best is not None:
            with collected(failed, self._checkpoints.path / BEST):
                self._checkpoints.write_best(copy.best, copy.best_step)
        if copy.state is not None and _is_finite(copy.state):
            with collected(failed, self._checkpoints.path / LAST):
                besides = self._steps.path, self.path / "events.jsonl"
                self._checkpoints.write_last(copy.state, copy.step, copy.is_good, besides)

    def _save_steps(self, copy: RunCopy, failed: list[WorkbenchError]) -> bool:
        """Whether the states may be written: one without its steps would be a gap in the curves.

        Where steps fail again, or the run ends, the network matters more.
        """
        is_again = self._steps.is_due or copy.is_last
        if copy.steps.count or copy.is_last or not self._is_new:
            with collected(failed, self._steps.path):
                if self._steps.overwrites(self._checkpoints.figures):
                    self._checkpoints.forget_figures()
                self._steps.append(copy.steps)
                self._checkpoints.figures = self._steps.written
        return is_again or not self._steps.is_due


def _with_machine_of(first: bytes, now: RunStarted) -> RunStarted:
    """``now`` with threads and device as the first line of the log has them: "auto" is resolved in a run that goes on,
    but its weights are those of a run that never stopped."""
    try:
        begun = event_of_line(json.loads(first)) if first else now
    except (ValueError, KeyError, TypeError, AttributeError):
        return now
    if not isinstance(begun, RunStarted):
        return now
    names = ("threads", "device", "precision", "memory_format")
    wanted = {name: begun.spec["loop"][name] for name in names if name in begun.spec.get("loop", {})}
    return replace(now, spec={**now.spec, "loop": {**now.spec["loop"], **wanted}})


def _is_finite(state: Mapping[str, Any]) -> bool:
    """Whether a network can go on; of several that are trained together some always can."""
    from workbench.engine.nn.tensors import all_finite

    return all_finite(state.get("network", {}))


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
        spec = spec.edited("loop.fastest", False)  # what was measured then is in the settings
    return spec, tuple(e for e in events if isinstance(e, Edited))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]


def _name(spec: ExperimentSpec, now: datetime) -> str:
    kinds = f"{spec.data.source.kind}_{spec.model.kind}_{spec.optimizer.kind}"
    return f"{now:%Y-%m-%d_%H-%M-%S}_{_slug(spec.title) or kinds}"


def _places(parent: Path, name: str) -> Iterator[Path]:
    """The folders of this name in the order in which they are taken."""
    return (parent / (name if n == 1 else f"{name}_{n}") for n in itertools.count(1))


def _fresh(parent: Path, name: str, tell: Callable[[Path], object] | None = None) -> Path:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for path in itertools.islice(_places(parent, name), 1000):
            try:
                if tell is not None and not os.path.lexists(path):
                    tell(path)
                path.mkdir()
                return path
            except FileExistsError:
                continue
    except OSError as error:
        raise WorkbenchError(
            f"Cannot keep runs in {parent}: {error.strerror or error}. Choose another folder."
        ) from None
    raise WorkbenchError(f"Cannot keep runs in {parent}: too many of this name.")
