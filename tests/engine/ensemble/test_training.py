"""Ensembles: members as if trained alone, the average against a direct computation, one computation for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomlkit
import torch

from tests.engine.helpers import Recorder, nothing, record, small_spec
from tests.engine.training.short_runs import edits_at
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Edit,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.core.step_store import StepStore
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.report.verdict import Judge
from workbench.engine.run_store.history import History
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train, train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up

PLAIN = {"model": {"kind": "mlp", "hidden": [16, 8]}, "regularization": [], "augmentations": []}


def plain_spec(**edits: Any) -> ExperimentSpec:
    return small_spec(**{**PLAIN, "ensemble": {"kind": "independent", "members": 3}, **edits})


def ensemble_run(spec: ExperimentSpec, commands: Any = nothing, folder: RunFolder | None = None) -> Recorder:
    recorder = Recorder()
    drive(train(spec, folder, recorder.steps), commands, recorder.events.append)
    return recorder


def alone(spec: ExperimentSpec, number: int) -> RunContext:
    """Member ``number`` (from 0) trained by itself."""
    training = set_up(spec.ensemble.members_of(spec)[number])
    drive(train_loop(training), nothing, lambda event: None)
    return training


def probabilities(training: RunContext) -> np.ndarray:
    with torch.no_grad():
        logits = training.network.module.eval()(training.data.examples.batch(training.data.split.val)[0])
    return torch.softmax(logits.double(), 1).numpy()


def test_one_after_the_other_is_bit_exact_and_the_average_is_that_of_the_probabilities() -> None:
    """With batch norm, dropout and augmentation: everything random takes part."""
    spec = small_spec(ensemble={"kind": "independent", "members": 3})
    run = ensemble_run(spec)
    trainings = [alone(spec, number) for number in range(3)]
    made = [probabilities(training) for training in trainings]
    labels = trainings[0].data.examples.labels[trainings[0].data.split.val].numpy()
    last = run.of(EnsembleMeasured)[-1]
    assert last.members == tuple(pytest.approx((each.argmax(1) == labels).mean(), abs=1e-12) for each in made)
    mean = np.mean(made, axis=0)
    assert last.averaged.accuracy == (mean.argmax(1) == labels).mean()
    assert last.averaged.loss == pytest.approx(-np.log(mean[np.arange(len(labels)), labels]).mean(), rel=1e-5)
    assert len({*last.members}) > 1 and last.mean_member == pytest.approx(np.mean(last.members))
    assert last.parameters == 3 * trainings[0].network.parameters and len(last.seconds) == 3
    assert [e.epochs_done for e in run.of(EnsembleMeasured)] == [0, 1, 2, 3]
    assert [e.averages["ensemble"] for e in run.of(EpochEnded)] == [e.averaged for e in run.of(EnsembleMeasured)]


def test_the_curves_are_the_mean_of_the_members() -> None:
    spec = small_spec(ensemble={"kind": "independent", "members": 2})
    run, singles = ensemble_run(spec), [record(each) for each in spec.ensemble.members_of(spec)]
    want = np.mean([each.steps.read(0)[1][:, :4] for each in singles], axis=0)
    np.testing.assert_allclose(run.steps.read(0)[1][:, :4], want, rtol=1e-14)
    for ended, *each in zip(run.of(EpochEnded), *(s.of(EpochEnded) for s in singles), strict=True):
        for part in ("train_eval", "val"):
            for name in ("loss", "accuracy", "loss_se", "accuracy_se"):
                got = getattr(getattr(ended, part), name)
                assert got == pytest.approx(np.mean([getattr(getattr(e, part), name) for e in each]), rel=1e-14)
        assert ended.lr == each[0].lr and ended.step == each[0].step
    means = [e.val.accuracy for e in run.of(EpochEnded)]
    best = max(range(len(means)), key=means.__getitem__)
    assert [k for k, e in enumerate(run.of(EpochEnded)) if e.is_best][-1] == best == run.events[-1].best_epoch
    assert run.events[-1].best_accuracy == means[best]
    assert isinstance(run.events[0], RunStarted) and len(run.of(RunStarted)) == len(run.of(RunEnded)) == 1
    assert run.events[0].parameters == 2 * singles[0].events[0].parameters
    assert len(run.of(Stepped)) == run.steps.count


OPTIMIZERS = [
    {"kind": "sgd", "lr": 0.1, "weight_decay": 0.01},
    {"kind": "momentum", "lr": 0.05},
    {"kind": "nesterov", "lr": 0.05},
    {"kind": "adam", "lr": 0.01},
    {"kind": "rmsprop", "lr": 0.003},
    {"kind": "adagrad", "lr": 0.05},
    {"kind": "adamw", "lr": 0.01, "weight_decay": 0.1},
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o["kind"])
def test_computed_as_one_the_numbers_are_those_of_single_runs(optimizer: dict[str, Any]) -> None:
    penalties = [{"kind": "l2", "strength": 1e-3}, {"kind": "l1", "strength": 1e-4}]
    spec = plain_spec(optimizer=optimizer, regularization=penalties, schedule={"kind": "exponential", "a": 0.2})
    ensemble = EnsembleTraining(train_loop, spec)
    assert not ensemble.one_by_one
    drive(ensemble.run(), nothing, lambda event: None)
    for number, member in enumerate(ensemble.members):
        single = alone(spec, number)
        for (name, got), want in zip(
            member.context.network.module.named_parameters(), single.network.module.parameters(), strict=True
        ):
            torch.testing.assert_close(got, want, rtol=2e-3, atol=2e-4, msg=lambda m, n=name: f"{n}: {m}")
        got_steps, want_steps = (t.steps.read(0)[1][:, :4] for t in (member.context, single))
        np.testing.assert_allclose(got_steps, want_steps, rtol=2e-3, atol=2e-4)


def test_a_members_checkpoint_is_complete_when_computed_as_one() -> None:
    """Its optimizer state is that of a single run, so it can go on alone."""
    spec = plain_spec()
    ensemble = EnsembleTraining(train_loop, spec)
    drive(ensemble.run(), nothing, lambda event: None)
    for number, member in enumerate(ensemble.members):
        got = member.context.state.state()["optimizer"]["state"]
        want = alone(spec, number).state.state()["optimizer"]["state"]
        assert got.keys() == want.keys() != set()
        for key in want:
            assert got[key].keys() == want[key].keys()
            for name in want[key]:
                torch.testing.assert_close(got[key][name], want[key][name], rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"ensemble": {"kind": "independent", "members": 2, "differs": "optimizer.lr = [0.1, 0.01]"}}, "more than"),
        ({"model": {"kind": "mlp", "hidden": [8], "batch_norm": True}}, "plain MLP"),
        ({"regularization": [{"kind": "dropout", "p": 0.2}]}, "plain MLP"),
        ({"augmentations": [{"kind": "horizontal_flip", "p": 0.3}]}, "draws for every member"),
        ({"loop.patience": 3}, "early stopping"),
        ({"model": {"kind": "mlp", "hidden": [4000, 400]}}, "large enough"),
    ],
)
def test_the_rule_says_why_members_are_computed_one_by_one(edits: dict[str, Any], words: str) -> None:
    spec = plain_spec()
    for path, value in edits.items():
        spec = spec.edited(path, value)
    ensemble = EnsembleTraining(train_loop, spec)
    assert words in ensemble.one_by_one
    begun = next(event for event in ensemble.run() if isinstance(event, RunStarted))
    assert begun.steps_words.endswith(f" One member after the other: {ensemble.one_by_one}.")


def test_what_differs_reaches_the_members() -> None:
    differs = "optimizer.lr = [0.1, 0.01]; model.hidden = [[8], [16], [4]]"
    spec = plain_spec(ensemble={"kind": "independent", "members": 4, "differs": differs})
    members = spec.ensemble.members_of(spec)
    assert [m.loop.seed for m in members] == [0, 1, 2, 3]
    assert [m.optimizer.lr for m in members] == [0.1, 0.01, 0.1, 0.01]
    assert [m.model.hidden for m in members] == [(8,), (16,), (4,), (8,)]  # type: ignore[attr-defined]
    assert {m.ensemble.kind for m in members} == {"single"}
    run = ensemble_run(spec)
    assert len(run.of(EnsembleMeasured)[-1].members) == 4


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ("optimizer.lr", "needs a list"),
        ("optimizer.lr = 0.1", "needs a list"),
        ("optimizer.lr = [-1.0]", "optimizer.lr"),
        ("optimizer.nonsense = [1.0]", "not a known setting"),
        ("data.split_seed = [1, 2]", "all members share it"),
        ("loop.device = ['cpu']", "all members share it"),
    ],
)
def test_what_cannot_differ_is_said_before_the_start(differs: str, words: str) -> None:
    spec = ExperimentSpec().edited("ensemble", Independent(members=2, differs=differs))
    (problem,) = spec.problems()
    assert problem.path == "ensemble.differs" and problem.severity == "error" and words in problem.message


@pytest.mark.parametrize("as_one", [True, False])
def test_live_edits_reach_every_member(as_one: bool) -> None:
    spec = plain_spec() if as_one else small_spec(ensemble={"kind": "independent", "members": 2})
    ensemble = EnsembleTraining(train_loop, spec)
    assert bool(ensemble.one_by_one) is not as_one
    events: list[Any] = []
    drive(ensemble.run(), edits_at({4: Edit("optimizer.lr", 0.002), 9: Edit("loop.seed", 3)}), events.append)
    assert [(e.step, e.old, e.new) for e in events if isinstance(e, Edited)] == [(4, 0.01, 0.002)]
    assert [e.code for e in events if isinstance(e, Notice)] == ["edit_refused"]
    for member in ensemble.members:
        rates = member.context.steps.read(0)[1][:, 2]
        assert rates[3] == 0.01 and (rates[4:] == 0.002).all()
    want = record(spec.ensemble.members_of(spec)[1], edits_at({4: Edit("optimizer.lr", 0.002)}))
    got = ensemble.members[1].context.steps.read(0)[1]
    np.testing.assert_allclose(got[:, 0], want.steps.read(0)[1][:, 0], rtol=2e-3)


def test_an_edit_of_what_differs_is_refused() -> None:
    spec = plain_spec(ensemble={"kind": "independent", "members": 2, "differs": "optimizer.lr = [0.1, 0.01]"})
    run = ensemble_run(spec, edits_at({4: Edit("optimizer.lr", 0.5)}))
    (notice,) = run.of(Notice)
    assert notice.code == "edit_refused" and "differs between the members" in notice.message


@pytest.mark.parametrize("at", [RunStarted, Stepped, EpochEnded])
def test_stop_ends_all_members(at: type[Any], tmp_path: Path) -> None:
    told: list[Any] = []

    def commands(event: Any) -> Any:
        told.append(event)
        return Stop() if isinstance(event, at) and not [e for e in told[:-1] if isinstance(e, at)] else None

    spec = plain_spec()
    run = ensemble_run(spec, commands, RunFolder.create(spec, tmp_path))
    assert run.events[-1].reason == "stopped" and len(run.of(EpochEnded)) <= 1
    (folder,) = tmp_path.iterdir()
    for number in (1, 2, 3):
        ended = [e for e in read_events(folder / f"member-{number}") if isinstance(e, RunEnded)]
        assert [e.reason for e in ended] == ["stopped"]


def test_the_folder_holds_a_run_for_every_member_and_goes_into_the_pot(tmp_path: Path) -> None:
    spec = plain_spec()
    run = ensemble_run(spec, folder=RunFolder.create(spec, tmp_path))
    (folder,) = tmp_path.iterdir()
    read = list(read_events(folder))
    assert [e for e in read if isinstance(e, EnsembleMeasured)] == run.of(EnsembleMeasured)
    result = evaluate([folder])
    assert [m.name for m in result.measured] == [f"{folder.name}/member-{n}" for n in (1, 2, 3)]
    assert result.parameters == run.of(EnsembleMeasured)[-1].parameters


def test_a_member_that_diverges_is_left_out_and_the_others_go_on() -> None:
    differs = "optimizer.lr = [0.1, 1e7]"
    spec = plain_spec(
        optimizer={"kind": "sgd", "lr": 0.1}, ensemble={"kind": "independent", "members": 3, "differs": differs}
    )
    run = ensemble_run(spec)
    assert run.events[-1].reason == "completed"
    assert [len(e.members) for e in run.of(EnsembleMeasured)] == [3, 2, 2, 2]
    assert [n.message for n in run.of(Notice) if n.code == "ensemble"] == [
        "Member 2 has failed and is left out from here on."
    ]
    history = History()
    for event in run.events:
        history.fold(event)
    assert history.averaged_members == 2
    verdict = Judge(history).verdict()
    assert verdict.kind != "diverged" and verdict.split is not None, verdict  # it is about the two that go on


def test_all_members_failing_is_a_failed_run() -> None:
    run = ensemble_run(plain_spec(optimizer={"kind": "sgd", "lr": 1e7}, model={"kind": "mlp", "hidden": [16] * 5}))
    assert run.events[-1].reason == "failed"


def test_without_validation_there_is_nothing_to_average() -> None:
    run = ensemble_run(plain_spec(data__validation_fraction=0.0))
    assert not run.of(EnsembleMeasured) and run.events[-1].reason == "completed" and len(run.of(EpochEnded)) == 4


def test_members_share_the_examples() -> None:
    ensemble = EnsembleTraining(train_loop, plain_spec())
    assert len({id(member.context.data.examples) for member in ensemble.members}) == 1


# --- Snapshots


def snapshot_spec(**edits: Any) -> ExperimentSpec:
    return small_spec(ensemble={"kind": "snapshots", "every": 2}, loop__epochs=5, **edits)


def test_snapshots_are_averaged_and_change_nothing() -> None:
    spec = snapshot_spec()
    run, single = record(spec), record(spec.edited("ensemble", {"kind": "single"}))
    assert run.steps.read(0)[1][:, :4].tobytes() == single.steps.read(0)[1][:, :4].tobytes()
    measured = run.of(EnsembleMeasured)
    assert [(e.epochs_done, len(e.members)) for e in measured] == [(2, 1), (4, 2)]
    by_epoch = {e.epochs_done: e.val.accuracy for e in single.of(EpochEnded)}
    assert measured[-1].members == (by_epoch[2], by_epoch[4])
    assert measured[0].averaged.accuracy == by_epoch[2]
    assert [e.averages.get("ensemble") for e in run.of(EpochEnded)] == [
        None,
        None,
        *[measured[0].averaged] * 2,
        *[measured[1].averaged] * 2,
    ]


def test_the_average_of_snapshots_is_that_of_their_probabilities(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    spec = snapshot_spec()
    run = record(spec, folder=tmp_path)
    (folder,) = tmp_path.iterdir()
    training, made = set_up(spec), []
    for number in (1, 2):
        weights = load_file(folder / f"snapshot-{number}.safetensors")
        training.network.module.load_state_dict({n: w for n, w in weights.items() if "preprocessing" not in n})
        made.append(probabilities(training))
    labels = training.data.examples.labels[training.data.split.val].numpy()
    assert run.of(EnsembleMeasured)[-1].averaged.accuracy == (np.mean(made, axis=0).argmax(1) == labels).mean()
    assert not np.allclose(*made)


def test_snapshots_are_restored_with_the_run() -> None:
    spec = snapshot_spec()
    first = set_up(spec)
    run = train_loop(first)
    event = next(run)
    while not (isinstance(event, Stepped) and event.step == 17):  # in the third epoch of seven steps each
        event = run.send(None)
    saved = first.state.state()
    run.close()
    second = Recorder()
    resumed = set_up(spec, steps=second.steps)
    resumed.state.restore(saved)
    drive(train_loop(resumed), nothing, second.events.append)
    whole, rest = record(spec).of(EnsembleMeasured)[-1], second.of(EnsembleMeasured)[-1]
    assert (rest.members, rest.averaged) == (whole.members, whole.averaged) and len(rest.members) == 2


def test_a_stop_at_a_snapshot_does_not_take_it_twice() -> None:
    """Stopped where the epoch's snapshot is taken and its epoch is not closed: once at each such event."""
    spec = snapshot_spec()
    whole = record(spec)
    places = [k for k, e in enumerate(whole.events) if isinstance(e, EnsembleMeasured) and e.epochs_done == 2]
    for at in range(places[0] - 2, places[0] + 2):
        count = 0

        def commands(event: Any, at: int = at) -> Any:
            nonlocal count
            count += 1
            return Stop() if count == at + 1 else None

        stopped = set_up(spec)
        drive(train_loop(stopped), commands, lambda event: None)
        resumed, second = set_up(spec), Recorder()
        resumed.state.restore(stopped.state.state())
        drive(train_loop(resumed), nothing, second.events.append)
        got, want = (run.of(EnsembleMeasured)[-1] for run in (second, whole))
        assert (got.members, got.averaged) == (want.members, want.averaged) and len(got.members) == 2, at
        assert second.of(EpochEnded)[-1].averages == whole.of(EpochEnded)[-1].averages


def test_snapshots_follow_the_periods_of_the_rate() -> None:
    spec = small_spec(
        schedule={"kind": "cosine_restarts", "period": 2, "growth": 2}, ensemble={"kind": "snapshots"}, loop__epochs=15
    )
    assert not spec.problems()
    assert [e for e in range(16) if spec.ensemble.snapshot_after(e, spec)] == [2, 6, 14]
    (problem,) = spec.edited("schedule", {"kind": "constant"}).problems()
    assert problem.path == "ensemble.every" and "Cosine with restarts" in problem.message


def test_a_start_that_fails_is_on_record(tmp_path: Path) -> None:
    pictures = tmp_path / "nothing in it"
    pictures.mkdir()
    spec = plain_spec(data__source={"kind": "folder", "folder": str(pictures)})
    folder = RunFolder.create(spec, tmp_path)
    ended = drive(train(spec, folder, StepStore(16)), nothing, lambda event: None)
    assert ended.reason == "failed"


def test_the_settings_of_members_are_put_into_words_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and states hold them, and are written again and again. Members differ in two tables of about twelve."""
    made: list[str] = []
    monkeypatch.setattr(
        tomlkit, "dumps", lambda document, write=tomlkit.dumps: made.append(write(document)) or made[-1]
    )
    spec = small_spec(ensemble={"kind": "independent", "members": 6}, loop__epochs=2)
    ensemble_run(spec, folder=RunFolder.create(spec, tmp_path))
    assert len(made) == len(set(made)) and len(made) <= 15 + 2 * 2 * (1 + 6)
