"""The path of a run and the loss around it, against transcriptions; the run and its network stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn
from torch.nn import functional

from tests.engine.helpers import small_spec
from workbench.engine.__main__ import main
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Event, Stepped
from workbench.engine.core.progress import finished
from workbench.engine.core.text import plain
from workbench.engine.experiments.run_path import weight_path
from workbench.engine.experiments.run_path.loss_around import LossMeter, around, measured_grid
from workbench.engine.experiments.run_path.plane import main_plane, random_plane
from workbench.engine.experiments.run_path.weight_path import WeightPath, floats_of, retraced
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

#: Batch norm and dropout, so that evaluation mode and its statistics matter; 2 epochs.
SPEC = small_spec(loop__epochs=2)


def kept(parent: Path, spec: ExperimentSpec = SPEC) -> Path:
    """A run that was trained with a live edit in its midst."""
    folder = RunFolder.create(spec, parent)

    def steer(event: Event) -> Command | None:
        return Edit("optimizer.lr", 0.02) if isinstance(event, Stepped) and event.step == 4 else None

    drive(train(spec, folder), lambda _event: None, steer)
    return folder.path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("runs"))


def flat(network: nn.Module) -> np.ndarray:
    return np.concatenate([each.detach().numpy().ravel() for each in network.parameters()])


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 12), st.integers(2, 40), st.integers(0, 2**31))
def test_the_plane_is_that_of_the_singular_value_decomposition(count: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [row.astype(np.float32) for row in rng.normal(size=(count, size)) * np.exp(rng.normal(size=size))]
    plane = main_plane(rows)
    moved = np.stack(rows).astype(np.float64) - rows[-1]  # θ_i − θ_n
    _, values, directions = np.linalg.svd(moved - moved.mean(0), full_matrices=False)
    shares = values**2 / (values**2).sum()
    assert plane.shares == pytest.approx(shares[:2], abs=1e-9)
    for place in range(2):
        if shares[place] - (shares[place + 1] if place + 1 < len(shares) else 0) > 0.02:
            assert abs(plane.directions[place] @ directions[place]) == pytest.approx(1, abs=1e-4)
    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-5)
    assert plane.places == pytest.approx(moved @ plane.directions.T.astype(np.float64), abs=1e-5 * np.abs(moved).max())
    assert plane.places[-1] == pytest.approx([0, 0]) and plane.places[0, 0] <= 0 <= plane.places[0, 1]


def test_a_path_along_a_line_and_one_that_stays_have_a_plane_too() -> None:
    line = [np.array([float(t), 0, 0], dtype=np.float32) for t in range(4)]
    assert main_plane(line).shares == pytest.approx((1.0, 0.0), abs=1e-12)
    still = main_plane([np.ones(3, dtype=np.float32)] * 3)
    assert still.shares == (0.0, 0.0) and np.isfinite(still.places).all()
    assert np.isfinite(around(still, 9).xs).all()


def test_random_directions_hold_two_of_many_dimensions() -> None:
    rows = list(np.random.default_rng(1).normal(size=(20, 2000)).astype(np.float32))
    assert sum(random_plane(rows, 0).shares) < 0.01 < 0.1 < sum(main_plane(rows).shares)


def test_states_are_thinned_evenly_and_the_last_one_is_always_there() -> None:
    network = nn.Linear(2, 1)
    path = WeightPath(network, most=8)
    for step in range(101):
        with torch.no_grad():
            network.weight.fill_(float(step))
        path.look(step)
    path.end(100)
    assert path.every == 16 and path.steps == [0, 16, 32, 48, 64, 80, 96, 100]
    assert [row[0] for row in path.rows] == path.steps
    with torch.no_grad():
        network.weight.fill_(float("nan"))
    path.look(112)
    path.end(112)
    assert path.steps == [0, 32, 64, 96], "a state that is no number is no place"


def test_a_network_too_large_for_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_path, "BUDGET", 4 * 1000 * 7)
    with pytest.raises(WorkbenchError, match=r"1.?000 parameters: 8 states of it take"):
        WeightPath(nn.Linear(1000, 1, bias=False))


def test_the_run_is_repeated_to_the_last_bit_and_not_touched(run: Path) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    threads = torch.get_num_threads()
    found = finished(retraced(run))
    assert found.is_same and "to the last bit" in found.proof
    assert found.path.steps == list(range(found.path.steps[-1] + 1)) and torch.get_num_threads() == threads
    assert np.array_equal(found.path.rows[-1], flat(found.network))
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before
    other = run.parent / "other"
    other.mkdir()
    for name in ("spec.toml", "events.jsonl"):
        (other / name).write_bytes(before[name].replace(b'"optimizer.lr","new":0.02', b'"optimizer.lr","new":0.03'))
    assert finished(retraced(other)).is_same is None


def test_of_an_ensemble_it_is_the_first_member(tmp_path: Path) -> None:
    two = small_spec(ensemble={"kind": "independent", "members": 2}, loop__epochs=1)
    assert finished(retraced(kept(tmp_path, two))).is_same


def test_the_loss_is_that_of_a_naive_evaluation_and_the_network_stays(run: Path) -> None:
    found = finished(retraced(run))
    state = {name: each.clone() for name, each in found.network.state_dict().items()}
    was_training = found.network.training
    meter, plane = LossMeter(found), main_plane(found.path.rows)
    coarse = finished(measured_grid(meter, plane, 9))
    fine = finished(measured_grid(meter, plane, 17, coarse))
    assert np.array_equal(fine.heights[::2, ::2], coarse.heights) and np.isfinite(fine.heights).all()
    assert fine.xs[::2] == pytest.approx(coarse.xs)
    assert fine.xs[0] < plane.places[:, 0].min() and fine.ys[-1] > plane.places[:, 1].max()
    inputs, labels = found.data.examples.batch(meter.chosen)
    norms = [each for each in found.network.modules() if isinstance(each, nn.BatchNorm1d)]
    assert len(norms) == 1 and "Batch norm takes its statistics" in meter.words
    for row, column in ((0, 0), (3, 7), (16, 9)):
        weights = plane.centre + np.float32(fine.xs[column]) * plane.directions[0]
        weights = weights + np.float32(fine.ys[row]) * plane.directions[1]
        expected = naive_loss(found.network, weights, inputs, labels)
        assert fine.heights[row, column] == pytest.approx(expected, rel=1e-5)
    assert found.network.training == was_training
    assert all(torch.equal(state[name], each) for name, each in found.network.state_dict().items())


def naive_loss(network: nn.Module, weights: np.ndarray, inputs: torch.Tensor, labels: torch.Tensor) -> float:
    """Linear, batch norm with the statistics of the examples, ReLU, linear: written out."""
    parts, at = [], 0
    for each in floats_of(network):
        size = each.numel()
        parts.append(torch.from_numpy(weights[at : at + size]).double().reshape(each.shape))
        at += size
    (w1, gamma, beta, w2, b2) = parts
    hidden = inputs.double().flatten(1) @ w1.T
    hidden = (hidden - hidden.mean(0)) / (hidden.var(0) + 1e-5).sqrt() * gamma + beta
    return float(functional.cross_entropy(hidden.relu() @ w2.T + b2, labels))


def test_the_command(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "path.npz"
    assert main(["landscape", str(run), "--side", "9", "--json", "--out", str(out)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["same_as_the_run"] and said["path"][-1] == [0, 0] and len(said["loss"]) == 9
    with np.load(out) as saved:
        assert saved["loss"].tolist() == said["loss"] and saved["path"].tolist() == said["path"]
        assert saved["shares"].tolist() == said["shares"]
    assert (
        main(["landscape", run.name, "--folder", str(run.parent), "--out", str(tmp_path / "p.png"), "--side", "9"]) == 0
    )
    text = plain(capsys.readouterr().out)
    assert "of the variance of the path" in text and "to the last bit" in text and "At the end of the run" in text
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (800, 800) and len(picture.getcolors(100_000) or ()) > 10
    assert main(["landscape", str(run), "--out", str(tmp_path / "p.gif")]) == 2
    assert "neither a PNG nor an NPZ" in capsys.readouterr().err


def test_a_run_that_began_in_the_midst_of_another_is_refused(run: Path, tmp_path: Path) -> None:
    text = (run / "events.jsonl").read_text("utf-8")
    (tmp_path / "spec.toml").write_bytes((run / "spec.toml").read_bytes())
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        if "parent" in line:
            line["parent"] = "/runs/the-first"
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    with pytest.raises(WorkbenchError, match="It branched off the-first"):
        finished(retraced(tmp_path))
