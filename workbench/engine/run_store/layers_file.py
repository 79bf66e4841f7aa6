"""The layers of a run as they were measured last: ``layers.bin``, a line of JSON that names them, then float32."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.engine.core.atomic_write import CannotWrite, write_whole
from workbench.engine.core.observed import LayerStat, LayerStats

NAME: Final = "layers.bin"
#: At most about this many bytes of samples are kept; of a larger network every k-th value of each sample.
MOST_BYTES: Final = 1 << 20
#: While the run trains the file is written at most this often (seconds); a killed run has the layers of then.
_REST: Final = 60.0
_SAMPLES: Final = ("values", "peaks", "gradient", "old", "new", "back")


class LayersFile:
    """Keeps the newest measurement and writes it into the run's folder now and then. ``write`` may be called in
    another thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.latest: LayerStats | None = None
        self._written: LayerStats | None = None
        self._at = time.monotonic()

    def take(self, layers: LayerStats) -> None:
        """Remember a measurement; nothing of it is read yet, so that a step costs nothing."""
        self.latest = layers

    def forget_after(self, steps: int) -> None:
        """What was measured behind ``steps`` steps has never been."""
        if self.latest is not None and self.latest.step >= steps:
            self.latest = None

    def write(self, is_last: bool) -> None:
        """Write what is new, if the run has ended or the last time is long ago.

        A disk that does not take it is tried again the next time; the run needs nothing of it.
        """
        latest, now = self.latest, time.monotonic()
        if latest is None or latest is self._written or (not is_last and now - self._at < _REST):
            return
        self._at = now
        with contextlib.suppress(CannotWrite):
            write_whole(self.path, *_pieces(latest))
            self._written = latest


def read_layers(folder: Path) -> LayerStats | None:
    """The layers that the run in ``folder`` has kept; None without any, or where the file is damaged."""
    try:
        with (folder / NAME).open("rb") as file:
            data = file.read(8 * MOST_BYTES)
        head, _, body = data.partition(b"\n")
        said = json.loads(head)
        return LayerStats(int(said["step"]), tuple(_stats(said["layers"], body)))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _pieces(layers: LayerStats) -> Iterator[bytes]:
    samples = [[getattr(stat, name) for name in _SAMPLES] for stat in layers.layers]
    total = sum(len(each) for found in samples for each in found)
    every = max(1, -(-total // MOST_BYTES))
    kept = [[_thinned(each, every) for each in found] for found in samples]
    heads = [
        {"name": s.name, "layer": s.layer, "activation": s.activation, "sizes": [len(each) for each in found]}
        for s, found in zip(layers.layers, kept, strict=True)
    ]
    yield json.dumps({"step": layers.step, "samples": _SAMPLES, "layers": heads}).encode() + b"\n"
    for found in kept:
        yield from found


def _thinned(sample: bytes, every: int) -> bytes:
    return sample if every == 1 else np.frombuffer(sample, np.float32)[::every].tobytes()


def _stats(heads: list[Mapping[str, Any]], body: bytes) -> Iterator[LayerStat]:
    """Raises ValueError, KeyError or TypeError where ``body`` is not what ``heads`` say."""
    at = 0
    for head in heads:
        sizes = [int(size) for size in head["sizes"]]
        if len(sizes) != len(_SAMPLES) or min(sizes) < 0 or any(size % 4 for size in sizes) or not sizes[0]:
            raise ValueError("sizes")
        pieces = []
        for size in sizes:
            pieces.append(body[at : at + size])
            at += size
        if at > len(body):
            raise ValueError("torn")
        yield LayerStat(str(head["name"]), str(head["layer"]), str(head["activation"]), *pieces)
