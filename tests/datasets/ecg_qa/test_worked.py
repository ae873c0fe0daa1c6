"""Cases that were worked by hand on PTB-XL's real rows, not by running the rules, each with its reasoning."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from einthoven.datasets.ecg_qa import KINDS, Asked, answer, facts_of_ptbxl, options, templates
from einthoven.datasets.ecg_qa.tables import names

CASES = list(csv.DictReader((Path(__file__).parent / "worked.csv").read_text(encoding="utf-8").splitlines()))


def spelled(cell: str) -> tuple[str, ...]:
    """Codes with spaces between them, or names with bars."""
    codes = dict(names("statement")) | dict(names("superclass"))
    if "|" in cell or not set(cell.split()) <= set(codes):
        return tuple(cell.split("|"))
    return tuple(codes[code] for code in cell.split())


@pytest.fixture(scope="module")
def facts(real_ptbxl):
    wanted = {f"ptb-xl/{int(ecg):05d}" for case in CASES for ecg in case["ecgs"].split()}
    found = {one.record: one for one, _ in facts_of_ptbxl(real_ptbxl, lambda record, fold: record in wanted)}
    if set(found) != wanted:
        pytest.skip("PTB-XL's whole table is not here")
    return found


def test_twenty_of_each_kind():
    counts = Counter(case["kind"] for case in CASES)
    assert set(counts) == set(KINDS) and min(counts.values()) >= 20
    assert all(templates()[int(case["template"])].kind == case["kind"] and case["reasoning"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['template']}-{case['ecgs']}-{case['names']}")
def test_worked(case, facts):
    asked = Asked(templates()[int(case["template"])], spelled(case["names"]) if case["names"] else (), case["place"])
    found = answer(asked, [facts[f"ptb-xl/{int(ecg):05d}"] for ecg in case["ecgs"].split()])
    if not case["expected"]:
        assert found is None, case["reasoning"]
        return
    expected = spelled(case["expected"])
    assert found is not None and set(found) == set(expected), case["reasoning"]
    assert set(expected) <= set(options(asked))
