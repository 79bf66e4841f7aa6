"""Layers over the rows of a batch that is shared: threads take the part of the processes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from workbench.engine.nn.batch_share import BatchShare, current_share, sharing
from workbench.engine.nn.stochastic_layers import Dropout, FractionalMaxPool, StochasticDepth, StochasticLayer


def shared(borders: list[int], work: Callable[[BatchShare], Any]) -> list[Any]:
    """What ``work`` gives for each share of a batch that is cut at ``borders``, computed side by side."""
    count = len(borders) - 1
    given: list[Tensor] = [torch.empty(0)] * count
    barrier = Barrier(count, timeout=30)

    def part(rank: int) -> Any:
        def gather(tensor: Tensor) -> Tensor:
            given[rank] = tensor.detach().clone()
            barrier.wait()
            found = torch.stack(given)
            barrier.wait()
            return found

        share = BatchShare(borders[rank], borders[rank + 1], borders[-1], gather)
        with sharing(share):
            return work(share)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(part, range(count)))


@pytest.mark.parametrize("borders", [[0, 3, 7], [0, 0, 7], [0, 7, 7], [0, 1, 2, 7]])
@pytest.mark.parametrize("shape", [(7, 3), (7, 3, 4, 5)])
def test_batch_norm_has_the_statistics_of_the_whole_batch(borders: list[int], shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 3 + 50
    weigh = torch.randn(shape, generator=torch.Generator().manual_seed(1))

    def made() -> nn.Module:
        norm = nn.BatchNorm1d(3) if len(shape) == 2 else nn.BatchNorm2d(3)
        nn.init.constant_(norm.weight, 1.5)
        return norm.train()

    whole, own = made(), x.clone().requires_grad_()
    y = whole(own)
    (y * weigh).sum().backward()

    def part(share: BatchShare) -> tuple[nn.Module, Tensor, Tensor]:
        norm, rows = made(), x[share.rows].clone().requires_grad_()
        out = norm(rows)
        (out * weigh[share.rows] * bool(share.count)).sum().backward()
        assert rows.grad is not None
        assert not rows.grad[share.count :].any()  # of another process's row
        return norm, out[: share.count], rows.grad[: share.count]

    parts = shared(borders, part)
    close = {"rtol": 1e-5, "atol": 1e-5}
    assert own.grad is not None
    torch.testing.assert_close(torch.cat([out for _, out, _ in parts]), y, **close)
    torch.testing.assert_close(torch.cat([gradient for _, _, gradient in parts]), own.grad, **close)
    for name, parameter in whole.named_parameters():
        summed = sum(norm.get_parameter(name).grad for norm, _, _ in parts)
        torch.testing.assert_close(summed, parameter.grad, **close)
    for norm, _, _ in parts:
        torch.testing.assert_close(norm.state_dict(), whole.state_dict(), **close)


def test_a_batch_of_one_value_leaves_finite_statistics() -> None:
    def part(share: BatchShare) -> nn.Module:
        norm = nn.BatchNorm1d(3).train()
        norm(torch.ones(1, 3)[share.rows])
        return norm

    for norm in shared([0, 1, 1], part):
        torch.testing.assert_close(norm.running_mean, torch.full((3,), 0.1))
        torch.testing.assert_close(norm.running_var, torch.full((3,), 0.9))  # its variance is 0, not 0 / 0


@pytest.mark.parametrize("layer", [Dropout(0.4), StochasticDepth(0.4, 1.0), FractionalMaxPool(1.5)])
def test_rows_get_the_masks_that_they_have_in_the_whole_batch(layer: StochasticLayer) -> None:
    x = torch.rand(7, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    layer.name = "layer"
    layer.train().at(3, 5)
    whole = layer(x)
    assert not torch.equal(whole[3:], layer(x[3:]))  # a mask of the rows alone is another one
    for start, stop in ((0, 3), (3, 7)):
        (rows,) = shared([0, 7], lambda _, at=(start, stop): _rows(layer, x, *at))
        assert torch.equal(rows, whole[start:stop])


def _rows(layer: StochasticLayer, x: Tensor, start: int, stop: int) -> Tensor:
    with sharing(BatchShare(start, stop, len(x), lambda each: each[None])):
        return layer(x[start:stop])  # type: ignore[no-any-return]


def test_a_share_without_rows_computes_one_and_evaluation_shares_nothing() -> None:
    assert BatchShare(0, 0, 4, lambda each: each).rows == slice(0, 1)
    assert BatchShare(4, 4, 4, lambda each: each).rows == slice(3, 4)
    norm, x = nn.BatchNorm1d(2).eval(), torch.ones(3, 2)
    with sharing(BatchShare(0, 3, 6, lambda _: pytest.fail("statistics are fixed in evaluation"))):
        assert torch.equal(norm(x), norm(x))
    assert current_share() is None
