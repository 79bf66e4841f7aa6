"""Well-known sets in the layout of torchvision, made by hand: read as they are, never downloaded by a load."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import pickle
import tarfile
import threading
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from tests.engine.catalog.datasets.test_idx_faults import idx
from workbench.engine.catalog.datasets import torchvision_sets as module
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.torchvision_sets import Name, TorchvisionSet, download
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.data.checks import preflight
from workbench.engine.spec.experiment import ExperimentSpec

datasets = pytest.importorskip("torchvision.datasets")
savemat = pytest.importorskip("scipy.io").savemat
RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (20, 28, 28), dtype=np.uint8)
LABELS = np.arange(20, dtype=np.uint8) % 10


def source(name: Any, root: Path) -> TorchvisionSet:
    return TorchvisionSet(name=name, folder=str(root), size=8)


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()


def write_idx(root: Path, name: str, packed: bool) -> None:
    folder = root / name / "raw"
    folder.mkdir(parents=True)
    for head, part in (("train", slice(0, 20)), ("t10k", slice(0, 10))):
        for kind, values in (("images-idx3", GRAY[part]), ("labels-idx1", LABELS[part])):
            data = idx(values)
            file = folder / f"{head}-{kind}-ubyte{'.gz' * packed}"
            file.write_bytes(gzip.compress(data) if packed else data)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "first"), [("MNIST", "0"), ("FashionMNIST", "T-shirt/top"), ("KMNIST", "o")])
def test_the_mnist_family(tmp_path: Path, name: str, first: str, packed: bool) -> None:
    write_idx(tmp_path, name, packed)
    data = source(name, tmp_path).load()
    assert np.array_equal(data.inputs[:, 0], GRAY)
    assert np.array_equal(data.labels, LABELS)
    assert data.classes[0] == first
    assert len(load_part(source(name, tmp_path), "test").labels) == 10


def write_cifar(root: Path, monkeypatch: pytest.MonkeyPatch, labels: str = "labels") -> np.ndarray:
    name = "CIFAR10" if labels == "labels" else "CIFAR100"
    cls = getattr(datasets, name)
    folder = root / cls.base_folder
    folder.mkdir(parents=True)
    pixels = RNG.integers(0, 256, (20, 3072), dtype=np.uint8)

    def write(file: str, content: Any) -> list[str]:
        (folder / file).write_bytes(pickle.dumps(content))
        return [file, md5(folder / file)]

    names = [f"thing {i}" for i in range(10)]
    monkeypatch.setattr(cls, "train_list", [write("one", {"data": pixels, labels: LABELS.tolist()})])
    monkeypatch.setattr(cls, "test_list", [write("two", {"data": pixels[:5], labels: LABELS[:5].tolist()})])
    key = "label_names" if name == "CIFAR10" else "fine_label_names"
    meta = write("meta", {key: names})
    monkeypatch.setattr(cls, "meta", {"filename": "meta", "key": key, "md5": meta[1]})
    return pixels.reshape(20, 3, 32, 32)


@pytest.mark.parametrize(("name", "labels"), [("CIFAR10", "labels"), ("CIFAR100", "fine_labels")])
def test_cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, labels: str) -> None:
    pixels = write_cifar(tmp_path, monkeypatch, labels)
    data = source(name, tmp_path).load()
    assert np.array_equal(data.inputs, pixels)
    assert np.array_equal(data.labels, LABELS)
    assert data.classes[3] == "thing 3"
    assert data.inputs.flags.c_contiguous
    assert len(load_part(source(name, tmp_path), "test").labels) == 5


def test_a_changed_cifar_file_is_never_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision compares checksums first; a file with code in it is not opened."""
    write_cifar(tmp_path, monkeypatch)

    class Bomb:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "exploded",))

    (tmp_path / "cifar-10-batches-py" / "one").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(WorkbenchError, match="files are incomplete"):
        source("CIFAR10", tmp_path).load()
    assert not (tmp_path / "exploded").exists()


def test_svhn_and_stl10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = RNG.integers(0, 256, (32, 32, 3, 20), dtype=np.uint8)
    numbers = np.where(LABELS == 0, 10, LABELS)[:, None]
    split = {}
    for part in ("train", "test", "extra"):
        file = tmp_path / f"{part}_32x32.mat"
        savemat(file, {"X": pictures, "y": numbers})
        split[part] = ["http://nowhere.invalid", file.name, md5(file)]
    monkeypatch.setattr(datasets.SVHN, "split_list", split)
    data = source("SVHN", tmp_path).load()
    assert np.array_equal(data.inputs, pictures.transpose(3, 2, 0, 1))
    assert np.array_equal(data.labels, LABELS)
    assert data.classes == tuple("0123456789")

    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    large = RNG.integers(0, 256, (20, 3, 96, 96), dtype=np.uint8)
    for part in ("train", "test"):
        large.transpose(0, 1, 3, 2).tofile(folder / f"{part}_X.bin")
        (LABELS + 1).tofile(folder / f"{part}_y.bin")
    (folder / "class_names.txt").write_text("\n".join(f"kind {i}" for i in range(10)))
    (folder / "fold_indices.txt").write_text("0 1\n" * 10)
    for name in ("train_list", "test_list"):
        files = [[file, md5(folder / file)] for file in (f"{name[:-5]}_X.bin", f"{name[:-5]}_y.bin")]
        monkeypatch.setattr(datasets.STL10, name, files)
    data = source("STL10", tmp_path).load()
    assert np.array_equal(data.inputs, large)
    assert (data.labels.tolist(), data.classes[4]) == (LABELS.tolist(), "kind 4")


def test_photographs_are_decoded_through_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "flowers-102"
    (folder / "jpg").mkdir(parents=True)
    for number in range(1, 13):
        Image.new("RGB", (20, 16), (number * 20, 0, 0)).save(folder / "jpg" / f"image_{number:05d}.jpg", quality=95)
    savemat(folder / "imagelabels.mat", {"labels": np.tile(np.arange(1, 103), 1)[:12] % 3 + 1})
    ids = {"trnid": np.arange(1, 7), "valid": np.arange(7, 10), "tstid": np.arange(10, 13)}
    savemat(folder / "setid.mat", ids)
    files = {
        "image": ("102flowers.tgz", ""),
        "label": ("imagelabels.mat", md5(folder / "imagelabels.mat")),
        "setid": ("setid.mat", md5(folder / "setid.mat")),
    }
    monkeypatch.setattr(datasets.Flowers102, "_file_dict", files)
    monkeypatch.setattr(datasets.Flowers102, "classes", ["a", "b", "c"], raising=False)
    monkeypatch.setattr(module, "_class_names", lambda made, count: ("a", "b", "c"))
    flowers = source("Flowers102", tmp_path)
    data = flowers.load()
    assert data.inputs.shape == (9, 3, 8, 8)
    assert data.validation is not None
    assert data.validation.tolist() == [False] * 6 + [True] * 3
    assert np.allclose(data.inputs[:, 0].mean((1, 2)) / 20, np.arange(1, 10), atol=0.2)
    assert len(load_part(flowers, "test").labels) == 3

    pets = tmp_path / "oxford-iiit-pet"
    for sub in ("images", "annotations"):
        (pets / sub).mkdir(parents=True)
    lines = [f"{'Abyssinian' if i % 2 else 'beagle'}_{i} {2 - i % 2} 1 1" for i in range(8)]
    for line in lines:
        Image.new("RGB", (9, 9)).save(pets / "images" / f"{line.split()[0]}.jpg")
    (pets / "annotations" / "trainval.txt").write_text("\n".join(lines[:6]))
    (pets / "annotations" / "test.txt").write_text("\n".join(lines[6:]))
    monkeypatch.setattr(module, "_class_names", lambda made, count: tuple(made.classes))
    data = source("OxfordIIITPet", tmp_path).load()
    assert (len(data.labels), data.classes) == (6, ("Abyssinian", "Beagle"))


@pytest.mark.parametrize("name", get_args(Name))
def test_what_is_not_there_is_said_and_not_fetched(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket can be opened in tests: a try would be another error."""
    with pytest.raises(WorkbenchError, match=rf"does not hold {name} as torchvision keeps it") as caught:
        source(name, tmp_path).load()
    assert caught.value.path == "data.source.folder"
    spec = ExperimentSpec().edited("data.source", source(name, tmp_path))
    report = finished(preflight(spec))
    assert [finding.code for finding in report.findings] == ["unusable"]


def test_files_that_are_not_the_published_ones_are_told_from_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "train_32x32.mat").write_bytes(b"not the file of SVHN")
    with pytest.raises(WorkbenchError, match="is there, but SVHN's files are incomplete, or others") as caught:
        source("SVHN", tmp_path).load()
    assert "does not hold" not in caught.value.message and ".npz" in caught.value.message


# --- Downloading, from files of this machine --------------------------------------------------------------------


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror of a small MNIST."""
    place = tmp_path / "mirror"
    write_idx(tmp_path / "made", "MNIST", packed=True)
    (tmp_path / "made" / "MNIST" / "raw").rename(place)
    resources = [(file.name, md5(file)) for file in sorted(place.iterdir())]
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"{(tmp_path / 'dead').as_uri()}/", f"{place.as_uri()}/"])
    return place


def test_a_download_is_watched_checked_and_found(tmp_path: Path, mirror: Path) -> None:
    told: list[Loading] = []
    download("MNIST", tmp_path / "root", told.append)
    assert told[0].words == "Downloading t10k-images-idx3-ubyte.gz"
    assert told[0].done == told[0].total == (mirror / "t10k-images-idx3-ubyte.gz").stat().st_size
    assert told[-1].words == "Unpacking MNIST"
    assert np.array_equal(source("MNIST", tmp_path / "root").load().labels, LABELS)
    told.clear()
    download("MNIST", tmp_path / "root", told.append)
    assert len(told) == 1  # nothing is brought twice


def test_a_download_can_be_given_up_and_goes_on_later(tmp_path: Path, mirror: Path) -> None:
    def give_up(told: Loading) -> None:
        if "train-images" in told.words:
            raise KeyError

    with pytest.raises(KeyError):
        download("MNIST", tmp_path / "root", give_up)
    raw = tmp_path / "root" / "MNIST" / "raw"
    assert sorted(file.name for file in raw.iterdir()) == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    words: list[str] = []
    download("MNIST", tmp_path / "root", lambda told: words.append(told.words))
    assert "Downloading t10k-images-idx3-ubyte.gz" not in words


def test_a_second_download_waits_until_the_first_has_ended(tmp_path: Path, mirror: Path) -> None:
    """The first was stopped and hangs in its server's silence; nobody else writes its file meanwhile."""
    root = tmp_path / "root"
    begun, silence, waits = threading.Event(), threading.Event(), threading.Event()

    def hang(told: Loading) -> None:
        begun.set()
        assert silence.wait(60)
        raise KeyError  # stopped

    def first() -> None:
        with contextlib.suppress(KeyError):
            download("MNIST", root, hang)

    words: list[str] = []

    def note(told: Loading) -> None:
        words.append(told.words)
        waits.set()

    threads = [threading.Thread(target=first), threading.Thread(target=lambda: download("MNIST", root, note))]
    threads[0].start()
    assert begun.wait(60)
    threads[1].start()
    assert waits.wait(60)
    assert set(words) == {f"Waiting for the download into {root} that was stopped to end"}
    silence.set()
    for thread in threads:
        thread.join(60)
    assert words[-1] == "Unpacking MNIST" and not list(root.rglob("*.part"))
    assert np.array_equal(source("MNIST", root).load().labels, LABELS)


def test_whoever_waits_for_another_download_can_give_up(tmp_path: Path, mirror: Path) -> None:
    def give_up(told: Loading) -> None:
        raise KeyError

    with module._turn(tmp_path, lambda told: None):
        with pytest.raises(KeyError):
            download("MNIST", tmp_path, give_up)
        assert not (tmp_path / "MNIST").exists()


def test_unpacking_that_breaks_off_leaves_no_half_file(
    tmp_path: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"

    def torn(packed: Any, file: Any) -> None:
        file.write(packed.read(10))
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(module.shutil, "copyfileobj", torn)
        with pytest.raises(WorkbenchError, match="cannot be unpacked: disk full"):
            download("MNIST", root, lambda told: None)
    assert all(file.suffix == ".gz" for file in (root / "MNIST" / "raw").iterdir())
    download("MNIST", root, lambda told: None)
    assert np.array_equal(source("MNIST", root).load().labels, LABELS)


def test_a_folder_of_photographs_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "102flowers.tgz"
    made = tmp_path / "made" / "jpg"
    made.mkdir(parents=True)
    (made / "image_00001.jpg").write_bytes(b"1")
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(made, "jpg")
    replaced: list[list[str]] = []
    replace = module.os.replace
    monkeypatch.setattr(
        module.os,
        "replace",
        lambda old, new: (replaced.append([f.name for f in Path(old).iterdir()]), replace(old, new)),
    )
    module._unpack_folder(archive)
    assert replaced == [["image_00001.jpg"]] and [f.name for f in (tmp_path / "jpg").iterdir()] == ["image_00001.jpg"]
    module._unpack_folder(archive)  # is there
    assert len(replaced) == 1 and not list(tmp_path.glob(".unpacking-*"))


@pytest.mark.parametrize("fault", ["absent", "changed"])
def test_a_download_that_fails_says_what_to_do(tmp_path: Path, mirror: Path, fault: str) -> None:
    file = mirror / "train-labels-idx1-ubyte.gz"
    if fault == "absent":
        file.unlink()
    else:
        file.write_bytes(b"<html>not found</html>")
    with pytest.raises(WorkbenchError) as caught:
        download("MNIST", tmp_path / "root", lambda told: None)
    assert caught.value.message.startswith(f"Cannot download {file.name} (")
    assert f"copy it into {tmp_path / 'root' / 'MNIST' / 'raw'} from elsewhere." in caught.value.message
    assert not list((tmp_path / "root").rglob("*.part"))


@pytest.mark.parametrize("name", get_args(Name))
def test_every_set_has_files_to_bring(name: Any) -> None:
    for wanted in module.wanted_files(name):
        assert len(wanted.md5) == 32
        assert all(url.startswith("http") for url in wanted.urls)
        assert not Path(wanted.path).is_absolute()
