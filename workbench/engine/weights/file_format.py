"""What a file is, told by its first bytes; its name says nothing."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal, NoReturn

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.weights.own_exports import INSTEAD, is_program

Format = Literal["zip", "legacy", "safetensors"]

_HEAD = 4096
#: The first pickle of a file in torch's older format: the number 0x1950a86a20f9469cfc6c.
LEGACY = re.compile(rb"\x80[\x02-\x05](?:\x95.{8})?\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19\.", re.DOTALL)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n", "an HDF5 file, as Keras and TensorFlow write; this program reads weights of PyTorch only"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "packed with gzip; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "packed with xz; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"GGUF", "a GGUF file (quantized language models)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_BRING = "Bring a file of weights: a state_dict saved by torch (.pt, .pth, .th) or a safetensors file."
_ODD_TENSOR = re.compile(r"torch\.(_utils\._rebuild_\w+|\w+Storage|\w+\.\w+Storage)")
#: Contents of files of torch.ao: 8-bit tensors with a scale, their dtypes, and layers with packed parameters.
_QUANTIZED = re.compile(r"_rebuild_qtensor|torch\.q(u?)int\d|quantized|per_(tensor|channel)_affine|packed_params", re.I)
_CODE = re.compile(rb"\s*(?:\x80[\x00-\x01])?\(?[ci]([\w.]+)\n([\w.]+)\n")


def format_of(path: Path) -> Format:
    """Which of the three formats ``path`` has. Raises WorkbenchError that says what it is instead."""
    size, head = _opening(path)
    if not size:
        refuse(path, "is empty", "Copy or download it again.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path)
    if LEGACY.match(head):
        return "legacy"
    if size > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 2**40:
        return "safetensors"
    _refuse_other(path, head)


def refuse(path: Path, what: str, then: str = _BRING) -> NoReturn:
    """Raise the sentence that ``path`` is unusable and what to do."""
    raise WorkbenchError(f"{path} {what}. {then}", "model.weights")


def refuse_code(path: Path, name: str) -> NoReturn:
    """Raise the sentence for a file that could only be read by running what is in it."""
    if _QUANTIZED.search(name):
        refuse_quantized(path, name)
    if _ODD_TENSOR.fullmatch(name):
        what = f"holds tensors of a kind that is not read here ({name}): complex, sparse or 8-bit fractions"
        refuse(path, what, "Ask for the weights as float32, or as safetensors.")
    what = f"holds more than weights: reading it would run code ({name}). Nothing of it was run"
    refuse(path, what, "Ask for a file with the weights alone: torch.save(model.state_dict(), …), or safetensors.")


def refuse_quantized(path: Path, what: str) -> NoReturn:
    """Raise the sentence for weights as whole numbers with scales; ``what`` shows that they are."""
    text = f"holds quantized weights ({what}): numbers of 8 bits with scales, made to run a network and not to train it"
    refuse(path, text, "Export the float weights: the state_dict of the network before it was quantized.")


def _opening(path: Path) -> tuple[int, bytes]:
    try:
        if path.is_dir() and (path / "saved_model.pb").is_file():
            refuse(path, "is a SavedModel of TensorFlow, which this program cannot read")
        if path.is_dir():
            refuse(path, "is a folder", "Choose the file of weights in it.")
        if path.exists() and not path.is_file():  # opening a pipe would wait for ever
            refuse(path, "is a pipe or a device and not a file")
        with path.open("rb") as file:
            return path.stat().st_size, file.read(_HEAD)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.", "model.weights") from None
    except ValueError:  # a NUL in the name
        raise WorkbenchError(f"{str(path)!r} is not a usable path.", "model.weights") from None


def _zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:  # zipfile raises anything on damaged directories
        refuse(path, "is cut off or damaged: its table of contents cannot be read", "Copy or download it again.")
    tails = {name.partition("/")[2] for name in names}
    if "constants.pkl" in tails or any(tail.startswith("code/") for tail in tails):
        refuse(
            path,
            "is a TorchScript program, not weights. Nothing of it was run",
            "Ask for its state_dict: torch.save(model.state_dict(), …), or safetensors.",
        )
    if "data.pkl" in tails:
        return "zip"
    if is_program(names):
        refuse(path, "is a program of torch.export, not weights. Nothing of it was run", INSTEAD)
    if any(name.endswith(".npy") for name in names):
        refuse(path, "is a NumPy archive (.npz), not weights")
    if any(name.endswith((".weights.h5", "saved_model.pb")) for name in names):
        refuse(path, "is a model of Keras or TensorFlow, which this program cannot read")
    refuse(path, "is a zip archive without weights of torch in it", "If it holds such a file, unpack it first.")


def _refuse_other(path: Path, head: bytes) -> NoReturn:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<!--")):
        refuse(path, "is a web page, not weights: the download gave a page instead of the file", "Download it again.")
    if start.startswith(b"version https://git-lfs"):
        refuse(path, "is only a Git LFS pointer to the file", "Fetch the file itself (git lfs pull).")
    if _is_onnx(path, head):
        what = "is an ONNX graph, not weights by the names of their layers"
        refuse(path, what, "Ask for the state_dict of the PyTorch network that it was exported from.")
    if head[4:8] == b"TFL3":
        what = "is a model of TensorFlow Lite (.tflite), which this program cannot read"
        refuse(path, what, "Ask for the weights of the PyTorch network, if there is one.")
    if path.name == "saved_model.pb":
        refuse(path, "is a SavedModel of TensorFlow, which this program cannot read")
    for magic, what in _OTHERS:
        if head.startswith(magic):
            refuse(path, f"is no file of weights but {what}", _BRING)
    if head[257:262] == b"ustar":
        refuse(path, "is a tar archive, which could place files anywhere; it was not unpacked", "Unpack it first.")
    if (code := _CODE.match(head)) is not None:
        refuse_code(path, b".".join(code.groups()).decode("ascii", "replace"))
    if head[:1] == b"\x80" and head[1:2] <= b"\x05":
        _refuse_pickle(path)
    if _is_text(head):
        refuse(path, "is a text file, not weights")
    refuse(path, "is in no known format of weights")


def _refuse_pickle(path: Path) -> NoReturn:
    """A bare pickle: say what it would run; or that it is some other data."""
    from workbench.engine.core.pickle_check import MAX_PICKLE, Alien, Malformed, survey

    try:
        with path.open("rb") as file:
            survey(file.read(min(path.stat().st_size, MAX_PICKLE)))
    except Alien as alien:
        refuse_code(path, alien.name)
    except Malformed:
        pass
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.", "model.weights") from None
    refuse(path, "is a pickle of Python objects, not weights saved by torch. Nothing of it was run")


def _is_onnx(path: Path, head: bytes) -> bool:
    """ONNX has no mark of its own: it begins with the number of its version, then comes who wrote it."""
    writer = re.match(rb"\x08[\x01-\x20]\x12[\x01-\x7f]([\w.-]{3,})", head)
    return writer is not None or (path.suffix.lower() == ".onnx" and head[:1] == b"\x08")


def _is_text(head: bytes) -> bool:
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) == _HEAD and error.start > len(head) - 4
    return True
