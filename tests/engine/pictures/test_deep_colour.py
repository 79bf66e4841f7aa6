"""Colour of 16 bits a channel: all of each number is read, and the range of values is measured as in gray."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.data.test_checks import look
from tests.engine.pictures.deep_files import png, ppm, tiff
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import understand
from workbench.engine.pictures.decode import Unreadable, is_gray, read_header, read_picture, read_values
from workbench.engine.spec.experiment import ExperimentSpec


def numbers(channels: int = 3, highest: int = 65_535, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, highest + 1, (8, 8, channels)).astype(np.uint16)


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_all_bits_of_plain_tiff_files_are_read(tmp_path: Path, order: str, separate: bool) -> None:
    wanted = numbers()
    values = read_values(tiff(tmp_path / "a.tif", wanted, order=order, separate=separate))
    assert values is not None
    np.testing.assert_array_equal(values, wanted.reshape(-1, 3))


@pytest.mark.parametrize("order", ["<", ">"])
def test_all_bits_of_packed_tiff_files_are_read(tmp_path: Path, order: str) -> None:
    wanted = numbers()
    values = read_values(tiff(tmp_path / "a.tif", wanted, order=order, packed=True))
    assert values is not None
    np.testing.assert_array_equal(values, wanted.reshape(-1, 3))


def test_packed_channels_one_behind_the_other_are_refused_by_name(tmp_path: Path) -> None:
    file = tiff(tmp_path / "a.tif", numbers(), packed=True, separate=True)
    with pytest.raises(Unreadable, match="16 bits a channel, stored in a way that is not read; save it as PNG"):
        read_picture(file, 8, False)


@pytest.mark.parametrize("channels", [3, 4])
def test_all_bits_of_png_files_are_read(tmp_path: Path, channels: int) -> None:
    wanted = numbers(channels)
    wanted[0, 0, -1] = 0
    values = read_values(png(tmp_path / "a.png", wanted))
    seen = wanted[wanted[..., 3] > 0][:, :3] if channels == 4 else wanted.reshape(-1, 3)
    assert values is not None
    np.testing.assert_array_equal(values, seen)


@pytest.mark.parametrize("plain", [False, True])
def test_of_ppm_files_the_stated_white_is_65535(tmp_path: Path, plain: bool) -> None:
    wanted = numbers(highest=3060)
    values = read_values(ppm(tmp_path / "a.ppm", wanted, 4095, plain))
    assert values is not None
    np.testing.assert_array_equal(values, np.rint(wanted.reshape(-1, 3) / 4095 * 65_535))


@pytest.mark.parametrize("make", [png, tiff, lambda file, array: ppm(file, array, 65_535)])
def test_a_given_range_is_black_to_white_of_the_pixels(
    tmp_path: Path, make: Callable[[Path, np.ndarray], Path]
) -> None:
    wanted = numbers(highest=3060)
    pixels = read_picture(make(tmp_path / "a", wanted), 8, False, values=(0.0, 3060.0))
    np.testing.assert_array_equal(pixels, np.rint(wanted / 12).astype(np.uint8).transpose(2, 0, 1))


def test_a_picture_of_8_bits_saved_as_16_gives_the_pixels_of_the_8(tmp_path: Path) -> None:
    plain = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(plain).save(tmp_path / "plain.png")
    deep = png(tmp_path / "deep.png", plain.astype(np.uint16) * 257)
    for side in (3, 8):
        np.testing.assert_array_equal(
            read_picture(deep, side, False), read_picture(tmp_path / "plain.png", side, False)
        )


def test_gray_with_transparency_is_gray_and_lies_over_white(tmp_path: Path) -> None:
    wanted = np.full((8, 8, 2), (1000, 65_535), np.uint16)
    wanted[:4, :, 1] = 0
    file = png(tmp_path / "a.png", wanted)
    assert is_gray(file) and read_header(file).has_opacity
    pixels = read_picture(file, 8, True, values=(0.0, 2000.0))
    assert np.unique(pixels[0, :4]).tolist() == [255] and np.unique(pixels[0, 4:]).tolist() == [128]


def test_colours_stored_times_their_opacity_are_divided_by_it(tmp_path: Path) -> None:
    wanted = np.full((8, 8, 4), (3000, 2000, 1000, 32_768), np.uint16)
    values = read_values(tiff(tmp_path / "a.tif", wanted, extra=(1,)))
    assert values is not None and np.unique(values, axis=0).tolist() == [[6000, 4000, 2000]]


def test_a_colour_brighter_than_its_opacity_allows_is_white(tmp_path: Path) -> None:
    wanted = np.full((8, 8, 4), (1500, 1000, 500, 1000), np.uint16)
    values = read_values(tiff(tmp_path / "a.tif", wanted, extra=(1,)))
    assert values is not None and np.unique(values, axis=0).tolist() == [[65_535, 65_535, 32_768]]


def test_a_picture_that_was_turned_by_the_camera_is_upright(tmp_path: Path) -> None:
    upright = numbers()
    turned = png(tmp_path / "a.png", np.rot90(upright), orientation=6)  # to be turned to the right
    pixels = read_picture(turned, 8, False, values=(0.0, 65_535.0))
    np.testing.assert_array_equal(pixels, np.rint(upright / 257).astype(np.uint8).transpose(2, 0, 1))


def test_a_tiff_of_8_bits_is_not_read_as_16(tmp_path: Path) -> None:
    wanted = numbers(highest=255).astype(np.uint8)
    file = tiff(tmp_path / "a.tif", wanted)
    np.testing.assert_array_equal(read_picture(file, 8, False), wanted.transpose(2, 0, 1))


def test_the_one_transparent_colour_of_a_png_is_compared_in_all_its_bits(tmp_path: Path) -> None:
    wanted = np.full((8, 8, 3), (1000, 1000, 1000), np.uint16)
    wanted[:4] = (1000, 1000, 1001)
    file = png(tmp_path / "a.png", wanted, clear=(1000, 1000, 1001))
    assert np.unique(read_picture(file, 8, False)[:, :4]).tolist() == [255]
    assert np.unique(read_picture(file, 8, False)[:, 4:]).tolist() == [4]


@pytest.mark.parametrize("make", [png, tiff])
def test_the_range_of_a_dark_set_is_measured_and_said(tmp_path: Path, make: Callable[[Path, np.ndarray], Path]) -> None:
    suffix = "png" if make is png else "tif"
    for label, name in enumerate(("crop", "water")):
        for index in range(6):
            make(tmp_path / name / f"{index}.{suffix}", numbers(highest=3060, seed=10 * label + index))
    source = PictureFolder(folder=str(tmp_path), size=8)
    data = source.load()
    assert data.value_range is not None and data.value_range[0] <= 20 and 3000 <= data.value_range[1] <= 3100
    assert (np.ptp(data.inputs.reshape(len(data.inputs), -1), 1) > 230).all()
    spec = ExperimentSpec().edited("data.source", source)
    assert any("are black to white" in fact.sentence for fact in finished(understand(spec)).facts)
    assert look(spec).modes == (("16-bit colour", 12),)


def test_one_value_in_all_channels_but_the_first_is_seen_in_the_range(tmp_path: Path) -> None:
    """Of a large picture a part of the pixels is taken, each with all of its channels."""
    wanted = np.zeros((300, 300, 3), np.uint16)
    wanted[..., 1] = np.arange(300)[None] * 10
    for name in ("crop", "water"):
        for index in range(2):
            png(tmp_path / name / f"{index}.png", wanted)
    data = PictureFolder(folder=str(tmp_path), size=8).load()
    assert data.value_range == (0.0, 3000.0)
