"""What is taken away: a run or a file of weights, with all that is known of its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.evaluation.entries import Entry, entry_at
from workbench.engine.evaluation.file_predictor import TrainedFile, trained_file
from workbench.engine.evaluation.picture_reading import PictureReading, reading_for
from workbench.engine.evaluation.trained_on import TrainedOn, trained_on
from workbench.engine.export.options import Options
from workbench.engine.run_store.finished_runs import members
from workbench.engine.run_store.manifest import run_folder_of
from workbench.engine.shelf.read_record import read_record
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput
from workbench.engine.weights.description import parameters_in

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.core.progress import Watch
    from workbench.engine.shelf.record import RunRecord


@dataclass(frozen=True, slots=True)
class Provenance:
    """Weights and their training: ``trained`` is None where nothing says it, ``record`` where there is no run."""

    entry: Entry
    trained: TrainedOn | None
    record: RunRecord | None

    @property
    def name(self) -> str:
        """The run's or the file's name."""
        return self.entry.name


def origin_at(path: Path) -> Provenance:
    """What is known of the training of the weights at ``path``; no weights are read.

    Raises WorkbenchError for an ensemble, which is exported network by network, and for a run without weights.
    """
    if inside := members(path):
        named = paths_text([str(each) for each in inside], 3)
        text = f"{path.name} is an ensemble of {counted(len(inside), 'network')}, which are exported one by one"
        raise WorkbenchError(f"{text}: {named}.")
    entry = entry_at(path)
    if entry.problem:
        raise WorkbenchError(entry.problem)
    trained = trained_on(entry)
    folder = path if path.is_dir() else run_folder_of(path.absolute())
    return Provenance(entry, trained, read_record(folder) if trained is not None else None)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A network to take away. ``core`` takes inputs in [0, 1] in the size of the network, (B, C, H, W) or (B, D), and
    gives logits (B, K) of ``classes``; ``is_named`` tells whether these names are known, ``is_given`` that
    the user gave them."""

    origin: Provenance
    file: TrainedFile
    core: nn.Sequential
    reading: PictureReading
    classes: tuple[str, ...]
    is_named: bool
    is_given: bool = False

    @property
    def name(self) -> str:
        """The run's or the file's name."""
        return self.origin.name

    @property
    def title(self) -> str:
        """The network in words."""
        return self.file.recognised.title

    @property
    def parameters(self) -> int:
        """The number of its parameters and statistics."""
        return parameters_in(self.file.file.tensors)

    @property
    def assumed(self) -> str:
        """What the file does not say and is taken as usual for its network, in words; empty if it says all."""
        known = self.file.origin
        names = "the names of the classes" if known.assumed and not self.is_given else ""
        return ", ".join(filter(None, (known.assumed_words(), names)))

    @property
    def shape(self) -> tuple[int, ...]:
        """That of one input: (C, H, W) or (D,)."""
        known = self.file.origin
        if known.channels is None or known.size is None:
            return self.file.recognised.shape
        return (known.channels, *known.size)


def subject_at(
    path: Path, watch: Watch | None = None, chosen: ChosenInput = UNCHOSEN, names: Sequence[str] = ()
) -> Subject:
    """The network at ``path``; ``chosen`` is how files of other programs are read, ``names`` are those of the outputs.

    ``watch`` gets the progress and cancels by raising. Raises WorkbenchError with a sentence.
    """
    from torch import nn

    from workbench.engine.evaluation.input_layers import Cropped

    origin = origin_at(path)
    file = trained_file(origin.entry.weights, watch, chosen)
    known, count = tuple(names) or file.origin.classes, file.recognised.classes
    if known and len(known) != count:
        text = f"There are {counted(len(known), 'name')} of classes, and {origin.name} has {counted(count, 'output')}"
        raise WorkbenchError(f"{text}. Give one name for each output.")
    layers = [each for each in file.with_preprocessing() if not isinstance(each, Cropped)]
    classes = known or tuple(f"output {number}" for number in range(count))
    core, reading = nn.Sequential(*layers).eval(), reading_for(file.origin)
    return Subject(origin, file, core, reading, classes, bool(known), bool(names))


def intact_subject(path: Path, options: Options) -> Subject:
    """As ``subject_at``; raises WorkbenchError also for weights of this program that have been damaged."""
    subject = subject_at(path, None, options.chosen, options.names)
    if subject.file.file.broken:
        raise WorkbenchError(f"{subject.name} cannot be exported. {subject.file.file.notes[-1]}")
    return subject
