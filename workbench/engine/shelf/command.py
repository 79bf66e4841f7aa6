"""``python -m workbench.engine runs``, ``show`` and ``compare``: the runs that are kept, for people and programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import aligned, grouped, percent, plain, size_text
from workbench.engine.shelf.choose import chosen
from workbench.engine.shelf.columns import COLUMNS, SETTING, USUAL, column, ordered
from workbench.engine.shelf.compare import Comparison, compare
from workbench.engine.shelf.disk import disk_use
from workbench.engine.shelf.export import csv_of_comparison, csv_of_runs, markdown_of_comparison, markdown_of_runs
from workbench.engine.shelf.for_programs import comparison_object, json_text, run_object, shown_object
from workbench.engine.shelf.record import RunRecord
from workbench.engine.shelf.shelf import Shelf, members_of
from workbench.engine.shelf.tensorboard import export_tensorboard

#: The columns of the list in a terminal.
_LISTED: Final = ("name", "status", "best_accuracy", "best_epoch", "last_accuracy", "epoch", "seconds", "size")


def runs(arguments: Sequence[str]) -> int:
    """List the runs. Exit code 0. Raises WorkbenchError if a folder is named that is not there."""
    options = _runs_parser().parse_args(arguments)
    shelf = _shelf(options)
    records = chosen(finished(shelf.refresh(), _watch(options)), " ".join(options.words), options.all)
    if options.sort:
        records = ordered(records, options.sort, options.descending)
    if options.tensorboard is not None:
        return _export(records, options.tensorboard)
    if options.json:
        emit(json_text([run_object(record) for record in records]))
    elif options.csv or options.markdown:
        _put((csv_of_runs if options.csv else markdown_of_runs)(records, options.columns or USUAL))
    else:
        say("\n".join(_list(records, shelf.parent, options.columns or _LISTED)))
    return 0


def show(arguments: Sequence[str]) -> int:
    """Show one run. Exit code 0. Raises WorkbenchError if there is none of this name."""
    options = _show_parser().parse_args(arguments)
    record = _shelf(options).find(options.run)
    if options.json:
        emit(json_text(shown_object(record, members_of(record))))
    else:
        say("\n".join(_description(record)))
    return 0


def compare_runs(arguments: Sequence[str]) -> int:
    """Compare runs with the first one. Exit code 0. Raises WorkbenchError if they cannot be found or compared."""
    options = _compare_parser().parse_args(arguments)
    shelf = _shelf(options)
    found = compare([shelf.find(run) for run in options.run], finished(shelf.refresh(), _watch(options)))
    if options.json:
        emit(json_text(comparison_object(found)))
    elif options.csv or options.markdown:
        names = {record.folder: record.name for record in found.records}
        _put((csv_of_comparison if options.csv else markdown_of_comparison)(found, names))
    else:
        say("\n".join(_compared(found)))
    for sentence in found.left_out:
        mention(sentence, sys.stderr)
    return 0


def _shelf(options: argparse.Namespace) -> Shelf:
    if options.folder is not None and not options.folder.is_dir():
        raise WorkbenchError(f"There is no folder {options.folder}.")
    return Shelf(options.folder)


def _export(records: Sequence[RunRecord], target: Path) -> int:
    if not records:
        raise WorkbenchError("There are no runs to export.")
    for folder in export_tensorboard(records, target):
        mention(f"Written: {folder}")
    return 0


def _put(text: str) -> None:
    """A table for a file: as it is, but for what the output cannot encode."""
    encoding = sys.stdout.encoding or "utf-8"
    emit(text.rstrip("\n").encode(encoding, "backslashreplace").decode(encoding))


def _list(records: Sequence[RunRecord], parent: Path, keys: Sequence[str]) -> Iterator[str]:
    if not records:
        yield f"No runs in {parent}."
        return
    columns = [column(key) for key in keys]
    rows = [[each.title for each in columns], *([each.text(record) for each in columns] for record in records)]
    yield from aligned(rows)
    for record in records:
        if record.problem:
            yield f"{record.name}: {record.problem}"
    yield disk_use(parent, records).words


def _description(record: RunRecord) -> Iterator[str]:
    rows = [[each.title, each.text(record)] for each in COLUMNS if each.value(record) not in (None, "")]
    yield from aligned([*rows, ["Folder", str(record.folder)]])
    for change in record.changes:
        yield f"step {grouped(change.step)}: {change.path} {change.old} → {change.new}"
    if record.change_count > len(record.changes):
        yield f"and {grouped(record.change_count - len(record.changes))} more live changes"
    for member in members_of(record):
        accuracy = "–" if member.best_accuracy is None else percent(member.best_accuracy, 2)
        yield f"{member.folder.name}: best {accuracy}, {size_text(member.size)}"
    yield from filter(None, (record.problem, record.obstacle))


def _compared(found: Comparison) -> Iterator[str]:
    reached = column("best_accuracy")
    head = ["", *(record.name for record in found.records)]
    rows = [[row.label, *row.values] for row in found.rows]
    yield from aligned([head, *rows, [reached.title, *(reached.text(record) for record in found.records)]])
    for other in found.others:
        yield f"{other.record.name}: {other.words}."
        if other.versus is not None:
            yield f"  {other.versus.words}"


def _watch(options: argparse.Namespace) -> Callable[[Loading], None] | None:
    return _line if sys.stderr.isatty() and not options.json else None


def _line(progress: Loading) -> None:
    sys.stderr.write("\r" + plain(f"{progress.words}: {grouped(progress.done)} of {grouped(progress.total)} "))
    sys.stderr.flush()


def _runs_parser() -> argparse.ArgumentParser:
    parser = _parser("runs", "List the runs that are kept, newest first.")
    what = "only runs that match: words of names, tags, notes, data, model; status:failed, tag:…; -word leaves out"
    parser.add_argument("words", nargs="*", metavar="WORD", help=what)
    parser.add_argument("--all", action="store_true", help="hidden runs too")
    parser.add_argument("--sort", type=_column, metavar="COLUMN", help="sort by a column")
    parser.add_argument("--descending", action="store_true", help="the largest first")
    known = f"{', '.join(each.key for each in COLUMNS)}, or {SETTING}PATH for any setting, as in {SETTING}optimizer.lr"
    parser.add_argument("--columns", type=_columns, metavar="COLUMN,…", help=f"the columns of the table: {known}")
    _add_formats(parser)
    parser.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="write TensorBoard's event files there")
    return parser


def _columns(text: str) -> list[str]:
    return [_column(key) for key in text.split(",")]


def _column(key: str) -> str:
    """A column's key, if it is one; else the parser names those that are."""
    if not key.startswith(SETTING) and key not in (each.key for each in COLUMNS):
        known = ", ".join(each.key for each in COLUMNS)
        raise argparse.ArgumentTypeError(f"{key} is no column; there are {known}, and {SETTING}PATH")
    return key


def _show_parser() -> argparse.ArgumentParser:
    parser = _parser("show", "Show what is known of one run.")
    parser.add_argument("run", metavar="RUN", help="a run's folder, or its name")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def _compare_parser() -> argparse.ArgumentParser:
    parser = _parser("compare", "Compare runs: the settings that differ, in words, and whether more than noise.")
    parser.add_argument("run", nargs="+", metavar="RUN", help="a run's folder, or its name; the first is compared with")
    _add_formats(parser)
    return parser


def _add_formats(parser: argparse.ArgumentParser) -> None:
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--json", action="store_true", help="print JSON and nothing else")
    formats.add_argument("--csv", action="store_true", help="print a table with plain numbers")
    formats.add_argument("--markdown", action="store_true", help="print a table in Markdown")


def _parser(name: str, about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"python -m workbench.engine {name}", description=about)
    where = "the folder with the runs; without it the usual one"
    parser.add_argument("--folder", "--runs", type=Path, metavar="FOLDER", help=where)
    return parser


#: The commands by their first word.
COMMANDS: Final[Mapping[str, Callable[[Sequence[str]], int]]] = {"runs": runs, "show": show, "compare": compare_runs}
