"""The answer to one picture, and the pictures about which two networks disagree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.use.made import digit_files, trained
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.browse import NO_FILES
from workbench.engine.inspection.examples import catalogue_of
from workbench.engine.inspection.judged import judged
from workbench.engine.use.answer import SHARP, SHOWN, answered, as_picture
from workbench.engine.use.disagree import disagreeing
from workbench.engine.use.network import UsedNetwork, used_network
from workbench.engine.use.picture_list import listed


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    parent = tmp_path_factory.mktemp("runs")
    return [trained(parent / str(seed), loop__seed=seed) for seed in (0, 5)]


@pytest.fixture(scope="module")
def network(runs: list[Path]) -> UsedNetwork:
    return used_network(runs[:1])


def test_the_likeliest_classes_come_first(network: UsedNetwork, tmp_path: Path) -> None:
    (file,) = digit_files(tmp_path, 1)
    answer = answered(network, file)
    shares = np.exp(network.logs([network.read(file)[0][None]])[0])
    assert [share for _, share in answer.classes] == pytest.approx(np.sort(shares)[::-1][:SHOWN].tolist())
    assert answer.classes[0][0] == network.classes[shares.argmax()] and answer.seconds > 0
    assert (answer.given[:, :, 0] == network.read(file)[0][0]).all() and answer.seen.max() == 255


def test_the_picture_is_there_in_its_own_pixels_too(network: UsedNetwork, tmp_path: Path) -> None:
    """Cut as for the network, not reduced to its eight pixels, and never enlarged."""
    wide = np.zeros((60, 100, 3), np.uint8)
    wide[:, 20:80, 0], wide[:, :20, 1] = 200, 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    for picture in (tmp_path / "wide.png", wide):
        found = answered(network, picture)
        assert (
            found.sharp.shape == (60, 60, 3) and (found.sharp == (200, 0, 0)).all() and found.given.shape == (8, 8, 1)
        )
    Image.fromarray(np.zeros((700, 2000, 3), np.uint8)).save(tmp_path / "large.png")
    assert answered(network, tmp_path / "large.png").sharp.shape == (SHARP, SHARP, 3)
    assert answered(network, digit_files(tmp_path, 1)[0]).sharp.shape == (8, 8, 3)


def test_pictures_that_cannot_be_read_are_named(network: UsedNetwork, tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(WorkbenchError, match=r"a\.png cannot be used: not a picture in a known format: empty"):
        answered(network, tmp_path / "a.png")
    with pytest.raises(WorkbenchError, match="This picture cannot be used"):
        answered(network, np.zeros((4, 4, 2), np.uint8))


def test_values_are_drawn_from_black_to_white() -> None:
    assert as_picture(np.array([[[-1.0, 1.0], [0.0, 1.0]]], np.float32))[:, :, 0].tolist() == [[0, 255], [128, 255]]
    assert as_picture(np.full((3, 2, 2), 0.7, np.float32)).tolist() == np.full((2, 2, 3), 128).tolist()
    assert as_picture(np.zeros((5, 2, 2), np.float32)).shape == (2, 2, 1)


def test_disagreements_are_those_of_the_answers(runs: list[Path], network: UsedNetwork, tmp_path: Path) -> None:
    files = digit_files(tmp_path, 80)
    files[3].write_bytes(b"damaged")
    other = used_network(runs[1:])
    found = finished(disagreeing(network, other, [tmp_path]))
    wanted = set()
    for file in (each for each in files if each != files[3]):
        one, two = (net.classes[int(net.logs([net.read(file)[0][None]]).argmax())] for net in (network, other))
        wanted |= {(file, one, two)} if one != two else set()
    assert {(each.path, each.first, each.second) for each in found.pictures} == wanted and wanted
    assert (found.count, found.unreadable) == (79, 1)
    sure = [each.first_probability * each.second_probability for each in found.pictures]
    assert sure == sorted(sure, reverse=True)


def test_files_become_a_catalogue_in_their_order(tmp_path: Path) -> None:
    files = digit_files(tmp_path, 3)[::-1]
    catalogue = listed(files)
    assert catalogue.files == tuple(map(str, files)) and catalogue.why_fixed
    small = catalogue.small(0, 8)
    assert isinstance(small, np.ndarray) and small.shape == (8, 8, 3)


def test_judged_examples_become_a_catalogue_in_their_order(runs: list[Path]) -> None:
    found = judged(runs[:1])
    catalogue = catalogue_of(found)
    assert len(catalogue) == len(found.labels) and (catalogue.labels == found.labels).all()
    assert catalogue.why_fixed == NO_FILES
    picture = found.examples.dataset.inputs[found.examples.indices[5]]
    assert (catalogue.small(5, 8) == picture.transpose(1, 2, 0)).all()
