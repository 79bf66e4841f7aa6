"""Colour, and gray with transparency, of 16 bits a channel: PNG, TIFF and PPM.

Pillow (13.0) has no mode for these and keeps the upper byte of each number. Its decoders give the lower byte when they
are asked for the other byte order, so the numbers are put together from two passes. ``test_deep_colour.py`` reads files
of known numbers; it fails where a Pillow decodes otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

Numbers = npt.NDArray[np.uint16]

_MOST: Final = 65_535
#: Numbers of TIFF tags: bits of a sample, and whether the channels lie one behind the other.
_BITS, _PLANAR = 258, 284
_SEPARATE: Final = 2
_OTHER_ORDER: Final = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}


def deep_mode(image: Any) -> str:
    """``RGB;16``, ``RGBA;16`` or ``LA;16`` for a picture of these that Pillow has opened, empty for others; nothing is
    decoded.
    """
    if image.mode not in ("RGB", "RGBA") or not image.tile:
        return ""
    if image.format == "PNG":
        raw, _, bits = _raw_mode(image).partition(";")
        return f"{raw};16" if bits == "16B" else ""
    if image.format == "TIFF":
        tags: Any = getattr(image, "tag_v2", {})
        return f"{image.mode};16" if tags.get(_BITS, (8,))[0] == 16 else ""
    args: Any = image.tile[0].args
    is_deep = image.format == "PPM" and image.tile[0].codec_name.startswith("ppm") and args[-1] > 255
    return "RGB;16" if is_deep else ""


def deep_numbers(opened: Callable[[], Image]) -> tuple[Numbers, Numbers | None]:
    """Colours (H, W, 1 or 3) and opacity (H, W) of a picture with a ``deep_mode``, upright; None without transparency.

    ``opened`` gives it newly opened, each time. Raises ValueError for an arrangement that Pillow cannot take apart, and
    what Pillow raises of damaged files.
    """
    with opened() as image:
        mode, clear = deep_mode(image), image.info.get("transparency")
        is_multiplied = _raw_mode(image).startswith("RGBa")
        if image.format == "PPM":
            return _of_ppm(image), None
        first = _decoded(image, mode, False)
    if mode == "LA;16":  # read as four bytes: both of the gray, both of the opacity
        return _joined(first[..., :1], first[..., 1:2]), _joined(first[..., 2], first[..., 3])
    with opened() as image:
        numbers = _joined(first, _decoded(image, mode, True))
    colours, opacity = numbers[..., :3], numbers[..., 3] if mode == "RGBA;16" else None
    if opacity is not None and is_multiplied:
        colours = _divided(colours, opacity)
    if opacity is None and isinstance(clear, tuple):  # one colour is transparent
        opacity = np.where((colours == np.array(clear)).all(2), 0, _MOST).astype(np.uint16)
    return colours, opacity


def _decoded(image: Any, mode: str, low: bool) -> npt.NDArray[np.uint8]:
    """One byte of each number (H, W, C): the upper or the lower one."""
    from PIL import ImageOps

    image.tile = [tile._replace(args=_changed(tile.args, image, mode, low)) for tile in image.tile]
    image.load()
    return np.asarray(ImageOps.exif_transpose(image))


def _changed(args: Any, image: Image, mode: str, low: bool) -> Any:
    """The arguments of a decoder, for the wanted byte."""
    raw, *rest = (args,) if isinstance(args, str) else args
    if mode == "LA;16":
        raw = "RGBA"
    else:
        raw = _separate(raw, image).replace("RGBa", "RGBA")
        raw = raw[:-1] + _OTHER_ORDER[raw[-1]] if low else raw
    return (raw, *rest) if rest else raw


def _separate(raw: str, image: Image) -> str:
    """The raw mode of one of several channels that lie one behind the other, which Pillow reads as 8 bits."""
    tags: Any = getattr(image, "tag_v2", {})
    if tags.get(_PLANAR) != _SEPARATE:
        return raw
    if len(raw) > 1:
        raise ValueError("packed channels one behind the other")
    return f"{raw};16{'B' if tags.prefix == b'MM' else 'L'}"


def _of_ppm(image: Any) -> Numbers:
    """The colours, read as gray of three times the width: Pillow gives that in 16 bits, the file's white as 65,535."""
    width, height = image.size
    image._mode, image._size = "I", (3 * width, height)
    (tile,) = image.tile
    image.tile = [tile._replace(extents=(0, 0, 3 * width, height), args=("I", *tile.args[1:]))]
    image.load()
    return np.asarray(image).reshape(height, width, 3).astype(np.uint16)


def _raw_mode(image: Any) -> str:
    args: Any = image.tile[0].args if image.tile else ""
    return str(args if isinstance(args, str) else args[0])


def _joined(high: npt.NDArray[np.uint8], low: npt.NDArray[np.uint8]) -> Numbers:
    return np.asarray(high.astype(np.uint16) << 8 | low)


def _divided(colours: Numbers, opacity: Numbers) -> Numbers:
    """Colours that were stored times their opacity."""
    share = np.maximum(opacity, 1)[..., None].astype(np.float64) / _MOST
    return np.minimum(np.rint(colours / share), _MOST).astype(np.uint16)
