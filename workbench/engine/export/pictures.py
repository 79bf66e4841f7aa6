"""Inputs on which an exported network is compared with the original."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.data.store import DataStore
from workbench.engine.evaluation.evaluation_data import HeldBackData
from workbench.engine.export.subject import Subject
from workbench.engine.pictures.decode import Unreadable, read_picture
from workbench.engine.use.picture_walk import PictureWalk

if TYPE_CHECKING:
    from torch import Tensor

#: Maximum number of inputs to compare.
MOST: Final = 256


def real_inputs(subject: Subject, given: Sequence[Path], store: DataStore | None = None) -> Job[Tensor]:
    """Float32 (N, C, H, W) in [0, 1] or points (N, D), N at most MOST: the pictures at the paths ``given``, else what
    the run held back for validation. Raises WorkbenchError where there are none."""
    import torch

    if given:
        found = yield from _of_files(subject, given)
    else:
        yield Loading(0, 0, "Reading the data")
        found = _held_back(subject, store)
    if found.dtype == np.float32:
        return torch.from_numpy(found)
    return torch.from_numpy(_cut(found, subject.shape[1:]).copy()).float().div_(255.0)


def _held_back(subject: Subject, store: DataStore | None) -> npt.NDArray[Any]:
    trained = subject.origin.trained
    try:
        if trained is None:
            raise WorkbenchError(f"{subject.name} does not say on which data it was trained.")
        examples = HeldBackData(trained, None, store).load_for(subject.file.origin)
    except WorkbenchError as error:
        text = f"{error.message} The exported network is compared on real pictures: choose some (--pictures FOLDER)."
        raise WorkbenchError(text, error.path) from None
    made: npt.NDArray[Any] = examples.dataset.inputs[examples.indices[:MOST]]
    return made


def _of_files(subject: Subject, given: Sequence[Path]) -> Job[npt.NDArray[Any]]:
    reading, pictures = subject.reading, list[npt.NDArray[np.uint8]]()
    for file in PictureWalk(given):
        try:
            pictures.append(read_picture(file, reading.side, reading.colour == "gray", reading.fit, reading.range))
        except Unreadable:
            continue
        yield Loading(len(pictures), MOST, "Reading pictures")
        if len(pictures) == MOST:
            break
    if not pictures:
        raise WorkbenchError(f"There are no pictures that can be read in {', '.join(map(str, given))}.")
    return np.stack(pictures)


def _cut(pictures: npt.NDArray[Any], size: tuple[int, ...]) -> npt.NDArray[Any]:
    """The centre of ``size`` (H, W), as ``input_layers.Cropped`` cuts it out."""
    top, left = ((have - want) // 2 for have, want in zip(pictures.shape[2:], size, strict=True))
    return pictures[:, :, top : top + size[0], left : left + size[1]]
