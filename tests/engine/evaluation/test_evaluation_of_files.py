"""The evaluate command: figures against a computation by hand, classes by name, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.engine.data.layouts.layout import pictures
from tests.engine.helpers import record, small_spec
from tests.engine.weights.files import as_legacy, as_zip, network, write
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EpochEnded
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import plain
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.evaluation.evaluation_data import DataInDoubt, MeasuredPart
from workbench.engine.evaluation.results import EntryMeasured, EvaluationProgress
from workbench.engine.evaluation.results_table import table
from workbench.engine.run_store.finished_runs import opened
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.weights.input_spec import CIFAR10, IMAGENET_MEAN, IMAGENET_STD

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (150, 32, 32, 3), dtype=np.uint8)
LABELS = (np.arange(150) % 10).astype(np.uint8)
#: A folder with the published weights (cifar10-resnets/*.th) and CIFAR-10's test set (cifar10-test/cifar10_test.npz).
PUBLISHED = os.environ.get("WORKBENCH_TEST_DATA", "")


def archive(folder: Path, classes: tuple[str, ...] | None = CIFAR10, images: np.ndarray = IMAGES) -> Path:
    path = folder / "data.npz"
    named = {} if classes is None else {"classes": np.array(classes)}
    np.savez(path, images=images, labels=LABELS[: len(images)], **named)
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two ResNets in two formats, wrapped as published ones are."""
    first, second = (network(2, 10, seed) for seed in (0, 1))
    wrapped = {"state_dict": {f"module.{name}": t for name, t in second.state_dict().items()}, "best_prec1": 1.0}
    return write(tmp_path, as_zip(first.state_dict()), "a.pt"), write(tmp_path, as_legacy(wrapped), "b.th")


def logs(net: nn.Module, images: np.ndarray = IMAGES) -> torch.Tensor:
    """By hand: ImageNet's mean and spread, one pass in eval mode."""
    x = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).float() / 255
    x = (x - torch.tensor(IMAGENET_MEAN).view(3, 1, 1)) / torch.tensor(IMAGENET_STD).view(3, 1, 1)
    with torch.no_grad():
        return net.eval()(x).double().log_softmax(1)


def test_figures_are_those_of_a_computation_by_hand(tmp_path: Path, files: tuple[Path, Path]) -> None:
    result = evaluate(files, archive(tmp_path))
    labels = torch.from_numpy(LABELS.astype(np.int64))
    made = [logs(network(2, 10, seed)) for seed in (0, 1)]
    for each, wanted in zip(result.measured, made, strict=True):
        assert each.measured.n == 150 and each.parameters == sum(p.numel() for p in network(2, 10).parameters())
        assert each.measured.accuracy == pytest.approx((wanted.argmax(1) == labels).double().mean().item(), abs=0.01)
        assert each.measured.loss == pytest.approx(functional.nll_loss(wanted, labels).item(), rel=1e-4)
    mean = torch.stack(made).exp().mean(0).log()
    assert result.averaged is not None
    assert result.averaged.loss == pytest.approx(functional.nll_loss(mean, labels).item(), rel=1e-4)
    assert evaluate(files[:1], archive(tmp_path)).averaged is None


def test_classes_are_matched_by_name(tmp_path: Path, files: tuple[Path, Path]) -> None:
    order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
    straight = evaluate(files, archive(tmp_path))
    shuffled = tmp_path / "shuffled.npz"
    back = np.argsort(order)
    np.savez(shuffled, images=IMAGES, labels=back[LABELS].astype(np.uint8), classes=np.array(CIFAR10)[order])
    crossed = evaluate(files, shuffled)
    for one, other in zip(straight.measured, crossed.measured, strict=True):
        assert other.measured.loss == pytest.approx(one.measured.loss, rel=1e-9)
    by_order = evaluate(files, archive(tmp_path, None))
    assert by_order.measured[0].measured.loss == pytest.approx(straight.measured[0].measured.loss, rel=1e-9)
    assert any("by their order" in note for note in by_order.measured[0].notes)
    assert not any("by their order" in note for note in straight.measured[0].notes)


def test_some_of_the_classes_compete_among_themselves(tmp_path: Path, files: tuple[Path, Path]) -> None:
    kept = LABELS < 3
    few = tmp_path / "few.npz"
    np.savez(few, images=IMAGES[kept], labels=LABELS[kept], classes=np.array(CIFAR10[:3]))
    result = evaluate(files[:1], few)
    wanted = logs(network(2, 10, 0), IMAGES[kept])[:, :3].log_softmax(1)
    labels = torch.from_numpy(LABELS[kept].astype(np.int64))
    assert result.measured[0].measured.loss == pytest.approx(functional.nll_loss(wanted, labels).item(), rel=1e-4)
    assert "10 classes only the 3" in result.measured[0].notes[-1]


def why_not(paths: Sequence[Path], data: Path) -> str:
    """What is said of the first file that could not be measured."""
    return evaluate(paths, data).failed[0].message


def test_other_classes_and_other_data_are_refused(tmp_path: Path, files: tuple[Path, Path]) -> None:
    named = archive(tmp_path, (*CIFAR10[:9], "submarine"))
    assert "does not know 1 of the 10 classes: submarine" in why_not(files, named)
    five = write(tmp_path, as_zip(network(2, 5).state_dict()), "five.pt")
    assert "tells 5 classes apart, and the data has 10" in why_not([five], archive(tmp_path))
    with pytest.raises(WorkbenchError, match="holds weights of a network, not data"):
        evaluate(files, files[1])
    with pytest.raises(WorkbenchError, match="no such file"):
        evaluate(files, tmp_path / "nowhere.npz")
    unknown = write(tmp_path, as_zip({"w": torch.ones(3, 3)}), "unknown.pt")
    assert "no network that this program knows" in why_not([unknown], archive(tmp_path))


def bad_files(tmp_path: Path, good: Path) -> list[Path]:
    """Cut, random and empty."""
    whole = good.read_bytes()
    contents = {"cut.pt": whole[: len(whole) // 2], "random.pt": RNG.bytes(5000), "empty.pt": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in contents]


def test_bad_files_hold_nothing_up_and_the_average_is_of_the_good(tmp_path: Path, files: tuple[Path, Path]) -> None:
    data, bad = archive(tmp_path), bad_files(tmp_path, files[0])
    seen: list[EvaluationProgress] = []
    mixed = evaluate([bad[0], files[0], bad[1], files[1], bad[2]], data, watch=seen.append)
    alone = evaluate(files, data)
    assert [each.measured for each in mixed.measured] == [each.measured for each in alone.measured]
    assert mixed.averaged == alone.averaged and "Average of 2 of 5 files" in table(mixed)
    assert [each.path for each in mixed.failed] == bad and all(each.message.endswith(".") for each in mixed.failed)
    assert [isinstance(each, EntryMeasured) for each in mixed.outcomes] == [False, True, False, True, False]
    assert all(now.outcomes == mixed.outcomes[: now.done] for now in seen) and seen[-1].outcomes == mixed.outcomes
    assert {now.done for now in seen if 0 < now.share < 1} == {1, 3}


def test_the_command_measures_the_good_and_ends_with_an_error(
    tmp_path: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data, bad = archive(tmp_path), bad_files(tmp_path, files[0])
    assert main(["evaluate", str(bad[0]), *map(str, files), str(bad[2]), "--data", str(data)]) == 2
    said = capsys.readouterr()
    assert all(file.name in said.out for file in files) and "Average of 2 of 4 files" in said.out
    assert all(f"Not measured: {file} " in said.err for file in (bad[0], bad[2]))


def test_a_folder_is_what_the_window_takes_it_for(tmp_path: Path, files: tuple[Path, Path]) -> None:
    """A folder with one .npz in it, however deep the archive was unpacked."""
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    data = archive(folder)
    assert (
        evaluate(files[:1], tmp_path / "outer").measured[0].measured == evaluate(files[:1], data).measured[0].measured
    )


def test_data_that_can_be_read_in_several_ways_are_asked_about_and_never_measured_in_silence(
    tmp_path: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "set", {f"{zoom}/{name}": 2 for zoom in ("10x", "40x") for name in CIFAR10[:2]})
    command = ["evaluate", str(files[0]), "--data", str(tmp_path / "set")]
    assert main(command) == 2
    said = capsys.readouterr()
    assert not said.out and 'data.source.classes = "second_level"' in said.err and "--set" in said.err
    assert main([*command, "--set", "data.source.classes=second_level"]) == 0
    assert main([*command, "--set", "loop.epochs=3"]) == 2
    with pytest.raises(DataInDoubt, match="Open the data, choose how it is read"):
        evaluate([files[0]], tmp_path / "set")
    own = PictureFolder(folder=str(tmp_path / "set"))
    for data in (own, DataSpec(source=own)):  # as the window asks for the data of the settings
        with pytest.raises(DataInDoubt, match="Choose how it is read in the Data panel"):
            evaluate([files[0]], data)
    sure = own.model_copy(update={"classes": "second_level"})
    assert evaluate([files[0]], sure, "all").measured[0].measured.n == 8


def test_gray_pictures_of_another_size(tmp_path: Path, files: tuple[Path, Path]) -> None:
    """A gray picture is every channel alike, and is resized to what the weights want."""
    gray = RNG.integers(0, 256, (40, 32, 32), dtype=np.uint8)
    result = evaluate(files[:1], archive(tmp_path, images=gray))
    wanted = logs(network(2, 10, 0), np.repeat(gray[..., None], 3, 3))
    labels = torch.from_numpy(LABELS[:40].astype(np.int64))
    assert result.measured[0].measured.loss == pytest.approx(functional.nll_loss(wanted, labels).item(), rel=1e-4)
    assert evaluate(files[:1], archive(tmp_path, images=gray[:, :17, :23])).measured[0].measured.n == 40


@pytest.mark.parametrize("preprocessing", [{"kind": "normalize"}, {"kind": "zero_centre", "mean": "image"}])
def test_a_run_of_ours_gives_its_own_figures(tmp_path: Path, preprocessing: dict[str, str]) -> None:
    recorder = record(small_spec(preprocessing=preprocessing, regularization=[], loop__epochs=2), folder=tmp_path)
    run = next(path for path in tmp_path.iterdir() if path.is_dir())
    dataset = opened(run).spec.data.source.load()
    data = tmp_path / "digits.npz"
    np.savez(data, images=dataset.inputs, labels=dataset.labels)
    from workbench.engine.data.split import split

    val = split(dataset, opened(run).spec.data).val
    np.savez(data, images=dataset.inputs[val][:, 0], labels=dataset.labels[val])
    last = recorder.of(EpochEnded)[-1].val
    measured = evaluate([run / "last.safetensors"], data).measured[0].measured
    assert measured.accuracy == pytest.approx(last.accuracy, abs=1e-9)
    assert measured.loss == pytest.approx(last.loss, rel=1e-5)


@pytest.mark.parametrize("part", ["all", "train"])
def test_it_can_be_given_up_while_the_data_is_read(
    tmp_path: Path, files: tuple[Path, Path], part: MeasuredPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(source: ArrayFile) -> Iterator[Loading]:
        for done in range(1000):
            yield Loading(done, 1000, "Reading the file")
        raise AssertionError("it was not given up")

    def watch(now: EvaluationProgress) -> None:
        if now.words == "Reading the file":
            raise InterruptedError

    monkeypatch.setattr(ArrayFile, "loading", endless)
    with pytest.raises(InterruptedError):
        evaluate(files, archive(tmp_path), part, watch)


def test_the_command(tmp_path: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    data = archive(tmp_path)
    assert main(["evaluate", *map(str, files), "--data", str(data), "--pot"]) == 0
    said = capsys.readouterr().out
    assert "Average of the predictions" in said and "ResNet-20, width 2" in said and "150 examples" in said
    assert said.splitlines()[:3] == plain(table(evaluate(files, data))).splitlines()[:3]
    assert "b.th: The weights are those under “state_dict”" in said
    assert main(["evaluate", str(files[0]), "--data", str(data), "--pot"]) == 2
    assert "at least two" in capsys.readouterr().err
    assert main(["evaluate", str(data), "--data", str(data)]) == 2
    assert "NumPy archive" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.skipif(
    not PUBLISHED,
    reason="published weights may not be distributed with the program; WORKBENCH_TEST_DATA names a folder with them",
)
def test_the_published_networks_reach_their_published_accuracy() -> None:
    paths = sorted(Path(PUBLISHED, "cifar10-resnets").glob("*.th"))
    result = evaluate(paths, Path(PUBLISHED, "cifar10-test", "cifar10_test.npz"))
    accuracies = [100 * each.measured.accuracy for each in result.measured]
    assert accuracies == pytest.approx([91.73, 92.63, 93.10, 93.39], abs=0.05)
    assert result.averaged is not None and 100 * result.averaged.accuracy == pytest.approx(94.54, abs=0.05)
