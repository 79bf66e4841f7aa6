"""Networks whose classes are named, ordered or numbered otherwise, and values of pictures that the weights choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file

from tests.engine.export.made import weights
from tests.engine.use.made import digit_files, trained
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, finished
from workbench.engine.core.safetensors_file import metadata_in, safetensors_bytes
from workbench.engine.core.seal import SEAL
from workbench.engine.use import disagree
from workbench.engine.use.answer import _words, as_picture
from workbench.engine.use.disagree import disagreeing
from workbench.engine.use.network import UsedNetwork, used_network
from workbench.engine.use.picture_walk import PictureWalk
from workbench.engine.use.predict import Prediction


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


def flipped(run: Path, file: Path) -> Path:
    """The network of ``run`` with its outputs, and their names, in the other order."""
    tensors, about = load_file(run / "best.safetensors"), metadata_in(run / "best.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        tensors[name] = tensors[name].flip(0).contiguous()
    about.pop(SEAL)
    about["workbench.classes"] = '["9","8","7","6","5","4","3","2","1","0"]'
    file.write_bytes(safetensors_bytes(tensors, about))
    return file


def test_classes_are_compared_by_their_names_and_not_by_their_numbers(run: Path, tmp_path: Path) -> None:
    digit_files(tmp_path / "pictures", 20)
    same = used_network([run]), used_network([flipped(run, tmp_path / "flipped.safetensors")])
    assert same[0].classes == same[1].classes[::-1]
    assert finished(disagreeing(*same, [tmp_path / "pictures"])).pictures == ()


def test_a_picture_that_only_one_of_two_networks_could_read_is_not_compared(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a file is written, or removed, between the two passes."""
    files = [tmp_path / name for name in "abc"]
    made = [
        [Prediction(files[0], reason="gone"), Prediction(files[1], 1, 0.9), Prediction(files[2], 2, 0.9)],
        [Prediction(files[0], 4, 0.8), Prediction(files[1], reason="gone"), Prediction(files[2], 3, 0.8)],
    ]

    def predicting(
        _network: UsedNetwork, _walk: PictureWalk, take: Callable[[Sequence[Prediction]], object]
    ) -> Job[None]:
        yield from ()
        take(made.pop(0))

    monkeypatch.setattr(disagree, "predicting_files", predicting)
    used = used_network([run])
    found = finished(disagreeing(used, used, [tmp_path]))
    assert [(each.path, each.first, each.second) for each in found.pictures] == [(files[2], "2", "3")]
    assert (found.count, found.unreadable) == (1, 1)


def test_given_names_win_over_those_of_each_member(run: Path, tmp_path: Path) -> None:
    """They are one for each output of every member, by its number, whatever the files call them."""
    names, file = tuple("abcdefghij"), flipped(run, tmp_path / "flipped.safetensors")
    used = used_network([run, file], names=names)
    assert used.classes == names and used.is_named and not used.has_assumed_names
    pictures = Digits().load().inputs[:3]
    one, other = (np.exp(used_network([path]).logs([pictures])) for path in (run, file))
    assert np.abs(np.exp(used.logs([pictures, pictures])) - (one + other) / 2).max() < 1e-6


def test_unnamed_outputs_are_averaged_only_where_there_are_as_many(tmp_path: Path) -> None:
    three, four, other = (
        write(tmp_path, as_zip(network(2, n).state_dict()), f"{at}.pt") for at, n in enumerate((3, 4, 4))
    )
    with pytest.raises(WorkbenchError, match="cannot be averaged"):
        used_network([four, three])
    assert len(used_network([four, other]).members) == 2


def test_only_names_that_nobody_gave_are_assumed(run: Path, tmp_path: Path) -> None:
    ten = write(tmp_path, as_zip(network(2, 10).state_dict()), "ten.pt")
    found = [used_network([ten]), used_network([ten], names=tuple("abcdefghij")), used_network([run])]
    assert [used.has_assumed_names for used in found] == [True, False, False]
    said = ["such networks are usually trained on" in " ".join(used.notes) for used in found]
    assert said == [True, False, False]


def test_what_a_run_does_at_test_time_is_said_not_to_be_done(run: Path, tmp_path: Path) -> None:
    several = trained(tmp_path, testing__passes=3, regularization=[{"kind": "dropout", "p": 0.2}])
    assert not any("one plain pass" in note for note in used_network([run]).notes)
    assert any("one plain pass" in note for note in used_network([several]).notes)


def test_the_ground_is_dark_where_gray_pictures_were_mostly_dark(run: Path) -> None:
    used = used_network([run])
    member = used.members[0]

    def is_dark(channels: int, *mean: float) -> bool:
        origin = replace(member.origin, channels=channels, mean=mean)
        return replace(used, members=(replace(member, origin=origin),)).has_dark_ground

    assert used.has_dark_ground, "digits are bright on black"
    assert [is_dark(1, 0.4), is_dark(1, 0.5), is_dark(1, 0.9)] == [True, False, False]
    assert not is_dark(3, 0.1, 0.2, 0.3), "photographs have no ink"


def test_the_values_that_are_black_and_white_are_those_of_the_weights(tmp_path: Path) -> None:
    values = np.linspace(0, 1000, 64, dtype=np.uint16).reshape(8, 8)
    Image.fromarray(values).save(tmp_path / "deep.png")
    source = {"kind": "folder", "folder": "/gone", "size": 8}
    read = {}
    for number, chosen in enumerate(("full", "200 800")):
        own = weights(tmp_path / f"{number}.safetensors", (1, 8, 8), data__source={**source, "value_range": chosen})
        read[chosen] = used_network([own]).read(tmp_path / "deep.png")[0][0]
    assert read["full"].max() <= 4, "1000 of 65,535"
    assert read["200 800"].min() == 0 and read["200 800"].max() == 255
    assert (read["200 800"] == 255).sum() == (values >= 799).sum()


def test_of_other_numbers_of_channels_the_first_is_drawn() -> None:
    given = np.stack([np.full((2, 3), channel, np.float32) for channel in range(5)])
    given[0, 0, 0] = -1
    assert as_picture(given)[:, :, 0].tolist() == [[0, 255, 255], [255, 255, 255]]


def test_the_size_that_enters_the_network_is_said_as_width_and_height() -> None:
    assert _words(np.zeros((1, 4, 7), np.float32)).startswith("7×4 gray, values from 0 to 0")
    assert _words(np.zeros((3, 4, 7), np.float32)).startswith("7×4 colour")
    assert _words(np.zeros((2, 4, 7), np.float32)).startswith("7×4 2 channels")
