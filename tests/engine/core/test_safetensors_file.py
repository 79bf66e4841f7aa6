"""Files of weights as bytes: always the same ones, and what the library reads back from them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save

from workbench.engine.core.safetensors_file import safetensors_bytes, with_metadata

TENSORS = {
    "b.weight": torch.arange(6.0).reshape(2, 3).T,  # not contiguous
    "a.bias": torch.tensor([1.5, -2.0]),
    "steps": torch.tensor(7),
    "mask": torch.tensor([True, False, True]),
}
METADATA = {f"key {number}": f"“{number}”\n\x01\x7f" for number in range(9, 0, -1)}


def test_the_same_contents_give_the_same_bytes() -> None:
    """Nine keys: the library's own order would be the same twice only once in 362,880 times."""
    turned = dict(reversed(METADATA.items()))
    assert len({safetensors_bytes(TENSORS, each) for each in (METADATA, turned) for _ in range(5)}) == 1


@pytest.mark.parametrize("metadata", [METADATA, {}], ids=["with metadata", "without"])
def test_the_library_reads_back_what_was_written(metadata: dict[str, str], tmp_path: Path) -> None:
    data = safetensors_bytes(TENSORS, metadata)
    assert int.from_bytes(data[:8], "little") % 8 == 0  # tensors must begin at a multiple of 8
    loaded = load(data)
    assert loaded.keys() == TENSORS.keys()
    assert all(torch.equal(loaded[name], each) and loaded[name].dtype == each.dtype for name, each in TENSORS.items())
    (tmp_path / "weights").write_bytes(data)
    with safe_open(tmp_path / "weights", "pt") as file:
        assert (file.metadata() or {}) == metadata


def test_metadata_that_were_there_are_replaced() -> None:
    data = save({"a": torch.zeros(3)}, {"old": "x"})
    assert with_metadata(data, METADATA) == safetensors_bytes({"a": torch.zeros(3)}, METADATA)
    assert with_metadata(data, {}) == save({"a": torch.zeros(3)})
