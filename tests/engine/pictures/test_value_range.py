"""Pictures of more than 8 bits: the range that a set uses, the same in training, test and later use of the weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.helpers import record
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.progress import finished
from workbench.engine.data.checks import preflight
from workbench.engine.data.understand import understand
from workbench.engine.evaluation.evaluation_data import ChosenData
from workbench.engine.pictures.decode import FULL
from workbench.engine.pictures.pages import pages_text
from workbench.engine.pictures.value_range import given_range, range_of, range_of_files, range_of_fractions, range_text
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.weights.input_spec import origin_of
from workbench.engine.weights.load_weights import read_weights
from workbench.engine.weights.recognise import recognise


def grating(period: int, middle: int, height: float, seed: int) -> np.ndarray:
    wave = np.sin(2 * np.pi * np.arange(16) / period)
    noise = np.random.default_rng(seed).normal(0, 0.05, (16, 16))
    return np.rint(middle + height * (wave[None, :] + noise)).clip(0, 65_535).astype(np.uint16)


def folder(root: Path, middle: int, height: float, parts: tuple[str, ...] = ("train", "test")) -> Path:
    for part in parts:
        for name, period in (("coarse", 16), ("fine", 4)):
            (root / part / name).mkdir(parents=True)
            for index in range(6):
                values = grating(period, middle, height, index)
                Image.fromarray(values).save(root / part / name / f"{index}.png")
    return root


@pytest.mark.parametrize(("middle", "height"), [(514, 100), (33_410, 100), (2048, 1500)])
def test_dark_sets_and_sets_with_an_offset_keep_their_gray_levels(tmp_path: Path, middle: int, height: float) -> None:
    source = PictureFolder(folder=str(folder(tmp_path, middle, height)), size=16)
    train, test = source.load(), finished(source.loading_test())
    assert train.value_range == test.value_range is not None
    for data in (train, test):
        assert (np.ptp(data.inputs.reshape(len(data.inputs), -1), 1) > 150).all()
    assert any(f"{range_text(train.value_range).split()[0]}"[:2] in note for note in train.notes)


def test_a_set_that_uses_its_bits_is_read_as_before(tmp_path: Path) -> None:
    source = PictureFolder(folder=str(folder(tmp_path, 32_768, 25_000)), size=16)
    data = source.load()
    assert data.value_range is None and not data.notes
    values = np.asarray(Image.open(data.files[0])).astype(float)
    assert np.array_equal(data.inputs[0, 0], np.rint(values / 257).astype(np.uint8))


def test_a_few_hot_pixels_do_not_decide(tmp_path: Path) -> None:
    values = np.full((100, 100), 500) + np.arange(100)
    values[3, 3] = 60_000
    low, high = range_of(values)
    assert (low, high) == (500, 700)
    assert (
        range_of(np.arange(65_536)) == FULL and range_of(np.arange(200)) == (0, 255) and range_of(np.eye(3)) == (0, 1)
    )


def test_the_range_does_not_change_with_pictures_that_come_and_go(tmp_path: Path) -> None:
    root = folder(tmp_path, 514, 100, ("train",))
    files = sorted(root.rglob("*.png"))
    assert range_of_files(files, root) == range_of_files(files[::-1], root)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("390 830", (390, 830)),
        ("-1, 1", (-1, 1)),
        ("0 to 4095", (0, 4095)),
        ("1e3 2e3", (1000, 2000)),
        ("5 5", None),
        ("5", None),
        ("8 bit", None),
    ],
)
def test_two_numbers_in_many_ways_of_writing(text: str, wanted: tuple[float, float] | None) -> None:
    assert given_range(text) == wanted
    if wanted:
        assert given_range(range_text(wanted)) == wanted


def test_a_range_that_is_none_is_a_problem_of_the_settings(tmp_path: Path) -> None:
    source = PictureFolder(folder=str(folder(tmp_path, 514, 100)), value_range="bright")
    (problem,) = source.problems(ExperimentSpec(), "data.source")
    assert problem.path == "data.source.value_range" and "must be auto, full, or the values" in problem.message


def test_pictures_of_one_value_are_found(tmp_path: Path) -> None:
    source = PictureFolder(folder=str(folder(tmp_path, 514, 100)), size=16, value_range="full")
    findings = finished(preflight(ExperimentSpec().edited("data.source", source))).findings
    assert [finding.sentence for finding in findings if finding.code == "flat"]
    better = source.model_copy(update={"value_range": "auto"})
    findings = finished(preflight(ExperimentSpec().edited("data.source", better))).findings
    assert not [finding for finding in findings if finding.code == "flat"]


def test_weights_remember_the_range_and_other_pictures_are_read_by_it(tmp_path: Path) -> None:
    root = folder(tmp_path / "dark", 514, 100)
    source = PictureFolder(folder=str(root), size=16)
    spec = ExperimentSpec().edited("data.source", source).edited("model", {"kind": "mlp"}).edited("loop.epochs", 1)
    record(spec, folder=tmp_path / "runs")
    (path,) = (tmp_path / "runs").rglob("last.safetensors")
    file = read_weights(path)
    found = recognise(file.tensors, file.metadata)
    assert found is not None
    origin = origin_of(file, found)
    wanted = source.load().value_range
    assert origin is not None and wanted is not None and origin.values == range_text(wanted)
    brighter = folder(tmp_path / "bright", 650, 100)
    assert PictureFolder(folder=str(brighter), size=16).load().value_range != wanted
    assert ChosenData(brighter, "all").load_for(origin).dataset.value_range == wanted


def test_stacks_are_said_to_be_read_by_their_first_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (8, 8), level) for level in (0, 200)]
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        pages[0].save(tmp_path / name / "stack.tif", save_all=True, append_images=pages[1:])
        pages[0].save(tmp_path / name / "film.gif", save_all=True, append_images=pages[1:])
        pages[0].save(tmp_path / name / "single.tif")
    data = PictureFolder(folder=str(tmp_path), size=8).load()
    text = (
        "4 files have several pages; only the first page is used: cat/film.gif, cat/stack.tif, dog/film.gif and 1 more."
    )
    assert text in data.notes
    assert not pages_text([tmp_path / "cat" / "single.tif"], tmp_path)


def test_values_that_are_all_the_same_are_black_and_one_more_is_white() -> None:
    """Without a distance between black and white nothing could be scaled."""
    assert range_of(np.full(9, 300), None) == (300.0, 301.0)
    low, high = range_of_fractions(np.full(9, 2.5))
    assert low == 2.5 < high


@pytest.mark.parametrize(
    ("brightest", "white"), [(4080, 4095), (4095, 4095), (4096, 4100), (16_301, 16_383), (4000, 4000)]
)
def test_white_is_no_more_than_the_bits_of_a_camera_hold(brightest: int, white: int) -> None:
    assert range_of(np.arange(0, brightest + 1, dtype=np.uint16)) == (0, white)


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 70_000, (0, 70_000)), (-20_000, 30_000, (-20_000, 30_000)), (0, 4000, (0, 4000)), (0, 60_000, FULL)],
)
def test_of_32_bits_the_range_is_said_where_16_do_not_hold_it(
    tmp_path: Path, low: int, high: int, wanted: tuple[float, float]
) -> None:
    for name in ("coarse", "fine"):
        (tmp_path / name).mkdir()
        for index in range(6):
            values = np.linspace(low, high, 256, dtype=np.int32).reshape(16, 16)
            Image.fromarray(values).save(tmp_path / name / f"{index}.tif")
    source = PictureFolder(folder=str(tmp_path), size=16)
    data = source.load()
    assert (data.value_range or FULL) == wanted
    assert len(np.unique(data.inputs)) == (234 if wanted == FULL else 256)
    facts = finished(understand(ExperimentSpec().edited("data.source", source))).facts
    said = [fact for fact in facts if fact.subject == "values"]
    assert bool(said) == bool(data.notes) == (wanted != FULL)
    fits = low >= 0 and high <= 65_535  # else the full range would cut values off
    assert all(bool(fact.readings) == fits for fact in said)
