"""The trained network that comes with the program: what its file says of itself, and the script that makes it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tests.engine.helpers import nothing
from workbench.engine.catalog.preprocessing import Standardizer
from workbench.engine.core.drive import drive
from workbench.engine.data.examples import Examples
from workbench.engine.run_store.weights_metadata import ours
from workbench.engine.spec.toml import load
from workbench.engine.train import train_loop
from workbench.engine.training.evaluate import answers, score
from workbench.engine.training.set_up import set_up
from workbench.engine.weights.find_weights import SHIPPED, find, located
from workbench.engine.weights.load_weights import WeightsFile, read_weights
from workbench.engine.weights.recognise import recognise

LETTERS = SHIPPED / "letters.safetensors"
SPEC = load(SHIPPED / "letters.toml")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = SHIPPED.parent / "make_backbone.py"
    found = importlib.util.spec_from_file_location("make_backbone", path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def on_fresh_letters(file: WeightsFile) -> float:
    """The share right of letters that were never drawn before, with the file's own preprocessing."""
    found = recognise(file.tensors, file.metadata)
    assert found is not None and file.standardizer is not None
    source = SPEC.data.source.model_copy(update={"drawn_of_each": 20, "data_seed": 1})
    data = source.load()
    examples = Examples(data, "cpu")
    examples.use(Standardizer(*file.standardizer))
    work = answers(found.network(file.tensors), examples, torch.arange(len(data.labels)).numpy())
    while True:
        try:
            next(work)
        except StopIteration as finished:
            return score(finished.value, torch.from_numpy(data.labels)).accuracy


def test_it_is_found_small_and_ready_to_be_made_again() -> None:
    assert located("letters") == LETTERS
    assert LETTERS in [candidate.path for candidate in find()]
    assert LETTERS.stat().st_size < 500_000
    assert SPEC.problems() == ()
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 600_000


def test_the_file_says_all_that_its_use_needs() -> None:
    file = read_weights(LETTERS)
    said = ours(file.metadata)
    assert said is not None and said.spec == SPEC
    assert said.shape == (1, 8, 8) and said.classes == SPEC.data.source.load().classes
    assert file.metadata["workbench.version"] and "make_backbone" in file.metadata["workbench.trained"]
    assert file.notes == () and file.broken == () and file.standardizer is not None
    found = recognise(file.tensors, file.metadata)
    assert found is not None and found.is_whole and found.model == SPEC.model


def test_it_reads_letters_that_it_has_not_seen() -> None:
    right = on_fresh_letters(read_weights(LETTERS))
    print(f"fresh letters: {right:.2%}")
    assert right > 0.9


def test_the_script_writes_the_same_file_each_time(script: ModuleType, tmp_path: Path) -> None:
    little = SPEC.edited("loop.epochs", 1).edited("data.source.drawn_of_each", 20)
    for name in ("a", "b"):
        script.make(little, tmp_path / name)
    data = (tmp_path / "a").read_bytes()
    assert data == (tmp_path / "b").read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert list(header["__metadata__"]) == sorted(header["__metadata__"])
    training = set_up(little)
    drive(train_loop(training), nothing, lambda event: None)
    file = read_weights(tmp_path / "a")
    trained = training.state.best_weights
    assert trained is not None and set(file.tensors) == set(trained)
    assert all(torch.equal(file.tensors[name], trained[name]) for name in trained)


@pytest.mark.full
def test_made_again_it_is_as_good(script: ModuleType, tmp_path: Path) -> None:
    """On the machine that made it, the same bits; on others they differ, and the network must not be worse."""
    script.make(SPEC, tmp_path / "letters.safetensors")
    made, shipped = read_weights(tmp_path / "letters.safetensors"), read_weights(LETTERS)
    print("the same bits" if made.sha256 == shipped.sha256 else "other bits")
    assert abs(on_fresh_letters(made) - on_fresh_letters(shipped)) < 0.015
