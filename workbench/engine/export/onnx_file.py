"""``--to onnx``: the network as one ONNX file for any batch size, compared with the original in onnxruntime."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.data.store import DataStore
from workbench.engine.export.about import about
from workbench.engine.export.compared import TOLERANCE, comparing
from workbench.engine.export.fixed_regions import with_fixed_regions
from workbench.engine.export.onnx_extra import why_no_onnx
from workbench.engine.export.options import INPUTS, Inputs, Options
from workbench.engine.export.pictures import real_inputs
from workbench.engine.export.subject import Subject
from workbench.engine.export.weights_file import preprocessing

if TYPE_CHECKING:
    from torch import Tensor, nn

NAME: Final = "model.onnx"
#: The key of the metadata that holds ``about`` as JSON, and the names of the input and the output.
KEY: Final = "export"
INPUT, OUTPUT = "input", "logits"
#: Maximum size of the weights in one file in bytes, less a margin for the rest of the file.
_MOST: Final = (1 << 31) - (1 << 24)
_LEVELS: Final = 255.0


def writing_onnx(subject: Subject, folder: Path, options: Options, store: DataStore | None = None) -> Job[str]:
    """Write it into ``folder``, run it in onnxruntime and compare it on real inputs; returns sentences on it.

    Raises WorkbenchError where the extra is missing, where torch cannot export the network, where there are no inputs
    to compare on, or where the file answers otherwise; CannotWrite.
    """
    kind = refused_or_kind(subject, options)
    inputs = yield from real_inputs(subject, options.pictures, store)
    yield Loading(0, 0, "Exporting the network")
    taken = _taken(subject, kind)
    data = _exported(subject, taken(inputs[:1]), kind)
    write_whole(folder / NAME, data)
    yield Loading(0, 0, "Opening it in onnxruntime")
    answer = _answering(folder / NAME)
    found = yield from comparing(subject.core, lambda batch: answer(taken(batch)), inputs)
    if found.largest > TOLERANCE or found.changed:
        raise WorkbenchError(f"{subject.title} answers otherwise in onnxruntime. {found.words} It is not kept.")
    return f"{NAME} takes {INPUTS[kind]}; it gives logits. {found.words}"


def refused_or_kind(subject: Subject, options: Options) -> Inputs:
    """What the file is to take. Raises WorkbenchError for what needs no try: the extra, the size, pixels of points."""
    if missing := why_no_onnx():
        raise WorkbenchError(missing)
    has_pixels = len(subject.shape) == 3
    kind: Inputs = options.inputs or ("pixels" if has_pixels else "unit")
    if kind == "pixels" and not has_pixels:
        raise WorkbenchError(f"{subject.name} takes points, which have no pixels. Choose unit or normalized.")
    size = sum(tensor.nbytes for tensor in subject.core.state_dict().values())
    if size > _MOST:
        raise WorkbenchError(f"{subject.title} is larger than the 2 GB of one ONNX file. pt2 has no limit.")
    return kind


def _taken(subject: Subject, kind: Inputs) -> Callable[[Tensor], Tensor]:
    """From values in [0, 1] to what the file takes."""
    if kind == "pixels":
        import torch

        return lambda x: (x * _LEVELS).round().to(torch.uint8)
    return subject.core[:-1] if kind == "normalized" else lambda x: x


def _part(subject: Subject, kind: Inputs) -> nn.Module:
    """The network with as much in front of it as is inside the file."""
    from torch import nn

    from workbench.engine.export.pixel_input import FromPixels

    network = with_fixed_regions(subject.core)
    if kind == "normalized":
        return network[-1]
    return nn.Sequential(FromPixels(_LEVELS), network).eval() if kind == "pixels" else network


def _exported(subject: Subject, example: Tensor, kind: Inputs) -> bytes:
    import torch

    batch = torch.export.Dim("batch", min=1)
    two = torch.zeros(2, *example.shape[1:], dtype=example.dtype)  # one row would become a part of the program
    names: dict[str, Any] = {"input_names": [INPUT], "output_names": [OUTPUT], "dynamic_shapes": ({0: batch},)}
    try:
        program = torch.onnx.export(_part(subject, kind), (two,), dynamo=True, verbose=False, **names)
        assert program is not None
        model = program.model_proto
    except Exception as error:  # torch raises anything on what it cannot follow
        why = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise WorkbenchError(f"{subject.title} cannot become ONNX: {why}.") from None
    model.metadata_props.add(key=KEY, value=json.dumps(_about(subject, kind), ensure_ascii=False))
    return bytes(model.SerializeToString())


def _about(subject: Subject, kind: Inputs) -> dict[str, Any]:
    takes: dict[str, Any] = {"kind": kind, "words": INPUTS[kind], "name": INPUT, "output": OUTPUT}
    if kind == "normalized":
        mean, inverse_std = preprocessing(subject)
        takes |= {"mean": mean.tolist(), "inverse_std": inverse_std.tolist()}
    return {**about(subject), "takes": takes}


def _answering(file: Path) -> Callable[[Tensor], Tensor]:
    """Asks the file in onnxruntime, on one core: a run may be training."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    try:
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common class
        why = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise WorkbenchError(f"onnxruntime cannot open the exported file: {why}.") from None
    return lambda batch: torch.from_numpy(session.run([OUTPUT], {INPUT: batch.numpy()})[0])
