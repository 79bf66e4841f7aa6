"""Settings in a tree that is never changed in place: read at a dotted path, replaced as a validated copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.settings import setting_of
from workbench.engine.catalog.variant import Section, Variant
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.text import quoted

T = TypeVar("T")


class Editable(Section):
    """The root of such a tree: an experiment, or what the playground shows."""

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the settings together, each with its path; a root that can be wrong says it."""
        return ()

    def unused(self) -> dict[str, str]:
        """The paths of settings that do nothing as the others are, each with the reason as a sentence."""
        return {}

    def edited(self, path: str, value: Any) -> Self:
        """A copy with the setting at the dotted ``path`` replaced and validated. Raises SpecError; self stays."""
        made: Self = checked(lambda: _replaced(self, path.split("."), value))
        return made

    def at(self, path: str) -> Any:
        """The value at the dotted ``path``; raises KeyError if there is none."""
        value: Any = self
        for part in path.split("."):
            value = _child(value, part)
        return value

    def knob_at(self, path: str) -> Knob:
        """The knob of the setting at ``path`` (list items have none: KeyError)."""
        owner_path, _, name = path.rpartition(".")
        owner = self.at(owner_path) if owner_path else self
        if not isinstance(owner, BaseModel):
            raise KeyError(path)
        return setting_of(type(owner), name).knob


def plain(value: Any) -> Any:
    """Nested dicts, lists and scalars of a spec or a part of it; variants carry their ``kind`` first; None is kept."""
    if isinstance(value, BaseModel):
        head = {"kind": value.kind} if isinstance(value, Variant) else {}
        return head | {name: plain(getattr(value, name)) for name in type(value).model_fields}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def children(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and values below ``value``: the settings of a section or variant, the items of a list by their index."""
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, tuple):
        yield from ((str(i), item) for i, item in enumerate(value))


def _child(value: Any, part: str) -> Any:
    if isinstance(value, BaseModel) and part in type(value).model_fields:
        return getattr(value, part)
    if isinstance(value, tuple):
        for name, child in children(value):
            if name == part:
                return child
    raise KeyError(part)


def _replaced(owner: Any, parts: list[str], value: Any) -> Any:
    if not parts:
        return value
    head, rest = parts[0], parts[1:]
    if head not in dict(children(owner)):
        raise SpecError([Problem(head, "is not a known setting")])
    try:
        child = _replaced(_child(owner, head), rest, value)
        if isinstance(owner, tuple):
            return tuple(child if str(i) == head else item for i, item in enumerate(owner))
        return type(owner).model_validate({**dict(children(owner)), head: child})
    except SpecError as error:
        raise SpecError(Problem(f"{head}.{p.path}".rstrip("."), p.message) for p in error.problems) from None
    except ValidationError as error:
        raise SpecError(_flattened(error, "")) from None


def checked(make: Callable[[], T]) -> T:
    """What ``make`` validates. Raises SpecError with every problem and its path."""
    try:
        return make()
    except ValidationError as error:
        raise SpecError(_flattened(error, "")) from None


_WORDS = {
    "missing": "is missing",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "has characters that cannot be written to a file",
    "finite_number": "must be a finite number",
    "extra_forbidden": "is not a known setting",
    "tuple_type": "must be a list",
    "model_type": "must be a table of settings",
    "model_attributes_type": "must be a table of settings",
}


def _flattened(error: ValidationError, prefix: str) -> Iterator[Problem]:
    for item in error.errors(include_url=False):
        path = ".".join([prefix][: bool(prefix)] + [str(part)[:60] for part in item["loc"]])
        inner = item.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            yield from _flattened(inner, path)
        elif item["type"] == "literal_error":
            yield Problem(
                path, f"must be one of: {item['ctx']['expected'].replace(' or ', ', ')}, not {quoted(item['input'])}"
            )
        else:
            yield Problem(path, _WORDS.get(item["type"], item["msg"]) + _shown(item))


def _shown(item: Any) -> str:
    given = item["input"]
    says_it = item["type"] in _WORDS and item["type"] not in ("extra_forbidden", "string_unicode")
    if not says_it or isinstance(given, (dict, list, tuple)):
        return ""
    return f", not {quoted(given)}"
