"""The drawn letters: what each setting does, and that the pictures are a function of seed and number alone."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from workbench.engine.catalog.datasets import drawn
from workbench.engine.catalog.datasets.drawn import FORMS, Drawn
from workbench.engine.core.errors import WorkbenchError


def pictures(**settings: Any) -> npt.NDArray[np.int64]:
    """Few pictures of each class, (N, size, size)."""
    return Drawn(**{"drawn_of_each": 4, **settings}).load().inputs[:, 0].astype(np.int64)


def test_there_are_letters_and_signs_and_no_digits() -> None:
    data = Drawn(drawn_of_each=3).load()
    characters = "".join(FORMS)
    assert not set(characters) & set(string.digits)
    assert set(string.ascii_letters) - set(characters) == set()
    assert len(set(characters)) == len(characters), "a form stands for one class"
    assert data.classes == tuple(forms[0] for forms in FORMS)
    assert len(set(data.classes)) == len(data.classes)
    assert np.bincount(data.labels).tolist() == [3] * len(FORMS)


@pytest.mark.parametrize("size", [8, 11, 16, 32])
def test_every_size_is_the_same_picture_reduced(size: int) -> None:
    """Pictures of 8 pixels and of any other size have their ink in the same places, within what reducing loses."""
    small, other = pictures(size=8), pictures(size=size)
    assert other.shape == (4 * len(FORMS), size, size)
    np.testing.assert_allclose(other.mean((1, 2)), small.mean((1, 2)), atol=3.0)
    for axis in (1, 2):
        np.testing.assert_allclose(_middle(other, axis), _middle(small, axis), atol=0.01)


def _middle(images: npt.NDArray[np.int64], axis: int) -> npt.NDArray[np.float64]:
    """The centre of mass along ``axis``, as a share of the picture's side."""
    places = (np.arange(images.shape[1]) + 0.5) / images.shape[1]
    mass = images.sum(3 - axis)
    middle: npt.NDArray[np.float64] = (mass * places).sum(1) / mass.sum(1)
    return middle


def test_a_picture_depends_on_seed_and_number_alone() -> None:
    few, many = pictures(), pictures(drawn_of_each=40)
    assert np.array_equal(few, many[: len(few)])
    assert np.array_equal(few, pictures())
    assert not np.array_equal(few, pictures(data_seed=1))


def test_no_global_generator_is_used() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[union-attr]
    pictures()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # type: ignore[arg-type]


def test_without_distortion_every_form_is_drawn_alike() -> None:
    images = pictures(distortion=0.0, drawn_of_each=30)
    for label, forms in enumerate(FORMS):
        assert len(np.unique(images[label :: len(FORMS)], axis=0)) == len(forms)


def test_more_distortion_spreads_the_pictures_of_a_class() -> None:
    def spread(distortion: float) -> float:
        images = pictures(distortion=distortion, drawn_of_each=30, size=16)
        single = [label for label, forms in enumerate(FORMS) if len(forms) == 1]
        return float(np.mean([images[label :: len(FORMS)].std(0).mean() for label in single]))

    assert spread(0.0) == 0.0 < 15 < spread(0.3) < spread(1.0) - 10


def test_a_letter_is_drawn_as_the_font_has_it() -> None:
    """Without distortion: what Pillow draws by itself, made bold by a stroke of its own, lies over ours."""
    from PIL import Image, ImageDraw, ImageFont

    side, stroke = 32, round(drawn._STROKE * 32 * 8)
    font = ImageFont.load_default(300)
    every = pictures(distortion=0.0, size=side, drawn_of_each=2)
    for label, forms in enumerate(FORMS):
        if len(forms) > 1:
            continue
        ours = every[label]
        left, top, right, bottom = (int(edge) for edge in font.getbbox(forms))
        image = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(image).text((-left, -top), forms, fill=255, font=font)
        image = image.crop(image.getbbox())
        scale = drawn._SCALE * side * 8 / max(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)))
        sheet = np.zeros((side * 8, side * 8), bool)
        y, x = (side * 8 - image.height) // 2, (side * 8 - image.width) // 2
        sheet[y : y + image.height, x : x + image.width] = np.asarray(image) >= 128
        theirs = _grown(sheet, stroke).reshape(side, 8, side, 8).mean((1, 3)) * 255
        both = np.minimum(ours, theirs).sum() / np.maximum(ours, theirs).sum()
        assert both > 0.85, f"{forms}: {both:.2f}"


def _grown(ink: npt.NDArray[np.bool_], by: int) -> npt.NDArray[np.bool_]:
    """Every sample within ``by`` of the ink."""
    grown = ink.copy()
    for down in range(-by, by + 1):
        for right in range(-by, by + 1):
            if down * down + right * right <= by * by:
                grown |= np.roll(ink, (down, right), (0, 1))
    return grown


def test_distances_are_those_that_scipy_measures() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    rng = np.random.default_rng(3)
    ink = ndimage.gaussian_filter(rng.standard_normal((96, 96)), 4) > 0.02
    expected = np.maximum(ndimage.distance_transform_edt(ink) - 0.5, 0) - np.maximum(
        ndimage.distance_transform_edt(~ink) - 0.5, 0
    )
    np.testing.assert_allclose(drawn._distances(ink) * drawn._INK, expected, atol=1e-4)


def test_a_pillow_without_its_font_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFont

    def absent(size: float) -> None:
        raise ImportError("The _imagingft C module is not installed")

    drawn._tables.cache_clear()
    monkeypatch.setattr(ImageFont, "load_default", absent)
    with pytest.raises(WorkbenchError, match="FreeType") as caught:
        Drawn().load()
    assert caught.value.path == "data.source"
