"""The list of weights that the wizard offers: one's own finished runs are among them, transfer runs too."""

from __future__ import annotations

from pathlib import Path

from tests.engine.helpers import record, small_spec
from workbench.bridge.weights.find_weights import Choice, describing, looking
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.events import RunEnded


def test_own_transfer_runs_are_offered_and_can_be_used_again(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    edits = {"regularization": [], "loop__epochs": 1, "data__examples_per_class": 4}
    record(small_spec(model={"kind": "small_cnn"}, **edits), folder=runs)
    reused = record(small_spec(model={"kind": "transfer"}, **edits), folder=runs)
    assert reused.of(RunEnded)[-1].reason == "completed"
    found: tuple[Choice, ...] = looking(None, runs)(lambda share, words: None, lambda: False)
    own = [choice for choice in found if choice.where == "trained here"]
    assert len(own) == 2 and len({choice.key for choice in own}) == 2
    transfer = next(choice for choice in own if Transfer.title in choice.what)
    assert transfer.path is not None
    assert describing(transfer.path)(lambda share, words: None, lambda: False).usable
    again = record(small_spec(model={"kind": "transfer", "weights": transfer.key}, **edits))
    assert again.of(RunEnded)[-1].reason == "completed"
