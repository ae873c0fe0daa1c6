"""The traps of MUSE XML."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import FormatError, SignalError, TruncatedError
from einthoven.formats import read


def kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices if notice.kind not in {"signature", "derived-leads"}]


@pytest.mark.parametrize("stored", ["<i1", "<i2", "<i4"])
def test_sample_sizes(put, muse, muse_waves, raw, stored: str) -> None:
    table = np.clip(raw, -128, 127) if stored == "<i1" else raw * (1000 if stored == "<i4" else 1)
    ecg = read(put(muse(muse_waves(table, stored=stored))))
    np.testing.assert_allclose(ecg.signal[6:], table[6:] * 0.005, rtol=1e-6)


def test_sample_sizes_that_are_none(put, muse) -> None:
    with pytest.raises(FormatError, match="3 bytes"):
        read(put(muse().replace("<LeadSampleSize>2", "<LeadSampleSize>3")))


def test_the_rate_has_an_exponent(put, muse) -> None:
    text = muse().replace("<SampleBase>500", "<SampleBase>25")
    assert read(put(text.replace("<SampleExponent>0", "<SampleExponent>1"))).rate == 250
    with pytest.raises(FormatError):
        read(put(text.replace("<SampleExponent>0", "<SampleExponent>999999")))


def test_the_rhythm_is_read_not_the_median(put, muse, muse_waves, raw) -> None:
    beat, rhythm = muse_waves(raw[:, :100], "Median"), muse_waves(raw)
    for waves in ((beat, rhythm), (rhythm, beat)):
        ecg = read(put(muse(*waves)))
        assert ecg.samples == raw.shape[1] and not kinds(ecg)
    assert kinds(read(put(muse(beat)))) == ["median-beat"]


def test_of_several_rhythms_the_longest_of_most_leads(put, muse, muse_waves, raw) -> None:
    long = np.tile(raw, 4)
    waves = [muse_waves(raw), muse_waves(long), muse_waves(np.tile(long, 2), leads=("II", "V1"))]
    ecg = read(put(muse(*waves)))
    assert ecg.samples == long.shape[1] and not ecg.missing and kinds(ecg) == ["groups-left-out"]


def test_a_broken_rhythm_is_not_replaced_by_the_beat(put, muse, muse_waves, raw) -> None:
    broken = muse_waves(raw).replace("<LeadSampleCountTotal>300", "<LeadSampleCountTotal>301", 1)
    with pytest.raises(TruncatedError, match="300 of the 301"):
        read(put(muse(muse_waves(raw[:, :100], "Median"), broken)))
    assert "group-unread" in kinds(read(put(muse(broken, muse_waves(raw)))))


@pytest.mark.parametrize("count", ["301", "1000000000000", "0", "-5"])
def test_more_samples_promised_than_there_are(put, muse, muse_waves, raw, count: str) -> None:
    text = muse_waves(raw).replace("<LeadSampleCountTotal>300", f"<LeadSampleCountTotal>{count}")
    with pytest.raises(TruncatedError):
        read(put(muse(text)))


def test_fewer_samples_promised_than_there_are(put, muse, muse_waves, raw) -> None:
    text = muse_waves(raw).replace("<LeadSampleCountTotal>300", "<LeadSampleCountTotal>250")
    ecg = read(put(muse(text)))
    assert ecg.samples == 250 and kinds(ecg) == ["longer-data"] * 8


def test_base64_that_is_cut_or_none(put, muse, muse_waves, raw) -> None:
    text = muse_waves(raw)
    end = text.index("\n</WaveFormData>")
    with pytest.raises(TruncatedError):
        read(put(muse(text[: end - 5] + text[end:])))
    with pytest.raises(FormatError, match="base64"):
        read(put(muse(text[: end - 4] + "*!?$" + text[end:])))
    with pytest.raises(FormatError, match="no samples"):
        read(put(muse(text[: text.index("<WaveFormData>") + 14] + text[end:])))


def test_leads_of_different_lengths(put, muse, muse_waves, raw) -> None:
    short = muse_waves(raw[:, :200], leads=("II",))
    one = short[short.index("<LeadData>") : short.index("</Waveform>")]
    mixed = muse_waves(raw, leads=("I", "V1")).replace("</Waveform>", one + "</Waveform>")
    with pytest.raises(FormatError, match="200 to 300"):
        read(put(muse(mixed)))


def test_a_lead_twice(put, muse, muse_waves, raw) -> None:
    with pytest.raises(SignalError, match="twice"):
        read(put(muse(muse_waves(raw, leads=("I", "II", "II")))))


def test_other_leads_are_named(put, muse, muse_waves, raw) -> None:
    ecg = read(put(muse(muse_waves(raw, leads=("I", "II", "V1", "V3R", "V4R", "V7")))))
    assert "other-channels" in kinds(ecg) and ecg.missing == ("V2", "V3", "V4", "V5", "V6")


def test_fewer_leads_than_announced(put, muse) -> None:
    assert kinds(read(put(muse().replace("<NumberofLeads>8", "<NumberofLeads>12")))) == ["lead-count"]


def test_stored_limb_leads_are_not_derived_anew(put, muse, muse_waves, raw) -> None:
    shifted = raw + np.arange(12)[:, None]
    ecg = read(put(muse(muse_waves(shifted, leads=("I", "II", "III", "aVR", "aVL", "aVF", "V1")))))
    assert not ecg.derived
    np.testing.assert_allclose(ecg.lead("aVF"), shifted[5] * 0.005, atol=1e-6)


def test_samples_that_are_none(put, muse, muse_waves, raw) -> None:
    table = raw.copy()
    table[6, 10], table[7] = -(2**15), -(2**15)
    ecg = read(put(muse(muse_waves(table))))
    assert np.isnan(ecg.lead("V1")[10]) and np.isfinite(ecg.lead("V1")[11]) and ecg.missing == ("V2",)
    assert {"invalid-samples", "empty-lead"} <= set(kinds(ecg))


@pytest.mark.parametrize("tag", ["FirstSampleBaseline", "LeadOffsetFirstSample"])
def test_offsets_that_nobody_documents_are_named_not_applied(put, muse, raw, tag: str) -> None:
    ecg = read(put(muse().replace(f"<{tag}>0", f"<{tag}>7")))
    assert kinds(ecg) == ["offset-not-applied"]
    assert tag in next(notice.text for notice in ecg.notices if notice.kind == "offset-not-applied")
    np.testing.assert_allclose(ecg.lead("V1"), raw[6] * 0.005, atol=1e-6)


def test_altered_samples_and_marked_leads(put, muse, muse_waves, raw) -> None:
    text = muse_waves(raw)
    ecg = read(put(muse(text.replace("<LeadOff>FALSE", "<LeadOff>TRUE", 1).replace("CRC32>", "CRC32>1", 2))))
    assert kinds(ecg) == ["checksum", "device-mark"]
    assert "electrode off in I" in str(next(notice for notice in ecg.notices if notice.kind == "device-mark"))


def test_first_statements_where_there_are_no_final_ones(put, muse) -> None:
    text = muse()
    start, end = text.index("<Diagnosis>"), text.index("</Diagnosis>")
    assert [s.text for s in read(put(text[:start] + text[end + 12 :])).statements] == ["Other"]


@pytest.mark.parametrize("day", ["25-10-2021", "XX-XX-XXXX", "2021-10-05"])
def test_days_that_are_none(put, muse, day: str) -> None:
    ecg = read(put(muse().replace("05-10-2021", day)))
    assert ecg.time is None and kinds(ecg) == ["unread-time"]


@pytest.mark.parametrize(
    ("age", "unit", "years"), [("18", "MONTHS", 1.5), ("14", "DAYS", 0.04), ("999", "YEARS", None)]
)
def test_ages(put, muse, age: str, unit: str, years: float | None) -> None:
    text = muse().replace(
        "<PatientAge>60</PatientAge><AgeUnits>YEARS", f"<PatientAge>{age}</PatientAge><AgeUnits>{unit}"
    )
    assert read(put(text)).patient.age == years


def test_text_is_neutralised(put, muse) -> None:
    ecg = read(
        put(
            muse().replace("Sinus rhythm", "Sinus\u202e rhythm\u009b31m &lt;b&gt;").replace("MAC55", "M\u0085AC"),
            "utf-8",
        )
    )
    assert ecg.statements[0].text.isprintable() and ecg.device and ecg.device.isprintable()
