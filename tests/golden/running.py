"""Run cases in a state of the program and digest what they leave."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.golden.cases import Case
from tests.golden.digest import Digest, digest_of

CHILD = Path(__file__).with_name("child.py")


def run_cases(state: Path, cases: Sequence[Case], place: Path, pictures: Path, hash_seed: str = "0") -> dict[str, Path]:
    """Run ``cases`` with the ``workbench`` package of the folder ``state``, in one new process with one thread.

    ``place`` is a new folder for settings, caches and runs; ``hash_seed`` that of Python. Returns the folder in which
    each case has left its files; what went wrong stands in ``problem.txt`` in it.
    """
    places = {case.name: place / case.name for case in cases}
    for each in (place / "home", *places.values()):
        each.mkdir(parents=True)
    plan = {case.name: case.arguments(places[case.name], pictures) for case in cases}
    (place / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(CHILD), str(place / "plan.json"), str(place / "result.json")],
        cwd=state,
        env=_environment(place / "home", hash_seed),
        capture_output=True,
        text=True,
        check=False,
    )
    result = place / "result.json"
    results = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    for name, folder in places.items():
        problem = _problem(results.get(name), done.stderr)
        if problem:
            (folder / "problem.txt").write_text(problem, encoding="utf-8")
    return places


def run_cases_here(cases: Sequence[Case], place: Path, pictures: Path) -> dict[str, Path]:
    """The same with the working tree in this process, which has imported torch. The caller sets WORKBENCH_HOME."""
    from workbench.engine.__main__ import main

    places = {case.name: place / case.name for case in cases}
    for case in cases:
        places[case.name].mkdir(parents=True)
        errors = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            code = main(case.arguments(places[case.name], pictures))
        problem = _problem([code, "", errors.getvalue()], "")
        if problem:
            (places[case.name] / "problem.txt").write_text(problem, encoding="utf-8")
    return places


def run_folder(place: Path) -> Path:
    """The run folder that a case has left in ``place``."""
    (folder,) = (place / "kept").iterdir()
    return folder


def digest_in(place: Path) -> Digest:
    """The digest of what a case has left in ``place``, or its problem."""
    problem = place / "problem.txt"
    return Digest(problem=problem.read_text(encoding="utf-8")) if problem.exists() else digest_of(run_folder(place))


def _environment(home: Path, hash_seed: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    fixed = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | fixed | {"WORKBENCH_HOME": str(home)}


def _problem(result: Any, crash: str) -> str:
    if result is None:
        return f"did not run: {crash.strip() or 'the process ended before it'}"
    code, _, errors = result
    if code == 2:
        return f"cannot read the settings: {errors.strip()}"
    return f"failed with exit code {code}: {errors.strip()}" if code else ""
