"""Run ``python -m workbench.engine`` several times in one process, so that torch is loaded once.

``python child.py PLAN RESULT`` in the folder of the state to run. PLAN is a JSON file: for each name the arguments.
RESULT becomes one: for each name [exit code, what was printed, what was said of errors].
This file is started by its path and must not import ``tests``, which in that folder is another state's.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import traceback
from pathlib import Path


def run(arguments: list[str]) -> tuple[int, str, str]:
    """One run: its exit code, output and errors."""
    sys.argv = ["workbench.engine", *arguments]
    output, errors, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            runpy.run_module("workbench.engine", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except Exception:
            code = 1
            traceback.print_exc()
    return code, output.getvalue(), errors.getvalue()


def main() -> None:
    """Run the plan; the result is written after each run, so that a crash loses only what comes behind it."""
    sys.path[0] = os.getcwd()
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    target, results = Path(sys.argv[2]), {}
    for name, arguments in plan.items():
        results[name] = run(arguments)
        target.write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
