"""What an archive keeps of an ECG: codes of one vocabulary, a patient's hash, and no free text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, CollectionError, Statement
from einthoven.ecg.counted import counted
from einthoven.statements import VOCABULARY

OWN_WORDS = frozenset(
    {
        "age-capped",
        "annotations",
        "assumed-layout",
        "assumed-leads",
        "calibration-height",
        "calibration-pulse",
        "count-of-all",
        "decimated",
        "deidentified",
        "derived-leads",
        "einthoven-residual",
        "empty-lead",
        "encoding",
        "extra-lines",
        "groups-left-out",
        "header-unread",
        "interrupted",
        "invalid-samples",
        "long-term",
        "many-statements",
        "measured-unit",
        "missing-leads",
        "no-count",
        "not-simultaneous",
        "out-of-range",
        "padding",
        "pieces",
        "repaired-unit",
        "report",
        "samples-place",
        "segments",
        "signature",
        "skew",
        "time-unit",
        "uncalibrated",
        "unfinished",
    }
)
"""Kinds of notices that consist of this project's words, numbers and the twelve leads' names. The texts of all others
can quote a file: its name, a channel's, what stands where a time should, and any of these can be a person's name."""
NOT_KEPT = "What it says is not kept here, as it can quote the file."


def scp_codes(row: Row) -> tuple[str, ...]:
    """The SCP codes that a row's statements mean, each once; SNOMED CT codes through the Challenge's map."""
    found = (_scp_code(statement) for statement in row.statements)
    return tuple(dict.fromkeys(code for code in found if code is not None))


def holding(ecgs: int, patients: int, nameless: int) -> str:
    """What an archive holds, in words.

    >>> holding(420, 210, 0), holding(3, 1, 1)
    ('420 ECGs of 210 patients', '3 ECGs of 1 patient (1 ECG without a patient)')
    """
    words = f"{ecgs:,} ECG{'s' * (ecgs != 1)} of {patients:,} patient{'s' * (patients != 1)}"
    return words + (f" ({nameless:,} ECG{'s' * (nameless != 1)} without a patient)" if nameless else "")


def unnamed(nameless: int) -> str:
    """What is said where ECGs of an archive name no patient.

    >>> unnamed(1)
    "1 ECG of the archive names no patient: this ECG's own may be among the neighbours."
    """
    name = "names" if nameless == 1 else "name"
    return f"{counted(nameless)} of the archive {name} no patient: this ECG's own may be among the neighbours."


def new_row(record: str | None, ecg: ECG) -> Row:
    """A row of an ECG; without a record id it is named by the hash of its samples."""
    return Row.from_ecg(ecg, record=record or ecg.sha256[:16], source=ecg.format)


def as_kept(row: Row, patient: str | None, keep_signal: bool, keep_text: bool, keep_report: bool = False) -> Row:
    """A row as it is stored.

    Statements become SCP codes; a coded one that no SCP code means stands as text, by the name that the
    vocabulary has for it. Free text (reports, a device's sentences, notices that can quote the file) may hold names,
    so it stays out unless `keep_text`; `keep_report` keeps the report alone.

    Args:
        patient: under which name the patient is kept.
    """
    codes = [Statement(code=code, system="SCP") for code in scp_codes(row)]
    others = [Statement(text=_name(s)) for s in row.statements if s.code is not None and _scp_code(s) is None]
    free = [s for s in row.statements if s.code is None] if keep_text else []
    return replace(
        row,
        patient=patient,
        statements=(*codes, *others, *free),
        text=row.text if keep_text or keep_report else None,
        signal=row.signal if keep_signal else None,
        scale=row.scale if keep_signal else None,
        notices=row.notices if keep_text else tuple(map(_without_quotes, row.notices)),
    )


def _without_quotes(notice: str) -> str:
    kind = notice.partition(": ")[0]
    return notice if kind in OWN_WORDS else f"{kind}: {NOT_KEPT}"


def _scp_code(statement: Statement) -> str | None:
    if statement.code is None:
        return None
    if statement.system == "SNOMED":
        term = VOCABULARY.from_snomed(statement.code)
        return term.code if term else None
    return statement.code if statement.code in VOCABULARY else None


def _name(statement: Statement) -> str:
    known = VOCABULARY.snomed_name(str(statement.code)) if statement.system == "SNOMED" else None
    return known or f"{statement.system or 'code'} {statement.code}"


def require_signals(collection: Collection, records: Sequence[str], model: str, own_model: bool) -> None:
    """Refuses to embed records whose signals were not kept.

    Args:
        own_model: whether the archive is embedded by this model, which decides how to mend it.

    Raises:
        CollectionError: some have none.
    """
    stored = collection.columns(["record", "scale"])
    kept = {record for record, scale in zip(stored["record"], stored["scale"], strict=True) if scale > 0}
    if without := len(set(records) - kept):
        again = "Add them again from their files, which completes them."
        anew = "Build the archive again from its files, with this model."
        raise CollectionError(
            f"{counted(without)} without an embedding by {model}, and without a stored signal to make one from.",
            again if own_model else anew,
        )
