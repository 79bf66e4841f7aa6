"""Weights from a file: by content, never by its name; nothing in it is run; sizes are checked before they cost memory.

Three formats: torch's zip and its older one (``.pt``, ``.pth``, ``.th``, whatever the suffix), and safetensors.
"""

from __future__ import annotations

import errno
import hashlib
import re
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engine.catalog.models.weights_name import AUTO
from workbench.engine.core.allowed_in_pickles import allowed
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.pickle_check import (
    MAX_PICKLE,
    Alien,
    Malformed,
    Survey,
    TensorPlan,
    survey,
    tensors_of,
)
from workbench.engine.core.tensors_of_data import words_of_data
from workbench.engine.core.text import grouped
from workbench.engine.run_store import weights_metadata
from workbench.engine.weights import run_metadata
from workbench.engine.weights.channel_order import in_rgb
from workbench.engine.weights.class_list import lists_beside
from workbench.engine.weights.file_format import LEGACY, Format, format_of, refuse, refuse_code, refuse_quantized
from workbench.engine.weights.hub_config import HubConfig, config_beside
from workbench.engine.weights.intact import refuse_altered
from workbench.engine.weights.stated import NOTHING, Stated, stated_in
from workbench.engine.weights.unwrapping import OTHER_NAME, Unwrapped, needed, unwrapped, without_prefix

if TYPE_CHECKING:
    from torch import Tensor

#: Tensors may share memory in a file; each gets its own, at most this many times the file's size in all.
MAX_UNSHARED = 4
#: No network here has more.
MAX_TENSORS = 20_000
MAX_NAME = 300
#: Of batch norm, as torch adds it to the variance.
_EPSILON = 1e-5
_AGAIN = "Copy or download it again."
_HASH = re.compile(r"[-_.]([0-9a-f]{8,64})$")
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")


@dataclass(frozen=True, slots=True, eq=False)
class WeightsFile:
    """What a file of weights holds. ``tensors`` are on the CPU, each with memory of its own, wrappers taken off.

    ``standardizer`` are the mean and the inverse std that this program saves beside its weights; ``metadata`` its own
    words (``own``) and those of safetensors; ``notes`` sentences on what was done or is wrong.
    """

    path: Path
    format: Format
    tensors: dict[str, Tensor]
    sha256: str
    metadata: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    standardizer: tuple[Tensor, Tensor] | None = None
    #: Names of tensors that hold NaN or infinity, or variances below 0.
    broken: tuple[str, ...] = ()
    #: What a file of others says beside its weights.
    stated: Stated = NOTHING
    #: Which of several tables these are, and which others there are; empty where there is no choice.
    choice: str = ""
    #: What a hub's file beside a file of others says of its pictures.
    config: HubConfig | None = None
    #: Whether its first layer was for blue, green, red and was turned round.
    is_turned: bool = False


def read_weights(path: Path, name: str = AUTO, *, as_saved: bool = False) -> WeightsFile:
    """Read the weights in ``path``; ``name`` is that of one of several tables in it. Raises WorkbenchError with a
    sentence: what the file is and what to do.

    ``as_saved`` keeps the names as they are: for files whose network is known, which this program has written.
    """
    try:
        return _read(path, name, as_saved)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.", "model.weights") from None
    except MemoryError:
        refuse(path, "does not fit into memory", "Close other programs or choose a smaller network.")


def _read(path: Path, name: str, as_saved: bool) -> WeightsFile:
    kind = format_of(path)
    digest = _digest(path)
    _check_name(path, digest)
    refuse_altered(path, digest)
    if kind == "safetensors":
        tensors, metadata = _safetensors(path)
        found = Unwrapped()
        stated = stated_in(metadata)
        if name != AUTO and weights_metadata.ours(metadata) is None:
            refuse(path, f"holds one table of weights, which has no name, and none called {name!r}", OTHER_NAME)
    else:
        tensors, metadata, found, stated = _torch_file(path, kind, name)
    config, notes = None, found.notes
    turned: tuple[str, ...] = ()
    if not as_saved and weights_metadata.ours(metadata) is None:
        config = config_beside(path)
        stated = replace(stated, classes=(*stated.classes, *lists_beside(path)))
        tensors, stated, turned = in_rgb(tensors, stated)
        notes = (*notes, *turned, *stated.of_pictures())
    if not as_saved:
        tensors, left_out = needed(tensors)
        tensors, taken_off = without_prefix(tensors)
        tensors, left_inside = needed(tensors)
        notes = (*notes, *left_out, *taken_off, *left_inside)
    mean, inverse = tensors.pop(weights_metadata.MEAN, None), tensors.pop(weights_metadata.INVERSE_STD, None)
    if not tensors:
        refuse(path, "holds no weights")
    if not all(len(name) <= MAX_NAME and name.isprintable() for name in tensors):
        refuse(path, "has names of tensors that no network has: unprintable or very long")
    if packed := next((name for name, tensor in tensors.items() if _is_quantized(name, tensor)), ""):
        refuse_quantized(path, packed)
    infinite = tuple(name for name, tensor in tensors.items() if not _is_finite(tensor))
    negative = tuple(name for name, tensor in tensors.items() if name not in infinite and _is_negative(name, tensor))
    broken = infinite + negative
    standardizer = None if mean is None or inverse is None else (mean, inverse)
    notes = (*notes, *_said_of(infinite, negative))
    said = {**run_metadata.beside(path), **metadata}
    return WeightsFile(
        path, kind, tensors, digest, said, notes, standardizer, broken, stated, found.choice, config, bool(turned)
    )


def claimed_hash(name: str) -> str:
    """The beginning of the SHA-256 that a file's name states (``resnet20-12fca82f.th``); empty if it states none."""
    found = _HASH.search(Path(name).stem.lower())
    return "" if found is None or _DATE.fullmatch(found[1]) else found[1]


def _check_name(path: Path, digest: str) -> None:
    claimed = claimed_hash(path.name)
    if not digest.startswith(claimed):
        refuse(
            path,
            f"is not the file that its name states: its SHA-256 begins with {digest[: len(claimed)]}, not {claimed}",
            "It is damaged or another file; download it again. If you trust it, take the figure out of its name.",
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said_of(infinite: tuple[str, ...], negative: tuple[str, ...]) -> tuple[str, ...]:
    broken = infinite or negative
    if not broken:
        return ()
    what = "numbers that are none (NaN or infinity)" if infinite else "negative variances, whose root is no number,"
    more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
    return (f"There are {what} in {', '.join(broken[:3])}{more}; do not use these.",)


def _is_quantized(name: str, tensor: Tensor) -> bool:
    """Whether it is called a weight and is a table of whole numbers of 8 bits, which need scales."""
    return "weight" in name.lower() and tensor.ndim > 1 and str(tensor.dtype) in ("torch.int8", "torch.uint8")


def _is_negative(name: str, tensor: Tensor) -> bool:
    """Whether it is the variance of batch norm with a number below what is added before the root is drawn."""
    is_variance = name.endswith("running_var") and tensor.is_floating_point() and tensor.numel() > 0
    return is_variance and float(tensor.min()) < -_EPSILON


def _is_finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(tensor.float().isfinite().all())


# --- safetensors ------------------------------------------------------------------------------------------------


def _safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    import torch
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            names = list(file.keys())
            if len(names) > MAX_TENSORS:
                refuse(path, f"announces {grouped(len(names))} tensors; no network has that many")
            made = {name: file.get_tensor(name).clone() for name in names}
            metadata = dict(file.metadata() or {})
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, UnicodeError):
        refuse(path, "is damaged or cut off: it holds no readable weights", _AGAIN)
    if not all(isinstance(tensor, torch.Tensor) for tensor in made.values()):
        refuse(path, "holds numbers of a kind that torch has not")
    return made, metadata


# --- torch ------------------------------------------------------------------------------------------------------


def _torch_file(path: Path, kind: Format, name: str) -> tuple[dict[str, Tensor], dict[str, str], Unwrapped, Stated]:
    try:
        announced = _survey_zip(path) if kind == "zip" else _survey_legacy(path)
        if said := words_of_data(announced.value, path.name):
            refuse(path, said, "Weights are a state_dict: torch.save(model.state_dict(), …), or safetensors.")
        found = unwrapped(announced.value, TensorPlan, name)
    except Alien as alien:
        refuse_code(path, alien.name)
    except Malformed:
        refuse(path, "is damaged or not written by torch: its list of contents makes no sense", _AGAIN)
    except LookupError as error:
        refuse(path, *map(str, error.args))
    table = announced.value
    for each in found.path:
        table = table[each]
    plans = tensors_of(table)
    _check_sizes(path, plans)
    loaded = _loaded(path)
    spec = loaded.get("spec") if isinstance(loaded, dict) else None
    metadata = {weights_metadata.SPEC: spec} if isinstance(spec, str) else {}
    stated = stated_in(loaded)
    for each in found.path:
        loaded = loaded[each]
    return _on_their_own(path, loaded, plans), metadata, found, stated


def _check_sizes(path: Path, plans: Mapping[str, TensorPlan]) -> None:
    if len(plans) > MAX_TENSORS:
        refuse(path, f"announces {grouped(len(plans))} tensors; no network has that many")
    if not all(isinstance(name, str) for name in plans):
        refuse(path, "holds tensors without names")
    for name, plan in plans.items():
        if plan.is_expanded:
            shape = " × ".join(grouped(n) for n in plan.size) or "1"
            what = f"announces {shape} numbers for {name[:60]}, but {grouped(plan.storage.items)} are there"
            refuse(path, what, "No network's weights are saved like this.")
    needed, there = sum(plan.numbers * plan.storage.itemsize for plan in plans.values()), path.stat().st_size
    if needed > MAX_UNSHARED * there:
        what = f"has {_mb(there)} and would need {_mb(needed)} of memory"
        refuse(path, what, "No network's weights are saved like this.")


def _survey_zip(path: Path) -> Survey:
    """What the archive announces, after its own sizes and checksums. Raises Alien, Malformed, WorkbenchError."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(path, entries)
            for entry in entries:
                if entry.CRC == 0:  # torch can be told to write none
                    del entry.CRC
            # ``archive/data.pkl``: torch reads the records below the first entry's folder.
            root = entries[0].filename.partition("/")[0]
            pickled = archive.getinfo(f"{root}/data.pkl")
            if pickled.file_size > MAX_PICKLE:
                raise Malformed("a list of contents that is too long")
            announced = survey(archive.read(pickled))
            sizes = {entry.filename: entry.file_size for entry in entries}
            for key, storage in announced.storages.items():
                if sizes.get(f"{root}/data/{key}") != storage.bytes:
                    refuse(path, "is damaged: a tensor has another size than announced", _AGAIN)
            for entry in entries:
                _check_sum(archive, entry)
    except (Alien, Malformed, WorkbenchError, MemoryError):
        raise
    except Exception as error:  # zipfile raises anything on damaged archives
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before the file's beginning
            raise
        raise Malformed(str(error)) from None
    return announced


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    there, unpacked = path.stat().st_size, sum(entry.file_size for entry in entries)
    if unpacked > there:
        what = f"has {_mb(there)} and unpacks to {_mb(unpacked)}; torch does not pack weights"
        refuse(path, what, "It was not unpacked.")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        refuse(path, "is packed, and torch does not pack weights", "Ask for the file as torch.save wrote it.")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Malformed("two entries of one name")


def _check_sum(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read the entry, which compares its checksum; torch itself does not."""
    with archive.open(entry) as file:
        while file.read(2**20):
            pass


def _survey_legacy(path: Path) -> Survey:
    """What a file in the older format announces: three pickles of no interest, the value, the storages' order."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(min(size, MAX_PICKLE))
    magic = LEGACY.match(head)
    place = magic.end() if magic else 0
    for _ in range(2):
        place = survey(head, place).end
    announced = survey(head, place)
    order = survey(head, announced.end)
    if not isinstance(order.value, list) or set(map(str, order.value)) != set(announced.storages):
        raise Malformed("another list of storages")
    needed = sum(8 + storage.bytes for storage in announced.storages.values())
    if needed > size - order.end:
        what = f"is cut off: it announces {_mb(needed)} of weights and has {_mb(size - order.end)}"
        refuse(path, what, _AGAIN)
    return announced


def _loaded(path: Path) -> Any:
    """What torch reads, nothing in it run. The file passed the survey, so what fails now is damage."""
    import torch

    try:
        # Opened here: by a path, torch would believe the suffix.
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with torch.serialization.safe_globals(allowed()):
                return torch.load(file, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # torch raises anything on damaged files
        if "memory" in str(error).lower():
            raise MemoryError from None
        refuse(path, "is damaged: torch cannot read it", _AGAIN)


def _on_their_own(path: Path, loaded: Mapping[str, Any], plans: Mapping[str, TensorPlan]) -> dict[str, Tensor]:
    """The tensors, each with memory of its own; shapes as announced."""
    import torch

    made: dict[str, Tensor] = {}
    for name, plan in plans.items():
        tensor = loaded[name]
        if not isinstance(tensor, torch.Tensor) or tuple(tensor.shape) != plan.size:
            refuse(path, "is damaged: a tensor has another size than announced", _AGAIN)
        made[name] = tensor.detach().clone(memory_format=torch.contiguous_format)
    return made


def _mb(size: int) -> str:
    return f"{grouped(size / 1e6, 1)} MB" if size >= 1e5 else f"{grouped(size)} bytes"
