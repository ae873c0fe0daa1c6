"""Whether the rhythm is regular is measured, and what nothing here tells is neither confirmed nor denied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from einthoven.answering import answer, answer_of, read_question
from einthoven.answering.view import see
from einthoven.formats import read


@pytest.mark.parametrize(
    ("question", "fibrillating", "regular"),
    [
        ("Is the rhythm regular?", "no", "yes"),
        ("Ist der Rhythmus unregelmäßig?", "yes", "no"),
        ("Is the rhythm regular or irregular?", "irregular", "regular"),
    ],
)
def test_real_ecgs(real_data, archive, question, fibrillating, regular):
    """One labelled fibrillation, one sinus rhythm."""
    folder = real_data / "cinc2021"
    for place, said in (("cpsc2018/A0007.hea", fibrillating), ("ptb-xl/HR06001.hea", regular)):
        found = answer(read(folder / place), question, archive)
        assert (found.outcome, found.answers, found.by) == ("answer", (said,), "measurement")
        assert "varies by" in found.grounds[0].text


def test_between_the_limits_and_without_beats_it_is_not_sure(archive, normal):
    view = see(normal, archive)
    meaning = read_question("Is the rhythm regular?")
    near = replace(view, measured=replace(view.measured, rr_spread=0.09 * view.measured.rr_median))
    lost = replace(view, measured=replace(view.measured, rr_spread=None, reasons={"heart_rate": "No beats."}))
    for one, why in ((near, "either may be meant"), (lost, "No beats.")):
        found = answer_of(meaning, [one], meaning.options)
        assert (found.outcome, found.answers) == ("not sure", ()) and why in found.reasons[0]


def test_a_stemi_is_neither_confirmed_nor_denied(real_data, archive, normal):
    raised = read(real_data / "cinc2021" / "cpsc2018-extra" / "Q1847.hea")
    found = answer(raised, "STEMI?", archive)
    assert found.outcome == "not sure" and found.leaning is None
    assert "ST elevation in V4 (0.19 mV)" in found.reasons[0] and "Is there ST elevation?" in found.reasons[-1]
    assert answer(normal, "Mobitz II?", archive).reasons[-1].startswith("Ask instead: Is there second degree AV block?")
