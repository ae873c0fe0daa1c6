"""Each lead has its own values; a lead in trouble of 1 and more is one that a finding names."""

from __future__ import annotations

import json

import pytest

from einthoven import testing
from einthoven.ecg import LEADS
from einthoven.quality import assess

SPOILED = {
    "noise": lambda ecg: testing.add_noise(ecg, 0.25, leads=["V2"]),
    "wander": lambda ecg: testing.add_noise(ecg, 2.0, "wander", ["V2"]),
    "flat-leads": lambda ecg: testing.flat(ecg, ["V2"]),
    "mains": lambda ecg: testing.add_noise(ecg, 0.3, "mains", ["V2"]),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_trouble_is_where_the_finding_is(kind):
    quality = assess(SPOILED[kind](testing.simulate()))
    assert kind in quality.kinds
    assert [lead for lead in LEADS if quality.leads[lead].trouble >= 1] == ["V2"]
    assert quality.trouble > assess(testing.simulate()).trouble


def test_a_good_ecg_has_little_trouble_and_right_heights():
    ecg = testing.simulate(seconds=10)
    quality = assess(ecg)
    assert tuple(quality.leads) == LEADS and quality.trouble < 0.5
    assert quality.leads["II"].height == pytest.approx(ecg.lead("II").max() - ecg.lead("II").min(), rel=0.2)
    assert all(lead.likeness > 0.9 and not lead.missing and lead.flat == 0 for lead in quality.leads.values())


def test_missing_leads_and_recordings_without_beats():
    quality = assess(testing.simulate(leads=["II"]))
    assert quality.leads["V1"].missing and quality.leads["V1"].noise is None and not quality.leads["II"].missing
    empty = assess(testing.flat(testing.simulate()))
    assert empty.trouble == 10 and empty.leads["I"].flat == 1 and empty.leads["I"].height is None
    assert assess(testing.simulate(90, seconds=2.4)).trouble is None


def test_the_document_is_json():
    found = json.loads(json.dumps(assess(testing.simulate(leads=["I", "II"])).to_dict()))
    assert found["leads"]["V1"]["missing"] is True and found["leads"]["I"]["height"] > 0
