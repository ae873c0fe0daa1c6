"""What was measured stands beside whatever is stated: in drafts, captions, labels and comparisons the same."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from einthoven.formats import read
from einthoven.measurement import Measurements
from einthoven.models import load_model
from einthoven.reporting.caption import caption
from einthoven.reporting.classify import classify
from einthoven.reporting.compare import compare
from einthoven.reporting.report import report
from einthoven.reporting.unaccounted import unaccounted

RAISED = "ST elevation in V4 (0.19 mV) and V5 (0.20 mV)"
LONG = "The measured QTc (Fridericia) of 514 ms is very long, and no statement accounts for it."


def writer(text: str):
    """Stands in for a trained one: it writes the same of every ECG."""
    said = SimpleNamespace(text=text, ended=True, log_probability=-1.0, tokens=3)
    return type("Writer", (), {
        "config": SimpleNamespace(preparation=SimpleNamespace(seconds=10.0)),
        "__call__": lambda self, ecgs, write: [said],
    })()  # fmt: skip


@pytest.fixture(scope="module")
def raised(real_data):
    """Called normal by similar ECGs, with ST raised in two leads."""
    return read(real_data / "cinc2021" / "cpsc2018-extra" / "Q1847.hea").described(statements=())


@pytest.fixture(scope="module")
def long(real_data):
    """With a QTc of 514 ms, and nothing that says so."""
    return read(real_data / "cinc2021" / "cpsc2018-extra" / "Q1808.hea").described(statements=())


def test_labels_carry_what_was_measured(raised, long):
    model = load_model(threads=1)
    normal = classify(raised, ["normal ECG"], model)
    assert normal.outcome == "caution" and normal.none_of_these is False
    assert normal.reasons[0].startswith("'normal ECG' is not borne out: the measured " + RAISED)
    none = classify(long, ["normal ECG", "LBBB"], model)
    assert none.outcome == "caution" and none.none_of_these and LONG in none.reasons


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("normal ecg, sinus rhythm.", "'normal ECG' is not borne out: the measured " + RAISED),
        ("sinus rhythm.", f"The measured {RAISED} is beyond the limits, and no statement accounts for it."),
        ("st elevation, sinus rhythm.", ""),
    ],
)
def test_captions_carry_what_was_measured(raised, text, told):
    found = caption(raised, writer(text))
    assert [one for one in found.reasons if "ST elevation" in one] == ([] if not told else [found.reasons[0]])
    assert found.outcome == ("caution" if told else "written") and str(found).count(told) >= 1


def test_a_caption_of_a_long_qt(long):
    assert LONG in caption(long, writer("sinus rhythm.")).reasons
    assert not caption(long, writer("sinus rhythm, prolonged qt interval.")).reasons


def test_comparisons_say_it_of_each(raised, long, answering):
    archive = answering({"NORM": 0.8, "SR": 0.9})
    found = compare(raised, long, archive, anyway=True)
    earlier, later = (one.sha256 for one in (found.order.earlier, found.order.later))
    assert {earlier, later} == {raised.sha256, long.sha256} and found.outcome == "caution"
    said = [one for one in found.reasons if "no statement accounts for it" in one]
    assert any(RAISED in one for one in said) and any("514 ms" in one for one in said)
    german = compare(raised, long, archive, anyway=True, language="de").reasons
    assert any("514 ms ist sehr lang" in one for one in german)


def test_drafts_say_it_once(raised, long, answering):
    for ecg, said in ((raised, "ST elevation"), (long, "QTc")):
        draft = report(ecg, answering({"NORM": 0.8, "SR": 0.9}))
        assert draft.outcome == "caution" and sum(said in one for one in draft.reasons) == 1


@pytest.mark.parametrize(("code", "told"), [("SR", True), ("LNGQT", False), ("CLBBB", False)])
def test_a_very_long_qt_is_told_beside_what_does_not_bring_it_along(code, told):
    found = Measurements(70, 857, 10, np.zeros(0, np.intp), qtc={"fridericia": 505.0})
    assert any("505 ms" in one for one in unaccounted({code}, found)) is told
    assert unaccounted({code}, replace(found, qtc={"fridericia": 495.0})) == []
