"""Features of a frozen backbone computed once; ensembles and diagnostics on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.catalog.freezing.test_freezing import transfer_spec
from tests.engine.helpers import nothing, record
from tests.engine.transfer.helpers import head_only, run_in
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Certified, Command, Edit, EpochEnded, Event, Notice, RunEnded, Stepped, Stop
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.report.layer_stats import numbers
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.train import train, train_loop
from workbench.engine.training.practice import practice_step
from workbench.engine.training.set_up import set_up
from workbench.engine.transfer.net import TransferNet
from workbench.engine.transfer.reuse import NOTHING_LEFT


def test_cached_features_give_the_same_run_within_rounding() -> None:
    cached, plain = record(head_only()), record(head_only(model__cache_features=False))
    a, b = (each.steps.read(0)[1][:, 0] for each in (cached, plain))
    np.testing.assert_allclose(a, b, rtol=1e-4)
    for left, right in zip(cached.of(EpochEnded), plain.of(EpochEnded), strict=True):
        assert left.val.loss == pytest.approx(right.val.loss, rel=1e-4)


def test_the_backbone_runs_once_and_never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    training = set_up(head_only(loop__epochs=4))
    training.network.module.get_submodule("net.conv1").register_forward_hook(lambda _m, i, _o: seen.append(len(i[0])))
    drive(train_loop(training), nothing, lambda event: None)
    train, val = len(training.data.split.train), len(training.data.split.val)
    assert sum(seen) == train + (train + val)  # for the scale of the features, then for the features


@pytest.mark.parametrize(
    "edits",
    [
        {"augmentations": [{"kind": "horizontal_flip"}]},
        {"model__freezing": {"kind": "line", "line": 1}},
        {"model__trainable": (1,)},
        {"model__cache_features": False},
    ],
    ids=["augmentation", "line", "exception", "off"],
)
def test_nothing_is_cached_where_something_below_can_change(edits: dict[str, Any]) -> None:
    training = set_up(head_only().edited("loop.epochs", 1))
    for path, value in edits.items():
        training = set_up(training.initial.edited(path.replace("__", "."), value))
    drive(train_loop(training), nothing, lambda event: None)
    assert training.network.reuse.features is None
    control = set_up(head_only(loop__epochs=1))
    drive(train_loop(control), nothing, lambda event: None)
    assert control.network.reuse.features is not None


def test_features_are_dropped_at_the_thaw_and_made_anew_when_all_is_frozen_again() -> None:
    training = set_up(head_only(loop__epochs=3))
    held: list[Any] = []
    moves = {2: 1, 5: None}

    def command(event: Event) -> Command | None:
        if isinstance(event, Stepped):
            held.append(training.network.reuse.features)
            if event.step in moves:
                return Edit("model.freezing.line", moves.pop(event.step))
        return None

    drive(train_loop(training), command, lambda event: None)
    assert held[0] is not None and held[3] is None and held[-1] is not None and held[-1] is not held[0]
    net = training.network.module
    assert isinstance(net, TransferNet)
    with torch.no_grad():
        fresh = net.eval().features(training.data.examples.batch(training.data.split.val)[0])
    torch.testing.assert_close(training.network.reuse.features.batch(training.data.split.val)[0], fresh)  # type: ignore[union-attr]


def test_the_same_spec_gives_the_same_bits_with_cached_features() -> None:
    assert record(head_only()).numbers() == record(head_only()).numbers()


def test_stop_while_features_are_computed_ends_the_run() -> None:
    from workbench.engine.core.events import EvalProgress

    training = set_up(head_only())
    events: list[Event] = []
    drive(train_loop(training), lambda e: Stop() if isinstance(e, EvalProgress) else None, events.append)
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "stopped"
    assert not any(isinstance(e, Stepped) for e in events)


def test_members_of_an_ensemble_share_the_backbone_and_each_is_certified(tmp_path: Path) -> None:

    spec = head_only(ensemble={"kind": "independent", "members": 2})
    folder = RunFolder.create(spec, tmp_path)
    events: list[Event] = []
    ended = drive(train(spec, folder), nothing, events.append)
    assert ended.reason == "completed", ended
    said = [e.words[:9] for e in events if isinstance(e, Certified)]
    assert said == ["Member 1:", "Member 2:"]
    for number in (1, 2):
        assert json.loads((folder.path / f"member-{number}" / "certificate.json").read_text())["proven"]


def test_members_of_an_ensemble_refuse_to_freeze_everything() -> None:
    from workbench.engine.ensemble.training import EnsembleTraining

    ensemble = EnsembleTraining(train_loop, head_only(ensemble={"kind": "independent", "members": 2}))
    run = ensemble.run()
    next(run)
    answer = run.send(Edit("model.frozen", [3]))
    run.close()
    assert isinstance(answer, Notice) and (answer.code, answer.message) == ("edit_refused", NOTHING_LEFT)
    assert ensemble.spec.at("model.frozen") == ensemble.members[0].context.spec.at("model.frozen") == ()


def test_the_layers_are_seen_where_the_head_trains_on_cached_features() -> None:
    run = record(head_only(loop__diagnostics=1))
    rows = [numbers(row) for stats in run.of(LayerStats) for row in stats.layers]
    assert {row.name for stats in run.of(LayerStats) for row in stats.layers} == {"head.classifier"}
    assert len(rows) == run.steps.count and all(row.returned is not None for row in rows)
    assert rows[-1].std > 0.0 and rows[-1].update_ratio  # the head may begin with zeros


def test_a_number_of_a_block_can_be_watched_once_it_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.diagnostics import weight_probe

    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
    thaws = {"kind": "transfer", "freezing": {"kind": "head_first", "epochs": 1, "line": 0}}
    name = next(n for n, p in set_up(head_only()).network.module.named_parameters() if p.dim() > 1)
    seen = record(transfer_spec(model=thaws, loop__watch=f"{name}[3]")).of(Watched)
    assert (seen[0].parameter, seen[-1].parameter) == ("head.classifier.weight", name)


def test_where_the_watched_number_is_frozen_another_one_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.diagnostics import weight_probe

    def freeze(event: Event) -> Command | None:
        return Edit("model.frozen", [1]) if isinstance(event, Stepped) and event.step == 2 else None

    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
    learns = {"kind": "transfer", "freezing": {"kind": "line", "line": 0}}
    seen = record(transfer_spec(model=learns), freeze).of(Watched)
    first = seen[0].parameter
    assert [w.parameter == first for w in seen[:4]] == [True, True, False, False]


def test_the_range_test_works_with_frozen_parts() -> None:
    from workbench.engine.experiments.lr_finder import Sweep, range_test

    assert len(list(range_test(transfer_spec(), Sweep(1e-5, 1e-2, 10)))) == 10


def test_below_the_head_nothing_has_a_gradient() -> None:
    training = set_up(head_only(model__cache_features=False))
    practice_step(training, 1e-3)
    net = training.network.module
    assert all((p.grad is not None) == name.startswith("head.") for name, p in net.named_parameters())


def test_a_transfer_run_can_be_used_again_itself(tmp_path: Path) -> None:
    first, _, folder = run_in(tmp_path, transfer_spec())
    again = set_up(transfer_spec(model__weights=str(folder / "last.safetensors"), model__freezing__line=None))
    x = torch.rand(4, 1, 8, 8)
    with torch.no_grad():
        old, new = first.network.module.eval(), again.network.module.eval()
        assert isinstance(old, TransferNet) and isinstance(new, TransferNet)
        features = new.features(x)
        wanted = old.head.get_submodule("scale")(old.features(x))
    torch.testing.assert_close(features, wanted)
    assert drive(train_loop(again), nothing, lambda event: None).reason == "completed"
