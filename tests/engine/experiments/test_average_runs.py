"""Finished runs in one pot: figures against a direct computation, classes by name, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.engine.helpers import record, small_spec
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EnsembleMeasured
from workbench.engine.core.progress import Loading
from workbench.engine.experiments.average_runs import PotCancelled, average, table
from workbench.engine.run_store.finished_runs import finished_runs, in_the_pot, opened
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.weights.load_weights import read_weights


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three runs of different seeds and sizes."""
    parent = tmp_path_factory.mktemp("runs")
    made = []
    for seed, hidden in ((0, [16]), (1, [12]), (2, [8, 8])):
        spec = small_spec(loop__seed=seed, model={"kind": "mlp", "hidden": hidden}, loop__epochs=2)
        record(spec, folder=parent / str(seed))
        made += (parent / str(seed)).iterdir()
    return made


def copy_of(run: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for name in ("spec.toml", "events.jsonl", "best.safetensors"):
        (target / name).write_bytes((run / name).read_bytes())
    return target


def probabilities(run: Path, training: RunContext) -> np.ndarray:
    """By hand: the MLP's layers with NumPy, in float64."""
    weights = {name: t.double().numpy() for name, t in load_file(run / "best.safetensors").items()}
    dataset = training.initial.data.source.load()
    x = dataset.inputs[training.data.split.val].astype(np.float64) / 255
    x = ((x - weights["preprocessing.mean"]) * weights["preprocessing.inverse_std"]).reshape(len(x), -1)
    for layer in ("fc1", "fc2"):
        if f"{layer}.weight" in weights:
            x = np.maximum(0, x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"])
    logits = x @ weights["classifier.weight"].T + weights["classifier.bias"]
    exp = np.exp(logits - logits.max(1, keepdims=True))
    return exp / exp.sum(1, keepdims=True)


def test_the_average_is_that_of_the_probabilities(runs: list[Path]) -> None:
    result = average(runs)
    training = set_up(opened(runs[0]).spec)
    labels = training.data.examples.labels[training.data.split.val].numpy()
    made = [probabilities(run, training) for run in runs]
    at = np.arange(len(labels))
    for member, probability in zip(result.members, made, strict=True):
        assert member.measured.accuracy == pytest.approx((probability.argmax(1) == labels).mean(), abs=1e-9)
        assert member.measured.loss == pytest.approx(-np.log(probability[at, labels]).mean(), rel=1e-5)
        assert member.measured.accuracy == pytest.approx(member.run.best, abs=1e-9)
    mean = np.mean(made, axis=0)
    assert result.averaged.accuracy == pytest.approx((mean.argmax(1) == labels).mean(), abs=1e-9)
    assert result.averaged.loss == pytest.approx(-np.log(mean[at, labels]).mean(), rel=1e-5)
    assert result.averaged.loss != pytest.approx(np.mean([m.measured.loss for m in result.members]), rel=1e-3)
    assert result.averaged.n == len(labels) and result.parameters == sum(m.run.parameters for m in result.members)


def test_classes_in_another_order_are_matched_by_name(runs: list[Path], tmp_path: Path) -> None:
    """The same network with its outputs shuffled and its class names with them gives the same figures."""
    shuffled, order = copy_of(runs[1], tmp_path / "shuffled"), [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
    weights = load_file(shuffled / "best.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        weights[name] = weights[name][order].contiguous()
    save_file(weights, shuffled / "best.safetensors")
    lines = (shuffled / "events.jsonl").read_text().splitlines()
    started = json.loads(lines[0])
    started["classes"] = [started["classes"][k] for k in order]
    (shuffled / "events.jsonl").write_text("\n".join([json.dumps(started), *lines[1:]]) + "\n")
    straight, crossed = average([runs[0], runs[1]]), average([runs[0], shuffled])
    for one, other in zip(
        (straight.averaged, *(m.measured for m in straight.members)),
        (crossed.averaged, *(m.measured for m in crossed.members)),
        strict=True,
    ):
        assert other.accuracy == one.accuracy and other.loss == pytest.approx(one.loss, rel=1e-6)


def test_other_classes_and_other_sizes_are_refused_in_words(runs: list[Path], tmp_path: Path) -> None:
    for change, words in (
        ({"classes": ["cat", *map(str, range(1, 10))]}, "knows other classes .* they differ in 0, cat"),
        ({"input_shape": [1, 28, 28]}, "takes inputs of 1 × 28 × 28"),
    ):
        other = copy_of(runs[1], tmp_path / next(iter(change)))
        lines = (other / "events.jsonl").read_text().splitlines()
        started: dict[str, Any] = json.loads(lines[0]) | change
        (other / "events.jsonl").write_text("\n".join([json.dumps(started), *lines[1:]]) + "\n")
        with pytest.raises(WorkbenchError, match=words):
            average([runs[0], other])


def test_weights_that_are_no_numbers_are_refused(runs: list[Path], tmp_path: Path) -> None:
    """Their probabilities would be none either, and the average's with them."""
    broken = copy_of(runs[1], tmp_path / "broken")
    weights = load_file(broken / "best.safetensors")
    name = next(name for name in weights if not name.startswith("preprocessing."))
    weights[name].view(-1)[0] = float("nan")
    save_file(weights, broken / "best.safetensors")
    with pytest.raises(WorkbenchError, match=rf"of broken cannot be averaged. .*NaN or infinity\) in {name}"):
        average([runs[0], broken])


def test_names_that_begin_alike_are_kept_as_they_were_saved(tmp_path: Path) -> None:
    """torchvision's classifiers have all of their weights under ``net.``, which a file of others' has taken off."""
    save_file({"net.weight": torch.ones(2), "net.bias": torch.zeros(2)}, tmp_path / "best.safetensors")
    assert set(read_weights(tmp_path / "best.safetensors").tensors) == {"weight", "bias"}
    assert set(read_weights(tmp_path / "best.safetensors", as_saved=True).tensors) == {"net.weight", "net.bias"}


def test_what_is_damaged_is_said(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="at least two"):
        average(runs[:1])
    with pytest.raises(WorkbenchError, match="has no weights"):
        average([runs[0], tmp_path])
    broken = copy_of(runs[1], tmp_path / "broken")
    (broken / "best.safetensors").write_bytes(b"\x10" * 200)
    with pytest.raises(WorkbenchError, match="damaged"):
        average([runs[0], broken])
    wrong = copy_of(runs[1], tmp_path / "wrong")
    (wrong / "best.safetensors").write_bytes((runs[2] / "best.safetensors").read_bytes())
    with pytest.raises(WorkbenchError, match="do not fit the model"):
        average([runs[0], wrong])
    silent = copy_of(runs[1], tmp_path / "silent")
    (silent / "events.jsonl").write_text("{}\n")
    with pytest.raises(WorkbenchError, match="does not say"):
        average([runs[0], silent])


def test_another_split_is_noted(runs: list[Path], tmp_path: Path) -> None:
    spec = small_spec(data__split_seed=5, loop__epochs=1, model={"kind": "mlp", "hidden": [8]})
    record(spec, folder=tmp_path)
    (other,) = tmp_path.iterdir()
    first, second = average([runs[0], other]).members
    assert not first.note and "another split" in second.note


def test_it_can_be_cancelled_and_says_how_far_it_is(runs: list[Path]) -> None:
    said: list[tuple[float, str]] = []
    average(runs, lambda share, words: said.append((share, words)))
    assert [share for share, _ in said] == sorted(share for share, _ in said) and said[-1][0] == 1.0
    with pytest.raises(PotCancelled):
        average(runs, is_cancelled=lambda: True)


def test_it_can_be_cancelled_while_the_data_is_read(runs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []

    def endless(source: DataSource) -> Iterator[Loading]:
        for done in range(1000):
            yield Loading(done, 1000, "Reading pictures")
        raise AssertionError("it was not given up")

    monkeypatch.setattr(DataSource, "loading", endless)
    with pytest.raises(PotCancelled):
        average(runs, lambda fraction, said: words.append(said), lambda: len(words) > 2)
    assert words == ["Loading the data", "Reading pictures", "Reading pictures"]


def test_finished_runs_are_listed_newest_first_and_others_left_out(runs: list[Path], tmp_path: Path) -> None:
    for name, run in (("2026-01-02", runs[0]), ("2026-01-03", runs[1]), ("2026-01-01/member-2", runs[2])):
        copy_of(run, tmp_path / name)
    (tmp_path / "2026-01-04").mkdir()
    (tmp_path / "notes.txt").write_text("no run")
    found = finished_runs(tmp_path)
    assert [run.name for run in found] == ["2026-01-03", "2026-01-02", "2026-01-01/member-2"]
    assert found[0].title == "MLP 12, Adam" and found[0].best is not None and found[0].parameters == 910
    assert finished_runs(tmp_path / "nowhere") == ()


def test_snapshots_of_a_run_are_members_of_their_own(tmp_path: Path) -> None:
    """Their average is what the run itself measured; beside them stands the run with its best weights."""
    spec = small_spec(ensemble={"kind": "snapshots", "every": 2}, loop__epochs=4)
    measured = record(spec, folder=tmp_path).of(EnsembleMeasured)[-1]
    run, *snapshots = in_the_pot(tmp_path)
    assert run.snapshot is None and [each.name for each in snapshots] == [f"{run.name}/snapshot-{k}" for k in (1, 2)]
    assert tuple(each.best for each in snapshots) == measured.members
    result = average([each.path for each in snapshots])
    assert tuple(m.measured.accuracy for m in result.members) == measured.members
    assert result.averaged == measured.averaged
    with_run = average([run.path, snapshots[0].path])
    assert [m.measured.accuracy for m in with_run.members] == [run.best, measured.members[0]]
    assert opened(snapshots[1].path) == snapshots[1]
    (run.folder / "snapshot-x.safetensors").write_bytes(b"")
    (run.folder / "snapshot-10.safetensors").write_bytes(snapshots[0].path.read_bytes())
    assert [each.path.stem for each in in_the_pot(tmp_path)[1:]] == ["snapshot-1", "snapshot-2", "snapshot-10"]


def test_a_run_says_when_it_was_started(runs: list[Path], tmp_path: Path) -> None:
    member = opened(copy_of(runs[0], tmp_path / "2026-01-02_03-04-05_digits_mlp_adam" / "member-1"))
    assert member.when == datetime(2026, 1, 2, 3, 4, 5)
    for name in ("renamed", "2026-99-02_03-04-05"):
        other = opened(copy_of(runs[0], tmp_path / name))
        os.utime(other.folder / "spec.toml", (1_700_000_000, 1_700_000_000))
        assert other.when == datetime.fromtimestamp(1_700_000_000)


def test_the_command_prints_a_table(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pot", *map(str, runs)]) == 0
    said = capsys.readouterr().out
    assert said.strip() == table(average(runs)) and "Average of the predictions" in said
    assert main(["--pot", str(runs[0])]) == 2
    assert "at least two" in capsys.readouterr().err
