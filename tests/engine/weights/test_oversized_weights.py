"""Files of weights that would need more memory or time than they may: refused before they take it (LD05)."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.weights.files import as_legacy, as_zip, write
from tests.engine.weights.refusals import refusal
from workbench.engine.core.pickle_check import Malformed, survey

# --- Sizes: LD05 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [as_zip, as_legacy])
def test_an_expanded_tensor_costs_no_memory(tmp_path: Path, form: Any) -> None:
    path = write(tmp_path, form({"a": torch.ones(3), "w": torch.zeros(1).expand(50_000, 50_000)}))
    tracemalloc.start()
    try:
        assert "announces 50\u202f000 × 50\u202f000 numbers for w" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", [as_zip, as_legacy])
def test_many_views_of_one_storage_are_summed(tmp_path: Path, form: Any) -> None:
    big = torch.ones(10_000)
    assert "would need" in refusal(write(tmp_path, form({f"w{n}": big for n in range(300)})))


def test_a_packed_zip_is_not_unpacked(tmp_path: Path) -> None:
    """195 KB that unpack to 200 MB."""
    plain, packed_up = io.BytesIO(as_zip({"w": torch.zeros(50_000_000)})), io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(packed_up, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    path = write(tmp_path, packed_up.getvalue())
    assert path.stat().st_size < 250_000
    tracemalloc.start()
    try:
        assert "unpacks to 200.0 MB" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_legacy_file_that_announces_more_than_it_has(tmp_path: Path) -> None:
    small = as_legacy({"w": torch.zeros(1000)})
    data = small.replace(b"M\xe8\x03", b"J\x00\x00\x00\x40")  # 1000 becomes 2^30, in the storage and in the shape
    assert data != small and "cut off: it announces 4\u202f295.0 MB" in refusal(write(tmp_path, data))


def test_a_safetensors_header_that_lies(tmp_path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    assert "damaged" in refusal(write(tmp_path, struct.pack("<Q", len(header)) + header + b"\0" * 64))
    assert "damaged" in refusal(write(tmp_path, struct.pack("<Q", 2**39) + b"{}" + b"\0" * 64))


def test_keys_that_take_for_ever_to_hash_are_refused() -> None:
    """Forty tuples, each twice the one before, as a key: hashing it would take 2^40 steps."""
    doubling = b"".join(b"2\x86" for _ in range(60))
    with pytest.raises(Malformed):
        survey(b"\x80\x02})" + doubling + b"K\x01s.")


def as_zip_of(pickled: bytes) -> bytes:
    """A file as torch writes it, around a pickle that torch would not write."""
    buffer = io.BytesIO()
    writer = torch._C.PyTorchFileWriter(buffer)
    for name, content in (("data.pkl", pickled), ("byteorder", b"little")):
        writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    return buffer.getvalue()


def nested_tuples() -> bytes:
    return b"\x80\x02})q\x00" + b"h\x00\x86q\x00" * 60 + b"K\x01s."


def nested_calls() -> bytes:
    text, function = b"X\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86R", b"c_codecs\nencode\nq\x01"
    return b"\x80\x02" + function + b"h\x01" * 60 + text + b"X\x03\x00\x00\x00hex\x86R" * 60 + b"."


def one_allocation() -> bytes:
    return b"\x80\x02cbuiltins\nbytearray\n\x8a\x06\x00\x00\x00\x00\x00\x01\x85R."


@pytest.mark.parametrize("pickled", [nested_tuples, nested_calls, one_allocation])
def test_what_torch_would_load_for_ever_or_into_all_memory_is_refused(tmp_path: Path, pickled: Any) -> None:
    """Small files of allowed functions that ``torch.load(weights_only=True)`` hangs at, or spends gigabytes on."""
    tracemalloc.start()
    try:
        refusal(write(tmp_path, as_zip_of(pickled())))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_endless_instructions_are_given_up() -> None:
    with pytest.raises(Malformed, match="more instructions"):
        survey(b"\x80\x02]" + b"N" * 3_000_000 + b".")
