"""`read`, `draw` and `convert` say when a recording is not fit to conclude anything from, and do their work."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import einthoven
from einthoven.cli.demo import demo_file
from einthoven.cli.fitness import ELECTRODES, lines
from einthoven.ecg import ECG, Notice
from einthoven.quality import Finding
from einthoven.quality.exchanges import EXCHANGES
from einthoven.testing import flat, simulate, swap_arms


def words(path: Path) -> str:
    """All that is written on a drawing."""
    return " ".join("".join(text.itertext()) for text in ElementTree.parse(path).getroot().iter() if "text" in text.tag)


CASES = {
    "wrong-unit": lambda: ECG(simulate().signal * 1000, 500),
    "inverted": lambda: ECG(-simulate().signal, 500),
    "no-beats": lambda: ECG(np.random.default_rng(0).standard_normal((12, 5000)), 500),
    "flat": lambda: flat(simulate()),
}


@pytest.mark.parametrize("kind", CASES)
def test_each_says_once_what_is_severe(run, tmp_path, kind) -> None:
    path = einthoven.write(CASES[kind](), tmp_path / "bad.csv").paths[0]
    told = run("read", path, "--json").json["quality"]
    assert told[0]["kind"] == kind and told[0]["level"] == "refuse"
    said = [run("read", path), run("draw", path, tmp_path / "x.svg"), run("convert", path, tmp_path / "x.csv")]
    for one in said:
        assert one.code == 0 and (one.out + one.err).count(told[0]["text"]) == 1
        assert (one.out + one.err).lower().count("not usable") == 1
    assert words(tmp_path / "x.svg").count(f"Not usable: {told[0]['text']}") == 1
    assert said[0].out.splitlines()[-1].startswith("sha256")
    assert (tmp_path / "x.svg").exists() and (tmp_path / "x.csv").exists()
    for command in (("draw", path, tmp_path / "y.svg"), ("convert", path, tmp_path / "y.csv")):
        found = run(*command, "--json")
        assert found.json["quality"] == told and not found.err


def test_exchanged_electrodes_are_told_by_all_three(run, write_wfdb, tmp_path) -> None:
    path = write_wfdb(swap_arms(simulate()))
    assert "caution     Left and right arm" in run("read", path).out
    assert "Caution: Left and right arm" in run("draw", path, tmp_path / "x.svg").err
    for more in ((), ("--beats",), ("--layout", "12x1", "--gain", 5)):
        assert run("draw", path, tmp_path / "x.svg", *more).code == 0
        assert "Caution: Left and right arm" in words(tmp_path / "x.svg")  # a picture is passed on without the rest
    assert "caution     Left and right arm" in run("convert", path, tmp_path / "x.csv").out
    assert {exchange.kind for exchange in EXCHANGES} == ELECTRODES


def test_an_overlay_says_whose_it_is(run, write_wfdb, tmp_path) -> None:
    bad = write_wfdb(CASES["flat"](), name="bad")
    said = run("draw", demo_file(), tmp_path / "x.svg", "--overlay", bad)
    assert said.err == "Not usable: bad.hea: The recording is flat: it holds no ECG.\n"
    assert words(tmp_path / "x.svg").count(said.err.strip()) == 1
    found = run("draw", demo_file(), tmp_path / "x.svg", "--overlay", bad, "--json").json
    assert not found["quality"] and found["overlay_quality"][0]["kind"] == "flat"


def test_a_good_recording_is_not_spoken_of(run, write_wfdb, tmp_path) -> None:
    path = write_wfdb(simulate())
    read, drawn = run("read", path), run("draw", path, tmp_path / "x.svg")
    assert "usable" not in read.out and "caution" not in read.out and not drawn.err
    assert "aution" not in words(tmp_path / "x.svg") and "usable" not in words(tmp_path / "x.svg")
    assert run("read", path, "--json").json["quality"] == []


def test_what_a_notice_says_is_not_said_twice() -> None:
    found = (Finding("missing-leads", ("V1",), "Missing leads: V1."), Finding("noise", ("V2",), "Noise in V2."))
    ecg = simulate().described(notices=(Notice("missing-leads", "Missing leads: V1."),))
    assert lines(found, ecg) == [("caution", "Noise in V2.")]
