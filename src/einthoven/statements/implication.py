"""What one code implies of others: ancestors, and exclusions that descendants inherit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def ancestors_of(parents: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """For each code all that it implies: its parents, theirs, and so on.

    >>> sorted(ancestors_of({"a": ("b", "c"), "b": ("d",), "c": (), "d": ()})["a"])
    ['b', 'c', 'd']
    """

    def collect(code: str) -> frozenset[str]:
        return frozenset(parents[code]).union(*(collect(parent) for parent in parents[code]))

    return {code: collect(code) for code in parents}


def exclusions(ancestors: Mapping[str, frozenset[str]], pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """For each code those that cannot be true beside it: symmetric, and inherited.

    Sinus bradycardia is a sinus rhythm, so it excludes all that sinus rhythm excludes.

    >>> known = {"SR": frozenset(), "SBRAD": frozenset({"SR"}), "AFIB": frozenset()}
    >>> sorted(exclusions(known, [("SR", "AFIB")])["AFIB"])
    ['SBRAD', 'SR']
    """
    kinds_of = {code: [each for each in ancestors if each == code or code in ancestors[each]] for code in ancestors}
    found: dict[str, set[str]] = {code: set() for code in ancestors}
    for first, second in pairs:
        for one in kinds_of[first]:
            for other in kinds_of[second]:
                found[one].add(other)
                found[other].add(one)
    return {code: frozenset(others) for code, others in found.items()}
