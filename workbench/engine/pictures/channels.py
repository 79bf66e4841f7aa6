"""What a TIFF file says of its channels and numbers: Pillow drops some of them, or names no reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.text import counted

if TYPE_CHECKING:
    from PIL.Image import Image

#: Numbers of the tags of TIFF 6.0: bits of a sample, how colours are stored, samples per pixel, what the samples beyond
#: colours are, kind of number.
_BITS, _PHOTOMETRIC, _SAMPLES, _EXTRA, _FORMAT = 258, 262, 277, 338, 339
_WHITE_IS_ZERO, _RGB, _CMYK = 0, 2, 5
_UNSIGNED, _SIGNED = 1, 2
_ALPHA: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class Channels:
    """``count`` samples per pixel; ``colours`` of them are seen: gray, red green blue, or the four of print.

    ``has_signed_bytes``: they are numbers from −128 to 127.
    """

    count: int
    colours: int
    has_alpha: bool
    has_signed_bytes: bool = False

    @property
    def unseen(self) -> int:
        """How many channels are neither colours nor transparency."""
        return self.count - self.colours - self.has_alpha


def tiff_channels(file: Path) -> Channels | None:
    """The channels of the first page of a TIFF file; None if that cannot be read, or it is none."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    try:
        with file.open("rb") as stream:
            head = stream.read(16)
            tags = ImageFileDirectory_v2(head if b"+" in head[2:4] else head[:8])
            stream.seek(tags.next)
            tags.load(stream)
        colours = {_RGB: 3, _CMYK: 4}.get(int(tags.get(_PHOTOMETRIC, 1)), 1)
        extra = tags.get(_EXTRA, ())
        is_signed = tags.get(_BITS, (1,))[0] == 8 and tags.get(_FORMAT, (1,))[0] == _SIGNED
        return Channels(int(tags.get(_SAMPLES, 1)), colours, any(each in _ALPHA for each in extra), is_signed)
    except Exception:  # a damaged directory raises anything
        return None


def is_white_zero(image: Image) -> bool:
    """Whether an opened TIFF file says that its value 0 is white; Pillow minds that in pictures of 8 bits alone."""
    tags: Any = getattr(image, "tag_v2", {})
    return bool(tags.get(_PHOTOMETRIC, 1) == _WHITE_IS_ZERO)


def is_unsigned(image: Image) -> bool:
    """Whether the numbers of an opened TIFF file are of 32 bits without a sign; Pillow gives those as with one."""
    tags: Any = getattr(image, "tag_v2", {})
    return bool(tags.get(_BITS, (1,))[0] == 32 and tags.get(_FORMAT, (_UNSIGNED,))[0] == _UNSIGNED)


def has_more(file: Path) -> bool:
    """Whether a TIFF file in colour has one more channel (infrared), which is not seen."""
    found = tiff_channels(file)
    return found is not None and found.colours > 1 and found.unseen == 1


def channels_trouble(file: Path) -> str:
    """Why the channels of a TIFF file cannot be used; empty if they can, or it is none."""
    found = tiff_channels(file)
    if found is not None and found.has_signed_bytes:
        return "8-bit numbers from −128 to 127 are not supported"
    if found is None or found.unseen < 1 or has_more(file):
        return ""
    count = counted(found.count, "channel")
    return f"{count}; more than three channels are not supported" if found.count > 3 else f"{count} that are no colours"
