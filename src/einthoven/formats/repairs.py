"""Which notices mean that the waveform was repaired: it is not, sample for sample, what the file says it is.

Nothing is repaired in silence. Every repair leaves a notice in `ecg.notices`, and its kind is one of `REPAIRS`.
Notices of other kinds tell what the file is like (leads missing, words unread, a checksum that does not fit), and
leave the waveform as it is stored.
"""

from __future__ import annotations

from einthoven.ecg import Notice

REPAIRS = frozenset(
    {
        # samples
        "invalid-samples",  # values that mean "no sample" in the format, or no number at all, became gaps
        "no-sample-value",  # values that devices write for "no sample", where no heart has them: gaps
        "empty-lead",  # a lead without any sample counts as missing
        "out-of-range",  # beyond what the device can measure: gaps
        "longer-file",  # more samples than the header promises: the rest was left out
        "longer-data",
        "bits-stored",  # more bits in use than the file says it stores: all were read
        "padding",  # zeros before and after the ECG were cut off
        "calibration-pulse",  # cut off
        # what the samples are
        "repaired-unit",  # the file leaves the unit open, and only one gives a heart's voltages
        "time-unit",  # the file leaves the unit of its time step open, and only one gives its length
        "assumed-leads",  # no names: the usual order, which the limb leads confirm
        "assumed-layout",  # no names, unit and rate: those of a published data set
        # which file is meant
        "lead-names",  # code and words name different leads: the code counts
        "other-record-name",  # the header names another record than its file: the file counts
        "extra-lines",  # more lines in a header than it announces: left out
    }
)
"""Kinds of notices."""


def is_repair(notice: Notice) -> bool:
    """Whether a notice tells of a repair.

    >>> is_repair(Notice("longer-file", "...")), is_repair(Notice("missing-leads", "..."))
    (True, False)
    """
    return notice.kind in REPAIRS
