"""How well the parser agrees with two readers who labelled the same reports, each alone and from the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from einthoven.datasets import PTBXL
from einthoven.ecg import DataError
from einthoven.evaluation.agreement import Truth, cells, f1_scores, kappa
from einthoven.evaluation.cells import Rows, Share, Value
from einthoven.evaluation.fingerprint import hash_of
from einthoven.evaluation.fold10 import log_fold10
from einthoven.evaluation.table import Part, Table
from einthoven.formats.text import clean
from einthoven.statements import VOCABULARY
from einthoven.statements.parse import STANCES, parse_report

DRAWS = 1000
Labels = Mapping[int, Mapping[str, str]]
"""For each report the codes with their polarity."""

WHO, UNTOLD = "readers.txt", "Who the two readers were is not told (readers.txt beside their labels would)."
STATE, EXACT = "stated: present or possible", "the same polarity"
NOTES = (
    "Agreed: pairs of report and code that both readers label alike; the others are left out. Union: what either says.",
    "Kappa is over all pairs of report and code of the vocabulary.",
)


def read_labels(path: Path) -> dict[int, dict[str, str]]:
    """A reader's file: a line a report, id, TAB, "CODE:polarity CODE:polarity", or "-" for none.

    Raises:
        DataError: the file cannot be read, or a line is not of that form; the message names it.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path} cannot be read as text.", "Give a UTF-8 file of labels.") from None
    found: dict[int, dict[str, str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, _, labels = line.partition("\t")
        parts = [label.rpartition(":") for label in labels.split() if label != "-"]
        wrong = [label for label, _, stance in parts if label not in VOCABULARY or stance not in STANCES]
        if not name.strip().isdigit() or int(name) in found or wrong or not labels.strip():
            what = f"'{wrong[0]}' is no code with a polarity" if wrong else "it is no new id, TAB and labels"
            raise DataError(f"{path}, line {number}: {what}.", "Write lines such as 17<TAB>SR:present IMI:possible.")
        found[int(name)] = {}
        for code, _, stance in sorted(parts, key=lambda part: -STANCES.index(part[2])):
            found[int(name)][code] = stance
    return found


def evaluate_readers(
    data: Path, first: Path, second: Path, log: Path | None = None, why: str = "", label: str = "labelled reports"
) -> Table:
    """Agreement of two readers, and of the parser with each, with what they agree on and with what either says.

    Args:
        data: the folder of `ptbxl_database.csv`, whose reports the ids name. A use of fold 10 is logged in `log`.
        first: the first reader's labels; `readers.txt` beside them says who the readers were, and stands in the table.

    Raises:
        DataError: the data set or a label file is not there or damaged, or they are of different reports.
    """
    source = PTBXL(data)
    one, other = read_labels(first), read_labels(second)
    entries = {entry.ecg_id: entry for entry in source.entries}
    if set(one) != set(other) or not one or set(one) - set(entries):
        raise DataError(
            f"{first.name} and {second.name} are not of the same reports of {data}.", "Label the same list of reports."
        )
    ids = sorted(one)
    if any(entries[number].fold == 10 for number in ids):
        log_fold10(log, f"evaluate parse, {label}", why)
    read = {number: dict(parse_report(entries[number].report).polarities()) for number in ids}
    patients = [entries[number].patient for number in ids]
    return Table(
        title="Statements read from reports beside two readers: micro-F1 [95% patient bootstrap]",
        cells=_agreements(ids, one, other, read, patients),
        parts=[
            Part("Critical statements found", _critical(ids, one, other, read)),
            Part("Codes that the parser and both readers see differently", _by_code(ids, one, other, read)),
            Part("Reports with a difference", _reports(ids, one, other, read), shown=False),
        ],
        notes=(_who(first.parent / WHO), *NOTES),
        facts={
            "task": "parse",
            "dataset": f"ptb-xl {source.release}",
            "data_sha256": hash_of(f"{n}|{entries[n].report}|{_written(one[n])}|{_written(other[n])}" for n in ids),
            "reports": len(ids),
            "patients": len(set(patients)),
            "kappa_of_readers": round(kappa(_stated(ids, one), _stated(ids, other)), 3),
            "folds": ", ".join(map(str, sorted({entries[number].fold for number in ids}))),
        },
    )


def _who(path: Path) -> str:
    """What is known of the readers: a number beside labels is worth what they are."""
    try:
        return clean(path.read_text(encoding="utf-8"), 500) or UNTOLD
    except (OSError, UnicodeDecodeError):
        return UNTOLD


def _written(labels: Mapping[str, str]) -> str:
    return " ".join(sorted(f"{code}:{stance}" for code, stance in labels.items()))


def _stated(ids: Sequence[int], labels: Labels) -> Truth:
    """Which codes are stated as present or possible: (reports, codes)."""
    return np.array([[labels[number].get(code) in ("present", "possible") for code in VOCABULARY] for number in ids])


def _exact(ids: Sequence[int], labels: Labels) -> Truth:
    """Which codes are stated with which polarity: (reports, codes times polarities)."""
    return np.array([[labels[n].get(code) == stance for code in VOCABULARY for stance in STANCES] for n in ids])


def _agreements(ids: Sequence[int], one: Labels, other: Labels, read: Labels, patients: Sequence[str]) -> Rows:
    who = np.array(patients)
    rows: dict[str, dict[str, Value]] = {}
    for column, view in ((STATE, _stated), (EXACT, _exact)):
        first, second, ours = (view(ids, labels) for labels in (one, other, read))
        pairs = {
            "second reader, judged by the first": (second, first, None),
            "parser, judged by the first reader": (ours, first, None),
            "parser, judged by the second reader": (ours, second, None),
            "parser, where the readers agree": (ours, first, first == second),
            "parser, judged by what either says": (ours, first | second, None),
        }
        for row, (said, truth, counted) in pairs.items():
            rows.setdefault(row, {})[column] = cells(f1_scores(said, truth, counted), who, DRAWS)[0]
    return rows


def _critical(ids: Sequence[int], one: Labels, other: Labels, read: Labels) -> Rows:
    critical = np.array([term.critical for term in VOCABULARY.values()])
    first, second, ours = (_stated(ids, labels)[:, critical] for labels in (one, other, read))
    rows: dict[str, dict[str, Value]] = {}
    for row, truth in (("that both readers state", first & second), ("that either reader states", first | second)):
        count = int(truth.sum())
        rows[row] = {"found [Clopper-Pearson]": Share.of_count(int((ours & truth).sum()), count) if count else "none"}
    alone = ours & ~first & ~second
    rows["that neither reader states"] = {"found [Clopper-Pearson]": int(alone.sum())}
    return rows


def _by_code(ids: Sequence[int], one: Labels, other: Labels, read: Labels) -> Rows:
    first, second, ours = (_stated(ids, labels) for labels in (one, other, read))
    rows: dict[str, dict[str, Value]] = {}
    for at, code in enumerate(VOCABULARY):
        missed = int((first & second & ~ours)[:, at].sum())
        added = int((ours & ~first & ~second)[:, at].sum())
        if missed or added:
            both = int((first & second)[:, at].sum())
            split = int((first ^ second)[:, at].sum())
            rows[code] = {"both readers": both, "missed": missed, "added": added, "readers differ": split}
    return dict(sorted(rows.items(), key=lambda row: -(int(str(row[1]["missed"])) + int(str(row[1]["added"])))))


def _reports(ids: Sequence[int], one: Labels, other: Labels, read: Labels) -> Rows:
    """By id: what the three say where they differ, for those who want to read the texts again."""
    rows: dict[str, dict[str, Value]] = {}
    for number in ids:
        said = [{f"{code}:{stance}" for code, stance in labels[number].items()} for labels in (one, other, read)]
        counts = Counter(label for labels in said for label in labels)
        shown = [" ".join(sorted(label for label in labels if counts[label] < 3)) for labels in said]
        if any(shown):
            rows[str(number)] = dict(zip(("first reader", "second reader", "parser"), shown, strict=True))
    return rows
