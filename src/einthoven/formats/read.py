"""Reading one ECG from one file; content decides what it is, never the suffix."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from einthoven.ecg import ECG, FileError, FormatError
from einthoven.formats.content import BLANK_NUMBERS, kind_of, looks_like
from einthoven.formats.documents.xml_tree import refuse_declarations
from einthoven.formats.files import read_head, shown
from einthoven.formats.registry import ASKING, FORMATS, MANY
from einthoven.formats.text import clean
from einthoven.formats.told import not_used, split_record, told

HEAD = 4096
"""How many bytes a format may look at to recognise its files."""


def read(
    path: str | os.PathLike[str],
    *,
    rate: float | None = None,
    unit: str | None = None,
    leads: Sequence[str] | str | None = None,
) -> ECG:
    """Reads a 12-lead ECG.

    Args:
        path: a file of one of the `FORMATS`; of a WFDB record its header, one of its signal
            files, or its path without suffix; of a file with several ECGs one of them, as `FILE#NAME`.
        rate: samples a second, for a file that does not state it.
        unit: of voltage ("uV", "mV", "V", or "none" for units of a converter), likewise.
        leads: a name for each channel in the file's order (a text may hold them between commas), likewise.

    Returns:
        The ECG: (12, samples) float32 mV; `ecg.format` is its key in `FORMATS`,
        `ecg.notices` says what was unusual.

    Raises:
        FileError: missing, a folder, empty, a pipe or device, not permitted.
        FormatError: no ECG file, or of a kind that is not read.
        TruncatedError: cut short.
        UnsafeFileError: too large, or its header names files outside its folder.
        SignalError: leads, length or rate that no 12-lead ECG has.
        UsageError: a rate, unit or lead names that are none.
    """
    file, record = split_record(Path(path))
    say = told(rate, unit, leads, record)
    where = located(file)
    head = read_head(where, HEAD)
    for name, form in FORMATS.items():
        if form.sniff(head, where):
            if record is not None and name not in MANY:
                text = f"'{shown(where)}' holds one ECG, and none named '{clean(record, 40)}'."
                raise FileError(text, "Name the file alone.")
            if name in ASKING:
                return ASKING[name].read(where, say)
            ecg = form.read(where)
            return ecg.described(notices=(*ecg.notices, not_used(name))) if say.anything else ecg
    for asking in ASKING.values():  # of whatever it may be: only who names it knows that it is an ECG
        if record is None and asking.could_be(head):
            return asking.read(where, say)
    refuse_declarations(head)  # an XML document that no format took for its own may be a bomb all the same
    mend = f"Read are {', '.join(FORMATS)}; a WFDB signal file needs the .hea that names it beside it."
    what = looks_like(head)
    if what == BLANK_NUMBERS:
        mend = f"A table is read where commas, semicolons or tabs stand between its numbers. {mend}"
    if kind_of(head):
        add = f"einthoven archive build DIR {shown(where)}"
        mend = f"Unpack it and name a file in it, or put all its ECGs into an archive: {add}. {mend}"
    raise FormatError(f"'{shown(where)}' is no ECG file that Einthoven reads; it looks like {what}.", mend)


def located(path: Path) -> Path:
    """`path` itself, or the header of the WFDB record that is meant by a path without suffix."""
    try:
        if not os.path.lexists(path) and (header := path.with_name(path.name + ".hea")).exists():
            return header
    except (OSError, ValueError) as error:  # no name at all, or one too long
        raise FileError(f"'{shown(path)}' cannot be opened.", "Check the path.") from error
    return path
