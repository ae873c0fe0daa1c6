from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.statements import VOCABULARY, label_set, subclass, subclasses, superclass, superclasses


def test_all_classes_are_named() -> None:
    assert {each.code for each in superclasses()} == set(label_set("super"))
    assert {each.code for each in subclasses()} == set(label_set("sub"))


def test_subclasses_lie_in_the_superclass_of_their_codes() -> None:
    for term in VOCABULARY.values():
        if term.subclass:
            assert subclass(term.subclass).superclass == term.superclass


def test_names_differ_between_classes_and_languages() -> None:
    for level in (superclasses(), subclasses()):
        for language in ("en", "de"):
            assert len({each.text(language) for each in level}) == len(level)
        assert all(each.english != each.german for each in level)


def test_unknown_class() -> None:
    with pytest.raises(UsageError):
        superclass("ARR")
    with pytest.raises(UsageError):
        subclass("MI")
