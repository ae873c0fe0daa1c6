"""How well statements are read from the texts of PTB-XL, judged by its codes, beside a bag of words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from einthoven.datasets import PTBXL
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import MissingPackageError, UsageError
from einthoven.evaluation.agreement import Truth, cells, f1_scores
from einthoven.evaluation.cells import Rows, Value
from einthoven.evaluation.conventions import Conventions, facts_of
from einthoven.evaluation.fold10 import log_fold10
from einthoven.evaluation.table import Part, Table
from einthoven.statements.parse import Parsed, Stance, parse_report

COMMONEST = 20
DRAWS = 1000
FOLDS = range(1, 9)
PARSER, FOLLOWING, WORDS = "parser", "parser and conventions", "words, linear SVM"
_MARKS: dict[Stance, str] = {"present": "", "possible": "?", "absent": "-", "prior": "<"}
NOTES = (
    "The parser says what a text says, present or possible; PTB-XL's codes were given by people who also saw the ECG.",
    "Conventions are learnt from parsed statements and codes, the SVM from words and codes (tf-idf of 1-3 words, a "
    "linear SVM for each code), both on the same folds.",
    "Agreement of equal texts: the best that a rule could do which sees the text alone, where a text occurs twice or "
    "more in the fold; it gives each text the code if most of its ECGs have it.",
    "Most divided: reports that state just the same (? possible, - denied, < earlier), some of which have the code.",
)

Progress = Callable[[str], None]


def evaluate_parse(
    data: Path,
    fold: int = 10,
    log: Path | None = None,
    why: str = "",
    progress: Progress = lambda line: None,
) -> Table:
    """F1 of the 20 commonest codes on one fold, of the parser, with PTB-XL's conventions, and of a bag of words.

    Args:
        data: the folder of `ptbxl_database.csv`; signals are not needed.
        fold: 8, 9 or 10; what is learnt is learnt on the others of folds 1-8. Uses of fold 10 are logged in `log`.

    Raises:
        UsageError: another fold, an empty one. FileError: no log.
        DataError: the data set is not there.
        MissingPackageError: scikit-learn is not installed.
    """
    if fold not in (8, 9, 10):
        raise UsageError(f"Fold {fold} is learnt from.", "Evaluate on fold 8 or 9, or on fold 10 to report.")
    source = PTBXL(data)
    if fold == 10:
        log_fold10(log, "evaluate parse", why)
    known = [entry for entry in source.entries if entry.fold in FOLDS and entry.fold != fold]
    asked = [entry for entry in source.entries if entry.fold == fold]
    known_patients = {entry.patient for entry in known}
    if not known or not asked or known_patients & {entry.patient for entry in asked}:
        raise UsageError(f"Fold {fold} or the folds to learn from are empty, or share patients.", "Use PTB-XL's table.")
    counts = Counter(code for entry in known for code in _codes(entry))
    codes = [code for code, _ in counts.most_common(COMMONEST)]
    progress("reading reports")
    learnt, read = ([parse_report(entry.report) for entry in part] for part in (known, asked))
    progress("learning conventions")
    stated = [facts_of(one) for one in read]
    conventions = Conventions.learn([facts_of(one) for one in learnt], _truth(known, codes), codes)
    progress("learning words")
    truth = _truth(asked, codes)
    said = {
        PARSER: np.array([[one.polarities().get(c) in ("present", "possible") for c in codes] for one in read]),
        FOLLOWING: conventions.codes_for(stated),
        WORDS: _bag_of_words(known, asked, codes),
    }
    progress("intervals")
    return Table(
        title=f"Statements read from reports: F1 of the {len(codes)} commonest codes [95% patient bootstrap]",
        cells=_rows(codes, truth, said, [entry.patient for entry in asked]),
        parts=[
            Part("Where text and codes disagree", _disagreements(asked, read, codes, truth, said)),
            Part("What weighs most in the conventions", _weights(conventions)),
        ],
        notes=NOTES,
        facts={
            "task": "parse",
            "dataset": f"ptb-xl {source.release}",
            "fold": fold,
            "data_sha256": {"learnt_on": _hash(known), "test": _hash(asked)},
            "seed": 0,
            "reports": len(asked),
            "patients": len({entry.patient for entry in asked}),
            "learnt_on": f"folds {', '.join(str(one) for one in FOLDS if one != fold)}: {len(known)} reports",
            "without_any_statement": sum(not one.statements for one in read),
            "with_unparsed_phrases": sum(bool(one.unparsed) for one in read),
        },
    )


def _codes(entry: Entry) -> set[str]:
    return {one.code for one in entry.statements if one.code}


def _hash(entries: Sequence[Entry]) -> str:
    lines = (f"{one.record}|{one.report}|{','.join(sorted(_codes(one)))}\n" for one in entries)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _truth(entries: Sequence[Entry], codes: Sequence[str]) -> Truth:
    return np.array([[code in _codes(entry) for code in codes] for entry in entries])


def _bag_of_words(known: Sequence[Entry], asked: Sequence[Entry], codes: Sequence[str]) -> Truth:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
    except ImportError:
        raise MissingPackageError(
            "The bag of words needs scikit-learn.", "Install it: pip install 'einthoven[eval]'."
        ) from None
    words = TfidfVectorizer(ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    rows, asked_rows = words.fit_transform([e.report for e in known]), words.transform([e.report for e in asked])
    truth = _truth(known, codes)
    found = np.zeros((len(asked), len(codes)), np.bool_)
    for at in range(len(codes)):
        if 0 < truth[:, at].sum() < len(truth):
            found[:, at] = LinearSVC(random_state=0).fit(rows, truth[:, at]).predict(asked_rows)
    return found


def _rows(codes: Sequence[str], truth: Truth, said: dict[str, Truth], patients: Sequence[str]) -> Rows:
    ids = np.array(patients)
    names = ("micro-F1", "macro-F1", *codes)
    rows: dict[str, dict[str, Value]] = {name: {} for name in names}
    for name, count in zip(names, (int(truth.any(1).sum()), len(codes), *map(int, truth.sum(0))), strict=True):
        rows[name]["ECGs"] = count if name != "macro-F1" else ""
    for column, one in said.items():
        for name, cell in zip(names, cells(f1_scores(one, truth), ids, DRAWS), strict=True):
            rows[name][column] = cell
    ours, words = f1_scores(said[FOLLOWING], truth), f1_scores(said[WORDS], truth)
    difference = cells(lambda weights: ours(weights) - words(weights), ids, DRAWS)
    for name, cell in zip(names, difference, strict=True):
        rows[name][f"{FOLLOWING} minus SVM"] = cell
    return rows


def _disagreements(
    entries: Sequence[Entry], parsed: Sequence[Parsed], codes: Sequence[str], truth: Truth, said: dict[str, Truth]
) -> Rows:
    """For each code what the parser read and the codes lack, the reverse, how far equal texts agree, an example."""
    texts: dict[str, list[int]] = {}
    for at, entry in enumerate(entries):
        texts.setdefault(" ".join(entry.report.lower().split()), []).append(at)
    again = [places for places in texts.values() if len(places) > 1]
    read = said[PARSER]
    stated: dict[str, list[int]] = {}
    for at, one in enumerate(parsed):
        name = " ".join(f"{code}{_MARKS[stance]}" for code, stance in sorted(one.polarities().items()))
        stated.setdefault(name or "nothing", []).append(at)
    rows: dict[str, dict[str, Value]] = {}
    for at, code in enumerate(codes):
        repeated = np.array([place for places in again for place in places], np.intp)
        most = np.zeros(len(entries), np.bool_)
        for places in again:
            most[places] = truth[places, at].mean() > 0.5
        agreed = f1_scores(most[repeated, None], truth[repeated, at, None]) if len(repeated) else None
        rows[code] = {
            "stated, no code": int((read[:, at] & ~truth[:, at]).sum()),
            "code, not stated": int((~read[:, at] & truth[:, at]).sum()),
            "equal texts, ECGs with the code": int(truth[repeated, at].sum()),
            "equal texts, F1 of their majority": float(agreed(np.ones((1, len(repeated))))[0, 0]) if agreed else "",
            "most divided reports": _most_divided(stated, truth[:, at]),
        }
    return rows


def _most_divided(stated: Mapping[str, Sequence[int]], has: Truth) -> str:
    """What the reports state, all the same, of which most have and most lack a code."""
    counts = {name: (int(has[places].sum()), len(places)) for name, places in stated.items()}
    name, (with_code, count) = max(counts.items(), key=lambda one: min(one[1][0], one[1][1] - one[1][0]))
    return f"{name}: {with_code} of {count} have it" if 0 < with_code < count else ""


def _weights(conventions: Conventions) -> Rows:
    return {
        code: {"facts": "; ".join(f"{fact} {weight:+.1f}" for fact, weight in conventions.strongest(code))}
        for code in conventions.codes
    }
