"""How picture files are read for weights: in the size, colours and shape that the weights say; and sentences on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_shapes import FileSides, file_sides
from workbench.engine.catalog.datasets.value_setting import chosen_range
from workbench.engine.core.progress import Watch, finished
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.pictures.decode import FULL, Fit, Range

if TYPE_CHECKING:
    from workbench.engine.weights.input_spec import Origin

Colour = Literal["gray", "rgb"]
_HOW = {
    "crop": "the centre is cut out",
    "pad": "they are padded with black",
    "squeeze": "they are squeezed to a square",
}


@dataclass(frozen=True, slots=True)
class PictureReading:
    """Side in pixels, colours, shape and range of values in which picture files are read.

    ``is_fit_known`` tells that the weights say the shape; where they do not, a source's own choice is kept, as it is
    for the range where ``is_foreign``: such weights say nothing of it.
    """

    side: int = 32
    colour: Colour = "rgb"
    fit: Fit = "crop"
    values: str = "auto"
    is_fit_known: bool = False
    is_foreign: bool = False

    @property
    def range(self) -> Range:
        """The values of black and white in files of more than 8 bits; where none are stated, those of 16 bits."""
        return FULL if self.values in ("auto", "full") else chosen_range(self.values)

    def of(self, source: DataSource) -> DataSource:
        """``source``, read in this way; arrays keep their size."""
        if isinstance(source, ArrayFile):
            return source if self.values == "auto" else source.model_copy(update={"value_range": self.values})
        if not isinstance(source, PictureFiles):
            return source
        fit = self.fit if self.is_fit_known or source.fit == "auto" else source.fit
        values = source.value_range if self.is_foreign and self.values == "auto" else self.values
        return source.model_copy(update={"size": self.side, "colour": self.colour, "fit": fit, "value_range": values})


def reading_for(origin: Origin | None) -> PictureReading:
    """How the weights of ``origin`` want picture files; None for points and for runs, which read their own."""
    if origin is None:
        return PictureReading()
    side = origin.resize or (max(origin.size) if origin.size else 32)
    colour: Colour = "gray" if origin.gray else "rgb"
    return PictureReading(side, colour, origin.fit, origin.values, not origin.assumed_fit, origin.foreign)


def reading_notes(
    origin: Origin | None, dataset: Dataset, asked: DataSource, read: DataSource, watch: Watch | None = None
) -> tuple[str, ...]:
    """Sentences on how the pictures of ``read`` were brought to the size that the weights take.

    ``asked`` is the source as the user has it, whose size is not used if the weights have another.
    """
    if origin is None or origin.size is None or not dataset.is_image:
        return ()
    if isinstance(read, PictureFiles) and read.has_files and dataset.files:
        look = partial(file_sides, tuple(map(Path, dataset.files)))
        sides = finished(in_daemon_thread(look, dataset.files[0], "Looking at the sizes of pictures"), watch)
        return tuple(_of_files(origin, asked, read, sides))
    height, width = dataset.shape[1:]
    return tuple(_of_arrays(origin, origin.size, height, width))


def _of_colours(origin: Origin, asked: DataSource, read: PictureFiles) -> Iterator[str]:
    wanted = asked.colour if isinstance(asked, PictureFiles) else "auto"
    if wanted == "gray" == read.colour and not origin.gray:
        yield "They are read in gray, as the settings say; the network gets three equal channels."
    elif wanted not in ("auto", read.colour):
        words = {"gray": "in gray", "rgb": "in colour"}
        yield f"They are read {words[read.colour]}, as these weights need, not {words[wanted]} as the settings say."


def _of_arrays(origin: Origin, size: tuple[int, int], height: int, width: int) -> Iterator[str]:
    """``size`` is what the network takes; cutting the centre out of pictures of the usual size is no change of it."""
    high, wide = size
    is_smaller = height < high or width < wide
    is_larger = min(height, width) > origin.resize if origin.resize else (height, width) != size
    if is_smaller or is_larger:
        change = "enlarged" if is_smaller else "reduced"
        yield f"The pictures of the data have {width}×{height} pixels and are {change} to {wide}×{high}."


def _of_files(origin: Origin, asked: DataSource, read: PictureFiles, sides: FileSides | None) -> Iterator[str]:
    own = asked.size if isinstance(asked, PictureFiles) else read.size
    instead = f", not with {own} as the settings say" if own != read.size else ""
    yield f"The picture files are read with {read.size} pixels a side, as these weights need{instead}."
    yield from _of_colours(origin, asked, read)
    if sides is not None and sides.are_uneven:
        unsaid = "; the file does not say how its training did it" if origin.assumed_fit else ""
        yield f"Not all are square: {_HOW[read.squared_by]}{unsaid}."
    if sides is not None and sides.shorter < read.size:
        yield f"Most files are smaller and are enlarged: the shorter side has about {sides.shorter} pixels."
