"""``python -m workbench.engine explain``: which pixels matter to a network, as pictures and numbers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.core.terminal import emit, mention, show_progress
from workbench.engine.core.text import paths_text, percent
from workbench.engine.evaluation.command import add_input_options, chosen_input
from workbench.engine.explain.explainer import Explainer
from workbench.engine.explain.explanation import Explanation, explaining
from workbench.engine.explain.pictures import files_of, numbers_of
from workbench.engine.explain.question import Question, method_of, methods
from workbench.engine.export.new_folder import new_folder, refuse_target
from workbench.engine.run_store.resumable import run_named
from workbench.engine.spec.assignment import assigned
from workbench.engine.use.network import used_network
from workbench.engine.weights.class_list import names_in


def command(arguments: Sequence[str]) -> int:
    """Exit code 0. Raises WorkbenchError."""
    options = _parser().parse_args(arguments)
    out = options.out.expanduser()
    refuse_target(out)  # before long work
    question = Question(method_of(options.method, dict(map(assigned, options.set))), None, options.layer)
    explainer = _explainer(options)
    if options.of_class is not None:
        question = Question(question.method, class_numbered(options.of_class, explainer.classes), options.layer)
    watch = show_progress if sys.stderr.isatty() and not options.json else None
    made = finished(explaining(explainer, options.picture, question), watch)
    numbers = {"picture": os.fspath(options.picture), **numbers_of(made)}
    with new_folder(out) as folder:
        files = {**files_of(made), "explanation.json": json.dumps(numbers, indent=1).encode()}
        for name, data in files.items():
            write_whole(folder / name, data)
    if options.json:
        emit(json.dumps(_brief(numbers, out, tuple(files)), indent=1))
    else:
        _mention(made, out)
    return 0


def class_numbered(text: str, classes: Sequence[str]) -> int:
    """The number of the class with this name. Raises WorkbenchError that lists some."""
    if text in classes:
        return list(classes).index(text)
    raise WorkbenchError(f"The network has no class {text}. Its classes are {paths_text(list(classes), 20)}.")


def _explainer(options: argparse.Namespace) -> Explainer:
    import torch

    from workbench.engine.training.device import cores

    torch.set_num_threads(max(1, cores() - 1))
    path = Path(options.network).expanduser()
    path = path if path.exists() else run_named(options.network, options.runs)
    names = names_in(options.classes, "--classes takes a file of names.") if options.classes is not None else ()
    return Explainer(used_network([path], None, chosen_input(options), names), options.member - 1)


def _mention(made: Explanation, out: Path) -> None:
    layer = f" at {made.layer}" if made.layer else ""
    rank = "the likeliest class" if made.is_top else "not the likeliest class"
    mention(f"{made.method.title}{layer} for {made.class_name} ({percent(made.probability)}, {rank}): {out}")
    mention(made.verdict)
    mention(made.method.limits)


def _brief(numbers: dict[str, Any], out: Path, files: Sequence[str]) -> dict[str, Any]:
    """The numbers but for the maps, which are in the file."""
    kept = {name: value for name, value in numbers.items() if name not in ("map", "shuffled_map")}
    return {**kept, "folder": os.fspath(out.absolute()), "files": list(files)}


def _parser() -> argparse.ArgumentParser:
    about = "Show which pixels of a picture matter to a class, beside the same for the network with shuffled weights."
    parser = argparse.ArgumentParser("python -m workbench.engine explain", description=about)
    what = "a run (its folder or name; also one that still trains: its best weights so far) or a file of weights"
    parser.add_argument("network", metavar="RUN_OR_WEIGHTS", help=what)
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="a picture file")
    known = methods()
    kinds = "; ".join(f"{name}: {each.title}" for name, each in known.items())
    parser.add_argument(
        "--method", choices=tuple(known), default=next(iter(known)), help=f"{kinds} (default %(default)s)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=f"a setting of it: {_settings()}"
    )
    layer = (
        "the layer of grad_cam by its name (default: the last one with a map); explanation.json and errors list them"
    )
    parser.add_argument("--layer", default="", metavar="NAME", help=layer)
    parser.add_argument("--class", dest="of_class", metavar="NAME", help="the class (default: the likeliest)")
    parser.add_argument("--member", type=int, default=1, metavar="N", help="which network of an ensemble (default 1)")
    where = "the folder to make: the picture, both maps over it, explanation.json with all numbers"
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help=where)
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="where runs are looked for by their names")
    named = "names of the outputs, one a line, or JSON as from class_to_idx"
    parser.add_argument("--classes", type=Path, metavar="FILE", help=named)
    add_input_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object: the numbers but for the maps")
    return parser


def _settings() -> str:
    from workbench.engine.catalog.settings import settings_of

    some = [(name, each.name, each.default) for name, cls in methods().items() for each in settings_of(cls)]
    return ", ".join(f"{name} of {kind} (default {default})" for kind, name, default in some)
