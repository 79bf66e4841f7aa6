"""``python -m workbench.engine sanity``: about 20 seconds of checks before a long run."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.experiments.sanity.checks import sanity
from workbench.engine.experiments.sanity.result import Result, tally
from workbench.engine.spec.assignment import assigned, with_assigned
from workbench.engine.spec.toml import load

_SAID = {"pass": "Passed", "fail": "Failed", "skipped": "Skipped"}


def command(arguments: Sequence[str]) -> int:
    """Print what the checks find, each as it comes. Exit code 1 if one failed; 2 if the settings are wrong."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        spec = load(options.spec)
        for assignment in options.set:
            spec = with_assigned(spec, *assigned(assignment))
        results = finished(sanity(spec), (lambda _: None) if options.json else _tell)
    except SpecError as error:
        for problem in error.problems:
            mention(f"{options.spec}: {problem}", sys.stderr)
        return 2
    if options.json:
        checks = [each.plain() for each in results]
        emit(json.dumps({"checks": checks, "seconds": round(time.monotonic() - began, 1)}, ensure_ascii=False))
    else:
        say(tally(results))
    return 1 if any(each.outcome == "fail" for each in results) else 0


def _parser() -> argparse.ArgumentParser:
    about = "Check settings in about 20 seconds before a long run. Nothing is kept."
    parser = argparse.ArgumentParser("python -m workbench.engine sanity", description=about)
    parser.add_argument("spec", type=Path, metavar="SPEC", help="a settings file (TOML)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    change = "change one setting first, e.g. optimizer.lr=0.01"
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help=change)
    return parser


def _tell(news: Loading | Result) -> None:
    if isinstance(news, Result):
        for line in lines_of(news):
            say(line)


def lines_of(result: Result) -> Iterator[str]:
    """The result, and below it what to do next."""
    yield f"{_SAID[result.outcome]}: {result.title}. {result.words}"
    if result.advice:
        yield f"    {result.advice}"
