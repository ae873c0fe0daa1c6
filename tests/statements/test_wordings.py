from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.statements import VOCABULARY, Language, wordings


@pytest.mark.parametrize("language", ["en", "de"])
def test_three_or_four_each_and_no_phrase_for_two_codes(language: Language) -> None:
    seen: dict[str, str] = {}
    for code in VOCABULARY:
        said = wordings(code, language)
        assert 3 <= len(said) <= 4, code
        assert said[0] == VOCABULARY[code].text(language)
        for phrase in said:
            assert phrase == phrase.strip() != ""
            assert phrase.casefold() not in seen, (phrase, code, seen.get(phrase.casefold()))
            seen[phrase.casefold()] = code


@pytest.mark.parametrize(
    ("code", "language", "abbreviation"),
    [
        ("CLBBB", "en", "LBBB"),
        ("CLBBB", "de", "LSB"),
        ("CRBBB", "en", "RBBB"),
        ("CRBBB", "de", "RSB"),
        ("AFIB", "de", "VHF"),
        ("PVC", "de", "VES"),
        ("PAC", "de", "SVES"),
        ("LAFB", "de", "LAH"),
    ],
)
def test_standard_abbreviations(code: str, language: Language, abbreviation: str) -> None:
    assert abbreviation in wordings(code, language)


def test_left_bundle_never_says_right() -> None:
    for code in VOCABULARY:
        for phrase in wordings(code, "en") + wordings(code, "de"):
            words = phrase.lower()
            if code in {"CLBBB", "ILBBB", "LAFB", "LPFB", "LVH", "VCLVH", "LAO/LAE"}:
                assert "right" not in words and "recht" not in words and "rsb" not in words
            if code in {"CRBBB", "IRBBB", "RVH", "RAO/RAE"}:
                assert "left" not in words and "link" not in words and "lsb" not in words


def test_refused() -> None:
    with pytest.raises(UsageError):
        wordings("XYZ")
    with pytest.raises(UsageError, match="fr"):
        wordings("SR", "fr")  # type: ignore[arg-type]
