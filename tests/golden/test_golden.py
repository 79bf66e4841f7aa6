"""Two runs of the same settings give the same numbers and the same files of weights, byte by byte."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import torch

from tests.golden.cases import CASES
from tests.golden.compare import ROOT, compared, table
from tests.golden.digest import COLUMNS, Digest, digest_of, read_columns
from tests.golden.pictures import make_pictures
from tests.golden.running import digest_in, run_cases, run_cases_here, run_folder
from workbench.engine.core.signals import stop_signals

Places = dict[str, Path]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Places, Places]:
    """All cases in this process and in one of their own, with other seeds for Python's hashes: the order of a set is
    not the same in both, and what this process has done before changes nothing.
    """
    place = tmp_path_factory.mktemp("golden")
    make_pictures(place / "pictures")
    seed = next(each for each in "12" if each != os.environ.get("PYTHONHASHSEED"))
    first = run_cases(ROOT, CASES, place / "alone", place / "pictures", hash_seed=seed)
    signals = {number: signal.getsignal(number) for number in stop_signals()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(place / "home"))
        torch.set_num_threads(1)
        second = run_cases_here(CASES, place / "here", place / "pictures")
    for number, handler in signals.items():  # a headless run takes Ctrl-C for itself
        signal.signal(number, handler)
    return first, second


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_two_runs_are_the_same(case, twice: tuple[Places, Places]) -> None:
    one, other = (digest_in(places[case.name]) for places in twice)
    assert not one.problem and one == other
    assert set(one.columns) == set(COLUMNS) and any(name.endswith("last.safetensors") for name in one.weights)
    if case.equals:
        assert one == digest_in(twice[0][case.equals])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_two_runs_write_the_same_files_of_weights(case, twice: tuple[Places, Places]) -> None:
    one, other = (run_folder(places[case.name]) for places in twice)
    names = sorted(path.relative_to(one).as_posix() for path in one.rglob("*.safetensors"))
    assert {"best.safetensors", "last.safetensors"} <= {name.rpartition("/")[2] for name in names}
    assert [name for name in names if (one / name).read_bytes() != (other / name).read_bytes()] == []


def test_every_case_does_what_it_is_for(twice: tuple[Places, Places]) -> None:
    """A case that no longer freezes, edits or averages anything would be equal for ever."""
    kept = {name: run_folder(place) for name, place in twice[0].items()}
    names = {
        name: {path.relative_to(folder).as_posix() for path in folder.rglob("*.safetensors")}
        for name, folder in kept.items()
    }
    events = {
        name: [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
        for name, folder in kept.items()
    }
    assert {"member-3/best.safetensors"} <= names["ensemble-stacked"]
    assert {"member-2/best.safetensors"} <= names["ensemble-general"]
    assert {"average-ema.safetensors", "average-mean.safetensors", "snapshot-2.safetensors"} <= names["averages"]
    for name in ("transfer-line", "transfer-cached"):
        assert any(e["event"] == "Certified" and e["proven"] and e["tensors"] for e in events[name])
    assert [e["step"] for e in events["edited"] if e["event"] == "Edited"] == [3, 9, 9, 17]
    assert len(read_columns(kept["full-batch"] / "steps.bin")["loss"]) == 6
    assert all(e[-1]["reason"] == "completed" for e in events.values())
    assert {e["kind"] for e in (events["cnn"][0]["spec"]["augmentations"])} >= {"rotation", "mixup"}


def test_a_difference_is_seen(twice: tuple[Places, Places]) -> None:
    """One bit of a column or of a weight, a file that is gone, a state that cannot read the settings."""
    case, folder = CASES[0], run_folder(twice[1]["mlp"])
    before = digest_of(folder)
    steps = bytearray((folder / "steps.bin").read_bytes())
    steps[steps.index(b"\n") + 1] ^= 1  # the last bit of the first loss
    (folder / "steps.bin").write_bytes(steps)
    weights = bytearray((folder / "best.safetensors").read_bytes())
    weights[-4] ^= 1
    (folder / "best.safetensors").write_bytes(weights)
    (folder / "last.safetensors").unlink()
    cells, notes = compared(before, digest_of(folder))
    assert cells == ["differ", "equal", "differ"]
    assert notes == ["columns: loss", "weights: best.safetensors, last.safetensors"]
    unread = Digest(problem="cannot read the settings: spec.toml: model.kind")
    lines, is_equal = table([case], {"mlp": unread}, {"mlp": before})
    assert not is_equal and "base cannot read the settings" in lines[1]
    assert table([case], {"mlp": before}, {"mlp": before})[1]
