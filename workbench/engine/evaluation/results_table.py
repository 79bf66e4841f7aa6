"""The result of an evaluation as lines of text, for a terminal."""

from __future__ import annotations

from workbench.engine.core.events import Measured
from workbench.engine.core.text import grouped, percent
from workbench.engine.evaluation.results import Evaluation


def table(result: Evaluation) -> str:
    """A line for each measured entry, the average, the number of examples, and the notes; empty without entries."""
    if not result.measured:
        return ""
    return "\n".join([*(_of_runs(result) if result.held_back else _on_data(result)), *_notes(result)])


def _on_data(result: Evaluation) -> list[str]:
    width = max(len(result.average_words), *(len(each.name) for each in result.measured))
    lines = [f"{'File':{width}}  {'accuracy':>8}  {'loss':>7}  {'parameters':>11}  network"]
    for each in result.measured:
        lines.append(f"{each.name:{width}}  {_figures(each.measured)}  {grouped(each.parameters):>11}  {each.title}")
    if result.averaged is not None:
        lines.append(f"{result.average_words:{width}}  {_figures(result.averaged)}  {grouped(result.parameters):>11}")
    seconds = sum(each.seconds for each in result.measured)
    return [*lines, f"{grouped(result.measured[0].measured.n)} examples, float32, {grouped(seconds, 1)} s"]


def _of_runs(result: Evaluation) -> list[str]:
    width = max(len(result.average_words), *(len(each.name) for each in result.measured))
    lines = [f"{'Run':{width}}  {'accuracy':>8}  {'loss':>7}  {'parameters':>10}"]
    for each in result.measured:
        line = f"{each.name:{width}}  {_figures(each.measured)}  {grouped(each.parameters):>10}"
        lines.append(f"{line}  {each.doubt}".rstrip())
    if result.averaged is not None:
        lines.append(f"{'Mean member':{width}}  {percent(result.mean_accuracy, 2):>8}")
        lines.append(f"{result.average_words:{width}}  {_figures(result.averaged)}  {grouped(result.parameters):>10}")
    return [*lines, f"{grouped(result.measured[0].measured.n)} validation examples of the first run"]


def _figures(measured: Measured) -> str:
    return f"{percent(measured.accuracy, 2):>8}  {grouped(measured.loss, 4):>7}"


def _notes(result: Evaluation) -> list[str]:
    """Every note once, with the entries that it is about if not all."""
    about: dict[str, list[str]] = {}
    for each in result.measured:
        for note in each.notes:
            about.setdefault(note, []).append(each.name)
    everyone = len(result.measured)
    return [note if len(names) == everyone else f"{', '.join(names)}: {note}" for note, names in about.items()]
