"""Cards of the queue added, changed and undone in the window's process, and the words for their settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

from tests.bridge.runs.queue_bench import ENDLESS, QUICK, Bench
from tests.engine.shelf.made_runs import SPEC
from workbench.bridge.runs.card_words import choices, difference_line, shared_words
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.cards import Card
from workbench.engine.shelf.queue import LOCK
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps, save


def test_every_change_is_undone(bench: Bench) -> None:
    first, second, third = bench.add(QUICK, ENDLESS, QUICK.edited("loop.seed", 7))
    changes: list[Callable[[], object]] = [
        lambda: bench.desk.move([second, third], -1),
        lambda: bench.desk.duplicate([first]),
        lambda: bench.desk.rename(first, "the first"),
        lambda: bench.desk.edit(first, QUICK.edited("optimizer.lr", 0.7), "changed"),
        lambda: bench.desk.remove([second]),
        lambda: bench.desk.add_values(QUICK, "optimizer.lr", "0.1, 0.2"),
        lambda: bench.desk.clear_over() or bench.desk.remove([first, second]),
    ]
    seen = []
    for change in changes:
        seen.append(bench.desk.cards)
        change()
        assert bench.desk.cards != seen[-1]
    for before in reversed(seen):
        bench.desk.undo()
        assert bench.desk.cards == before
        assert QueueDesk().cards == before  # on the disk as well


def test_moves_stop_at_the_ends(bench: Bench) -> None:
    numbers = bench.add(QUICK, QUICK, QUICK)
    bench.desk.move(numbers[:2], -1)
    bench.desk.move(numbers[1:], 1)
    assert [card.number for card in bench.desk.cards] == numbers


def test_of_several_files_the_bad_ones_are_named_and_the_others_are_added(bench: Bench, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.toml", "b.toml", "c.toml", "none.toml")]
    save(QUICK, files[0])
    files[1].write_text("optimizer = 5")
    save(ENDLESS, files[2])
    bench.desk.add_files(files)
    assert [card.source for card in bench.desk.cards] == ["a.toml", "c.toml"]
    (said,) = bench.told
    assert said.startswith("2 cards added. Not added:") and "b.toml: Optimizer" in said and "none.toml" in said


def test_values_that_are_wrong_are_said_with_the_settings_words(bench: Bench) -> None:
    bench.desk.add_values(QUICK, "optimizer.lr", "0.1, -1")
    assert not bench.desk.cards and "Learning rate" in bench.told[0]
    bench.desk.add_values(QUICK, "optimizer", "sgd, adam")
    assert [card.spec.optimizer.kind for card in bench.desk.cards] == ["sgd", "adam"]


def test_another_program_at_work_is_named_and_nothing_changes(bench: Bench) -> None:
    bench.add(QUICK)
    lock = RunLock.take(bench.desk.path.parent, LOCK)
    try:
        bench.desk.remove([1])
        bench.worker.switch(True)
        assert bench.states == ["waiting"] and not bench.worker.is_on and "in use by" in bench.told[0]
    finally:
        lock.release()
    bench.desk.remove([1])
    assert bench.states == []


def test_old_direct_runs_leave_the_queue(bench: Bench) -> None:
    for number in range(25):
        bench.desk.change(lambda queue, number=number: queue.started_directly(SPEC, Path(f"run-{number}")))
        bench.desk.change(lambda queue, number=number: queue.again(number + 1) or queue.skip(number + 1))
    assert [Path(card.run).name for card in bench.desk.cards] == [f"run-{number}" for number in range(5, 25)]


def test_a_card_says_how_it_differs() -> None:
    assert difference_line(dumps(ExperimentSpec())) == ""
    spec = SPEC.edited("optimizer.lr", 0.03).edited("loop.epochs", 7).edited("loop.seed", 5).edited("title", "x")
    assert difference_line(dumps(spec), 2).endswith(" and 1 more") and "Learning rate 0.03" in difference_line(
        dumps(spec)
    )
    assert difference_line("nothing = 1") == "settings that are not known here"


def test_the_settings_to_choose_from_have_words_limits_and_their_value() -> None:
    found = {choice.path: choice for choice in choices(ExperimentSpec())}
    assert found["optimizer.lr"].label == "Optimizer, Learning rate" and "from" in found["optimizer.lr"].limits
    assert "adam" in found["optimizer"].limits and found["optimizer"].typed == ExperimentSpec().optimizer.kind
    assert not {"title", "note", "optimizer.kind"} & set(found)


def test_what_is_typed_of_a_setting_is_its_value_in_the_words_of_its_limits() -> None:
    spec = ExperimentSpec().edited("loop.patience", 7).edited("data.class_weights", True).edited("optimizer.lr", 3e-5)
    found = {choice.path: (choice.typed, choice.limits) for choice in choices(spec)}
    assert found["loop.patience"] == ("7", "from 1 to 100\u202f000")
    assert found["data.folds"] == ("", "from 2 to 20"), "what is off can be typed as well"
    assert found["data.class_weights"] == ("true", "true or false")
    assert found["data.measure_test"] == ("true", "true or false") and found["testing.augment"][0] == "false"
    assert found["optimizer.lr"][0] == "3e-5"
    assert found["loop.device"] == ("auto", "one of auto, cpu, cuda, mps")
    places = list(found)
    assert places.index("optimizer") < places.index("optimizer.lr") < places.index("loop.seed"), "as in the form"


def test_what_all_cards_share_comes_last() -> None:
    specs = [SPEC.edited("loop.epochs", 7).edited("optimizer.lr", rate) for rate in (0.03, 0.04)]
    cards = [Card(number, "", dumps(spec)) for number, spec in enumerate(specs, 1)]
    shared = shared_words(cards)
    assert "Epochs 7" in shared and not any(words.startswith("Learning rate") for words in shared)
    assert difference_line(cards[0].settings, 1, shared).startswith("Learning rate 0.03 and ")
    assert shared_words(cards[:1]) == frozenset()


def test_a_clock_time_is_kept(bench: Bench) -> None:
    bench.add(QUICK)
    bench.desk.set_stop_at(time(7, 30))
    bench.desk.set_goes_on(False)
    again = QueueDesk()
    assert again.stop_at is not None and again.stop_at.time() == time(7, 30) and not again.goes_on
