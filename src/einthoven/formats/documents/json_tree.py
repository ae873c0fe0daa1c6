"""JSON of bounded size and depth, and ways into it that never stumble over what is missing or of another kind."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from einthoven.ecg import FormatError, Notice, TruncatedError, UnsafeFileError
from einthoven.formats.documents.encoding import to_utf8
from einthoven.formats.files import read_bytes

MOST_JSON_BYTES = 32 * 2**20
MOST_VALUES = 500_000  # samples of FHIR are text, so a real ECG has hundreds


def read_json(path: Path) -> tuple[Any, list[Notice]]:
    """The document in a file, and what was unusual about its text.

    Raises:
        FormatError: not JSON.
        TruncatedError: cut short.
        UnsafeFileError: nested deeper, or of more values, than any ECG.
        FileError: as `einthoven.formats.files.read_bytes`.
    """
    data, notices = to_utf8(read_bytes(path, MOST_JSON_BYTES))
    return parse_json(data), notices


def parse_json(data: bytes) -> Any:
    """The document in UTF-8 bytes; errors as `read_json`."""
    if sum(data.count(mark) for mark in (b"{", b"[", b",")) > MOST_VALUES:
        raise UnsafeFileError("The JSON file holds more values than any ECG.", "Check that this is the right file.")
    text = data.decode()
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise UnsafeFileError("The JSON file is nested deeper than any ECG.", "Export it again.") from error
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise TruncatedError("The JSON file ends too early.", "Copy or export it again.") from error
        raise FormatError(f"The JSON file is damaged in line {error.lineno}.", "Copy or export it again.") from error
    except ValueError as error:  # a number of thousands of digits
        raise FormatError("The JSON file holds a number that is none.", "Export it again.") from error


def at(node: Any, *path: str) -> Any:
    """What lies at a path of keys, the first item of each list on the way; None where there is nothing.

    >>> at({"code": {"coding": [{"code": "131329"}]}}, "code", "coding", "code")
    '131329'
    >>> at({"code": 5}, "code", "coding") is None
    True
    """
    for key in path:
        node = _first(node)
        node = node.get(key) if isinstance(node, dict) else None
    return node


def text_at(node: Any, *path: str) -> str:
    """The stripped string at a path, "" where there is none."""
    found = _first(at(node, *path))
    return found.strip() if isinstance(found, str) else ""


def number_at(node: Any, *path: str) -> float | None:
    """The finite number at a path, None where there is none."""
    found = _first(at(node, *path))
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        value = float(found)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def objects(node: Any, *path: str) -> Iterator[dict[str, Any]]:
    """The objects in the list at a path; an object alone is a list of one."""
    found = at(node, *path) if path else node
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict):
            yield item


def _first(node: Any) -> Any:
    return node[0] if isinstance(node, list) and node else node


def _no_number(name: str) -> NoReturn:
    raise FormatError(f"The JSON file holds {name}, which is no number.", "Export it again.")
