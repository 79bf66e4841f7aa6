"""The certificate of what was frozen, in whole, stopped, restored and failed runs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch

from tests.engine.catalog.freezing.test_freezing import transfer_spec
from tests.engine.transfer.helpers import head_only, run_in
from workbench.engine.core.events import Certified, Command, Edit, Event, RunEnded, Stepped, Stop
from workbench.engine.run_store.run_folder import read_events
from workbench.engine.train import train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up


def test_the_certificate_proves_every_frozen_tensor(tmp_path: Path) -> None:
    training, events, folder = run_in(tmp_path, transfer_spec())
    proof = next(e for e in events if isinstance(e, Certified))
    assert proof.proven and not proof.broken and proof in tuple(read_events(folder))
    table = json.loads((folder / "certificate.json").read_text())
    state = training.network.module.state_dict()
    named = {row["tensor"]: row for row in table["frozen"]}
    wanted = [name for name in state if name.startswith(("net.conv1", "front."))]
    assert set(named) == set(wanted) and proof.tensors == len(wanted)
    for name, row in named.items():
        t = state[name]
        by_hand = hashlib.sha256(f"{tuple(t.shape)} {t.dtype} ".encode() + t.numpy().tobytes()).hexdigest()
        assert row["sha256_before"] == row["sha256_after"] == by_hand and row["unchanged"]
        assert (row["from_step"], row["to_step"]) == (0, table["steps"])
    assert named["net.conv1_norm.running_mean"]["block"] == "net.conv1"
    changed = {row["tensor"]: row.get("relative_change") for row in table["changed"]}
    assert "net.conv2.weight" in changed and "head.classifier.weight" in changed and not set(changed) & set(named)
    start = set_up(transfer_spec()).network.module.state_dict()["net.conv2.weight"].double()
    by_hand_change = float((state["net.conv2.weight"].double() - start).norm() / start.norm())
    assert changed["net.conv2.weight"] == pytest.approx(by_hand_change)
    shares = dict(zip(proof.changed, proof.shares, strict=True))
    assert shares["head"] is None  # it began at zero
    weights = [n for n, t in training.network.module.named_parameters() if n.startswith("net.conv2")]
    began = set_up(transfer_spec()).network.module.state_dict()
    moved = torch.cat([(state[n] - began[n]).flatten().double() for n in weights]).norm()
    length = torch.cat([began[n].flatten().double() for n in weights]).norm()
    assert shares["net.conv2"] == pytest.approx(float(moved / length))
    assert 0 < shares["net.conv2"] < 1
    counters = {r["tensor"]: r["counted"] for r in table["changed"] if r["tensor"].endswith("num_batches_tracked")}
    assert counters and set(counters.values()) == {float(table["steps"])}, "counted, and no change of weights"


@pytest.mark.parametrize(
    "what", ["net.conv1.weight", "net.conv1_norm.running_var", "net.conv1_norm.num_batches_tracked"]
)
def test_a_frozen_tensor_that_changes_fails_the_run(tmp_path: Path, what: str) -> None:
    def fault(event: Event, training: RunContext) -> Command | None:
        if isinstance(event, Stepped) and event.step == 2:
            with torch.no_grad():
                tensor = training.network.module.state_dict()[what].view(-1)
                tensor[0] = torch.nextafter(tensor[0], tensor[0] + 1) if tensor.is_floating_point() else 5
        return None

    _, events, folder = run_in(tmp_path, transfer_spec(), fault)
    ended = events[-1]
    assert isinstance(ended, RunEnded) and ended.reason == "failed"
    assert what in ended.message and "Do not trust" in ended.message
    assert not json.loads((folder / "certificate.json").read_text())["proven"]


def test_what_was_frozen_for_a_while_is_proven_for_that_while(tmp_path: Path) -> None:
    def move(event: Event, training: RunContext) -> Command | None:
        moves = {2: 0, 4: 2}
        return (
            Edit("model.freezing.line", moves[event.step])
            if isinstance(event, Stepped) and event.step in moves
            else None
        )

    asked: set[int] = set()

    def once(event: Event, training: RunContext) -> Command | None:
        if isinstance(event, Stepped) and event.step in asked:
            return None
        if isinstance(event, Stepped):
            asked.add(event.step)
        return move(event, training)

    _, _, folder = run_in(tmp_path, transfer_spec(loop__epochs=3), once)
    table = json.loads((folder / "certificate.json").read_text())
    frozen = {r["tensor"] for r in table["frozen"]}
    always = {r["tensor"] for r in table["frozen"] if (r["from_step"], r["to_step"]) == (0, table["steps"])}
    proof = next(e for e in read_events(folder) if isinstance(e, Certified))
    partly = f"{len(frozen - always)} that were frozen for a part of it did not change while they were"
    assert partly in proof.words and proof.words.endswith(f"{len(table['changed'])} have changed in all.")
    spans = [(r["from_step"], r["to_step"]) for r in table["frozen"] if r["tensor"] == "net.conv1.weight"]
    assert spans == [(0, 2), (4, table["steps"])] and table["proven"]
    assert [(r["from_step"]) for r in table["frozen"] if r["tensor"] == "net.conv2.weight"] == [4]


def test_a_restored_run_is_certified_as_if_never_stopped() -> None:
    """What was measured at the start of the run has not changed since."""
    first, saved, proofs = set_up(head_only()), [], []
    for event in train_loop(first):
        if isinstance(event, Stepped) and event.step == 2:
            saved.append(first.state.state())
        proofs += [event] if isinstance(event, Certified) else []
    again = set_up(head_only())
    again.state.restore(saved[0])
    proofs += [event for event in train_loop(again) if isinstance(event, Certified)]
    assert proofs[0] == proofs[1] and proofs[0].words.endswith("; 2 others changed.")


def test_a_stopped_run_is_certified_too(tmp_path: Path) -> None:
    def stop(event: Event, training: RunContext) -> Command | None:
        return Stop() if isinstance(event, Stepped) and event.step == 1 else None

    _, events, _ = run_in(tmp_path, transfer_spec(), stop)
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "stopped"
    assert any(isinstance(e, Certified) and e.proven for e in events)
