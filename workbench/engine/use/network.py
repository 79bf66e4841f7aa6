"""A network that is ready for use: a run's weights, a file of weights, or the average of several predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.evaluation.class_matching import Outputs, match_classes
from workbench.engine.evaluation.entries import Entry, entry_at, expanded
from workbench.engine.evaluation.evaluation_data import EvaluationExamples
from workbench.engine.evaluation.file_predictor import TrainedFile, trained_file
from workbench.engine.evaluation.picture_reading import PictureReading, reading_for
from workbench.engine.evaluation.predictor import Predictor
from workbench.engine.evaluation.trained_on import trained_on
from workbench.engine.pictures.decode import fitted, read_picture
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput
from workbench.engine.weights.description import parameters_in

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.core.progress import Watch
    from workbench.engine.weights.input_spec import Origin

Bytes = npt.NDArray[np.uint8]
_PLAIN = "It predicts in one plain pass; the settings for test time are those of the evaluations of its run."


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One set of weights in use; ``module`` takes values in [0, 1] and gives logits, see ``with_preprocessing``."""

    name: str
    module: nn.Sequential
    predictor: Predictor
    origin: Origin
    reading: PictureReading

    def read(self, file: Path) -> Bytes:
        """The picture in ``file``, uint8 (C, side, side), as it was read for training. Raises Unreadable."""
        reading = self.reading
        return np.array(
            read_picture(file, reading.side, reading.colour == "gray", reading.fit, reading.range), order="C"
        )

    def fit(self, pixels: Bytes) -> Bytes:
        """As ``read`` for pixels in memory, uint8 (H, W, 1, 3 or 4). Raises Unreadable."""
        reading = self.reading
        return np.array(fitted(pixels, reading.side, reading.colour == "gray", reading.fit), order="C")

    def logs(self, pictures: Bytes, classes: tuple[str, ...]) -> npt.NDArray[np.float64]:
        """Log-probabilities (B, K) of ``pictures``, uint8 (B, 1 or 3, H, W), for ``classes``."""
        dataset = Dataset(pictures, np.zeros(len(pictures), np.int64), classes)
        given = EvaluationExamples(dataset, np.arange(len(pictures)), "")
        made: npt.NDArray[np.float64] = self.predictor.predict(given, _nothing).numpy()
        return made

    def seen(self, picture: Bytes) -> npt.NDArray[np.float32]:
        """What enters the first layer for ``picture``, uint8 (C, H, W): float32 (c, h, w), resized and normalized."""
        import torch

        x = torch.from_numpy(np.array(picture[None])).float().div_(255.0)
        with torch.inference_mode():
            made: npt.NDArray[np.float32] = self.module[:-1](x)[0].numpy()
        return made


@dataclass(frozen=True, slots=True, eq=False)
class UsedNetwork:
    """One or several sets of weights, whose predictions are averaged.

    ``classes`` are the K names of its outputs, ``is_named`` whether the weights (or the user) name them, and
    ``has_assumed_names`` whether they are only those that such networks usually have. ``notes`` are sentences on what
    was assumed, ``parameters`` those of all members.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    is_named: bool
    members: tuple[Member, ...]
    parameters: int
    notes: tuple[str, ...] = ()
    has_assumed_names: bool = False

    @property
    def preprocessing(self) -> str:
        """How pictures are prepared, in words: that of the first member."""
        return self.members[0].predictor.preprocessing

    @property
    def side(self) -> int:
        """The side of its pictures in pixels: that of the first member."""
        return self.members[0].reading.side

    @property
    def has_dark_ground(self) -> bool:
        """Whether its pictures are gray and more than half of them was dark in training, as with white on black."""
        origin = self.members[0].origin
        return origin.channels == 1 and sum(origin.mean) / len(origin.mean) < 0.5

    def read(self, file: Path) -> tuple[Bytes, ...]:
        """The picture in ``file`` for each member. Raises Unreadable."""
        return self._each(lambda member: member.read(file))

    def fit(self, pixels: Bytes) -> tuple[Bytes, ...]:
        """Pixels in memory, uint8 (H, W, 1, 3 or 4), for each member. Raises Unreadable."""
        return self._each(lambda member: member.fit(pixels))

    def logs(self, pictures: Sequence[Bytes]) -> npt.NDArray[np.float64]:
        """The logarithm of the probabilities (B, K): of ``pictures`` for each member, uint8 (B, 1 or 3, H, W).

        Of several members it is that of the mean of their probabilities. Raises WorkbenchError for pictures that the
        network cannot take.
        """
        try:
            each = [member.logs(batch, self.classes) for member, batch in zip(self.members, pictures, strict=True)]
        except (AssertionError, RuntimeError, MemoryError) as error:
            why = str(error) or "its network does not take pictures of this size"
            raise WorkbenchError(f"{self.name} cannot be computed with: {why}.") from None
        return each[0] if len(each) == 1 else np.logaddexp.reduce(np.stack(each), axis=0) - np.log(len(each))

    def _each(self, read: _Reader) -> tuple[Bytes, ...]:
        """Members that read pictures in the same way share one."""
        made: dict[PictureReading, Bytes] = {}
        for member in self.members:
            if member.reading not in made:
                made[member.reading] = read(member)
        return tuple(made[member.reading] for member in self.members)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Reader = Callable[[Member], Bytes]


def used_network(
    paths: Sequence[Path],
    watch: Watch | None = None,
    chosen: ChosenInput = UNCHOSEN,
    names: tuple[str, ...] = (),
) -> UsedNetwork:
    """The weights at ``paths`` (files, folders of runs that have ended or go on; an ensemble counts as its members).

    ``chosen`` is how files of other programs are read, ``names`` are those of the outputs. ``watch`` gets the progress
    and cancels by raising. Raises WorkbenchError with a sentence if one of them cannot be used.
    """
    opened = [_opened(path, watch, chosen) for path in expanded(paths)]
    if not opened:
        raise WorkbenchError("There is no network to use: give a run or a file of weights.")
    first = opened[0][1]
    known = names or first.origin.classes
    classes = known or tuple(f"output {number}" for number in range(first.recognised.classes))
    made = [_member(entry, file, classes, names, k, bool(known)) for k, (entry, file) in enumerate(opened)]
    titles = tuple(dict.fromkeys(file.recognised.title for _, file in opened))
    return UsedNetwork(
        opened[0][0].name if len(opened) == 1 else f"Average of {counted(len(opened), 'network')}",
        titles[0] if len(titles) == 1 else ", ".join(titles),
        classes,
        bool(known),
        tuple(made),
        sum(parameters_in(file.file.tensors) for _, file in opened),
        tuple(dict.fromkeys(note for entry, file in opened for note in _notes(entry, file, bool(names)))),
        first.origin.assumed and bool(first.origin.classes) and not names,
    )


def _opened(path: Path, watch: Watch | None, chosen: ChosenInput) -> tuple[Entry, TrainedFile]:
    """Raises WorkbenchError for weights that are no network for pictures."""
    entry = entry_at(path)
    if entry.problem:
        raise WorkbenchError(entry.problem)
    file = trained_file(entry.weights, watch, chosen)
    if file.origin.channels is None:
        wanted = counted(file.recognised.shape[0], "coordinate")
        raise WorkbenchError(f"{entry.name} was trained on points with {wanted}; pictures cannot be given to it.")
    if file.recognised.classes == 1:
        text = f"{entry.name} has one output, a yes or no to one question; the program uses networks with one output "
        raise WorkbenchError(f"{text}for each class.")
    return entry, file


def _member(
    entry: Entry, file: TrainedFile, classes: tuple[str, ...], names: tuple[str, ...], number: int, is_named: bool
) -> Member:
    module, columns = file.with_preprocessing(), list(range(file.recognised.classes))
    if names and len(names) != file.recognised.classes:
        text = f"The file of class names has {len(names)}, and {entry.name} has {file.recognised.classes} outputs."
        raise WorkbenchError(f"{text} Give one name for each output.")
    if number and not names:
        columns = _columns(entry, file, classes, is_named)
    words = ", ".join(filter(None, file.origin.words))
    predictor = Predictor(
        file.recognised.title,
        parameters_in(file.file.tensors),
        module,
        columns,
        preprocessing=words,
        assumed=file.origin.assumptions,
    )
    return Member(entry.name, module, predictor, file.origin, reading_for(file.origin))


def _columns(entry: Entry, file: TrainedFile, classes: tuple[str, ...], is_named: bool) -> list[int]:
    """The outputs of a further member for ``classes``, those of the first, which ``is_named`` or counts its outputs.

    Raises WorkbenchError for other classes.
    """
    outputs = Outputs(entry.name, file.recognised.classes, file.origin.classes, file.origin.assumed)
    if not outputs.names and not is_named and len(classes) == outputs.count:
        return list(range(outputs.count))
    if not outputs.names or not is_named:
        text = f"{entry.name} and the first network cannot be averaged: the classes of only one of them are named"
        raise WorkbenchError(f"{text}, or their numbers differ. Give the names of the outputs.")
    return match_classes(outputs, classes, from_folders=True)[0]


def _notes(entry: Entry, file: TrainedFile, is_named: bool) -> list[str]:
    from workbench.engine.training.evaluate import how_to_test

    notes = [*file.file.notes, *file.recognised.notes]
    if file.origin.assumed and file.origin.classes and not is_named:
        notes.append("The file names no classes; those that such networks are usually trained on are assumed.")
    if not file.origin.classes and not is_named:
        notes.append("The file names no classes: its outputs are numbered. A list of names can be given.")
    if file.origin.assumptions:
        notes.append(f"The file does not say how its pictures were prepared; {file.origin.assumptions}.")
    trained = trained_on(entry)
    return [*notes, _PLAIN] if trained is not None and not how_to_test(trained.spec).is_plain else notes


def _nothing(_share: float) -> None:
    pass
