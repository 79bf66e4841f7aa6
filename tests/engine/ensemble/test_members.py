"""Members that go different ways: they stop early, fail, take other batches; edits, copies and restored states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.ensemble.members import SPECS, fails_at, independent, weights, without_times
from tests.engine.ensemble.test_training import ensemble_run, plain_spec
from tests.engine.helpers import Recorder, nothing, record, small_spec
from tests.engine.training.short_runs import edits_at
from workbench.engine.catalog.ensembles.independent import Independent, overlap
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Edit,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunStarted,
    Stepped,
)
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.run_folder import RunFolder, read_tape
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train, train_loop

# --- what the curves mean


def test_a_member_that_stops_early_keeps_its_last_figures_in_the_curves() -> None:
    """The first member ends two epochs before the others; the curves stay the mean of all three."""
    spec = small_spec(ensemble=independent(3, "loop.epochs = [2, 4, 4]"))
    run, singles = ensemble_run(spec), [record(each) for each in spec.ensemble.members_of(spec)]
    each = [[e.val.accuracy for e in single.of(EpochEnded)] for single in singles]
    assert [len(a) for a in each] == [3, 5, 5]
    each[0] += each[0][-1:] * 2
    got = [e.val.accuracy for e in run.of(EpochEnded)]
    np.testing.assert_allclose(got, np.mean(each, axis=0), rtol=1e-12)
    assert [m.mean_member for m in run.of(EnsembleMeasured)] == pytest.approx(got)
    assert [e.epochs_done for e in run.of(EpochEnded)] == [0, 1, 2, 3, 4]


def test_every_epoch_has_the_same_number_of_steps_even_if_the_longest_member_has_ended() -> None:
    run = ensemble_run(SPECS["other epochs"]())
    per_epoch = run.events[0].steps_per_epoch
    assert [e.step for e in run.of(EpochEnded)] == [per_epoch * k for k in range(5)]
    assert run.steps.count == 4 * per_epoch == run.of(Stepped)[-1].step
    assert np.isfinite(run.steps.read(0)[1]).all()


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "nadam"])
def test_from_the_step_in_which_it_fails_a_member_does_not_move(optimizer: str) -> None:
    spec = plain_spec(optimizer={"kind": optimizer, "lr": 0.01, "weight_decay": 0.01})
    whole, broken = EnsembleTraining(train_loop, spec), EnsembleTraining(train_loop, spec)
    assert not broken.one_by_one
    spoil, held = fails_at(broken, 1, 5), []

    def sink(event: Event) -> None:
        spoil(event)
        if isinstance(event, Stepped) and event.step == 5:
            held.append((weights(broken)[1], broken.members[1].context.state.state()["optimizer"]["state"]))

    drive(whole.run(), nothing, lambda event: None)
    drive(broken.run(), nothing, sink)
    assert broken.members[1].failed and broken.members[1].context.state.progress.step == 5
    assert weights(broken)[1] == held[0][0]
    now = broken.members[1].context.state.state()["optimizer"]["state"]
    for key, kept in held[0][1].items():
        for name, value in kept.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(now[key][name])), name
    for number in (0, 2):
        assert weights(broken)[number] == weights(whole)[number]
        own, other = (e.members[number].context for e in (broken, whole))
        assert own.steps.read(0)[1][:, :4].tobytes() == other.steps.read(0)[1][:, :4].tobytes()
        got, want = (t.state.state()["optimizer"]["state"] for t in (own, other))
        assert all(torch.equal(got[k][n], want[k][n]) for k in want for n in want[k] if torch.is_tensor(want[k][n]))


def test_the_curves_go_on_without_a_member_that_has_failed() -> None:
    ensemble = EnsembleTraining(train_loop, plain_spec())
    events: list[Event] = []
    spoil = fails_at(ensemble, 0, 5)
    drive(ensemble.run(), nothing, lambda event: (events.append(event), spoil(event)))
    rows = ensemble.mean.steps.read(0)[1]
    assert np.isfinite(rows).all() and len(rows) == ensemble.members[1].context.state.progress.step
    others = [m.context.steps.read(0)[1][-1, 0] for m in ensemble.members[1:]]
    assert rows[-1, 0] == pytest.approx(np.mean(others))
    assert [len(e.members) for e in events if isinstance(e, EnsembleMeasured)] == [3, 2, 2, 2]


def test_a_member_that_early_stopping_ends_does_not_move_any_more() -> None:
    """Early stopping switched on in mid-run, while all are computed as one."""
    spec = plain_spec(loop__epochs=30, optimizer={"kind": "sgd", "lr": 0.3})
    ensemble = EnsembleTraining(train_loop, spec)
    assert not ensemble.one_by_one
    held: dict[int, bytes] = {}

    def sink(event: Event) -> None:
        for index, member in enumerate(ensemble.members):
            if member.ended is not None:
                held.setdefault(index, weights(ensemble)[index])

    drive(ensemble.run(), edits_at({2: Edit("loop.patience", 1)}), sink)
    ends = [member.context.state.progress.epoch for member in ensemble.members]
    assert len(set(ends)) > 1, "they end at different times, else this shows nothing"
    assert held == dict(enumerate(weights(ensemble)))


# --- edits


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("first", [RunStarted, EvalProgress, Stepped, EpochEnded])
def test_the_tape_gives_the_same_bits(name: str, first: type[Any], tmp_path: Path) -> None:
    """Edits at a few steps, and at whatever comes after the first epoch; and those of a member's own folder."""
    spec = SPECS[name]()
    plan = {1: Edit("optimizer.lr", 0.02), 4: Edit("optimizer.lr", 0.003), 15: Edit("optimizer.lr", 0.03)}
    epochs, late = 0, [Edit("optimizer.lr", 0.05)]

    def commands(event: Event) -> Any:
        nonlocal epochs
        epochs += isinstance(event, EpochEnded)
        if late and isinstance(event, first) and (epochs >= 2 or first is RunStarted):
            return late.pop()
        return plan.pop(event.step, None) if isinstance(event, Stepped) else None

    steered = Recorder()
    drive(train(spec, RunFolder.create(spec, tmp_path), steered.steps), commands, steered.events.append)
    (folder,) = tmp_path.iterdir()
    whole, tape = read_tape(folder)
    assert len(tape) >= 2 and not late and list(tape) == steered.of(Edited)
    again = ensemble_run(whole, Tape(tape))
    assert again.steps.read(0)[1][:, :4].tobytes() == steered.steps.read(0)[1][:, :4].tobytes()
    assert without_times(again.events) == without_times(steered.events)
    if name != "as one":
        own, edits = read_tape(folder / "member-2")
        alone = record(own, Tape(edits))
        assert alone.steps.read(0)[1][:, :4].tobytes() == read_steps_from(folder / "member-2")[1][:, :4].tobytes()


def test_an_edit_of_what_holds_a_difference_or_is_held_by_one_is_refused() -> None:
    for differs, path, value, words in (
        ("optimizer = [{kind = 'sgd', lr = 0.1}, {kind = 'adam', lr = 0.01}]", "optimizer.lr", 0.5, "is a part of"),
        ("averaging.0.decay = [0.9, 0.99]", "averaging.0.decay", 0.5, "averaging.0.decay differs"),
    ):
        spec = plain_spec(averaging=[{"kind": "ema"}]).edited("ensemble", Independent(members=2, differs=differs))
        assert not [p for p in spec.problems() if p.severity == "error"]
        ensemble = EnsembleTraining(train_loop, spec)
        before = [member.context.spec for member in ensemble.members]
        events: list[Any] = []
        drive(ensemble.run(), edits_at({2: Edit(path, value)}), events.append)
        (notice,) = [e for e in events if isinstance(e, Notice)]
        assert notice.code == "edit_refused" and words in notice.message
        assert [member.context.spec for member in ensemble.members] == before


def test_whatever_overwrote_a_difference_is_refused() -> None:
    """``optimizer`` as a whole can be no live setting today; the rule holds for any path."""
    spec = plain_spec(ensemble=independent(2, "optimizer.lr = [0.1, 0.01]"))
    ensemble = EnsembleTraining(train_loop, spec)
    run = ensemble.run()
    next(run)
    answer = run.send(Edit("optimizer", {"kind": "sgd", "lr": 0.5}))
    run.close()
    assert isinstance(answer, Notice) and "holds optimizer.lr, which differs" in answer.message


def test_an_edit_that_one_member_cannot_take_is_taken_by_none() -> None:
    """The second member alone has an augmentation; without a check the first would refuse and the second obey."""
    flip = {"kind": "horizontal_flip", "p": 0.3}
    spec = plain_spec(augmentations=[flip], ensemble=independent(2, "model = [{kind = 'mlp', hidden = [8]}]"))
    ensemble = EnsembleTraining(train_loop, spec)
    ensemble.members[1].context.state.spec = ensemble.members[1].context.spec.edited("augmentations", [])
    run = ensemble.run()
    next(run)
    answer = run.send(Edit("augmentations.0.p", 0.5))
    run.close()
    assert isinstance(answer, Notice) and answer.code == "edit_refused"
    assert ensemble.members[0].context.spec.augmentations[0].p == 0.3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ("optimizer.lr = [0.1, 0.01]; optimizer = [{kind = 'sgd'}]", "one would overwrite the other"),
        ("optimizer = [{kind = 'sgd'}]; optimizer.lr = [0.1, 0.01]", "one would overwrite the other"),
        ("loop = [{}, {}]", "all members share loop.device"),
    ],
)
def test_differences_that_overwrite_each_other_are_refused(differs: str, words: str) -> None:
    spec = ExperimentSpec().edited("ensemble", Independent(members=2, differs=differs))
    (problem,) = spec.problems()
    assert problem.path == "ensemble.differs" and words in problem.message


def test_paths_overlap_only_at_whole_parts() -> None:
    assert overlap("optimizer", "optimizer.lr") and overlap("optimizer.lr", "optimizer") and overlap("a.b", "a.b")
    assert not overlap("optimizer.lr", "optimizer.lr_factor") and not overlap("a.b", "a.c")


# --- looking inside


def test_computed_as_one_the_first_member_is_still_looked_into() -> None:
    """Its layers and its watched number are those of the single run, and torch agrees with the rule."""
    spec = plain_spec(loop__diagnostics=3)
    run, single = ensemble_run(spec), record(spec.ensemble.members_of(spec)[0])
    got, want = run.of(LayerStats), single.of(LayerStats)
    assert [e.step for e in got] == [e.step for e in want] != []
    for one, other in zip(got, want, strict=True):
        for layer, like in zip(one.layers, other.layers, strict=True):
            assert (layer.name, layer.layer, layer.activation) == (like.name, like.layer, like.activation)
            for part in ("values", "gradient", "old", "new"):
                a, b = (np.frombuffer(getattr(each, part), np.float32) for each in (layer, like))
                np.testing.assert_allclose(a, b, rtol=1e-2, atol=1e-4)
    watched = run.of(Watched)
    assert watched and all(each.agrees for each in watched) and watched[0].parameter == "fc1.weight"
    assert ensemble_run(spec.edited("loop.diagnostics", 0)).numbers()[0] == run.numbers()[0]
