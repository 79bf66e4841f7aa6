"""Letters and signs drawn by the program: as many as wanted, at any small size, without a file from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.base import Dataset, DataSource
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import uniforms

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

#: One class each, with the forms that it is drawn in; the first names it. A small letter that looks like its capital is
#: another form of it. No digits: they are what a network that has learned these is tried on.
FORMS = (
    *("A", "B", "Cc", "D", "E", "F", "G", "H", "Ii", "Jj", "Kk", "Ll", "Mm", "N", "Oo", "Pp", "Q", "R", "Ss", "T"),
    *("Uu", "Vv", "Ww", "Xx", "Yy", "Zz", "a", "b", "d", "e", "f", "g", "h", "n", "q", "r", "t"),
    *("+", "=", "#", "%", "&", "*", "@", "?", "!", "$", "<", ">", "/", "\\", "~", "^", "(", ")", "{", "}", "[", "]"),
)
#: Letters are drawn from tables of the distance to the letter's edge, ``_TABLE`` samples wide and high, with the letter
#: in the middle ``_INK`` of them.
_TABLE, _INK = 96, 64
#: Every picture is drawn at least this fine and then reduced: a pixel is the share of ink in it.
_FINE = 32
#: What is added to both sides of a stroke, as a share of the picture's width, and how much that varies.
_STROKE, _STROKE_SPREAD = 0.04, 0.035
#: The letter's larger side as a share of the picture's.
_SCALE = 0.86
#: How far each thing goes at a distortion of 1: radians, then shares.
_ROTATION, _SHEAR, _STRETCH, _SHIFT, _WAVE = 0.25, 0.3, 0.25, 0.08, 0.08
#: Random numbers a picture, and pictures drawn at a time.
_DRAWS, _CHUNK = 11, 256


class Drawn(DataSource):
    """Glyphs of the font inside Pillow, moved by a random affine map and a slow wave, with a stroke of random width.

    Each picture is a function of (data seed, its number), and its class is its number modulo the number of classes.
    """

    kind: ClassVar[str] = "drawn"
    title: ClassVar[str] = "Drawn letters and signs"
    summary: ClassVar[str] = "As many letters and signs as you like, no digits; what is learned here helps with digits."
    order: ClassVar[int] = 12
    mirrors: ClassVar[bool] = False
    can_hold_back: ClassVar[bool] = False

    drawn_of_each: Annotated[
        int,
        Knob(
            "Pictures per class",
            "This many pictures of each letter and sign are drawn; training and validation are split from them. "
            "There are no digits among them: digits are what a network that has learned these is transferred to.",
            unit="pictures",
            low=2,
            high=2_000,
            scale="log",
        ),
    ] = 100
    size: Annotated[
        int,
        Knob(
            "Picture size",
            "The width and height of the pictures. "
            "They are drawn finely and then reduced as the bundled digits were, which have 8 pixels.",
            unit="pixels",
            low=8,
            high=32,
        ),
    ] = 8
    distortion: Annotated[
        float,
        Knob(
            "Distortion",
            "How much the letters are rotated, sheared, stretched, shifted and bent, and how much their stroke varies. "
            "0 draws every letter of one form alike; at 1 they vary about as much as handwriting does.",
            low=0.0,
            high=2.0,
        ),
    ] = 1.0
    data_seed: Annotated[
        int,
        Knob(
            "Data seed",
            "Another number draws other pictures of the same kind. The same number always gives the same pictures.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0

    def files(self) -> tuple[Path, ...]:
        return ()

    def load(self) -> Dataset:
        """Pictures uint8 (N, 1, size, size), ink bright on a dark ground."""
        count = self.drawn_of_each * len(FORMS)
        pixels = np.empty((count, 1, self.size, self.size), np.uint8)
        for part in _parts(count):
            pixels[part, 0] = self._draw(part)
        return Dataset(pixels, np.arange(count, dtype=np.int64) % len(FORMS), tuple(forms[0] for forms in FORMS))

    def _draw(self, numbers: Labels) -> npt.NDArray[np.uint8]:
        u = uniforms(numbers, _DRAWS, self.data_seed, 0, "drawn")
        tables, first, forms = _tables()
        labels = numbers % len(FORMS)
        glyph = first[labels] + (u[:, 0] * forms[labels]).astype(np.int64)
        fine = self.size * -(-_FINE // self.size)
        wild = (2.0 * u[:, 1:] - 1.0) * np.float32(self.distortion)
        x, y, scale = _places(fine, wild)
        column, row = _index(x), _index(y)
        distance = tables.reshape(-1)[(glyph[:, None, None] * _TABLE + row) * _TABLE + column]
        # The table's distances are in letter sizes; here the unit is the width of a fine pixel.
        stroke = _STROKE + _STROKE_SPREAD * wild[:, 8]
        ink = np.clip((distance * scale[:, None, None] + stroke[:, None, None]) * fine + 0.5, 0.0, 1.0)
        by = fine // self.size
        share = ink.reshape(len(numbers), self.size, by, self.size, by).mean((2, 4))
        pixels: npt.NDArray[np.uint8] = np.rint(share * 255.0).astype(np.uint8)
        return pixels


def _places(fine: int, wild: Floats) -> tuple[Floats, Floats, Floats]:
    """Where in its letter each fine pixel is, (n, fine, fine) in letter sizes from the middle, and the letter's scale.

    The maps are the inverse of what is done to the letter: shift, wave, rotation, shear, stretch.
    """
    turn, shear, wide, high, right, down = (wild[:, i, None, None] for i in range(6))
    middle = (np.arange(fine, dtype=np.float32) + np.float32(0.5)) / np.float32(fine) - np.float32(0.5)
    x = middle[None, None, :] - _SHIFT * right
    y = middle[None, :, None] - _SHIFT * down
    phase_x, phase_y = (2.0 * np.pi * wild[:, i, None, None] for i in (6, 7))
    wave = _WAVE * wild[:, 9, None, None]
    x, y = x + wave * np.sin(2.0 * np.pi * y + phase_x), y + wave * np.sin(2.0 * np.pi * x + phase_y)
    cos, sin = np.cos(_ROTATION * turn), np.sin(_ROTATION * turn)
    x, y = cos * x + sin * y, cos * y - sin * x
    scale_x, scale_y = _SCALE * np.exp(_STRETCH * wide), _SCALE * np.exp(_STRETCH * high)
    scale = np.sqrt(scale_x * scale_y)[:, 0, 0]
    return (x + _SHEAR * shear * y) / scale_x, y / scale_y, scale


def _index(place: Floats) -> Labels:
    """The nearest sample of a table for places in letter sizes from its middle."""
    return np.clip(place * _INK + _TABLE // 2, 0, _TABLE - 1).astype(np.int64)


def _parts(count: int) -> Iterator[Labels]:
    for start in range(0, count, _CHUNK):
        yield np.arange(start, min(count, start + _CHUNK), dtype=np.int64)


@cache
def _tables() -> tuple[Floats, Labels, Labels]:
    """Distance tables of all forms (F, _TABLE, _TABLE), the first form of each class, and how many it has."""
    font = _font()
    tables = np.stack([_distances(_glyph(font, form)) for forms in FORMS for form in forms])
    counts = np.array([len(forms) for forms in FORMS], np.int64)
    return tables, np.cumsum(counts) - counts, counts


def _font() -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.load_default(3 * _INK)
    except (ImportError, OSError) as error:
        raise WorkbenchError(
            f"The letters are drawn from the font inside Pillow, which cannot be read here: {error}. "
            "Install a Pillow with FreeType, or choose another data set.",
            "data.source",
        ) from None


def _glyph(font: Any, form: str) -> npt.NDArray[np.bool_]:
    """The ink of a letter (_TABLE, _TABLE), its larger side _INK samples long, in the middle."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = (int(edge) for edge in font.getbbox(form))
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), form, fill=255, font=font)
    image = image.crop(image.getbbox())
    longest = max(image.size)
    width, height = (max(1, round(side * _INK / longest)) for side in image.size)
    sheet = Image.new("L", (_TABLE, _TABLE))
    sheet.paste(image.resize((width, height), Image.Resampling.BOX), ((_TABLE - width) // 2, (_TABLE - height) // 2))
    return np.asarray(sheet) >= 128


def _distances(ink: npt.NDArray[np.bool_]) -> Floats:
    """The distance to the edge in units of the letter's larger side: positive in the ink, negative outside."""
    return (_to_nearest(~ink) - _to_nearest(ink)) / np.float32(_INK)


def _to_nearest(marked: npt.NDArray[np.bool_]) -> Floats:
    """The Euclidean distance of every sample to the nearest ``marked`` one, less half a sample; 0 in the marked ones.

    Squared distances along columns, then along rows (Felzenszwalb and Huttenlocher 2012, without their envelope).
    """
    along = np.arange(len(marked), dtype=np.float32)
    square = (along[:, None] - along[None, :]) ** 2
    far = np.float32(4 * len(marked) ** 2)
    columns = (square[:, :, None] + np.where(marked, np.float32(0), far)[None, :, :]).min(1)
    both = (square[:, :, None] + columns.T[None, :, :]).min(1).T
    found: Floats = np.maximum(np.sqrt(both) - np.float32(0.5), 0.0).astype(np.float32)
    return found
