"""What a person can choose of an export besides its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput

Inputs = Literal["pixels", "unit", "normalized"]
#: What an ONNX network takes, for a form and the command.
INPUTS: Final[Mapping[Inputs, str]] = {
    "pixels": "whole numbers from 0 to 255, as picture files have them: value range and normalization are inside",
    "unit": "numbers from 0 to 1: normalization is inside",
    "normalized": "normalized numbers: the file says with which mean and deviation",
}
assert tuple(INPUTS) == get_args(Inputs)


@dataclass(frozen=True, slots=True)
class Options:
    """``pictures`` are those on which an exported network is compared (the run's own without any), ``chosen`` is how
    files of other programs are read, ``names`` are those of the outputs, ``inputs`` is what an ONNX network takes
    (None: pixels; of points their coordinates as they are)."""

    pictures: tuple[Path, ...] = ()
    chosen: ChosenInput = UNCHOSEN
    names: tuple[str, ...] = ()
    inputs: Inputs | None = None


USUAL: Final = Options()
