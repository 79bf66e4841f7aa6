"""Children that only write a run, each killed by its parent while it does so; started as a program, without torch.

``python writing_child.py STATES PLACE TRIALS SEED``: STATES has archives of torch named by their step.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from workbench.engine.core.seal import sealed_archive
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.checkpoints import Checkpoints
from workbench.engine.run_store.digests import Digests
from workbench.engine.run_store.event_log import EventLog
from workbench.engine.run_store.steps_file import StepsFile


def write(states: list[bytes], folder: Path) -> None:
    """What a run writes, state after state, until it is killed."""
    folder.mkdir()
    log, steps, file, digests = EventLog(folder / "events.jsonl"), StepStore(1 << 13), StepsFile(folder), Digests()
    checkpoints = Checkpoints(folder, digests)
    checkpoints._serialised = lambda state, name: _sealed(checkpoints, digests, state, name)  # type: ignore[method-assign, assignment]
    while True:
        for step, state in enumerate(states, 1):
            steps.append(float(step), 0.5, 0.1, 1.0, 0.0)
            log.append(json.dumps({"event": "Notice", "step": step, "code": "data_note", "message": "x" * 50}))
            file.append(steps)
            checkpoints.write_last({"archive": state}, step, is_good=step % 3 == 0, besides=(file.path,))
            if step % 5 == 0:
                checkpoints.write_best({"archive": state}, step)
        return


def _sealed(checkpoints: Checkpoints, digests: Digests, state: object, name: str) -> object:
    assert isinstance(state, dict)
    checkpoints.path.mkdir(exist_ok=True)
    pieces, digest = sealed_archive(memoryview(state["archive"]))
    digests.wanted[name] = digest
    return pieces, digest


def main() -> None:
    """Kill every child at a random moment."""
    source, place, trials, rng = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), random.Random(int(sys.argv[4]))
    states = [path.read_bytes() for path in sorted(source.iterdir(), key=lambda path: int(path.stem))]
    for trial in range(trials):
        child = os.fork()
        if not child:
            write(states, place / str(trial))
            os._exit(0)
        time.sleep(rng.uniform(0.0, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
