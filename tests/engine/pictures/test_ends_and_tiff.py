"""Files that are cut off, and numbers of TIFF files that Pillow gives as they are stored."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from workbench.engine.pictures.decode import Unreadable, head_trouble, read_picture, read_values

PHOTOMETRIC, ORIENTATION, SAMPLE_FORMAT = 262, 274, 339


def noise(side: int = 24) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))


def tagged(file: Path, numbers: np.ndarray, tag: int, value: int) -> Path:
    """A TIFF file of gray ``numbers`` with this tag."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[tag] = value
    Image.fromarray(numbers).save(file, tiffinfo=tags)
    return file


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_file_that_is_cut_off_is_named_before_it_is_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"a.{kind}"
    noise().save(file)
    whole = file.read_bytes()
    assert head_trouble(file) == ""
    file.write_bytes(whole[: len(whole) // 2])
    assert head_trouble(file) == "damaged or cut off"
    file.write_bytes(whole + bytes(500))  # what a camera writes behind the picture
    assert head_trouble(file) == ""


def test_a_file_is_opened_once_to_see_whether_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, opened, real = tmp_path / "a.png", [], Path.open
    noise().save(file)

    def counted(path: Path, *arguments: str) -> IO[bytes]:
        opened.append(path)
        return real(path, *arguments)  # type: ignore[return-value, call-overload]

    monkeypatch.setattr(Path, "open", counted)
    assert head_trouble(file) == "" and opened == [file]


def test_where_0_is_white_16_bits_are_turned_round_as_8_are(tmp_path: Path) -> None:
    numbers = np.full((4, 4), 13_107, np.uint16)
    file = tagged(tmp_path / "a.tif", numbers, PHOTOMETRIC, 0)
    plain = tagged(tmp_path / "b.tif", numbers, PHOTOMETRIC, 1)
    assert np.unique(read_picture(file, 4, True)).tolist() == [204]
    assert np.unique(read_picture(plain, 4, True)).tolist() == [51]
    values = read_values(file)
    assert values is not None and np.unique(values).tolist() == [65_535 - 13_107]  # the range is found in these


def test_signed_bytes_are_refused_in_words(tmp_path: Path) -> None:
    numbers = np.full((4, 4), -5, np.int8).view(np.uint8)
    file = tagged(tmp_path / "a.tif", numbers, SAMPLE_FORMAT, 2)
    assert "from −128 to 127" in head_trouble(file)
    with pytest.raises(Unreadable, match="not supported"):
        read_picture(file, 4, True)


@pytest.mark.parametrize("turned", [1, 6])
def test_numbers_of_32_bits_without_a_sign_are_not_read_as_negative(tmp_path: Path, turned: int) -> None:
    numbers = np.full((4, 4), 3_000_000_000, np.uint32)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[ORIENTATION] = turned
    file = tmp_path / "a.tif"
    Image.fromarray(numbers.view(np.int32)).save(file, tiffinfo=tags)
    signed, unsigned = (struct.pack("<HHIHH", SAMPLE_FORMAT, 3, 1, kind, 0) for kind in (2, 1))
    assert file.read_bytes().count(signed) == 1
    file.write_bytes(file.read_bytes().replace(signed, unsigned))  # Pillow writes them with a sign
    values = read_values(file)
    assert values is not None and values.min() == 3_000_000_000
    assert np.unique(read_picture(file, 4, True, values=(0, 4_000_000_000))).tolist() == [191]
