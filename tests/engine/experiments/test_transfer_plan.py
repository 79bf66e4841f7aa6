"""The lecture's table, the plan that follows, and the comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.catalog.freezing.test_freezing import transfer_spec
from tests.engine.data.layouts.layout import pictures
from workbench.engine.catalog.augmentations.crop import RandomCrop
from workbench.engine.catalog.augmentations.flip import HorizontalFlip
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.freezing.head_first import HeadFirst
from workbench.engine.catalog.freezing.line import FrozenBelow
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.experiments.transfer_comparison import (
    ARMS,
    Arm,
    WorthEnded,
    WorthEvent,
    WorthNote,
    WorthPoint,
    WorthProgress,
    WorthRow,
    WorthRun,
    _verdict,
    arm_of,
    compare,
    usable,
)
from workbench.engine.experiments.transfer_plan import advise, plan, typical
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import dumps, loads


@pytest.mark.parametrize(
    ("counts", "likeness", "cell", "freezing"),
    [
        ([5] * 10, "similar", ("small", "similar"), FrozenBelow()),
        ([5] * 10, "different", ("small", "different"), FrozenBelow()),
        ([80] * 10, "similar", ("large", "similar"), HeadFirst(line=2)),
        ([80] * 10, "different", ("large", "different"), HeadFirst(line=0)),
        ([19, 19, 500], "different", ("small", "different"), FrozenBelow()),
        ([20, 20, 3], "different", ("large", "different"), HeadFirst(line=0)),
    ],
)
def test_the_lectures_table(counts: list[int], likeness: Any, cell: Any, freezing: Any) -> None:
    advice = advise(counts, likeness, blocks=4)
    assert advice.cell == cell and advice.freezing == freezing
    assert advice.why.startswith(f"{typical(counts)} examples per class") and advice.why.endswith(".")
    assert advice.head_only == (cell[0] == "small")


@pytest.mark.parametrize("likeness", ["similar", "different"])
def test_with_plenty_of_examples_scratch_is_named(likeness: Any) -> None:
    """A plan may be worse than no transfer at all where there is data enough, and says so."""
    assert "from scratch" in advise([140] * 10, likeness).why
    assert "from scratch" not in advise([80] * 10, likeness).why


def test_the_typical_class_is_the_median_the_lower_of_two() -> None:
    assert typical([1, 100, 3, 5]) == 3 and typical([9]) == 9 and typical([]) == 0
    assert typical([50, 60, 70], most=10) == 10


def test_the_plan_is_head_only_at_five_a_class_and_head_first_then_all_at_eighty() -> None:
    few = plan("letters", DataSpec(examples_per_class=5), [80] * 10)
    assert isinstance(few.model, Transfer) and few.model.freezing == FrozenBelow()
    assert not few.augmentations  # so that the features are computed once
    many = plan("letters", DataSpec(), [80] * 10)
    assert isinstance(many.model, Transfer) and isinstance(many.model.freezing, HeadFirst)
    assert many.model.freezing.line == 0 and 0 < many.model.freezing.epochs < many.loop.epochs
    assert many.augmentations == (RandomCrop(fill="reflect"),)  # a digit in the mirror is none
    photographs = plan("letters", DataSpec(source=PictureFolder(folder="photographs")), [80] * 10)
    assert photographs.augmentations == (HorizontalFlip(), RandomCrop(fill="reflect"))
    for names in (("A", "B"), ("0", "1"), ("class_1", "class_2"), ("turn left", "turn right")):
        signs = plan("letters", DataSpec(source=PictureFolder(folder="signs")), [80] * 2, classes=names)
        assert signs.augmentations == (RandomCrop(fill="reflect"),)
    clothes = plan("letters", DataSpec(source=PictureFolder()), [80] * 2, classes=("T-shirt/top", "001.Albatross"))
    assert clothes.augmentations == photographs.augmentations
    paddings = [plan("letters", DataSpec(), [80] * 10, side=side).augmentations for side in (4, 8, 64, 224)]
    assert [crop.padding for (crop,) in paddings if isinstance(crop, RandomCrop)] == [1, 1, 4, 14]
    assert many.model.rate_below == 0.1
    for spec in (few, many):
        assert not [p for p in spec.problems() if p.severity == "error"]
        assert spec.preprocessing.kind == "none" and spec.note and loads(dumps(spec)) == spec


@pytest.mark.parametrize(("each", "epochs"), [(1, 100), (80, 30), (10_000, 10)])
def test_the_epochs_follow_from_the_updates_that_are_needed(each: int, epochs: int) -> None:
    spec = plan("letters", DataSpec(), [max(20, each)] * 10) if each >= 20 else plan("letters", DataSpec(), [each] * 10)
    assert spec.loop.epochs == epochs


# --- worth ---------------------------------------------------------------------------------------------------------


def small() -> ExperimentSpec:
    return transfer_spec(regularization=[], loop__epochs=2).edited("loop.batch_size", 16)


def events_of(spec: ExperimentSpec, **options: Any) -> list[WorthEvent]:
    return list(compare(spec, **options))


def of(events: list[WorthEvent], cls: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, cls)]


def test_every_arm_is_run_on_every_number_of_examples_and_draw() -> None:
    events = events_of(small(), shots=(3, 6), draws=2, epochs=2)
    runs = of(events, WorthRun)
    assert {(r.arm, r.shots, r.draw) for r in runs} == {(a, n, d) for a in ARMS for n in (3, 6) for d in (0, 1)}
    assert all(r.accuracy is not None and not r.trouble for r in runs)
    points = of(events, WorthPoint)
    assert [p.epochs_done for p in points if (p.arm, p.shots, p.draw) == ("chosen", 6, 1)] == [0, 1, 2]
    ended = events[-1]
    assert isinstance(ended, WorthEnded) and len(ended.rows) == 8
    for row in ended.rows:
        mine = [r.accuracy for r in runs if (r.arm, r.shots) == (row.arm, row.shots)]
        assert list(row.accuracies) == mine and row.mean == pytest.approx(sum(mine) / 2)
        assert row.spread == pytest.approx(abs(mine[0] - mine[1]) / 2**0.5)
    assert len(ended.words) == 2
    chosen, scratch = (row_of(ended, arm, 3).accuracies for arm in ("chosen", "scratch"))
    gains = [100 * (a - b) for a, b in zip(chosen, scratch, strict=True)]
    assert ended.words[0].startswith("3 per class: ")
    assert f"{abs(sum(gains) / 2):.1f} points {'above' if sum(gains) > 0 else 'below'} scratch" in ended.words[0]
    done = [p.done / p.total for p in of(events, WorthProgress)]
    assert done == sorted(done) and done[-1] <= 1.0


def row_of(ended: WorthEnded, arm: Arm, shots: int) -> WorthRow:
    return next(row for row in ended.rows if (row.arm, row.shots) == (arm, shots))


def ended_runs(chosen: list[float | None], scratch: list[float | None], validated: int = 1000) -> list[WorthRun]:
    arms: dict[Arm, list[float | None]] = {"chosen": chosen, "scratch": scratch}
    return [
        WorthRun(arm, 5, draw, value, 0.0, "", validated)
        for arm, values in arms.items()
        for draw, value in enumerate(values)
    ]


def test_the_verdict_is_no_surer_than_the_draws() -> None:
    """Student's t by hand: of the leads 10 and 12 the error is 1 and the margin 12.71; of 10, 11, 12 it is 2.48."""
    assert "no clear difference" in _verdict(5, ended_runs([0.60, 0.62], [0.50, 0.50]))
    assert "± 12.7 (95 %, 2 draws)" in _verdict(5, ended_runs([0.60, 0.62], [0.50, 0.50]))
    assert "transfer helps; as chosen is 11.0 points above scratch, ± 2.5" in _verdict(
        5, ended_runs([0.60, 0.61, 0.62], [0.50] * 3)
    )
    assert "transfer does not help; " in _verdict(5, ended_runs([0.50] * 3, [0.60, 0.61, 0.62]))
    assert "no clear difference" in _verdict(5, ended_runs([0.501] * 3, [0.50] * 3, validated=100)), "less than one"
    assert "as good as scratch" in _verdict(5, ended_runs([0.5] * 3, [0.5] * 3))
    paired = _verdict(5, ended_runs([0.8, 0.6, 0.7], [None, 0.6, 0.7]))
    assert "as good as scratch" in paired and "2 draws" in paired, "the same draws are compared"
    assert _verdict(5, ended_runs([0.8], [None])) == ""
    assert "which may be chance" in _verdict(5, ended_runs([0.8], [0.6]))


def test_what_would_be_trained_twice_is_trained_once() -> None:
    spec = small().edited("model.freezing.line", None)
    events = events_of(spec, shots=(3,), draws=1, epochs=1)
    assert [r.arm for r in of(events, WorthRun)].count("chosen") == 1
    assert {r.arm for r in of(events, WorthRun)} == {"scratch", "random_frozen", "chosen"}
    assert any("head only here" in note.words for note in of(events, WorthNote))
    assert "in one draw, which may be chance" in events[-1].words[0]


def test_the_arms_differ_only_in_start_and_freezing() -> None:
    spec = small().edited("loop.seed", 7)
    for arm in ARMS:
        made = arm_of(spec, arm)
        assert made.edited("model", spec.model) == spec
        model = made.model
        assert isinstance(model, Transfer)
        assert (model.start == "random") == (arm in ("scratch", "random_frozen"))
        assert model.frozen_in(0, 2) == {"scratch": set(), "chosen": {1}}.get(arm, {1, 2})
    assert arm_of(spec, "scratch").at("model.network_seed") == 7


def test_the_pretrained_arms_are_the_runs_that_their_specs_give() -> None:
    """Side by side or alone: the same numbers to the last bit."""
    from tests.engine.helpers import record
    from workbench.engine.core.events import EpochEnded

    spec = small().edited("loop.diagnostics", 0)
    points = of(events_of(spec, shots=(4,), draws=1, epochs=2), WorthPoint)
    alone = record(arm_of(spec.edited("data.examples_per_class", 4), "head_only")).of(EpochEnded)
    assert [p.val for p in points if p.arm == "head_only"] == [e.val.accuracy for e in alone]


def test_as_many_examples_as_there_are_and_every_change_is_said() -> None:
    sizes, notes = usable([30, 7, 30], (5, 20, 80))
    assert sizes == [5, 20, 30]
    assert notes[0] == "No class has 80 training examples; 30 per class are used instead."
    assert sum("1 class has fewer" in note for note in notes) == 2
    assert usable([100] * 3, (5, 20, 80)) == ([5, 20, 80], [])


def test_an_arm_that_cannot_run_is_said_and_the_others_go_on() -> None:
    spec = small().edited("model.freezing.line", None).edited("model.frozen", (3,))  # the chosen one trains nothing
    events = events_of(spec, shots=(3,), draws=1, epochs=1)
    runs: dict[Arm, WorthRun] = {r.arm: r for r in of(events, WorthRun)}
    assert "Nothing is left to train" in runs["chosen"].trouble and runs["chosen"].accuracy is None
    assert runs["head_only"].accuracy is not None
    assert any("As chosen" in note.words for note in of(events, WorthNote))
    assert isinstance(events[-1], WorthEnded)


def test_it_can_be_cancelled_between_any_two_steps() -> None:
    work = compare(small(), shots=(3,), draws=3, epochs=50)
    for _ in range(30):
        next(work)
    work.close()
    with pytest.raises(StopIteration):
        next(work)


def test_only_a_trained_network_can_be_compared() -> None:
    with pytest.raises(WorkbenchError, match="used again"):
        compare(ExperimentSpec())


def test_the_expected_time_has_a_part_for_every_phase() -> None:
    from workbench.engine.experiments.step_timing import expected

    spec = transfer_spec(model__freezing={"kind": "head_first", "epochs": 2, "line": 1}, loop__epochs=5)
    found = expected(spec)
    assert [(p.first, p.last, p.frozen, p.cached) for p in found.phases] == [(0, 1, (1, 2), True), (2, 4, (1,), False)]
    assert found.seconds == sum(p.seconds for p in found.phases) and all(p.seconds > 0 for p in found.phases)
    tuned = found.phases[1]
    assert tuned.seconds > 3 * tuned.step


def test_where_the_advice_is_not_what_the_table_says_it_tells_why() -> None:
    few = advise([5] * 10, "different")
    assert few.head_only and "head only" in few.instead
    assert "The table would freeze the first blocks only" in few.why and "26 %" in few.why and "25 %" in few.why
    for counts, likeness in (([5] * 10, "similar"), ([80] * 10, "similar"), ([80] * 10, "different")):
        assert not advise(counts, likeness).instead  # type: ignore[arg-type]


def test_a_plan_is_named_after_its_data_and_its_weights() -> None:
    assert plan("letters", DataSpec(), [5] * 10).title == "Digits with letters"
    data = DataSpec(source=PictureFolder(folder="/somewhere/clothing/"))
    assert plan("/shelf/resnet20.th", data, [5] * 10).title == "clothing with resnet20.th"
    assert plan("C:\\shelf\\a.pt", data, [5] * 10).title == "clothing with a.pt"
    assert plan("letters", DataSpec(), [5] * 10, title="Mine").title == "Mine"


def test_data_in_doubt_is_not_compared_on(tmp_path: Path) -> None:
    pictures(tmp_path, {f"{zoom}/{name}": 4 for zoom in ("10x", "40x") for name in ("healthy", "sick")})
    spec = small().edited("data.source", {"kind": "folder", "folder": str(tmp_path), "size": 8})
    with pytest.raises(WorkbenchError, match="either level"):
        list(compare(spec, shots=(1,), draws=1))
