"""Inside one pass: what is shown as dropped is what the real layers drop, and both sides are what the network says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.helpers import record, small_spec
from tests.engine.nn.test_stochastic_layers import starts
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import split
from workbench.engine.diagnostics.forward_pass import MAX_COLUMNS, MAX_ROWS, Inside, Layer, look_inside
from workbench.engine.nn.stochastic_layers import FractionalMaxPool, stochastic_layers
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.network import build_network

ALL = [
    {"kind": "dropout", "p": 0.4, "conv": True},
    {"kind": "dropconnect", "p": 0.3},
    {"kind": "fractional_max_pooling"},
]
CNN = {"kind": "small_cnn", "channels": [4, 6], "hidden": [30]}


def spec_of(regularization: list[dict[str, Any]] = ALL, model: dict[str, Any] = CNN) -> ExperimentSpec:
    return ExperimentSpec().edited("model", model).edited("regularization", regularization)


def layer(inside: Inside, name: str, kind: str) -> Layer:
    (found,) = [each for each in inside.layers if (each.name, each.kind) == (name, kind)]
    return found


def answers(spec: ExperimentSpec, inside: Inside, roll: int, weights: str = "") -> list[np.ndarray]:
    """The class probabilities of the shown example, from a network and data prepared as a run does it."""
    dataset = Digits().load()
    examples = Examples(dataset, "cpu")
    train = split(dataset, spec.data).train
    examples.standardize_by(spec.preprocessing, train)
    network = build_network(spec, dataset.shape, 10)
    if weights:
        from safetensors.torch import load_file

        saved = load_file(weights)
        network.module.load_state_dict({n: t for n, t in saved.items() if not n.startswith("preprocessing.")})
    picture = inside.picture
    assert picture is not None
    (index,) = np.flatnonzero((dataset.inputs[train][:, 0] == picture[..., 0]).all((1, 2)))[:1]
    x = examples.batch(train[index : index + 1])[0]
    found = []
    for training in (True, False):
        network.module.eval()
        for each in stochastic_layers(network.module):
            each.train(training)
            each.at(spec.loop.seed, roll)
        with torch.no_grad():
            found.append(network.module(x).softmax(1)[0].numpy())
    return found


def test_both_sides_end_in_what_the_network_answers() -> None:
    spec = spec_of()
    inside = look_inside(spec, 3, 5)
    answer = inside.layers[-1]
    training, test = answers(spec, inside, 5)
    np.testing.assert_allclose(answer.train.values, training, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(answer.test.values, test, rtol=1e-4, atol=1e-6)
    assert not np.allclose(training, test, atol=1e-3)
    assert inside.number == 3 and inside.classes[inside.label] == str(inside.label) and not inside.trained


def test_what_is_shown_as_dropped_is_what_the_layer_drops() -> None:
    inside = look_inside(spec_of(), 0, 1)
    units = layer(inside, "fc1", "units")
    assert units.train.kept is not None and units.test.kept is None
    assert (units.train.values[~units.train.kept] == 0).all()
    assert units.dropped == (~units.train.kept).sum() and 0 < units.dropped < units.total == 30
    maps = layer(inside, "conv1", "maps")
    assert maps.train.kept is not None and (maps.train.values[~maps.train.kept] == 0).all()
    # The layer behind the mask sees the picture itself, so what was kept differs only by the scale.
    np.testing.assert_allclose(
        maps.train.values[maps.train.kept], maps.test.values[maps.train.kept] / 0.6, rtol=1e-4, atol=1e-6
    )
    weights = layer(inside, "fc1", "weights")
    assert weights.train.values.shape == (MAX_ROWS, MAX_COLUMNS) == weights.train.kept.shape  # type: ignore[union-attr]
    assert np.array_equal(weights.train.values, weights.test.values)
    assert weights.dropped / weights.total == pytest.approx(0.3, abs=0.04)
    assert (
        weights.words
        == f"fc1: {grouped(weights.dropped)} of {grouped(weights.total)} weights dropped; shown are the first 16 × 24"
    )


def test_the_lines_are_the_regions_of_the_pooling() -> None:
    pool = FractionalMaxPool(1.41)
    for before in (2, 3, 8, 28):
        for u in (0.0, 0.123, 0.5, 0.987):
            assert pool.starts(before, u) == starts(u, before, pool.side(before))
    spec = spec_of()
    shown = layer(look_inside(spec, 0, 1), "conv1 pooling", "pooling")
    again = layer(look_inside(spec, 0, 2), "conv1 pooling", "pooling")
    network = build_network(spec, (1, 8, 8), 10)
    real = next(each for each in network.stochastic if each.name == "conv1_pool")
    assert isinstance(real, FractionalMaxPool)
    real.train().at(spec.loop.seed, 1)
    across, down = real.offsets(torch.zeros(1, 1, 8, 8))[0].tolist()
    assert shown.train.columns == tuple(starts(across, 8, 6)) and shown.train.rows == tuple(starts(down, 8, 6))
    assert (shown.train.rows, shown.train.columns) != (again.train.rows, again.train.columns)
    assert (shown.test.rows, shown.test.columns) == (again.test.rows, again.test.columns)


def test_rolling_again_drops_others_and_the_same_roll_the_same() -> None:
    one, same, other = (layer(look_inside(spec_of(), 0, roll), "fc1", "units") for roll in (1, 1, 2))
    assert np.array_equal(one.train.kept, same.train.kept)  # type: ignore[arg-type]
    assert not np.array_equal(one.train.kept, other.train.kept)  # type: ignore[arg-type]
    assert np.array_equal(one.test.values, other.test.values)


def test_examples_go_round() -> None:
    spec = spec_of()
    first, second = look_inside(spec, 0, 0), look_inside(spec, 1, 0)
    assert first.label != second.label  # different classes first
    last = look_inside(spec, -1, 0)
    assert last.number == last.of - 1
    assert look_inside(spec, first.of, 0).number == 0


def test_residual_branches_are_one_row() -> None:
    regularization: list[dict[str, Any]] = [{"kind": "stochastic_depth", "p": 0.6}]
    inside = look_inside(spec_of(regularization, {"kind": "cifar_resnet"}), 0, 3)
    row = layer(inside, "Residual branches", "branches")
    count = row.total
    np.testing.assert_allclose(row.train.values, 1 - 0.6 * (np.arange(count) + 1) / count, rtol=1e-6)
    assert row.train.kept is not None and row.dropped == (~row.train.kept).sum() > 0
    assert row.test.kept is None


def test_the_last_saved_weights_are_used_where_they_fit(tmp_path: Path) -> None:
    spec = small_spec(model={"kind": "mlp", "hidden": [16], "batch_norm": "before"}, loop__epochs=1, augmentations=[])
    assert record(spec, folder=tmp_path).events[-1].reason == "completed"
    (path,) = tmp_path.rglob("last.safetensors")
    inside = look_inside(spec, 2, 5, str(path))
    assert inside.trained
    training, test = answers(spec, inside, 5, str(path))
    np.testing.assert_allclose(inside.layers[-1].train.values, training, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(inside.layers[-1].test.values, test, rtol=1e-4, atol=1e-6)
    wider = spec.edited("model.hidden", (17,))
    assert not look_inside(wider, 2, 5, str(path)).trained
    assert not look_inside(spec, 2, 5, str(tmp_path / "none.safetensors")).trained
    path.write_bytes(b"no weights")
    assert not look_inside(spec, 2, 5, str(path)).trained


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(7)
    wanted = torch.rand(3)
    torch.manual_seed(7)
    look_inside(spec_of(), 0, 1)
    assert torch.equal(torch.rand(3), wanted)


@pytest.mark.parametrize(("regularization", "model", "words"), [
    ([], CNN, "Nothing is dropped in this experiment"),
    ([{"kind": "l2"}, {"kind": "label_smoothing"}], CNN, "Nothing is dropped in this experiment"),
    ([{"kind": "stochastic_depth"}], CNN, "has no layer in this model"),
    ([{"kind": "dropout"}], {"kind": "mlp", "hidden": [16384, 16384]}, "too large"),
])  # fmt: skip
def test_nothing_to_see_has_a_reason(regularization: list[Any], model: dict[str, Any], words: str) -> None:
    inside = look_inside(spec_of(regularization, model), 0, 0)
    assert words in inside.reason and not inside.layers


def test_a_model_that_cannot_be_built_says_why() -> None:
    with pytest.raises(WorkbenchError, match="convolution"):
        look_inside(spec_of(model={"kind": "small_cnn", "channels": []}), 0, 0)


def test_of_large_maps_one_and_only_a_corner_is_shown() -> None:
    from workbench.engine.diagnostics.forward_pass_compute import _layer, _Seen
    from workbench.engine.nn.stochastic_layers import Dropout

    maps = torch.rand((1, 3, 40, 20), generator=torch.Generator().manual_seed(0))
    dropout, pool = Dropout(0.5).train(), FractionalMaxPool(1.41).train()
    dropped = _layer("conv1_dropout", _Seen(dropout, maps, dropout(maps)), _Seen(dropout.eval(), maps, maps))
    assert dropped.train.values.shape == (1, 32, 20)
    assert dropped.words.endswith("activations dropped; shown: the first of 3 maps, its top left 32 × 32")
    assert 0.4 * 2400 < dropped.total - dropped.dropped < 0.6 * 2400
    pooled = _layer("conv1_pool", _Seen(pool, maps, pool(maps)), _Seen(pool, maps, pool(maps)))
    assert pooled.train.values.shape == (32, 20)
    assert max(pooled.train.rows) <= 30 and len(pooled.train.columns) == pool.side(20)


def test_other_data_and_other_preprocessing_have_statistics_of_their_own() -> None:
    spec = spec_of()
    few = spec.edited("data.examples_per_class", 3)
    raw = spec.edited("preprocessing", {"kind": "none"})
    found = [look_inside(each, 0, 1).layers[-1].test.values for each in (spec, few, raw, spec)]
    assert not np.allclose(found[0], found[1]) and not np.allclose(found[0], found[2])
    assert np.array_equal(found[0], found[3])


def test_points_have_no_picture() -> None:
    spec = spec_of([{"kind": "dropout"}], {"kind": "mlp"}).edited("data.source", {"kind": "moons"})
    inside = look_inside(spec, 0, 0)
    assert inside.picture is None and len(inside.layers) == 2
