"""The six label sets of the PTB-XL benchmark (Strodthoff et al. 2021), and their labels for an ECG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from types import MappingProxyType

from einthoven.statements.suggest import unknown
from einthoven.statements.vocabulary import VOCABULARY

LABEL_SETS = ("all", "diagnostic", "sub", "super", "form", "rhythm")


@cache
def label_map(name: str) -> MappingProxyType[str, str]:
    """SCP code to label of a label set; codes that have no label in it are not there.

    >>> label_map("sub")["ASMI"], "SR" in label_map("sub")
    ('AMI', False)
    """
    terms = VOCABULARY.values()
    if name == "all":
        found = {term.code: term.code for term in terms}
    elif name == "super":
        found = {term.code: term.superclass for term in terms if term.superclass}
    elif name == "sub":
        found = {term.code: term.subclass for term in terms if term.subclass}
    elif name in LABEL_SETS:
        found = {term.code: term.code for term in terms if name in term.kinds}
    else:
        raise unknown("label set", name, LABEL_SETS)
    return MappingProxyType(found)


@cache
def label_set(name: str) -> tuple[str, ...]:
    """The labels of a set, sorted as in the benchmark's code, so that columns agree.

    >>> label_set("super")
    ('CD', 'HYP', 'MI', 'NORM', 'STTC')
    >>> [len(label_set(name)) for name in LABEL_SETS]
    [71, 44, 23, 5, 19, 12]
    """
    return tuple(sorted(set(label_map(name).values())))


def membership(name: str, codes: Sequence[str]) -> tuple[tuple[bool, ...], ...]:
    """A row for each label of a set: which of the codes belong to it.

    >>> membership("super", ["IMI", "NORM"])[2:4]
    ((True, False), (False, True))
    """
    mapped = label_map(name)
    return tuple(tuple(mapped.get(code) == label for code in codes) for label in label_set(name))


def labels_of(codes: Iterable[str], name: str) -> tuple[str, ...]:
    """The labels, of one set, of an ECG with these SCP codes: sorted, each once.

    As in the benchmark a code counts whatever its likelihood; an ECG may have no label in a
    set, and the benchmark leaves such records out.

    >>> labels_of(["IMI", "ASMI", "LVH", "SR"], "super")
    ('HYP', 'MI')
    """
    mapped = label_map(name)
    return tuple(sorted({mapped[code] for code in codes if VOCABULARY.term(code).code in mapped}))
