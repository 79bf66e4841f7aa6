"""Transcriptions of the augmentations for one picture (C, H, W), from their random numbers."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.augmentations.blur import Blur
from workbench.engine.catalog.augmentations.colour import ColourJitter, Grayscale
from workbench.engine.catalog.augmentations.crop import RandomCrop
from workbench.engine.catalog.augmentations.erasing import LONGEST, SMALLEST, RandomErasing
from workbench.engine.catalog.augmentations.flip import HorizontalFlip, VerticalFlip
from workbench.engine.catalog.augmentations.noise import Noise
from workbench.engine.catalog.augmentations.rotation import Rotation
from workbench.engine.catalog.augmentations.scale import RandomResizedCrop, Scale
from workbench.engine.catalog.augmentations.shift import Shear, Translation

Floats = npt.NDArray[np.float32]


def one_flip(spec: HorizontalFlip | VerticalFlip, x: Floats, u: Floats) -> Floats:
    if u[0] >= spec.p:
        return x
    return x[:, :, ::-1] if isinstance(spec, HorizontalFlip) else x[:, ::-1]


def one_crop(spec: RandomCrop, x: Floats, u: Floats) -> Floats:
    height, width = x.shape[1:]
    border = min(spec.padding, height - 1, width - 1)
    mode: Any = "constant" if spec.fill == "zero" else "reflect"
    padded = np.pad(x, ((0, 0), (border, border), (border, border)), mode=mode)
    top, left = (min(int(v * np.float32(2 * border + 1)), 2 * border) for v in u)
    return padded[:, top : top + height, left : left + width]


def looked_up(x: Floats, fill: str, source: Callable[[float, float], tuple[float, float]]) -> Floats:
    """Each output pixel (dx, dy) from the centre looks up its source, with bilinear weights, in float64."""
    height, width = x.shape[1:]
    result = np.zeros(x.shape)
    for row in range(height):
        for column in range(width):
            sx, sy = source(column - (width - 1) / 2, row - (height - 1) / 2)
            sx, sy = sx + (width - 1) / 2, sy + (height - 1) / 2
            if fill == "edge":
                sx, sy = min(max(sx, 0), width - 1), min(max(sy, 0), height - 1)
            for r in (math.floor(sy), math.floor(sy) + 1):
                for c in (math.floor(sx), math.floor(sx) + 1):
                    weight = (1 - abs(sy - r)) * (1 - abs(sx - c))
                    if 0 <= r < height and 0 <= c < width:
                        result[:, row, column] += weight * x[:, r, c]
    return result.astype(np.float32)


def one_rotation(spec: Rotation, x: Floats, u: Floats) -> Floats:
    """Counter-clockwise on screen, where rows grow downwards."""
    angle = np.deg2rad((2.0 * float(u[0]) - 1.0) * spec.degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    return looked_up(x, spec.fill, lambda dx, dy: (cos * dx - sin * dy, sin * dx + cos * dy))


def one_translation(spec: Translation, x: Floats, u: Floats) -> Floats:
    """Whole pixels: rows and columns are copied, none are blended."""
    height, width = x.shape[1:]
    right = round((2.0 * float(u[0]) - 1.0) * spec.horizontal * width)
    down = round((2.0 * float(u[1]) - 1.0) * spec.vertical * height)
    mode: Any = "constant" if spec.fill == "zero" else "edge"
    padded = np.pad(x, ((0, 0), (height, height), (width, width)), mode=mode)
    return padded[:, height - down : 2 * height - down, width - right : 2 * width - right]


def one_shear(spec: Shear, x: Floats, u: Floats) -> Floats:
    tan_x = math.tan(math.radians((2.0 * float(u[0]) - 1.0) * spec.horizontal))
    tan_y = math.tan(math.radians((2.0 * float(u[1]) - 1.0) * spec.vertical))

    def source(dx: float, dy: float) -> tuple[float, float]:
        dy = dy + tan_y * dx
        return dx + tan_x * dy, dy

    return looked_up(x, spec.fill, source)


def one_scale(spec: Scale, x: Floats, u: Floats) -> Floats:
    factor = spec.largest ** (2.0 * float(u[0]) - 1.0)
    return looked_up(x, spec.fill, lambda dx, dy: (dx / factor, dy / factor))


def one_resized_crop(spec: RandomResizedCrop, x: Floats, u: Floats) -> Floats:
    """The window in pixels, by its corners."""
    height, width = x.shape[1:]
    area, ratio = spec.smallest + (1 - spec.smallest) * float(u[0]), spec.stretch ** (2.0 * float(u[1]) - 1.0)
    w, h = min(1.0, math.sqrt(area * ratio)) * width, min(1.0, math.sqrt(area / ratio)) * height
    left, top = (width - w) * float(u[2]), (height - h) * float(u[3])

    def source(dx: float, dy: float) -> tuple[float, float]:
        # Pixel k of the result covers the window's part from k/width to (k + 1)/width; centres of pixels are halves.
        sx = left + (dx + width / 2) * w / width
        sy = top + (dy + height / 2) * h / height
        return sx - width / 2, sy - height / 2

    return looked_up(x, "edge", source)


def hashed(u: Floats, count: int) -> npt.NDArray[np.uint64]:
    """SplitMix64's finalizer of the example's 48 bits and a counter, one number at a time in Python's integers."""
    mask, golden, first, second = 2**64 - 1, 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
    key = int(float(u[0]) * 2**24) + (int(float(u[1]) * 2**24) << 24)
    made = []
    for counter in range(1, count + 1):
        z = (key * first + counter * golden) & mask
        z = (z ^ z >> 30) * first & mask
        z = (z ^ z >> 27) * second & mask
        made.append(z ^ z >> 31)
    return np.array(made, np.uint64)


def one_noise(spec: Noise, x: Floats, u: Floats) -> Floats:
    bits = hashed(u[1:], (x.size + 1) // 2)
    a, b = (bits >> np.uint64(40)).astype(float), (bits & np.uint64(2**24 - 1)).astype(float)
    radius, angle = np.sqrt(-2 * np.log((a + 1) / 2**24)), 2 * np.pi * b / 2**24
    normals = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[: x.size]
    return np.clip(x + float(u[0]) * spec.largest * normals.reshape(x.shape), 0, 1).astype(np.float32)


def one_blur(spec: Blur, x: Floats, u: Floats) -> Floats:
    """The two-dimensional kernel, tap by tap."""
    radius = min(math.ceil(3 * spec.largest), min(x.shape[1:]) - 1)
    away = np.arange(-radius, radius + 1.0)
    bell = np.exp(-0.5 * (away / max(float(u[0]) * spec.largest, 1e-6)) ** 2)
    kernel = np.outer(bell, bell) / bell.sum() ** 2
    padded = np.pad(x.astype(float), ((0, 0), (radius, radius), (radius, radius)), mode="reflect")
    result = sum(
        kernel[i, j] * padded[:, i : i + x.shape[1], j : j + x.shape[2]]
        for i in range(len(away))
        for j in range(len(away))
    )
    return np.clip(result, 0, 1).astype(np.float32)


def one_gray(spec: Grayscale, x: Floats, u: Floats) -> Floats:
    if len(x) == 1 or u[0] >= spec.p:
        return x
    return np.repeat(np.tensordot([0.2989, 0.587, 0.114], x, 1)[None], 3, 0).astype(np.float32)


def one_erasing(spec: RandomErasing, x: Floats, u: Floats) -> Floats:
    if u[0] >= spec.p:
        return x
    height, width = x.shape[1:]
    area = (SMALLEST + (spec.largest - SMALLEST) * float(u[1])) * height * width
    ratio = LONGEST ** (2 * float(u[2]) - 1)
    h, w = min(height, max(1, round(math.sqrt(area * ratio)))), min(width, max(1, round(math.sqrt(area / ratio))))
    top, left = min(height - h, int(float(u[3]) * (height - h + 1))), min(width - w, int(float(u[4]) * (width - w + 1)))
    bits = hashed(u[5:], (x.size + 1) // 2)
    noise = np.concatenate([bits >> np.uint64(40), bits & np.uint64(2**24 - 1)])[: x.size].reshape(x.shape) / 2**24
    result = x.copy()
    cover: Any = {"zero": np.zeros_like(x), "mean": x.mean((1, 2), keepdims=True) + 0 * x, "noise": noise}[spec.fill]
    result[:, top : top + h, left : left + w] = cover[:, top : top + h, left : left + w]
    return result


def one_jitter(spec: ColourJitter, x: Floats, u: Floats) -> Floats:
    luma = np.array([0.2989, 0.587, 0.114])

    def gray(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return y[0] if len(y) == 1 else np.tensordot(luma, y, 1)

    strengths = (spec.brightness, spec.contrast, spec.saturation)
    brightness, contrast, saturation = (
        1.0 + strength * (2.0 * float(v) - 1.0) for strength, v in zip(strengths, u[:3], strict=True)
    )
    y = np.clip(x.astype(np.float64) * brightness, 0, 1)
    y = np.clip(contrast * y + (1 - contrast) * gray(y).mean(), 0, 1)
    if len(y) == 3:
        y = np.clip(saturation * y + (1 - saturation) * gray(y), 0, 1)
        turn = spec.hue * (2.0 * float(u[3]) - 1.0)
        turned = [hue_turned(pixel, turn) for pixel in y.reshape(3, -1).T]
        y = np.array(turned).T.reshape(y.shape)
    return y.astype(np.float32)


def hue_turned(pixel: npt.NDArray[Any], turn: float) -> tuple[float, float, float]:
    hue, saturation, value = colorsys.rgb_to_hsv(*pixel.tolist())
    return colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)


ORACLES: dict[type[Augmentation], Any] = {
    HorizontalFlip: one_flip,
    VerticalFlip: one_flip,
    RandomCrop: one_crop,
    Rotation: one_rotation,
    ColourJitter: one_jitter,
    Translation: one_translation,
    Shear: one_shear,
    Scale: one_scale,
    RandomResizedCrop: one_resized_crop,
    Noise: one_noise,
    Blur: one_blur,
    Grayscale: one_gray,
    RandomErasing: one_erasing,
}
#: Float32 places a pixel of a turned picture to about 1e-6 of its width.
TOLERANCES: dict[type[Augmentation], float] = dict.fromkeys(
    [Rotation, Shear, Scale, RandomResizedCrop, Translation], 2e-5
)
