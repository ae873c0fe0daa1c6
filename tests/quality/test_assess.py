"""Each fault, done to a good ECG, is found and named; good ECGs are left alone."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import ECG
from einthoven.quality import Finding, Quality, assess


@pytest.mark.parametrize("rate", [100, 257, 500, 1000])
@pytest.mark.parametrize("heart_rate", [35, 70, 150])
@pytest.mark.parametrize("rhythm", ["sinus", "af"])
def test_a_good_ecg_is_clean(rate, heart_rate, rhythm):
    assert assess(testing.simulate(heart_rate, rate=rate, rhythm=rhythm, noise=0.003, qt_ms=300)).clean


@pytest.mark.parametrize("kind", ["white", "mains", "wander", "random_walk"])
@pytest.mark.parametrize("amplitude", [0.05, 2.0])
@pytest.mark.parametrize("rate", [100, 500])
def test_noise_alone_is_refused(kind, amplitude, rate):
    for seed in range(4):
        empty = testing.flat(testing.simulate(rate=rate))
        quality = assess(testing.add_noise(empty, amplitude, kind, seed=seed))
        assert not quality.usable
        assert quality.findings[0].severe


@pytest.mark.parametrize("level", [0.0, -3.0])
def test_a_flat_recording_is_refused(level):
    quality = assess(testing.flat(testing.simulate(), level=level))
    assert quality.kinds[0] == "flat" and not quality.usable


def test_flat_leads_are_named():
    quality = assess(testing.flat(testing.simulate(), ["V2", "V5"]))
    (finding,) = quality.findings
    assert finding.kind == "flat-leads" and finding.leads == ("V2", "V5") and quality.usable


def test_a_dropout_is_named_a_short_one_is_not():
    ecg = testing.simulate()
    for seconds, seen in ((3.5, True), (0.8, False)):
        signal = ecg.signal.copy()
        signal[8, 2000 : 2000 + round(seconds * 500)] = 0.0
        assert (("dropout", ("V3",)) in _pairs(testing.with_signal(ecg, signal))) is seen


def test_clipped_leads_are_named():
    ecg = testing.simulate(noise=0.01)
    signal = ecg.signal.copy()
    signal[1] = np.clip(signal[1], None, 0.15)
    assert ("clipped", ("II",)) in _pairs(testing.with_signal(ecg, signal))


def test_light_noise_in_a_lead_is_named_heavy_noise_everywhere_is_refused():
    ecg = testing.simulate()
    light = assess(testing.add_noise(ecg, 0.25, leads=["V2"]))
    assert _pairs(light) == [("noise", ("V2",))] and light.usable
    assert not assess(testing.add_noise(ecg, 0.8)).usable


def test_wander_is_named():
    assert ("wander", ("V3",)) in _pairs(testing.add_noise(testing.simulate(), 2.0, "wander", ["V3"]))


def test_a_lead_without_beats_is_named():
    ecg = testing.flat(testing.simulate(), ["V6"])
    quality = assess(testing.add_noise(ecg, 0.3, "random_walk", ["V6"]))
    assert ("lead-without-beats", ("V6",)) in _pairs(quality)


@pytest.mark.parametrize("factor", [1000, 0.001])
def test_a_wrong_unit_is_refused_unless_the_gain_is_unknown(factor):
    ecg = testing.simulate()
    assert assess(testing.with_signal(ecg, ecg.signal * factor)).kinds[0] == "wrong-unit"
    unknown = testing.simulate(calibrated=False)
    assert assess(testing.with_signal(unknown, unknown.signal * factor)).clean


def test_what_the_record_says_is_passed_on():
    assert assess(testing.simulate(leads=["II"])).kinds == ("missing-leads",)
    ecg = testing.simulate()
    signal = ecg.signal.copy()
    signal[2] = -signal[2]
    assert "einthoven-residual" in assess(testing.with_signal(ecg, signal)).kinds


def test_under_two_and_a_half_seconds_is_refused():
    assert assess(testing.simulate(90, seconds=2.4)).kinds == ("too-short",)
    assert assess(testing.simulate(90, seconds=2.6)).usable


def test_invalid_samples_do_not_stop_the_judgement():
    ecg = testing.simulate()
    signal = ecg.signal.copy()
    signal[:, 100:160] = np.nan
    signal[4, 2000:4500] = np.nan
    assert _pairs(testing.with_signal(ecg, signal)) == [("dropout", ("aVL",))]


def test_severe_findings_come_first():
    quality = assess(testing.add_noise(testing.flat(testing.simulate(leads=["I", "II"])), 0.2, leads=["I"]))
    severe = [finding.severe for finding in quality.findings]
    assert len(severe) > 1 and severe == sorted(severe, reverse=True)


def test_the_json_document():
    quality = Quality((Finding("flat", (), "Flat.", "refuse"),))
    assert quality.to_dict() == {
        "usable": False,
        "trouble": None,
        "findings": [{"kind": "flat", "leads": [], "text": "Flat.", "level": "refuse"}],
        "leads": {},
    }
    assert quality.reasons == ("Flat.",) and str(quality.findings[0]) == "Flat."


def test_real_ecgs_are_not_refused_and_their_swaps_are_seen(real_data):
    folder = real_data / "ptb-xl"
    with (folder / "ptbxl_database.csv").open(newline="", encoding="utf-8") as file:
        paths = [folder / f"{row['filename_lr']}.dat" for row in csv.DictReader(file)]
    found, swapped, inverted = [], [], []
    for path in [path for path in paths if path.exists()][:120]:
        ecg = ECG(np.fromfile(path, "<i2").reshape(-1, 12).T / np.float32(1000), 100)
        found.append(assess(ecg))
        swapped.append(assess(testing.swap_arms(ecg)))
        inverted.append(assess(testing.invert(ecg)))
    assert len(found) >= 100
    assert all(quality.usable for quality in found)
    assert np.mean([quality.clean for quality in found]) > 0.85
    assert sum("swap" in kind or kind == "inverted" for quality in found for kind in quality.kinds) <= 2
    assert np.mean(["arm-swap" in quality.kinds for quality in swapped]) > 0.95
    assert np.mean(["inverted" in quality.kinds for quality in inverted]) > 0.95
    assert np.mean([not quality.usable for quality in inverted]) > 0.65  # the others: a wide QRS, or a high rate


def test_broken_recordings_are_noticed(real_data):
    with np.load(real_data / "cinc2011-quality.npz") as archive:
        bad = archive["adu"][archive["acceptable"] == 0][:40]
    found = [assess(ECG(signal.T * np.float32(0.005), 500)) for signal in bad]
    assert np.mean([not quality.clean for quality in found]) > 0.8


def _pairs(of: ECG | Quality) -> list[tuple[str, tuple[str, ...]]]:
    quality = assess(of) if isinstance(of, ECG) else of
    return [(finding.kind, finding.leads) for finding in quality.findings]


@pytest.mark.parametrize("held", [np.nan, 0.0, 0.3])
def test_a_recording_of_which_most_is_nothing_is_refused(held):
    signal = np.array(testing.simulate(72).signal)
    signal[:, 1500:] = held
    found = assess(ECG(signal, rate=500))
    assert found.findings[0].kind == "flat" and found.findings[0].severe
    signal = np.array(testing.simulate(72).signal)
    signal[:, 3500:4900] = held
    few = assess(ECG(signal, rate=500))
    assert "dropout" in few.kinds and not any(finding.severe for finding in few.findings)
