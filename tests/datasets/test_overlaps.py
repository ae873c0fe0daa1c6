from __future__ import annotations

import pytest

from einthoven.datasets import PTBXL, Challenge
from einthoven.datasets.overlaps import overlaps, overlaps_of, refuse_shared
from einthoven.datasets.published import published
from einthoven.ecg import UsageError


def test_every_line_names_known_sets_and_a_source():
    for one in overlaps():
        assert {one.one, one.other} <= set(published())
        assert one.what in {"records", "patients"} and one.identity in {"same", "renamed", "unknown"}
        assert one.why and one.source
    assert {one.other_than("cpsc2018") for one in overlaps_of("cpsc2018")} == {"challenge-2020", "challenge-2021"}


def test_records_and_patients_on_both_sides_are_refused():
    refuse_shared(["a/1", "a/2"], ["a/3"], ["p", None], ["q", None])
    with pytest.raises(UsageError, match=r"1 of 2 records .* a/2"):
        refuse_shared(["a/1", "a/2"], ["a/2", "a/3"])
    with pytest.raises(UsageError, match="1 patients"):
        refuse_shared(["a/1"], ["a/3"], ["p"], ["p"])


def test_ptb_xl_is_known_in_the_challenge():
    with pytest.raises(UsageError, match="ptb-xl/00017"):
        refuse_shared(["ptb-xl/00017"], ["ptb-xl/HR00017"])
    refuse_shared(["ptb-xl/00017"], ["ptb-xl/HR00018"])


@pytest.mark.parametrize("turned", [False, True])
def test_sets_that_share_unnamed_records_are_refused(turned):
    sides = [["chapman/MUSE_1"], ["georgia/E00001", "chapman-ningbo/JS00001"]]
    with pytest.raises(UsageError, match="chapman and chapman-ningbo"):
        refuse_shared(*(sides[::-1] if turned else sides))
    refuse_shared(["chapman/MUSE_1"], ["georgia/E00001"])
    refuse_shared([], ["chapman/MUSE_1", "chapman-ningbo/JS00001"])  # both are asked: nothing leaks


def test_the_real_ptb_xl_in_the_challenge_is_ptb_xl(real_data, real_ptbxl):
    records = [one.record for one in Challenge(real_data / "cinc2021").recordings if one.source == "ptb-xl"]
    with pytest.raises(UsageError, match="27 of 27"):
        refuse_shared([entry.record for entry in PTBXL(real_ptbxl).entries], records)
