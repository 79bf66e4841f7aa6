"""One picture file as a square uint8 array: the one rule by which training, preview and use read pictures.

Only the formats named here are read, by content. EXIF rotation is applied; of an animation the first frame is taken;
16 bits, gray or in colour, and 32 bits in gray are scaled to 8 (v / 257, or from the range of values that the set
uses); transparent parts lie over white, or over black where all that is seen is white itself; a picture of which
nothing is opaque is read by its colours alone; palette, CMYK and other colour spaces become RGB.
The picture is resized (bilinear, antialiased) to a square by one of three rules, see ``Fit``.
"""

from __future__ import annotations

import logging
import re
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import grouped
from workbench.engine.pictures.background import is_clear, over_background, vanishes_over_white
from workbench.engine.pictures.channels import channels_trouble, is_unsigned, is_white_zero
from workbench.engine.pictures.deep_colour import deep_mode, deep_numbers
from workbench.engine.pictures.picture_kinds import advice, both_ends, first_bytes, formats, is_read, kind_of_head

if TYPE_CHECKING:
    from PIL.Image import Image

#: How a picture becomes a square: the centre square is cut out, the sides are scaled each by itself, or the whole
#: picture is scaled and the rest is black.
Fit = Literal["crop", "squeeze", "pad"]

#: Larger pictures are never decoded: 20,000 × 20,000 white pixels fit into a PNG of a few KB and unpack to 1.2 GB.
MAX_PIXELS = 89_478_485
#: Raised by one whenever the same file would give other pixels: caches of older rules are not used.
RULE = 6
#: The values that become black (0) and white (255).
Range = tuple[float, float]
#: That of 16 bits.
FULL: Final[Range] = (0.0, 65_535.0)
_GRAY = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "LA;16"})
#: Last bytes of complete files of these kinds.
_ENDS: Final = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_NO_RANGE: Final = "floating-point pixels have no stated range"


class Unreadable(Exception):
    """The file is not a picture that can be used; the text says why, in a few words.

    ``passing``: it lies with the machine (drive, memory, permission), so the same file may be readable later.
    """

    def __init__(self, why: str, passing: bool = False) -> None:
        super().__init__(why)
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of its picture: the sides in pixels as they are stored, and Pillow's name of the mode, or one of
    ``deep_mode`` where Pillow has none.
    """

    width: int
    height: int
    mode: str

    @property
    def is_gray(self) -> bool:
        """Whether the picture is stored without colour."""
        return self.mode in _GRAY

    @property
    def is_deep(self) -> bool:
        """Whether the picture is stored with more than 8 bits a channel."""
        return self.mode.startswith("I") or self.mode.endswith(";16")

    @property
    def has_opacity(self) -> bool:
        """Whether the picture has a channel of transparency."""
        return self.mode.partition(";")[0] in ("RGBA", "LA", "PA")


def read_header(file: Path) -> Header:
    """Only the header of the file is read. Raises Unreadable."""
    with _opened(file) as image:
        return _header(image)


def _header(image: Image) -> Header:
    return Header(image.width, image.height, deep_mode(image) or image.mode)


def is_gray(file: Path) -> bool:
    """Whether the picture is stored without colour; only its header is read. Raises Unreadable."""
    return read_header(file).is_gray


def head_trouble(file: Path) -> str:
    """Why ``file`` is no picture that can be read, as far as its first bytes or its header say; empty if it may be.

    One that does not end as others of its kind do is decoded.
    """
    head, tail = both_ends(file)
    kind = kind_of_head(head)
    if kind in _ENDS and _ENDS[kind] not in tail:
        return _trouble_within(file)
    if is_read(kind) and kind not in ("AVIF", "HEIC", "TIFF"):  # Pillow may lack what a file of these needs
        return ""
    try:
        return _NO_RANGE if read_header(file).mode == "F" else ""
    except Unreadable as error:
        return str(error)


def _trouble_within(file: Path) -> str:
    """Why ``file`` cannot be decoded to its end; empty if it can."""
    try:
        read_picture(file, 1, True)
    except Unreadable as error:
        return str(error)
    return ""


def has_pages(file: Path) -> bool:
    """Whether the file holds more than one picture. Raises Unreadable."""
    with _opened(file) as image:
        try:
            return bool(getattr(image, "is_animated", False))
        except Exception as error:  # it looks for the second one
            raise Unreadable(*_words(error)) from None


def is_over_black(file: Path, most: int) -> bool:
    """Whether the shape in the file is white and only in its transparency, so that it is read over black.

    A file of more than ``most`` pixels is not decoded: False. Raises Unreadable.
    """
    with _opened(file) as image:
        if not image.has_transparency_data or image.mode.startswith("I") or image.width * image.height > most:
            return False
        try:
            return vanishes_over_white(image.convert("RGBA"))
        except Exception as error:
            raise Unreadable(*_words(error)) from None


def is_all_clear(file: Path, most: int) -> bool:
    """Whether the file is fully transparent everywhere and has colours, which are then read as if it were opaque.

    A file of more than ``most`` pixels is not decoded: False. Raises Unreadable.
    """
    with _opened(file) as image:
        if not image.has_transparency_data or image.width * image.height > most:
            return False
        try:
            if not deep_mode(image):
                return is_clear(image.convert("RGBA"))
            colours, opacity = deep_numbers(lambda: _opened(file))
            is_seen = opacity is None or scaled(opacity, FULL).any()
            return bool(not is_seen and (colours.min((0, 1)) < colours.max((0, 1))).any())
        except Exception as error:
            raise Unreadable(*_words(error)) from None


def read_opacity(file: Path, most: int) -> npt.NDArray[Any] | None:
    """The channel of transparency (H, W) of the file, uint8 or uint16; None without one, and for more than ``most``
    pixels. Raises Unreadable.
    """
    with _opened(file) as image:
        if not _header(image).has_opacity or image.width * image.height > most:
            return None
        try:
            if deep_mode(image):
                return deep_numbers(lambda: _opened(file))[1]
            return np.asarray(image.getchannel("A"))
        except Exception as error:
            raise Unreadable(*_words(error)) from None


def read_values(file: Path) -> npt.NDArray[Any] | None:
    """The values (pixels, 1 or 3) of a picture of more than 8 bits as stored, without those that are fully transparent
    unless all are; None for others. Raises Unreadable.
    """
    with _opened(file) as image:
        is_deep = bool(deep_mode(image))
        if not is_deep and not image.mode.startswith("I"):
            return None
        try:
            if is_deep:
                colours, opacity = deep_numbers(lambda: _opened(file))
                if opacity is not None and opacity.any():
                    return colours[opacity > 0]
                return colours.reshape(-1, colours.shape[2])
            image.load()
            return _black_first(image, _stored_as(image)).reshape(-1, 1)
        except Exception as error:
            raise Unreadable(*_words(error)) from None


def read_picture(file: Path, size: int, gray: bool, fit: Fit = "crop", values: Range = FULL) -> npt.NDArray[np.uint8]:
    """The picture as uint8 (1, size, size) if ``gray``, else (3, size, size). Raises Unreadable."""
    return read_both(file, size, gray, fit, values)[1]


def read_both(
    file: Path, size: int, gray: bool, fit: Fit = "crop", values: Range = FULL
) -> tuple[Header, npt.NDArray[np.uint8]]:
    """Header and picture, of one with more than 8 bits the ``values``. Raises Unreadable for whatever is wrong."""
    with _opened(file) as image:
        header = _header(image)
        try:
            whole = _from_deep_colour(file, values) if deep_mode(image) else _upright(image, size, values)
            small = _shaped(whole, size, fit).convert("L" if gray else "RGB")
        except Unreadable:
            raise
        except Exception as error:  # Pillow's decoders raise anything on damaged files
            raise Unreadable(*_words(error)) from None
    pixels = np.asarray(small, np.uint8)
    return header, pixels[None] if gray else pixels.transpose(2, 0, 1)


def fitted(pixels: npt.NDArray[np.uint8], size: int, gray: bool, fit: Fit = "crop") -> npt.NDArray[np.uint8]:
    """Pixels in memory, uint8 (H, W, 1, 3 or 4), by the rule for files: (1 or 3, size, size). A fourth is opacity.

    Raises Unreadable for an empty picture or another number of channels.
    """
    from PIL import Image as Images

    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or not pixels.size:
        shape = " × ".join(map(str, pixels.shape))
        raise Unreadable(f"an array of {shape} is no picture in gray or colour")
    image = Images.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    small = np.asarray(_shaped(_plain(image, FULL), size, fit).convert("L" if gray else "RGB"), np.uint8)
    return small[None] if gray else small.transpose(2, 0, 1)


#: Pillow warns of files that are odd or large; here they are read or named as unreadable. It is a filter and no
#: ``catch_warnings``, which must not be used where several threads read.
_QUIET = ("ignore", None, Warning, re.compile(r"PIL\b"), 0)


def _opened(file: Path) -> Image:
    from PIL import Image, UnidentifiedImageError

    if _QUIET not in warnings.filters:
        warnings.filterwarnings("ignore", module=r"PIL\b")
        logging.getLogger("PIL").setLevel(logging.CRITICAL)  # what it logs is said by the exception
    try:
        if not stat.S_ISREG(file.stat().st_mode) and not file.is_dir():  # a pipe would be waited for
            raise Unreadable("not a file but a pipe or a device")
        image = Image.open(file, formats=formats())
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise Unreadable(channels_trouble(file) or unknown_words(first_bytes(file))) from None
    except Exception as error:
        raise Unreadable(*_words(error)) from None
    if image.format == "TIFF" and (trouble := channels_trouble(file)):
        image.close()
        raise Unreadable(trouble)
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Unreadable(f"{grouped(image.width)} × {grouped(image.height)} pixels are too many")
    return image


def unknown_words(head: bytes) -> str:
    """Why a file that begins with ``head`` is no picture that can be read."""
    kind = kind_of_head(head)
    if not head:
        return "not a picture in a known format: empty"
    if is_read(kind):
        return f"not a picture in a known format: {kind} of a compression that is not read"
    return f"not a picture in a known format: {advice(kind)}" if kind else "not a picture in a known format"


def _words(error: Exception) -> tuple[str, bool]:
    """Why, and whether it may pass."""
    from PIL import Image

    if isinstance(error, Image.DecompressionBombError):
        return "too many pixels", False
    if isinstance(error, MemoryError):
        return "there is not enough memory to decode it", True
    if isinstance(error, OSError) and error.strerror:
        return error.strerror, True
    return "damaged or cut off", False


def _upright(image: Image, size: int, values: Range) -> Image:
    """The whole picture as 8-bit L or RGB, upright; of a JPEG no more pixels than ``size`` needs."""
    from PIL import ImageOps

    image.draft(None, (2 * size, 2 * size))  # a JPEG is decoded at 1/2, 1/4 or 1/8 where that is enough
    image.load()
    return _plain(ImageOps.exif_transpose(image), values, _stored_as(image))


def _from_deep_colour(file: Path, values: Range) -> Image:
    """As ``_upright``, of a file with a ``deep_mode``."""
    from PIL import Image as Images

    try:
        colours, opacity = deep_numbers(lambda: _opened(file))
    except ValueError:
        raise Unreadable("16 bits a channel, stored in a way that is not read; save it as PNG") from None
    pixels = scaled(colours, values)
    if opacity is None:
        return Images.fromarray(pixels)
    colour = np.broadcast_to(pixels, (*opacity.shape, 3))
    over = over_background(Images.fromarray(np.dstack([colour, scaled(opacity, FULL)])))
    return over.convert("L" if pixels.shape[2] == 1 else "RGB")


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a file says of its numbers, which is gone when its picture is turned: 0 is white; 32 bits without a sign."""

    is_inverted: bool = False
    is_unsigned: bool = False


def _stored_as(image: Image) -> _Stored:
    return _Stored(is_white_zero(image), is_unsigned(image))


def _plain(image: Image, values: Range, stored: _Stored = _Stored()) -> Image:
    """The picture as 8-bit L or RGB."""
    if image.mode.startswith("I"):
        return _from_whole_numbers(image, values, stored)
    if image.mode == "F":
        raise Unreadable(_NO_RANGE)
    if image.has_transparency_data:
        return over_background(image.convert("RGBA")).convert("L" if image.mode in _GRAY else "RGB")
    return image.convert("L" if image.mode in _GRAY else "RGB")


def _from_whole_numbers(image: Image, values: Range, stored: _Stored) -> Image:
    from PIL import Image as Images

    return Images.fromarray(scaled(_black_first(image, stored), values))


def _black_first(image: Image, stored: _Stored) -> npt.NDArray[Any]:
    """The values (H, W) of a picture of 16 or 32 bits, 0 as black."""
    numbers = np.asarray(image)
    if stored.is_unsigned:
        return numbers.view(np.uint32)
    return np.uint16(FULL[1]) - numbers if stored.is_inverted and image.mode.startswith("I;16") else numbers


def scaled(pictures: npt.NDArray[Any], values: Range) -> npt.NDArray[np.uint8]:
    """Numbers of any kind and shape as 8 bits: the first of ``values`` and below is 0, the second and above 255."""
    low, high = values
    part = np.clip(pictures.astype(np.float64), low, high) - low
    return np.rint(part / ((high - low) / 255)).astype(np.uint8)


def _shaped(image: Image, size: int, fit: Fit) -> Image:
    from PIL import Image as Images

    if fit == "squeeze":
        return image.resize((size, size), Images.Resampling.BILINEAR)
    return _padded(image, size) if fit == "pad" else _squared(image, size)


def _squared(image: Image, size: int) -> Image:
    """Resizing the centre square is resizing the shorter side and cutting out the centre, at less work."""
    from PIL import Image as Images

    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return image.resize((size, size), Images.Resampling.BILINEAR, box=(left, top, left + side, top + side))


def _padded(image: Image, size: int) -> Image:
    """The longer side is resized to ``size``; the picture lies in the middle of a black square."""
    from PIL import Image as Images

    longest = max(image.size)
    width, height = (max(1, round(side * size / longest)) for side in image.size)
    square = Images.new(image.mode, (size, size))
    square.paste(image.resize((width, height), Images.Resampling.BILINEAR), ((size - width) // 2, (size - height) // 2))
    return square
