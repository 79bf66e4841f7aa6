"""What a network can be exported to, and one export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.data.store import DataStore
from workbench.engine.export.card import writing_card
from workbench.engine.export.image_folder import writing_data
from workbench.engine.export.new_folder import new_folder, refuse_target
from workbench.engine.export.program_file import writing_program
from workbench.engine.export.subject import origin_at, subject_at
from workbench.engine.export.weights_file import writing_weights
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput

Format = Literal["safetensors", "pt2", "card", "data"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
#: What each is, for a form and the command.
TITLES: Final[dict[Format, str]] = {
    "safetensors": "weights with all that belongs to them, in one file",
    "pt2": "a program of torch.export, for any batch size",
    "card": "a model card in Markdown",
    "data": "the pictures with corrections and split, as an image folder",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """The new folder, and sentences on what is in it."""

    folder: Path
    words: str


def exporting(
    path: Path,
    to: Format,
    out: Path,
    pictures: Sequence[Path] = (),
    chosen: ChosenInput = UNCHOSEN,
    names: Sequence[str] = (),
    store: DataStore | None = None,
) -> Job[Exported]:
    """Export the run or the weights at ``path`` into the new folder ``out``, which is there whole or not at all.

    ``pictures`` are those on which a pt2 is compared (the run's own without any), ``chosen`` is how files of other
    programs are read, ``names`` are those of the outputs. Raises WorkbenchError with a sentence.
    """
    refuse_target(out)  # before long work
    if to == "data":
        origin = origin_at(path)
        with new_folder(out) as folder:
            words = yield from writing_data(origin, folder, store)
        return Exported(out, words)
    yield Loading(0, 0, "Reading the weights")
    subject = subject_at(path, None, chosen, names)
    if subject.file.file.broken:
        raise WorkbenchError(f"{subject.name} cannot be exported. {subject.file.file.notes[-1]}")
    with new_folder(out) as folder:
        if to == "pt2":
            words = yield from writing_program(subject, folder, pictures, store)
        else:
            words = yield from (writing_weights if to == "safetensors" else writing_card)(subject, folder)
    return Exported(out, words)
