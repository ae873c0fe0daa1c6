"""A finding is not called absent over what was measured or what the file states, whoever says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from einthoven.answering import answer, answer_of, read_question
from einthoven.answering.advised import advised
from einthoven.answering.protocol import Protocol
from einthoven.answering.undenied import NO_TRACE, not_absent
from einthoven.answering.view import View, see
from einthoven.ecg import ECG, Patient, Statement
from einthoven.formats import read
from einthoven.llm import Answer
from einthoven.measurement.runs import FastRun
from einthoven.retrieval import Archive


@pytest.fixture(scope="module")
def view(archive, normal) -> View:
    return see(normal, archive)


def st(view: View, height: float) -> View:
    leads = {
        lead: replace(of, st_j=height if lead in ("V4", "V5") else 0.0, st_j60=height if lead in ("V4", "V5") else 0.0)
        for lead, of in view.measured.leads.items()
    }
    return replace(view, measured=replace(view.measured, leads=leads))


@pytest.mark.parametrize(
    ("question", "height"),
    [
        ("Is there ST elevation?", 0.19),
        ("Is there ST elevation?", 0.07),
        ("Liegt eine ST-Hebung vor?", 0.19),
        ("Is there ST depression?", -0.1),
        ("Is there ischemia?", -0.1),
        ("Is there ischemia?", 0.19),
        ("Is there myocardial infarction?", 0.19),
    ],
)
def test_st_that_deviates_is_not_denied(view: View, question: str, height: float) -> None:
    meaning = read_question(question)
    flat, deviating = (answer_of(meaning, [st(view, mv)], meaning.options) for mv in (0.0, height))
    assert (flat.outcome, flat.answers) == ("answer", ("no",))
    assert (deviating.outcome, deviating.leaning, deviating.confidence) == ("not sure", None, None)
    assert f"V4 ({abs(height):.2f} mV)" in deviating.reasons[0]


def test_a_depression_does_not_speak_for_an_elevation(view: View) -> None:
    assert not_absent(read_question("Is there ST elevation?"), ("no",), [st(view, -0.2)]) == {}


@pytest.mark.parametrize(
    ("question", "values", "said"),
    [
        ("Is there long QT?", {"qtc": {"fridericia": 502.0}}, "502 ms"),
        ("Is the QT interval prolonged?", {"qt": 384.0, "qtc": {"bazett": 490.0, "fridericia": 452.0}}, "452 ms"),
        ("Is there AV block?", {"pr": 266.0}, "266 ms"),
        ("Is there first degree AV block?", {"pr": 208.0}, "208 ms"),
        ("Is there left ventricular hypertrophy?", {"cornell": 3.4}, "3.4 mV"),
    ],
)
def test_intervals_and_voltages_are_not_denied(view: View, question: str, values: dict, said: str) -> None:
    meaning = read_question(question)
    plain, other = view, replace(view, measured=replace(view.measured, **values))
    assert answer_of(meaning, [plain], meaning.options).answers == ("no",)
    found = answer_of(meaning, [other], meaning.options)
    assert found.outcome == "not sure" and said in found.reasons[0]


LONG = {"qt": 402.0, "qtc": {"bazett": 544.0, "fridericia": 492.0}}


@pytest.mark.parametrize("question", ["Is the QT interval normal?", "Ist die QT-Zeit normal?", "Is the QTc normal?"])
def test_a_qt_that_is_long_for_the_rate_is_not_called_normal(view: View, question: str) -> None:
    meaning = read_question(question)
    plain, other = view, replace(view, measured=replace(view.measured, **LONG))
    assert answer_of(meaning, [plain], meaning.options).answers == ("yes",)
    found = answer_of(meaning, [other], meaning.options)
    assert found.outcome == "not sure" and any("492 ms is long" in said for said in found.reasons)
    above = replace(view, measured=replace(view.measured, **(LONG | {"qt": 520.0})))
    if "QTc" not in question:
        assert answer_of(meaning, [above], meaning.options).answers == ("no",)


def test_a_rate_is_not_called_normal_beside_a_fast_run(view: View) -> None:
    meaning = read_question("Is the heart rate normal?")
    slow = replace(view, measured=replace(view.measured, heart_rate=80.0, run=None))
    assert answer_of(meaning, [slow], meaning.options).answers == ("yes",)
    other = replace(slow, measured=replace(slow.measured, run=FastRun(6, 180.0, 4)))
    found = answer_of(meaning, [other], meaning.options)
    assert found.outcome == "not sure" and "short tachycardia" in found.reasons[0]


def test_lists_of_levels_do_not_call_it_normal_either(view: View) -> None:
    other = replace(view, measured=replace(view.measured, **LONG))
    for question in ("Which intervals are normal?", "Which intervals are prolonged?"):
        meaning = read_question(question)
        found = answer_of(meaning, [other], meaning.options)
        assert "qt interval" not in found.answers and "qt interval" in dict(found.open_names), question


def test_a_qt_is_not_told_without_what_it_is_at_this_rate(view: View) -> None:
    """400 ms lie within the range of a QT, and are long at 100 a minute."""
    other = replace(view, measured=replace(view.measured, qt=400.0, qtc={"fridericia": 474.0, "bazett": 516.0}))
    meaning = read_question("QT?")
    (ground,) = answer_of(meaning, [other], meaning.options).grounds
    assert "measured qt interval 400 ms" in ground.text and "474 ms (Fridericia)" in ground.text


def test_which_qtc_is_long_depends_on_the_sex(view: View) -> None:
    meaning = read_question("Is there long QT?")
    one = replace(view, measured=replace(view.measured, qtc={"fridericia": 455.0}))
    kept = [
        bool(not_absent(meaning, ("no",), [replace(one, patient=Patient(sex=sex))])) for sex in ("male", "female", None)
    ]
    assert kept == [True, False, True]


def test_a_list_leaves_open_what_it_would_leave_out(view: View) -> None:
    meaning = read_question("What does the ECG show?")
    found = answer_of(meaning, [st(view, 0.19)], meaning.options)
    names = dict(found.open_names)
    assert "non-specific st elevation" in names and not any("infarction" in name for name in names)


def test_two_ecgs(view: View) -> None:
    raised, flat = st(view, 0.19), st(view, 0.0)
    new, gone = read_question("Has ST elevation appeared?"), read_question("Is ST elevation gone?")
    assert not_absent(new, ("no",), [flat, raised]) and not not_absent(new, ("no",), [raised, raised])
    assert not_absent(gone, ("yes",), [raised, raised]) and not not_absent(gone, ("yes",), [raised, flat])


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Ventricular-paced rhythm", "Is this ECG normal?"),
        ("STEMI: anterior wall.", "Is there myocardial infarction?"),
        ("STEMI: anterior wall.", "Is there ST elevation?"),
        ("Third degree AV block", "Is there AV block?"),
        ("Acute infarction", "Is this ECG normal?"),
        ("Frequent PVCs", "Are there ventricular extrasystoles?"),
        ("Premature atrial complexes", "Gibt es Extrasystolen?"),
        ("Acute infarction", "Is there an early stage of myocardial infarction?"),
        ("Ventricular premature complexes", "Is this ECG normal?"),
    ],
)
def test_what_the_file_states_is_not_denied(archive: Archive, normal: ECG, text: str, question: str) -> None:
    stating = normal.described(statements=(Statement(text),))
    assert answer(normal, question, archive, sure=0.5).outcome == "answer"
    found = answer(stating, question, archive, sure=0.5)
    assert found.outcome == "not sure" and any(text in reason for reason in found.reasons)


@pytest.mark.parametrize("question", ["Is there a pacemaker?", "Hat der Patient einen Schrittmacher?"])
def test_similar_ecgs_deny_no_pacemaker(archive: Archive, normal: ECG, question: str) -> None:
    found = answer(normal, question, archive)
    assert (found.outcome, found.leaning, found.confidence) == ("not sure", None, None)
    assert found.reasons[0] == NO_TRACE and found.grounds[0].text.startswith("0 of the 25")
    stating = normal.described(statements=(Statement("Ventricular-paced rhythm"),))
    assert "Ventricular-paced rhythm" in answer(stating, question, archive).reasons[0]
    assert "normal functioning artificial pacemaker" not in dict(
        answer(normal, "What is the rhythm?", archive).open_names
    )


@pytest.mark.parametrize("record", [8, 34, 72, 93])
def test_real_paced_ecgs_whose_neighbours_are_not(archive: Archive, real_data: Path, record: int) -> None:
    paced = read(real_data / "ludb" / "data" / f"{record}.hea").described(statements=())
    assert answer(paced, "Is there a pacemaker?", archive).outcome == "not sure"
    assert answer(paced, "Is there a pacemaker?", archive, ("yes", "no")).reasons[0] == NO_TRACE


def test_a_stated_wall_is_not_another(archive: Archive, normal: ECG) -> None:
    stating = normal.described(statements=(Statement("STEMI: anterior wall."),))
    assert answer(stating, "Is there an inferior infarct?", archive).answers == ("no",)


def test_what_speaks_for_a_name_does_not_lean_to_none(view: View) -> None:
    meaning = read_question("Which wave shapes are there?")
    found = answer_of(meaning, [st(view, 0.19)], meaning.options)
    assert (found.outcome, found.leaning) == ("not sure", None)


def test_what_the_file_denies_may_be_denied(archive: Archive, normal: ECG) -> None:
    stating = normal.described(statements=(Statement("No AV block. Normal ECG."),))
    assert answer(stating, "Is there AV block?", archive).answers == ("no",)


def test_a_language_model_does_not_deny_it_either(archive: Archive, normal: ECG) -> None:
    class Denier:
        name = "denier"

        def complete(self, messages, schema=None, max_tokens=512, temperature=0.0, seed=None):
            return Answer(json.dumps({"answer": "no"}), None, 1, 1, self.name, "stop")

    stating = normal.described(statements=(Statement("Third degree AV block"),))
    asked = ("Is there AV block?", archive, Protocol(Denier()))
    assert advised(normal, *asked).answers == ("no",)
    found = advised(stating, *asked)
    assert found.outcome == "not sure" and "Third degree AV block" in found.reasons[0]
