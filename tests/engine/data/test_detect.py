"""What a dropped file is: by its content, whatever it is named; anything else is refused in words and never a crash."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.browse import Part, catalogue
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.pictures.corrections import CorrectionsFile
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps

RNG = np.random.Generator(np.random.PCG64(3))


def png() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(RNG.integers(0, 255, (6, 6, 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def npz() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, x=RNG.integers(0, 255, (8, 4, 4), np.uint8), y=np.arange(8) % 2)
    return stream.getvalue()


def weights() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02.")
    return stream.getvalue()


def idx() -> bytes:
    return bytes((0, 0, 8, 1, 0, 0, 0, 2, 1, 0))


#: A good file of each kind, and what it is.
GOOD: dict[str, tuple[Callable[[], bytes], str]] = {
    "npz": (npz, "npz"),
    "csv": (lambda: b"file;label\ncats/1.png;cat\ndogs/1.png;dog\n", "csv"),
    "idx": (idx, "idx"),
    "settings": (lambda: dumps(ExperimentSpec()).encode(), "settings"),
    "picture": (png, "single picture"),
    "weights": (weights, "transfer learning"),
    "safetensors": (lambda: (2).to_bytes(8, "little") + b"{}", "transfer learning"),
}


def alone(place: Path) -> Path:
    """A folder in one of its own: what lies beside a picture's folder is looked at, and must not be other tests'."""
    (place / "above" / "here").mkdir(parents=True)
    return place / "above" / "here"


@pytest.mark.parametrize("name", list(GOOD))
@pytest.mark.parametrize("suffix", ["", ".dat", ".png"])
def test_the_content_counts_and_not_the_name(tmp_path: Path, name: str, suffix: str) -> None:
    make, kind = GOOD[name]
    file = alone(tmp_path) / f"some file{suffix}"
    file.write_bytes(make())
    if kind in ("npz", "csv", "idx"):
        assert recognise([file]).kind == kind
    elif kind == "settings":
        assert recognise([file]).spec_file == file
    else:
        with pytest.raises(NotData, match=kind):
            recognise([file])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes among its files")
def test_a_pipe_that_is_dropped_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(NotData, match="is a pipe"):
        recognise([tmp_path / "pipe.png"])


def mutants(count: int) -> list[bytes]:
    """Files with bytes flipped, cut out and cut off."""
    made = []
    for number in range(count):
        data = bytearray(GOOD[list(GOOD)[number % len(GOOD)]][0]())
        for place in RNG.integers(0, len(data), RNG.integers(1, 6)).tolist():
            data[place] = int(RNG.integers(0, 256))
        start = int(RNG.integers(0, len(data)))
        made.append(bytes(data[:start]) if number % 3 == 0 else bytes(data))
    return made


def test_mutants_are_recognised_or_refused_in_words(tmp_path: Path) -> None:
    said: list[str] = []
    place = alone(tmp_path)
    for number, data in enumerate(mutants(400)):
        file = place / f"{number}"
        file.write_bytes(data)
        try:
            found = recognise([file])
            assert found.kind or found.spec_file is not None
        except WorkbenchError as error:
            said.append(error.message)
        file.unlink()
    assert 100 < len(said) < 400 and all(message.endswith(".") for message in said)


def test_the_kept_settings_are_those_of_the_same_kind() -> None:
    found = OwnData("pets", "folder", (("folder", "/pets"),))
    assert found.source(PictureFolder(folder="/old", size=64)) == PictureFolder(folder="/pets", size=64)
    assert found.source(Digits()) == PictureFolder(folder="/pets")


def folder(root: Path) -> PictureFolder:
    for part, count in (("train", 4), ("validation", 2), ("test", 3)):
        for name in ("cat", "dog"):
            (root / part / name).mkdir(parents=True)
            for number in range(count):
                (root / part / name / f"{number}.png").write_bytes(png())
    return PictureFolder(folder=str(root), size=8)


def test_empty_class_folders_are_no_reason_to_refuse_a_set_but_a_mixture_is(tmp_path: Path) -> None:
    root = folder(tmp_path / "set").folder
    (Path(root) / "train" / "leer").mkdir()
    assert recognise([Path(root)]).kind == "folder"
    mixture = tmp_path / "downloads"
    for name in ("a", "b", "c", "d", "e"):
        (mixture / name).mkdir(parents=True)
        if name in "ab":
            (mixture / name / "1.png").write_bytes(png())
    with pytest.raises(NotData, match="5 folders, of which 3 are without a picture: 'c', 'd', 'e'"):
        recognise([mixture])


def test_the_catalogue_has_every_file_once_with_its_part(tmp_path: Path) -> None:
    source = folder(tmp_path)
    file = CorrectionsFile(tmp_path)
    file.exclude(["train/cat/0.png"])
    file.relabel(["train/cat/1.png"], "dog")
    found = finished(catalogue(ExperimentSpec().edited("data.source", source)))
    assert sorted(found.names) == sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.png"))
    of = {name: i for i, name in enumerate(found.names)}
    assert found.parts[of["train/cat/0.png"]] == Part.LEFT_OUT
    moved = of["train/cat/1.png"]
    assert (found.classes[found.own[moved]], found.classes[found.labels[moved]]) == ("cat", "dog")
    for name, i in of.items():
        if name.split("/")[0] != "train":
            assert Part(found.parts[i]).name.lower() == name.split("/")[0]
    assert found.counts().tolist() == [[2, 2, 3, 0, 1, 0], [5, 2, 3, 0, 0, 0]]
    picture = found.small(of["test/dog/0.png"], 6)
    want = np.asarray(Image.open(tmp_path / "test" / "dog" / "0.png"))
    assert isinstance(picture, np.ndarray) and np.array_equal(picture, want)


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_place: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "mine").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(WorkbenchError, match="Permission denied"):
        recognise([tmp_path / "mine"])
