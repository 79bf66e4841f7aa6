"""The soak command itself: short, in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def soak(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.soak", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.timeout(700)
def test_a_short_sitting_says_what_it_cost() -> None:
    done = soak("--events", "40", "--seed", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no exception, no warning" in done.stdout
    assert re.search(r"^heartbeat p50, p99 +[\d.]+, [\d.]+ ms late$", done.stdout, re.MULTILINE)
    at_the_end = re.search(r"^at the end +memory ([\d.]+), threads (\d+), wrappers (\d+)", done.stdout, re.MULTILINE)
    assert at_the_end is not None and all(float(each) > 1 for each in at_the_end.groups())


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_starts_and_dialogs_leave_nothing_behind() -> None:
    done = soak("--cycles", "30")
    assert done.returncode == 0, done.stdout + done.stderr
