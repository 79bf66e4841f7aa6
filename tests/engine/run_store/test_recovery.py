"""A run that diverges goes back to its last good state with a tenth of the rate; by itself three times at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.__main__ import main
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Edit, Edited, Evaluated, Event, Resumed
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.recovery import lower_rate, rate_words, way_back
from workbench.engine.run_store.run_folder import RunFolder, read_tape
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

MLP = ["--set", 'model={kind="mlp",hidden=[16],batch_norm="off"}', "--set", "loop.epochs=2"]


def the_run(parent: Path) -> Path:
    (run,) = (each for each in parent.iterdir() if each.is_dir())
    return run


def test_a_rate_that_is_too_high_is_lowered_until_it_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MLP, "--set", 'optimizer={kind="sgd",lr=1e6}', "--runs", str(tmp_path)]) == 0
    said = capsys.readouterr()
    lines = [line for line in said.out.splitlines() if line.startswith("Back to step ")]
    assert lines == ["Back to step 0 with learning rate 0.1, the default."]
    spec, edits = read_tape(the_run(tmp_path))
    rates = [each.new for each in edits if each.path == "optimizer.lr"]
    assert spec.optimizer.lr == 1e6 and rates == [0.1]


def test_without_going_back_it_ends_as_diverged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MLP, "--set", "optimizer.lr=1e6", "--go-back", "0", "--runs", str(tmp_path)]) == 1
    assert "Back to step" not in capsys.readouterr().out
    assert read_tape(the_run(tmp_path))[1] == ()


def test_what_was_raised_after_the_good_state_is_not_raised_again(tmp_path: Path) -> None:
    spec = ExperimentSpec().edited("model", {"kind": "mlp", "hidden": [16], "batch_norm": "off"})
    spec = spec.edited("loop.epochs", 3)
    folder, data, raised = RunFolder.create(spec, tmp_path), DataStore(), False

    def raise_it(event: Event) -> Edit | None:
        nonlocal raised
        if raised or not isinstance(event, Evaluated) or not event.step:
            return None
        raised = True
        return Edit("optimizer.lr", 1e7)

    ended = drive(train(spec, folder, StepStore(), data), raise_it, lambda event: None)
    assert ended.code == "diverged"
    back = way_back(folder.path)
    assert back is not None and back.rate == 0.005 and back.words.endswith("with learning rate 0.005")
    events: list[Event] = []
    again, reopened, start = back.reopened()
    ended = drive(train(again, reopened, StepStore(), data, start), lambda event: None, events.append)
    assert ended.reason == "completed" and ended.step == 69
    assert [each.new for each in events if isinstance(each, Edited)] == [0.005]
    assert [each.step for each in events if isinstance(each, Resumed)] == [back.step]
    assert len(read_steps_from(folder.path)[1]) == 69


def test_there_is_no_way_back_without_a_kept_state(tmp_path: Path) -> None:
    assert way_back(tmp_path) is None


@pytest.mark.parametrize("kind", list(members_of(Optimizer)))  # type: ignore[type-abstract]
@pytest.mark.parametrize("rate", [1e6, 0.5, 1e-4])
def test_the_rate_of_the_way_back_is_a_tenth_or_the_smaller_default(kind: str, rate: float) -> None:
    usual = ExperimentSpec()
    spec = usual if usual.optimizer.kind == kind else usual.edited("optimizer", {"kind": kind})
    default, lower = spec.optimizer.lr, lower_rate(spec.edited("optimizer.lr", rate))
    assert lower == pytest.approx(min(rate / 10, default), rel=0.05)
    if rate == 1e6:
        assert rate_words(spec.edited("optimizer.lr", lower)) == f"learning rate {default:g}, the default"
