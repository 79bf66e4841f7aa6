"""Every setting as text, made from the knobs: for the command line and the docs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel

from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.spec.experiment import ExperimentSpec


def settings_page() -> str:
    """All settings in the form's order: path, label, default, limits, unit, live, help; members under their family."""
    return "\n".join(_below(ExperimentSpec, ""))


def _below(cls: type[BaseModel], prefix: str) -> Iterator[str]:
    for setting in settings_of(cls):
        path = f"{prefix}{setting.name}"
        yield _line(path, setting)
        if setting.type == "section" and setting.base is not None:
            yield from _below(setting.base, f"{path}.")
        elif setting.type in ("variant", "variants"):
            for member in members_of(cast("type[Variant]", setting.base)).values():
                yield f'  {path}: kind = "{member.kind}": {member.title}. {member.summary}'
                yield from _below(member, f"  {path}.")


def _line(path: str, setting: Setting) -> str:
    facts = [setting.knob.label]
    if setting.type not in ("section", "variant", "variants"):
        facts.append(f"default {_shown(setting)}")
    facts += [text for text in (setting.knob.range_text, setting.knob.unit, "live" * setting.knob.live) if text]
    if setting.values:
        facts.append("one of " + ", ".join(setting.values))
    return f"{path}: {'; '.join(facts)}. {setting.knob.help}"


def _shown(setting: Setting) -> str:
    value: Any = setting.default
    if value is None:
        return setting.knob.off.lower()
    return "empty" if value in ("", ()) else str(value)
