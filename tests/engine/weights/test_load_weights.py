"""Weights from files: what is read, what is taken off, and every way in which a file is refused (LD01, LD03, LD05)."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import pickle
import struct
import tarfile
import warnings
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.weights.files import FORMATS, as_legacy, as_safetensors, as_zip, network, write
from tests.engine.weights.refusals import refusal
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.detect import recognise
from workbench.engine.weights.load_weights import claimed_hash, read_weights

STATE = network().state_dict()


def same(read: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> None:
    assert sorted(read) == sorted(wanted)
    for name, tensor in wanted.items():
        assert read[name].dtype == tensor.dtype and torch.equal(read[name], tensor), name


@pytest.mark.parametrize("suffix", ["pt", "th", "safetensors", "txt", "jpg"])
@pytest.mark.parametrize("kind", FORMATS)
def test_the_format_is_told_by_content(tmp_path: Path, kind: str, suffix: str) -> None:
    file = read_weights(write(tmp_path, FORMATS[kind](STATE), f"w.{suffix}"))
    assert file.format == kind and not file.notes
    same(file.tensors, STATE)


@pytest.mark.parametrize("form", [as_zip, as_legacy])
def test_wrappers_and_prefixes_are_taken_off_and_said(tmp_path: Path, form: Any) -> None:
    prefixed = {f"module._orig_mod.{name}": tensor for name, tensor in STATE.items()}
    whole = {
        "epoch": 3,
        "best_prec1": 91.7,
        "schedule": Counter({5: 1}),
        "optimizer": {"state": {0: {"exp_avg": torch.ones(5)}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
        "state_dict": OrderedDict(prefixed),
        "ema": dict(STATE),
    }
    file = read_weights(write(tmp_path, form(whole)))
    same(file.tensors, STATE)
    said = " ".join(file.notes)
    assert "“state_dict”" in said and "“ema” in it was left aside" in said
    assert "“module.”" in said and "“_orig_mod.”" in said


def test_a_prefix_that_not_all_share_stays(tmp_path: Path) -> None:
    mixed = {"module.a": torch.ones(2), "b": torch.ones(2)}
    assert set(read_weights(write(tmp_path, as_zip(mixed))).tensors) == set(mixed)


def test_a_table_under_an_unknown_name_is_found_and_several_are_not_guessed(tmp_path: Path) -> None:
    file = read_weights(write(tmp_path, as_zip({"generator": dict(STATE), "epoch": 1})))
    same(file.tensors, STATE)
    assert "“generator”" in file.notes[0]
    text = refusal(write(tmp_path, as_zip({"generator": dict(STATE), "critic": dict(STATE)})))
    assert "generator, critic" in text
    for nothing in ({"epoch": 1}, [1, 2], torch.ones(3), {"lists": [torch.ones(2)]}):
        assert "no table of weights" in refusal(write(tmp_path, as_zip(nothing)))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_tensor_has_memory_of_its_own(tmp_path: Path, kind: str) -> None:
    big = torch.arange(10.0)
    tied = {"a": big[2:5], "b": big[2:5], "c": big.view(2, 5).t()} if kind != "safetensors" else {"a": big[2:5].clone()}
    path = write(tmp_path, FORMATS[kind](tied))
    tensors = read_weights(path).tensors
    path.write_bytes(b"\0" * path.stat().st_size)  # nothing is still read from the file
    assert torch.equal(tensors["a"], torch.tensor([2.0, 3.0, 4.0]))
    tensors["a"].zero_()
    for name, tensor in tensors.items():
        assert tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.numel() * 4
        assert name == "a" or torch.equal(tensor, tied[name])


def test_kinds_of_numbers_and_parameters(tmp_path: Path) -> None:
    kinds = (torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int8, torch.uint8, torch.bool)
    state = {str(kind): torch.ones(3, 2).to(kind) for kind in kinds} | {"p": torch.nn.Parameter(torch.ones(2))}
    state["empty"], state["one"] = torch.ones(0, 4), torch.tensor(5)
    for form in (as_zip, as_legacy):
        file = read_weights(write(tmp_path, form(state)))
        assert all(torch.equal(file.tensors[name], tensor) for name, tensor in state.items())
        assert not file.tensors["p"].requires_grad and type(file.tensors["p"]) is torch.Tensor


def test_numbers_that_are_none_are_said(tmp_path: Path) -> None:
    state = {name: tensor.clone() for name, tensor in STATE.items()}
    state["layer1.0.conv1.weight"][0] = float("nan")
    state["linear.bias"][1] = float("inf")
    for kind, form in FORMATS.items():
        file = read_weights(write(tmp_path, form(state), kind))
        assert sorted(file.broken) == ["layer1.0.conv1.weight", "linear.bias"]
        assert "do not use" in file.notes[-1] and "linear.bias" in file.notes[-1]


# --- Code in the file: LD01, LD03 ---------------------------------------------------------------------------------


class Runs:
    """An object whose pickle makes the folder ``place`` when it is read."""

    def __init__(self, place: Path) -> None:
        self._place = str(place)

    def __reduce__(self) -> Any:
        return os.mkdir, (self._place,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
def test_code_in_a_bare_pickle_is_not_run(tmp_path: Path, protocol: int) -> None:
    target = tmp_path / "made"
    text = refusal(write(tmp_path, pickle.dumps(Runs(target), protocol)))
    assert "run code" in text and "mkdir" in text and not target.exists()


@pytest.mark.parametrize("form", [as_zip, as_legacy])
@pytest.mark.parametrize("where", ["beside", "inside"])
def test_code_beside_weights_is_not_run(tmp_path: Path, form: Any, where: str) -> None:
    target = tmp_path / "made"
    value = {"state_dict": dict(STATE), "args": Runs(target)} if where == "beside" else {**STATE, "x": Runs(target)}
    text = refusal(write(tmp_path, form(value)))
    assert "run code" in text and "mkdir" in text and "state_dict" in text and not target.exists()


@pytest.mark.parametrize("form", [as_zip, as_legacy])
def test_a_whole_network_is_code_too(tmp_path: Path, form: Any) -> None:
    text = refusal(write(tmp_path, form(torch.nn.Linear(2, 2))))
    assert "torch.nn.modules.linear.Linear" in text and "torch.save(model.state_dict()" in text


@pytest.mark.parametrize("kind", ["sparse", "complex", "quantized"])
def test_other_kinds_of_tensors_are_not_called_code(tmp_path: Path, kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odd = {
            "sparse": lambda: torch.eye(3).to_sparse(),
            "complex": lambda: torch.ones(3, dtype=torch.complex64),
            "quantized": lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        }[kind]()
        data = as_zip({**STATE, "odd": odd})
    text = refusal(write(tmp_path, data))
    said = (
        "holds quantized weights (torch"
        if kind == "quantized"
        else "holds tensors of a kind that is not read here (torch."
    )
    assert said in text and ("float weights" if kind == "quantized" else "float32") in text


def test_numpy_objects_are_refused_by_name(tmp_path: Path) -> None:
    assert "numpy" in refusal(write(tmp_path, as_zip({**STATE, "best": np.array([0.5])})))
    assert "numpy" in refusal(write(tmp_path, as_zip({**STATE, "best": np.dtype(object)})))


def test_torchscript_is_refused_by_content(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), str(path))
    assert "TorchScript" in refusal(path)


# --- Other files: LD29 --------------------------------------------------------------------------------------------


def png() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG")
    return buffer.getvalue()


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.ones(3))
    return buffer.getvalue()


def packed(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "a web page"),
        (b"\n  <HTML lang='en'>", "a web page"),
        ("Größe: 44 MB, bitte laden".encode(), "a text file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "Git LFS pointer"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 40, "HDF5"),
        (png(), "a picture"),
        (npz(), "NumPy archive"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (gzip.compress(b"weights"), "gzip"),
        (packed("word/document.xml"), "zip archive without weights"),
        (packed("config.json", "model.weights.h5"), "Keras"),
        (b"\0" * 257 + b"ustar\0" + b"\0" * 300, "tar archive"),
        (bytes(range(256)) * 3, "no known format"),
        (b"PK\x03\x04" + b"\0" * 60, "cut off or damaged"),
        (pickle.dumps({"a": [1, 2]}), "pickle of Python objects"),
        (struct.pack("<Q", 500) + b"{" + b" " * 20, "damaged or cut off"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_is_no_weights_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refusal(write(tmp_path, data, "resnet18.pth"))


def test_folders_and_missing_files(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    with pytest.raises(WorkbenchError, match="No such file"):
        read_weights(tmp_path / "nowhere.pt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes among its files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    assert "a pipe" in refusal(tmp_path / "pipe.pt")


def test_nothing_is_written_where_archives_say(tmp_path: Path) -> None:
    """LD08: names with ../ and links in a zip of torch, a zip of anything and a tar, also as data."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    good, evil, tar = io.BytesIO(as_zip(STATE)), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(evil, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
        for name in ("../out", "../../out", str(tmp_path / "absolute"), "archive/../../out.py"):
            new.writestr(name, b"x")
    with tarfile.open(fileobj=tar, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, ".."
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("../out"))
    files = {"evil.pt": evil.getvalue(), "tar.pth": tar.getvalue(), "zip.pth": packed("../out", "a/../../b")}
    for name, data in files.items():
        write(inside, data, name)
        with pytest.raises(WorkbenchError):
            recognise([inside / name])
        with contextlib.suppress(WorkbenchError):
            read_weights(inside / name)
    assert "tar archive" in refusal(inside / "tar.pth") and "without weights" in refusal(inside / "zip.pth")
    assert sorted(p.name for p in tmp_path.rglob("*")) == sorted(["a", "b", *files])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_what_is_cut_off_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    data = FORMATS[kind](STATE)
    assert "damaged" in refusal(path := write(tmp_path, data[: int(share * len(data))])) or "cut off" in refusal(path)


def test_a_flipped_weight_in_a_zip_is_found_by_its_checksum(tmp_path: Path) -> None:
    data = bytearray(as_zip(STATE))
    data[data.index(STATE["layer3.0.conv1.weight"].numpy().tobytes()) + 70] ^= 1
    torch.load(io.BytesIO(bytes(data)), weights_only=True)  # torch itself takes it
    assert "damaged" in refusal(write(tmp_path, bytes(data)))


def test_a_file_written_without_checksums_is_read(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        data = as_zip(STATE)
    finally:
        torch.serialization.set_crc32_options(True)
    same(read_weights(write(tmp_path, data)).tensors, STATE)


@pytest.mark.parametrize("name", ["a" * 301, "fc\n<b>.weight", "\x1b[2J"])
def test_names_that_would_spoil_a_window_are_refused(tmp_path: Path, name: str) -> None:
    for form in (as_zip, as_safetensors):
        assert "names of tensors" in refusal(write(tmp_path, form({name: torch.ones(2)})))


# --- The name's hash ----------------------------------------------------------------------------------------------


def test_the_hash_in_a_name_is_checked(tmp_path: Path) -> None:
    data = as_safetensors(STATE)
    good = read_weights(write(tmp_path, data)).sha256[:8]
    assert read_weights(write(tmp_path, data, f"net-{good}.pth")).sha256.startswith(good)
    assert read_weights(write(tmp_path, data, f"net-{good.upper()}.pth")).tensors
    text = refusal(write(tmp_path, data, "net-0badf00d.pth"))
    assert f"begins with {good}, not 0badf00d" in text
    assert "a web page" in refusal(write(tmp_path, b"<html>", "net-0badf00d.pth"))


@pytest.mark.parametrize(
    ("name", "claimed"),
    [
        ("resnet20-12fca82f.th", "12fca82f"),
        ("resnet50-0676ba61.pth", "0676ba61"),
        ("alexnet-owt-7be5be79.pth", "7be5be79"),
        ("model-20240131.pt", ""),
        ("model-99999999.pt", "99999999"),
        ("best.safetensors", ""),
        ("epoch-12.pt", ""),
        ("my-backbone.pt", ""),
    ],
)
def test_what_counts_as_a_hash(name: str, claimed: str) -> None:
    assert claimed_hash(name) == claimed
