"""What runs take on the disk, and runs thinned to their curves and best weights."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, size_text
from workbench.engine.run_store.finished_runs import members
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.record import RunRecord

#: Weights besides the best ones: the last, averages, snapshots.
_MORE_WEIGHTS: Final = re.compile(r"(?:last|average-\w+|snapshot-\d+)\.safetensors")
#: What a run can go on from.
_STATES: Final = re.compile(r".+\.pt")


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes: ``runs`` take ``used``, of which thinning would free ``thinnable``; ``free`` are left on that disk."""

    runs: int
    used: int
    thinnable: int
    free: int

    @property
    def words(self) -> str:
        """``12 runs take 1.4 GB; thinning would free 1.1 GB. 20.3 GB are free.``"""
        used, spare = size_text(self.used), size_text(self.thinnable)
        take = f"{counted(self.runs, 'run')} {'takes' if self.runs == 1 else 'take'} {used}"
        return f"{take}; thinning would free {spare}. {size_text(self.free)} are free."


def disk_use(parent: Path, records: Iterable[RunRecord]) -> DiskUse:
    """What ``records`` take in the folder ``parent`` of runs; what cannot be asked counts as 0."""
    listed = tuple(records)
    try:
        free = shutil.disk_usage(parent).free
    except OSError:
        free = 0
    thinnable = sum(_size(path) for record in listed if not record.is_live for path in superfluous(record.folder))
    return DiskUse(len(listed), sum(record.size for record in listed), thinnable, free)


def superfluous(folder: Path) -> tuple[Path, ...]:
    """The files of the run in ``folder``, its members included, that its curves and best weights do not need.

    Where no best weights were kept, the last ones are the best that there are and stay.
    """
    found: list[Path] = []
    for each in (folder, *members(folder)):
        has_best = (each / "best.safetensors").is_file()
        more = [path for path in each.glob("*.safetensors") if _MORE_WEIGHTS.fullmatch(path.name)]
        found += [path for path in more if has_best or path.name != "last.safetensors"]
        found += [path for path in (each / "checkpoints").glob("*.pt") if _STATES.fullmatch(path.name)]
    return tuple(path for path in found if path.is_file())


def thin(folder: Path) -> int:
    """Remove what the curves and best weights of the run in ``folder`` do not need; returns the bytes that are free.

    It cannot be gone on with after that. Raises FolderIsHeld while it is being trained, WorkbenchError with the first
    file that cannot be removed.
    """
    lock = RunLock.take(folder)
    try:
        return sum(_removed(path) for path in superfluous(folder))
    finally:
        lock.release()


@dataclass(frozen=True, slots=True)
class ThinPlan:
    """Runs of which something can be thinned; they take ``before`` bytes, and ``freed`` less afterwards."""

    records: tuple[RunRecord, ...]
    before: int
    freed: int

    @property
    def words(self) -> str:
        """``3 runs: 40.2 MB → 3.1 MB.``"""
        after = size_text(max(0, self.before - self.freed))
        return f"{counted(len(self.records), 'run')}: {size_text(self.before)} → {after}."


def thin_plan(records: Iterable[RunRecord]) -> ThinPlan:
    """What thinning ``records`` would free; those that are being trained, or have nothing to free, are left out."""
    found = [(record, sum(map(_size, superfluous(record.folder)))) for record in records if not record.is_live]
    chosen = [(record, freed) for record, freed in found if freed]
    return ThinPlan(
        tuple(record for record, _ in chosen), sum(r.size for r, _ in chosen), sum(freed for _, freed in chosen)
    )


@dataclass(frozen=True, slots=True)
class Thinned:
    """A plan that was carried out: ``freed`` bytes in fact, and a sentence for each run that was ``refused``."""

    plan: ThinPlan
    freed: int
    refused: tuple[str, ...]

    @property
    def words(self) -> str:
        """What has become of it, with the sizes before and after."""
        count, plan = len(self.plan.records) - len(self.refused), self.plan
        sizes = f"{size_text(plan.before)} → {size_text(max(0, plan.before - self.freed))}"
        return " ".join((f"{counted(count, 'run')} thinned to curves and best weights: {sizes}.", *self.refused))


def thinned(plan: ThinPlan, each: Callable[[int], object] = lambda _done: None) -> Thinned:
    """Thin the runs of ``plan``; ``each`` is called with the number of those that are done."""
    freed, refused = 0, []
    for done, record in enumerate(plan.records):
        each(done)
        try:
            freed += thin(record.folder)
        except WorkbenchError as error:
            refused.append(f"“{record.shown_name}” is kept as it is: {error.message}")
    return Thinned(plan, freed, tuple(refused))


def old_runs(records: Iterable[RunRecord], days: float, now: datetime | None = None) -> tuple[RunRecord, ...]:
    """Those to thin in one action: begun more than ``days`` ago, not pinned, not being trained, with something to
    free."""
    before = (now or datetime.now()) - timedelta(days=days)
    return tuple(
        record
        for record in records
        if record.started < before and not record.about.pinned and not record.is_live and superfluous(record.folder)
    )


def _removed(path: Path) -> int:
    size = _size(path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise WorkbenchError(f"Cannot remove {path}: {error.strerror or error}.") from None
    return size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
