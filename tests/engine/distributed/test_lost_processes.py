"""Processes that cannot be started, hang or are stopped: none is left behind, and the others end with the reason."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import torch
import torch.distributed as dist

from tests.engine.distributed.together import two_processes
from workbench.engine.distributed import workers
from workbench.engine.distributed.group import STEP_TIMEOUT, ProcessLost
from workbench.engine.distributed.workers import Workers

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
#: A process that imports torch is started, which may take long beside other tests.
pytestmark = pytest.mark.timeout(300)


def test_those_already_started_end_where_a_later_one_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    outputs: list[Any] = []
    real = subprocess.Popen

    def second_fails(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        outputs.append(options["stdout"])
        if started:
            raise OSError(11, "Resource temporarily unavailable")
        started.append(real(SLEEPS, **options))
        return started[0]

    monkeypatch.setattr(workers.subprocess, "Popen", second_fails)
    try:
        with pytest.raises(OSError, match=r"Resource temporarily unavailable"):
            Workers(4, 1)
        assert [each.poll() for each in started] == [-signal.SIGKILL]
        assert [each.closed for each in outputs] == [True, True]
    finally:
        started[0].kill()
        started[0].wait()


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGSTOP, and the program no several processes there"
)
def test_a_process_that_hangs_is_given_up_after_the_time_limit_of_a_step() -> None:
    with two_processes() as made:
        assert made.workers is not None
        (number,) = made.workers.numbers
        steps = dist.distributed_c10d._get_default_group()
        backend: Any = steps._get_backend(torch.device("cpu"))
        assert backend.options._timeout == STEP_TIMEOUT
        dist.set_timeout(timedelta(seconds=0.2))  # not to wait for ten minutes here
        os.kill(number, signal.SIGSTOP)
        try:
            with pytest.raises(ProcessLost):
                made.group.all_reduce(torch.ones(3))
            assert made.group.is_lost
        finally:  # else an error here would wait for the stopped process
            made.workers.close(patience=0.0)
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)
