"""Which notices say that a file was read in spite of something wrong with it."""

from __future__ import annotations

from einthoven.ecg import Notice

_KINDS = frozenset(
    {
        "age",
        "bits-stored",
        "checksum",
        "encoding",
        "extra-lines",
        "group-unread",
        "lead-count",
        "lead-names",
        "longer-data",
        "longer-file",
        "no-gain",
        "other-record-name",
        "out-of-range",
        "time-unit",
        "unread-age",
        "unread-time",
    }
)


def is_repair(notice: Notice) -> bool:
    """Whether a notice is about something in the file that contradicts itself or its format, and was read around.

    >>> is_repair(Notice("checksum", "...")), is_repair(Notice("derived-leads", "..."))
    (True, False)
    """
    return notice.kind in _KINDS
