"""The other processes of a run, where this one has to start them: what torchrun does, on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import workbench

#: So long (seconds) a process may take to end by itself when the run has ended.
_PATIENCE: Final = 5.0
#: At most so much (bytes) of what a process has said before it ended is read.
_MOST_WORDS: Final = 4096


class Workers:
    """Processes with the ranks 1 to ``size`` − 1, which reach the first one at ``port`` of this machine.

    They live in a session of their own, so that Ctrl-C in a terminal reaches the first process alone, and end with it.
    """

    def __init__(self, size: int, port: int) -> None:
        self.size = size
        self._said: list[IO[bytes]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        for rank in range(1, size):
            said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the process)
            self._said.append(said)
            command = [sys.executable, "-m", "workbench.engine"]
            env = _environment(rank, size, port)
            self._processes.append(
                subprocess.Popen(
                    command, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
                )
            )

    def ended(self) -> str:
        """A sentence about one that has ended; empty if there is none."""
        for rank, (process, said) in enumerate(zip(self._processes, self._said, strict=True), 1):
            code = process.poll()
            if code is not None:
                said.seek(max(0, said.seek(0, os.SEEK_END) - _MOST_WORDS))
                lines = said.read().decode(errors="replace").strip().splitlines()
                return f"Process {rank + 1} of {self.size} has ended (code {code}). {' '.join(lines[-1:])}".strip()
        return ""

    @property
    def numbers(self) -> list[int]:
        """The system's numbers of the processes, in the order of their ranks."""
        return [process.pid for process in self._processes]

    def close(self, patience: float = _PATIENCE) -> None:
        """Wait at most so long (seconds) until each has ended, or end it."""
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
            if process.poll() is None:
                process.kill()
                process.wait()
        for said in self._said:
            said.close()


def _environment(rank: int, size: int, port: int) -> dict[str, str]:
    """The names are torchrun's."""
    places = [str(Path(workbench.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    named = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": size, "LOCAL_WORLD_SIZE": size, "MASTER_PORT": port}
    texts = {name: str(value) for name, value in named.items()}
    return os.environ | texts | {"MASTER_ADDR": "127.0.0.1", "PYTHONPATH": os.pathsep.join(places)}
