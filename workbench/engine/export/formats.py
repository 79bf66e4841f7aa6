"""The formats a network can be exported to, and one export. Names and words of them load neither torch nor data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.core.progress import Job, Loading
from workbench.engine.export.new_folder import new_folder, refuse_target
from workbench.engine.export.onnx_extra import why_no_onnx
from workbench.engine.export.options import USUAL, Options

if TYPE_CHECKING:
    from workbench.engine.data.store import DataStore
    from workbench.engine.export.subject import Provenance, Subject


@dataclass(frozen=True, slots=True)
class Exported:
    """The new folder, and sentences on what is in it."""

    folder: Path
    words: str


@dataclass(frozen=True, slots=True)
class Task:
    """One export: the run or the weights at ``path`` into the folder ``folder``, which is there and empty."""

    path: Path
    folder: Path
    options: Options
    store: DataStore | None

    @property
    def origin(self) -> Provenance:
        """What is known of its training. Raises WorkbenchError."""
        from workbench.engine.export.subject import origin_at

        return origin_at(self.path)

    def subject(self) -> Job[Subject]:
        """The network. Raises WorkbenchError for weights that cannot be used or are damaged."""
        from workbench.engine.export.subject import intact_subject

        yield Loading(0, 0, "Reading the weights")
        return intact_subject(self.path, self.options)


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``title`` says what it is, ``purpose`` what it is for, ``needs`` what is required to use it."""

    name: str
    title: str
    purpose: str
    needs: str
    write: Callable[[Task], Job[str]]
    #: Whether an exported network is compared with the original on pictures.
    is_compared: bool = False
    #: Whether the form of the network's input can be chosen.
    has_inputs: bool = False
    #: Whether it can also be written as PDF.
    has_pages: bool = False
    #: Why it cannot be made on this computer, as a sentence; empty where it can.
    why_not: Callable[[], str] = str


def _safetensors(task: Task) -> Job[str]:
    from workbench.engine.export.weights_file import writing_weights

    return (yield from writing_weights((yield from task.subject()), task.folder))


def _pt2(task: Task) -> Job[str]:
    from workbench.engine.export.program_file import writing_program

    return (yield from writing_program((yield from task.subject()), task.folder, task.options.pictures, task.store))


def _onnx(task: Task) -> Job[str]:
    from workbench.engine.export.onnx_file import writing_onnx

    return (yield from writing_onnx((yield from task.subject()), task.folder, task.options, task.store))


def _script(task: Task) -> Job[str]:
    from workbench.engine.export.script.folder import writing_script

    return (yield from writing_script((yield from task.subject()), task.folder, task.store))


def _card(task: Task) -> Job[str]:
    from workbench.engine.export.card import writing_card

    return (yield from writing_card((yield from task.subject()), task.folder))


def _report(task: Task) -> Job[str]:
    from workbench.engine.export.report.page import writing_report

    return (yield from writing_report(task.origin, task.folder, task.store, task.options.pages))


def _data(task: Task) -> Job[str]:
    from workbench.engine.export.image_folder import writing_data

    return (yield from writing_data(task.origin, task.folder, task.store))


_ALL: Final = (
    Format(
        "safetensors",
        "weights with all that belongs to them, in one file",
        "To load the network in other programs, by the loader of the help page, and in this one.",
        "torch, torchvision and safetensors",
        _safetensors,
    ),
    Format(
        "onnx",
        "the network as ONNX, for any batch size",
        "To run the network without torch: onnxruntime, OpenVINO, TensorRT, a browser, a phone.",
        "onnxruntime or another runtime; to export, the optional extra onnx",
        _onnx,
        is_compared=True,
        has_inputs=True,
        why_not=why_no_onnx,
    ),
    Format(
        "pt2",
        "a program of torch.export, for any batch size",
        "To run the network with torch alone, and to go on to ExecuTorch or AOTInductor.",
        "torch",
        _pt2,
        is_compared=True,
    ),
    Format(
        "script",
        "the training as a script and a notebook of plain torch, with weights and data",
        "To read, change and repeat the training without this program; predict.py uses the result.",
        "torch, torchvision, Pillow and numpy",
        _script,
    ),
    Format(
        "card",
        "a model card in Markdown",
        "To publish beside the weights: data, settings, results with their interval, limits.",
        "nothing",
        _card,
    ),
    Format(
        "report",
        "the run on one page, as HTML with its plots",
        "To send, print or hand in: result, curves, confusion matrix, settings, data, versions.",
        "a browser",
        _report,
        has_pages=True,
    ),
    Format(
        "data",
        "the pictures with corrections and split, as an image folder",
        "To train other programs on the very same parts.",
        "nothing",
        _data,
    ),
)
FORMATS: Final[Mapping[str, Format]] = {each.name: each for each in _ALL}


def exporting(
    path: Path, to: str, out: Path, options: Options = USUAL, store: DataStore | None = None
) -> Job[Exported]:
    """Export the run or the weights at ``path`` into the new folder ``out``, which is there whole or not at all.

    Raises WorkbenchError with a sentence.
    """
    refuse_target(out)  # before long work
    with new_folder(out) as folder:
        words = yield from FORMATS[to].write(Task(path, folder, options, store))
    return Exported(out, words)
