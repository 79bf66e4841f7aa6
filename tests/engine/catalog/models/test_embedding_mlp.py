"""The MLP on embeddings, and the set that is made for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.engine.helpers import record
from workbench.engine.catalog.activations.square import Square
from workbench.engine.catalog.datasets.modular_addition import ModularAddition
from workbench.engine.catalog.models.embedding_mlp import EmbeddingMLP
from workbench.engine.core.observed import Boundary
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.report.data_summary import data_summary
from workbench.engine.spec.experiment import ExperimentSpec


def _spec(modulus: int = 7, **model: object) -> ExperimentSpec:
    edits = {
        "data.source": {"kind": "modular_addition", "modulus": modulus},
        "model": {"kind": "embedding_mlp", **model},
        "loop.epochs": 2,
        "loop.threads": 1,
    }
    spec = ExperimentSpec()
    for path, value in edits.items():
        spec = spec.edited(path, value)
    return spec


@pytest.mark.parametrize("modulus", [2, 5, 31])
def test_every_pair_of_numbers_is_there_once_with_the_rest_of_its_sum(modulus: int) -> None:
    data = ModularAddition(modulus=modulus).load()
    pairs = {(int(a), int(b)) for a, b in data.inputs}
    assert len(pairs) == len(data.labels) == modulus**2
    assert all((a + b) % modulus == label for (a, b), label in zip(data.inputs.tolist(), data.labels, strict=True))
    assert np.bincount(data.labels).tolist() == [modulus] * modulus


def test_the_inputs_choose_rows_of_one_table_and_nothing_else_reaches_the_network() -> None:
    model = EmbeddingMLP(vocabulary=5, embedding=3, hidden=(), activation=Square())
    net = model.build((2,), 4, LayerInsertion())
    model.fill(net, seed=0)
    table = net.get_parameter("embedding.weight")
    weight, bias = net.get_parameter("classifier.weight"), net.get_parameter("classifier.bias")
    x = torch.tensor([[0.0, 4.0], [2.4, 1.6], [-3.0, 99.0]])
    rows = torch.stack([torch.cat([table[a], table[b]]) for a, b in ((0, 4), (2, 2), (0, 4))])
    assert torch.allclose(net(x), rows @ weight.T + bias)


def test_numbers_of_symbols_are_not_normalized() -> None:
    """With Normalize all inputs would be near 0, and all pairs the same."""
    spec = _spec().edited("preprocessing", {"kind": "normalize"})
    assert any(p.path == "preprocessing" and "no effect" in p.message for p in spec.problems())
    plain = _spec().edited("preprocessing", {"kind": "none"})
    assert record(spec).numbers() == record(plain).numbers()


def test_a_vocabulary_that_is_too_small_is_an_error_with_its_mend() -> None:
    spec = _spec(modulus=40)
    (problem,) = (p for p in spec.problems() if p.severity == "error")
    assert problem.path == "model.vocabulary" and "has 40 symbols" in problem.message
    mend = problem.mends[0]
    assert not [p for p in spec.edited(mend.path, mend.value).problems() if p.severity == "error"]


def test_embeddings_of_sizes_are_an_error() -> None:
    spec = ExperimentSpec().edited("model", {"kind": "embedding_mlp"})
    assert any(p.path == "model" and "Digits are sizes" in p.message for p in spec.problems())


def test_there_is_no_plane_between_symbols() -> None:
    run = record(_spec())
    assert not run.of(Boundary)
    assert data_summary(_spec()).points is None
    assert record(_spec().edited("data.source", {"kind": "xor"})).of(Boundary)
