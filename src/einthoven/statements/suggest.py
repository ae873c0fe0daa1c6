"""The error for a name that is not in a list, with the names that are near it."""

from __future__ import annotations

from collections.abc import Iterable

from einthoven.ecg import UsageError


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """A UsageError that names up to four near matches.

    >>> unknown("SCP code", "AFIBB", ["AFIB", "AFLT", "SR"]).mend
    'Did you mean AFIB?'
    """
    import difflib  # only on the way to an error

    names = list(known)
    by_upper = {each.upper(): each for each in names}
    close = difflib.get_close_matches(str(name).strip().upper(), by_upper, n=4, cutoff=0.6)
    mend = f"Did you mean {' or '.join(by_upper[each] for each in close)}?" if close else ""
    if not mend:
        mend = f"Known: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}."
    return UsageError(f"'{name}' is not a known {what}.", mend)
