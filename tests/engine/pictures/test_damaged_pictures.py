"""Damaged pictures: read or named as unreadable, never a crash or a hang (500 of them under ``-m full``)."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.engine.pictures.decode import Unreadable, read_both


def seeds() -> list[bytes]:
    """One small file of each kind that is read."""
    rng = np.random.default_rng(0)
    colour = Image.fromarray(rng.integers(0, 256, (24, 30, 3), dtype=np.uint8))
    deep = Image.fromarray(rng.integers(0, 65536, (24, 30), dtype=np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = [
        (colour, "PNG", {}),
        (colour.convert("P"), "PNG", {"transparency": 3}),
        (colour.convert("RGBA"), "PNG", {}),
        (deep, "PNG", {}),
        (colour, "JPEG", {"exif": exif}),
        (colour.convert("CMYK"), "JPEG", {}),
        (colour, "JPEG", {"progressive": True}),
        (colour, "BMP", {}),
        (colour, "GIF", {"save_all": True, "append_images": [colour.rotate(90)]}),
        (colour, "WEBP", {}),
        (colour, "TIFF", {"compression": "tiff_lzw"}),
        (deep, "TIFF", {}),
        (colour, "PPM", {}),
    ]
    files = []
    for image, kind, options in made:
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        files.append(stream.getvalue())
    return files


def mutants(count: int) -> list[bytes]:
    rng = np.random.default_rng(1)
    originals = seeds()
    found = []
    for number in range(count):
        data = bytearray(originals[number % len(originals)])
        kind = rng.integers(0, 4)
        if kind == 0:  # cut off
            del data[rng.integers(0, len(data)) :]
        elif kind == 1:  # bytes flipped anywhere
            for place in rng.integers(0, len(data), rng.integers(1, 8)):
                data[place] ^= 1 << rng.integers(0, 8)
        elif kind == 2:  # a damaged head
            for place in rng.integers(0, min(len(data), 64), rng.integers(1, 4)):
                data[place] = rng.integers(0, 256)
        else:  # a piece of another file inside
            other = originals[rng.integers(0, len(originals))]
            start = rng.integers(0, len(data))
            data[start:start] = other[: rng.integers(1, 200)]
        found.append(bytes(data))
    return found


def try_all(folder: Path, count: int) -> tuple[int, int]:
    """How many were read and how many were named as unreadable."""
    read = 0
    for number, data in enumerate(mutants(count)):
        file = folder / "mutant.png"
        file.write_bytes(data)
        try:
            header, pixels = read_both(file, 16, gray=bool(number % 2))
        except Unreadable as error:
            assert 0 < len(str(error)) < 80  # noqa: PT017
            continue
        assert pixels.shape == ((1 if number % 2 else 3), 16, 16)
        assert pixels.dtype == np.uint8
        assert header.width > 0
        read += 1
    return read, count - read


def test_the_originals_are_all_read(tmp_path: Path) -> None:
    for data in seeds():
        (tmp_path / "a.png").write_bytes(data)
        assert read_both(tmp_path / "a.png", 16, gray=False)[1].shape == (3, 16, 16)


def test_mutated_pictures_are_read_or_named(tmp_path: Path) -> None:
    read, unreadable = try_all(tmp_path, 120)
    assert read > 10
    assert unreadable > 10


@pytest.mark.full
def test_500_mutated_pictures_are_read_or_named(tmp_path: Path) -> None:
    read, unreadable = try_all(tmp_path, 500)
    print(f"{read} read, {unreadable} unreadable")
    assert read > 50
    assert unreadable > 50
