"""What the log of a run keeps in memory, for a copy of the run in another place."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from workbench.engine.run_store import event_log
from workbench.engine.run_store.event_log import EventLog


def lines(count: int) -> list[str]:
    """Lines as those of evaluations: a dozen numbers that cannot be compressed well."""
    dice = np.random.default_rng(0)
    return [
        json.dumps({"event": "EpochEnded", "step": 23 * k, "numbers": dice.random(13).tolist()}) for k in range(count)
    ]


def test_a_log_that_is_removed_is_written_again_whole(tmp_path: Path) -> None:
    log, said = EventLog(tmp_path / "events.jsonl"), lines(1500)
    for line in said[:-1]:
        log.append(line)
    (tmp_path / "events.jsonl").unlink()
    assert log.lines().decode().splitlines() == said[:-1]
    log.append(said[-1])
    assert (tmp_path / "events.jsonl").read_text().splitlines() == said and log.is_whole


def test_the_memory_of_a_long_run_is_bounded_and_has_its_start_and_its_end(tmp_path: Path) -> None:
    log, said = EventLog(tmp_path / "events.jsonl"), lines(9000)
    for line in said:
        log.append(line)
    (tmp_path / "events.jsonl").unlink()
    assert log._recent.nbytes <= event_log._KEPT + event_log._TOGETHER
    kept = log.lines().decode().splitlines()
    assert kept[0] == said[0] and 1500 < len(kept) < len(said) and kept[1:] == said[1 - len(kept) :]
