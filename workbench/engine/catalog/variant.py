"""Families of interchangeable specs (optimizers, schedules, …), found by importing every module of the family's folder.

A new member is one class in one file of that folder: a subclass of the family's base with a ``kind``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from workbench.engine.core.errors import Problem
from workbench.engine.core.text import quoted

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=())

V = TypeVar("V", bound="Variant")

#: A TOML list is not a tuple in strict mode; this makes it one before the check.
AsTuple = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)


class Section(BaseModel):
    """A fixed group of settings (data, loop)."""

    model_config = STRICT


class Variant(BaseModel):
    """One member of a family. Bases have no ``kind``; members declare ``kind``, ``title`` and ``summary``.

    ``order`` places it in lists (small first). ``one_process_only`` is why several processes cannot share the batches
    of a run with it, as the end of a sentence; empty if they can.
    """

    model_config = STRICT
    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    order: ClassVar[int] = 100
    one_process_only: ClassVar[str] = ""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if cls.kind:
            return handler(source)
        return core_schema.no_info_plain_validator_function(lambda value: _resolve(cls, value))

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """Problems that prevent a run with this member, and warnings; cheap: no data is loaded."""
        return iter(())

    def brief(self) -> str:
        """A few words for the closed panel's header, e.g. ``×0.1 every 10``; empty if the title says it all."""
        return ""


def members_of(base: type[V]) -> dict[str, type[V]]:
    """Every member of the family ``base`` by kind, in list order. Imports the family's whole folder.

    Raises TypeError if two classes claim one kind.
    """
    _import_folder(base.__module__.rpartition(".")[0])
    found: dict[str, type[V]] = {}
    for cls in sorted(_concrete(base), key=lambda c: (c.order, c.title)):
        if found.setdefault(cls.kind, cls) is not cls:
            raise TypeError(f"{cls.__name__} and {found[cls.kind].__name__} both have the kind {cls.kind!r}")
    return found


@cache
def _import_folder(package: str) -> None:
    """Import every module of ``package``. Once: a spec with many variants asks for them a hundred times."""
    for module in pkgutil.iter_modules(sys.modules[package].__path__):
        importlib.import_module(f"{package}.{module.name}")


def _concrete(base: type[V]) -> Iterator[type[V]]:
    for cls in base.__subclasses__():
        if "kind" in cls.__dict__ and cls.kind:
            yield cls
        yield from _concrete(cls)


def _resolve(base: type[Variant], value: Any) -> Variant:
    if isinstance(value, base):
        return value
    if not isinstance(value, dict):
        raise PydanticCustomError("variant", "must be a table with a kind")
    fields = dict(value)
    kind = fields.pop("kind", None)
    members = members_of(base)
    if not isinstance(kind, str) or kind not in members:
        known = ", ".join(members)
        text = f"must be one of: {known}; not {quoted(kind)}" if kind is not None else f"needs a kind, one of: {known}"
        raise PydanticCustomError("kind", text.replace("{", "{{").replace("}", "}}"))
    try:
        return members[kind].model_validate(fields)
    except ValidationError as error:
        # Kept whole so that the spec can list the inner problems under their own paths.
        raise PydanticCustomError("inner", "has problems", {"error": error}) from None
