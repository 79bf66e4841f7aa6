"""What the pickle of a torch file contains, found without calling anything in it and without allocating tensors.

A pickle is a small program. ``survey`` follows its instructions with stand-ins: a tensor is its storage, shape and
strides, and only the few functions that weights need may be called. What passes is then loaded by torch itself.

torch's own checks do not suffice (2.15, each tried): ``torch.load(weights_only=True, map_location="meta")`` allocates
no tensors, but it does interpret the pickle. It never returns for a key of 40 nested tuples, each twice in the next
(200 bytes; hashing holds the GIL), takes 1.6 GB for 30 nested calls of ``_codecs.encode`` (600 bytes) and 4 GB for one
of ``bytearray`` (50 bytes). ``get_unsafe_globals_in_checkpoint`` reads zip files of pickle protocol 2 only, and lists
neither of those two functions, since torch allows them.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from workbench.engine.core.allowed_in_pickles import DTYPES, FACTORIES, PATHS, SETTINGS, SIZES

#: The description of a network's weights is some hundred bytes a tensor, in some dozen instructions.
MAX_PICKLE = 16 * 2**20
MAX_STEPS = 2_000_000

_NUMBER = re.compile(r"[<>=|]?(?:[fiu][1248]|b1)")
_KEYS = (str, int, float, bytes, type(None))


class Alien(Exception):
    """The pickle refers to a function or class that weights do not need; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = "".join(each for each in name[:80].replace(" ", ".") if each.isprintable())


class Malformed(Exception):
    """The bytes are no pickle, or one that torch would not write."""


@dataclass(frozen=True, slots=True)
class StoragePlan:
    """A storage: ``items`` numbers of ``itemsize`` bytes each, in the record ``key`` of the file."""

    key: str
    itemsize: int
    items: int

    @property
    def bytes(self) -> int:
        """Its size on disk and in memory."""
        return self.items * self.itemsize


@dataclass(frozen=True, slots=True)
class TensorPlan:
    """A tensor: a view of a storage; ``offset`` and ``stride`` count numbers, not bytes."""

    storage: StoragePlan
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def numbers(self) -> int:
        """How many numbers it has in memory of its own."""
        return prod(self.size)

    @property
    def is_expanded(self) -> bool:
        """Whether it has more numbers than its storage, or reaches beyond the storage's end."""
        if 0 in self.size:
            return False
        last = self.offset + sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        return self.numbers > self.storage.items or last >= self.storage.items


@dataclass(frozen=True, slots=True)
class _Name:
    """A function, class or dtype that the pickle refers to; its name is never looked up."""

    name: str


class _Opaque:
    """A value that is neither weights nor a table of them (a set, a counter, some bytes)."""


class _Settings(_Opaque):
    """Named values, as a training script keeps its arguments."""


class _NumberType(_Opaque):
    """The NumPy type of a single number."""


@dataclass(frozen=True, slots=True)
class Survey:
    """One pickle: its value with a TensorPlan for each tensor, its storages by key, the position after its end."""

    value: Any
    storages: dict[str, StoragePlan]
    end: int


def survey(data: bytes, start: int = 0) -> Survey:
    """Follow the pickle in ``data`` from byte ``start``. Raises Alien or Malformed; nothing else."""
    machine = _Machine()
    stream = io.BytesIO(data)
    stream.seek(start)
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if step == MAX_STEPS:
                raise Malformed("more instructions than any network needs")
            machine.follow(opcode.name, argument)
    except (Alien, Malformed):
        raise
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except Exception as error:  # the bytes may be anything, and pickletools raises anything
        raise Malformed(str(error)) from None
    return Survey(machine.value, machine.storages, stream.tell())


def tensors_of(value: Any) -> dict[str, TensorPlan]:
    """The tensors of a table, by name; empty if ``value`` is none."""
    return {k: v for k, v in value.items() if isinstance(v, TensorPlan)} if isinstance(value, dict) else {}


class _Machine:
    """The stack and memory of a pickle's program."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memory: dict[int, Any] = {}
        self.storages: dict[str, StoragePlan] = {}
        self.value: Any = None

    def follow(self, opcode: str, argument: Any) -> None:
        """One instruction."""
        if opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode]())
        elif opcode in _LITERALS:
            self._stack.append(argument)
        elif opcode in _TUPLES:
            items = [self._take() for _ in range(_TUPLES[opcode])]
            self._stack.append(tuple(reversed(items)))
        elif opcode in _OBJECTS:
            raise Alien(argument or "an object")
        elif (step := getattr(self, f"_{opcode.lower()}", None)) is not None:
            step(argument)
        elif opcode not in ("PROTO", "FRAME"):
            raise Malformed(f"the instruction {opcode}")

    def _take(self) -> Any:
        if not self._stack or (self._marks and len(self._stack) <= self._marks[-1]):
            raise Malformed("an empty stack")
        return self._stack.pop()

    def _since_mark(self) -> list[Any]:
        place = self._marks.pop()
        taken = self._stack[place:]
        del self._stack[place:]
        return taken

    def _stop(self, _: Any) -> None:
        self.value = self._take()

    def _mark(self, _: Any) -> None:
        self._marks.append(len(self._stack))

    def _tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._since_mark()))

    def _binput(self, place: int) -> None:
        self._memory[place] = self._stack[-1]

    _long_binput = _binput

    def _memoize(self, _: Any) -> None:
        self._binput(len(self._memory))

    def _binget(self, place: int) -> None:
        self._stack.append(self._memory[place])

    _long_binget = _binget

    def _append(self, _: Any) -> None:
        self._extend([self._take()])

    def _appends(self, _: Any) -> None:
        self._extend(self._since_mark())

    def _extend(self, items: list[Any]) -> None:
        if not isinstance(self._stack[-1], list):
            raise Malformed("an entry for something that is no list")
        self._stack[-1].extend(items)

    def _setitem(self, _: Any) -> None:
        value, key = self._take(), self._take()
        self._fill([key, value])

    def _setitems(self, _: Any) -> None:
        self._fill(self._since_mark())

    def _fill(self, items: list[Any]) -> None:
        table = self._stack[-1]
        if not isinstance(table, dict) or len(items) % 2:
            raise Malformed("an entry for something that is no table")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, _KEYS):  # hashing a nested key can take for ever
                raise Malformed("a key that is no name")
            table[key] = value

    def _global(self, name: str) -> None:
        module, _, attribute = name.partition(" ")
        self._stack.append(_named(f"{module} {attribute}"))

    def _stack_global(self, _: Any) -> None:
        attribute, module = self._take(), self._take()
        self._stack.append(_named(f"{module} {attribute}" if isinstance(module, str) else "?"))

    def _build(self, _: Any) -> None:
        """What an ordered table carries besides its entries (the versions of its layers) is not needed."""
        state = self._take()
        if isinstance(self._stack[-1], _NumberType):
            _opaque((state,))
        elif isinstance(self._stack[-1], _Settings):
            if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
                raise Malformed("arguments without names")
        elif not isinstance(self._stack[-1], dict):
            raise Malformed("a state for something that is no table")

    def _reduce(self, _: Any) -> None:
        arguments, function = self._take(), self._take()
        if not isinstance(function, _Name) or not isinstance(arguments, tuple):
            raise Malformed("a call of something that is no function")
        self._stack.append(_CALLS[function.name](arguments))

    def _newobj(self, _: Any) -> None:
        arguments, kind = self._take(), self._take()
        if not isinstance(kind, _Name) or kind.name not in SETTINGS:
            raise Alien(kind.name if isinstance(kind, _Name) else "an object")
        self._stack.append(_settings(arguments))

    def _binpersid(self, _: Any) -> None:
        plan = _storage(self._take())
        known = self.storages.setdefault(plan.key, plan)
        if known != plan:
            raise Malformed("one storage with two sizes")
        self._stack.append(plan)


def _named(name: str) -> _Name:
    """``name`` if it may occur in weights. Raises Alien for any other: what it means is never looked up."""
    module, _, attribute = name.partition(" ")
    if (
        name in _CALLS
        or name in DTYPES
        or name in FACTORIES
        or (module in ("torch", "torch.cuda") and attribute in SIZES)
    ):
        return _Name(name)
    raise Alien(name)


def _storage(identity: Any) -> StoragePlan:
    if not isinstance(identity, tuple) or len(identity) not in (5, 6) or identity[0] != "storage":
        raise Malformed("an unknown kind of storage")
    _, kind, key, _, items, *view = identity
    if view and view[0] is not None:
        raise Malformed("a storage inside another")
    if not isinstance(kind, _Name) or not isinstance(key, str) or type(items) is not int or items < 0:
        raise Malformed("an unknown kind of storage")
    itemsize = SIZES.get(kind.name.rpartition(" ")[2])
    if itemsize is None:
        raise Malformed("an unknown kind of storage")
    return StoragePlan(key, itemsize, items)


def _tensor(arguments: tuple[Any, ...]) -> TensorPlan:
    storage, offset, size, stride = arguments[:4]
    numbers = [offset, *size, *stride]
    if not isinstance(storage, StoragePlan) or any(type(n) is not int or n < 0 for n in numbers):
        raise Malformed("a tensor without numbers")
    if len(size) != len(stride) or len(size) > 16:
        raise Malformed("a tensor whose shape makes no sense")
    return TensorPlan(storage, offset, tuple(size), tuple(stride))


def _parameter(arguments: tuple[Any, ...]) -> TensorPlan:
    if not isinstance(arguments[0], TensorPlan):
        raise Malformed("a parameter without a tensor")
    return arguments[0]


def _number_type(arguments: tuple[Any, ...]) -> _NumberType:
    """A NumPy type of single numbers. Others are refused: of objects NumPy would make them, which runs code."""
    if not isinstance(arguments[0], str) or _NUMBER.fullmatch(arguments[0]) is None:
        raise Alien("numpy.dtype")
    return _NumberType()


def _number(arguments: tuple[Any, ...]) -> _Opaque:
    if not isinstance(arguments[0], _NumberType):
        raise Malformed("a number without a type")
    return _Opaque()


def _table(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    if arguments:
        raise Malformed("a table made of something else")
    return {}


def _defaults(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """A table that makes its missing entries: here a plain one."""
    if not all(each is None or (isinstance(each, _Name) and each.name in FACTORIES) for each in arguments):
        raise Malformed("a table made of something else")
    return {}


def _settings(arguments: Any) -> _Settings:
    if arguments != ():
        raise Malformed("arguments made of something else")
    return _Settings()


def _path(arguments: tuple[Any, ...]) -> _Opaque:
    if not all(isinstance(part, str) for part in arguments):
        raise Malformed("a path of something that is no text")
    return _Opaque()


def _opaque(arguments: tuple[Any, ...]) -> _Opaque:
    """Sets and counters of plain values; torch makes them of what it is given."""
    for given in arguments:
        for each in given if isinstance(given, (list, dict, tuple)) else (given,):
            if not isinstance(each, _KEYS):
                raise Malformed("a set of something that is no plain value")
    return _Opaque()


_CALLS: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "collections OrderedDict": _table,
    "torch._utils _rebuild_tensor": _tensor,
    "torch._utils _rebuild_tensor_v2": _tensor,
    "torch._utils _rebuild_parameter": _parameter,
    "torch._utils _rebuild_parameter_with_state": _parameter,
    "torch Size": lambda arguments: tuple(arguments[0]),
    "torch device": _opaque,
    "collections Counter": _opaque,
    "builtins set": _opaque,
    "__builtin__ set": _opaque,
    "_codecs encode": _opaque,
    "collections defaultdict": _defaults,
    **dict.fromkeys(SETTINGS, _settings),
    **{" ".join(name.rsplit(".", 1)): _path for name in PATHS},
    "numpy dtype": _number_type,
    "numpy._core.multiarray scalar": _number,
    "numpy.core.multiarray scalar": _number,
}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": _Opaque,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_OBJECTS = frozenset({"INST", "OBJ"})
#: Those that torch reads, and the few of newer pickles that tell what is in one that it does not.
_LITERALS = frozenset({"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINSTRING"})
_LITERALS |= {"SHORT_BINUNICODE", "SHORT_BINBYTES", "BINBYTES"}
