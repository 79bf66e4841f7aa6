"""The prediction for one picture, with the details that are shown beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import short
from workbench.engine.evaluation.picture_reading import PictureReading
from workbench.engine.pictures.decode import Unreadable, fitted, read_header, read_picture
from workbench.engine.use.network import Bytes, UsedNetwork

#: The number of classes that are shown.
SHOWN: Final = 8
#: The largest side of ``Answer.sharp`` in pixels, if the network's pictures are not larger.
SHARP: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The likeliest ``classes`` with their probabilities (0–1), the likeliest first, SHOWN at most.

    ``given`` is the picture as it was read, ``sharp`` the same before its reduction, of SHARP pixels a side at most,
    ``seen`` what enters the first layer (of the first member), its lowest
    value drawn black and its highest white; all uint8 (H, W, 1 or 3). ``seen_words`` say its size and values.
    ``seconds`` is the time of one pass of the network.
    """

    network: str
    classes: tuple[tuple[str, float], ...]
    given: Bytes
    sharp: Bytes
    seen: Bytes
    seen_words: str
    seconds: float


def answered(network: UsedNetwork, picture: Path | Bytes) -> Answer:
    """The answer to a file, or to pixels in memory, uint8 (H, W, 1, 3 or 4). Raises WorkbenchError."""
    try:
        read = network.read(picture) if isinstance(picture, Path) else network.fit(picture)
        sharp = _sharp(picture, network.members[0].reading)
    except Unreadable as error:
        name = f"{picture.name} cannot be used" if isinstance(picture, Path) else "This picture cannot be used"
        raise WorkbenchError(f"{name}: {error}.") from None
    batch = [each[None] for each in read]
    began = time.perf_counter()
    logs = network.logs(batch)[0]
    seconds = time.perf_counter() - began
    order = np.argsort(-logs, kind="stable")[:SHOWN]
    seen = network.members[0].seen(read[0])
    return Answer(
        network.name,
        tuple((network.classes[k], float(np.exp(logs[k]))) for k in order.tolist()),
        np.ascontiguousarray(read[0].transpose(1, 2, 0)),
        sharp,
        as_picture(seen),
        _words(seen),
        seconds,
    )


def _sharp(picture: Path | Bytes, reading: PictureReading) -> Bytes:
    """``picture`` cut by the rule of ``reading``, with as many of its own pixels as SHARP allows. Raises Unreadable."""
    if isinstance(picture, Path):
        header = read_header(picture)
        side = _sharp_side(header.width, header.height, reading)
        made = read_picture(picture, side, False, reading.fit, reading.range)
    else:
        side = _sharp_side(picture.shape[1], picture.shape[0], reading)
        made = fitted(picture, side, False, reading.fit)
    return np.ascontiguousarray(made.transpose(1, 2, 0))


def _sharp_side(width: int, height: int, reading: PictureReading) -> int:
    own = min(width, height) if reading.fit == "crop" else max(width, height)
    return max(reading.side, min(own, SHARP))


def as_picture(values: npt.NDArray[np.float32]) -> Bytes:
    """``values`` (C, H, W) as uint8 (H, W, 1 or 3): the lowest black, the highest white; one value is gray.

    Of other numbers of channels the first is taken.
    """
    some = values if len(values) in (1, 3) else values[:1]
    low, high = float(some.min()), float(some.max())
    shares = (some - low) / (high - low) if high > low else np.full_like(some, 0.5)
    return np.ascontiguousarray(np.rint(shares * 255).astype(np.uint8).transpose(1, 2, 0))


def _words(seen: npt.NDArray[np.float32]) -> str:
    channels, height, width = seen.shape
    colours = {1: "gray", 3: "colour"}.get(channels, f"{channels} channels")
    low, high = short(float(seen.min()), 3), short(float(seen.max()), 3)
    return f"{width}×{height} {colours}, values from {low} to {high}"
