"""Settings as nested tables (JSON, YAML) into frozen dataclasses, strictly: names, types, and nothing left out."""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from einthoven.ecg import UsageError

T = TypeVar("T")
KINDS: dict[Any, str] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def from_dict(kind: type[T], values: Any, where: str = "") -> T:
    """A dataclass from nested dictionaries.

    Args:
        kind: a dataclass whose fields are numbers, texts, truths, literals, tuples, dataclasses, or one of these or
            None.
        where: the dotted name of these settings, for messages.

    Raises:
        UsageError: an unknown or a lacking setting, or a value of another type; the message names it.

    >>> from einthoven.models.encoders.settings import ConvNeXt
    >>> from_dict(ConvNeXt, {"size": "convnextv2_atto"}).stem_stride
    4
    """
    if not isinstance(values, dict):
        raise UsageError(
            f"{where or kind.__name__} is a table of settings, not {values!r}.", "See configs/ for an example."
        )
    hints = _hints(kind)  # type: ignore[arg-type]
    prefix = f"{where}." if where else ""
    unknown = sorted(str(key) for key in values if key not in hints)
    if unknown:
        raise UsageError(f"Unknown setting {prefix}{unknown[0]}.", f"{kind.__name__} has: {', '.join(sorted(hints))}.")
    lacking = [f.name for f in _fields(kind) if f.name not in values and _required(f)]
    if lacking:
        raise UsageError(f"The setting {prefix}{lacking[0]} is lacking.", "See configs/ for an example.")
    return kind(**{key: _value(hints[key], value, prefix + key) for key, value in values.items()})


def check_choices(settings: Any) -> None:
    """Refuses a dataclass that was made with a value that its literals do not list; called in `__post_init__`.

    Raises:
        UsageError: such a value; the message names the setting.
    """
    for name, hint in _hints(type(settings)).items():  # type: ignore[arg-type]
        if get_origin(hint) is Literal:
            _choice(hint, getattr(settings, name), name)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _choice(hint: Any, value: Any, where: str) -> Any:
    if value not in get_args(hint):
        raise UsageError(f"{where} cannot be {value!r}.", f"Choose one of {', '.join(map(repr, get_args(hint)))}.")
    return value


def _family(kinds: list[Any], value: Any, where: str) -> Any:
    """Of several dataclasses the one whose default `family` the table names; the first where it names none."""
    if not isinstance(value, dict) or "family" not in value:
        return kinds[0]
    for kind in kinds:
        if kind.family == value["family"]:
            return kind
    known = ", ".join(repr(kind.family) for kind in kinds)
    raise UsageError(f"{where}.family cannot be {value['family']!r}.", f"Choose one of {known}.")


def _fields(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(kind)


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _value(hint: Any, value: Any, where: str) -> Any:
    inner = get_args(hint)
    if dataclasses.is_dataclass(hint):
        return from_dict(hint, value, where)  # type: ignore[arg-type]
    if value is None and NoneType in inner:
        return None
    families = [kind for kind in inner if dataclasses.is_dataclass(kind)]
    if len(families) > 1:
        return from_dict(_family(families, value, where), value, where)
    if get_origin(hint) is Literal:
        return _choice(hint, value, where)
    if NoneType in inner:
        return _value(next(k for k in inner if k is not NoneType), value, where)
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise UsageError(f"{where} is a list, not {value!r}.", "Write it in brackets, such as [1, 2].")
        return tuple(_value(inner[0], one, where) for one in value)
    fits = isinstance(value, (int, float) if hint is float else hint) and isinstance(value, bool) == (hint is bool)
    if not fits or (hint is float and not math.isfinite(value)):
        raise UsageError(f"{where} is {KINDS[hint]}, not {value!r}.", f"Correct {where}.")
    return value
