"""The result of an evaluation as lines of text, for a terminal."""

from __future__ import annotations

from workbench.engine.core.events import Measured
from workbench.engine.core.text import grouped, percent
from workbench.engine.evaluation.results import FOLDS_NOTE, Evaluation

_ASSUMED = (
    "The file does not say how its pictures were prepared; what is assumed can change the result. Choose it by --size "
    "and --normalization if the training had another."
)


def table(result: Evaluation) -> str:
    """A line for each measured entry, the average, the number of examples, and the notes; empty without entries."""
    if not result.measured:
        return ""
    return "\n".join([*_lines(result), *_notes(result)])


def _lines(result: Evaluation) -> list[str]:
    """Runs on held-back examples also have a line for their mean; files say which network they are of."""
    runs, average = result.held_back, result.average_words
    width = max(len(average), *(len(each.name) for each in result.measured))
    digits = 10 if runs else 11
    head = f"{'Run' if runs else 'File':{width}}  {'accuracy':>8}  {'loss':>7}  {'parameters':>{digits}}"
    lines = [head if runs else f"{head}  network"]
    for each in result.measured:
        figures = f"{each.name:{width}}  {_figures(each.measured)}  {grouped(each.parameters):>{digits}}"
        said = (each.doubt,) if runs else (each.title, each.doubt, each.assumed)
        lines.append(f"{figures}  {'; '.join(filter(None, said))}".rstrip())
    if result.averaged is not None:
        doubtful = "  doubtful, as members of it are" if any(each.doubt for each in result.measured) else ""
        lines += [f"{'Mean member':{width}}  {percent(result.mean_accuracy, 2):>8}{doubtful}"] if runs else []
        average = f"{average:{width}}  {_figures(result.averaged)}  {grouped(result.parameters):>{digits}}"
        lines.append(average + doubtful)
    if result.mean_of_folds is not None:
        of, figures = result.mean_of_folds
        lines.append(f"{of:{width}}  {figures} (standard deviation)")
    seconds = sum(each.seconds for each in result.measured)
    how = "" if runs else f"; float32, {grouped(seconds, 1)} s"
    return [*lines, f"{grouped(result.count)} {result.examples}{how}"]


def _figures(measured: Measured) -> str:
    return f"{percent(measured.accuracy, 2):>8}  {grouped(measured.loss, 4):>7}"


def _notes(result: Evaluation) -> list[str]:
    """Every note once, with the entries that it is about if not all."""
    about: dict[str, list[str]] = {}
    for each in result.measured:
        for note in each.notes:
            about.setdefault(note, []).append(each.name)
    everyone = len(result.measured)
    if any(each.assumed for each in result.measured):
        about[_ASSUMED] = [each.name for each in result.measured if each.assumed]
    said = [*result.data_notes, *([FOLDS_NOTE] if result.mean_of_folds is not None else [])]
    return said + [note if len(names) == everyone else f"{', '.join(names)}: {note}" for note, names in about.items()]
