"""The layers of a run as they were: kept with it, bounded, cut with it, and shown again when it is opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.helpers import record
from workbench.engine.core.observed import LayerStat, LayerStats
from workbench.engine.core.progress import finished
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store import layers_file
from workbench.engine.run_store.layers_file import MOST_BYTES, NAME, LayersFile, read_layers
from workbench.engine.run_store.run_copy import RunCopy
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.shelf.opened import opening
from workbench.engine.spec.experiment import ExperimentSpec

SPEC = ExperimentSpec().edited("loop.epochs", 1).edited("loop.diagnostics", 5)


def stats(step: int = 3, values: int = 100, layers: int = 2) -> LayerStats:
    piece = np.linspace(-1, 1, values, dtype=np.float32).tobytes()
    half = piece[: len(piece) // 8 * 4]
    return LayerStats(
        step, tuple(LayerStat(f"fc{n}", "Linear", "ReLU", piece, half, half, half, half, b"") for n in range(layers))
    )


def written(folder: Path, layers: LayerStats) -> LayerStats | None:
    folder.mkdir(exist_ok=True)
    file = LayersFile(folder)
    file.take(layers)
    file.write(is_last=True)
    return read_layers(folder)


def test_what_was_measured_comes_back_to_the_bit(tmp_path: Path) -> None:
    layers = stats()
    found = written(tmp_path, layers)
    assert found is not None and found.step == 3 and found.layers == layers.layers


def test_the_layers_of_a_large_network_are_thinned_to_the_limit(tmp_path: Path) -> None:
    found = written(tmp_path, stats(values=1024, layers=2_000))
    assert found is not None and len(found.layers) == 2_000
    assert MOST_BYTES / 3 < (tmp_path / NAME).stat().st_size < 1.5 * MOST_BYTES
    first = found.layers[0]
    values, old, new = (np.frombuffer(sample, np.float32) for sample in (first.values, first.old, first.new))
    assert values[0] == -1 and len(values) < 1024 and len(old) == len(new) > 0


@pytest.mark.parametrize("damage", ["torn", "noise", "empty", "sizes", "gone"])
def test_a_damaged_file_is_no_layers(tmp_path: Path, damage: str) -> None:
    written(tmp_path, stats())
    path = tmp_path / NAME
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        spoilt = {"torn": data[:-1], "noise": b"\xff" * 40, "empty": b"", "sizes": data.replace(b"[400", b"[-40")}
        path.write_bytes(spoilt[damage])
    assert read_layers(tmp_path) is None


def test_while_a_run_trains_the_file_is_written_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(layers_file.time, "monotonic", lambda: now[0])
    file = LayersFile(tmp_path)
    file.take(stats())
    file.write(is_last=False)
    assert not (tmp_path / NAME).exists()
    now[0] += 61
    file.write(is_last=False)
    first = (tmp_path / NAME).stat().st_mtime_ns
    file.take(stats(9))
    file.write(is_last=False)
    assert (tmp_path / NAME).stat().st_mtime_ns == first
    file.write(is_last=True)
    found = read_layers(tmp_path)
    assert found is not None and found.step == 9


def test_a_disk_that_does_not_take_them_ends_no_run(tmp_path: Path) -> None:
    file = LayersFile(tmp_path / "gone")
    file.take(stats())
    file.write(is_last=True)
    (tmp_path / "gone").mkdir()
    file.write(is_last=True)
    assert read_layers(tmp_path / "gone") is not None


def test_a_run_is_opened_with_the_layers_of_its_last_measurement(tmp_path: Path) -> None:
    run = record(SPEC, folder=tmp_path)
    (folder,) = tmp_path.iterdir()
    last = run.of(LayerStats)[-1]
    layers = finished(opening(folder))[0].layers
    assert layers is not None and layers.step == last.step
    assert tuple(layers.layers) == tuple(last.layers[k] for k in range(len(last.layers)))


def test_steps_that_were_taken_back_have_no_layers(tmp_path: Path) -> None:
    folder = RunFolder.create(SPEC, tmp_path)
    folder.log(stats(7))
    folder.go_back(0, 5, has_best=False)
    folder.save(RunCopy(5, StepStore(), is_last=True))
    assert read_layers(folder.path) is None
    folder.log(stats(4))
    folder.save(RunCopy(5, StepStore(), is_last=True))
    assert read_layers(folder.path) is not None
    folder.close()


def test_layers_behind_the_last_step_are_not_shown(tmp_path: Path) -> None:
    record(SPEC, folder=tmp_path)
    (folder,) = tmp_path.iterdir()
    written(folder, stats(step=10_000))
    assert finished(opening(folder))[0].layers is None
