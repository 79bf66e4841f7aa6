"""Layer diagnostics: they change nothing, and their numbers are those of an independent NumPy transcription."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import record, small_spec
from workbench.engine.core.events import Edit, Edited, Event, Stepped
from workbench.engine.core.observed import LayerStat, LayerStats
from workbench.engine.diagnostics.layer_probe import HELD, SAMPLE, Diagnostics, _picked
from workbench.engine.report.layer_stats import BINS, numbers
from workbench.engine.run_store.run_folder import read_events
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up


@pytest.mark.parametrize("model", [{"kind": "small_cnn", "channels": [4], "hidden": [8]}, None], ids=["cnn", "mlp"])
def test_the_run_has_the_same_bits_with_and_without(model: Any) -> None:
    spec = small_spec(**({"model": model} if model else {}))
    runs = [record(spec.edited("loop.diagnostics", every)) for every in (0, 20, 1)]
    assert runs[0].numbers() == runs[1].numbers() == runs[2].numbers()
    assert not runs[0].of(LayerStats)
    assert len(runs[2].of(LayerStats)) == len(runs[2].of(Stepped))


def test_every_nth_step_and_a_live_change() -> None:
    def commands(event: Event) -> Any:
        return Edit("loop.diagnostics", 0) if isinstance(event, Stepped) and event.step == 9 else None

    run = record(small_spec(loop__diagnostics=4), commands)
    assert [e.step for e in run.of(LayerStats)] == [0, 4, 8]
    assert len(run.of(Edited)) == 1


def test_hooks_stand_only_during_a_measured_step() -> None:
    training = set_up(small_spec(loop__diagnostics=3))
    for event in train_loop(training):
        if isinstance(event, Stepped):
            assert not any(m._forward_hooks for m in training.network.module.modules())


def test_they_are_not_logged(tmp_path: Any) -> None:
    record(small_spec(), folder=tmp_path)
    folder = next(tmp_path.iterdir())
    assert not [e for e in read_events(folder) if isinstance(e, LayerStats)]


def test_full_batch_descent_is_measured_too() -> None:
    run = record(small_spec(optimizer={"kind": "gradient_descent", "lr": 0.1}, loop__diagnostics=1))
    assert len(run.of(LayerStats)) == 3


class Watched:
    """One step of plain SGD by hand, with the calls of a callback around it."""

    def __init__(self, net: nn.Module, x: torch.Tensor, rate: float = 0.1) -> None:
        watch = Diagnostics(small_spec(), net)
        weights = {name: p.detach().numpy().copy() for name, p in net.named_parameters()}
        watch.before_step(0)
        (net(x) ** 2).mean().backward()
        watch.before_update(0, rate)
        with torch.no_grad():
            for p in net.parameters():
                if p.grad is not None:
                    p -= rate * p.grad
        (event,) = watch.after_update(0, rate)
        assert isinstance(event, LayerStats)
        self.rows = {row.name: row for row in event.layers}
        self.old = weights
        self.gradients = {n: p.grad.numpy() for n, p in net.named_parameters() if p.grad is not None}


def test_the_numbers_of_a_small_network() -> None:
    generator = torch.Generator().manual_seed(3)
    net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 5), nn.Tanh(), nn.Linear(5, 3))
    with torch.no_grad():
        for p in net.parameters():
            p.normal_(0.0, 1.5, generator=generator)
        net[0].bias[:4] = -100.0  # four dead units
    x = torch.randn(30, 6, generator=generator)
    seen = Watched(net, x)
    w = seen.old
    hidden = np.maximum(0.0, x.numpy() @ w["0.weight"].T + w["0.bias"])
    tanh = np.tanh(hidden @ w["2.weight"].T + w["2.bias"])
    first, second, last = (numbers(seen.rows[name]) for name in ("0", "2", "4"))
    assert [row.activation for row in seen.rows.values()] == ["ReLU", "Tanh", ""]
    assert first.mean == pytest.approx(hidden.mean(), rel=1e-5) and first.std == pytest.approx(hidden.std(), rel=1e-5)
    assert first.zero == pytest.approx((hidden == 0).mean()) and first.zero > 4 / 12
    assert first.dead == pytest.approx((hidden.max(0) == 0).mean()) and first.dead >= 4 / 12
    assert second.saturated == pytest.approx((np.abs(tanh) > 0.99).mean()) and 0 < second.saturated < 1
    assert (first.saturated, second.zero, second.dead, last.zero, last.saturated) == (None,) * 5
    assert list(second.counts) == np.histogram(tanh, BINS, (-1, 1))[0].tolist() and sum(second.counts) == tanh.size
    for name, stat in (("0", first), ("2", second), ("4", last)):
        gradient = seen.gradients[f"{name}.weight"]
        assert stat.gradient_mean == pytest.approx(gradient.mean(), abs=1e-6)
        assert stat.gradient_std == pytest.approx(gradient.std(), rel=1e-4)
        wanted = 0.1 * np.linalg.norm(gradient) / np.linalg.norm(w[f"{name}.weight"])
        assert stat.update_ratio == pytest.approx(wanted, rel=1e-3)


def hooked_gradients(net: nn.Sequential, x: torch.Tensor, places: list[int]) -> list[Any]:
    """The gradient at the outputs of ``places``, by hand."""
    outputs = []
    for index, module in enumerate(net):
        x = module(x)
        if index in places:
            outputs.append(x)
    return [g.numpy() for g in torch.autograd.grad((x**2).mean(), outputs)]


@pytest.mark.parametrize("inplace", [False, True])
def test_the_gradient_that_comes_back_to_each_output(inplace: bool) -> None:
    generator = torch.Generator().manual_seed(5)
    net = nn.Sequential(nn.Linear(6, 10), nn.ReLU(inplace), nn.Linear(10, 5), nn.Tanh(), nn.Linear(5, 3))
    net.get_submodule("0").bias.data[:3] = -100.0
    watch = Diagnostics(small_spec(loop__diagnostics=1), net)
    for step in range(3):  # the first step copies, later ones hold
        x = torch.randn(30, 6, generator=generator)
        wanted = hooked_gradients(net, x, [1, 3, 4])
        net.zero_grad()
        watch.before_step(step)
        (net(x) ** 2).mean().backward()
        watch.before_update(step, 0.1)
        (event,) = watch.after_update(step, 0.1)
        assert isinstance(event, LayerStats)
        for row, gradient in zip(event.layers, wanted, strict=True):
            back = numbers(row).returned
            assert back is not None
            assert back.mean == pytest.approx(gradient.mean(), abs=1e-8)
            assert back.std == pytest.approx(gradient.std(), rel=1e-5)
            assert back.zero == pytest.approx((gradient == 0).mean())
            assert sum(back.counts) == (abs(gradient - gradient.mean()) <= 4 * gradient.std()).sum()
        assert numbers(event.layers[1]).returned != numbers(event.layers[2]).returned


def test_what_is_changed_in_place_behind_is_copied_at_every_step() -> None:
    net = nn.Sequential(nn.Linear(4, 40), nn.GELU(), nn.Hardtanh(-0.1, 0.1, inplace=True), nn.Linear(40, 2))
    watch = Diagnostics(small_spec(loop__diagnostics=1), net)
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    for step in range(3):
        watch.before_step(step)
        (net(x) ** 2).mean().backward()
        watch.before_update(step, 0.1)
        (event,) = watch.after_update(step, 0.1)
        assert isinstance(event, LayerStats)
        seen = numbers(event.layers[0])
        assert seen.mean + 4 * seen.std > 1.0 and seen.returned is not None and 0 < seen.returned.zero < 1


def test_large_activations_are_let_go() -> None:
    net = nn.Sequential(nn.Conv2d(1, 40, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(40 * 1024, 2))
    x = torch.randn(8, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    watch = Diagnostics(small_spec(loop__diagnostics=1), net)
    for step in range(2):
        watch.before_step(step)
        (net(x) ** 2).mean().backward()
        held = [row.held for row in watch._rows.values()]
        assert held[0] is None and HELD < 8 * 40 * 1024
        watch.before_update(step, 0.1)
        (event,) = watch.after_update(step, 0.1)
        assert isinstance(event, LayerStats) and all(row.back for row in event.layers)


class Attending(nn.Module):
    """Multi-head attention between two layers: it multiplies by its matrices without calling them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.last = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        return self.last(x + self.attention(x, x, x, need_weights=False)[0])  # type: ignore[no-any-return]


def test_attention_has_a_row() -> None:
    rows = Watched(Attending(), torch.randn(5, 7, 6, generator=torch.Generator().manual_seed(1))).rows
    assert list(rows) == ["first", "attention", "last"]
    seen = numbers(rows["attention"])
    assert rows["attention"].layer == "Attention" and seen.std > 0 and seen.returned is not None
    assert seen.update_ratio is not None and seen.gradient_std is not None


@pytest.mark.parametrize("memory", ["last", "transposed"])
def test_a_sample_of_another_order_of_memory_is_a_view(memory: str) -> None:
    x = torch.arange(4 * 3 * 6 * 5).float().view(4, 3, 6, 5)
    x = x.to(memory_format=torch.channels_last) if memory == "last" else x.permute(0, 2, 3, 1)
    assert sorted(_picked(x).tolist()) == list(range(x.numel()))
    assert _picked(x).data_ptr() == x.data_ptr()
    assert len(_picked(torch.ones(5, 1, 1).expand(5, 4, 3))) == 60


def test_a_sigmoid_saturates_at_both_ends() -> None:
    values = np.array([0.001, 0.02, 0.5, 0.995, 0.98], np.float32)
    assert numbers(LayerStat("a", "Linear", "Sigmoid", values.tobytes(), b"", b"", b"", b"")).saturated == 0.4


def test_what_is_no_number_has_no_histogram() -> None:
    for bad in (np.nan, np.inf):
        values = np.array([1.0, bad], np.float32).tobytes()
        assert numbers(LayerStat("a", "Linear", "ReLU", values, b"", b"", b"", b"")).counts == ()


def test_a_frozen_layer_and_zero_weights() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    net[0].weight.requires_grad_(False)
    with torch.no_grad():
        net[2].weight.zero_()
    rows = Watched(net, torch.randn(8, 4, generator=torch.Generator().manual_seed(0))).rows
    frozen, zero = numbers(rows["0"]), numbers(rows["2"])
    assert (frozen.gradient_mean, frozen.gradient_std, frozen.update_ratio) == (None, None, None)
    assert zero.update_ratio is None and zero.gradient_std is not None


def test_an_activation_that_works_in_place_is_seen_before_it_is_changed() -> None:
    net = nn.Sequential(nn.Linear(4, 40), nn.GELU(), nn.Hardtanh(-0.1, 0.1, inplace=True), nn.Linear(40, 2))
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    seen = numbers(Watched(net, x).rows["0"])
    assert seen.mean + 4 * seen.std > 1.0 and max(abs(seen.low), seen.high) > 0.2


@pytest.mark.parametrize("shape", [(64, 128), (64, 16, 8, 8), (7,), (64, 9, 32, 32), (3, 2049)], ids=str)
def test_a_sample_is_small_and_visits_every_unit(shape: tuple[int, ...]) -> None:
    units = torch.arange(shape[-1] if len(shape) < 3 else shape[1]).float()
    x = (units if len(shape) < 3 else units.view(-1, 1, 1)).expand(shape).contiguous()
    picked = _picked(x)
    assert len(picked) <= SAMPLE
    if len(units) < 200:
        assert len(picked.unique()) == len(units)


@pytest.mark.parametrize("version", ["ShiftedWindowAttention", "ShiftedWindowAttentionV2"])
def test_torchvisions_windowed_attention_has_a_row(version: str) -> None:
    from torchvision.models import swin_transformer

    class Windows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = getattr(swin_transformer, version)(8, [2, 2], [0, 0], 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.attention(x)  # type: ignore[no-any-return]

    rows = Watched(Windows(), torch.randn(3, 4, 4, 8, generator=torch.Generator().manual_seed(1))).rows
    seen = numbers(rows["attention"])
    assert rows["attention"].layer == "Attention" and seen.returned is not None and seen.update_ratio
