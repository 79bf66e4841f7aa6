"""By default weights are measured on what they were not trained on, and a label says so where they were."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.engine.data.layouts.layout import pictures
from tests.engine.helpers import record, small_spec
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.core.events import EpochEnded, RunStarted
from workbench.engine.core.text import plain
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.evaluation.evaluation_data import ChosenData
from workbench.engine.evaluation.results_table import table
from workbench.engine.spec.data_spec import DataSpec

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, EpochEnded]:
    """An archive of arrays, a copy of the best weights of a run on it, and the run's best evaluation."""
    folder = tmp_path_factory.mktemp("arrays")
    labels = np.arange(200) % 4
    images = (RNG.integers(0, 120, (200, 8, 8)) + 40 * labels[:, None, None]).clip(0, 255).astype(np.uint8)
    archive = folder / "data.npz"
    np.savez(archive, images=images, labels=labels)
    spec = small_spec(data__source={"kind": "npz", "file": str(archive)}, loop__epochs=2, data__split_seed=7)
    recorder = record(spec, folder=folder / "runs")
    best = next(each for each in reversed(recorder.of(EpochEnded)) if each.is_best)
    run = Path(recorder.of(RunStarted)[0].folder)
    return archive, Path(shutil.copy(run / "best.safetensors", folder / "copied.safetensors")), best


def test_a_copied_file_is_measured_on_its_own_validation_split(trained: tuple[Path, Path, EpochEnded]) -> None:
    archive, file, best = trained
    assert best.val is not None
    for data in (archive, ArrayFile(file=str(archive)), None):
        (found,) = evaluate([file], data).measured
        assert found.measured.n == best.val.n == 40 and found.measured.accuracy == best.val.accuracy
        assert found.measured.loss == pytest.approx(best.val.loss, rel=1e-5) and not found.doubt


def test_measuring_on_what_it_was_trained_on_is_labelled(trained: tuple[Path, Path, EpochEnded]) -> None:
    archive, file, _ = trained
    for part, seen in (("all", 80), ("train", 80)):
        result = evaluate([file], archive, part)  # type: ignore[arg-type]
        assert result.measured[0].doubt == f"includes {seen} examples it was trained on"
        assert result.measured[0].doubt in plain(table(result))
        assert part == "all" or result.measured[0].measured.n == seen  # not those beyond examples_per_class


def test_where_nothing_says_what_was_held_back_all_is_measured_and_said(
    trained: tuple[Path, Path, EpochEnded], tmp_path: Path
) -> None:
    archive, file, _ = trained
    foreign = write(tmp_path, as_zip(network(2, 4).state_dict()), "foreign.pt")
    alone = evaluate([foreign], archive)
    assert alone.measured[0].measured.n == 200 and "neither the data nor the weights" in alone.examples
    beside = evaluate([foreign, file], archive)  # what the second was not trained on is compared
    assert [each.measured.n for each in beside.measured] == [40, 40] and beside.examples == "validation examples"
    by_settings = evaluate([foreign], DataSpec(source=ArrayFile(file=str(archive)), validation_fraction=0.5))
    assert by_settings.measured[0].measured.n == 100


def test_data_that_has_changed_is_not_split_as_it_was(trained: tuple[Path, Path, EpochEnded], tmp_path: Path) -> None:
    archive, file, _ = trained
    kept = archive.read_bytes()
    arrays = dict(np.load(archive))
    try:
        np.savez(archive, images=arrays["images"][:120], labels=arrays["labels"][:120])
        result = evaluate([file], archive)
        assert result.measured[0].measured.n == 120 and "not known as those" in result.examples
    finally:
        archive.write_bytes(kept)


def test_a_part_without_data_is_that_of_the_data_of_the_weights(
    trained: tuple[Path, Path, EpochEnded], capsys: pytest.CaptureFixture[str]
) -> None:
    for part, count, doubt in (("train", 80, "includes 80"), ("all", 200, "includes 80"), ("validation", 40, "")):
        (found,) = evaluate([trained[1]], None, part).measured  # type: ignore[arg-type]
        assert found.measured.n == count and doubt in found.doubt
    assert main(["evaluate", str(trained[1]), "--part", "test"]) == 2
    assert "holds no test arrays" in capsys.readouterr().err


def test_moved_data_is_known_again(trained: tuple[Path, Path, EpochEnded], tmp_path: Path) -> None:
    archive, file, best = trained
    assert best.val is not None
    moved = Path(shutil.copy(archive, tmp_path / "other name.npz"))
    (found,) = evaluate([file], moved).measured
    assert found.measured.n == 40 and found.measured.accuracy == best.val.accuracy and not found.doubt
    assert any("in another place" in note and str(archive) in note for note in found.notes)
    assert evaluate([file], moved, "all").measured[0].doubt == "includes 80 examples it was trained on"
    arrays = dict(np.load(archive))
    np.savez(moved, images=arrays["images"] // 2, labels=arrays["labels"])
    (other,) = evaluate([file], moved).measured
    assert other.measured.n == 200 and any("is not known" in note for note in other.notes)


def test_moved_pictures_are_known_again_in_another_size(tmp_path: Path) -> None:
    pictures(tmp_path / "pets", {"cat": 10, "dog": 10})
    source = {"kind": "folder", "folder": str(tmp_path / "pets"), "size": 8}
    recorder = record(small_spec(data__source=source, loop__epochs=1), folder=tmp_path / "runs")
    run = Path(recorder.of(RunStarted)[0].folder)
    kept = recorder.of(RunStarted)[0].val_size
    moved = (tmp_path / "pets").rename(tmp_path / "moved")
    for weights in (run, run / "last.safetensors"):
        (found,) = evaluate([weights], moved).measured
        assert found.measured.n == kept and not found.doubt
        assert evaluate([weights], moved, "all").measured[0].doubt == f"includes {20 - kept} examples it was trained on"
    (moved / "cat" / "0.png").unlink()
    result = evaluate([run], moved)
    assert result.measured[0].measured.n == 19 and "not known as those" in result.examples


def test_all_is_training_and_validation_without_the_test_share(trained: tuple[Path, Path, EpochEnded]) -> None:
    spec = DataSpec(source=ArrayFile(file=str(trained[0])), test_fraction=0.2)
    assert len(ChosenData(spec, "all").load_for(None).indices) == 160
