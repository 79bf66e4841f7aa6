"""Headless training: ``python -m workbench.engine SPEC.toml`` trains the same spec with no window and no Qt.

``python -m workbench.engine evaluate WEIGHTS_OR_RUN … --data SOURCE`` measures saved weights on a data set, ``predict
RUN_OR_WEIGHTS PICTURES … --csv OUT`` says what a network takes pictures for, ``explain RUN PICTURE --out FOLDER``
which of their pixels matter to it, ``export`` takes it away; ``check SPEC_OR_PATH`` says what is understood of data
before anything is trained; ``sanity SPEC`` checks settings for about 20 seconds before a long run (``--json``);
``runs``, ``show RUN``, ``compare RUN RUN …`` and ``landscape RUN`` say what is known of runs (``--json``); ``scene N``
plays a scene of the lecture and says whether its claim holds (``--json``), ``plan FILE`` all of a lesson plan; ``race
FILE.toml`` races several settings on the same batches; ``queue FOLDER`` trains every settings file of a folder;
``search [SPEC.toml] --field PATH`` looks for good settings.

Exit code 0: the run ended (or was stopped) and is kept; 1: it failed or is not all in its folder, or the claim of a
scene does not hold; 2: the settings are wrong, or nothing can be kept where it should be.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.drive import Commands, drive
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import (
    Command,
    Event,
    RunEnded,
    Stop,
)
from workbench.engine.core.progress import finished
from workbench.engine.core.signals import Asked
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.terminal import exit_code, mention, say
from workbench.engine.core.text import quoted
from workbench.engine.data.setting_words import assignments
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import before_run, run_warnings
from workbench.engine.distributed.started import is_started_together
from workbench.engine.report.progress_line import ProgressLine
from workbench.engine.run_store.recovery import MOST, WayBack, way_back
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.resumable import edited_spec, has_ended, is_member, resumable, run_named, started_as
from workbench.engine.run_store.run_folder import RunFolder, read_tape
from workbench.engine.run_store.start import Fork, Start
from workbench.engine.run_store.unsaved_run import keep_anywhere
from workbench.engine.shelf.cards import Card
from workbench.engine.shelf.command import COMMANDS as SHELF_COMMANDS
from workbench.engine.shelf.queue_command import command as queue
from workbench.engine.spec.assignment import assigned, with_assigned
from workbench.engine.spec.docs import settings_page
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load
from workbench.engine.training.accumulation import more_parts

#: Commands of rooms that are imported when they are asked for.
_LATER: Final = {
    "evaluate": "evaluation.command",
    "predict": "use.command",
    "export": "export.command",
    "explain": "explain.command",
    "check": "data.command",
    "sanity": "experiments.sanity.command",
    "landscape": "experiments.run_path.command",
    "scene": "lessons.command",
    "plan": "lessons.plan.command",
    "race": "race.command",
    "search": "search.command",
}
#: Settings, folder and start of a run.
_Begun = tuple[ExperimentSpec, RunFolder, Start | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if is_started_together():
        return _code(lambda: _as_one_of_several(arguments))
    return _main(arguments)


def _as_one_of_several(arguments: Sequence[str]) -> int:
    """What torchrun has started: the first process trains, the others follow it."""
    from workbench.engine.follow import as_one_of_several, refuse_other_commands

    def first(size: int) -> int:
        refuse_other_commands(arguments, (*_LATER, "queue", *SHELF_COMMANDS))
        return _main([*arguments, "--set", f"loop.processes={size}"])

    return as_one_of_several(first)


def _main(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in _LATER:
        room = import_module(f"workbench.engine.{_LATER[arguments[0]]}")
        return _code(lambda: int(room.command(arguments[1:])))
    if arguments and arguments[0] == "queue":
        return _code(lambda: queue(arguments[1:], _CardTrainer))
    if arguments and arguments[0] in SHELF_COMMANDS:
        return _code(lambda: SHELF_COMMANDS[arguments[0]](arguments[1:]))
    options = _parser().parse_args(arguments)
    if options.settings:
        say(settings_page())
        return 0
    if options.pot:
        from workbench.engine.evaluation.command import average_runs

        return _code(lambda: average_runs(options.pot))
    if options.resume is not None:
        return _code(lambda: _resume(options))
    if options.fork is not None:
        return _code(lambda: _fork(options))
    try:
        spec, tape = _wanted(options)
        data = DataStore()
        finished(before_run(spec.data.source, data))  # refused before a folder of the run is made
        if options.range_test:
            return _range_test(spec)
        for warning in finished(run_warnings(spec, data)):
            mention(f"Warning: {warning}")
        folder = _created(spec, options.runs)
    except SpecError as error:
        for problem in error.problems:
            mention(f"{options.spec or options.replay or 'settings'}: {problem}", sys.stderr)
        return 2
    except WorkbenchError as error:
        mention(error.message, sys.stderr)
        return 2
    return _run(spec, folder, tape, data, backs=options.go_back)


def _created(spec: ExperimentSpec, parent: Path | None) -> RunFolder:
    """A new folder for the run; nothing is trained where there can be none."""
    try:
        return RunFolder.create(spec, parent)
    except WorkbenchError as error:
        raise WorkbenchError(f"{error.message} Nothing was trained; --runs FOLDER keeps runs elsewhere.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m workbench.engine",
        description="Train a settings file without a window.",
        epilog="Other commands, each with --help: evaluate WEIGHTS_OR_RUN … --data SOURCE measures saved weights; "
        "predict RUN_OR_WEIGHTS PICTURES … --csv OUT says what a network takes pictures for; explain RUN PICTURE "
        "--out FOLDER shows which pixels matter; export RUN takes it away; check SPEC_OR_PATH says what is "
        "understood of data; sanity SPEC checks for 20 seconds before a long run; scene N plays a scene of the "
        "lecture, plan FILE all of a lesson plan; race FILE races several settings; runs, show RUN, compare RUN "
        "RUN … and landscape RUN say what is known of runs; queue FOLDER trains all settings files of a folder; "
        "search SPEC --field PATH looks for good settings.",
    )
    parser.add_argument("spec", nargs="?", type=Path, help="the settings file (TOML); without it the default settings")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change one setting, e.g. optimizer.lr=0.01"
    )
    parser.add_argument(
        "--replay", type=Path, metavar="RUN", help="repeat a run folder: its settings and its live edits"
    )
    parser.add_argument(
        "--resume", metavar="RUN", help="go on with a run from its last kept state: its folder, or its name"
    )
    parser.add_argument(
        "--fork", metavar="RUN[@STEP]", help="branch off a run, after STEP steps or from its last kept state"
    )
    parser.add_argument(
        "--range-test",
        action="store_true",
        help="train a throw-away copy at a rising learning rate, print loss against rate and suggestions, keep nothing",
    )
    parser.add_argument("--pot", type=Path, nargs="+", help=argparse.SUPPRESS)  # of old: evaluate RUN RUN …
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="keep the run in this folder")
    parser.add_argument(
        "--go-back",
        type=int,
        default=MOST,
        metavar="TIMES",
        help="how often a run that diverges goes back to its last good state with a lower learning rate "
        "(default %(default)s; 0: it ends there)",
    )
    parser.add_argument("--settings", action="store_true", help="print every setting with its limits and help")
    return parser


def _code(command: Callable[[], int]) -> int:
    """The exit code of ``command``; 2 with its sentence if it raises WorkbenchError."""
    try:
        return command()
    except WorkbenchError as error:
        mention(error.message, sys.stderr)
        return 2


def _wanted(options: argparse.Namespace) -> tuple[ExperimentSpec, Tape]:
    if options.replay is not None:
        spec, edits = read_tape(options.replay)
        begun = started_as(options.replay)
        if begun is not None and begun.parent:
            words = f"{options.replay} is a fork: it begins at a later step of {begun.parent}"
            raise WorkbenchError(f"{words}. Use --fork {begun.parent}@{begun.parent_step}.")
    else:
        spec, edits = (load(options.spec) if options.spec else ExperimentSpec()), ()
    for assignment in options.set:
        spec = with_assigned(spec, *assigned(assignment))
    errors = [p for p in spec.problems() if p.severity == "error"]
    if errors:
        raise SpecError(errors)
    return spec, Tape(edits)


def _resume(options: argparse.Namespace) -> int:
    """Go on with a run in its folder; one that has ended says so."""
    path = run_named(options.resume, options.runs)
    changes = [assigned(each) for each in options.set]
    state = resumable(path)
    is_over = has_ended(path) and not is_member(path)
    if isinstance(state, str) and not (changes and is_over):
        mention(state, sys.stdout if is_over else sys.stderr)
        return 0 if is_over else 2
    try:
        spec, folder, start = reopened(path, changes)
    except CannotWrite as error:
        raise WorkbenchError(f"{error.message} --fork {path} --runs FOLDER goes on in another folder.") from None
    return _run(spec, folder, Tape(()), DataStore(), start, options.go_back)


def _fork(options: argparse.Namespace) -> int:
    """Branch off a run into a new folder, with changed settings."""
    parent, step = _branch(options)
    spec = edited_spec(parent, step)
    for assignment in options.set:
        spec = with_assigned(spec, *assigned(assignment))
    folder = _created(spec, options.runs or parent.parent)
    return _run(spec, folder, Tape(()), DataStore(), Fork(parent, step), options.go_back)


def _branch(options: argparse.Namespace) -> tuple[Path, int | None]:
    """The run to branch off, and the step; None for its last kept state."""
    name, at, step = options.fork.rpartition("@")
    if not at:
        return run_named(options.fork, options.runs), None
    if not step.isdecimal():
        raise WorkbenchError(f"{quoted(step)} is no number of steps: RUN@STEP.")
    return run_named(name, options.runs), int(step)


def _run(
    spec: ExperimentSpec, folder: RunFolder, tape: Tape, data: DataStore, start: Start | None = None, backs: int = MOST
) -> int:
    stop = _until_asked(tape)  # before torch is imported, which takes seconds
    ended, folder = _trained((spec, folder, start), data, stop, backs)
    parts = more_parts(spec.loop.batch_size, spec.loop.accumulate)
    if ended.code == "out_of_memory" and parts is not None:
        mention(f"Train again with --set loop.accumulate={parts}", sys.stderr)
    if ended.reason == "failed" and (named := assignments(ended.message, spec.data.source)):
        mention(named, sys.stderr)
    return 1 if not _is_kept(folder) or ended.reason == "failed" else 0


def _trained(begun: _Begun, data: DataStore, commands: Commands, backs: int) -> tuple[RunEnded, RunFolder]:
    """Train to the end. A run that diverges goes back to its last good state with a lower learning rate, at most
    ``backs`` times; the end says so."""
    from workbench.engine.train import train

    went: WayBack | None = None
    while True:
        spec, folder, start = begun
        steps = StepStore()
        ended = drive(train(spec, folder, steps, data, start), commands, ProgressLine(steps))
        has_diverged = ended.code == "diverged" and not ended.not_kept
        back = way_back(folder.path) if has_diverged and backs > 0 else None
        if back is None:
            return (went.said_in(ended) if went is not None else ended), folder
        mention(f"{back.words}.")
        begun, backs, went = back.reopened(), backs - 1, back


class _CardTrainer:
    """Trains cards of a queue; runs go into ``parent``."""

    def __init__(self, parent: Path | None) -> None:
        self._parent, self._data = parent, DataStore()

    def __call__(self, card: Card, started: Callable[[Path], object], commands: Commands) -> RunEnded:
        begun = self._begun(card, started)
        ended, folder = _trained(begun, self._data, commands, MOST)
        _is_kept(folder)
        return ended

    def _begun(self, card: Card, started: Callable[[Path], object]) -> _Begun:
        """Settings and folder of the card's run: one that was cut off goes on, else a new one, whose place is given
        before it is made."""
        if card.run and isinstance(resumable(Path(card.run)), int):
            begun = reopened(Path(card.run))
            started(begun[1].path)
            return begun
        finished(before_run(card.spec.data.source, self._data))
        return card.spec, RunFolder.create(card.spec, self._parent, tell=started), None


def _is_kept(folder: RunFolder) -> bool:
    """Say where the run is. One that could not be kept in its folder is written to another place."""
    if folder.unsaved is None and not folder.missing():
        if folder.path.is_dir():  # not where nothing was trained
            mention(f"Run kept in {folder.path}")
        return True
    place = folder.path.parent
    next_time = f"Make room in {place} or pass --runs OTHER."
    try:
        if folder.unsaved is not None:
            next_time = f"{folder.unsaved.remedy} or pass --runs OTHER."
            mention(f"Run kept in {keep_anywhere(folder.unsaved, place)} instead. {next_time}", sys.stderr)
        else:
            mention(f"The log of the run in {folder.path} is incomplete. {next_time}", sys.stderr)
    except WorkbenchError as error:
        mention(f"{error.message} The trained network is lost. {next_time}", sys.stderr)
    return False


def _range_test(spec: ExperimentSpec) -> int:
    from workbench.engine.experiments.lr_finder import Sweep, Tried, range_test, table

    tried: list[Tried] = []
    diverged = finished(range_test(spec, Sweep()), tried.append)
    say(table(tried, diverged))
    return 0


def _until_asked(then: Commands) -> Commands:
    """Commands of ``then``; after Ctrl-C, SIGTERM or a closed terminal: Stop, so that the run is saved."""
    asked = Asked.by_signal()

    def command(event: Event) -> Command | None:
        return Stop() if asked.is_asked else then(event)

    return command


if __name__ == "__main__":
    sys.exit(exit_code(main))
