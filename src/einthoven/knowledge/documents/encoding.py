"""The bytes of a text file as text."""

from __future__ import annotations

import codecs

from einthoven.ecg import FormatError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KNOWN = ("utf-8", "ascii", "iso8859-1", "cp1252", "iso8859-15", "iso8859-2", "cp1250", "utf-16")


def decode(data: bytes, declared: str | None = None) -> tuple[str, list[str]]:
    """Text, and what was unusual about its encoding.

    A byte order mark decides; then what the file declares; then UTF-8. What is none of them is read as Windows-1252,
    in which old files of Western Europe are written, and that is said.

    Raises:
        FormatError: binary data, or an encoding that is cut or wrong.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(name), []
            except UnicodeDecodeError as error:
                raise FormatError("Its text is not the Unicode that it begins as.", "Save it as UTF-8.") from error
    if b"\0" in data:
        raise FormatError("It is binary data, not text.", "Name PDF, EPUB, HTML, Markdown or text files.")
    for encoding in dict.fromkeys([_known(declared) or "utf-8", "utf-8"]):
        try:
            return data.decode(encoding), []
        except UnicodeDecodeError:
            continue
    said = "It is no valid UTF-8; it was read as Windows-1252, so letters with accents may be wrong."
    return data.decode("cp1252", errors="replace"), [said]


def _known(declared: str | None) -> str | None:
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return None
    return "cp1252" if name in {"iso8859-1", "ascii"} else name if name in _KNOWN else None
