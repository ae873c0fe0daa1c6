"""`einthoven measure`: the table, the document, and what it says when nothing can be measured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from einthoven.cli.measure import DISCLAIMER, ROWS, _table, values
from einthoven.ecg import ECG
from einthoven.ecg.measured import MEASURED_UNITS
from einthoven.measurement import measure
from einthoven.testing import flat, simulate


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "einthoven", "measure", *words], capture_output=True, text=True)


def test_the_table_names_units_and_closes_with_the_disclaimer(write_wfdb):
    said = ask(str(write_wfdb(simulate(60))))
    assert said.returncode == 0 and not said.stderr
    lines = said.stdout.splitlines()
    assert lines[-1] == DISCLAIMER
    assert any(line.split() == ["heart", "rate", "60/min"] for line in lines)
    assert any(line.startswith("QTc (Fridericia)") and line.endswith(" ms") for line in lines)
    assert any(line.startswith("V6 ") for line in lines)
    assert "Not measured" not in said.stdout and lines[0].split() == ["measured"]


def test_the_document_is_one_json_object(write_wfdb):
    said = ask(str(write_wfdb(simulate(60))), "--json")
    found = json.loads(said.stdout)
    assert found["qtc_ms"]["bazett"] == pytest.approx(found["qt_ms"], abs=2)
    assert found["disclaimer"] == DISCLAIMER and found["device_measured"] == {}
    assert set(found["leads"]["V1"]) == {"q_mv", "r_mv", "s_mv", "st_j_mv", "st_j60_mv", "st_j80_mv"}
    assert found["median_beat"]["rate_hz"] == 500 and found["reasons"] == {}


def test_what_cannot_be_measured_is_said_with_its_reason_once(write_wfdb, tmp_path: Path):
    said = ask(str(write_wfdb(flat(simulate(60)))))
    assert said.returncode == 0
    assert said.stdout.count("the leads are flat") == 1
    assert re.search(r"^heart rate +-$", said.stdout, re.MULTILINE)
    missing = ask(str(tmp_path / "none.hea"))
    assert missing.returncode == 1 and "Traceback" not in missing.stderr


def test_the_device_is_shown_beside_ours():
    ecg = simulate(60).described(measured={"pr": 150, "qtc": 401, "atrial_rate": 60})
    lines = {line[:20].strip(): line[20:].split() for line in _table(ecg, measure(ecg))}
    assert lines["PR"][-2:] == ["150", "ms"] and len(lines["PR"]) == 4
    assert lines["QTc"] == ["401", "ms"] and lines["atrial rate"] == ["60/min"]
    assert lines["QRS"][-1] == "-"


def test_every_name_of_a_device_has_a_row():
    assert set(ROWS) == set(MEASURED_UNITS)
    assert set(values(measure(simulate()))) == set(ROWS) - {"qtc", "atrial_rate"}


def test_what_has_to_be_looked_at_stands_first_and_once(run, write_wfdb):
    ecg = simulate(70, noise=0.01)
    silent = ecg.signal.copy()
    silent[:, 2400:] = silent[:, 2399:2400] + np.random.default_rng(0).normal(0, 0.01, (12, 2600))
    at = np.arange(5000) / 500
    waves = np.outer(np.linspace(0.5, 1.5, 12), np.sin(21 * at) + 0.3 * np.sin(42 * at + 0.5)).astype(np.float32)
    for signal, kind in ((silent, "pause"), (waves, "only-waves")):
        path = write_wfdb(ECG(signal, 500))
        said = run("measure", path).out
        (told,) = run("measure", path, "--json").json["alarms"]
        assert said.splitlines()[:2] == ["Look at this first", f"  {told['text']}"] and said.count(told["text"]) == 1
        assert told["kind"] == kind
    assert run("measure", write_wfdb(ecg), "--json").json["alarms"] == []
