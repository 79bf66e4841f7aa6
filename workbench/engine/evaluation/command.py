"""``python -m workbench.engine evaluate``: measures saved weights and prints a table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.engine.catalog.models.weights_name import AUTO, WEIGHTS_NAME
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.terminal import emit, mention, say
from workbench.engine.core.text import percent, plain
from workbench.engine.data.understand import refusal
from workbench.engine.evaluation.class_orders import TITLES, order_of
from workbench.engine.evaluation.entries import expanded
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate, unwatched
from workbench.engine.evaluation.evaluation_data import PARTS, DataInDoubt
from workbench.engine.evaluation.results import Evaluation, EvaluationProgress
from workbench.engine.evaluation.results_json import as_json
from workbench.engine.evaluation.results_table import table
from workbench.engine.spec.assignment import assigned
from workbench.engine.weights.chosen_input import (
    NORMALIZATION_TITLES,
    NORMALIZATIONS,
    ChosenInput,
    chosen_normalization,
    chosen_size,
)

#: Where the settings of a data source are in a spec.
_SOURCE = "data.source."


def command(arguments: Sequence[str]) -> int:
    """Exit code 0, or 2 if an entry could not be measured. Raises WorkbenchError for what is wrong with the data."""
    import torch

    from workbench.engine.training.device import cores

    options = _parser().parse_args(arguments)
    if options.pot and len(expanded(options.weights)) < 2:
        raise WorkbenchError("Give at least two files to average: the average of one is itself.")
    torch.set_num_threads(max(1, cores() - 1))  # the rule of a run: two threads on a busy machine can be far slower
    result = _evaluated(options)
    if options.json:
        emit(as_json(result))
    elif result.measured:
        say(table(result))
    for each in result.failed:
        mention(f"Not measured: {each.message} {each.advice}".rstrip(), sys.stderr)
    return 2 if result.failed else 0


def _evaluated(options: argparse.Namespace) -> Evaluation:
    watch = _line if sys.stderr.isatty() and not options.json else unwatched
    order = order_of(options.classes) if options.classes else None
    how = EvaluationOptions(order, _settings(options), chosen_input(options))
    try:
        return evaluate(options.weights, options.data, options.part, watch, how)
    except DataInDoubt as error:
        raise WorkbenchError(f"{refusal(error.doubts)} Give one with --set.", error.path) from None


def _settings(options: argparse.Namespace) -> list[tuple[str, Any]]:
    """Fields of the data source. Raises WorkbenchError for a setting of something else."""
    found = [assigned(each) for each in options.set]
    for path, _ in found:
        if options.data is None or not path.startswith(_SOURCE):
            raise WorkbenchError(f"--set {path} has no effect: it sets how --data is read, as {_SOURCE}NAME=VALUE.")
    return [(path.removeprefix(_SOURCE), value) for path, value in found]


def average_runs(folders: Sequence[Path]) -> int:
    """``--pot RUN RUN …``, kept for scripts: a table of all runs or, if one fails, a WorkbenchError that says why."""
    if len(expanded(folders)) < 2:
        raise WorkbenchError("Choose at least two runs: the average of one is itself.")
    result = evaluate(folders)
    if result.failed:
        raise WorkbenchError(result.failed[0].message)
    say(table(result))
    return 0


def _line(progress: EvaluationProgress) -> None:
    words = plain(f"{progress.words}: {percent(progress.fraction, 0)} ")
    sys.stderr.write(f"\r{words}" + "\n" * (progress.fraction >= 1))
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    about = "Measure saved weights on a data set, one by one and as the average of their predictions."
    parser = argparse.ArgumentParser("python -m workbench.engine evaluate", description=about)
    weights = "a file of weights (torch's formats or safetensors), a run folder, or a snapshot's file in one"
    parser.add_argument("weights", nargs="+", type=Path, metavar="WEIGHTS_OR_RUN", help=weights)
    what = "what the window opens: an .npz file, a CSV table, or a folder that holds one, IDX files or class folders"
    default = "without it, the data that the first run or file was trained on"
    parser.add_argument("--data", type=Path, metavar="SOURCE", help=f"{what}; {default}")
    change = f"how --data is read, where it can be read in several ways, e.g. {_SOURCE}classes=folders"
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help=change)
    which = (
        "which part of the data. validation is what the data keeps apart or else what the weights' own split held back "
        "(all examples where neither is known, which is then said); all is training and validation together; "
        "test is the share that the weights' own settings hold out, else the test part that the data bring. "
        "Each fold of a cross-validation is measured on its own part"
    )
    parser.add_argument("--part", choices=PARTS, default="validation", help=which)
    orders = "; ".join(f"{name}: {title}" for name, title in TITLES.items())
    named = (
        "the order of the outputs of weights that name no classes, where it is not certain: a text file with a name a "
        f"line or JSON as from class_to_idx, or one of: {orders}"
    )
    parser.add_argument("--classes", metavar="|".join([*TITLES, "FILE"]), help=named)
    add_input_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object, and what failed to stderr as well")
    parser.add_argument("--pot", action="store_true", help=argparse.SUPPRESS)  # of old: insist on several files
    return parser


def add_input_options(parser: argparse.ArgumentParser) -> None:
    """The options that say how pictures are prepared for weights of other programs; see ``chosen_input``."""
    sides = "picture size in pixels (64, or width and height: 320x240) for weights of other programs"
    usual = "without it what the file says, else what is usual for its network, which the result then says is assumed"
    parser.add_argument("--size", metavar="PIXELS", help=f"{sides}; {usual}")
    kinds = "; ".join(f"{name}: {title}" for name, title in NORMALIZATION_TITLES.items())
    how = f"normalization for weights of other programs: {kinds}; or numbers for values from 0 to 1; {usual}"
    parser.add_argument("--normalization", metavar="|".join([*NORMALIZATIONS, "MEAN/STD"]), help=how)
    parser.add_argument("--name", default=AUTO, help=f"{WEIGHTS_NAME.label}: {WEIGHTS_NAME.help}".replace("%", "%%"))


def chosen_input(options: argparse.Namespace) -> ChosenInput:
    """What ``options`` say of the pictures. Raises WorkbenchError."""
    size = chosen_size(options.size) if options.size else None
    normalization = chosen_normalization(options.normalization) if options.normalization else None
    return ChosenInput(size, normalization, options.name)
