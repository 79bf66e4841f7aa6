"""Pictures beside others that are no examples: masks, depths, overlays and small copies under the same names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.engine.data.layouts.layout import Layout, pictures

_EIGHT = {"cup": 8, "bowl": 8}
_SIXTEEN = {"cup": 16, "bowl": 16}


def _beside(*names: str) -> Callable[[Path], None]:
    """Both classes with pictures under each of ``names``."""

    def make(root: Path) -> None:
        for name in names:
            pictures(root, _EIGHT, name)

    return make


def _only_in_one(root: Path) -> None:
    pictures(root, {"ok": 12, "nok": 8})
    pictures(root, {"nok": 8}, "{}_overlay.png")
    pictures(root, {"nok": 8}, "{}_heatmap.png")


def _of_parts(root: Path) -> None:
    for name in ("1000{}.png", "1000{}_GT.png"):
        pictures(root, {"train": 6, "test": 4}, name)


def _of_two_values(root: Path) -> None:
    pictures(root, {"cup": 6, "bowl": 6}, "{}.jpg", "JPEG")
    for name in ("cup", "bowl"):
        for index in range(6):
            Image.new("L", (6, 6), 255 * (index % 2)).save(root / name / f"{index}.png")


LAYOUTS = [
    Layout(
        "masks named before the number",
        _beside("img_{}.png", "mask_{}.png"),
        _EIGHT,
        left_out=("cup/mask_0.png", "bowl/mask_7.png"),
    ),
    Layout(
        "masks beside satellite pictures", _beside("{}_sat.png", "{}_mask.png"), _EIGHT, left_out=("cup/0_mask.png",)
    ),
    Layout(
        "superpixels and thumbnails",
        _beside("ISIC_{}.png", "ISIC_{}_superpixels.png", "ISIC_{}_thumb.png"),
        _EIGHT,
        left_out=("cup/ISIC_0_superpixels.png", "cup/ISIC_0_thumb.png"),
    ),
    Layout(
        "depths beside colours",
        _beside("000{}_rgb.png", "000{}_depth.png"),
        _SIXTEEN,
        refused='left_out = "*_depth.png"',
        doubt="depth: 0000_depth.png beside 0000_rgb.png",
        readings=(_EIGHT, _SIXTEEN),
    ),
    Layout(
        "crops with their depths and masks",
        _beside("1_{}_crop.png", "1_{}_depthcrop.png", "1_{}_maskcrop.png"),
        _SIXTEEN,
        left_out=("cup/1_0_maskcrop.png",),
        refused='left_out = "*_depthcrop.png"',
        doubt="depth: 1_0_depthcrop.png beside 1_0_crop.png",
        readings=(_EIGHT, _SIXTEEN),
    ),
    Layout(
        "overlays of one class alone",
        _only_in_one,
        {"nok": 24, "ok": 12},
        refused='left_out = "*_heatmap.png | *_overlay.png"',
        doubt="heatmap, overlay",
        readings=({"nok": 8, "ok": 12}, {"nok": 24, "ok": 12}),
    ),
    Layout(
        "depths named before the number",
        _beside("image{}.png", "depth{}.png"),
        _SIXTEEN,
        refused='left_out = "depth*.png"',
        doubt="depth: depth0.png beside image0.png",
        readings=(_EIGHT, _SIXTEEN),
    ),
    Layout(
        "masks of parts without classes", _of_parts, refused="is a segmentation set: test/10000_GT.png is the mask of"
    ),
    Layout(
        "pictures of two values under the same names", _of_two_values, {"cup": 6, "bowl": 6}, left_out=("cup/0.png",)
    ),
    Layout("two views of each", _beside("IMG{}_left.png", "IMG{}_right.png"), _SIXTEEN, notes="begin alike in groups"),
]
