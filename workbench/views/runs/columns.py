"""The columns of the table of runs in the window: which of the shelf's, how wide, and two that only a window has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.engine.core.text import PER_CENT, counted, duration, grouped, short, size_text
from workbench.engine.shelf.choose import Group
from workbench.engine.shelf.columns import Column, column
from workbench.engine.shelf.record import RunRecord

#: The column with the sparkline, and the one with the key settings in a line.
CURVE: Final = "curve"
SETTINGS: Final = "settings"


@dataclass(frozen=True, slots=True)
class Place:
    """A column of the table: ``key`` of the shelf's column, ``width`` in quarters of a line, a ``help`` of its head."""

    key: str
    width: float
    help: str
    is_shown: bool = True
    is_number: bool = False
    head: str = ""

    @property
    def title(self) -> str:
        """What its head says."""
        return self.head or _OWN.get(self.key, "") or column(self.key).title

    @property
    def sorts_by(self) -> str:
        """The key of the column that it is sorted by."""
        return {CURVE: "last_accuracy", SETTINGS: "model"}.get(self.key, self.key)

    def text(self, record: RunRecord) -> str:
        """The cell of a run."""
        if self.key == CURVE:
            return ""
        return key_settings(record) if self.key == SETTINGS else column(self.key).text(record)

    def group_text(self, group: Group) -> str:
        """The cell of a group: the mean of its runs with their spread, or their sum."""
        if self.key in ("seconds", "size"):
            return _total_words(self.key, sum(_values(group, column(self.key))))
        if self.key == "best_accuracy" and group.mean is not None:
            spread = f" ± {grouped(100 * group.spread, 1)}" if group.spread is not None else ""
            return f"{grouped(100 * group.mean, 1)}{spread}{PER_CENT}"
        return ""


def key_settings(record: RunRecord) -> str:
    """Network, optimizer, batch and seed in a line."""
    batch, seed = record.setting("loop.batch_size"), record.seed
    parts = (
        record.model,
        _optimizer(record),
        f"batch {grouped(batch)}" if isinstance(batch, int) else "",
        f"seed {seed}" if seed is not None else "",
    )
    return ", ".join(filter(None, parts))


def _optimizer(record: RunRecord) -> str:
    """Optimizer and rate, and the last rate that it was given while it trained: ``Momentum 1e6 → 0.05``."""
    rates = [change.new for change in record.changes if change.path == "optimizer.lr"]
    is_other = bool(rates) and rates[-1] != record.setting("optimizer.lr")
    return f"{record.optimizer} → {short(rates[-1])}" if is_other else record.optimizer


def short_names(records: Sequence[RunRecord]) -> dict[Path, str]:
    """What names runs where there is little room: the user's names, else the fewest words that tell them apart, with
    when they began where words do not."""
    unnamed = [record for record in records if not record.about.name]
    is_one_day = len({record.started.date() for record in unnamed}) == 1
    when, what = "%H:%M:%S" if is_one_day else "%m-%d %H:%M", _differing(unnamed)
    return {
        record.folder: record.about.name or _fewest(record.folder, what) or _with_time(record, what, when)
        for record in records
    }


def _fewest(folder: Path, what: Mapping[Path, tuple[str, ...]]) -> str:
    """The first of its words that no other run begins with; empty where others have all of them."""
    words, others = what[folder], [each for other, each in what.items() if other != folder]
    counts = range(1, len(words) + 1) if others else ()
    return next((", ".join(words[:n]) for n in counts if all(each[:n] != words[:n] for each in others)), "")


def _with_time(record: RunRecord, what: Mapping[Path, tuple[str, ...]], when: str) -> str:
    return ", ".join((*what[record.folder], f"{record.started:{when}}"))


def _differing(records: Sequence[RunRecord], most: int = 2) -> dict[Path, tuple[str, ...]]:
    """The first ``most`` of their parts that tell ``records`` apart, in words."""
    found: dict[Path, tuple[str, ...]] = {record.folder: () for record in records}
    for parts in zip(*map(_parts, records), strict=True):
        more = {folder: (*words, part) for (folder, words), part in zip(found.items(), parts, strict=True)}
        is_told = len(set(more.values())) > len(set(found.values()))
        found = more if is_told else found
        if len(next(iter(found.values()), ())) == most:
            break
    return found


def _parts(record: RunRecord) -> tuple[str, ...]:
    """What may tell it from others, the shorter words first."""
    rate, batch = column("learning_rate").text(record), record.setting("loop.batch_size")
    optimizer = record.optimizer.removesuffix(f" {rate}")
    return optimizer, f"lr {rate}", record.model, f"batch {batch}", f"seed {record.seed}", record.optimizer


def group_title(group: Group, label: str) -> str:
    """The first cell of a group: ``Learning rate 0.1 (3 runs)``."""
    return f"{label} {group.value}".strip() + f" ({counted(len(group.records), 'run')})"


def _total_words(key: str, total: float) -> str:
    return duration(total) if key == "seconds" else size_text(int(total))


def _values(group: Group, of: Column) -> list[float]:
    return [value for value in map(of.value, group.records) if isinstance(value, (int, float))]


_OWN: Final = {CURVE: "Curve", SETTINGS: "Settings"}
PLACES: Final = (
    Place("name", 66, "The run's name; F2 renames it. The check box takes the run into the comparison.", head="Run"),
    Place("status", 26, "What became of it, decided from its log and from who holds its folder."),
    Place(SETTINGS, 74, "Network, optimizer, batch size and seed."),
    Place(CURVE, 26, "Validation accuracy from the first to the last evaluation; of a group the mean and its range."),
    Place("best_accuracy", 28, "Validation accuracy at the best evaluation.", True, True, "Best val."),
    Place("last_accuracy", 18, "Validation accuracy at the last evaluation.", True, True, "Last val."),
    Place("best_epoch", 21, "The epoch of the best evaluation.", True, True),
    Place("test_accuracy", 17, "Accuracy on the test part, measured once at the end.", True, True, "Test"),
    Place("seconds", 15, "Training time without pauses; of a group the sum.", True, True),
    Place("size", 20, "What its folder takes on the disk; of a group the sum.", True, True),
    Place("started", 33, "When training began."),
    Place("reason", 60, "The run's last word.", False, head="Why it ended"),
    Place("tags", 30, "Your tags.", False),
    Place("note", 50, "Your note.", False),
    Place("data", 50, "What it was trained on.", False),
    Place("model", 40, "The network.", False, head="Network"),
    Place("optimizer", 36, "The optimizer.", False),
    Place("learning_rate", 24, "The learning rate as the run began.", False, True),
    Place("seed", 14, "The seed of weights, order and masks.", False, True),
    Place("last_train_accuracy", 24, "Training accuracy at the last evaluation.", False, True, "Last train"),
    Place("last_loss", 20, "Validation loss at the last evaluation.", False, True, "Last val. loss"),
    Place("last_train_loss", 22, "Training loss at the last evaluation.", False, True, "Last train loss"),
    Place("gap", 22, "Training minus validation accuracy at the best evaluation.", False, True),
    Place("averaged_accuracy", 32, "Of an ensemble: accuracy of the averaged predictions.", False, True),
    Place("epoch", 15, "Epochs trained.", False, True),
    Place("step", 15, "Steps trained.", False, True),
    Place("parameters", 20, "The number of trained and frozen parameters.", False, True),
    Place("parent", 50, "The run that it was forked from.", False),
)
