"""Which ECGs of an archive may answer: by age, sex, source and date."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools, UsageError

FIELDS = {"age": "age", "sex": "sex", "source": "source", "date": "time"}
"""What is asked for, and the column of the table that holds it."""
HOW = "Conditions stand in a row with commas between them: age>=60,age<80,sex=F,source=ptb-xl,date>=2019-06."
SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}
_CONDITION = re.compile(r"\s*([a-z_]+)\s*(>=|<=|!=|=|>|<)\s*(.+?)\s*", re.IGNORECASE | re.DOTALL)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_OPS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """One field of `FIELDS`, how it compares, and with what."""

    field: str
    op: str
    value: str


@dataclass(frozen=True)
class Where:
    """Conditions that an ECG must all meet; one that does not state what is asked for does not meet it.

    >>> str(Where.parse("age >= 60, sex=F"))
    'age>=60,sex=F'
    """

    conditions: tuple[Condition, ...]

    @classmethod
    def parse(cls, text: str) -> Where:
        """Conditions as people write them.

        Raises:
            UsageError: a field that an archive does not hold, or a comparison that cannot be meant.
        """
        return cls(tuple(_condition(part) for part in text.split(",")))

    @classmethod
    def of(cls, said: Where | str | None) -> Where | None:
        """Conditions as they are, or parsed; None for none."""
        return cls.parse(said) if isinstance(said, str) else said

    def __str__(self) -> str:
        return ",".join(f"{one.field}{one.op}{one.value}" for one in self.conditions)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are needed."""
        return tuple(dict.fromkeys(FIELDS[one.field] for one in self.conditions))

    def met(self, columns: Mapping[str, Any]) -> Bools:
        """(ECGs,) which of them meet all conditions.

        Args:
            columns: as `Collection.columns` gives them.

        Raises:
            UsageError: no ECG states what is asked for, so nothing can be told by it.
        """
        masks = [_met(one, columns[FIELDS[one.field]]) for one in self.conditions]
        return np.asarray(np.logical_and.reduce(masks), np.bool_)


def _condition(part: str) -> Condition:
    found = _CONDITION.fullmatch(part)
    if found is None:
        raise UsageError(f"'{part.strip()}' is no condition on ECGs.", HOW)
    field, op, value = found[1].lower(), found[2], found[3]
    if field not in FIELDS:
        raise UsageError(f"An archive does not hold '{field}' of its ECGs; it holds {', '.join(FIELDS)}.", HOW)
    if op not in (("=",) if field in ("sex", "source") else tuple(_OPS)):
        raise UsageError(f"{field} cannot be compared by '{op}'.", HOW)
    if field == "age":
        _number(value)
    elif field == "sex" and value.lower() not in SEXES:
        raise UsageError(f"'{value}' is no sex that archives hold.", "Ask for F or M.")
    elif field == "date":
        _span(value)
    return Condition(field, op, value)


def _met(one: Condition, column: Any) -> Bools:
    if one.field == "age":
        _require(np.isfinite(column).any(), "age")
        return np.asarray(_OPS[one.op](column, _number(one.value)), np.bool_)  # NaN compares false
    if one.field == "date":
        known = ~np.isnat(column)
        _require(known.any(), "date")
        return np.asarray(known & _in_span(column, one), np.bool_)
    _require(any(value is not None for value in column), one.field)
    wanted = SEXES[one.value.lower()] if one.field == "sex" else one.value.lower()
    return np.array([value is not None and value.lower() == wanted for value in column], np.bool_)


def _in_span(times: NDArray[np.datetime64], one: Condition) -> Any:
    start, end = _span(one.value)
    after = {">=": times >= start, ">": times >= end, "=": times >= start}.get(one.op, True)
    before = {"<": times < start, "<=": times < end, "=": times < end}.get(one.op, True)
    return np.logical_and(after, before)


def _span(value: str) -> tuple[Any, Any]:
    """The first moment of a year, month or day, and of the next."""
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        day = np.datetime64(value)
    except ValueError:
        raise UsageError(
            f"'{value}' is no date.", "Write a year, a month or a day: 2019, 2019-06, 2019-06-30."
        ) from None
    return day.astype("datetime64[us]"), (day + 1).astype("datetime64[us]")


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise UsageError(f"'{value}' is no age.", "Write years, such as age>=60.")
    return number


def _require(stated: object, field: str) -> None:
    if not stated:
        raise UsageError(f"No ECG of this archive states its {field}.", "Leave that condition out.")
