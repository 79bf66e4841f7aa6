"""``python -m workbench.engine check``: what the program understands of data, before anything is trained on it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.terminal import emit
from workbench.engine.core.text import grouped, plain
from workbench.engine.data.setting_words import assignments
from workbench.engine.data.understand import Understood, setting_lines, understand_path
from workbench.engine.spec.assignment import assigned

#: This many files and folders that are left out are named in words; ``--json`` names all.
_NAMED = 20


def command(arguments: Sequence[str]) -> int:
    """Print what is understood of the settings file or data. Exit code 0, or 2 if no run can start so."""
    options = _parser().parse_args(arguments)
    try:
        edits = [assigned(each) for each in options.set]
        understood = finished(understand_path(options.path, edits), _line if _is_watched(options) else None)
    except SpecError as error:
        understood = Understood(error.message)
    understood = _with_settings(understood)
    lines = (
        line.replace("\n", "\\n") for line in _lines(understood)
    )  # of names of files, which may hold any character
    text = understood.json() if options.json else plain("\n".join(lines))
    emit(_encodable(text))
    return 2 if understood.refused is not None else 0


def _with_settings(understood: Understood) -> Understood:
    """``understood`` with what the refusal calls by the label of a form as it is set on the command line."""
    if understood.refused is None or understood.spec is None:
        return understood
    said = assignments(understood.refused, understood.spec.data.source)
    return replace(understood, refused=f"{understood.refused} {said}".rstrip())


def _parser() -> argparse.ArgumentParser:
    about = "Say what the program understands of data: classes, parts, what is left out, and what is in doubt."
    parser = argparse.ArgumentParser("python -m workbench.engine check", description=about)
    what = "a settings file, a run folder, or what the window opens: a folder, an .npz file, a table"
    parser.add_argument("path", type=Path, metavar="SPEC_OR_PATH", help=what)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    change = "change one setting first, e.g. data.split_seed=1"
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help=change)
    return parser


def _is_watched(options: argparse.Namespace) -> bool:
    return not options.json and sys.stderr.isatty()


def _line(progress: Loading) -> None:
    how_far = f": {grouped(progress.done)} of {grouped(progress.total)}" if progress.total else ""
    sys.stderr.write("\r" + plain(f"{progress.words}{how_far} "))
    sys.stderr.flush()


def _encodable(text: str) -> str:
    """``text`` with signs that standard output cannot show written as escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _lines(understood: Understood) -> Iterator[str]:
    if understood.refused is not None:
        yield f"Refused: {understood.refused}"
    if understood.classes:
        counts = ", ".join(f"{name}: {grouped(count)}" for name, count in understood.classes.items())
        yield f"{understood.class_words} ({counts})"
    if understood.parts:
        yield "Examples: " + ", ".join(f"{name} {grouped(count)}" for name, count in understood.parts.items())
    yield from dict.fromkeys((*(fact.sentence for fact in understood.facts), *understood.notes))
    left_out = list(understood.left_out.items())
    for name, reason in left_out[:_NAMED]:
        yield f"Left out: {name} ({reason})"
    if len(left_out) > _NAMED:
        yield f"Left out: {grouped(len(left_out) - _NAMED)} more; --json names all"
    yield from (f"Warning: {sentence}" for sentence in understood.warnings)
    for doubt in understood.doubts:
        if not doubt.is_refused:
            yield f"In doubt: {doubt.sentence}"
        for reading in doubt.readings:
            yield f"  {reading.label}: {', '.join(setting_lines(reading))}"
