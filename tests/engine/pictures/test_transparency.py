"""Pictures whose shape is only in their transparency: none becomes one colour, and what lies over black is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.data.test_checks import codes, look
from tests.engine.pictures.deep_files import png, tiff
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import understand
from workbench.engine.pictures.decode import read_picture, read_values
from workbench.engine.pictures.transparency import opacity_text, transparency_text
from workbench.engine.spec.experiment import ExperimentSpec

SAID = "are white and only in their transparency"


def icon(file: Path, colour: tuple[int, int, int], mode: str = "RGBA", number: int = 0) -> Path:
    """A square of 4 × 4 of 8 × 8 pixels whose place depends on ``number``; the rest is transparent."""
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[2:6, number % 4 : number % 4 + 4, 3] = 255
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image if mode == "RGBA" else image.convert(mode)).save(file)
    return file


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize(("white", "shape", "beside"), [(255, 255, 0), (250, 250, 0), (249, 249, 255), (0, 0, 255)])
def test_a_shape_is_seen_whatever_its_colour(mode: str, white: int, shape: int, beside: int, tmp_path: Path) -> None:
    file = icon(tmp_path / "a.png", (white, white, white), mode)
    seen = read_picture(file, 8, gray=True)[0]
    np.testing.assert_array_equal(seen[2:6, :4], np.full((4, 4), shape))
    assert (seen[:, 4:] == beside).all()


def test_a_pale_colour_and_a_nearly_even_transparency_stay_over_white(tmp_path: Path) -> None:
    assert read_picture(icon(tmp_path / "a.png", (255, 255, 200)), 8, gray=False)[2].min() == 200
    faint = Image.new("RGBA", (8, 8), (255, 255, 255, 255))
    faint.putpixel((0, 0), (255, 255, 255, 224))
    faint.save(tmp_path / "faint.png")
    assert (read_picture(tmp_path / "faint.png", 8, gray=True) == 255).all()
    faint.putpixel((0, 0), (255, 255, 255, 223))
    faint.save(tmp_path / "faint.png")
    assert read_picture(tmp_path / "faint.png", 8, gray=True)[0, 0, 0] == 223


def test_how_many_lie_over_black_is_said_and_no_picture_is_flat(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        for number in range(12):
            icon(tmp_path / name / f"{number}.png", (255, 255, 255) if number % 3 else (0, 0, 0), number=number)
    spec = ExperimentSpec().edited("data.source", PictureFolder(folder=str(tmp_path), size=8))
    sentences = [fact.sentence for fact in finished(understand(spec)).facts]
    assert any(f"The shapes of 16 of 24 pictures that were looked at {SAID}" in each for each in sentences)
    assert any(SAID in note for note in spec.data.source.load().notes)  # at the start of a run
    assert "flat" not in codes(look(spec))


def test_nothing_is_said_of_other_pictures_and_large_ones_are_not_decoded(tmp_path: Path) -> None:
    files = [icon(tmp_path / f"{n}.png", (0, 0, 0)) for n in range(3)]
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    large = Image.new("RGBA", (600, 600), (255, 255, 255, 0))
    large.paste((255, 255, 255, 255), (0, 0, 300, 300))
    large.save(tmp_path / "large.png")
    assert transparency_text([*files, *(tmp_path / f"{name}.png" for name in ("bad", "plain", "large"))]) == ""


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_arrays_are_read_over_the_same_background_as_files(tmp_path: Path, kind: type[np.generic]) -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (24, 8, 8, 4), np.uint8)
    pictures[::2, ..., :3] = 255
    pictures[::6, ..., 3] = 255  # nothing of these is transparent
    values = pictures if kind is np.uint8 else (pictures / 255).astype(np.float32)
    np.savez_compressed(tmp_path / "a.npz", x=values, y=np.arange(24) % 2)
    source = ArrayFile(file=str(tmp_path / "a.npz"), fourth_channel="transparency")
    dataset = source.load()
    for index, picture in enumerate(pictures):
        file = tmp_path / f"{index}.png"
        Image.fromarray(picture).save(file)
        np.testing.assert_array_equal(dataset.inputs[index], read_picture(file, 8, gray=False))
    spec = ExperimentSpec().edited("data.source", source)
    expected = f"The shapes of 8 of 24 pictures that were looked at {SAID}"
    assert any(expected in fact.sentence for fact in finished(understand(spec)).facts)
    assert any(expected in note for note in dataset.notes)


@pytest.mark.parametrize("form", ["8 bits as PNG", "8 bits as TIFF", "16 bits as PNG", "gray as PNG"])
def test_a_channel_marked_as_transparency_that_is_hardly_ever_0_or_all_is_in_doubt(form: str, tmp_path: Path) -> None:
    """Infrared beside colours, as programs for maps save it."""
    random = np.random.default_rng(0)
    for name in ("crop", "water"):
        for number in range(6):
            numbers = random.integers(0, 256, (8, 8, 4), np.uint8)
            file = tmp_path / name / f"{number}.{form[-4:].strip().lower()}"
            file.parent.mkdir(exist_ok=True)
            if form == "16 bits as PNG":
                png(file, numbers.astype(np.uint16) * 200)
            elif form == "8 bits as TIFF":
                tiff(file, numbers, extra=(2,))
            else:
                Image.fromarray(numbers).convert("LA" if "gray" in form else "RGBA").save(file)
    spec = ExperimentSpec().edited("data.source", PictureFolder(folder=str(tmp_path), size=8))
    (doubt,) = (doubt for doubt in finished(understand(spec)).doubts if "transparency" in doubt.sentence)
    assert doubt.subject == "values" and doubt.sentence.startswith(
        "12 of 12 pictures that were looked at have a channel"
    )
    assert "save the pictures without it" in doubt.sentence


def test_shapes_with_soft_borders_and_a_few_soft_pictures_are_transparent_without_a_doubt(tmp_path: Path) -> None:
    files = [icon(tmp_path / f"{number}.png", (0, 0, 0), number=number) for number in range(10)]
    soft = Image.new("RGBA", (8, 8), (0, 0, 0, 100))
    soft.save(files[3])
    assert opacity_text(files) == ""
    soft.save(files[4])
    assert opacity_text(files).startswith("2 of 10 pictures")


def test_opaque_pictures_of_16_bits_raise_no_doubt(tmp_path: Path) -> None:
    numbers = np.full((8, 8, 4), 1000, np.uint16)
    numbers[..., 3] = 65_535
    assert opacity_text([png(tmp_path / "opaque.png", numbers)]) == ""
    numbers[..., 3] = 255  # nearly transparent: neither of both
    assert "is fully transparent or opaque" in opacity_text([png(tmp_path / "faint.png", numbers)])


def gray_steps(numbers: np.ndarray) -> np.ndarray:
    """``numbers`` (8, 8) as colours with nothing opaque, (8, 8, 4)."""
    return np.dstack([numbers, numbers, numbers, np.zeros_like(numbers)])


@pytest.mark.parametrize("form", ["png", "16.png", "tif", "la.png"])
def test_a_picture_of_which_nothing_is_opaque_is_read_by_its_colours_and_that_is_said(
    form: str, tmp_path: Path
) -> None:
    """As programs write it that leave 0 in a channel they do not use."""
    steps = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
    file = tmp_path / f"a.{form}"
    if form == "16.png":
        png(file, gray_steps(steps.astype(np.uint16) * 257))
    else:
        image = Image.fromarray(gray_steps(steps))
        (image.convert("LA") if form == "la.png" else image).save(file)
    np.testing.assert_array_equal(read_picture(file, 8, gray=True)[0], steps)
    assert transparency_text([file]).startswith("1 of 1 pictures that were looked at are fully transparent everywhere")
    values = read_values(file)
    assert values is None or values.max() == 252 * 257  # the range is found in the colours


def test_a_picture_of_one_colour_of_which_nothing_is_opaque_is_white(tmp_path: Path) -> None:
    file = tmp_path / "empty.png"
    Image.new("RGBA", (8, 8), (0, 90, 0, 0)).save(file)
    assert read_picture(file, 8, gray=False).min() == 255 and transparency_text([file]) == ""


def test_of_arrays_the_same_is_read_and_said(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 4), np.uint8)
    pictures[..., 3] = 0
    np.savez(tmp_path / "a.npz", x=pictures, y=np.arange(8) % 2)
    dataset = ArrayFile(file=str(tmp_path / "a.npz"), fourth_channel="transparency").load()
    np.testing.assert_array_equal(dataset.inputs, pictures[..., :3].transpose(0, 3, 1, 2))
    assert any("8 of 8 pictures that were looked at are fully transparent" in note for note in dataset.notes)
