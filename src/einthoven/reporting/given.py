"""What is given from Python in place of an ECG or an archive, refused with what to do."""

from __future__ import annotations

import os

from einthoven.ecg import ECG, UsageError


def check_ecgs(*ecgs: object) -> None:
    """Refuses what is no ECG, such as a path.

    Raises:
        UsageError: one is none.

    >>> check_ecgs("ecg.dcm")
    Traceback (most recent call last):
    einthoven.ecg.errors.UsageError: An ECG is needed, not a str. Read it first: einthoven.read(path).
    """
    for ecg in ecgs:
        if not isinstance(ecg, ECG):
            raise UsageError(f"An ECG is needed, not a {type(ecg).__name__}.", "Read it first: einthoven.read(path).")


def check_archive(archive: object) -> None:
    """Refuses a path in place of an archive, or nothing.

    Raises:
        UsageError: it is one.
    """
    if archive is None or isinstance(archive, (str, os.PathLike)):
        raise UsageError(
            f"An archive is needed, not a {type(archive).__name__}.",
            "Open it first: einthoven.Archive.open(path), or einthoven.demo_archive().",
        )
