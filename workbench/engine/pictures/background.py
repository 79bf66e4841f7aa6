"""What lies behind transparent parts: white, or black where all that is seen of the picture is white itself.

Some programs write 0 into a channel of transparency that they do not use: nothing of such a picture would be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

#: From this value on a channel is taken as white, and transparency shows a shape if it differs by so much.
_WHITE: Final = 250
_SHOWS: Final = 32


def over_background(picture: Image) -> Image:
    """``picture`` (RGBA) without transparency, as RGBA."""
    if is_clear(picture):
        return picture.convert("RGB").convert("RGBA")
    over_white = _over(picture, "white")
    return _over(picture, "black") if _vanishes(picture, over_white) else over_white


def is_clear(picture: Image) -> bool:
    """Whether ``picture`` (RGBA) is fully transparent everywhere, and has colours of several values nonetheless."""
    *colours, (_, most) = cast("list[tuple[int, int]]", picture.getextrema())
    return most == 0 and any(low < high for low, high in colours)


def vanishes_over_white(picture: Image) -> bool:
    """Whether nothing of ``picture`` (RGBA) is seen over white, though parts of it are less transparent than others."""
    return _vanishes(picture, _over(picture, "white"))


def without_alpha(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Pictures (n, 4, H, W) as (n, 3, H, W), each over its background as a file would be."""
    flat = np.ascontiguousarray(pictures[:, :3])
    for index in np.flatnonzero((pictures[:, 3] < 255).any((1, 2))):
        seen = over_background(_as_image(pictures[index])).convert("RGB")
        flat[index] = np.asarray(seen, np.uint8).transpose(2, 0, 1)
    return flat


def vanishing(pictures: npt.NDArray[np.uint8]) -> int:
    """How many of the pictures (n, 4, H, W) are read over black."""
    return sum(vanishes_over_white(_as_image(picture)) for picture in pictures)


def all_clear(pictures: npt.NDArray[np.uint8]) -> int:
    """How many of the pictures (n, 4, H, W) are fully transparent and are read by their colours alone."""
    return sum(is_clear(_as_image(picture)) for picture in pictures)


def _as_image(picture: npt.NDArray[np.uint8]) -> Image:
    from PIL import Image as Images

    return Images.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0)))


def _over(picture: Image, colour: str) -> Image:
    from PIL import Image as Images

    return Images.alpha_composite(Images.new("RGBA", picture.size, colour), picture)


def _vanishes(picture: Image, over_white: Image) -> bool:
    visible: Any = over_white.convert("RGB").getextrema()  # lowest and highest value of each channel
    alpha: Any = picture.getchannel("A").getextrema()
    return bool(alpha[1] - alpha[0] >= _SHOWS and min(low for low, _ in visible) >= _WHITE)
