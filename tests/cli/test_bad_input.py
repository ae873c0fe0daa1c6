"""Whatever a file is, its user gets a draft with a notice, or one clear sentence and exit code 1; never a traceback."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS
from einthoven.testing import flat, simulate


def refused(said, kind: str) -> str:
    assert said.code == 1
    assert said.err == ""
    error = said.json["error"]
    assert error["kind"] == kind
    assert error["message"] and error["mend"]
    return error["message"]


@pytest.mark.parametrize("command", ["read", "report"])
def test_missing_file(run, tmp_path, command) -> None:
    assert "absent.dcm" in refused(run(command, tmp_path / "absent.dcm", "--json"), "file")


@pytest.mark.parametrize("command", ["read", "report"])
def test_directory(run, tmp_path, command) -> None:
    refused(run(command, tmp_path, "--json"), "file")


def test_empty_file(run, tmp_path) -> None:
    (tmp_path / "empty.dcm").touch()
    refused(run("report", tmp_path / "empty.dcm", "--json"), "file")


def test_a_dicom_that_ends_in_its_first_elements(run, tmp_path) -> None:
    (tmp_path / "x.dcm").write_bytes(b"DICM" * 40)
    refused(run("report", tmp_path / "x.dcm", "--json"), "truncated")


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"a,b\n1,2\n", b"\0" * 500])
def test_no_ecg(run, tmp_path, content) -> None:
    (tmp_path / "x.hea").write_bytes(content)
    refused(run("report", tmp_path / "x.hea", "--json"), "format")


@pytest.mark.parametrize(
    "packed", [b"PK\3\4" + bytes(60), b"\x1f\x8b\x08" + bytes(60), bytes(257) + b"ustar" + bytes(250)]
)
def test_packed_files_go_into_an_archive(run, tmp_path, packed) -> None:
    (tmp_path / "t.bin").write_bytes(packed)
    said = run("read", tmp_path / "t.bin")
    assert said.code == 1 and "archive build DIR" in said.err and "t.bin" in said.err


def test_a_model_that_is_not_there_is_the_fault_that_is_named(run, write_wfdb, tmp_path) -> None:
    for more in ((), ("--archive", tmp_path)):
        said = run("report", write_wfdb(simulate()), "--model", "nowhere", *more)
        assert said.code == 1 and "no checkpoint folder nowhere" in said.err


def test_cut_short(run, write_wfdb) -> None:
    path = write_wfdb(simulate())
    data = path.with_suffix(".dat")
    data.write_bytes(data.read_bytes()[:-1000])
    refused(run("report", path, "--json"), "truncated")


def test_errors_for_people_say_what_to_do(run, tmp_path) -> None:
    said = run("report", tmp_path / "absent.dcm")
    assert said.code == 1 and said.out == ""
    assert said.err.startswith("Error: ") and len(said.err.splitlines()) >= 2
    assert "Traceback" not in said.err


@pytest.mark.parametrize("rate", [100, 250, 500, 1000])
def test_every_rate_is_drafted(run, write_wfdb, rate) -> None:
    said = run("report", write_wfdb(simulate(rate=rate)), "--json")
    assert said.code == 0
    assert said.json["measurements"]["heart_rate_bpm"] == pytest.approx(70, abs=1)


def test_two_seconds_give_no_draft(run, write_wfdb) -> None:
    found = run("report", write_wfdb(simulate(seconds=2)), "--json").json
    assert found["outcome"] == "none" and found["reasons"] and not found["statements"]


def test_a_minute_is_read_in_windows(run, write_wfdb) -> None:
    found = run("report", write_wfdb(simulate(seconds=60)), "--json").json
    assert any("windows" in notice for notice in found["notices"])


def test_five_seconds_are_padded_with_a_notice(run, write_wfdb) -> None:
    found = run("report", write_wfdb(simulate(seconds=5)), "--json").json
    assert any("masked" in notice for notice in found["notices"])


def test_eight_leads_are_completed(run, write_wfdb, tmp_path) -> None:
    ecg = simulate()
    eight = [lead for lead in LEADS if lead not in ("III", "aVR", "aVL", "aVF")]
    rows = [LEADS.index(lead) for lead in eight]
    (tmp_path / "e.dat").write_bytes(np.rint(ecg.signal[rows].T * 1000).astype("<i2").tobytes())
    lines = [f"e 8 500 {ecg.samples}", *(f"e.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in eight)]
    (tmp_path / "e.hea").write_text("\n".join(lines) + "\n")
    found = run("read", tmp_path / "e.hea", "--json").json
    assert found["derived"] == ["III", "aVR", "aVL", "aVF"] and found["missing"] == []
    assert any(notice["kind"] == "derived-leads" for notice in found["notices"])


def test_three_leads_give_no_draft(run, write_wfdb) -> None:
    ecg = simulate()
    found = run("report", write_wfdb(ECG(ecg.signal[:3], ecg.rate, LEADS[:3])), "--json").json
    assert found["outcome"] == "none" and not found["statements"]
    assert any("6 of 12 leads are missing" in reason for reason in found["reasons"])


def test_a_missing_lead_needs_caution(run, write_wfdb) -> None:
    ecg = simulate()
    kept = [row for row, lead in enumerate(LEADS) if lead != "V1"]
    found = run("report", write_wfdb(ECG(ecg.signal[kept], ecg.rate, [LEADS[r] for r in kept])), "--json").json
    assert found["outcome"] == "caution"
    assert any("V1" in reason for reason in found["reasons"])


def test_gaps_are_noticed(run, write_wfdb) -> None:
    signal = simulate().signal.copy()
    signal[8, 1000:1500] = np.nan
    found = run("read", write_wfdb(ECG(signal, 500)), "--json").json
    assert any(notice["kind"] == "invalid-samples" for notice in found["notices"])


def test_an_all_zero_lead_needs_caution(run, write_wfdb) -> None:
    found = run("report", write_wfdb(flat(simulate(), ["V3"])), "--json").json
    assert found["outcome"] != "draft"
    assert any("V3" in reason for reason in found["reasons"])


def test_a_flat_record_gives_no_draft(run, write_wfdb) -> None:
    found = run("report", write_wfdb(flat(simulate())), "--json").json
    assert found["outcome"] == "none" and found["statements"] == [] and found["neighbours"] == []


def test_wrong_number_of_leads_in_the_header(run, write_wfdb) -> None:
    path = write_wfdb(simulate())
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-2]) + "\n")
    said = run("report", path, "--json")
    assert said.code == 1 and said.json["error"]["message"]


def test_wrong_usage_is_exit_code_2(run) -> None:
    assert run("report").code == 2
    assert run("nonsense").code == 2
    assert run("report", "x.dcm", "--k", "0").code == 2
    said = run("report", "x.dcm", "--k", "many", "--json")
    assert said.code == 2 and said.json["error"]["kind"] == "usage"
