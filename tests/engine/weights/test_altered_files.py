"""Own files of weights carry their hash: any flipped bit is noticed at the next read, also in a copy."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from tests.engine.helpers import record, small_spec
from tests.engine.weights.files import as_zip
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.safetensors_file import safetensors_bytes
from workbench.engine.core.seal import OPEN, SEAL, is_intact, sealed_archive, sealed_safetensors
from workbench.engine.run_store.manifest import agrees, write_manifest
from workbench.engine.weights.load_weights import read_weights

#: Flipped bits in each kind of file (CK21).
TRIALS = 200
BOTH = {"last": b"second", "previous": b"first"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("runs")
    record(small_spec(model={"kind": "mlp", "hidden": [4]}, loop__epochs=2), folder=parent)
    return next(parent.iterdir())


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def noticed(path: Path) -> bool:
    try:
        read_weights(path, as_saved=True)
    except WorkbenchError:
        return True
    return False


@pytest.mark.parametrize("name", ["best.safetensors", "checkpoints/last.pt"])
def test_every_flipped_bit_in_a_copy_is_noticed(run: Path, tmp_path: Path, name: str) -> None:
    data = (run / name).read_bytes()
    copy = tmp_path / Path(name).name
    copy.write_bytes(data)
    assert is_intact(copy) and not noticed(copy)
    place = data.index(b"workbench.sha256")
    near = range(8 * (place - 2), 8 * (place + 90), 5)  # the hash, its name and what is around it
    every = [*random.Random(21).sample(range(8 * len(data)), TRIALS), *(bit for bit in near if bit < 8 * len(data))]
    missed = []
    for bit in every:
        copy.write_bytes(flipped(data, bit))
        missed += [] if noticed(copy) else [bit]
    assert not missed


def test_the_undamaged_files_of_the_run_are_named(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    best, last = folder / "best.safetensors", folder / "checkpoints" / "last.pt"
    shutil.copy(last, last.with_name("previous.pt"))
    for path in (best, last):
        path.write_bytes(flipped(path.read_bytes(), 8 * 500))
    with pytest.raises(WorkbenchError, match=r"is damaged.*Use .*last\.safetensors instead"):
        read_weights(best)
    with pytest.raises(WorkbenchError, match=r"Use .*last\.safetensors instead"):
        read_weights(last)
    (folder / "last.safetensors").unlink()
    with pytest.raises(WorkbenchError, match=r"Use .*previous\.pt instead"):
        read_weights(best)
    (folder / "checkpoints" / "previous.pt").unlink()
    with pytest.raises(WorkbenchError, match="Copy it again from its run folder"):
        read_weights(best)


def test_the_manifest_has_every_file_and_is_read_where_a_file_has_no_hash(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    manifest = folder / "checkpoints" / "manifest.json"
    said = json.loads(manifest.read_bytes())
    assert set(said) >= {"last.pt", "best.safetensors", "last.safetensors", "step"}
    states = {"last.pt", "previous.pt", "best.pt", "good.pt"}  # as many as were written in time
    assert set(said) - states == {"best.safetensors", "last.safetensors", "step", "steps", "figures"}
    for path in (*folder.glob("*.safetensors"), *folder.glob("checkpoints/*.pt")):
        assert agrees(path, read_weights(path, as_saved=True).sha256) is True
    last = folder / "checkpoints" / "last.pt"
    older = as_zip({"network": {"w": torch.zeros(40)}})
    last.write_bytes(older)  # as an older state wrote it: without a hash inside, with one in the manifest
    with pytest.raises(WorkbenchError, match="is damaged"):
        read_weights(last)
    (folder / "checkpoints" / "previous.pt").write_bytes(b"")
    manifest.write_text(json.dumps({"last.pt": "0" * 64, "step": 1}))
    with pytest.raises(WorkbenchError, match="is damaged"):
        read_weights(last)
    # A crash between the file and the manifest: the hash is that of the file before.
    manifest.write_text(json.dumps({"last.pt": _sha(folder / "checkpoints" / "previous.pt"), "step": 1}))
    assert read_weights(last).tensors["w"].numel() == 40
    for text in ("", "[]", '{"last.pt": 1}'):
        manifest.write_text(text)
        assert read_weights(last).tensors["w"].numel() == 40


def test_the_manifest_tells_the_last_from_the_previous_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    hashes = {f"checkpoints/{name}.pt": hashlib.sha256(data).hexdigest() for name, data in BOTH.items()}
    write_manifest(tmp_path, hashes, 3, {"last.pt": 3})
    last = tmp_path / "checkpoints" / "last.pt"
    for name, data in BOTH.items():
        last.with_name(f"{name}.pt").write_bytes(data)
        assert agrees(last.with_name(f"{name}.pt"), hashes[f"checkpoints/{name}.pt"]) is True
    assert agrees(last, "0" * 64) is False and agrees(last.with_name("other.pt"), "0" * 64) is None


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "write",
    [
        lambda: safetensors_bytes({"w": torch.zeros(3)}, {}),
        lambda: safetensors_bytes({"w": torch.zeros(3)}, {"workbench.spec": "x", "format": "pt"}),
        lambda: as_zip({"w": torch.zeros(300)}),
    ],
)
def test_files_without_a_hash_still_open(tmp_path: Path, write: Callable[[], bytes]) -> None:
    path = tmp_path / "weights"
    path.write_bytes(write())
    assert is_intact(path) is None and "w" in read_weights(path).tensors


def test_sealed_files_are_what_they_were(tmp_path: Path) -> None:
    tensors = {"w": torch.arange(5.0)}
    (tmp_path / "a").write_bytes(sealed_safetensors(safetensors_bytes(tensors, {SEAL: OPEN, "x": "y"})))
    with safe_open(tmp_path / "a", "pt") as file:
        assert file.get_tensor("w").equal(tensors["w"]) and file.metadata()["x"] == "y"
    (tmp_path / "b").write_bytes(b"".join(sealed_archive(memoryview(as_zip(tensors)))[0]))
    assert torch.load(tmp_path / "b", weights_only=True)["w"].equal(tensors["w"])
    assert is_intact(tmp_path / "a") and is_intact(tmp_path / "b")
