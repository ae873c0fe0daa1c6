"""What no statement says is told by measurement, and never denied because no similar ECG carries it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.answering import View, answer, answer_of, read_question
from einthoven.answering.advised import advised
from einthoven.answering.meaning import PAUSE
from einthoven.answering.protocol import Protocol
from einthoven.answering.view import NOTHING
from einthoven.ecg import ECG
from einthoven.formats import read
from einthoven.measurement import FastRun, Measurements, measure
from einthoven.quality import Quality, assess
from einthoven.reporting.broad import broad_tachycardia
from einthoven.reporting.unsaid import UNSAID, unsaid_in
from einthoven.statements.table import rows
from einthoven.testing import flat, simulate

VT = "ventricular tachycardia"
READ = {
    "Is there ventricular tachycardia?": VT,
    "VT?": VT,
    "Liegt eine ventrikuläre Tachykardie vor?": VT,
    "Kann das eine Kammertachykardie sein?": VT,
    "Breitkomplextachykardie": "broad complex tachycardia",
    "Is this a wide-complex tachycardia?": "broad complex tachycardia",
    "Does the ECG show VF?": "ventricular fibrillation",
    "Liegt Kammerflimmern vor?": "ventricular fibrillation",
    "Torsade de pointes?": "torsades de pointes",
    "Asystolie?": "asystole",
    "Is there a pause?": PAUSE,
}


def seen(ecg: ECG) -> View:
    """As `see`, with an archive that has nothing to say."""
    found, quality = measure(ecg), assess(ecg)
    unfit = tuple(one.text for one in quality.findings if one.severe)
    return View(NOTHING, quality, found, unfit=unfit, fast=broad_tachycardia(found, quality))


def said(question: str, view: View) -> str:
    meaning = read_question(question)
    found = answer_of(meaning, [view], meaning.options)
    assert found.by == "measurement" and found.grounds and (found.reasons or found.answers == ("no",))
    return found.answers[0] if found.answers else found.outcome


@pytest.mark.parametrize(("question", "name"), READ.items())
def test_they_are_read(question: str, name: str) -> None:
    meaning = read_question(question)
    assert (meaning.verb, meaning.about, meaning.names) == ("verify", "unsaid", (name,))


def test_labels_name_them_as_the_parser_of_reports_does() -> None:
    assert all(unsaid_in(name) == name for name in UNSAID.values())
    assert [unsaid_in(one) for one in ("VT", "v-fib", "SVT", "AFIB", "Kammerflattern")] == (
        [VT, "ventricular fibrillation", None, None, "ventricular flutter"]
    )
    assert set(UNSAID) <= {row["said"] for row in rows("alarms")}


def test_a_ventricular_tachycardia_is_possible_and_nothing_about_it_denied() -> None:
    view = seen(simulate(170, rate=250, rhythm="ventricular", qrs_ms=160, qt_ms=300))
    assert said("VT?", view) == said("Breitkomplextachykardie?", view) == "possible"
    for question in ("VF?", "Torsades?", "Is it VT or SVT?", "Is it atrial fibrillation or VT?"):
        assert said(question, view) == "not sure"


def test_a_run_amid_a_slower_rhythm_makes_one_possible_and_denies_no_tachycardia() -> None:
    found = Measurements(80, 857, 200, np.zeros(0, np.intp), qrs=90, longest=880, fastest=185, run=FastRun(4, 185.0, 3))
    view = View(NOTHING, Quality(), found)
    for question in ("VT?", "NSVT?", "Are there runs of ventricular tachycardia?", "Gibt es ventrikuläre Salven?"):
        assert said(question, view) == "possible"
    assert said("VF?", view) == "not sure"
    for question, alone in (("Is there tachycardia?", ("no",)), ("Liegt eine Tachykardie vor?", ("no",))):
        meaning = read_question(question)
        open_one = answer_of(meaning, [view], meaning.options)
        assert (open_one.outcome, open_one.leaning) == ("not sure", None) and "does not rule out" in open_one.reasons[0]
        assert answer_of(meaning, [replace(view, measured=replace(found, run=None))], meaning.options).answers == alone
    slow = read_question("Is there bradycardia?")
    assert answer_of(slow, [view], slow.options).answers == ("no",)


def test_only_evidence_denies() -> None:
    slow, fast = seen(simulate(70, rate=250)), seen(simulate(115, rate=250, qt_ms=300))
    for question in READ:
        assert said(question, slow) == "no"
    assert said("VT?", fast) == said("VF?", fast) == "not sure" and said("asystole?", fast) == "no"


@pytest.mark.parametrize(
    ("change", "no_longer"),
    [
        ({"fastest": 130.0}, {VT, "ventricular fibrillation"}),  # a run of three, though the rate is 70
        ({"qrs": 130.0}, {VT, "ventricular fibrillation"}),
        ({"qrs": None}, {VT}),
        ({"longest": 1700.0}, {VT, "asystole", PAUSE}),  # no pause is told, but the rhythm does not explain it either
        ({"longest": 2500.0}, {VT, "asystole", PAUSE}),
        ({"longest": None, "heart_rate": None}, {VT, "asystole", PAUSE}),
    ],
)
def test_each_piece_of_evidence_is_needed(change: dict[str, float], no_longer: set[str]) -> None:
    found = Measurements(70, 857, 10, np.zeros(0, np.intp), qrs=90, longest=880, fastest=72)
    view = View(NOTHING, Quality(), found)
    for question, name in (
        ("VT?", VT),
        ("VF?", "ventricular fibrillation"),
        ("asystole?", "asystole"),
        ("Pause?", PAUSE),
    ):
        assert said(question, view) == "no"
        assert name not in no_longer or said(question, replace(view, measured=replace(found, **change))) != "no"


def test_what_is_flat_or_noise_is_no_denial() -> None:
    noise = np.random.default_rng(0).normal(0, 0.2, (12, 2500)).astype(np.float32)
    for ecg in (flat(simulate(60, rate=250)), ECG(noise, 250)):
        assert all(said(question, seen(ecg)) == "not sure" for question in READ)


@pytest.mark.parametrize("held", [np.nan, 0.0])
def test_what_was_not_recorded_is_no_denial_either(held: float) -> None:
    signal = simulate(70, rate=250).signal.copy()
    signal[:, 1250:] = held
    view = seen(ECG(signal, 250))
    assert not view.unfit and not view.measured.alarms
    for question in READ:
        assert said(question, view) == "not sure"
    found = answer_of(read_question("Pause?"), [view], ("no", "possible"))
    assert "s with what was not recorded" in found.grounds[0].text


def test_yes_may_be_asked_for_and_is_only_leant_to(archive) -> None:
    ecg = simulate(170, rate=100, rhythm="ventricular", qrs_ms=160, qt_ms=300)
    found = answer(ecg, "Liegt eine VT vor?", archive, ["ja", "nein"])
    assert (found.outcome, found.answers, found.leaning) == ("not sure", (), ("ja",))
    assert answer(ecg, "VT?", archive, ["possible", "no"]).answers == ("possible",)


def test_a_language_model_that_sees_reports_without_it_is_not_asked(archive, normal) -> None:
    class Silent:
        name = "silent"

        def complete(self, *_: object, **__: object) -> object:
            raise AssertionError("asked")

    found = advised(normal, "Is there VT?", archive, Protocol(Silent()))
    assert found.by == "measurement" and found.question == "Is there VT?" and found.answers == ("no",)


def test_real_ones(real_data) -> None:
    for name in ("JS45543", "JS45545", "JS45546"):
        assert said("VT?", seen(read(real_data / f"cinc2021/chapman-ningbo/{name}.hea"))) == "possible"
