"""Threads, precision and memory format that are measured at the start of a run: the choice, its record, going on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.helpers import Recorder, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Command, Event, Notice, Resumed, RunEnded, RunStarted, Stepped, Stop
from workbench.engine.data.store import DataStore
from workbench.engine.nn import arithmetic
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.run_folder import RunFolder, read_events, read_tape
from workbench.engine.run_store.start import Fork, Start
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load
from workbench.engine.train import train, train_loop
from workbench.engine.training import beginning, fastest
from workbench.engine.training.fastest import Times, Way, chosen, words
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.training.written_step import WrittenStep

CNN = {"kind": "small_cnn", "channels": [4, 8], "hidden": [8]}
SPEC = small_spec(model=CNN, loop__epochs=2, loop__fastest=True)
BOTH = Way(2, "bf16", "channels_last")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two cores and bfloat16, which torch computes anywhere."""
    before = torch.get_num_threads()
    monkeypatch.setattr(fastest, "cores", lambda: 2)
    monkeypatch.setattr(arithmetic, "has_bf16_instructions", lambda: True)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Way]:
    """The steps that were timed; those in both at 2 threads seem to be the fastest. The first of each way is made."""
    made: list[Way] = []

    def seconds(run: RunContext, indices: Any) -> float:
        how = run.network.arithmetic
        way = Way(run.where.threads, how.precision, how.memory_format)
        if way not in made:
            real(run, indices)
        made.append(way)
        return 0.01 if made[-1] == BOTH else 0.03

    real = fastest._seconds
    monkeypatch.setattr(fastest, "_seconds", seconds)
    return made


def trained(
    spec: ExperimentSpec, folder: RunFolder | None = None, start: Start | None = None, stop_at: int = -1, left: int = 0
) -> Recorder:
    def command(event: Event) -> Command | None:
        return Stop() if isinstance(event, Stepped) and event.step == stop_at else None

    got = Recorder()
    drive(train(spec, folder, got.steps, DataStore(), start, left), command, got.events.append)
    return got


def curves(got: Recorder) -> bytes:
    return np.asarray(got.steps.read(0)[1][:, :4]).tobytes()


def loop_of(got: Recorder) -> tuple[Any, ...]:
    (started,) = got.of(RunStarted)
    return tuple(started.spec["loop"][name] for name in ("fastest", "threads", "precision", "memory_format"))


# --- the choice -----------------------------------------------------------------------------------------------------


def test_the_simplest_of_those_that_are_about_as_fast_is_chosen() -> None:
    one, two = Way(1), Way(2)
    bf16, last = Way(1, "bf16"), Way(1, "float32", "channels_last")
    assert chosen({one: 1.0, bf16: 0.97, last: 0.96, two: 0.92}) == one
    assert chosen({one: 1.0, last: 0.9}) == last
    assert chosen({one: 1.0, bf16: 0.50, last: 0.51}) == last
    assert chosen({one: 1.0, bf16: 0.50, last: 0.60}) == bf16
    assert chosen({one: 1.0, two: 0.8}) == two
    assert chosen({one: 1.0, two: 6.0}) == one


def test_on_a_busy_machine_it_is_never_a_tenth_slower_than_one_thread() -> None:
    """Whatever the times are, what is chosen took at most a tenth longer than the best with one thread."""
    drawn = np.random.default_rng(0)
    ways = list(fastest._ways(SPEC, "cpu", has_bf16=True, most=2))
    for _ in range(300):
        means = dict(zip(ways, drawn.uniform(0.5, 2.0, len(ways)), strict=True))
        single = min(seconds for way, seconds in means.items() if way.threads == 1)
        assert means[chosen(means)] <= 1.1 * single


def test_what_was_chosen_and_why_is_said_in_words() -> None:
    means = {Way(1): 0.0084, BOTH: 0.0021}
    assert words(BOTH, means) == (
        "Measured as the fastest of 2 ways: bfloat16, channels last, 2 threads, 2.1 ms a step. "
        "That is 4.0 times as fast as float32, contiguous, 1 thread."
    )
    said = words(Way(1), {Way(1): 0.0084}, "This processor has none.")
    assert said.endswith("8.4 ms a step. No other was clearly faster. bfloat16 was not tried. This processor has none.")


def test_what_is_far_behind_is_not_measured_again() -> None:
    times = Times()
    for way, seconds in ((Way(1), 1.0), (Way(2), 1.6), (Way(1, "bf16"), 1.4)):
        times.add(way, seconds)
    assert [way for way in times.means if times.is_behind(way)] == [Way(2)]
    assert not times.is_behind(Way(4))  # not measured yet


def test_several_threads_count_with_their_slowest_round() -> None:
    times = Times()
    for one, two in ((1.0, 0.5), (1.2, 0.5), (1.1, 4.0)):
        times.add(Way(1), one)
        times.add(Way(2), two)
    assert times.means == pytest.approx({Way(1): 1.1, Way(2): 4.0}) and chosen(times.means) == Way(1)


@pytest.mark.parametrize(("most", "threads"), [(1, {1}), (2, {1, 2}), (7, {1, 2, 4, 7}), (16, {1, 2, 4, 8, 16})])
def test_threads_are_doubled_up_to_the_cores(most: int, threads: set[int]) -> None:
    assert {way.threads for way in fastest._ways(SPEC, "cpu", has_bf16=True, most=most)} == threads


def test_only_ways_that_make_a_difference_are_measured() -> None:
    mlp, several = small_spec(), small_spec(ensemble={"kind": "independent", "members": 2})
    assert list(fastest._ways(mlp, "cpu", has_bf16=True, most=1)) == [Way(1), Way(1, "bf16")]
    assert list(fastest._ways(several, "cpu", has_bf16=True, most=1)) == [Way(1)]
    assert len({way.threads for way in fastest._ways(SPEC, "cuda", has_bf16=True, most=8)}) == 1


# --- a run ----------------------------------------------------------------------------------------------------------


def test_a_run_uses_and_records_what_was_measured(asked: list[Way], tmp_path: Path) -> None:
    folder = RunFolder.create(SPEC, tmp_path)
    got = trained(SPEC, folder)
    assert len(set(asked)) == 8 and all(asked.count(way) >= 9 for way in set(asked))
    assert asked.count(BOTH) == 3 * 9 and asked.count(Way(1)) == 9  # three times as slow: not measured again
    assert loop_of(got) == (True, 2, "bf16", "channels_last")
    (started,) = got.of(RunStarted)
    assert started.threads == 2 and started.measured.startswith("Measured as the fastest of 8 ways: bfloat16, ")
    assert next(iter(read_events(folder.path))).measured == started.measured  # type: ignore[union-attr]
    assert load(folder.path / "spec.toml").loop.precision == "bf16"
    assert got.of(RunEnded)[0].reason == "completed"


def test_measuring_changes_nothing_of_the_run(asked: list[Way]) -> None:
    assert curves(trained(SPEC)) == curves(trained(BOTH.of(SPEC).edited("loop.fastest", False)))


def test_a_window_keeps_a_core(asked: list[Way]) -> None:
    trained(SPEC, left=1)
    assert {way.threads for way in asked} == {1}


def test_a_full_batch_optimizer_is_measured_by_one_part(asked: list[Way]) -> None:
    got = trained(SPEC.edited("optimizer", {"kind": "lbfgs"}).edited("loop.epochs", 1))
    assert len(set(asked)) == 8 and loop_of(got)[2] == "bf16" and got.of(RunEnded)[0].reason == "completed"


@pytest.mark.parametrize("several", [{"ensemble": {"kind": "independent", "members": 2}}, {"data__folds": 2}])
def test_every_member_computes_as_it_was_measured(asked: list[Way], several: dict[str, Any], tmp_path: Path) -> None:
    spec = small_spec(model=CNN, loop__epochs=1, loop__fastest=True, **several)
    folder = RunFolder.create(spec, tmp_path)
    got = trained(spec, folder)
    assert loop_of(got)[1:] == (2, "bf16", "channels_last") and got.of(RunStarted)[0].measured
    members = [load(folder.path / f"member-{number}" / "spec.toml").loop for number in (1, 2)]
    assert [(each.threads, each.precision) for each in members] == [(2, "bf16")] * 2


def test_a_run_goes_on_as_it_was_measured(asked: list[Way], tmp_path: Path) -> None:
    whole = trained(SPEC)
    folder = RunFolder.create(SPEC, tmp_path)
    trained(SPEC, folder, stop_at=9)
    asked.clear()
    again = trained(*reopened(folder.path))
    assert asked == [] and again.of(Resumed)[0].proof == "equal"
    assert "settings" not in again.of(Resumed)[0].words  # its settings file was not changed by others
    assert again.of(RunStarted)[0].measured.startswith("Measured as the fastest")
    assert curves(again) == curves(whole)


def test_a_fork_takes_over_what_its_parent_has_measured(asked: list[Way], tmp_path: Path) -> None:
    folder = RunFolder.create(SPEC, tmp_path)
    whole = trained(SPEC, folder)
    asked.clear()
    branch = RunFolder.create(SPEC, tmp_path)
    got = trained(SPEC, branch, Fork(folder.path, step=7))
    assert asked == [] and loop_of(got) == (True, 2, "bf16", "channels_last")
    assert got.of(RunStarted)[0].measured == whole.of(RunStarted)[0].measured
    assert np.array_equal(got.steps.read(7)[1][:, :4], whole.steps.read(7)[1][:, :4])
    assert load(branch.path / "spec.toml").loop.precision == "bf16"


def test_a_replay_repeats_it_without_measuring(asked: list[Way], tmp_path: Path) -> None:
    folder = RunFolder.create(SPEC, tmp_path)
    whole = trained(SPEC, folder)
    asked.clear()
    spec, _ = read_tape(folder.path)
    assert curves(trained(spec)) == curves(whole) and asked == []


def test_without_bfloat16_the_other_ways_are_measured(asked: list[Way], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "has_bf16_instructions", lambda: False)
    got = trained(SPEC)
    assert {way.precision for way in asked} == {"float32"} and len(set(asked)) == 4
    assert loop_of(got) == (True, 1, "float32", "contiguous")
    assert "bfloat16 was not tried. This processor has no instructions for bfloat16" in got.of(RunStarted)[0].measured


def test_a_stop_while_it_is_measured_trains_nothing(asked: list[Way], tmp_path: Path) -> None:
    folder, events = RunFolder.create(SPEC, tmp_path), list[Event]()

    def command(event: Event) -> Command | None:
        return Stop() if getattr(event, "words", "") == "Measuring what is fastest" else None

    drive(train(SPEC, folder), command, events.append)
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "stopped" and len(asked) < 20
    assert not folder.path.exists()


# --- without measuring ----------------------------------------------------------------------------------------------


def test_bfloat16_is_refused_where_the_processor_has_no_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SPEC.edited("loop.fastest", False).edited("loop.precision", "bf16")
    monkeypatch.setattr(arithmetic, "has_bf16_instructions", lambda: False)
    with pytest.raises(SpecError, match="no instructions for bfloat16 and would be slower in it") as refused:
        list(train(spec))
    (mend,) = refused.value.problems[0].mends
    assert (mend.path, mend.value) == ("loop.precision", "float32")
    set_up(spec.edited(mend.path, mend.value))


def test_a_run_in_bfloat16_does_not_go_on_in_other_numbers_silently(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = SPEC.edited("loop.fastest", False).edited("loop.precision", "bf16").edited("loop.threads", 1)
    folder = RunFolder.create(spec, tmp_path)
    trained(spec, folder, stop_at=9)
    monkeypatch.setattr(arithmetic, "has_bf16_instructions", lambda: False)
    settings, held, start = reopened(folder.path)
    with pytest.raises(SpecError, match="cannot be bfloat16"):
        list(train(settings, held, start=start))
    got = trained(*reopened(folder.path, [("loop.precision", "float32")]))
    said = got.of(Resumed)[0].words
    assert "With another precision (float32, was bf16) the numbers differ from here on." in said
    assert got.of(RunEnded)[0].reason == "completed"


def test_a_state_from_before_there_was_a_choice_is_float32(tmp_path: Path) -> None:
    spec = small_spec(model=CNN, loop__epochs=2, loop__threads=1)
    folder = RunFolder.create(spec, tmp_path)
    whole = trained(spec)
    trained(spec, folder, stop_at=9)
    for path in (folder.path / "checkpoints").glob("*.pt"):
        state = torch.load(path, weights_only=True)
        for about in (each for each in state.values() if isinstance(each, dict) and "precision" in each):
            del about["precision"], about["memory_format"]
        torch.save(state, path)
    (folder.path / "checkpoints" / "manifest.json").unlink()
    log = (folder.path / "events.jsonl").read_text().splitlines()
    first = json.loads(log[0])
    for name in ("fastest", "precision", "memory_format"):
        del first["spec"]["loop"][name]
    del first["measured"]
    (folder.path / "events.jsonl").write_text("\n".join([json.dumps(first), *log[1:]]) + "\n")
    again = trained(*reopened(folder.path))
    assert "another" not in again.of(Resumed)[0].words and curves(again) == curves(whole)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        (
            {"loop__memory_format": "channels_last"},
            "Evaluations are computed with channels last too now: their last bits may differ from here on.",
        ),
        (
            {"regularization": [{"kind": "fractional_max_pooling"}]},
            "Evaluations place the regions of fractional pooling evenly now: they are better from here on.",
        ),
    ],
)
def test_a_run_that_was_measured_in_another_way_says_so(edits: dict[str, Any], words: str, tmp_path: Path) -> None:
    spec = small_spec(model=CNN, loop__epochs=2, **edits)
    folder = RunFolder.create(spec, tmp_path)
    trained(spec, folder, stop_at=9)
    assert words not in trained(*reopened(folder.path)).of(Resumed)[0].words
    for path in (folder.path / "checkpoints").glob("*.pt"):
        state = torch.load(path, weights_only=True)
        for about in (each for each in state.values() if isinstance(each, dict) and "evaluation" in each):
            del about["evaluation"]
        torch.save(state, path)
    (folder.path / "checkpoints" / "manifest.json").unlink()
    assert words in trained(*reopened(folder.path, [("loop.epochs", 3)])).of(Resumed)[0].words


def test_channels_last_without_convolutions_is_said_to_do_nothing() -> None:
    spec = small_spec(loop__memory_format="channels_last", loop__epochs=1)
    got = trained(spec)
    (note,) = [each for each in got.of(Notice) if each.code == "memory_format"]
    assert note.message == "Memory format channels last: It has no effect: MLP has no convolutions."
    assert curves(got) == curves(trained(small_spec(loop__epochs=1)))


def test_an_mlp_in_bfloat16_takes_autograds_way() -> None:
    for precision, is_written in (("float32", True), ("bf16", False)):
        run = set_up(small_spec(loop__precision=precision, loop__epochs=1, loop__diagnostics=0))
        drive(train_loop(run), lambda event: None, lambda event: None)
        assert isinstance(run.step, WrittenStep) and run.step.is_written is is_written


def test_only_a_new_run_is_measured() -> None:
    assert beginning.fastest is fastest.fastest  # what the tests above watch is what runs use
