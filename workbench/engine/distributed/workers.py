"""Starts and ends the processes with the ranks from 1, as torchrun does on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import workbench

#: How long (seconds) a process may take to end by itself when the run has ended.
_PATIENCE: Final = 5.0
#: Maximum number of bytes read of the output of a process that has ended.
_MOST_OUTPUT: Final = 4096


class Workers:
    """Processes with the ranks 1 to ``size`` − 1, which reach rank 0 at ``port`` of this machine.

    Each has a session of its own, so that Ctrl-C in a terminal is sent to rank 0 only; they end with it.
    """

    def __init__(self, size: int, port: int) -> None:
        self.size = size
        self._outputs: list[IO[bytes]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            self._start(port)
        except BaseException:
            self.close(patience=0.0)
            raise

    def _start(self, port: int) -> None:
        for rank in range(1, self.size):
            output = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the process)
            self._outputs.append(output)
            command = [sys.executable, "-m", "workbench.engine"]
            env = _environment(rank, self.size, port)
            self._processes.append(
                subprocess.Popen(
                    command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
                )
            )

    def ended(self) -> str:
        """A sentence about one that has ended; empty if there is none."""
        for rank, (process, output) in enumerate(zip(self._processes, self._outputs, strict=True), 1):
            code = process.poll()
            if code is not None:
                output.seek(max(0, output.seek(0, os.SEEK_END) - _MOST_OUTPUT))
                lines = output.read().decode(errors="replace").strip().splitlines()
                return f"Process {rank + 1} of {self.size} has ended (code {code}). {' '.join(lines[-1:])}".strip()
        return ""

    @property
    def numbers(self) -> list[int]:
        """The process ids, in the order of ranks."""
        return [process.pid for process in self._processes]

    def close(self, patience: float = _PATIENCE) -> None:
        """Wait at most ``patience`` seconds for each process to end, then kill it."""
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            if process.poll() is None:
                process.kill()
                process.wait()
        for output in self._outputs:
            output.close()


def _environment(rank: int, size: int, port: int) -> dict[str, str]:
    """The names are torchrun's."""
    places = [str(Path(workbench.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    named = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": size, "LOCAL_WORLD_SIZE": size, "MASTER_PORT": port}
    texts = {name: str(value) for name, value in named.items()}
    return os.environ | texts | {"MASTER_ADDR": "127.0.0.1", "PYTHONPATH": os.pathsep.join(places)}
