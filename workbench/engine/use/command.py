"""``python -m workbench.engine predict``: what a trained network takes pictures for, as lines, CSV or JSON."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import counted, grouped, percent, plain
from workbench.engine.evaluation.command import add_input_options, chosen_input
from workbench.engine.run_store.resumable import run_named
from workbench.engine.use.network import UsedNetwork, used_network
from workbench.engine.use.picture_walk import PictureWalk
from workbench.engine.use.predict import Predicted, Prediction, predicting_files
from workbench.engine.use.prediction_table import prediction_file
from workbench.engine.weights.class_list import names_in

_Take = Callable[[Sequence[Prediction]], object]


def command(arguments: Sequence[str]) -> int:
    """Exit code 0, or 2 if a picture could not be read or there is none. Raises WorkbenchError."""
    options = _parser().parse_args(arguments)
    if options.csv == Path("-"):
        raise WorkbenchError(
            "--csv takes the name of a file, not -. Without it lines are shown; --json is for programs."
        )
    walk = PictureWalk(options.pictures)
    network = _network(options)
    listed: list[Prediction] = []
    with contextlib.ExitStack() as stack:
        takes: list[_Take] = []
        if options.csv is not None:
            takes.append(stack.enter_context(prediction_file(options.csv, network.classes)).add)
        elif options.json:
            takes.append(listed.extend)
        else:
            takes.append(lambda some: say("\n".join(_line(network, each) for each in some)))
        watch = _progress if sys.stderr.isatty() and options.csv is not None and not options.json else None
        result = finished(predicting_files(network, walk, takes[0]), watch)
        if not result.count and not result.unreadable:
            raise WorkbenchError(_nothing_found(options.pictures, result))
    if options.json:
        emit(json.dumps(_as_json(network, result, options.csv, listed), indent=1))
    _mention(network, result, options)
    return 2 if result.unreadable or result.troubles else 0


def _network(options: argparse.Namespace) -> UsedNetwork:
    import torch

    from workbench.engine.training.device import cores

    torch.set_num_threads(max(1, cores() - 1))
    paths = [_weights(each, options.runs) for each in (options.network, *options.average)]
    names = names_in(options.classes, "--classes takes a file of names.") if options.classes is not None else ()
    return used_network(paths, None, chosen_input(options), names)


def _weights(text: str, runs: Path | None) -> Path:
    """A path, or the run of this name. Raises WorkbenchError."""
    path = Path(text).expanduser()
    return path if path.exists() else run_named(text, runs)


def _line(network: UsedNetwork, each: Prediction) -> str:
    if each.reason:
        return f"{os.fspath(each.path)}: not read, {each.reason}"
    second = ""
    if each.second >= 0:
        second = f", then {network.classes[each.second]} {percent(each.second_probability)}"
    return f"{os.fspath(each.path)}: {network.classes[each.first]} {percent(each.probability)}{second}"


def _nothing_found(paths: Sequence[Path], result: Predicted) -> str:
    where = " and ".join(map(str, paths[:3])) + (" …" if len(paths) > 3 else "")
    over = f"; {counted(result.passed_over, 'file')} of other kinds passed over" if result.passed_over else ""
    return " ".join((f"There are no pictures in {where}{over}.", *result.troubles))


def _mention(network: UsedNetwork, result: Predicted, options: argparse.Namespace) -> None:
    """What was done and what not, to stderr where the output is for a program."""
    to = sys.stderr if options.json or options.csv is None else sys.stdout
    where = f" in {options.csv}" if options.csv is not None else ""
    speed = result.count / result.seconds if result.seconds > 0 else 0.0
    words = f"{counted(result.count, 'picture')} predicted by {network.name}{where}"
    mention(f"{words}, {grouped(result.seconds, 1)} s, {grouped(speed)} a second", to)
    for note in network.notes:
        mention(note, to)
    if result.unreadable:
        how = "Their rows say why." if options.csv is not None else ""
        mention(f"{counted(result.unreadable, 'file')} could not be read. {how}".rstrip(), sys.stderr)
    for trouble in result.troubles:
        mention(trouble, sys.stderr)


def _as_json(network: UsedNetwork, result: Predicted, csv: Path | None, listed: Sequence[Prediction]) -> dict[str, Any]:
    return {
        "network": network.name,
        "title": network.title,
        "classes": list(network.classes),
        "preprocessing": network.preprocessing,
        "notes": list(network.notes),
        "predicted": result.count,
        "unreadable": result.unreadable,
        "passed_over": result.passed_over,
        "troubles": list(result.troubles),
        "seconds": result.seconds,
        "csv": None if csv is None else os.fspath(csv),
        "predictions": [_row(network, each) for each in listed],
    }


def _row(network: UsedNetwork, each: Prediction) -> dict[str, Any]:
    path = os.fspath(each.path)
    if each.reason:
        return {"path": path, "reason": each.reason}
    row = {"path": path, "class": network.classes[each.first], "probability": each.probability}
    if each.second < 0:
        return row
    return {**row, "second_class": network.classes[each.second], "second_probability": each.second_probability}


def _progress(loading: Loading) -> None:
    of = f" of {grouped(loading.total)}" if loading.total else ""
    sys.stderr.write("\r" + plain(f"{loading.words}: {grouped(loading.done)}{of} "))
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    about = "Say what a trained network takes pictures for: the likeliest class, its probability, and the next one."
    parser = argparse.ArgumentParser("python -m workbench.engine predict", description=about)
    what = "a run (its folder or name; also one that still trains: its best weights so far) or a file of weights"
    parser.add_argument("network", metavar="RUN_OR_WEIGHTS", help=f"{what}; an ensemble predicts as one")
    where = "picture files, and folders of which all pictures at any depth are predicted"
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURES", help=where)
    columns = "path, class, probability, second class and its probability, reason (of a file that cannot be read)"
    parser.add_argument("--csv", type=Path, metavar="OUT", help=f"write a table: {columns}; without it lines are shown")
    more = "a further run or file: the probabilities of all are averaged (give it once for each)"
    parser.add_argument("--average", action="append", default=[], metavar="RUN_OR_WEIGHTS", help=more)
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="where runs are looked for by their names")
    named = "names of the outputs, one a line, or JSON as from class_to_idx"
    parser.add_argument("--classes", type=Path, metavar="FILE", help=named)
    add_input_options(parser)
    told = "print one JSON object: what was used and done, and without --csv the predictions"
    parser.add_argument("--json", action="store_true", help=told)
    return parser
