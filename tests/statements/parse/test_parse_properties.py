"""What holds for any text: no error, places in it, more of it is no other, damage changes nothing, linear time."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.statements import VOCABULARY, wordings
from einthoven.statements.parse import parse_report
from einthoven.statements.table import rows

FORMS = [form.rstrip("*.").replace("_", " ") for row in rows("words") for form in row["forms"].split()]
WORDY = st.lists(
    st.sampled_from([*FORMS, "V1", "III", ",", ".", "/", "(", ")", "?", "15", "Edit:", "xyz"]), max_size=25
)
REPORTS = (
    "Sinusrhythmus, überdrehter Linkstyp, möglicher inferiorer Infarkt, unspezifisch abnormes T",
    "Vorhofflimmern/-flattern, ST & T abnorm, wahrscheinlich anterolaterale Ischämie oder Linksbelastung",
    "Sinus rhythm, left bundle branch block, possible old anterior infarct",
    "Förmaksflimmer, vänster kammarhypertrofi, hög lateral infarkt bör övervägas, låga amplituder",
    "ST-Hebung V2, T neg. in V5, QT-Verlängerung, für den Überblick Äquivalent",
)


def codes(text: str) -> dict[str, str]:
    return dict(parse_report(text).polarities())


@given(st.one_of(st.text(max_size=300), WORDY.map(" ".join)))
@settings(max_examples=300, deadline=None)
def test_never_an_error_and_spans_lie_in_the_text(text: str) -> None:
    found = parse_report(text)
    for one in found.statements:
        assert 0 <= one.span[0] < one.span[1] <= len(text)
        assert one.code in VOCABULARY
    assert all(phrase.strip() for phrase in found.unparsed)


@pytest.mark.parametrize("first", REPORTS)
@pytest.mark.parametrize("second", REPORTS)
def test_two_reports_say_what_each_says(first: str, second: str) -> None:
    both = {(one.code, one.polarity) for one in parse_report(f"{first}. {second}").statements}
    each = {(one.code, one.polarity) for text in (first, second) for one in parse_report(text).statements}
    assert both == each


@pytest.mark.parametrize("text", REPORTS)
@pytest.mark.parametrize(
    "damage",
    [
        str.upper,
        str.lower,
        lambda text: text.encode().decode("latin-1"),
        lambda text: text.encode().decode("cp1252", errors="replace"),
        lambda text: text.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ü": "Ue", "Ä": "Ae"})),
        lambda text: text.translate(str.maketrans({"ä": "?", "ö": "?", "ü": "?"})),
        lambda text: text.translate(str.maketrans({"ä": "#", "ö": "#", "ü": "#"})),
        lambda text: text.translate(str.maketrans({"ä": "\ufffd", "ö": "\ufffd", "ü": "\ufffd"})),
        lambda text: text.replace(" ", "   "),
    ],
    ids=["upper", "lower", "latin-1", "cp1252", "digraphs", "question marks", "hashes", "replaced", "spaces"],
)
def test_damage_does_not_change_what_is_said(text: str, damage) -> None:
    assert codes(damage(text)) == codes(text)


@pytest.mark.parametrize("language", ["en", "de"])
def test_our_own_wordings_are_read_back(language: str) -> None:
    """Most of what `write_report` and `wordings` say; the rest says more, or less, than its code."""
    read = unread = 0
    for code in VOCABULARY:
        for text in wordings(code, language):
            good = parse_report(text).polarities().get(code) in ("present", "possible")
            read, unread = read + good, unread + (not good)
    assert read / (read + unread) > 0.8


def test_a_text_that_ends_early_says_no_more_than_the_whole() -> None:
    """Cut at any place, a report states no finding that the whole does not, save by a cut negation."""
    for text in REPORTS:
        whole = set(codes(text)) | {"AFIB", "ABQRS", "NST_", "TAB_", "PACE", "CLBBB", "AMI", "LMI", "ALMI", "ISCAN"}
        for end in range(len(text)):
            assert set(codes(text[:end])) <= whole | {"NT_"}, text[:end]


@pytest.mark.parametrize("kind", ["reports", "letters", "one word", "marks", "unknown words", "one sentence"])
def test_a_large_text_takes_seconds(kind: str) -> None:
    generator = random.Random(0)
    size = 100_000
    made = {
        "reports": ". ".join(REPORTS * 600),
        "letters": "".join(generator.choices("abcdefghij .,", k=size)),
        "one word": "infarkt" * (size // 7),
        "marks": "?" * (size // 2) + "(" * (size // 2),
        "one sentence": "möglicher inferiorer Infarkt oder V1 T neg " * (size // 40),
        "unknown words": " ".join("".join(generator.choices("srtenflp", k=9)) for _ in range(size // 10)),
    }[kind]
    start = time.process_time()
    parse_report(made[:size])
    assert time.process_time() - start < 8
