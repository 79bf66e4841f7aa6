"""Finished runs evaluated: figures against a direct computation, classes by name, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from tests.engine.helpers import record, small_spec
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.core.events import EnsembleMeasured, EpochEnded
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import plain
from workbench.engine.data.split import split
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.evaluation.evaluation_data import ChosenData, source_at
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.evaluation.results import EvaluationProgress
from workbench.engine.evaluation.results_table import table
from workbench.engine.run_store.finished_runs import finished_runs, opened, saved_weights
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


def why_not(paths: Sequence[Path]) -> str:
    """What is said of the one run that cannot be measured; the others are."""
    result = evaluate(paths)
    (failed,) = result.failed
    assert len(result.measured) == len(paths) - 1 and result.averaged is None
    return failed.message


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
    result = evaluate(runs)
    training = set_up(opened(runs[0]).spec)
    labels = training.data.examples.labels[training.data.split.val].numpy()
    made = [probabilities(run, training) for run in runs]
    at = np.arange(len(labels))
    for run, member, probability in zip(runs, result.measured, made, strict=True):
        assert member.measured.accuracy == pytest.approx((probability.argmax(1) == labels).mean(), abs=1e-9)
        assert member.measured.loss == pytest.approx(-np.log(probability[at, labels]).mean(), rel=1e-5)
        assert member.measured.accuracy == pytest.approx(opened(run).best, abs=1e-9)
    mean = np.mean(made, axis=0)
    assert result.averaged.accuracy == pytest.approx((mean.argmax(1) == labels).mean(), abs=1e-9)
    assert result.averaged.loss == pytest.approx(-np.log(mean[at, labels]).mean(), rel=1e-5)
    assert result.averaged.loss != pytest.approx(np.mean([m.measured.loss for m in result.measured]), rel=1e-3)
    assert result.averaged.n == len(labels) and result.parameters == sum(opened(run).parameters for run in runs)
    assert result.mean_accuracy == pytest.approx(np.mean([m.measured.accuracy for m in result.measured]))


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
    straight, crossed = evaluate([runs[0], runs[1]]), evaluate([runs[0], shuffled])
    for one, other in zip(
        (straight.averaged, *(m.measured for m in straight.measured)),
        (crossed.averaged, *(m.measured for m in crossed.measured)),
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
        assert re.search(words, why_not([runs[0], other]))


def test_weights_that_are_no_numbers_are_refused(runs: list[Path], tmp_path: Path) -> None:
    """Their probabilities would be none either, and the average's with them."""
    broken = copy_of(runs[1], tmp_path / "broken")
    weights = load_file(broken / "best.safetensors")
    name = next(name for name in weights if not name.startswith("preprocessing."))
    weights[name].view(-1)[0] = float("nan")
    save_file(weights, broken / "best.safetensors")
    assert re.search(rf"of broken cannot be used. .*NaN or infinity\) in {name}", why_not([runs[0], broken]))


def test_names_that_begin_alike_are_kept_as_they_were_saved(tmp_path: Path) -> None:
    """torchvision's classifiers have all of their weights under ``net.``, which a file of others' has taken off."""
    save_file({"net.weight": torch.ones(2), "net.bias": torch.zeros(2)}, tmp_path / "best.safetensors")
    assert set(read_weights(tmp_path / "best.safetensors").tensors) == {"weight", "bias"}
    assert set(read_weights(tmp_path / "best.safetensors", as_saved=True).tensors) == {"net.weight", "net.bias"}


def test_what_is_damaged_is_said(runs: list[Path], tmp_path: Path) -> None:
    assert "has no weights" in why_not([runs[0], tmp_path])
    broken = copy_of(runs[1], tmp_path / "broken")
    (broken / "best.safetensors").write_bytes(b"\x10" * 200)
    assert "damaged" in why_not([runs[0], broken])
    wrong = copy_of(runs[1], tmp_path / "wrong")
    (wrong / "best.safetensors").write_bytes((runs[2] / "best.safetensors").read_bytes())
    assert "do not fit the model" in why_not([runs[0], wrong])
    silent = copy_of(runs[1], tmp_path / "silent")
    (silent / "events.jsonl").write_text("{}\n")
    assert "does not say" in why_not([silent, runs[0]])
    everything = evaluate([silent, runs[0], broken, runs[1]])
    assert [hasattr(each, "message") for each in everything.outcomes] == [True, False, True, False]
    assert everything.averaged == evaluate([runs[0], runs[1]]).averaged


def runs_data(run: Path) -> Dataset:
    return opened(run).spec.data.source.load()


def test_another_split_is_noted(runs: list[Path], tmp_path: Path) -> None:
    spec = small_spec(data__split_seed=5, loop__epochs=1, model={"kind": "mlp", "hidden": [8]})
    record(spec, folder=tmp_path)
    (other,) = tmp_path.iterdir()
    first, second = evaluate([runs[0], other]).measured
    seen = np.isin(split(digits := runs_data(runs[0]), opened(runs[0]).spec.data).val, split(digits, spec.data).train)
    assert not first.doubt and second.doubt == f"includes {seen.sum()} examples it was trained on"


def test_it_can_be_cancelled_and_says_how_far_it_is(runs: list[Path]) -> None:
    said: list[float] = []
    evaluate(runs, watch=lambda now: said.append(now.fraction))
    assert said == sorted(said) and said[-1] == 1.0 and len(set(said)) >= len(runs)

    def give_up(now: EvaluationProgress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        evaluate(runs, watch=give_up)


def test_it_can_be_cancelled_while_the_data_is_read(runs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []

    def endless(source: DataSource) -> Iterator[Loading]:
        for done in range(1000):
            yield Loading(done, 1000, "Reading pictures")
        raise AssertionError("it was not given up")

    monkeypatch.setattr(DataSource, "loading", endless)

    def watch(now: EvaluationProgress) -> None:
        words.append(now.words)
        if len(words) > 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        evaluate(runs, watch=watch)
    assert words[-2:] == ["Reading pictures"] * 2


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
    run, *snapshots = saved_weights(tmp_path)
    assert run.other is None and [each.name for each in snapshots] == [f"{run.name}/snapshot-{k}" for k in (1, 2)]
    assert tuple(each.best for each in snapshots) == measured.members
    result = evaluate([each.path for each in snapshots])
    assert tuple(m.measured.accuracy for m in result.measured) == measured.members
    assert result.averaged == measured.averaged
    with_run = evaluate([run.path, snapshots[0].path])
    assert [m.measured.accuracy for m in with_run.measured] == [run.best, measured.members[0]]
    assert opened(snapshots[1].path) == snapshots[1]
    (run.folder / "snapshot-x.safetensors").write_bytes(b"")
    (run.folder / "snapshot-10.safetensors").write_bytes(snapshots[0].path.read_bytes())
    assert [each.path.stem for each in saved_weights(tmp_path)[1:]] == ["snapshot-1", "snapshot-2", "snapshot-10"]


def test_a_run_says_when_it_was_started(runs: list[Path], tmp_path: Path) -> None:
    member = opened(copy_of(runs[0], tmp_path / "2026-01-02_03-04-05_digits_mlp_adam" / "member-1"))
    assert member.when == datetime(2026, 1, 2, 3, 4, 5)
    for name in ("renamed", "2026-99-02_03-04-05"):
        other = opened(copy_of(runs[0], tmp_path / name))
        os.utime(other.folder / "spec.toml", (1_700_000_000, 1_700_000_000))
        assert other.when == datetime.fromtimestamp(1_700_000_000)


def test_the_old_command_prints_a_table(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pot", *map(str, runs)]) == 0
    said = capsys.readouterr().out
    assert said.strip() == plain(table(evaluate(runs))) and "Average of the predictions" in said
    assert main(["--pot", str(runs[0])]) == 2
    assert "at least two" in capsys.readouterr().err
    (broken := tmp_path / "broken").mkdir()
    assert main(["--pot", *map(str, runs), str(broken)]) == 2  # nothing is averaged if one is missing
    said = capsys.readouterr()
    assert not said.out and "has no weights" in said.err


def test_evaluate_without_data_measures_on_what_the_first_run_held_back(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *map(str, runs)]) == 0
    assert capsys.readouterr().out.strip() == plain(table(evaluate(runs)))
    assert main(["evaluate", str(runs[0]), str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert runs[0].name in said.out and "Average" not in said.out and "Not measured" in said.err
    file = Path(shutil.copy(runs[0] / "best.safetensors", tmp_path / "alone.safetensors"))
    assert main(["evaluate", str(file)]) == 0  # it says itself what it was trained on, and how that was split
    assert "359 validation examples of alone.safetensors" in capsys.readouterr().out
    foreign = write(tmp_path, as_zip(network(2, 10).state_dict()), "foreign.pt")
    assert main(["evaluate", str(foreign)]) == 2
    assert "choose the data" in capsys.readouterr().err


def test_a_run_is_one_more_place_where_weights_lie(runs: list[Path], tmp_path: Path) -> None:
    """On chosen data a folder gives what its best weights give as a file; on held-back data both go together."""
    source = opened(runs[0]).spec.data.source
    as_runs, as_files = evaluate(runs, source), evaluate([run / "best.safetensors" for run in runs], source)
    assert as_runs.averaged == as_files.averaged and not as_runs.held_back
    assert [each.measured for each in as_runs.measured] == [each.measured for each in as_files.measured]
    assert [each.name for each in as_runs.measured] == [run.name for run in runs]
    both = evaluate([runs[0] / "best.safetensors", runs[0]])
    file, run = both.measured
    assert both.held_back and file.measured.n == run.measured.n
    assert file.measured.accuracy == run.measured.accuracy and file.measured.loss == pytest.approx(run.measured.loss)


def test_entries_count_once(runs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(runs[0].parent)
    names = [each.name for each in evaluate([runs[0], Path(runs[0].name), runs[1]]).outcomes]
    assert names == [runs[0].name, runs[1].name]


def test_settings_for_test_time_count_on_a_runs_own_data_alone(tmp_path: Path) -> None:
    dropout = [{"kind": "dropout", "p": 0.3}]
    recorder = record(small_spec(testing={"passes": 3}, regularization=dropout, loop__epochs=2), folder=tmp_path)
    (run,) = tmp_path.iterdir()
    best = max(each.val.accuracy for each in recorder.of(EpochEnded))
    assert evaluate([run]).measured[0].measured.accuracy == best
    (elsewhere,) = evaluate([run], source_at(_digits(run, tmp_path))).measured
    assert "test time" in elsewhere.notes[-1]


def _digits(run: Path, folder: Path) -> Path:
    dataset = opened(run).spec.data.source.load()
    np.savez(folder / "digits.npz", images=dataset.inputs[:, 0], labels=dataset.labels)
    return folder / "digits.npz"


def test_pictures_are_made_square_as_the_weights_were_trained(tmp_path: Path) -> None:
    """Wide pictures of which only padding keeps the ends: the file says so, and the same pixels are measured."""
    rng = np.random.default_rng(0)
    for number in range(8):
        file = tmp_path / "data" / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 32), dtype=np.uint8)).save(file)
    source = {"kind": "folder", "folder": str(tmp_path / "data"), "size": 16, "fit": "pad"}
    record(small_spec(data__source=source, loop__epochs=1), folder=tmp_path / "runs")
    (run,) = (tmp_path / "runs").iterdir()
    weights = trained_file(run / "best.safetensors")
    assert weights.origin.fit == "pad"
    loaded = ChosenData(tmp_path / "data", "all").load_for(weights.origin).dataset
    assert np.array_equal(loaded.inputs, opened(run).spec.data.source.load().inputs)


def test_averages_of_the_weights_are_entries_of_their_own(tmp_path: Path) -> None:
    recorder = record(small_spec(averaging=[{"kind": "ema"}], loop__epochs=2), folder=tmp_path)
    last = recorder.of(EpochEnded)[-1].averages["ema"]
    run, average = saved_weights(tmp_path)
    assert (
        average.name == f"{run.name}/average-ema" and average.best == last.accuracy and opened(average.path) == average
    )
    measured = evaluate([run.path, average.path]).measured[1].measured
    assert measured.accuracy == last.accuracy and measured.loss == pytest.approx(last.loss, rel=1e-6)
