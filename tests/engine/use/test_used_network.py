"""A network in use: its answers against the evaluation and against layers by hand, averages, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tests.engine.use.made import digit_files, trained
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.core.safetensors_file import metadata_in, safetensors_bytes
from workbench.engine.core.seal import SEAL
from workbench.engine.pictures.decode import Unreadable
from workbench.engine.use.network import used_network
from workbench.engine.use.predict import likeliest, predicting


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    parent = tmp_path_factory.mktemp("runs")
    return [trained(parent / str(seed), loop__seed=seed) for seed in (0, 1)]


def by_hand(run: Path, pictures: np.ndarray) -> np.ndarray:
    """Probabilities in float64: the standardization, the hidden layer, the classifier."""
    weights = {name: t.double().numpy() for name, t in load_file(run / "best.safetensors").items()}
    x = (pictures / 255 - weights["preprocessing.mean"]) * weights["preprocessing.inverse_std"]
    x = x.reshape(len(x), -1) @ weights["fc1.weight"].T + weights["fc1.bias"]
    logits = np.maximum(0, x) @ weights["classifier.weight"].T + weights["classifier.bias"]
    shares = np.exp(logits - logits.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def test_pictures_from_memory_and_from_files_are_predicted_alike(runs: list[Path], tmp_path: Path) -> None:
    used = used_network(runs[:1])
    pictures = Digits().load().inputs[:600]
    logs = finished(predicting(used, pictures))
    assert logs.shape == (600, 10) and used.classes == tuple("0123456789") and used.is_named
    assert np.abs(np.exp(logs) - by_hand(runs[0], pictures)).max() < 1e-5
    for number, file in enumerate(digit_files(tmp_path, 5)):
        read = used.read(file)
        assert (read[0] == pictures[number]).all()
        assert np.abs(used.logs([each[None] for each in read])[0] - logs[number]).max() < 1e-5


def test_the_average_is_that_of_the_probabilities(runs: list[Path]) -> None:
    pictures = Digits().load().inputs[:40]
    used = used_network(runs)
    wanted = (by_hand(runs[0], pictures) + by_hand(runs[1], pictures)) / 2
    assert np.abs(np.exp(finished(predicting(used, pictures))) - wanted).max() < 1e-5
    assert used.name == "Average of 2 networks" and len(used.members) == 2


def test_the_members_of_an_ensemble_predict_as_one(runs: list[Path], tmp_path: Path) -> None:
    for number, run in enumerate(runs, 1):
        shutil.copytree(run, tmp_path / "ensemble" / f"member-{number}")
    used = used_network([tmp_path / "ensemble"])
    pictures = Digits().load().inputs[:9]
    assert [member.name for member in used.members] == ["ensemble/member-1", "ensemble/member-2"]
    assert (finished(predicting(used, pictures)) == finished(predicting(used_network(runs), pictures))).all()


def test_classes_of_a_further_member_are_matched_by_name(runs: list[Path], tmp_path: Path) -> None:
    """Of networks in another order of the classes, the average is of the same class."""
    other = shutil.copytree(runs[1], tmp_path / "other")
    tensors, about = load_file(other / "best.safetensors"), metadata_in(other / "best.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        tensors[name] = tensors[name].flip(0).contiguous()
    about.pop(SEAL)
    about["workbench.classes"] = '["9","8","7","6","5","4","3","2","1","0"]'
    (tmp_path / "flipped.safetensors").write_bytes(safetensors_bytes(tensors, about))
    pictures = Digits().load().inputs[:40]
    straight = finished(predicting(used_network(runs), pictures))
    flipped = finished(predicting(used_network([runs[0], tmp_path / "flipped.safetensors"]), pictures))
    assert np.abs(straight - flipped).max() < 1e-6


def test_what_the_network_sees_is_resized_and_standardized(runs: list[Path]) -> None:
    member = used_network(runs[:1]).members[0]
    weights = load_file(runs[0] / "best.safetensors")
    picture = Digits().load().inputs[0]
    seen = member.seen(picture)
    mean, inverse = weights["preprocessing.mean"].numpy(), weights["preprocessing.inverse_std"].numpy()
    assert seen.dtype == np.float32 and seen.shape == (1, 8, 8)
    assert np.abs(seen - (picture / 255 - mean) * inverse).max() < 1e-5
    assert member.seen(np.zeros((3, 40, 20), np.uint8)).shape == (1, 8, 8)


def test_pixels_in_memory_are_read_as_a_file_of_them(runs: list[Path], tmp_path: Path) -> None:
    used = used_network(runs[:1])
    pixels = np.random.default_rng(0).integers(0, 256, (30, 50, 4), dtype=np.uint8)
    for channels in (1, 3, 4):
        some = pixels[:, :, :channels]
        Image.fromarray(some[:, :, 0] if channels == 1 else some).save(tmp_path / "some.png")
        assert (used.fit(some)[0] == used.read(tmp_path / "some.png")[0]).all()
    for wrong in (pixels[:, :, :2], pixels[:0], pixels[:, :, 0]):
        with pytest.raises(Unreadable):
            used.fit(wrong)


def test_a_run_without_weights_says_when_they_come(runs: list[Path], tmp_path: Path) -> None:
    young = shutil.copytree(runs[0], tmp_path / "young", ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(
        WorkbenchError,
        match="young has kept no weights yet: a run keeps its first some seconds after its first evaluation",
    ):
        used_network([young])


def test_points_are_no_pictures(tmp_path: Path) -> None:
    run = trained(tmp_path, data__source={"kind": "moons"}, augmentations=[], data__examples_per_class=None)
    with pytest.raises(WorkbenchError, match="was trained on points with 2 coordinates; pictures cannot be given"):
        used_network([run])


@pytest.mark.parametrize("shape", [(2, 4, 8, 8), (2, 8, 8), (0, 1, 8, 8)])
def test_arrays_that_are_no_pictures_are_refused(runs: list[Path], shape: tuple[int, ...]) -> None:
    with pytest.raises(WorkbenchError, match="is no set of pictures"):
        finished(predicting(used_network(runs[:1]), np.zeros(shape, np.uint8)))


def test_weights_of_others_are_assumed_to_have_the_usual_classes_or_get_names(tmp_path: Path) -> None:
    file = write(tmp_path, as_zip(network(2, 10).state_dict()))
    assert used_network([file]).classes[0] == "airplane"
    four = write(tmp_path, as_zip(network(2, 4).state_dict()), "four.pt")
    used = used_network([four])
    assert used.classes == ("output 0", "output 1", "output 2", "output 3") and not used.is_named
    assert any("its outputs are numbered" in note for note in used.notes)
    assert used_network([four], names=tuple("abcd")).classes == tuple("abcd")
    with pytest.raises(WorkbenchError, match="has 3, and four"):
        used_network([four], names=tuple("abc"))
    with pytest.raises(WorkbenchError, match="cannot be averaged"):
        used_network([file, four])
    pictures = np.random.default_rng(1).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)
    logs = finished(predicting(used_network([four, four]), pictures))
    assert np.abs(logs - finished(predicting(used, pictures))).max() < 1e-6


def test_of_equal_classes_the_first_is_the_likeliest() -> None:
    classes, shares = likeliest(np.log(np.array([[0.25, 0.5, 0.25], [1 / 3, 1 / 3, 1 / 3]])))
    assert classes.tolist() == [[1, 0], [0, 1]]
    assert shares == pytest.approx(np.array([[0.5, 0.25], [1 / 3, 1 / 3]]))
    classes, shares = likeliest(np.zeros((2, 1)))
    assert classes.shape == (2, 1) and torch.allclose(torch.from_numpy(shares), torch.ones(2, 1, dtype=torch.float64))
