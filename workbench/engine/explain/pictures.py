"""Explanations as pictures and as numbers."""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from PIL import Image

from workbench.engine.core.text import for_file
from workbench.engine.explain.colours import Bytes, Floats, drawn_map
from workbench.engine.explain.explanation import Explanation

#: The minimum side in pixels of pictures in files.
_LEAST: Final = 224
#: Opacity of a map over the picture.
_OPACITY: Final = 0.6


def blended(seen: Bytes, colours: Bytes, opacity: float, is_smooth: bool) -> Bytes:
    """``colours`` (h, w, 3) over ``seen`` (H, W, 1 or 3), stretched to it: uint8 (H, W, 3).

    ``opacity`` is 0 (the picture alone, in gray) to 1; ``is_smooth`` interpolates between the places of the map.
    """
    height, width = seen.shape[:2]
    how = Image.Resampling.BILINEAR if is_smooth else Image.Resampling.NEAREST
    over = np.asarray(Image.fromarray(colours).resize((width, height), how), np.float64)
    under = seen.mean(2, keepdims=True)
    made: Bytes = np.rint(opacity * over + (1 - opacity) * under).astype(np.uint8)
    return made


def files_of(explanation: Explanation) -> dict[str, bytes]:
    """The files of an explanation by their names: three pictures and the numbers."""
    method = explanation.method
    seen = np.broadcast_to(explanation.seen, (*explanation.seen.shape[:2], 3)).astype(np.uint8)
    made = {"picture.png": _png(seen)}
    for name, values in ((method.kind, explanation.map), (f"{method.kind}-shuffled", explanation.shuffled)):
        colours = drawn_map(values, method.is_signed)
        made[f"{name}.png"] = _png(blended(explanation.seen, colours, _OPACITY, method.uses_layer))
    return made


def numbers_of(explanation: Explanation) -> dict[str, Any]:
    """All numbers, ready for JSON; a value of the shuffled map that is not finite is null."""
    method = explanation.method
    return {
        "network": explanation.network,
        "method": method.kind,
        "settings": method.model_dump(),
        "layer": explanation.layer,
        "class": explanation.class_name,
        "is_top_class": explanation.is_top,
        "probability": explanation.probability,
        "logit": explanation.logit,
        "unit": method.unit,
        "rank_correlation_with_shuffled": explanation.correlation,
        "verdict": explanation.verdict,
        "seconds": explanation.seconds,
        "map": _rows(explanation.map),
        "shuffled_map": _rows(explanation.shuffled),
    }


def _rows(values: Floats) -> list[list[float | None]]:
    return [[float(for_file(v, 9)) if np.isfinite(v) else None for v in row] for row in values.tolist()]


def _png(pixels: Bytes) -> bytes:
    """Small pictures are enlarged by a whole factor, so that each pixel can be seen."""
    factor = max(1, -(-_LEAST // max(pixels.shape[:2])))
    stream = io.BytesIO()
    Image.fromarray(pixels.repeat(factor, 0).repeat(factor, 1)).save(stream, "PNG")
    return stream.getvalue()
