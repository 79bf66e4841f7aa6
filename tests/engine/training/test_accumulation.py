"""A batch in parts gives the update of the whole batch, with a half of its memory."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.helpers import record, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Event, RunEnded
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.accumulation import more_parts, part_borders, part_size
from workbench.engine.training.set_up import set_up

PLAIN = {"kind": "mlp", "hidden": [16]}
WITHOUT_MASKS = {"model": PLAIN, "regularization": [{"kind": "l2", "strength": 1e-3}]}


@given(st.integers(1, 300), st.integers(1, 400))
def test_parts_are_complete_nearly_equal_and_never_single(examples: int, parts: int) -> None:
    sizes = [stop - start for start, stop in pairwise(part_borders(examples, parts))]
    assert sum(sizes) == examples and max(sizes) - min(sizes) <= 1 and len(sizes) <= parts
    assert min(sizes) >= min(2, examples)
    assert max(sizes) <= part_size(examples, parts)


@given(st.integers(1, 1000), st.integers(1, 64))
def test_more_parts_halve_the_memory(batch: int, parts: int) -> None:
    more = more_parts(batch, parts)
    if more is not None:
        assert part_size(batch, more) < part_size(batch, parts)
        assert more_parts(batch, more) is None or part_size(batch, more) >= 4


def test_no_more_parts_are_offered_than_the_setting_allows() -> None:
    assert more_parts(8192, 512) == 1024 and more_parts(8192, 1024) is None
    ExperimentSpec().edited("loop.accumulate", 1024)


def gradients(spec: ExperimentSpec, size: int) -> list[torch.Tensor]:
    """The gradients of the first step of ``spec``, from ``size`` examples."""
    run = set_up(spec)
    run.state.network.train()
    batch = next(iter(run.batches.rest_of_epoch()))
    for _ in run.step(batch[:size], 0.0):
        pass
    return [p.grad.clone() for p in run.state.network.parameters() if p.grad is not None]


@pytest.mark.parametrize("parts", [2, 3, 5])
@pytest.mark.parametrize(
    "edits",
    [
        {},
        {"data__class_weights": True},
        {"regularization": [{"kind": "label_smoothing"}]},
        {"augmentations": [{"kind": "mixup"}]},
        {"optimizer": {"kind": "gradient_descent"}},
    ],
    ids=["plain", "weighted classes", "label smoothing", "mixup", "full batch"],
)
def test_the_gradient_is_that_of_the_whole_batch(edits: dict[str, object], parts: int) -> None:
    """Weighted by examples: 31 are not divisible. Mixing draws within the batch, so a part mixes as the whole does."""
    spec = small_spec(**{**WITHOUT_MASKS, **edits})
    whole, cut = gradients(spec, 31), gradients(spec.edited("loop.accumulate", parts), 31)
    largest = max(float(each.abs().max()) for each in whole)
    for one, other in zip(whole, cut, strict=True):
        assert float((one - other).abs().max()) <= 1e-6 * max(1.0, largest)


def test_masks_are_those_of_seed_step_and_part() -> None:
    """Two parts draw differently, and the same run draws the same again."""
    spec = small_spec(model=PLAIN, loop__accumulate=2, loop__epochs=1)
    assert record(spec).numbers() == record(spec).numbers()
    run = set_up(spec)
    seen = []
    for layer in run.network.stochastic:
        layer.register_forward_pre_hook(lambda module, _: seen.append(module._moment))
    run.state.network.train()
    for _ in run.step(run.data.split.train[:8], 0.0):
        pass
    assert len(seen) == 2 and seen[0] != seen[1]


def out_of_memory_above(spec: ExperimentSpec, most: int, at_step: int = 0) -> tuple[RunEnded, int]:
    """Train ``spec`` where a forward pass of more than ``most`` examples fails from ``at_step`` on."""
    run = set_up(spec)

    def allocate(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        if module.training and len(inputs[0]) > most and run.state.progress.step >= at_step:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory")

    run.state.network.register_forward_pre_hook(allocate)
    ended = drive(train_loop(run), lambda event: None, _nothing)
    return ended, run.state.progress.step


def _nothing(event: Event) -> None:
    pass


@pytest.mark.parametrize("at_step", [0, 9])
def test_what_is_offered_when_memory_is_out_works(at_step: int) -> None:
    """TR09, TR10: the sentence names the setting; with it the same run ends well, with as many steps."""
    spec = small_spec()
    ended, step = out_of_memory_above(spec, 16, at_step)
    assert (ended.reason, ended.code, ended.path, step) == ("failed", "out_of_memory", "loop.accumulate", at_step)
    assert f"step {at_step + 1}: 32 examples" in ended.message and "loop.accumulate = 2" in ended.message
    parts = more_parts(spec.loop.batch_size, spec.loop.accumulate)
    again, steps = out_of_memory_above(spec.edited("loop.accumulate", parts), 16, at_step)
    assert again.reason == "completed" and steps == record(spec).steps.count


def test_when_memory_is_out_nothing_of_the_step_stays_in_it() -> None:
    """The first part of the batch has left its gradients, the second does not fit."""
    run, done = set_up(small_spec(loop__accumulate=2)), []

    def allocate(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        if module.training:
            done.append(len(inputs[0]))
        if len(done) == 2:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory")

    run.state.network.register_forward_pre_hook(allocate)
    assert drive(train_loop(run), lambda event: None, _nothing).code == "out_of_memory"
    assert done == [16, 16]
    assert all(parameter.grad is None for parameter in run.state.network.parameters())


def test_a_batch_that_cannot_be_divided_is_offered_nothing() -> None:
    ended, _ = out_of_memory_above(small_spec(loop__batch_size=3), 1)
    assert ended.code == "out_of_memory" and "A smaller model" in ended.message and "accumulate" not in ended.message


def test_an_evaluation_that_does_not_fit_is_done_in_smaller_parts() -> None:
    """The batch is not to blame, so it is not offered; the measurements are the same."""
    run = set_up(small_spec(loop__epochs=1))

    def allocate(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        if not module.training and len(inputs[0]) > 50:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    run.state.network.register_forward_pre_hook(allocate)
    events = list(train_loop(run))
    whole = record(small_spec(loop__epochs=1))
    assert events[-1].best_accuracy == whole.events[-1].best_accuracy  # type: ignore[union-attr]
