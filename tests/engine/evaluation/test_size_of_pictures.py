"""Picture files are read in the size that the weights take, whatever the settings say, and what is done is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.helpers import record, small_spec
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.picture_shapes import FileSides
from workbench.engine.core.events import EpochEnded
from workbench.engine.core.text import plain
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate
from workbench.engine.evaluation.picture_reading import _of_files
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.weights.input_spec import Origin

NAMES = ("ant", "bee", "cow", "dog")
#: What a stated file says, so that nothing of it is assumed.
SAID = {"classes": list(NAMES), "mean": [0.5] * 3, "std": [0.25] * 3}


def pictures(root: Path, width: int = 48, height: int = 48) -> Path:
    rng = np.random.default_rng(5)
    for number in range(24):
        file = root / NAMES[number % 4] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(file)
    return root


def foreign(folder: Path, **said: object) -> Path:
    return write(folder, as_zip({"model": network().state_dict(), **SAID, **said}), "foreign.pt")


@pytest.mark.parametrize("side", [8, 32, 64])
def test_the_settings_size_does_not_change_what_is_measured(tmp_path: Path, side: int) -> None:
    """TR30: weights of 40 pixels on a folder that the settings read at 8."""
    root, weights = pictures(tmp_path / "data"), foreign(tmp_path, img_size=40)
    (right,) = evaluate([weights], PictureFolder(folder=str(root), size=40)).measured
    for data in (
        PictureFolder(folder=str(root), size=side),
        DataSpec(source=PictureFolder(folder=str(root), size=side)),
    ):
        (found,) = evaluate([weights], data, "all").measured
        assert found.measured == right.measured and found.preprocessing.startswith("40×40 pixels")
        assert f"with 40 pixels a side, as these weights need, not with {side} as the settings say." in " ".join(
            found.notes
        )
    (given,) = evaluate([weights], root, "all", options=EvaluationOptions(settings=[("size", side)])).measured
    assert given.measured == right.measured and f"not with {side} as the settings say" in " ".join(given.notes)
    assert "not with" not in " ".join(right.notes)


def test_own_weights_are_read_as_they_were_trained(tmp_path: Path) -> None:
    root = pictures(tmp_path / "data", 48, 24)
    source = {"kind": "folder", "folder": str(root), "size": 16, "fit": "pad", "colour": "gray"}
    recorder = record(small_spec(data__source=source, loop__epochs=2), folder=tmp_path / "runs")
    best = next(each for each in reversed(recorder.of(EpochEnded)) if each.is_best)
    (file,) = (tmp_path / "runs").rglob("best.safetensors")
    other = PictureFolder(folder=str(root), size=64, fit="crop", colour="rgb")
    (found,) = evaluate([file], DataSpec(source=other)).measured
    assert best.val is not None and found.measured.accuracy == best.val.accuracy
    assert found.measured.loss == pytest.approx(best.val.loss, rel=1e-5)
    assert "they are padded with black." in " ".join(found.notes)  # the file says it


def test_gray_that_was_asked_for_is_measured_and_said(tmp_path: Path) -> None:
    root, weights = pictures(tmp_path / "data", 40, 40), foreign(tmp_path, img_size=40)
    gray = pictures(tmp_path / "gray", 40, 40)
    for file in gray.rglob("*.png"):
        Image.open(file).convert("L").save(file)
    (wanted,) = evaluate([weights], gray).measured  # three equal channels
    (found,) = evaluate([weights], root, options=EvaluationOptions(settings=[("colour", "gray")])).measured
    assert found.measured == wanted.measured
    assert "They are read in gray, as the settings say; the network gets three equal channels." in found.notes
    assert "gray" not in " ".join(wanted.notes)


def test_settings_in_gray_are_not_followed_for_weights_in_colour_and_that_is_said(tmp_path: Path) -> None:
    root, weights = pictures(tmp_path / "data", 40, 40), foreign(tmp_path, img_size=40)
    (wanted,) = evaluate([weights], root).measured
    (found,) = evaluate([weights], PictureFolder(folder=str(root), size=40, colour="gray")).measured
    assert found.measured == wanted.measured
    assert "They are read in colour, as these weights need, not in gray as the settings say." in found.notes


def test_files_beside_a_run_are_read_in_their_own_size(tmp_path: Path) -> None:
    """What the first run held back is read at 8 for it, and at 40 for the file of others beside it."""
    root = pictures(tmp_path / "data")
    source = {"kind": "folder", "folder": str(root), "size": 8}
    record(small_spec(data__source=source, loop__epochs=1), folder=tmp_path / "runs")
    (file,) = (tmp_path / "runs").rglob("best.safetensors")
    weights = foreign(tmp_path, img_size=40)
    beside = evaluate([file.parent, weights])
    assert not beside.failed
    (alone,) = evaluate([weights], DataSpec(source=PictureFolder(folder=str(root), size=40))).measured
    assert beside.measured[1].measured == alone.measured and alone.measured.n < 24


def test_how_pictures_become_square_is_said_and_kept_where_the_weights_say_nothing(tmp_path: Path) -> None:
    root, weights = pictures(tmp_path / "data", 96, 48), foreign(tmp_path, img_size=40)
    cut, padded = (
        evaluate([weights], PictureFolder(folder=str(root), size=8, fit=fit), "all").measured[0]
        for fit in ("auto", "pad")
    )
    assert cut.measured.loss != padded.measured.loss
    unsaid = "the file does not say how its training did it."
    assert f"Not all are square: the centre is cut out; {unsaid}" in " ".join(cut.notes)
    assert f"Not all are square: they are padded with black; {unsaid}" in " ".join(padded.notes)


@pytest.mark.parametrize(
    ("resize", "words"),
    [
        (None, "40×32 pixels"),
        (32, "40×32 pixels"),  # the whole picture: nothing is cut off
        (33, "40×32 pixels (the centre of pictures whose shorter side is 33)"),
    ],
)
def test_a_centre_is_said_only_where_one_is_cut_out(resize: int | None, words: str) -> None:
    assert Origin((0.5,), (0.25,), (32, 40), 1, (), "", resize).words == (
        words,
        "mean 0.5 and standard deviation 0.25",
    )


def test_a_centre_crop_that_the_file_states_is_done(tmp_path: Path) -> None:
    """As torchvision's reference script saves it: the shorter side at 48, the centre 40 of it."""
    root = pictures(tmp_path / "data", 96, 48)
    stated = foreign(tmp_path, args={"val_resize_size": 48, "val_crop_size": 40, "train_crop_size": 36})
    (found,) = evaluate([stated], root).measured
    assert "40×40 pixels (the centre of pictures whose shorter side is 48)" in found.preprocessing
    assert "the centre is cut out." in " ".join(found.notes) and "does not say" not in " ".join(found.notes)
    (by_share,) = evaluate([foreign(tmp_path, args={"img_size": 40, "crop_pct": 40 / 48})], root).measured
    assert by_share.measured == found.measured
    (without,) = evaluate([foreign(tmp_path, img_size=40)], root).measured
    assert without.measured.loss != found.measured.loss


def test_enlarging_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, weights = pictures(tmp_path / "data", 30, 24), foreign(tmp_path, img_size=40)
    assert main(["evaluate", str(weights), "--data", str(root)]) == 0
    assert "smaller and are enlarged: the shorter side has about 24 pixels." in plain(capsys.readouterr().out)
    images = np.zeros((8, 16, 16, 3), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, labels=np.arange(8) % 4, classes=np.array(NAMES))
    (found,) = evaluate([weights], tmp_path / "a.npz").measured
    assert "The pictures of the data have 16×16 pixels and are enlarged to 40×40." in found.notes


@pytest.mark.parametrize(("shorter", "is_enlarged"), [(31, True), (32, False), (33, False)])
def test_only_smaller_pictures_are_said_to_be_enlarged(shorter: int, is_enlarged: bool) -> None:
    source = PictureFolder(folder="", size=32)
    origin = Origin((0.5,), (0.5,), (32, 32), 3, (), "a file")
    said = list(_of_files(origin, source, source, FileSides(shorter, False)))
    assert said[0] == "The picture files are read with 32 pixels a side, as these weights need."
    assert said[1:] == (
        [f"Most files are smaller and are enlarged: the shorter side has about {shorter} pixels."]
        if is_enlarged
        else []
    )
