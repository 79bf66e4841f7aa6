"""One stated rule for every kind of picture file: colour, depth, rotation, size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.pictures.made_pictures import BLUE, GREEN, RED, WHITE, load, picture, refusal, two_classes
from workbench.engine.pictures import cache_file
from workbench.engine.pictures.decode import read_picture


def colour_of(file: Path, size: int = 4) -> tuple[int, ...]:
    """The colour of a picture that is uniform."""
    pixels = read_picture(file, size, gray=False)
    assert (pixels == pixels[:, :1, :1]).all()
    return tuple(int(v) for v in pixels[:, 0, 0])


def test_transparent_parts_lie_over_white(tmp_path: Path) -> None:
    assert colour_of(picture(tmp_path / "a.png", (255, 0, 0, 0), "RGBA")) == WHITE
    assert colour_of(picture(tmp_path / "b.png", (0, 0, 0, 128), "RGBA")) == (127, 127, 127)
    assert colour_of(picture(tmp_path / "c.png", (0, 0), "LA")) == WHITE
    assert colour_of(picture(tmp_path / "d.png", 0, "L", transparency=0)) == WHITE


def test_palettes_become_colours(tmp_path: Path) -> None:
    image = Image.new("P", (6, 6), 1)
    image.putpalette([0, 0, 0, 0, 255, 0])
    image.save(tmp_path / "a.png")
    assert colour_of(tmp_path / "a.png") == GREEN
    image.save(tmp_path / "b.png", transparency=1)
    assert colour_of(tmp_path / "b.png") == WHITE


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    file = picture(tmp_path / "a.jpg", (0, 255, 255, 0), "CMYK", quality=100)
    np.testing.assert_allclose(colour_of(file), RED, atol=4)


@pytest.mark.parametrize(("value", "wanted"), [(0, 0), (65535, 255), (32768, 128), (257, 1), (100, 0)])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_gray_is_scaled(tmp_path: Path, suffix: str, value: int, wanted: int) -> None:
    file = tmp_path / f"a.{suffix}"
    Image.fromarray(np.full((6, 5), value, np.uint16)).save(file)
    assert read_picture(file, 4, gray=True).max() == read_picture(file, 4, gray=True).min() == wanted


def test_black_and_white_and_animations(tmp_path: Path) -> None:
    assert colour_of(picture(tmp_path / "a.png", 1, "1")) == WHITE
    frames = [Image.new("RGB", (6, 6), colour) for colour in (GREEN, RED)]
    frames[0].save(tmp_path / "b.gif", save_all=True, append_images=frames[1:])
    assert colour_of(tmp_path / "b.gif") == GREEN


@pytest.mark.parametrize("suffix", ["bmp", "webp", "ppm", "tiff"])
def test_other_formats(tmp_path: Path, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    assert colour_of(picture(tmp_path / f"a.{suffix}", BLUE, **options)) == BLUE


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", GREEN, format="BMP")
    assert colour_of(tmp_path / "a.png") == GREEN


@pytest.mark.parametrize(
    ("orientation", "corner"),
    # Where the red quarter of the stored picture (top left) is seen after EXIF's orientation.
    [(1, (0, 0)), (2, (0, 1)), (3, (1, 1)), (4, (1, 0)), (5, (0, 0)), (6, (0, 1)), (7, (1, 1)), (8, (1, 0))],
)
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_exif_rotation_is_applied(tmp_path: Path, suffix: str, orientation: int, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (32, 32), BLUE)
    image.paste(RED, (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / f"a.{suffix}", exif=exif)
    pixels = read_picture(tmp_path / f"a.{suffix}", 2, gray=False)
    red = pixels[0].astype(int) > 128
    assert red.sum() == 1
    assert red[corner]


@pytest.mark.parametrize("size", [(30, 10), (10, 30), (10, 10), (31, 10)])
def test_the_shorter_side_is_resized_and_the_centre_cut_out(tmp_path: Path, size: tuple[int, int]) -> None:
    values = np.random.default_rng(0).integers(0, 256, size[::-1], dtype=np.uint8)
    Image.fromarray(values).save(tmp_path / "a.png")
    left, top = (size[0] - 10) // 2, (size[1] - 10) // 2
    got = read_picture(tmp_path / "a.png", 10, gray=True)[0].astype(int)
    if size != (31, 10):  # an odd rest is cut in half pixels
        assert np.array_equal(got, values[top : top + 10, left : left + 10])
    small = read_picture(tmp_path / "a.png", 5, gray=True)[0]
    assert small.shape == (5, 5)
    assert abs(small.mean() - got.mean()) < 6


def test_small_pictures_are_enlarged(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", GREEN, size=(1, 3))
    assert colour_of(tmp_path / "a.png", size=16) == GREEN


@pytest.mark.parametrize("quick", [64, 16])
def test_large_jpegs_are_decoded_small_with_the_same_result(tmp_path: Path, quick: int) -> None:
    ramp = np.linspace(0, 255, 512)
    values = np.stack([np.broadcast_to(ramp, (512, 512)), np.broadcast_to(ramp[:, None], (512, 512))], -1)
    image = np.concatenate([values, np.full((512, 512, 1), 60.0)], -1).astype(np.uint8)
    Image.fromarray(image).save(tmp_path / "a.jpg", quality=95)
    Image.fromarray(image).save(tmp_path / "a.png")
    jpeg, exact = (read_picture(tmp_path / f"a.{s}", quick, gray=False).astype(int) for s in ("jpg", "png"))
    assert abs(jpeg - exact).max() <= 6


@pytest.mark.parametrize(("colour", "channels"), [("auto", 1), ("gray", 1), ("rgb", 3)])
def test_gray_files_stay_gray_unless_colour_is_asked_for(tmp_path: Path, colour: str, channels: int) -> None:
    for name in ("a", "b"):
        picture(tmp_path / name / "0.png", 90, "L")
        Image.fromarray(np.full((6, 5), 20_000, np.uint16)).save(tmp_path / name / "1.png")
    data = load(tmp_path, colour=colour)
    assert data.inputs.shape == (4, channels, 8, 8)
    assert (data.inputs[0] == 90).all()


def test_one_coloured_file_makes_all_of_them_coloured(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "0.png", 90, "L")
    picture(tmp_path / "b" / "0.png", RED)
    assert load(tmp_path).inputs.shape == (2, 3, 8, 8)
    gray = load(tmp_path, colour="gray").inputs
    assert gray.shape == (2, 1, 8, 8)
    assert gray[1, 0, 0, 0] == 76  # the luma of red


@pytest.mark.parametrize("name", ["a.avif", "a", "a.jpg"])
def test_avif_is_read_where_pillow_can_and_named_where_it_cannot(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.pictures import picture_kinds

    two_classes(tmp_path)
    head = b"\x00\x00\x00\x20ftypavif" + bytes(100)
    if "AVIF" in picture_kinds.formats():
        picture(tmp_path / "cat" / name, RED, format="AVIF")
        assert len(load(tmp_path).labels) == 7
        head = (tmp_path / "cat" / name).read_bytes()
    (tmp_path / "cat" / name).write_bytes(head)
    without = tuple(each for each in picture_kinds.formats() if each != "AVIF")
    for module in ("picture_kinds", "decode"):
        monkeypatch.setattr(f"workbench.engine.pictures.{module}.formats", lambda: without)
    if name == "a.jpg":
        monkeypatch.setattr(cache_file, "RULE", cache_file.RULE + 1)
        assert "a.jpg (not a picture in a known format: AVIF" in refusal(tmp_path)
        return
    data = load(tmp_path)
    assert len(data.labels) == 6 and f"{name} (AVIF, which is not read here" in data.notes[0]
