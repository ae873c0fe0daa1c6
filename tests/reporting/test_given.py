from __future__ import annotations

import pytest

import einthoven
from einthoven.ecg import UsageError
from einthoven.testing import simulate

ECG, ARCHIVE = simulate(), object()


@pytest.mark.parametrize(
    ("call", "mend"),
    [
        (lambda: einthoven.report("ecg.dcm", ARCHIVE), "einthoven.read"),
        (lambda: einthoven.report(ECG, "folder"), "Archive.open"),
        (lambda: einthoven.answer(None, "LBBB?", ARCHIVE), "einthoven.read"),
        (lambda: einthoven.answer(ECG, "LBBB?", None), "demo_archive"),
        (lambda: einthoven.answer(ECG, "LBBB?", ARCHIVE, options="yes"), r"Pass \[option\]"),
        (lambda: einthoven.answer(ECG, None, ARCHIVE), "Ask it in words"),
        (lambda: einthoven.classify("ecg.dcm", ["LBBB"]), "einthoven.read"),
        (lambda: einthoven.classify(ECG, [3]), "Pass words or codes"),
        (lambda: einthoven.compare(ECG, "ecg.dcm"), "einthoven.read"),
        (lambda: einthoven.compare(ECG, ECG, "folder"), "Archive.open"),
    ],
)
def test_what_is_given_in_place_of_an_ecg_or_archive_is_told_what_to_do(call, mend):
    with pytest.raises(UsageError, match=mend):
        call()
