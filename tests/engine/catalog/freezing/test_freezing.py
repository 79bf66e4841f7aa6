"""Freezing: what learns in which epoch, that nothing else changes, and that moving the line costs no memory."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from tests.engine.helpers import Recorder, nothing, record
from workbench.engine.catalog.freezing.gradual import Gradual
from workbench.engine.catalog.freezing.head_first import HeadFirst
from workbench.engine.catalog.freezing.line import FrozenBelow
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Certified, Command, Edit, Edited, Event, Notice, RunEnded, Stepped
from workbench.engine.run_store.replay import Tape
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.transfer.net import TransferNet

OPTIMIZERS = members_of(Optimizer)


def transfer_spec(**edits: Any) -> ExperimentSpec:
    """Few digits, the shipped backbone (two blocks below the head), everything learns but what ``edits`` freeze."""
    spec = ExperimentSpec()
    changes: dict[str, Any] = {
        "data.examples_per_class": 8,
        "data.validation_fraction": 0.02,  # of all digits; nothing here looks at a validation score
        "preprocessing": {"kind": "none"},
        "model": {"kind": "transfer", "freezing": {"kind": "line", "line": 1}},
        "optimizer": {"kind": "adam", "lr": 0.003},
        "regularization": [{"kind": "dropout", "p": 0.3}, {"kind": "l2", "strength": 1e-2}],
        "loop.epochs": 2,
        "loop.batch_size": 32,
    }
    for path, value in (changes | {name.replace("__", "."): v for name, v in edits.items()}).items():
        spec = spec.edited(path, value)
    return spec


def tensors(network: nn.Module, prefix: str) -> dict[str, torch.Tensor]:
    return {name: t.clone() for name, t in network.state_dict().items() if name.startswith(prefix)}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


# --- which blocks in which epoch -----------------------------------------------------------------------------------


def test_the_line_counts_from_the_input_and_is_never_above_the_head() -> None:
    assert [FrozenBelow(line=line).frozen_at(7, 4) for line in (None, 0, 3, 9)] == [4, 0, 3, 4]


def test_the_head_first_then_the_line() -> None:
    assert [HeadFirst(epochs=2, line=1).frozen_at(epoch, 4) for epoch in range(4)] == [4, 4, 1, 1]


def test_gradual_thaws_one_block_after_the_other_down_to_the_line() -> None:
    assert [Gradual(every=2, line=1).frozen_at(epoch, 4) for epoch in range(10)] == [4, 4, 3, 3, 2, 2, 1, 1, 1, 1]


def test_exceptions_stand_against_the_line() -> None:
    model = Transfer(freezing=FrozenBelow(line=2), trainable=(1,), frozen=(4, 99))
    assert model.frozen_in(0, 4) == {2, 4}


def test_rates_are_a_tenth_below_the_head_and_can_be_said_for_each_block() -> None:
    model = Transfer(rates=((2, 0.5),))
    assert [model.rate_of(number, 3) for number in (1, 2, 3, 4)] == [0.1, 0.5, 0.1, 1.0]


# --- nothing frozen moves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("line", [None, 1], ids=["head only", "one block"])
def test_every_optimizer_leaves_what_is_frozen_alone(kind: str, line: int | None) -> None:
    rate = 0.1 if kind == "lbfgs" else 1e-3
    spec = transfer_spec(
        optimizer={"kind": kind, "lr": rate, "weight_decay": 0.1},
        model__freezing__line=line,
        model__cache_features=False,
        averaging=[{"kind": "ema"}],
        augmentations=[{"kind": "horizontal_flip"}],
    )
    training = set_up(spec)
    net = training.network.module
    with torch.no_grad():
        net.get_parameter("net.conv1.weight").view(-1)[0] = -0.0  # not even its sign
    training.network.reuse.certificate.begin()  # type: ignore[union-attr]
    frozen = ("net.", "front.") if line is None else ("net.conv1", "front.")
    before = {prefix: tensors(net, prefix) for prefix in frozen}
    head, second = tensors(net, "head."), tensors(net, "net.conv2")
    ended = drive(train_loop(training), nothing, lambda event: None)
    assert ended.reason == "completed", ended
    for prefix, old in before.items():
        new = tensors(net, prefix)
        assert old and same(old, new)
        assert all(old[name].view(torch.uint8).equal(new[name].view(torch.uint8)) for name in old if old[name].dim())
    assert not same(head, tensors(net, "head."))
    assert same(second, tensors(net, "net.conv2")) == (line is None)
    own = [p for p in net.parameters() if not p.requires_grad]
    assert own and all(p.grad is None for p in own)
    if kind != "lbfgs":
        assert not any(p in training.state.optimizer.state for p in own)


def test_the_average_keeps_frozen_statistics() -> None:
    training = set_up(transfer_spec(averaging=[{"kind": "ema"}]))
    drive(train_loop(training), nothing, lambda event: None)
    average, net = training.averages[0].module, training.network.module
    assert same(tensors(average, "net.conv1"), tensors(net, "net.conv1"))
    assert not same(tensors(average, "net.conv2_norm"), tensors(net, "net.conv2_norm"))
    assert same(tensors(average, "head.scale"), tensors(net, "head.scale"))


def test_batch_norm_frozen_too() -> None:
    training = set_up(transfer_spec(model__freeze_norm=True, model__freezing__line=0))
    net = training.network.module
    norms, kernels = tensors(net, "net.conv2_norm"), tensors(net, "net.conv2.")
    drive(train_loop(training), nothing, lambda event: None)
    assert same(norms, tensors(net, "net.conv2_norm")) and not same(kernels, tensors(net, "net.conv2."))


def test_frozen_blocks_stay_as_at_test_time_whatever_is_switched() -> None:
    training = set_up(transfer_spec())
    net = training.network.module
    for mode in (True, False, True):
        net.train(mode)
        assert not net.get_submodule("net.conv1_norm").training
        assert net.get_submodule("net.conv2_norm").training is mode


# --- rates ---------------------------------------------------------------------------------------------------------


def test_a_block_learns_at_its_own_rate() -> None:
    """Plain SGD: the update is the rate times the gradient, so a tenth of the rate is a tenth of the update."""

    def change(rate: float) -> torch.Tensor:
        spec = transfer_spec(
            optimizer={"kind": "sgd", "lr": 0.01},
            regularization=[],
            model__rate_below=rate,
            loop__epochs=1,
            loop__batch_size=4096,
        )
        training = set_up(spec)
        weight = training.network.module.get_parameter("net.conv2.weight")
        old = weight.detach().clone()
        drive(train_loop(training), nothing, lambda event: None)
        return weight.detach() - old

    torch.testing.assert_close(change(1.0) * 0.25, change(0.25), rtol=1e-3, atol=1e-7)


def test_the_watched_number_knows_its_blocks_rate() -> None:
    from workbench.engine.core.observed import Watched

    spec = transfer_spec(optimizer={"kind": "momentum", "lr": 0.01}, loop__watch="net.conv2.weight[3]")
    watched = record(spec).of(Watched)
    assert watched and all(each.agrees for each in watched)


# --- live ----------------------------------------------------------------------------------------------------------


class Mover:
    """Moves the line at given steps, and looks at the optimizer just before and after."""

    def __init__(self, training: RunContext, moves: dict[int, Any], path: str = "model.freezing.line") -> None:
        self.training, self.moves, self.path = training, dict(moves), path
        self.memories: list[tuple[Any, Any]] = []

    def _memory(self) -> dict[str, Any]:
        state = self.training.state.optimizer.state
        named = self.training.network.module.named_parameters()
        return {name: copy.deepcopy(state[p]) for name, p in named if p in state}

    def __call__(self, event: Event) -> Command | None:
        if isinstance(event, Edited):
            self.memories[-1] = (self.memories[-1][0], self._memory())
        if isinstance(event, Stepped) and event.step in self.moves:
            self.memories.append((self._memory(), None))
            return Edit(self.path, self.moves.pop(event.step))
        return None


def test_moving_the_line_keeps_the_memory_of_what_stays_trainable() -> None:
    training = set_up(transfer_spec(model__freezing__line=0))
    mover = Mover(training, {2: 1})
    drive(train_loop(training), mover, lambda event: None)
    before, after = mover.memories[0]
    assert "net.conv1.weight" in before and "net.conv1.weight" not in after
    kept = [name for name in before if not name.startswith("net.conv1")]
    assert set(after) == set(kept)
    for name in kept:
        for entry, value in before[name].items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(after[name][entry])), (name, entry)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_line_can_be_moved_up_and_down_with_every_optimizer_and_replayed(kind: str) -> None:
    rate = 0.1 if kind == "lbfgs" else 1e-3
    epochs = 10 if OPTIMIZERS[kind].full_batch else 3  # full batch: one step an epoch
    spec = transfer_spec(optimizer={"kind": kind, "lr": rate}, model__freezing__line=0, loop__epochs=epochs)
    recorder = Recorder()
    training = set_up(spec, steps=recorder.steps)
    ended = drive(train_loop(training), Mover(training, {2: 2, 4: 1, 6: 0}), recorder.events.append)
    assert ended.reason == "completed", ended
    tape = recorder.of(Edited)
    assert [edit.new for edit in tape] == [2, 1, 0]
    proof = recorder.of(Certified)[0]
    assert proof.proven

    again = Recorder()
    second = set_up(spec, steps=again.steps)
    replay_into(second, tape, again)
    assert again.numbers() == recorder.numbers()
    assert same(training.network.module.state_dict(), second.network.module.state_dict())


def replay_into(training: RunContext, tape: list[Edited], recorder: Recorder) -> RunEnded:
    return drive(train_loop(training), Tape(tape), recorder.events.append)


@pytest.mark.parametrize(
    ("kind", "freezing"),
    [
        ("adam", {"kind": "head_first", "epochs": 1}),
        ("momentum", {"kind": "gradual", "every": 1}),
        ("lbfgs", {"kind": "gradual", "every": 2}),
    ],
)
def test_a_state_that_is_put_back_goes_on_to_the_last_bit(kind: str, freezing: dict[str, Any]) -> None:
    spec = transfer_spec(
        optimizer={"kind": kind, "lr": 0.1 if kind == "lbfgs" else 1e-3},
        model__freezing=freezing,
        loop__epochs=6 if kind == "lbfgs" else 3,
        averaging=[{"kind": "ema"}],
    )
    first = set_up(spec)
    saved: dict[str, Any] = {}
    for at in (1, 3, 5):
        run = train_loop(first)
        event = next(run)
        while not isinstance(event, RunEnded):
            if isinstance(event, Stepped) and event.step == at:
                saved = first.state.state()
            event = run.send(None)
        second = set_up(spec)
        second.state.restore(saved)
        events: list[Event] = []
        ended = drive(train_loop(second), nothing, events.append)
        assert ended.reason == "completed"
        assert same(first.network.module.state_dict(), second.network.module.state_dict()), at
        proofs = [e for e in events if isinstance(e, Certified)]
        assert proofs and proofs[0].proven
        first = set_up(spec)


def test_the_thaw_is_said() -> None:
    recorder = record(transfer_spec(model__freezing={"kind": "gradual", "every": 1}, loop__epochs=3))
    said = [notice.message for notice in recorder.of(Notice) if notice.code == "freezing"]
    assert said == ["From epoch 2 on block 2 learns too.", "From epoch 3 on block 1 learns too."]


# --- sentences -----------------------------------------------------------------------------------------------------


def test_nothing_left_to_train_is_said_before_the_start_and_refused_during_a_run() -> None:
    with pytest.raises(WorkbenchError, match="Nothing is left to train"):
        set_up(transfer_spec(model__frozen=[3], model__freezing__line=None))
    training = set_up(transfer_spec(model__freezing__line=None))
    events: list[Event] = []
    drive(train_loop(training), Mover(training, {1: (3,)}, "model.frozen"), events.append)
    said = [e.message for e in events if isinstance(e, Notice) and e.code == "edit_refused"]
    assert len(said) == 1 and "Nothing is left to train" in said[0]
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "completed"


def test_a_batch_of_one_with_batch_norm_that_learns_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="at least two examples"):
        set_up(transfer_spec(loop__batch_size=1))
    set_up(transfer_spec(loop__batch_size=1, model__freeze_norm=True))
    set_up(transfer_spec(loop__batch_size=1, model__freezing__line=None))


def test_a_last_batch_of_one_joins_the_one_before() -> None:
    training = set_up(transfer_spec(loop__batch_size=79))  # 80 examples
    assert training.batches.borders == [0, 80]
    assert drive(train_loop(training), nothing, lambda event: None).reason == "completed"


def test_both_lists_naming_a_block_is_a_problem() -> None:
    problems = transfer_spec(model__trainable=[1], model__frozen=[1]).problems()
    assert [p.path for p in problems if p.severity == "error"] == ["model.frozen"]


def test_a_rate_for_each_block_with_lbfgs_is_warned_of() -> None:
    problems = transfer_spec(optimizer={"kind": "lbfgs"}).problems()
    assert any(p.path == "model.rate_below" and p.severity == "warning" for p in problems)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_rest_learns_as_if_what_is_frozen_were_not_there(kind: str) -> None:
    """The head above frozen blocks against the same head alone with an optimizer of its own, weight decay on."""
    rate = 0.1 if OPTIMIZERS[kind].full_batch else 1e-2
    spec = transfer_spec(
        optimizer={"kind": kind, "lr": rate, "weight_decay": 0.05},
        model__freezing__line=None,
        model__cache_features=False,
        model__head_init={"kind": "he"},  # at zero, Adam and its like enlarge what rounding leaves of a gradient
        regularization=[],
        loop__epochs=8,
        loop__batch_size=4096,
    )
    training = set_up(spec)
    net = training.network.module
    assert isinstance(net, TransferNet)
    head = copy.deepcopy(net.head)
    drive(train_loop(training), nothing, lambda event: None)
    head.load_state_dict({name: t for name, t in net.head.state_dict().items() if "scale" in name}, strict=False)
    optimizer = spec.optimizer.build(head)
    x, y = training.data.examples.batch(training.data.split.train)
    with torch.no_grad():
        features = net.eval().features(x)
    for _ in range(8):
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(features), y).backward()
        optimizer.step()
    for name, parameter in head.named_parameters():
        torch.testing.assert_close(net.head.get_parameter(name), parameter, rtol=2e-3, atol=2e-4)
