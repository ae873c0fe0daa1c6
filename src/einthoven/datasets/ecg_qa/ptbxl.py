"""Facts of PTB-XL's ECGs, from `ptbxl_database.csv` alone.

Its axis column is read with the report beside it: "LAD" stands for the German "Linkstyp", which is -30 to 30 degrees
and normal, and for the English "left axis deviation". Of 60 ECGs of folds 1-8 each, measured: LAD of German reports
normal in 57, LAD of English ones left in 56, ALAD left in 56, MID normal in 59, RAD right in 51. ARAD, AXL, AXR and
SAG did not lie in one range, so they say nothing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from einthoven.datasets.csvfile import PUBLISHED, lines
from einthoven.datasets.ecg_qa.facts import Facts
from einthoven.datasets.ecg_qa.marks import marks_of
from einthoven.datasets.ecg_qa.seen import LOCATED
from einthoven.datasets.ecg_qa.tables import names
from einthoven.ecg import LEADS, DataError
from einthoven.statements.parse import parse_report

NEEDED = (
    *("ecg_id", "patient_id", "recording_date", "report", "scp_codes", "strat_fold", "heart_axis"),
    *("infarction_stadium1", "infarction_stadium2", "extra_beats"),
    *("baseline_drift", "static_noise", "burst_noise", "electrodes_problems"),
)
_STAGES = {
    "Stadium I": "1", "Stadium I-II": "1", "Stadium II": "2", "Stadium II-III": "2", "Stadium III": "3",
    "unknown": "unknown", "": "none",
}  # fmt: skip
_AXES = {"MID": "normal", "ALAD": "left", "RAD": "right"}
_EXTRA = re.compile(r"(?<![A-Z])(?:VES|SVES|ES)(?![A-Z])")
_COUNT = re.compile(r"\s*\d+\s*[,;]")
_LEAD = {lead.lower(): lead for lead in LEADS}


def facts_of_ptbxl(folder: Path, wanted: Callable[[str, int], bool] | None = None) -> Iterator[tuple[Facts, int]]:
    """Each ECG's facts and its fold, in the order of the table; signals are not needed.

    Args:
        wanted: record and fold to whether it is wanted; all are, unless given.

    Raises:
        DataError: the table is missing, lacks a column, or is damaged.
    """
    for line in lines(folder / "ptbxl_database.csv", NEEDED):
        try:
            record, fold = f"ptb-xl/{int(line['ecg_id']):05d}", int(line["strat_fold"])
            if wanted is None or wanted(record, fold):
                yield _facts(record, line), fold
        except (ValueError, KeyError, AttributeError) as fault:
            raise DataError(f"ptbxl_database.csv is damaged at ECG {line['ecg_id']} ({fault}).", PUBLISHED) from None


def _facts(record: str, line: Mapping[str, str]) -> Facts:
    codes: dict[str, float | None] = json.loads(line["scp_codes"].replace("'", '"'))
    later, earlier = _STAGES[line["infarction_stadium2"]], _STAGES[line["infarction_stadium1"]]
    return Facts(
        record=record,
        patient=f"ptb-xl/{int(float(line['patient_id']))}",
        time=datetime.fromisoformat(line["recording_date"]) if line["recording_date"] else None,
        statements={code: value or None for code, value in codes.items()},
        forms=_forms(line["report"]) if LOCATED & set(codes) else {},
        noise={kind: marks_of(line[kind]) for kind in names("noise")},
        stage=earlier if later == "none" else later,
        extra=_extra(line["extra_beats"]),
        axis=_axis(line["heart_axis"], line["report"].lower()),
    )


def _forms(report: str) -> dict[str, frozenset[str]]:
    """The leads of wave shapes, where the report names them, for walls leave open which leads show it."""
    found: dict[str, set[str]] = {}
    vague = set()
    for one in parse_report(report).statements:
        if one.code in LOCATED and one.polarity in ("present", "possible"):
            if one.location and all(place in _LEAD for place in one.location):
                found.setdefault(one.code, set()).update(_LEAD[place] for place in one.location)
            else:
                vague.add(one.code)
    return {code: frozenset(leads) for code, leads in found.items() if code not in vague}


def _extra(cell: str) -> frozenset[str] | None:
    """Kinds of "1ES,SVES" or "VES2,II-AVF"; a count before leads ("2,V1") is of beats whose kind is not said."""
    kinds = frozenset(_EXTRA.findall(cell.upper()))
    if kinds or not cell.strip():
        return kinds
    return frozenset({"ES"}) if _COUNT.match(cell) else None


def _axis(cell: str, report: str) -> str | None:
    if cell != "LAD":
        return _AXES.get(cell)
    if "deviation" in report:
        return "left"
    return "normal" if "linkstyp" in report and "dreht" not in report else None
