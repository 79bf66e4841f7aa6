"""``python -m workbench.engine export``: a run or weights as files for other programs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.engine.core.progress import finished
from workbench.engine.core.terminal import emit, mention, show_progress
from workbench.engine.core.text import plain
from workbench.engine.evaluation.command import add_input_options, chosen_input
from workbench.engine.export.formats import FORMATS, exporting
from workbench.engine.export.options import INPUTS, Options
from workbench.engine.run_store.resumable import run_named
from workbench.engine.weights.class_list import names_in


def command(arguments: Sequence[str]) -> int:
    """Exit code 0. Raises WorkbenchError."""
    options = _parser().parse_args(arguments)
    path = Path(options.network).expanduser()
    path = path if path.exists() else run_named(options.network, options.runs)
    names = names_in(options.classes, "--classes takes a file of names.") if options.classes is not None else ()
    watch = show_progress if sys.stderr.isatty() and not options.json else None
    chosen = Options(tuple(options.pictures), chosen_input(options), names, options.inputs)
    work = exporting(path, options.to, options.out.expanduser(), chosen)
    made = finished(work, watch)
    if options.json:
        emit(json.dumps({"to": options.to, "folder": os.fspath(made.folder.absolute()), "words": plain(made.words)}))
    else:
        mention(f"Exported to {made.folder}. {made.words}")
    return 0


def _parser() -> argparse.ArgumentParser:
    about = "Take a trained network away, as files that other programs read without this one."
    parser = argparse.ArgumentParser("python -m workbench.engine export", description=about)
    what = "a run (its folder or name; also one that still trains: its best weights so far) or a file of weights"
    parser.add_argument("network", metavar="RUN_OR_WEIGHTS", help=what)
    kinds = "; ".join(f"{name}: {each.title}" for name, each in FORMATS.items())
    parser.add_argument("--to", choices=tuple(FORMATS), required=True, help=kinds)
    where = "the folder to make; one that is there already is never written into"
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help=where)
    compared = "pictures or folders on which pt2 and onnx are compared with the original, instead of the run's own"
    parser.add_argument("--pictures", nargs="+", default=[], type=Path, metavar="PICTURES", help=compared)
    takes = "; ".join(f"{name}: {words}" for name, words in INPUTS.items())
    takes = f"what an ONNX network takes (pixels, of points unit, if it is not said); {takes}"
    parser.add_argument("--inputs", choices=tuple(INPUTS), help=takes)
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="where runs are looked for by their names")
    named = "names of the outputs, one a line, or JSON as from class_to_idx"
    parser.add_argument("--classes", type=Path, metavar="FILE", help=named)
    add_input_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object: folder and words")
    return parser
