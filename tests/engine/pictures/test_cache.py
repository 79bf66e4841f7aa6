"""Pictures are decoded once: what is read again, what is decoded anew, and every way in which a cache can be wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from tests.engine.pictures.cached_pictures import ALL, Decoder, kept, noise, same, six_pictures, source
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures import cache, cache_file
from workbench.engine.pictures.decode import Fit, read_both


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return six_pictures(tmp_path)


def test_the_second_load_decodes_nothing_and_gives_the_same(root: Path, decoder: Decoder) -> None:
    first = source(root).load()
    assert decoder.taken() == ALL
    again = source(root).load()
    assert decoder.taken() == []
    assert same(first, again)
    assert again.files == first.files
    assert again.inputs.flags.writeable  # torch warns of arrays that are not
    assert again.inputs.flags.c_contiguous


def test_pictures_of_another_shape_have_a_cache_of_their_own(root: Path, decoder: Decoder) -> None:
    noise(root / "cat" / "0.png", 7)
    wide = Image.open(root / "cat" / "0.png").resize((36, 9))
    wide.save(root / "cat" / "0.png")
    loaded = {fit: source(root, fit=fit).load() for fit in get_args(Fit)}
    assert decoder.taken() == sorted(ALL * 3)
    for fit in get_args(Fit):
        assert same(source(root, fit=fit).load(), loaded[fit])
        assert np.array_equal(loaded[fit].inputs[0], read_both(root / "cat" / "0.png", 8, False, fit)[1])
    assert decoder.taken() == []
    assert len({loaded[fit].inputs[0].tobytes() for fit in get_args(Fit)}) == 3


def test_a_large_set_is_mapped_and_writing_does_not_reach_the_file(
    root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_file, "MAP_FROM", 1)
    first = source(root).load()
    assert isinstance(first.inputs.base, np.memmap)
    before = first.inputs.copy()
    first.inputs[:] = 0
    assert np.array_equal(source(root).load().inputs, before)
    assert decoder.taken() == ALL


def test_only_what_changed_is_decoded_anew(root: Path, decoder: Decoder) -> None:
    before = source(root).load()
    decoder.taken()
    noise(root / "dog" / "3.png", 77)
    changed = source(root).load()
    assert decoder.taken() == ["3.png"]
    differs = [not np.array_equal(a, b) for a, b in zip(before.inputs, changed.inputs, strict=True)]
    assert [Path(f).name for f, d in zip(changed.files, differs, strict=True) if d] == ["3.png"]
    noise(root / "cat" / "1000.png", 5)
    (root / "dog" / "5.png").unlink()
    grown = source(root).load()
    assert decoder.taken() == ["1000.png"]
    assert [Path(f).name for f in grown.files] == ["0.png", "2.png", "4.png", "1000.png", "1.png", "3.png"]
    assert np.array_equal(grown.inputs[5], changed.inputs[4])


def test_a_touched_file_of_the_same_size_is_decoded_anew(root: Path, decoder: Decoder) -> None:
    source(root).load()
    decoder.taken()
    status = (root / "cat" / "0.png").stat()
    os.utime(root / "cat" / "0.png", ns=(status.st_atime_ns, status.st_mtime_ns + 1_000))
    source(root).load()
    assert decoder.taken() == ["0.png"]


def test_each_size_and_colour_has_its_own(root: Path, decoder: Decoder) -> None:
    for knobs in ({}, {"size": 6}, {"colour": "gray"}):
        source(root, **knobs).load()
    assert len(decoder.taken()) == 18
    assert len(kept(".index")) == len(kept(".pixels")) == 3
    assert source(root, size=6).load().inputs.shape == (6, 3, 6, 6)
    assert decoder.taken() == []


def test_colour_is_known_from_the_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in root.rglob("*.png"):
        Image.open(file).convert("L").save(file)
    looked: list[Path] = []
    real = cache.read_header
    monkeypatch.setattr(cache, "read_header", lambda file: looked.append(file) or real(file))
    assert source(root, colour="auto").load().inputs.shape[1] == 1
    assert len(looked) == 6
    looked.clear()
    assert source(root, colour="auto").load().inputs.shape[1] == 1
    assert looked == []


def test_an_unreadable_file_is_remembered_and_read_when_it_is_mended(root: Path, decoder: Decoder) -> None:
    (root / "cat" / "2.png").write_bytes(b"no picture")
    with pytest.raises(WorkbenchError, match=r"cat/2\.png \(not a picture"):
        source(root).load()
    decoder.taken()
    assert len(source(root, skip_unreadable=True).load().labels) == 5
    assert decoder.taken() == []
    noise(root / "cat" / "2.png", 9)
    assert len(source(root).load().labels) == 6
    assert decoder.taken() == ["2.png"]


def damaged(name: str, file: Path) -> None:
    data = bytearray(file.read_bytes())
    if name == "cut":
        file.write_bytes(data[:-7])
    elif name == "empty":
        file.write_bytes(b"")
    elif name == "flipped":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif name == "gone":
        file.unlink()
    else:
        file.write_bytes(data + b"x")


@pytest.mark.parametrize("fault", ["cut", "empty", "flipped", "gone", "longer"])
@pytest.mark.parametrize("suffix", [".index", ".pixels"])
def test_a_damaged_cache_is_noticed_and_built_anew(root: Path, decoder: Decoder, suffix: str, fault: str) -> None:
    first = source(root).load()
    decoder.taken()
    damaged(fault, kept(suffix)[0])
    assert same(source(root).load(), first)
    assert len(decoder.taken()) == (1 if (suffix, fault) == (".pixels", "flipped") else 6)
    again = source(root).load()
    assert same(again, first)
    assert decoder.taken() == []
    assert len(kept(".pixels")) == len(kept(".index")) == 1


def test_a_cache_of_another_rule_is_not_used(root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    source(root).load()
    decoder.taken()
    monkeypatch.setattr(cache_file, "RULE", cache_file.RULE + 1)
    source(root).load()
    assert decoder.taken() == ALL
