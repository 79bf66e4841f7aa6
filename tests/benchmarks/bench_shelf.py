"""The list of 2,000 runs: made from the logs, opened with the index, filtered, sorted, grouped.

Wanted: with an index open in less than a second, filtered in less than 100 ms.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.engine.shelf.made_runs import SPEC, curve, ended, lines, started
from workbench.engine.core.progress import finished
from workbench.engine.shelf.choose import chosen, groups
from workbench.engine.shelf.columns import ordered
from workbench.engine.shelf.disk import disk_use
from workbench.engine.shelf.shelf import Shelf
from workbench.engine.spec.toml import dumps

RUNS, EPOCHS, REPEATS = 2_000, 30, 5
T = TypeVar("T")


def make(parent: Path, count: int = RUNS, epochs: int = EPOCHS) -> None:
    """Runs of ten learning rates, each with other seeds."""
    specs = [SPEC.edited("optimizer.lr", 0.01 * (rate + 1)) for rate in range(10)]
    texts = [dumps(spec) for spec in specs]
    logs = [lines([started(spec), *curve([n / epochs for n in range(epochs)]), ended(epoch=epochs)]) for spec in specs]
    for number in range(count):
        folder = parent / f"2026-{1 + number % 12:02}-01_12-00-00_run-{number}"
        folder.mkdir()
        seed = f'"seed": {number}'.encode()
        (folder / "spec.toml").write_text(texts[number % 10], encoding="utf-8")
        (folder / "events.jsonl").write_bytes(logs[number % 10].replace(b'"seed": 0', seed))
        (folder / "best.safetensors").write_bytes(b"x" * 1000)


def timed(work: Callable[[], T], repeats: int = REPEATS) -> tuple[float, T]:
    """The shortest time of ``work`` in seconds, and its result."""
    best, result = float("inf"), work()
    for _ in range(repeats):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return best, result


def main(folders: Sequence[str] = ()) -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as place:
        parent = Path(place)
        make(parent)
        began = time.perf_counter()
        records = finished(Shelf(parent).refresh())
        print(f"{len(records):,} runs of {EPOCHS} epochs read from their logs: {time.perf_counter() - began:.2f} s")
        seconds, known = timed(lambda: Shelf(parent).known())
        print(f"opened with the index, without a look at the folders: {seconds:.3f} s (wanted: below 1)")
        seconds, again = timed(lambda: finished(Shelf(parent).refresh()))
        print(f"opened with the index, every folder looked at: {seconds:.3f} s (wanted: below 1)")
        assert known == again == records
        for words in ("run-1999", "digits -status:finished", "momentum run-7"):
            seconds, found = timed(lambda words=words: chosen(records, words))  # type: ignore[misc]
            print(f"filtered by {words!r}, {len(found)} found: {1000 * seconds:.1f} ms (wanted: below 100)")
        print(f"sorted by best accuracy: {1000 * timed(lambda: ordered(records, 'best_accuracy'))[0]:.1f} ms")
        print(f"grouped by learning rate: {1000 * timed(lambda: groups(records, 'optimizer.lr'))[0]:.1f} ms")
        print(f"disk use: {1000 * timed(lambda: disk_use(parent, records))[0]:.0f} ms")


if __name__ == "__main__":
    main()
