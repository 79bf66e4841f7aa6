"""Settings that a window shows and changes: edits, undo and redo, and wrong input. The base of every such store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal

from workbench.bridge.setting_names import error_words, problem_words
from workbench.bridge.spec_shape import has_field, has_inner_shape, replaced, same_owners, shape_of
from workbench.bridge.undo_stack import UndoStack
from workbench.engine.catalog.knob import COUNTED
from workbench.engine.catalog.settings import Setting, setting_of, settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Mend, Problem, WorkbenchError
from workbench.engine.core.text import editable
from workbench.engine.spec.editable import Editable

#: Old specs share their unchanged parts with the new ones, so a long history takes little memory.
UNDO_LIMIT = 500
S = TypeVar("S", bound=Editable)


@dataclass(frozen=True, slots=True)
class Moment(Generic[S]):
    """An undo entry: the spec, the spec that the reset dots compare it with, and whether a load followed it."""

    spec: S
    reset_point: S
    loaded: bool


class SettingsStore(QObject, Generic[S]):
    """A spec that forms show. Views read it and change it through this object only. Lives in the GUI thread.

    The spec is always valid. Text that a form cannot turn into a value is kept as an input error. Paths are dotted:
    ``optimizer.lr``.
    """

    #: Whether live settings act on a run, which forms then say.
    has_runs: ClassVar[bool] = False
    #: Names of settings that no form shows, because they have no meaning here or are changed in another way.
    unshown: ClassVar[frozenset[str]] = frozenset()
    #: What the counter of schedules counts here.
    counted: ClassVar[str] = COUNTED

    changed = Signal(object)  #: the new spec
    errors_changed = Signal()  #: input_errors
    marks_changed = Signal()  #: reset_point, or what else the marks beside fields depend on
    reason_changed = Signal(str)  #: why the spec cannot be used; empty if it can
    can_undo_changed = Signal(bool)
    can_redo_changed = Signal(bool)
    settle_requested = Signal()  #: fields with unfinished typing must submit it now

    def __init__(self, spec: S, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._reset_point = spec
        self._history: UndoStack[Moment[S]] = UndoStack(UNDO_LIMIT)
        self._merge_path: str | None = None
        self._replaced: dict[tuple[str, str], Variant] = {}
        self._input_errors: dict[str, str] = {}
        self._problems: tuple[Problem, ...] | None = None
        self._emitted: tuple[bool, bool, str] = (False, False, "")
        self._emitted = (False, False, self.reason())

    # --- Reading ------------------------------------------------------------------------------------------------

    @property
    def spec(self) -> S:
        """The current spec, always valid."""
        return self._spec

    @property
    def running_spec(self) -> S | None:
        """The settings of an active run, including live edits; None if there is none."""
        return None

    @property
    def is_steered(self) -> bool:
        """Whether a run is active that takes the form's edits of live settings."""
        return False

    @property
    def reset_point(self) -> S:
        """The spec that the reset dots compare with."""
        return self._reset_point

    def waits_for_next_run(self, path: str) -> bool:
        """Whether an active run has another value at ``path`` than the form."""
        return False

    @property
    def input_errors(self) -> dict[str, str]:
        """The error of each wrongly typed text, by path; a copy."""
        return dict(self._input_errors)

    def input_error(self, path: str) -> str:
        """The error of the text typed at ``path``; empty if there is none."""
        return self._input_errors.get(path, "")

    @property
    def can_undo(self) -> bool:
        """Whether there is an older spec."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone spec."""
        return self._history.can_redo

    def shown_settings(self, cls: type[BaseModel]) -> list[Setting]:
        """The settings of a section or variant that forms show, in declared order."""
        return [self._worded(setting) for setting in settings_of(cls) if setting.name not in self.unshown]

    def setting_at(self, path: str) -> Setting:
        """The declaration of the setting at ``path``. Raises KeyError if there is none."""
        owner_path, _, name = path.rpartition(".")
        owner = self._spec.at(owner_path) if owner_path else self._spec
        return self._worded(setting_of(type(owner), name))

    def _worded(self, setting: Setting) -> Setting:
        knob = setting.knob.counting(self.counted)
        return setting if knob is setting.knob else replace(setting, knob=knob)

    def preset_at(self, path: str) -> Any:
        """The reset point's value at ``path``, or the setting's default where the reset point has another variant."""
        if same_owners(self._spec, self._reset_point, path):
            return self._reset_point.at(path)
        return self.setting_at(path).default

    def differs(self, path: str) -> bool:
        """Whether ``path`` differs from the preset. Of a variant or list only the kinds are compared."""
        return differ(self._spec.at(path), self.preset_at(path))

    # --- Problems -----------------------------------------------------------------------------------------------

    def problems(self) -> tuple[Problem, ...]:
        """All problems: wrong text first, then those of the spec."""
        return (*self._typed_wrongly(), *self._problems_of_spec())

    def _problems_of_spec(self) -> tuple[Problem, ...]:
        if self._problems is None:
            self._problems = self._spec.problems()
        return self._problems

    def _typed_wrongly(self) -> Iterator[Problem]:
        """The wrong texts; each is mended by the value that the spec still has."""
        for path, words in self._input_errors.items():
            value = self._spec.at(path)
            mends = (Mend(f"Back to {editable(value)}", path, value),) if isinstance(value, (int, float)) else ()
            yield Problem(path, words, mends=mends)

    def reason(self) -> str:
        """Why Train is refused: one line for each error, with the setting's label. Empty if it is not refused."""
        errors = [p for p in self.problems() if p.severity == "error"]
        return "\n".join(problem_words(self._spec, problem) for problem in errors)

    def words_of(self, error: WorkbenchError) -> str:
        """What ``error`` says, with the settings' labels."""
        return error_words(self._spec, error)

    def set_input_error(self, path: str, words: str) -> None:
        """Record that the text in the field at ``path`` is not a value; the spec keeps the old value.

        A field that the spec no longer has is ignored: it loses the focus while it is removed.
        """
        if has_field(self._spec, path) and self._input_errors.get(path) != words:
            self._input_errors[path] = words
            self.errors_changed.emit()
            self._emit_changes()

    def clear_input_error(self, path: str) -> None:
        """Clear the input error at ``path``, if any."""
        if self._input_errors.pop(path, None) is not None:
            self.errors_changed.emit()
            self._emit_changes()

    def settle(self) -> None:
        """Ask every field to submit its text. Call it before the spec is used."""
        self.settle_requested.emit()

    # --- Changing -----------------------------------------------------------------------------------------------

    def edit(self, path: str, value: Any, merge: bool = False) -> None:
        """Set the setting at ``path``. Raises SpecError and changes nothing if the value is not allowed.

        With ``merge`` this edit and the one before share one undo entry if both are to the same path (a slider drag).
        """
        new = self._prepared(self._spec.edited(path, value))
        if new == self._spec:
            self.clear_input_error(path)
            return
        self._record(path if merge else None)
        self._merge_path = path
        self._move_to(new)

    def _prepared(self, new: S) -> S:
        """The edited spec as it is taken: a store may change what belongs to the edit."""
        return new

    def edit_all(self, changes: Mapping[str, Any], merge: bool = False) -> None:
        """Set several settings with one undo entry. Raises SpecError and changes nothing if one is not allowed.

        With ``merge`` this edit and the one before share it if both are to the same paths (a drag on a picture).
        """
        new = self._spec
        for path, value in changes.items():
            new = new.edited(path, value)
        if new == self._spec:
            return
        together = "\n".join([*changes, ""])  # no path of one setting
        self._record(together if merge else None)
        self._merge_path = together
        self._move_to(new)

    def choose(self, path: str, kind: str) -> None:
        """Put the variant ``kind`` at ``path``, with the values it last had there. Raises SpecError."""
        self.edit(path, self.member(path, kind))

    def add(self, path: str, kind: str) -> None:
        """Append the variant ``kind`` to the list at ``path``, with the values it last had there. Raises SpecError."""
        self.edit(path, (*self._spec.at(path), self.member(path, kind)))

    def mend(self, mend: Mend) -> None:
        """Make the change that removes a problem, as one undo entry. Raises SpecError."""
        if isinstance(mend.value, dict) and set(mend.value) == {"kind"}:
            self.choose(mend.path, mend.value["kind"])
        else:
            self.edit(mend.path, mend.value)

    def reset(self, path: str) -> None:
        """Restore the preset's value at ``path`` and clear the input error there."""
        self.clear_input_error(path)
        self.edit(path, self.preset_at(path))

    def load(self, spec: S) -> None:
        """Replace the spec and the reset point. Can be undone; an active run is not changed.

        Unfinished typing is submitted to the spec that is replaced, so that it cannot change the new one.
        """
        self.settle()
        self._history.record(self._moment(loaded=True))
        self._merge_path = None
        self._input_errors.clear()
        self._reset_point = spec
        self._move_to(spec, live=False)
        self.errors_changed.emit()
        self.marks_changed.emit()

    def begin_with(self, spec: S) -> None:
        """Load ``spec`` and forget all that was before, so that nothing can be undone or come back."""
        self.settle()
        self._spec = spec
        self.load(spec)
        self._history.clear()
        self._replaced.clear()
        self._emit_changes()

    def set_reset_point(self, spec: S) -> None:
        """Let the reset dots compare with ``spec``."""
        self._reset_point = spec
        self.marks_changed.emit()

    def undo(self) -> None:
        """Restore the spec before the last edit or load; does nothing if there is none."""
        if self.can_undo:
            self._restore(self._history.undo(lambda moment: self._moment(moment.loaded)))

    def redo(self) -> None:
        """Restore the spec that the last undo replaced; does nothing if there is none."""
        if self.can_redo:
            self._restore(self._history.redo(lambda moment: self._moment(moment.loaded)))

    def _restore(self, moment: Moment[S]) -> None:
        self._merge_path = None
        self._reset_point = moment.reset_point
        self._move_to(moment.spec, live=not moment.loaded)
        self.marks_changed.emit()

    def _moment(self, loaded: bool = False) -> Moment[S]:
        return Moment(self._spec, self._reset_point, loaded)

    def _record(self, merge_path: str | None = None) -> None:
        """Record the state before an edit, unless it belongs to the edit before, which was to the same path."""
        if merge_path is not None and self._merge_path == merge_path:
            self._history.extend_last()
        else:
            self._history.record(self._moment())

    def member(self, path: str, kind: str) -> Variant:
        """The variant ``kind`` of the family at ``path``, with the values it last had there."""
        setting = self.setting_at(path)
        if (path, kind) in self._replaced:
            return self._replaced[path, kind]
        for candidates in (self.preset_at(path), setting.default):
            for item in candidates if isinstance(candidates, tuple) else (candidates,):
                if isinstance(item, Variant) and item.kind == kind:
                    return item
        return members_of(cast("type[Variant]", setting.base))[kind]()

    def _move_to(self, new: S, live: bool = True) -> None:
        old, self._spec, self._problems = self._spec, new, None
        self._replaced.update(replaced(old, new))
        self._announce(old, new, live)
        self._emit_changes()

    def _announce(self, old: S, new: S, live: bool) -> None:
        """Tell that the spec has changed; ``live`` unless it was loaded."""
        self._drop_stale_errors(old, new)
        self.changed.emit(new)

    def _drop_stale_errors(self, old: S, new: S) -> None:
        """Clear input errors of fields that are gone or have another value."""
        stale = [p for p in self._input_errors if not same_owners(old, new, p) or old.at(p) != new.at(p)]
        for path in stale:
            del self._input_errors[path]
        if stale:
            self.errors_changed.emit()

    def _emit_changes(self) -> None:
        """Emit the signals for undo, redo and the reason, for those that have changed."""
        undo, redo, reason = self._emitted
        self._emitted = (self.can_undo, self.can_redo, self.reason())
        if self.can_undo != undo:
            self.can_undo_changed.emit(self.can_undo)
        if self.can_redo != redo:
            self.can_redo_changed.emit(self.can_redo)
        if self._emitted[2] != reason:
            self.reason_changed.emit(self._emitted[2])


def differ(a: Any, b: Any) -> bool:
    """Whether two values of a setting differ; of variants and lists only the kinds count."""
    return bool(shape_of(a) != shape_of(b) if has_inner_shape(a) or has_inner_shape(b) else a != b)
