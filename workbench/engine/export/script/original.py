"""The training that a script is to repeat, and what cannot be repeated by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.evaluation.trained_on import TrainedOn
from workbench.engine.export.subject import Subject
from workbench.engine.run_store.resumable import run_spec, started_as
from workbench.engine.shelf.opened import opening
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.device import resolve


@dataclass(frozen=True, slots=True)
class Original:
    """``spec`` are the settings with which it began, ``steps`` those that were made (0: not known or not ended),
    ``folder`` that of the run, None for a file alone. ``changes`` are the settings from a 0-based step on, where they
    were changed while it trained."""

    spec: ExperimentSpec
    trained: TrainedOn
    device: str
    threads: int
    steps: int
    folder: Path | None
    changes: tuple[tuple[int, ExperimentSpec], ...] = ()


def original_of(subject: Subject) -> Job[Original]:
    """How ``subject`` was trained. Raises WorkbenchError, by name, for what no script can repeat."""
    trained, record, name = subject.origin.trained, subject.origin.record, subject.name
    if trained is None:
        raise WorkbenchError(f"{name} does not say how it was trained, so there is no training to write down.")
    spec, folder = trained.spec, None if record is None else record.folder
    where = resolve(spec.loop)
    device, threads, steps = where.device, where.threads, 0
    if record is not None and folder is not None:
        started = started_as(folder)
        spec, _ = run_spec(folder)
        if started is not None:
            device, threads = started.device, started.threads
        if record.parent:
            text = f"{name} branched off {record.parent}: it began with another run's state, not with first weights"
            raise WorkbenchError(f"{text}. Export {record.parent}.")
        steps = 0 if record.is_live else record.step
    if isinstance(spec.model, Transfer):
        text = f"{name} began with another trained network, whose file, freezing and cached features a script has not"
        raise WorkbenchError(f"{text}. The formats pt2 and onnx take the trained network away.")
    if device not in ("cpu", "cuda"):
        raise WorkbenchError(f"{name} was trained on {device}; a script trains on a processor or a CUDA GPU.")
    changes = yield from _changes(folder, spec)
    return Original(spec, trained, device, threads, steps, folder, changes)


def _changes(folder: Path | None, spec: ExperimentSpec) -> Job[tuple[tuple[int, ExperimentSpec], ...]]:
    if folder is None:
        return ()
    history, _mark = yield from opening(folder)
    found: dict[int, ExperimentSpec] = {}
    for edit in history.edits:
        spec = spec.edited(edit.path, edit.new)
        found[edit.step] = spec  # of several changes at one step all
    return tuple(found.items())
