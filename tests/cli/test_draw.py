"""`einthoven draw`: each of its options on files, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven.cli.demo import demo_file
from einthoven.cli.draw import median_beat, tell_apart
from einthoven.ecg import ECG, SignalError
from einthoven.paper.beats import ORDER
from einthoven.testing import flat, simulate


def words(path: Path) -> str:
    return " ".join("".join(text.itertext()) for text in ElementTree.parse(path).getroot().iter() if "text" in text.tag)


def test_options_reach_the_drawing(run, tmp_path) -> None:
    out = tmp_path / "ecg.svg"
    said = run(
        *("draw", demo_file(), out, "--layout", "cabrera", "--speed", 50, "--gain", 5),
        *("--columns", "simultaneous", "--style", "mono", "--json"),
    )
    assert said.json == {
        "drawing": str(out),
        "layout": "cabrera",
        "speed_mm_s": 50,
        "gain_mm_mv": 5,
        "from_s": 0.0,
        "filter": "none",
        "clipped": [],
        "beyond_grid": [],
        "overlay": None,
        "quality": [],
    }
    for text in ("50 mm/s", "5 mm/mV", "simultaneous columns", "−aVR"):
        assert text in words(out)


def test_a_later_part_of_a_long_recording(run, tmp_path, write_wfdb) -> None:
    signal = np.zeros((12, 60 * 250))
    signal[:, 45 * 250 : 46 * 250] = 0.7
    long, flat, later = write_wfdb(ECG(signal, 250), name="long"), tmp_path / "a.svg", tmp_path / "b.svg"
    assert run("draw", long, flat).code == 0
    assert run("draw", long, later, "--from", 42.5, "--json").json["from_s"] == 42.5
    assert "0-10 s of 60 s" in words(flat) and "42.5-52.5 s of 60 s" in words(later)
    assert flat.read_text() != later.read_text()
    assert run("draw", long, later, "--from", 55).code == 0 and "55-60 s of 60 s" in words(later)
    for wrong in ((60,), (-1,), ("nan",), (5, "--beats")):
        said = run("draw", long, later, "--from", *wrong, "--json")
        assert said.code == 2 and said.json["error"]["kind"] == "usage"
    assert "lasts 60.0 s" in run("draw", long, later, "--from", 75).err


def test_what_is_not_whole_on_the_grid_is_said_in_the_footer_and_in_json(run, tmp_path, write_wfdb) -> None:
    signal = np.zeros((12, 5000))
    signal[0, 100:200], signal[7, 3000:3100] = 1.6, 5.0  # I to the grid's edge at 20 mm/mV and over it, V2 off the page
    tall = write_wfdb(ECG(signal, 500), name="tall")
    words_ = ("draw", demo_file(), tmp_path / "a.svg", "--overlay", tall, "--gain", 20, "--json")
    found = run(*words_).json
    assert (found["overlay_beyond_grid"], found["overlay_clipped"]) == (["I"], ["V2"])
    assert "tall.hea: beyond the grid: I" in words(tmp_path / "a.svg")
    assert "tall.hea: clipped: V2" in words(tmp_path / "a.svg")
    flat = run("draw", tall, tmp_path / "b.svg", "--gain", 5, "--json").json
    assert (flat["beyond_grid"], flat["clipped"]) == ([], [])
    assert "beyond" not in words(tmp_path / "b.svg") and "clipped" not in words(tmp_path / "b.svg")


def test_overlay_names_both_files(run, tmp_path, write_wfdb) -> None:
    out = tmp_path / "two.svg"
    other = write_wfdb(simulate(seconds=8), name="other")
    assert run("draw", demo_file(), out, "--overlay", other).code == 0
    assert demo_file().name in words(out) and "other.hea" in words(out)
    assert "other.hea: recording of 8 s" in words(out)


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    assert tell_apart(Path("a/x/1.dcm"), Path("b/x/1.dcm")) == ("a/x/1.dcm", "b/x/1.dcm")
    assert tell_apart(Path("1.dcm"), Path("1.dcm")) == ("1.dcm", "1.dcm")


def test_beats_are_enlarged_medians(run, tmp_path, write_wfdb) -> None:
    out = tmp_path / "beats.svg"
    assert run("draw", demo_file(), out, "--beats").code == 0
    assert "50 mm/s" in words(out) and "20 mm/mV" in words(out) and "Median beats" in words(out)
    assert "filter: 0.4 Hz high-pass" in words(out) and "filter: none" not in words(out)
    assert run("draw", demo_file(), out, "--beats", "--json").json["filter"] == "0.4 Hz high-pass"
    found = run("measure", demo_file(), "--json").json
    said = f"P {found['p_ms']:.0f} ms, PR {found['pr_ms']:.0f} ms, QRS {found['qrs_ms']:.0f} ms"
    assert f"{said}, QT {found['qt_ms']:.0f} ms" in words(out)
    assert run("draw", demo_file(), out, "--beats", "--overlay", write_wfdb(simulate())).code == 0
    assert "aligned on R" in words(out)


def test_a_median_beat_is_that_of_the_simulator() -> None:
    beat = median_beat(simulate(heart_rate=60, rate=500))
    single = simulate(heart_rate=60, rate=500).signal[:, 725 - 250 : 725 + 400]  # around one R peak
    assert beat.r_peak == 250 and beat.points.keys() == set(ORDER)
    off = np.asarray(beat.signal) - single
    assert np.abs(off - off.mean(axis=1, keepdims=True)).max() < 0.03  # its mean is as slow as drift


def test_a_median_beat_says_at_what_rate_it_was_recorded(run, tmp_path, write_wfdb) -> None:
    assert run("draw", write_wfdb(simulate(rate=250)), tmp_path / "x.svg", "--beats").code == 0
    assert "250 Hz median beats at 500 Hz" in words(tmp_path / "x.svg")


def test_no_beats_no_median_beat(run, tmp_path, write_wfdb) -> None:
    with pytest.raises(SignalError, match="At 60 samples a second"):
        median_beat(simulate(rate=60))
    with pytest.raises(SignalError):
        median_beat(flat(simulate()))
    said = run("draw", write_wfdb(flat(simulate())), tmp_path / "x.svg", "--beats")
    assert (
        said.code == 1
        and "no median beat. No QRS complex was found: the leads are flat." in said.err
        and not (tmp_path / "x.svg").exists()
    )


def test_pdf_and_png(run, tmp_path) -> None:
    pytest.importorskip("reportlab")
    pytest.importorskip("resvg_py")
    assert run("draw", demo_file(), tmp_path / "ecg.pdf").code == 0
    found = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", (tmp_path / "ecg.pdf").read_bytes())
    assert found and [float(n) / 72 * 25.4 for n in found.groups()] == pytest.approx([297, 210], abs=1e-3)
    assert run("draw", demo_file(), tmp_path / "ecg.PNG", "--dpi", 72).code == 0
    assert (tmp_path / "ecg.PNG").read_bytes()[12:24] == b"IHDR" + (842).to_bytes(4) + (595).to_bytes(4)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--speed", 0), "A speed of 0"),
        (("--gain", -1), "A gain of -1"),
        (("--layout", "5x5"), "no layout '5x5'"),
        (("--layout", ""), "no layout ''"),
        (("--style", "neon"), "no style 'neon'"),
        (("--dpi", 300), "Only a PNG has pixels"),
        (("--beats", "--layout", "6x2"), "layout of their own"),
        (("--overlay", "nowhere.dcm"), "nowhere.dcm"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, tmp_path, options, told) -> None:
    said = run("draw", demo_file(), tmp_path / "ecg.svg", *options)
    assert said.code == (1 if "--overlay" in options else 2) and told in said.err and "Traceback" not in said.err
    assert not (tmp_path / "ecg.svg").exists()


def test_a_column_order_that_does_not_exist_is_wrong_usage(run, tmp_path) -> None:
    assert run("draw", demo_file(), tmp_path / "ecg.svg", "--columns", "mixed").code == 2
