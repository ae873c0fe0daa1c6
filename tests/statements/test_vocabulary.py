from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from einthoven.ecg import UsageError
from einthoven.statements import SEVERITIES, VOCABULARY
from einthoven.statements.table import rows

# Written out again by hand: a change of the table must be meant.
CRITICAL = {
    "AFIB",
    "AFLT",
    "SVTAC",
    "PSVT",
    "2AVB",
    "3AVB",
    "WPW",
    "INJAS",
    "INJAL",
    "INJIN",
    "INJLA",
    "INJIL",
    "LNGQT",
    "STE_",
    "EL",
}


def test_counts() -> None:
    kinds = (None, "diagnostic", "form", "rhythm")
    assert [len(VOCABULARY.codes(kind)) for kind in kinds] == [71, 44, 19, 12]
    assert len(VOCABULARY) == len(list(VOCABULARY)) == len(VOCABULARY.values()) == 71


def test_critical_codes_are_the_fixed_ones() -> None:
    assert set(VOCABULARY.critical_codes()) == CRITICAL
    assert all(VOCABULARY[code].severity == "abnormal" for code in CRITICAL)


@pytest.mark.parametrize(("wrong", "near"), [("AFIBB", "AFIB"), ("LBBB", "CLBBB"), ("stach ", "STACH")])
def test_unknown_code_names_near_ones(wrong: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        VOCABULARY.term(wrong)
    assert near in caught.value.mend
    assert wrong not in VOCABULARY


def test_unknown_kind() -> None:
    with pytest.raises(UsageError, match="rythm"):
        VOCABULARY.codes("rythm")


def test_exclusions_are_symmetric_and_never_of_itself_or_an_ancestor() -> None:
    for term in VOCABULARY.values():
        assert term.code not in term.excludes
        assert not VOCABULARY.ancestors(term.code) & term.excludes, term.code
        for other in term.excludes:
            assert term.code in VOCABULARY[other].excludes, (term.code, other)


def test_what_contradicts_the_general_contradicts_the_special() -> None:
    for term in VOCABULARY.values():
        for parent in term.parents:
            assert VOCABULARY[parent].excludes <= term.excludes, (parent, term.code)


def test_normal_excludes_exactly_the_abnormal() -> None:
    abnormal = {term.code for term in VOCABULARY.values() if term.severity == "abnormal"}
    assert VOCABULARY["NORM"].excludes == abnormal


def test_severity_never_falls_from_general_to_special() -> None:
    for term in VOCABULARY.values():
        for parent in VOCABULARY.ancestors(term.code):
            if parent != "SR":  # a normal rhythm whose rate need not be
                general, special = VOCABULARY[parent].severity, term.severity
                assert SEVERITIES.index(general) <= SEVERITIES.index(special), (parent, term.code)


def test_parents_make_no_circle() -> None:
    assert all(code not in VOCABULARY.ancestors(code) for code in VOCABULARY)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SR", "AFIB"),
        ("SBRAD", "AFLT"),
        ("STACH", "SBRAD"),
        ("SARRH", "PSVT"),
        ("AFIB", "1AVB"),
        ("CLBBB", "ILBBB"),
        ("LAFB", "LPFB"),
        ("HVOLT", "LVOLT"),
        ("VCLVH", "LVOLT"),
        ("3AVB", "1AVB"),
        ("NORM", "IMI"),
    ],
)
def test_contradictions(first: str, second: str) -> None:
    assert {frozenset(pair) for pair in VOCABULARY.contradictions([first, second])} == {frozenset((first, second))}


@pytest.mark.parametrize(
    "codes",
    [
        ["CLBBB", "CRBBB"],  # alternating block is real, and grave
        ["CRBBB", "LAFB", "1AVB"],
        ["SBRAD", "SARRH"],
        ["SR", "3AVB"],
        ["AFIB", "3AVB"],
        ["AFIB", "AFLT"],  # a tracing may show both
        ["AFIB", "WPW"],
        ["STD_", "STE_"],
        ["NORM", "IRBBB", "PVC", "SBRAD"],
    ],
)
def test_what_may_stand_together(codes: list[str]) -> None:
    assert VOCABULARY.contradictions(codes) == []


def test_contradictions_take_each_pair_once_and_check_codes() -> None:
    assert VOCABULARY.contradictions(["AFIB", "SR", "AFIB", "SR"]) == [("SR", "AFIB")]
    with pytest.raises(UsageError):
        VOCABULARY.contradictions(["SR", "nonsense"])


def test_excluded_pairs_are_listed_once_and_known() -> None:
    pairs = [frozenset((row["first"], row["second"])) for row in rows("exclusions")]
    assert len(pairs) == len(set(pairs))
    assert all(code in VOCABULARY for code in itertools.chain(*pairs))
    assert all(row["reason"] for row in rows("exclusions"))


def test_snomed_codes_are_unique_and_read_back() -> None:
    table = rows("snomed")
    codes = [row["snomed"] for row in table]
    assert len(codes) == len(set(codes)) == 133
    assert all((row["relation"] == "none") == (row["code"] == "") for row in table)
    assert {row["relation"] for row in table} == {"same", "narrower", "none"}
    written = [term.snomed for term in VOCABULARY.values() if term.snomed]
    assert len(written) == len(set(written))
    meaning = {row["snomed"]: row for row in table}
    for term in VOCABULARY.values():
        if term.snomed:
            assert VOCABULARY.from_snomed(term.snomed) == term
            assert meaning[term.snomed]["relation"] == "same"


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("59118001", "713427006", "CRBBB"),
        ("164909002", "733534002", "CLBBB"),
        ("284470004", "63593006", "PAC"),
        ("427172004", "17338001", "PVC"),
    ],
)
def test_pairs_that_the_challenge_scores_as_one(one: str, other: str, code: str) -> None:
    first, second = VOCABULARY.from_snomed(one), VOCABULARY.from_snomed(other)
    assert first is second and first is not None and first.code == code


def test_flutter_is_not_fibrillation() -> None:
    """Chapman's acronym AF is flutter; the number decides."""
    flutter, fibrillation = VOCABULARY.from_snomed("164890007"), VOCABULARY.from_snomed("164889003")
    assert flutter is not None and flutter.code == "AFLT"
    assert fibrillation is not None and fibrillation.code == "AFIB"


def test_a_snomed_code_that_says_acute_is_read_but_never_written() -> None:
    read = VOCABULARY.from_snomed("54329005")
    assert read is not None and read.code == "AMI"
    assert "54329005" not in {term.snomed for term in VOCABULARY.values()}


def test_findings_without_a_term_keep_their_name() -> None:
    for number in ("164895002", "164896001", "57054005", "413444003", "195080001", "164865005"):
        assert VOCABULARY.from_snomed(number) is None
        assert VOCABULARY.snomed_name(number)
    assert VOCABULARY.from_snomed("1") is None and VOCABULARY.snomed_name("1") is None


def test_every_finding_of_real_challenge_headers_has_a_name(challenge_headers: list[Path]) -> None:
    numbers = {
        each.strip()
        for path in challenge_headers
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip("# ").startswith("Dx")
        for each in line.partition(":")[2].split(",")
        if each.strip().isdigit()
    }
    assert len(numbers) > 30
    assert all(VOCABULARY.snomed_name(number) for number in numbers)


def test_aha_statements_lead_back_to_their_terms() -> None:
    known = [term for term in VOCABULARY.values() if term.aha is not None]
    assert len({term.aha for term in known}) == len(known) > 30
    assert all(VOCABULARY.from_aha(term.aha) is term for term in known if term.aha is not None)
    assert VOCABULARY.from_aha(0) is None
