"""Randomness as a function of (seed, stream, indices)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from workbench.engine.core.randomness import generator, mixed, permutation, uniforms


def test_uniform_numbers_are_uniform_and_independent() -> None:
    """Coarse: means, variances, a histogram and correlations within five standard errors."""
    n = 200_000
    u = uniforms(np.arange(n), 4, seed=1, epoch=2, stream="crop/0").astype(np.float64)
    assert u.shape == (n, 4)
    assert u.min() >= 0.0
    assert u.max() < 1.0
    np.testing.assert_allclose(u.mean(0), 0.5, atol=5 / np.sqrt(12 * n))
    np.testing.assert_allclose(u.var(0), 1 / 12, rtol=0.01)
    counts = np.histogram(u[:, 0], 100, (0, 1))[0]
    chi_square = float(((counts - n / 100) ** 2 / (n / 100)).sum())
    assert 99 - 5 * 14.1 < chi_square < 99 + 5 * 14.1
    assert abs(np.corrcoef(u.T)[np.triu_indices(4, 1)]).max() < 5 / np.sqrt(n)
    assert abs(np.corrcoef(u[:-1, 0], u[1:, 0])[0, 1]) < 5 / np.sqrt(n)


def test_the_numbers_of_an_example_do_not_depend_on_its_batch() -> None:
    everything = uniforms(np.arange(1000), 3, 7, 1, "a")
    order = np.random.default_rng(0).permutation(1000)
    assert np.array_equal(uniforms(order, 3, 7, 1, "a"), everything[order])
    assert np.array_equal(uniforms(np.array([417]), 3, 7, 1, "a")[0], everything[417])
    # More draws do not change the first ones.
    assert np.array_equal(uniforms(np.arange(1000), 8, 7, 1, "a")[:, :3], everything)


@pytest.mark.parametrize("change", [{"seed": 8}, {"epoch": 2}, {"stream": "b"}], ids=str)
def test_each_index_changes_the_numbers(change: dict[str, object]) -> None:
    base: dict[str, object] = {"seed": 7, "epoch": 1, "stream": "a"}
    first = uniforms(np.arange(5000), 1, **base)  # type: ignore[arg-type]
    second = uniforms(np.arange(5000), 1, **(base | change))  # type: ignore[arg-type]
    assert abs(np.corrcoef(first[:, 0], second[:, 0])[0, 1]) < 0.08


def test_an_order_is_a_permutation_of_its_own_for_each_seed_and_epoch() -> None:
    first = permutation(500, 3, 0)
    assert np.array_equal(np.sort(first), np.arange(500))
    assert np.array_equal(first, permutation(500, 3, 0))
    for other in (permutation(500, 3, 1), permutation(500, 4, 0)):
        assert not np.array_equal(first, other)
        assert np.mean(first == other) < 0.02


def test_mixed_tells_parts_order_and_border_apart() -> None:
    hashes = {
        mixed(*parts)
        for parts in [(), (0,), (0, 0), (1,), (1, 0), (0, 1), ("a",), ("a", 0), ("ab",), ("a", "b"), (2**63,), (-1,)]
    }
    assert len(hashes) == 12
    assert all(0 <= h < 2**63 for h in hashes)
    assert len({mixed("x", i) for i in range(10_000)}) == 10_000


def test_generators_are_their_own() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = torch.rand(5, generator=generator("cpu", "w", 1))
    assert torch.equal(first, torch.rand(5, generator=generator("cpu", "w", 1)))
    assert not torch.equal(first, torch.rand(5, generator=generator("cpu", "w", 2)))
    assert torch.equal(before, torch.get_rng_state())
