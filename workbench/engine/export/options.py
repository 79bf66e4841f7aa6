"""What a person can choose of an export besides its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput

if TYPE_CHECKING:
    from workbench.engine.export.report.contents import Report

Inputs = Literal["pixels", "unit", "normalized"]
#: Forms of the input of an ONNX network, for the dialog and the command.
INPUTS: Final[Mapping[Inputs, str]] = {
    "pixels": "whole numbers from 0 to 255 (value range and normalization are inside)",
    "unit": "numbers from 0 to 1 (normalization is inside)",
    "normalized": "normalized numbers (the file says with which mean and deviation)",
}
assert tuple(INPUTS) == get_args(Inputs)

Pages = Callable[["Report", Path], None]


@dataclass(frozen=True, slots=True)
class Options:
    """``pictures`` are those on which an exported network is compared (the run's own without any), ``chosen`` is how
    files of other programs are read, ``names`` are those of the outputs, ``inputs`` is what an ONNX network takes
    (None: pixels; of points their coordinates as they are). ``pages`` writes a report as pages into a file."""

    pictures: tuple[Path, ...] = ()
    chosen: ChosenInput = UNCHOSEN
    names: tuple[str, ...] = ()
    inputs: Inputs | None = None
    pages: Pages | None = None


USUAL: Final = Options()
