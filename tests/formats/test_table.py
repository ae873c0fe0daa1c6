"""CSV and TSV: what they state is read, what they do not state must be told."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.ecg import LEADS, EinthovenError, FormatError, SignalError, TruncatedError, UnsafeFileError, UsageError
from einthoven.formats import find, is_repair, read
from einthoven.formats.table_cells import cells_as_numbers
from einthoven.formats.table_text import parse
from einthoven.testing import simulate

HEART = simulate(rate=360, seconds=3)
MILLIVOLT = HEART.signal.T


def kinds(ecg):
    return [notice.kind for notice in ecg.notices]


@pytest.fixture
def write(tmp_path):
    def make(
        header=",".join(LEADS), rows=MILLIVOLT, mark=",", point=".", digits=4, times=None, ends="\n", code="utf-8"
    ):
        lines = [header] if header else []
        for number, row in enumerate(rows):
            cells = [f"{value:.{digits}f}".replace(".", point) for value in row]
            lines.append(mark.join([*([times(number)] if times else []), *cells]))
        path = tmp_path / "x.csv"
        path.write_bytes((ends.join(lines) + ends).encode(code))
        return path

    return make


def named(style, mark=",", before=()):
    return mark.join([*before, *(style.format(lead) for lead in LEADS)])


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, {"rate": 360, "unit": "mV"}),
        ({"header": "# rate: 360 Hz\n# unit: mV\n" + named("{}")}, {}),
        ({"header": "# Sampling_Rate = 360\n" + named('"{} [mV]"', ";"), "mark": ";", "point": ","}, {}),
        ({"header": "sep=;\n" + named("{}/mV", ";"), "mark": ";"}, {"rate": 360}),
        ({"header": named("{}_mV", "\t"), "mark": "\t", "point": ",", "ends": "\r\n"}, {"rate": 360}),
        ({"header": named("{}", "\t"), "mark": "\t", "code": "utf-16"}, {"rate": 360, "unit": "millivolt"}),
        ({"header": "# " + named("ECG {}"), "ends": "\r"}, {"rate": 360, "unit": "mV"}),
        ({"header": "", "digits": 18}, {"rate": 360, "unit": "mV", "leads": LEADS}),
        ({"header": f"# leads: {named('{}')}"}, {"rate": 360, "unit": "mV"}),
        ({"header": named("{}", before=["time (s)"]), "times": lambda n: f"{n / 360:.3f}"}, {"unit": "mV"}),
        ({"header": named("{}", before=["t_ms"]), "times": lambda n: f"{n / 0.36:.0f}"}, {"unit": "mV"}),
        ({"header": named("{}", before=["seconds"]), "times": lambda n: f"{9 + n / 360:.6f}"}, {"unit": "mV"}),
        ({"header": named("{}", before=[""]), "times": str}, {"rate": 360, "unit": "mV"}),
        (
            {
                "header": named("{}", before=["time"]) + "\n" + ",".join(["s", *["mV"] * 12]),
                "times": lambda n: f"{n / 360:.4f}",
            },
            {},
        ),
    ],
    ids=range(14),
)
def test_every_dialect_gives_the_same_ecg(write, how, told):
    ecg = read(write(**how), **told)
    assert (ecg.format, ecg.rate, ecg.calibrated) == ("CSV", 360, True)
    assert np.abs(ecg.signal - HEART.signal).max() < 6e-5
    assert not ecg.notices


def test_units_by_column_and_the_patient(write):
    header = "# patient: P 7\n# age: 61\n# sex: F\n# rate: 360\nI (uV),II (mV),III (V),resp"
    ecg = read(write(header, MILLIVOLT[:, :3] * [1000, 1, 0.001] @ np.eye(3, 4), digits=9))
    assert np.abs(ecg.signal[:3] - HEART.signal[:3]).max() < 1e-5
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex) == ("P 7", 61, "female")
    assert "resp" in next(notice.text for notice in ecg.notices if notice.kind == "other-channels")


def test_leads_go_by_name(write):
    order = [5, 3, 0, 11, 4, 1, 2, 6, 7, 8, 9, 10]
    ecg = read(write(",".join(LEADS[n] for n in order), MILLIVOLT[:, order]), rate=360, unit="mV")
    assert np.abs(ecg.signal - HEART.signal).max() < 6e-5


@pytest.mark.parametrize(
    ("how", "told", "says", "mends"),
    [
        ({}, {}, "no sampling rate and no unit of voltage", ["--rate 500 --unit uV", "# rate: 500", "unit=..."]),
        ({}, {"rate": 360}, "no unit of voltage", ["--unit uV"]),
        ({"header": named("{} (uV)")}, {}, "no sampling rate,", ["--rate 500"]),
        ({"header": named("{}", before=["time"]), "times": str}, {"unit": "mV"}, "no sampling rate,", ["time (s)"]),
        ({"header": "", "rows": MILLIVOLT[:, :3]}, {"rate": 360, "unit": "mV"}, "no lead names", ["--leads I,II,III"]),
        ({"header": "a,b,c", "rows": MILLIVOLT[:, :3]}, {"rate": 360, "unit": "mV"}, "no lead names", ["--leads"]),
    ],
)
def test_what_is_not_stated_is_asked_for(write, how, told, says, mends):
    with pytest.raises(FormatError, match=says) as refused:
        read(write(**how), **told)
    assert all(word in refused.value.mend for word in mends)


def test_what_is_stated_is_not_overruled(write):
    path = write(header="# rate: 360\n" + named("{} (mV)"))
    ecg = read(path, rate=500, unit="uV")
    assert ecg.rate == 360 and np.abs(ecg.signal - HEART.signal).max() < 6e-5
    assert kinds(ecg) == ["told-not-used", "told-not-used"]
    assert not read(path, rate=360, unit="millivolt").notices


def test_formats_that_state_everything_say_that_nothing_was_used(write_record):
    ecg = read(write_record(), rate=250)
    assert ecg.rate == 500 and kinds(ecg) == ["told-not-used"]


def test_twelve_unnamed_columns_are_taken_in_the_usual_order_only_where_they_fit(write):
    ecg = read(write(header=""), rate=360, unit="mV")
    assert kinds(ecg) == ["assumed-leads"] and is_repair(ecg.notices[0])
    other = [0, 1, 2, 3, 5, 4, *range(6, 12)]  # as MIMIC-IV-ECG stores them
    with pytest.raises(FormatError, match="no lead names"):
        read(write(header="", rows=MILLIVOLT[:, other]), rate=360, unit="mV")
    names = ["I", "II", "III", "aVR", "aVF", "aVL", *LEADS[6:]]
    ecg = read(write(header="", rows=MILLIVOLT[:, other]), rate=360, unit="mV", leads=names)
    assert np.abs(ecg.signal - HEART.signal).max() < 6e-5


def test_numbers_of_a_converter_stay_without_voltages(write):
    ecg = read(write(header=named("{} (adu)"), rows=MILLIVOLT * 200), rate=360)
    assert not ecg.calibrated and kinds(ecg) == ["no-gain", "uncalibrated"]
    assert not read(write(rows=MILLIVOLT * 200), rate=360, unit="none").calibrated


def test_cells_that_hold_no_number_are_gaps(write, tmp_path):
    text = "I,II\n1, NA\n,nan\n2,3\nNULL, -1.5e0\n" + "4,5\n" * 400
    path = tmp_path / "x.csv"
    path.write_text(text)
    ecg = read(path, rate=500, unit="mV")
    assert np.isnan(ecg.signal[0, :4]).tolist() == [False, True, False, True]
    assert np.isnan(ecg.signal[1, :4]).tolist() == [True, True, False, False] and ecg.signal[1, 3] == -1.5
    (gap,) = [notice for notice in ecg.notices if notice.kind == "invalid-samples"]
    assert is_repair(gap) and "I: 2 samples in 2 places" in gap.text


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("I,II\n1,2\n3,4x\n5,6\n", FormatError, "'4x' in line 3"),
        ("I,II\n1,2\n3\n5,6\n", FormatError, "Line 3 of the table has 1 cells"),
        ("I,II\n1,2\n3,4,5\n", FormatError, "Line 3"),
        ("I,II\n1,2\n3", TruncatedError, "Line 3"),
        ("I,II\n", TruncatedError, "no row"),
        ("I;II\n1,5;2.5\n", FormatError, "both points and commas"),
        ("I,II\n1-2,3\n", TruncatedError, "no row of numbers"),
        ("I,II\n1,2\n1-2,3\n", FormatError, "'1-2' in line 3"),
        ("I,II\n1,2\n1 2,\n", FormatError, "'1 2' in line 3"),
        ("I,II\n1,2\n" + "3,4\n" * 9000 + "5,+-6\n7,8\n", FormatError, "'\\+-6' in line 9003"),
        ("I,II\n1,2\n\n3,4\n", FormatError, "Line 3 of the table has 1 cells"),
        ("I,II\n1,2\n3,inf\n", FormatError, "'inf' in line 3"),
        ("I,II\n1,2\n3,nana\n", FormatError, "'nana' in line 3"),
        ("I (furlong),II\n1,2\n", FormatError, "'furlong'"),
        ("I,i\n1,2\n", SignalError, "twice"),
        (",".join(["I"] * 40) + "\n" + ",".join(["1"] * 40), UnsafeFileError, "39 channels"),
        ("# rate: fast\nI,II\n1,2\n", FormatError, "'fast'"),
        ("# rate: 100\nt_ms,I\n0,1\n2,1\n4,1\n", FormatError, "makes it 500"),
        ("time (s),I\n0,1\n0.002,1\n0.010,1\n0.012,1\n", FormatError, r"uneven steps \(row 3\)"),
        ("time (s),I\n0,1\n0,1\n0,1\n", FormatError, "uneven"),
    ],
)
def test_faults_are_named(tmp_path, text, kind, says):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(kind, match=says):
        read(path, rate=None if "rate" in text or "time" in text else 500, unit="mV")


def float_or_none(cell):
    try:
        return float(cell)
    except ValueError:
        return None


@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.text("0123456789+-.eE", min_size=1, max_size=12),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_cells_are_the_numbers_that_python_reads(cells):
    expected = [float_or_none(cell) for cell in cells]
    body = "\n".join(f"{cell},1" for cell in cells).encode()
    if None in expected:
        with pytest.raises(ValueError, match=r"invalid value|Expected 2 columns"):
            cells_as_numbers(body, ",", 2)
    else:
        assert cells_as_numbers(body, ",", 2)[:, 0].tolist() == expected


@pytest.mark.parametrize("mark", [b",", b"\t"])
def test_no_byte_makes_a_number_of_what_is_none(mark):
    """Whatever Arrow would take (tabs; nan and inf however spelled), read is what the slow grammar reads."""
    words = [b"1" + bytes([byte]) + b"2" for byte in range(256)] + [bytes([byte]) + b"12" for byte in range(256)]
    words += [b"inf", b"-Infinity", b"nan(0)", b"-nan", b"NaN", b"1e5", b"1E+5", b"+1", b" 1", b"1 ", b"0x1", b"1_0"]
    for word in (one for one in words if not set(one) & set(b'\n\r"\0' + mark)):
        cell = word.replace(b",", b".").strip(b" ").decode("latin-1")  # between ; or tabs a comma is the decimal point
        try:
            (_, (found, _)) = parse(mark.join((b"3", b"4")) + b"\n" + mark.join((word, b"4"))).numbers
        except FormatError:
            assert not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", cell, re.ASCII)
            continue
        assert np.array_equal(found, float(cell), equal_nan=True), word


def test_cells_without_a_number_are_where_they_were():
    rows = [["1.5" if (row + column) % 3 else "na" for column in range(3)] for row in range(50)]
    found = cells_as_numbers("\n".join(" ,".join(row) for row in rows).replace("na ", "na").encode(), ",", 3, {"na"})
    assert np.isnan(found).tolist() == [[cell == "na" for cell in row] for row in rows]


@pytest.mark.parametrize("told", [{"unit": "furlong"}, {"leads": "a,b"}, {"leads": "I,II,x,lead I"}])
def test_nonsense_is_not_told(write, told):
    with pytest.raises(UsageError):
        read(write(), **told)
    with pytest.raises(UsageError):
        read(write(), rate=3, unit="mV")


def test_a_table_too_long_is_refused_before_it_is_built(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"I,II\n" + b"1,2\n" * (2**21 + 1))
    with pytest.raises(UnsafeFileError, match="at most"):
        read(path, rate=500, unit="mV")


def test_only_tables_of_leads_are_found_in_a_folder(write, tmp_path):
    table = write()
    for name, text in {
        "reports.csv": "id,text\n1,sinus rhythm\n",
        "numbers.csv": "1,2,3\n4,5,6\n",
        "features.csv": "ecg_id,P_Dur,I\n1,2,3\n",
        "words.txt": "I, II and III are leads\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert list(find([tmp_path])) == [table]


def test_chapman_as_published(shared):
    for path in sorted((shared / "data/chapman-shaoxing/ECGDataDenoised").glob("*.csv")):
        ecg = read(path)
        bare = np.loadtxt(path, delimiter=",").T / 1000
        assert (ecg.rate, ecg.calibrated, kinds(ecg)[0]) == (500, True, "assumed-layout")
        assert np.abs(ecg.signal - bare).max() < 1e-6
        assert len(list(find([path]))) == 1


@pytest.mark.parametrize("spoil", ["rows", "order", "millivolt", "converter"])
def test_what_is_not_surely_chapman_must_be_told(write, spoil):
    rows = simulate(rate=500, seconds=10, noise=0.01).signal.T * 1000
    assert kinds(read(write("", rows)))[0] == "assumed-layout"
    changed = {
        "rows": rows[:-1],
        "order": rows[:, [0, 1, 2, 3, 5, 4, *range(6, 12)]],
        "millivolt": rows / 1000,
        "converter": np.rint(rows / 5),
    }
    with pytest.raises(EinthovenError, match="no sampling rate"):
        read(write("", changed[spoil]))
